"""Looks into finished artifacts: their sizes, their bytes, and whether their handlers answer."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.services import BenchFunction, BenchService, State
    from benchmarks.tools.base import Artifact

# Run by the target's interpreter with -I: only the standard library and the artifact can be imported.
_ASK = """
import importlib, json, sys
*folders, handler = sys.argv[1:]
sys.path[:0] = folders
module, _, attribute = handler.rpartition(".")
answer = getattr(importlib.import_module(module.replace("/", ".")), attribute)({}, None)
print(json.dumps(answer))
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of all of a service's artifacts; `zipped` is None for a tool that leaves folders.

    `unzipped` is what Lambda loads and counts for its quota: a layer counts for every function that has it.
    """

    zipped: int | None
    unzipped: int


@dataclass(frozen=True, slots=True)
class Answers:
    """How many handlers were asked, how many gave the answer that the sources demand, and the first other answer."""

    asked: int
    right: int
    wrong: str


def sizes_of(artifacts: Mapping[str, Artifact]) -> Sizes:
    """The sum over all functions. Raises FileNotFoundError for an artifact that is not there."""
    zipped = 0
    unzipped = 0
    folders = False
    for artifact in artifacts.values():
        if artifact.path.is_dir():
            folders = True
            unzipped += sum(
                file.stat().st_size for folder in (artifact.path, *artifact.layers) for file in _files(folder)
            )
        else:
            zipped += artifact.path.stat().st_size
            with zipfile.ZipFile(artifact.path) as archive:
                unzipped += sum(entry.file_size for entry in archive.infolist())
    return Sizes(None if folders else zipped, unzipped)


def digests_of(artifacts: Mapping[str, Artifact]) -> dict[str, str]:
    """For each function the sha256 of its zip, or of its folder's names, modes and contents."""
    return {name: _digest(artifact.path) for name, artifact in artifacts.items()}


def _digest(path: Path) -> str:
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    hasher = hashlib.sha256()
    for file in _files(path):
        mode = file.stat().st_mode
        hasher.update(f"{file.relative_to(path).as_posix()}\0{mode}\0{_digest(file)}\n".encode())
    return hasher.hexdigest()


def _files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def ask_handlers(service: BenchService, state: State, artifacts: Mapping[str, Artifact], interpreter: Path) -> Answers:
    """Import and call the handlers of the service's representatives, each from its artifact alone."""
    wrong = [
        f"{function.name}: {problem}"
        for function in service.representatives()
        if (problem := _problem(function, service.expected(function, state), artifacts[function.name], interpreter))
    ]
    asked = len(service.representatives())
    return Answers(asked, asked - len(wrong), wrong[0] if wrong else "")


def _problem(function: BenchFunction, expected: object, artifact: Artifact, interpreter: Path) -> str:
    """What is wrong with a function's answer; empty if nothing is."""
    if not artifact.path.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(artifact.path) as archive:
                archive.extractall(folder)
            return _compare(_answer([Path(folder), *artifact.layers], artifact.handler, interpreter), expected)
    return _compare(_answer([artifact.path, *artifact.layers], artifact.handler, interpreter), expected)


def _answer(folders: Sequence[Path], handler: str, interpreter: Path) -> subprocess.CompletedProcess[str]:
    command = [str(interpreter), "-I", "-B", "-c", _ASK, *map(str, folders), handler]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _compare(answer: subprocess.CompletedProcess[str], expected: object) -> str:
    if answer.returncode != 0:
        return (answer.stderr.strip().splitlines() or ["no answer"])[-1]
    if json.loads(answer.stdout) != expected:
        return f"answered {answer.stdout.strip()}"
    return ""
