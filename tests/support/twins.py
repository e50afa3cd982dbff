"""A service that is built again and again, and what a build from nothing makes of the same files."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.engine import Engine
from slspack.errors import SlspackError
from slspack.options import LoadOptions
from slspack.progress import Silence
from slspack.request import BuildRequest
from slspack.stamps import stamp_of
from tests.support.bench import clean_environment, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Finding
    from slspack.request import BuildResult
    from slspack.stamps import Stamp
    from tests.support.index import PackageIndex


@dataclass(frozen=True)
class Built:
    """What can be seen of a build: its findings, what its manifest says, and every file of its artifacts."""

    failed: bool
    findings: tuple[Finding, ...]
    functions: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[object, ...] = ()
    files: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    """Permissions and content, by path below the output."""


@dataclass
class Twins:
    """A service below `scratch`, its environment, and the folder in which builds from nothing are made."""

    scratch: Path
    index: PackageIndex | None = None
    variables: dict[str, str] = field(default_factory=dict)
    last: dict[Path, tuple[object, ...]] = field(default_factory=dict)
    """What the last good build into each output was asked for; forgotten where memory is taken away."""

    @property
    def root(self) -> Path:
        """The service's folder."""
        return self.scratch / "service"

    @property
    def environment(self) -> dict[str, str]:
        """What a build's process has."""
        clean = clean_environment(self.scratch / "store", self.index)
        return {**clean, "HOME": str(self.scratch / "home"), **self.variables}

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files of the service."""
        write_files(self.root, files)

    def request(self, **fields: object) -> BuildRequest:
        """A request for a build of the service."""
        known = {name: value for name, value in fields.items() if name in ("names", "out", "format")}
        load = LoadOptions(environment=self.environment)
        load = replace(load, **{name: value for name, value in fields.items() if name not in known})  # type: ignore[arg-type]
        return BuildRequest(self.root, load, **known)  # type: ignore[arg-type]

    def engine(self, **fields: object) -> Engine:
        """An engine as a new process has it."""
        return Engine(self.request(**fields), Silence())

    def build(self, **fields: object) -> BuildResult:
        """Build as a new process does."""
        return self.engine(**fields).build()

    def check(self, engine: Engine | None = None, /, **fields: object) -> Built:
        """Build, and see that a build from nothing gives the same.

        An artifact that the same build made the last time, and that would be no other now, must not be written again.
        """
        request = self.request(**fields)
        asked = request.load.stage, request.load.individually, request.names, request.format
        before = _stamped(request.output)
        with_memory = _seen(engine or Engine(request, Silence()), request)
        for path, (stamp, content) in before.items():
            kept = with_memory.files.get(path)
            if kept is not None and kept[1] == content and self.last.get(request.output) == asked:
                assert stamp_of(request.output / path) == stamp, f"{path} was written again with the same content"
        if not with_memory.failed:
            self.last[request.output] = asked
        fresh = self.from_nothing(request)
        assert with_memory.findings == fresh.findings
        assert with_memory == fresh
        return with_memory

    def from_nothing(self, request: BuildRequest) -> Built:
        """The same build of a copy of the service, by somebody who never built it."""
        copy = self.scratch / "copy"
        if copy.exists():
            shutil.rmtree(copy)
        shutil.copytree(self.root, copy, symlinks=True, ignore=shutil.ignore_patterns(".slspack", "slspack_dist"))
        fresh = replace(request, folder=copy, out=None)
        return _seen(Engine(fresh, Silence()), fresh)


def _seen(engine: Engine, request: BuildRequest) -> Built:
    try:
        result = engine.build()
    except SlspackError as error:
        return Built(True, tuple(error.findings))
    functions = {
        name: {**record, "artifact": Path(record["artifact"]).name, "cached": None}
        for name, record in result.manifest.record["functions"].items()
    }
    files = {}
    for name in sorted({str(record["artifact"]) for record in functions.values()}):
        path = request.output / name
        for file in [path] if path.is_file() else sorted(one for one in path.rglob("*") if not one.is_dir()):
            mode = file.stat().st_mode & 0o777
            files[file.relative_to(request.output).as_posix()] = (mode, file.read_bytes())
    return Built(False, result.findings, functions, tuple(result.manifest.record["warnings"]), files)


def _stamped(output: Path) -> dict[str, tuple[Stamp | None, bytes]]:
    return {path.name: (stamp_of(path), path.read_bytes()) for path in output.glob("*.zip") if path.is_file()}


def rewrite_in_place(path: Path, content: bytes) -> None:
    """Change a file's content and give it its old times back, as far as a user can."""
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(content)
        stream.truncate()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_rename(path: Path, content: bytes) -> None:
    """Change a file as careful editors do."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    with suppress(FileNotFoundError):
        shutil.copymode(path, beside)
    beside.replace(path)
