"""Everything that is looked at, in the order in which it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.beginning import begin
from slspack.codes import Code
from slspack.doctor.machine import machine_symptoms
from slspack.doctor.project import project_symptoms
from slspack.doctor.symptom import State, Symptom, of_finding
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.options import LoadOptions


def examine(root: Path, load: LoadOptions) -> Iterator[Symptom]:
    """Look at a project and at this machine. Nothing is raised of what is wrong with either, and nothing is built."""
    service = None
    try:
        service = begin(root, load).service
        yield from project_symptoms(service, load.environment)
    except SlspackError as error:
        for finding in error.findings:
            absent = finding.code is Code.CONFIG_NOT_FOUND and load.config is None
            yield of_finding("configuration", finding, State.ABSENT if absent else State.WRONG)
    yield from machine_symptoms(root, service, load.environment)
