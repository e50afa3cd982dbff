"""Whole services: written into a folder of the test's own, and built there by the command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from slspack.cli import run
from slspack.testing import clean_environment, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.report.records import ManifestRecord
    from tests.support.index import PackageIndex

__all__ = ["REPOSITORY", "SERVICES", "Bench", "Result", "clean_environment", "environment", "write_files"]

REPOSITORY = Path(__file__).parents[2]
SERVICES = REPOSITORY / "tests/services"


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def manifest(self) -> ManifestRecord:
        """The manifest of `--json`."""
        return cast("ManifestRecord", json.loads(self.out))


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Let the process have just these environment variables until the block ends."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass(frozen=True)
class Bench:
    """A service's folder with a store and an index of its own, and slspack to run on it."""

    root: Path
    store: Path
    index: PackageIndex | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The environment that slspack runs in."""
        return clean_environment(self.store, self.index)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files of the service."""
        write_files(self.root, files)

    def copy(self, service: str) -> None:
        """Write the files of a service of `tests/services/`."""
        folder = SERVICES / service
        self.write({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")})

    def artifact(self, name: str) -> Path:
        """Where a function's zip is written."""
        return self.root / f".slspack/dist/{name}.zip"

    def folder(self, name: str) -> Path:
        """Where a function's folder is written."""
        return self.root / f"slspack_dist/{name}"

    def slspack(self, command: str, *arguments: str, **variables: str) -> Result:
        """Run a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        words = [*command.split(), "-C", str(self.root), *arguments]
        with environment(self.variables | variables), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(words)
        return Result(status, out.getvalue(), err.getvalue())

    def spawn(self, command: str, *arguments: str, **variables: str) -> Result:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "slspack", *command.split(), "-C", str(self.root), *arguments],
            env=self.variables | {"PYTHONPATH": str(REPOSITORY)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def build(self, *arguments: str) -> ManifestRecord:
        """Build, insist that it succeeds, and return the manifest."""
        result = self.slspack("build", "--json", *arguments)
        assert result.status == 0, result.err
        return result.manifest

    def names_in(self, function: str) -> list[str]:
        """The names in a function's zip, in the order of the archive."""
        with zipfile.ZipFile(self.artifact(function)) as archive:
            return archive.namelist()

    def read_from(self, function: str, name: str) -> bytes:
        """One file of a function's zip."""
        with zipfile.ZipFile(self.artifact(function)) as archive:
            return archive.read(name)
