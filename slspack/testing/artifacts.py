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
from slspack.testing.surroundings import write_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from slspack.report.records import FunctionRecord, LayerRecord
    from slspack.testing.service import BuiltService

_IMPORTING = """\
import importlib, sys
sys.path[:0] = [f"{sys.argv[1]}/task", f"{sys.argv[1]}/opt/python"]
for name in sys.argv[2:]:
    importlib.import_module(name)
"""
_CALLING = """\
import importlib, json, sys, types
sys.path[:0] = [f"{sys.argv[1]}/task", f"{sys.argv[1]}/opt/python"]
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


class _Packed:
    """What functions and layers have in common: a zip or a folder."""

    __slots__ = ()

    @property
    def path(self) -> Path:
        """The zip, or the folder."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """As messages name it."""
        raise NotImplementedError

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


@dataclass(frozen=True, slots=True)
class BuiltLayer(_Packed):
    """The artifact of one layer."""

    built: BuiltService
    layer: str
    record: LayerRecord
    """What the manifest says of it."""

    @property
    def path(self) -> Path:
        """The zip, or the folder."""
        return self.built.service.root / self.record["artifact"]

    @property
    def title(self) -> str:
        """As messages name it."""
        return f"the layer `{self.layer}`"


@dataclass(frozen=True, slots=True)
class BuiltArtifact(_Packed):
    """The artifact of one function."""

    built: BuiltService
    function: str
    record: FunctionRecord
    """What the manifest says of it."""

    @property
    def path(self) -> Path:
        """The zip, or the folder."""
        return self.built.service.root / self.record["artifact"]

    @property
    def title(self) -> str:
        """As messages name it."""
        return f"the artifact of `{self.function}`"

    def call(self, event: object = None, *, environment: Mapping[str, str] | None = None) -> object:
        """What its handler returns, called as Lambda calls it: event and answer go through JSON.

        The interpreter is the test's own, with nothing on its path but the artifact, the service's layers that it uses
        and the standard library, and with only the environment variables that are given. Raises HandlerError.
        """
        return json.loads(self._run(_CALLING, (self.record["handler"],), (self.function, event), environment))

    def check_imports(self, modules: Collection[str]) -> None:
        """See that modules of the artifact can be imported by such an interpreter. Raises HandlerError."""
        self._run(_IMPORTING, modules, None, None)

    def _run(self, code: str, arguments: Collection[str], said: object, environment: Mapping[str, str] | None) -> str:
        with tempfile.TemporaryDirectory(prefix="slspack-artifact-") as folder:
            write_files(Path(folder, "task"), self.files)
            for layer in self.record["layers"]:
                write_files(Path(folder, "opt"), self.built.layer(layer).files)
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-B", "-c", code, folder, *arguments],
                input=json.dumps(said),
                env={**_needed(), **(environment or {})},
                cwd=Path(folder, "task"),
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        if done.returncode != 0:
            raise HandlerError(f"{self.title} failed:\n{done.stderr}")
        return done.stdout


def _needed() -> dict[str, str]:
    """What an interpreter needs to start on some systems."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
