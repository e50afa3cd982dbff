from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from slspack.bundle import copying, zipwriter
from slspack.bundle.directory import write_directory
from slspack.bundle.segments import segment_for
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Selection
from slspack.store import Store
from tests.support.bundles import Orders, facts_of, first_party, generated, plan_of
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


def failing_after(limit: int, error: BaseException) -> Callable[[int, int, int, int], int]:
    """A `copy_file_range` that copies `limit` bytes in all and then raises."""
    left = limit

    def copy_file_range(source: int, destination: int, count: int, offset: int) -> int:
        nonlocal left
        if not left:
            raise error
        done = os.write(destination, os.pread(source, min(count, left), offset))
        left -= done
        return done

    return copy_file_range


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("limit", [0, 1, 1_000, 250_000])
def test_a_full_disk_keeps_the_previous_artifact(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    destination = tmp_path / "out/orders.zip"
    before = orders.write(destination).path.read_bytes()
    monkeypatch.setattr(os, "copy_file_range", failing_after(limit, FULL), raising=False)
    with pytest.raises(SlspackError) as caught:
        orders.write(destination)
    [finding] = caught.value.findings
    assert finding.code is Code.DISK_FULL
    assert finding.message == f"`{destination}` cannot be written: no space left on device (it needs about 1 MB)"
    assert finding.hint == "free some space there, or write elsewhere with `--out`"
    assert destination.read_bytes() == before
    assert [path.name for path in destination.parent.iterdir()] == ["orders.zip"]


def test_a_disk_that_is_full_for_first_party_files(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_all(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(zipwriter, "write_all", write_all)
    with pytest.raises(SlspackError, match="no space left on device"):
        orders.write(tmp_path / "out/orders.zip")
    assert list((tmp_path / "out").iterdir()) == []


def test_ctrl_c_while_copying(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = tmp_path / "out/orders.zip"
    before = orders.write(destination).path.read_bytes()
    monkeypatch.setattr(os, "copy_file_range", failing_after(5_000, KeyboardInterrupt()), raising=False)
    with pytest.raises(KeyboardInterrupt):
        orders.write(destination)
    assert destination.read_bytes() == before
    assert [path.name for path in destination.parent.iterdir()] == ["orders.zip"]


@pytest.mark.parametrize("number", [errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM])
def test_a_kernel_that_stops_copying_half_way(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    expected = orders.write(tmp_path / "kernel.zip").path.read_bytes()
    unable = failing_after(10_000, OSError(number, os.strerror(number)))
    monkeypatch.setattr(os, "copy_file_range", unable, raising=False)
    assert orders.write(tmp_path / "other.zip").path.read_bytes() == expected


def test_a_kernel_that_copies_nothing(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = orders.write(tmp_path / "kernel.zip").path.read_bytes()
    monkeypatch.setattr(os, "copy_file_range", lambda *_: 0, raising=False)
    assert orders.write(tmp_path / "other.zip").path.read_bytes() == expected


def test_writes_that_take_little_at_a_time(tmp_path: Path) -> None:
    class Reluctant:
        def __init__(self) -> None:
            self.taken = b""

        def write(self, data: memoryview) -> int:
            self.taken += bytes(data[:3])
            return min(3, len(data))

    reluctant = Reluctant()
    copying.write_all(reluctant, b"0123456789")  # type: ignore[arg-type]
    assert reluctant.taken == b"0123456789"


def test_a_destination_below_a_file(orders: Orders, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SlspackError) as caught:
        orders.write(tmp_path / "file/orders.zip")
    [finding] = caught.value.findings
    assert finding.code is Code.DISK_FULL
    assert finding.hint is not None
    assert finding.hint.startswith("see that the folder exists")


def test_a_segment_that_has_lost_its_end(orders: Orders, tmp_path: Path) -> None:
    [segment, *_] = orders.segments.values()
    segment.path.write_bytes(segment.path.read_bytes()[:1000])
    with pytest.raises(SlspackError, match=r"cannot be written: .* ends \d+ bytes too early"):
        orders.write(tmp_path / "out/orders.zip")
    assert list((tmp_path / "out").iterdir()) == []


FILE_SIZE_LIMIT = """
    import resource, signal, sys
    from pathlib import Path
    from slspack.errors import SlspackError
    from tests.support.bundles import Orders

    orders = Orders(Path(sys.argv[1]))
    destination = Path(sys.argv[1]) / "out/orders.zip"
    destination.parent.mkdir()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        orders.write(destination)
    except SlspackError as error:
        print(error)
    print(list(destination.parent.iterdir()))
"""


def test_a_real_limit_of_the_system(tmp_path: Path) -> None:
    """A limit on the size of files stops the kernel's copying itself."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FILE_SIZE_LIMIT), tmp_path], capture_output=True, text=True, check=True
    )
    [message, left] = run.stdout.splitlines()
    assert message.endswith("cannot be written: file too large (it needs about 1 MB)")
    assert left == "[]"


INTERRUPTED = """
    import os, signal, sys
    from pathlib import Path
    from slspack.tree import ServiceTree
    from tests.support.bundles import Orders

    class Interrupting(ServiceTree):
        def read(self, path):
            os.kill(os.getpid(), signal.SIGINT)
            return super().read(path)

    orders = Orders(Path(sys.argv[1]))
    orders.tree = Interrupting(orders.root)
    try:
        orders.write(Path(sys.argv[1]) / "out/orders.zip")
    except KeyboardInterrupt:
        print(list((Path(sys.argv[1]) / "out").iterdir()))
"""


def test_a_real_ctrl_c(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), tmp_path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert run.stdout == "[]\n"


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "alpha")
    (tmp_path / "store").touch()
    with pytest.raises(SlspackError) as caught:
        segment_for(wheel, facts_of(wheel), Selection(), Store(tmp_path / "store"))
    assert caught.value.findings[0].code is Code.DISK_FULL


def test_a_full_disk_keeps_the_previous_folder(orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = tmp_path / "out/orders"
    write_directory(orders.plan, orders.segments, orders.tree, destination)
    before = sorted(path.relative_to(destination) for path in destination.rglob("*"))

    def content_of(*_: object) -> bytes:
        raise FULL

    monkeypatch.setattr("slspack.bundle.treefiles.content_of", content_of)
    (orders.root / "app/run.sh").write_text("#!/bin/bash\n")
    plan = plan_of([first_party(orders.root, "app/run.sh"), generated("app/new.py", b"new")], orders.parts)
    with pytest.raises(SlspackError, match="no space left on device"):
        write_directory(plan, orders.segments, orders.tree, destination)
    assert sorted(path.relative_to(destination) for path in destination.rglob("*")) == before
    assert (destination / "app/run.sh").read_text() == "#!/bin/sh\n"
    assert sorted(path.name for path in (destination.parent / ".orders.tree").iterdir()) == ["parts", "record.json"]
