"""Services with something to be built, from the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import REPOSITORY, Bench
from tests.support.index import package_index
from tests.support.projects import project_files, write_project, write_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDLER = "def handler(event, context):\n    return 1\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        made.write({"slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler}\n"})
        yield made


def test_an_sdist_is_packaged_and_the_manifest_tells_of_it(bench: Bench) -> None:
    assert bench.index
    write_sdist(bench.index.folder, "only-source", "1.2", project_files("only-source", "1.2"))
    bench.write({"requirements.txt": "only-source\n", "app.py": f"import only_source\n{HANDLER}"})
    (record,) = bench.build()["functions"]["api"]["distributions"]
    assert record["built"] == {
        "builder": "isolated", "source": "only_source-1.2.tar.gz", "image": None, "compiler": None,
    }  # fmt: skip
    assert "only_source.py" in bench.names_in("api")


@pytest.mark.parametrize("folder", ["libs/common", "../common"])
def test_a_local_package_inside_or_outside_of_the_service(bench: Bench, folder: str) -> None:
    common = write_project(bench.root / folder, project_files("common"))
    bench.write(
        {
            "requirements.txt": f"-e {folder if folder[0] == '.' else './' + folder}\n",
            "app.py": f"import common\n{HANDLER}",
        }
    )
    first = bench.build()["functions"]["api"]
    assert bench.read_from("api", "common.py") == b"WHO = 'common'\n"
    assert bench.build()["functions"]["api"] == {**first, "cached": True}
    (common / "common.py").write_text("WHO = 'me'\n", "utf-8")
    assert bench.build()["functions"]["api"]["cached"] is False
    assert bench.read_from("api", "common.py") == b"WHO = 'me'\n"
    (common / "common.py").write_text("import common_more\n", "utf-8")
    (common / "common_more.py").write_text("", "utf-8")
    bench.build()
    assert "common_more.py" in bench.names_in("api")
    (common / "common_more.py").unlink()
    (common / "common.py").write_text("WHO = 'me'\n", "utf-8")
    bench.build()
    assert "common_more.py" not in bench.names_in("api")


def test_a_wheel_pruned_between_builds_is_built_again(bench: Bench) -> None:
    assert bench.index
    write_sdist(bench.index.folder, "only-source", "1.2", project_files("only-source", "1.2"))
    bench.write({"requirements.txt": "only-source\n", "app.py": f"import only_source\n{HANDLER}"})
    first = bench.build()["functions"]["api"]
    for kind in ("wheels", "segments"):
        for path in (bench.store / "v1" / kind).rglob("*"):
            if path.is_file():
                path.unlink()
    bench.artifact("api").unlink()
    assert bench.build()["functions"]["api"]["sha256"] == first["sha256"]


def test_ctrl_c_ends_the_build_and_its_processes(bench: Bench, tmp_path: Path) -> None:
    assert bench.index
    began = tmp_path / "began"
    write_sdist(bench.index.folder, "slow", "1.0", project_files("slow", wait=str(began)))
    bench.write({"requirements.txt": "slow==1.0\n", "app.py": f"import slow\n{HANDLER}"})
    command = [sys.executable, "-m", "slspack", "build", "-C", str(bench.root)]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    variables = bench.variables | {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(scratch)}
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as run:
        wait_for(lambda: began.exists() and began.read_text() != "")
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert (run.returncode, said.strip()) == (
        130,
        "error[SLS0901]: interrupted; nothing half-written was left in place",
    )
    wait_for(lambda: not is_running(int(began.read_text())))
    assert list(scratch.iterdir()) == []
    assert [path for path in (bench.store / "v1" / "wheels").rglob("*") if path.is_file()] == []


def wait_for(condition: object) -> None:
    assert callable(condition)
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to be")


def is_running(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as state:  # noqa: PTH123
            return state.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
