"""What calls the handler in an image, by what its base says and what is packaged."""

from __future__ import annotations

import pytest

from slspack.builds.image.daemon import BaseFacts
from slspack.container.entry import image_settings
from slspack.errors import SlspackError
from slspack.model import dist_name
from tests.support.plans import function

CLIENT = frozenset({dist_name("awslambdaric"), dist_name("sums")})
NAME = "python:3.13-slim"


def base(**config: object) -> BaseFacts:
    return BaseFacts(config, (), "amd64", "linux")


@pytest.mark.parametrize("packaged", [CLIENT, frozenset()])
def test_an_entry_point_of_the_base_stays(packaged: frozenset[str]) -> None:
    config = {
        "Entrypoint": ["/lambda-entrypoint.sh"],
        "Env": ["LAMBDA_TASK_ROOT=/var/task"],
        "Cmd": ["sh"],
        "Image": "x",
    }
    assert image_settings(base(**config), NAME, {dist_name(one) for one in packaged}, function()) == {
        "Entrypoint": ["/lambda-entrypoint.sh"],
        "Env": ["LAMBDA_TASK_ROOT=/var/task"],
        "Cmd": ["app.handler"],
        "WorkingDir": "/var/task",
    }
    assert image_settings(base(**config, WorkingDir="/app"), NAME, CLIENT, function())["WorkingDir"] == "/app"


@pytest.mark.parametrize("config", [{}, {"Entrypoint": None, "WorkingDir": "/srv", "Env": None}, {"Entrypoint": []}])
def test_without_one_the_client_is_the_entry_point(config: dict[str, object]) -> None:
    assert image_settings(base(**config), NAME, CLIENT, function()) == {
        "Entrypoint": ["python3.13", "-m", "awslambdaric"],
        "Env": ["LAMBDA_TASK_ROOT=/var/task"],
        "Cmd": ["app.handler"],
        "WorkingDir": "/var/task",
    }


def test_variables_of_the_base_stay() -> None:
    config = {"Env": ["PATH=/usr/bin", "LAMBDA_TASK_ROOT=/srv"]}
    assert image_settings(base(**config), NAME, CLIENT, function())["Env"] == config["Env"]


def test_with_neither_nothing_would_call_the_handler() -> None:
    with pytest.raises(SlspackError) as failure:
        image_settings(base(), NAME, {dist_name("sums")}, function())
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0715"
    assert finding.message == (
        "nothing in the image of `f` would call its handler: the base `python:3.13-slim` has no entry point, "
        "and `awslambdaric` is not among what is packaged"
    )
    assert finding.hint == (
        "add `awslambdaric` to the requirements, and `includeDistributions: [awslambdaric]`, for nothing imports it; "
        "or stand on AWS's own image, by leaving `base` out"
    )
