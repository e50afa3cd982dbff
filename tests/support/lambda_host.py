"""Calls the handler of an artifact in an interpreter that sees nothing else, as Lambda would."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BOOTSTRAP = Path(__file__).with_name("lambda_bootstrap.py")


@dataclass(frozen=True)
class Run:
    """What came of one process: a result for each event, what it printed, and which modules it had in the end."""

    results: tuple[Any, ...]
    stdout: str
    stderr: str
    modules: frozenset[str]
    path: tuple[str, ...]

    def logged(self) -> list[dict[str, Any]]:
        """The lines of standard output that are JSON objects, as structured logs are."""
        return [json.loads(line) for line in self.stdout.splitlines() if line.startswith("{")]


class HandlerError(AssertionError):
    """The handler, or its import, raised; the message ends with the traceback and what was printed."""

    def __init__(self, handler: str, outcome: Mapping[str, str], printed: str) -> None:
        self.type = outcome["type"]
        self.message = outcome["message"]
        super().__init__(
            f"`{handler}` raised {self.type}: {self.message}\n\n{outcome['traceback']}\n{printed}".rstrip()
        )


def invoke(
    artifact: Path,
    handler: str,
    event: object,
    python: Path,
    *,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Any:
    """The result of one call of `handler` with `event`. Raises HandlerError."""
    return run(artifact, handler, [event], python, environment=environment, timeout=timeout).results[0]


def run(
    artifact: Path,
    handler: str,
    events: Sequence[object],
    python: Path,
    *,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Run:
    """Call `handler` once with each of `events`, in one process of `python` (no event: only import it).

    `artifact` is a zip, or a folder that holds what a zip would. Only it and the standard library can be imported: no
    site-packages (`-S`), no variable of this process, no current folder of ours (`-I`). Raises HandlerError.
    """
    with _task_folder(artifact) as task, tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch, "events.json"), Path(scratch, "outcomes.json")
        asked.write_text(json.dumps(list(events)), "utf-8")
        process = subprocess.run(
            [python, "-I", "-S", "-B", _BOOTSTRAP, task, handler, asked, answered, str(int(timeout * 1000))],
            cwd=task,
            env=_environment(task, handler, scratch) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        printed = f"standard output:\n{process.stdout}\nstandard error:\n{process.stderr}"
        assert answered.is_file(), f"the interpreter ended with status {process.returncode}\n{printed}"
        report = json.loads(answered.read_text("utf-8"))
    for outcome in report["outcomes"]:
        if "traceback" in outcome:
            raise HandlerError(handler, outcome, printed)
    results = tuple(outcome["value"] for outcome in report["outcomes"])
    return Run(results, process.stdout, process.stderr, frozenset(report["modules"]), tuple(report["path"]))


def unzip(artifact: Path, folder: Path) -> None:
    """Unpack as Lambda does, executable bits included."""
    with zipfile.ZipFile(artifact) as archive:
        for member in archive.infolist():
            target = Path(archive.extract(member, folder))
            if not member.is_dir():
                target.chmod(member.external_attr >> 16 & 0o777)


@contextmanager
def _task_folder(artifact: Path) -> Iterator[Path]:
    if artifact.is_dir():
        yield artifact.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="task-") as folder:
        unzip(artifact, Path(folder))
        yield Path(folder).resolve()


def _environment(task: Path, handler: str, scratch: str) -> dict[str, str]:
    """The variables that Lambda sets and code relies on; credentials that are of no use anywhere."""
    return {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": "none",
        "HOME": scratch,
        "LAMBDA_TASK_ROOT": str(task),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TZ": ":UTC",
        "_HANDLER": handler,
    }
