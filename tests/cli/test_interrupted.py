"""Builds that are cut short: nothing half-written is left in place, and the next build goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import REPOSITORY
from tests.support.wheels import large_files, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench
    from tests.support.index import PackageIndex

HANDLER = "def handler(event, context): ...\n"
INTERRUPTED = "error[SLS0901]: interrupted; nothing half-written was left in place\n"
NOISE = bytes(range(256)) * 4


class Gate(threading.Event):
    """Holds an answer of the index once a file is asked for by one kind of request, and tells when that has come."""

    def __init__(self, index: PackageIndex, name: str, *, whole: bool) -> None:
        super().__init__()
        self.reached = threading.Event()
        self._index = index
        self._name = name
        self._whole = whole

    def wait(self, timeout: float | None = None) -> bool:
        if (self._index.fetched(self._name)[-1].range is None) != self._whole:
            return True
        self.reached.set()
        return super().wait(timeout)


@pytest.fixture
def built(bench: Bench) -> Bench:
    """A service with a wheel, built once; then its handler has come to need a second wheel."""
    assert bench.index
    make_wheel(bench.index.folder, "alpha")
    make_wheel(bench.index.folder, "large", files=large_files("large") | {"large/noise.bin": NOISE * 300})
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "alpha\n",
            "app.py": f"import alpha\n{HANDLER}",
        }
    )
    bench.build()
    bench.write({"requirements.txt": "alpha\nlarge\n", "app.py": f"import alpha, large\n{HANDLER}"})
    return bench


def output(bench: Bench) -> dict[str, bytes]:
    """Everything in the output folder, hidden files included."""
    return {path.name: path.read_bytes() for path in bench.artifact("api").parent.iterdir()}


@pytest.fixture(params=["file list", "download"])
def gate(built: Bench, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """Holds the second wheel's file list, or its download."""
    assert built.index
    name = "large-1.0-py3-none-any.whl"
    gate = Gate(built.index, name, whole=request.param == "download")
    built.index.settings.held[name] = gate
    yield gate
    gate.set()


def test_ctrl_c_while_the_index_answers(built: Bench, gate: Gate) -> None:
    before = output(built)
    command = [sys.executable, "-m", "slspack", "build", "-C", str(built.root)]
    environment = built.variables | {"PYTHONPATH": str(REPOSITORY), "PIP_TIMEOUT": "600"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert gate.reached.wait(60)
        run.send_signal(signal.SIGINT)
        try:
            out, err = run.communicate(timeout=60)
        finally:
            run.kill()
    assert err == f"\n{INTERRUPTED}"
    assert (run.returncode, out) == (130, "")
    assert output(built) == before
    gate.set()
    assert [one["name"] for one in built.build()["functions"]["api"]["distributions"]] == ["alpha", "large"]
    assert set(output(built)) == {"api.zip", "manifest.json"}


def test_ctrl_c_while_an_artifact_is_written(built: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = output(built)

    def interrupt(_content: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("slspack.bundle.zipwriter.pack", interrupt)
        result = built.slspack("build")
    assert result.status == 130
    assert result.err == f"\n{INTERRUPTED}"
    assert output(built) == before
    built.build()
    assert set(output(built)) == {"api.zip", "manifest.json"}


def limited(bench: Bench, size: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Build where the system writes no file larger than `size` bytes, which it answers as it does a full disk."""
    program = (
        "import resource, sys; from slspack.cli import run; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); sys.exit(run())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "build", "-C", str(bench.root), *arguments],
        env=bench.variables | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_room_for_an_artifact(built: Bench, tmp_path: Path) -> None:
    assert built.slspack("build", "--out", str(tmp_path / "elsewhere")).status == 0  # so that the store has the wheels
    built.write({"app.py": f"import alpha, large\n{HANDLER}", "noise.bin": _random(60_000)})
    built.write({"slspack.yml": "runtime: python3.13\npatterns: [noise.bin]\nfunctions:\n  api: app.handler\n"})
    before = output(built)
    result = limited(built, 50_000)
    assert result.stderr == (
        f"error[SLS0603]: `{built.artifact('api')}` cannot be written: file too large (it needs about 1 MB)\n"
        "  hint: free some space there, or write elsewhere with `--out`\n"
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert output(built) == before


def test_no_room_for_a_folder(built: Bench, tmp_path: Path) -> None:
    assert built.slspack("build", "--format", "dir").status == 0
    folder = built.folder("api")
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    built.write({"noise.bin": _random(60_000)})
    built.write({"slspack.yml": "runtime: python3.13\npatterns: [noise.bin]\nfunctions:\n  api: app.handler\n"})
    result = limited(built, 50_000, "--format", "dir")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error[SLS0603]: `{folder}` cannot be written: file too large")
    assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == [".api.tree", "api", "manifest.json"]


def test_no_room_in_the_store(built: Bench) -> None:
    before = output(built)
    result = limited(built, 1_000)
    assert result.returncode == 3
    assert result.stderr.startswith("error[SLS0503]: ")
    assert f"cannot be kept in the store `{built.store}" in result.stderr
    assert "Traceback" not in result.stderr
    assert output(built) == before
    assert not [path for path in built.store.rglob("*") if path.is_file() and path.stat().st_size == 1_000]
    built.build()


def _random(size: int) -> bytes:
    """Bytes that no compressor makes smaller, the same each time."""
    import random

    return random.Random(size).randbytes(size)
