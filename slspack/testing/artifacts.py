"""What a test asks of an artifact: its files, its modules in a clean interpreter, its handler's answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from slspack.report.manifest import FunctionRecord
    from slspack.testing.service import BuiltService

_IMPORTING = """\
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""
_CALLING = """\
import importlib, json, sys, types
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
answers, sys.stdout = sys.stdout, sys.stderr
function, event = json.load(sys.stdin)
context = types.SimpleNamespace(
    function_name=function,
    function_version="$LATEST",
    invoked_function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{function}",
    memory_limit_in_mb="128",
    aws_request_id="8f5a1c0e-0000-4000-8000-000000000001",
    log_group_name=f"/aws/lambda/{function}",
    log_stream_name="2024/01/01/[$LATEST]0",
    identity=None,
    client_context=None,
    get_remaining_time_in_millis=lambda: 30000,
)
handler = getattr(importlib.import_module(module.replace("/", ".")), name)
json.dump(handler(event, context), answers)
"""


class HandlerError(AssertionError):
    """An artifact's handler raised, or could not be imported; the message is the interpreter's own."""


@dataclass(frozen=True, slots=True)
class BuiltArtifact:
    """The artifact of one function, a zip or a folder."""

    built: BuiltService
    function: str
    record: FunctionRecord
    """What the manifest says of it."""

    @property
    def path(self) -> Path:
        """The zip, or the folder."""
        return self.built.service.root / self.record["artifact"]

    @property
    def files(self) -> dict[str, bytes]:
        """The content of each file, by its name in the artifact."""
        if self.path.is_dir():
            found = (path for path in sorted(self.path.rglob("*")) if path.is_file())
            return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in found}
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(self.files)

    def read(self, name: str) -> bytes:
        """One of its files. Raises KeyError for a name that it has not."""
        return self.files[name]

    def call(self, event: object = None, *, environment: Mapping[str, str] | None = None) -> object:
        """What its handler returns, called as Lambda calls it: event and answer go through JSON.

        The interpreter is the test's own, with nothing on its path but the artifact and the standard library, and with
        only the environment variables that are given. Raises HandlerError.
        """
        return json.loads(self._run(_CALLING, (self.record["handler"],), (self.function, event), environment))

    def check_imports(self, modules: Collection[str]) -> None:
        """See that modules of the artifact can be imported by such an interpreter. Raises HandlerError."""
        self._run(_IMPORTING, modules, None, None)

    def _run(self, code: str, arguments: Collection[str], said: object, environment: Mapping[str, str] | None) -> str:
        with tempfile.TemporaryDirectory(prefix="slspack-artifact-") as folder:
            for name, content in self.files.items():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-B", "-c", code, folder, *arguments],
                input=json.dumps(said),
                env={**_needed(), **(environment or {})},
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        if done.returncode != 0:
            raise HandlerError(f"the artifact of `{self.function}` failed:\n{done.stderr}")
        return done.stdout


def _needed() -> dict[str, str]:
    """What an interpreter needs to start on some systems."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}


def assert_artifact(
    artifact: BuiltArtifact,
    *,
    names: Collection[str] = (),
    without: Collection[str] = (),
    contents: Mapping[str, str | bytes] | None = None,
    imports: Collection[str] = (),
) -> None:
    """See that an artifact is what it should be, and that the service's builds can be repeated.

    `names` must be in it, `without` must not, `contents` are files with all that is in them, and `imports` are modules
    that an interpreter with nothing but the artifact must be able to import. Whatever is asked, `assert_reproducible`
    is asked, too. Raises AssertionError that tells all that is wrong with the files.
    """
    from slspack.testing.reproducing import assert_reproducible

    files = artifact.files
    wrong = [f"`{name}` is missing" for name in names if name not in files]
    wrong += [f"`{name}` should not be there" for name in without if name in files]
    for name, content in (contents or {}).items():
        expected = content.encode() if isinstance(content, str) else content
        if name not in files:
            wrong.append(f"`{name}` is missing")
        elif files[name] != expected:
            wrong.append(f"`{name}` is {_shown(files[name])}, not {_shown(expected)}")
    if wrong:
        there = ", ".join(files)
        raise AssertionError(f"the artifact of `{artifact.function}`: {'; '.join(wrong)}. It holds {there}")
    if imports:
        artifact.check_imports(imports)
    assert_reproducible(artifact.built)


def _shown(content: bytes) -> str:
    return repr(content) if len(content) <= 200 else f"{content[:200]!r} and more, {len(content)} bytes"
