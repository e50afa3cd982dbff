"""A whole session with a tool of a few lines: phases, edits, identity, answers, failures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.measure import Outcome, run_measured, tree_bytes
from benchmarks.results import Measurement, Phase
from benchmarks.services import BenchService, State, light_service
from benchmarks.session import Session
from benchmarks.tools import base
from benchmarks.tools.base import Artifact, Site, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COPY = """
import shutil, sys, pathlib
for name in {names}:
    target = pathlib.Path("dist", name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree("shop", target / "shop")
    shutil.copytree("functions", target / "functions")
{more}
"""


class Copier(Tool):
    """Makes a folder for each function; `more` is run after that."""

    name = "copier"
    title = "copier"
    outputs = ("dist",)

    def __init__(self, more: str = "") -> None:
        self._more = more

    def install(self, home: Path) -> str:
        return "1"

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        names = [function.name for function in service.functions]
        return {"build.py": _COPY.format(names=names, more=self._more)}

    def command(self, site: Site) -> Sequence[str]:
        return (sys.executable, "build.py")

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        return {f.name: Artifact(site.root / "dist" / f.name, f.handler) for f in service.functions}


@pytest.fixture(autouse=True)
def _own_interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask handlers with the interpreter of the tests: these services need nothing of the target's."""
    monkeypatch.setattr(base, "TARGET_PYTHON", "{}.{}".format(*sys.version_info))
    base.target_interpreter.cache_clear()
    yield
    base.target_interpreter.cache_clear()


@pytest.fixture
def service() -> BenchService:
    whole = light_service(functions=8)
    needless = tuple(function for function in whole.functions if not function.needs)
    return BenchService("small", "small", needless, whole.pins, whole.bump, whole.library)


def _run(tool: Tool, service: BenchService, folder: Path, *phases: Phase) -> list[Measurement]:
    site = Site(home=folder / "home", root=folder / "service", caches=folder / "caches")
    return list(Session(tool, service, site, "1", timeout=60).measure(phases))


def test_every_phase_is_built_from_what_it_changed(service: BenchService, tmp_path: Path) -> None:
    measured = _run(Copier(), service, tmp_path, Phase.COLD, Phase.WARM, Phase.HANDLER, Phase.SHARED)
    assert [one.phase for one in measured] == [Phase.COLD, Phase.WARM, Phase.HANDLER, Phase.SHARED]
    assert [(one.outcome, one.asked, one.right) for one in measured] == [(Outcome.DONE, 1, 1)] * 4
    assert [one.identical for one in measured] == [None, True, None, None]
    assert all(one.zipped_bytes is None and one.unzipped_bytes for one in measured)


def test_a_tool_that_writes_the_time_is_not_identical(service: BenchService, tmp_path: Path) -> None:
    tool = Copier("    (target / 'stamp').write_text(__import__('uuid').uuid4().hex)")
    assert [one.identical for one in _run(tool, service, tmp_path, Phase.COLD, Phase.WARM)] == [None, False]


def test_a_stale_artifact_is_noticed(service: BenchService, tmp_path: Path) -> None:
    stale = Copier("    settings = target / 'shop' / 'settings.py'\n    settings.write_text('REVISION = 0')")
    cold, shared = _run(stale, service, tmp_path, Phase.COLD, Phase.SHARED)
    assert cold.is_right
    assert not shared.is_right
    assert "answered" in shared.note


def test_after_a_failure_nothing_more_is_tried(service: BenchService, tmp_path: Path) -> None:
    measured = _run(Copier("sys.exit('no ' + str(pathlib.Path.cwd() / 'luck'))"), service, tmp_path, *Phase)
    assert [(one.phase, one.outcome, one.note) for one in measured] == [(Phase.COLD, Outcome.FAILED, "no luck")]


def test_a_phase_alone_begins_with_a_build(service: BenchService, tmp_path: Path) -> None:
    (measured,) = _run(Copier(), service, tmp_path, Phase.WARM)
    assert (measured.outcome, measured.identical) == (Outcome.DONE, True)


def test_the_cpu_seconds_of_children_count(tmp_path: Path) -> None:
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10_000_000))'], check=True)"
    usage = run_measured([sys.executable, "-c", parent], tmp_path, {}, tmp_path / "log", timeout=60)
    assert usage.outcome is Outcome.DONE
    assert usage.cpu_seconds > 0


def test_the_memory_of_children_counts() -> None:
    child = "import sys; x = b'x' * 60_000_000; print('ready', flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    command = [sys.executable, "-c", parent]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        size = tree_bytes(process.pid)
        process.communicate("")
    assert size is None if not Path("/proc/self/smaps_rollup").exists() else (size or 0) > 60_000_000


def test_what_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import signal; signal.pause()'])"
    usage = run_measured([sys.executable, "-c", child], tmp_path, {}, tmp_path / "log", timeout=0.5)
    assert usage.outcome is Outcome.TIMED_OUT
    assert usage.seconds >= 0.5
