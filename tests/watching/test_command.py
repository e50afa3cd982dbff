"""The command after each good build: real shells."""

from __future__ import annotations

import fcntl
import os
import queue
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.watching import command
from slspack.watching.command import ShellCommand, variables
from tests.watching.test_telling import BUILT, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

SERVER = """
import fcntl, signal
lock = open("lock", "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("up", flush=True)
except OSError:
    print("overlap", flush=True)
signal.pause()
"""
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SERVER}"


@contextmanager
def running(tmp_path: Path, line: str, said: queue.Queue[str]) -> Iterator[tuple[ShellCommand, TextIO]]:
    """The command, and its output."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, os.fdopen(writing, "w") as output:
        shell = ShellCommand(line, tmp_path, os.environ, MANIFEST, said.put, output)
        try:
            yield shell, lines
        finally:
            shell.end()


def test_it_finds_the_changed_functions_in_its_environment(tmp_path: Path) -> None:
    line = 'echo "$SLSPACK_BUILD:$SLSPACK_CHANGED_FUNCTIONS:$SLSPACK_REMOVED_FUNCTIONS" && pwd'
    with running(tmp_path, line, queue.Queue()) as (shell, lines):
        shell.run(replace(BUILT, removed=("old",)))
        assert lines.readline() == "2:api job:old\n"
        assert lines.readline() == f"{os.path.realpath(tmp_path)}\n"


def test_what_plugins_have_for_it_is_asked_anew_and_gives_way(tmp_path: Path) -> None:
    line = f'echo "$TABLE" >> {tmp_path}/said && test "$PATH" = "{os.environ["PATH"]}" && echo same >> {tmp_path}/said'
    given = {"TABLE": "one"}
    shell = ShellCommand(line, tmp_path, os.environ, MANIFEST, print, None, lambda: dict(given))
    for change in ({}, {"TABLE": "two", "PATH": "nowhere"}):
        given |= change
        assert shell.is_outdated()
        shell.run(BUILT)
        assert shell._running is not None
        assert shell._running.wait() == 0
        assert not shell.is_outdated()
    shell.end()
    assert (tmp_path / "said").read_text() == "one\nsame\ntwo\nsame\n"


def test_the_names_of_the_variables() -> None:
    assert variables(BUILT, MANIFEST) == {
        "SLSPACK_BUILD": "2",
        "SLSPACK_CHANGED_FUNCTIONS": "api job",
        "SLSPACK_REMOVED_FUNCTIONS": "",
        "SLSPACK_MANIFEST": str(MANIFEST),
        "SLSPACK_OUTPUT": str(MANIFEST.parent),
    }


@pytest.mark.parametrize("program", [SERVER, STUBBORN], ids=["obedient", "stubborn"])
def test_what_still_runs_is_ended_before_the_next_begins(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "GRACE", 0.1)
    monkeypatch.setattr(command, "LINGER", 0.1)
    (tmp_path / "server.py").write_text(program)
    said: queue.Queue[str] = queue.Queue()
    with running(tmp_path, f'exec "{sys.executable}" server.py', said) as (shell, lines):
        for _ in range(3):
            shell.run(BUILT)
            assert lines.readline() == "up\n"
    assert said.empty(), "that it was ended is no failure"


def test_what_it_has_started_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    with running(tmp_path, f'"{sys.executable}" server.py; true', queue.Queue()) as (shell, lines):
        shell.run(BUILT)
        assert lines.readline() == "up\n"
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_a_failure_is_said(tmp_path: Path) -> None:
    said: queue.Queue[str] = queue.Queue()
    with running(tmp_path, "exit 3", said) as (shell, _):
        shell.run(BUILT)
        assert said.get() == "`exit 3` ended with status 3"
        shell.end()


def test_without_process_groups_the_process_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "killpg")
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"up\n"
        assert command._send(process, signal.SIGTERM)
        command._linger(process)
        assert process.wait() == -signal.SIGTERM
