"""`slspack doctor`: what is amiss with this machine and a project, and what to do."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Unpack

import click

from slspack.cli.options import OutputValues, ServiceValues, absolute, load_options, output_options, service_options
from slspack.errors import ExitStatus

if TYPE_CHECKING:
    from slspack.doctor import Symptom


class _Values(ServiceValues, OutputValues):
    pass


@click.command("doctor")
@service_options
@output_options
def command(**values: Unpack[_Values]) -> int:
    """Look at a project and at this machine, and say what would keep builds from working.

    Nothing is built and nothing is changed. Ends with 1 if something is wrong. With -q, only what is wrong is printed.
    """
    from slspack.doctor import State, examine

    found = []
    for symptom in examine(absolute(values["folder"]), load_options(values)):
        found.append(symptom)
        if not values["as_json"] and (symptom.state is State.WRONG or not values["quiet"]):
            sys.stdout.write(_line(symptom))
            sys.stdout.flush()
    if values["as_json"]:
        sys.stdout.write(json.dumps([_record(symptom) for symptom in found], indent=2, ensure_ascii=False) + "\n")
    wrong = any(symptom.state is State.WRONG for symptom in found)
    return ExitStatus.BUILD_FAILED if wrong else ExitStatus.DONE


def _line(symptom: Symptom) -> str:
    first = f"{symptom.state.value:8}  {symptom.thing}: {symptom.detail}\n"
    return first + (f"{'':10}{symptom.remedy}\n" if symptom.remedy else "")


def _record(symptom: Symptom) -> dict[str, str | None]:
    return {
        "thing": symptom.thing,
        "state": symptom.state.value,
        "detail": symptom.detail,
        "remedy": symptom.remedy,
    }
