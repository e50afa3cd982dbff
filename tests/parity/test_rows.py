"""That nothing of the tables is without a test."""

from __future__ import annotations

from slspack.config.elsewhere import ESBUILD, WEBPACK
from slspack.config.inherited import FUNCTION_OPTIONS, OPTIONS
from tests.parity import (
    test_esbuild,
    test_python_requirements,
    test_python_requirements_docker,
    test_webpack,
)


def test_every_option_of_serverless_python_requirements_has_a_test() -> None:
    rows = (*test_python_requirements.ROWS, *test_python_requirements_docker.ROWS.shown)
    named = {name.strip("` ") for row in rows for name in row.split(",")}
    options = {option.name for option in (*OPTIONS, *FUNCTION_OPTIONS)}
    assert options <= named


def test_every_setting_of_other_bundlers_that_is_refused_has_a_test() -> None:
    assert set(WEBPACK) - {"allowCustomRuntime"} == set(test_webpack.OPTIONS.values())
    assert set(ESBUILD) - {"chokidar", "skipEsbuild"} == set(test_esbuild.OPTIONS.values())
