"""What the doctor says of projects and machines that are well, and of some that are not."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.bench import Bench

SERVICE = "runtime: python3.13\nfunctions: {api: app.handler}\n"
HANDLER = "def handler(event, context): ...\n"


def _said(bench: Bench, *arguments: str, **variables: str) -> dict[str, tuple[str, str, str | None]]:
    asked = bench.slspack("doctor", "--json", *arguments, **variables)
    return {one["thing"]: (one["state"], one["detail"], one["remedy"]) for one in json.loads(asked.out)}


def _well(bench: Bench) -> Bench:
    assert bench.index
    make_wheel(bench.index.folder, "pip")
    bench.write({"slspack.yml": SERVICE, "app.py": HANDLER, "requirements.txt": "pip\n"})
    return bench


def test_a_project_that_is_well(bench: Bench) -> None:
    said = _said(_well(bench))
    assert said["configuration"] == ("ok", "slspack.yml: 1 function", None)
    assert said["handlers"] == ("ok", "1 of 1 found and traced", None)
    assert said["requirements"][1] == "requirements.txt, without a lock beside it"
    assert said["uv"][0] == said["store"][0] == "ok"
    assert said["package index"] == ("ok", "answers: it has 1 files of pip", None)
    assert bench.slspack("doctor").status == 0


def test_pinned_requirements_need_no_lock(bench: Bench) -> None:
    _well(bench).write({"requirements.txt": "pip==1.0\n"})
    assert _said(bench)["requirements"] == ("ok", "pinned in requirements.txt", None)


def test_nothing_is_built(bench: Bench) -> None:
    _said(_well(bench))
    assert not (bench.root / ".slspack").exists()


def test_every_error_of_a_configuration_is_wrong(bench: Bench) -> None:
    bench.write({"slspack.yml": "runtime: python9.1\nfunctions: {api: nothing}\n"})
    asked = bench.slspack("doctor", "-q")
    assert asked.status == 1
    assert "wrong     configuration: SLS0109: " in asked.out
    assert "wrong     configuration: SLS0111: " in asked.out


def test_a_handler_that_is_not_there_is_wrong(bench: Bench) -> None:
    _well(bench).write({"app.py": "def handle(event, context): ...\n"})
    state, detail, _ = _said(bench)["function api"]
    assert state == "wrong"
    assert detail.startswith("SLS0302: ")


def test_without_a_project_the_machine_is_looked_at(bench: Bench) -> None:
    said = _said(bench)
    assert said["configuration"][0] == "absent"
    assert said["store"][0] == "ok"


def test_a_store_that_cannot_be_written_is_wrong(bench: Bench, tmp_path: Path) -> None:
    _well(bench)
    place = tmp_path / "file"
    place.write_text("")
    state, detail, remedy = _said(bench, SLSPACK_CACHE_DIR=str(place))["store"]
    assert (state, detail.startswith(f"{place} cannot be written: ")) == ("wrong", True)
    assert remedy == "make it writable, or name another folder with SLSPACK_CACHE_DIR"


def test_an_index_that_does_not_answer_is_wrong(bench: Bench) -> None:
    _well(bench)
    state, detail, _ = _said(bench, PIP_INDEX_URL="http://127.0.0.1:9/simple/")["package index"]
    assert state == "wrong"
    assert detail.startswith("SLS0506: ")


def test_outputs_that_git_would_take_are_doubtful(bench: Bench) -> None:
    _well(bench)
    subprocess.run(["git", "init", "--quiet", str(bench.root)], check=True)
    assert _said(bench)["git"][0] == "ok"
    asked = bench.slspack("doctor").out
    assert "doubtful  git: does not ignore what builds write\n          put `.slspack/` and `slspack_dist/`" in asked
    bench.write({".gitignore": ".slspack/\nslspack_dist/\n"})
    assert "doubtful" not in bench.slspack("doctor").out
