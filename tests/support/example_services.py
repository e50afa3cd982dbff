"""Copies the services of `examples/` and builds them with the real command line, in a process of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples"
NAMES = (
    "cdk-moods",
    "flask-api",
    "flask-dynamodb",
    "http-api",
    "orders",
    "sam-greetings",
    "scheduled-cron",
    "terraform-invoices",
)


@dataclass(frozen=True)
class Built:
    """A service after a build, and the manifest that the build printed."""

    root: Path
    manifest: Mapping[str, Any]
    stderr: str

    @cached_property
    def functions(self) -> Mapping[str, Any]:
        """The functions of the manifest, by name."""
        functions: Mapping[str, Any] = self.manifest["functions"]
        return functions

    def artifact(self, function: str) -> Path:
        """The function's zip."""
        path: str = self.functions[function]["artifact"]
        return self.root / path

    def files(self, function: str) -> list[str]:
        """The names in the function's zip, as they stand there."""
        with zipfile.ZipFile(self.artifact(function)) as archive:
            return archive.namelist()

    def distributions(self, function: str) -> set[str]:
        """The names of the distributions in it, as the manifest gives them."""
        return {distribution["name"] for distribution in self.functions[function]["distributions"]}

    def event(self, name: str) -> Any:
        """`events/NAME.json` of the example."""
        return json.loads((self.root / "events" / f"{name}.json").read_text("utf-8"))

    def hashes(self) -> dict[str, str]:
        """The manifest's sha256 of each artifact."""
        return {name: function["sha256"] for name, function in self.functions.items()}


def copy_example(name: str, to: Path, *, seed: int | None = None, umask: int = 0o022) -> Path:
    """Copy `examples/NAME` to the folder `to`, file by file: sorted, or in an order drawn from `seed`.

    What tests and builds may have left there (`.slspack`, byte code) is not copied. Modes are as `umask` gives them.
    """
    source = EXAMPLES / name
    files = sorted(path for path in source.rglob("*") if path.is_file() and not _left_behind(path.relative_to(source)))
    if seed is not None:
        random.Random(seed).shuffle(files)
    for path in files:
        target = to / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        target.chmod((0o777 if os.access(path, os.X_OK) else 0o666) & ~umask)
    return to


def slspack(
    *arguments: str | Path,
    folder: Path,
    python: Path | None = None,
    environment: Mapping[str, str] | None = None,
    umask: int = -1,
) -> subprocess.CompletedProcess[str]:
    """`python -m slspack …`, started in `folder`; it must succeed."""
    process = subprocess.run(
        [python or sys.executable, "-m", "slspack", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        umask=umask,
        check=False,
    )
    assert process.returncode == 0, f"exit status {process.returncode}\n{process.stderr}"
    return process


def build(
    root: Path,
    *arguments: str,
    python: Path | None = None,
    environment: Mapping[str, str] | None = None,
    umask: int = -1,
) -> Built:
    """`slspack build --individually --json -C ROOT …`."""
    command: tuple[str | Path, ...] = ("build", "--individually", "--json", "-C", root, *arguments)
    process = slspack(*command, folder=root.parent, python=python, environment=environment, umask=umask)
    return Built(root, json.loads(process.stdout), process.stderr)


def _left_behind(path: Path) -> bool:
    return bool({".slspack", "slspack_dist", "node_modules", "__pycache__"} & set(path.parts))
