"""Finding interpreters: only one that runs and says that it is the right one counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.interpreters import InterpreterMissingError, find_interpreter

MINOR = "{}.{}".format(*sys.version_info)


@pytest.fixture(autouse=True)
def _forget() -> None:
    find_interpreter.cache_clear()


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_this_interpreter_is_found() -> None:
    assert find_interpreter(MINOR) == Path(sys.executable)


def test_one_that_is_nowhere_is_an_error_that_says_so() -> None:
    with pytest.raises(InterpreterMissingError, match=r"CPython 3\.99 is needed and not on this machine"):
        find_interpreter("3.99")


def test_a_shim_that_cannot_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "shims" / "python3.98", "echo 'pyenv: python3.98: command not found' >&2; exit 127")
    script(tmp_path / "root" / "versions" / "3.98.9" / "bin" / "python3.98", "echo cpython.3.98")
    script(tmp_path / "root" / "versions" / "3.98.10" / "bin" / "python3.98", "echo cpython.3.98")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "root"))
    assert find_interpreter("3.98") == tmp_path / "root" / "versions" / "3.98.10" / "bin" / "python3.98"


def test_one_that_lies_about_its_version_is_passed_over_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "python3.98", "echo pypy.3.98")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InterpreterMissingError, match=str(tmp_path / "python3.98")):
        find_interpreter("3.98")


@pytest.mark.interpreters
@pytest.mark.parametrize("minor", ["3.11", "3.13"])
def test_the_interpreters_that_examples_need_are_here(minor: str) -> None:
    python = find_interpreter(minor)
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"Python {minor}.")
