"""`slspack build --format dir --live`, by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.example_services import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "runtime: python{}.{}\nfunctions: {{api: handlers/api.handler}}\n".format(*sys.version_info)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "handlers").mkdir()
    (tmp_path / "slspack.yml").write_text(CONFIG)
    (tmp_path / "handlers/api.py").write_text("def handler(event, context): return 1\n")
    return tmp_path


def slspack(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SLSPACK_CACHE_DIR": str(root / "store")}
    command = [sys.executable, "-m", "slspack", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_folders_go_where_a_name_has_no_dot_and_zips_where_they_did(root: Path) -> None:
    built = slspack(root, "build", "--format", "dir", "--live", "--json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["functions"]["api"]["artifact"] == "slspack_dist/api"
    assert sorted(path.name for path in (root / "slspack_dist").iterdir()) == [".api.tree", "api", "manifest.json"]
    assert (root / "slspack_dist/api/handlers/api.py").is_file()
    code = "from handlers.api import handler; print(handler(None, None))"
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".slspack/live"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "1\n"
    # What folders hold, and what live processes read, is in no artifact.
    zipped = slspack(root, "build", "--json")
    assert zipped.returncode == 0, zipped.stderr
    assert json.loads(zipped.stdout)["functions"]["api"]["modules"] == ["handlers/api.py"]
    assert (root / ".slspack/dist/api.zip").is_file()
    again = slspack(root, "build", "--format", "dir", "--json")
    assert json.loads(again.stdout)["functions"]["api"]["cached"] is True
    cleaned = slspack(root, "clean")
    assert cleaned.stderr == f"removed {root / '.slspack'}\nremoved {root / 'slspack_dist'}\n"
    assert sorted(path.name for path in root.iterdir()) == ["handlers", "slspack.yml"]


def test_live_goes_with_folders(root: Path) -> None:
    process = slspack(root, "build", "--live")
    assert process.returncode == 2
    assert "--live serves folders: it goes with --format dir" in process.stderr
