"""Wheels and their facts from an index on loopback, into the store."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.keys import digest_file
from slspack.model import Digest, LockedDistribution, WheelFile, dist_name
from slspack.registry import PackageIndexClient
from slspack.store import Kind, Store
from slspack.wheels import FetchProgress, WheelSource, Work, read_facts
from slspack.wheels.facts import facts_key
from tests.support.index import PackageIndex, package_index
from tests.support.registry import session_of
from tests.support.stores import files_in
from tests.support.wheels import large_files, make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.wheels import ProgressListener

ALPHA, BETA = dist_name("alpha"), dist_name("beta")
WHEEL = "alpha-1.0-py3-none-any.whl"
LARGE = random.Random(1).randbytes(300_000)
"""What does not shrink, so that a wheel with it is larger than the tail that is read."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def source_of(store: Store, listener: ProgressListener | None = None, **environment: str) -> WheelSource:
    return WheelSource(store, session_of(**environment), listener)


def locked(index: PackageIndex, wheel: Path, *, size: bool = True) -> LockedDistribution:
    name, version = wheel.name.split("-")[:2]
    file = WheelFile(
        wheel.name, index.file_url(wheel.name), Digest(sha256_of(wheel)), wheel.stat().st_size if size else None
    )
    return LockedDistribution(dist_name(name), version, file)


def large_wheel(index: PackageIndex, name: str = "alpha") -> Path:
    return make_wheel(index.folder, name, files={f"{name}/data.bin": LARGE}, requires=["beta>=1"])


def failure(source: WheelSource, wheel: LockedDistribution, *, fetch: bool = True) -> tuple[Code, str]:
    with pytest.raises(SlspackError) as caught:
        source.fetch([wheel]) if fetch else source.facts([wheel])
    (finding,) = caught.value.findings
    return finding.code, finding.message


def leftovers(store: Store) -> list[str]:
    return [path.name for path in files_in(store)]


@pytest.mark.parametrize("size", [True, False])
def test_facts_come_by_one_range_request(index: PackageIndex, store: Store, size: bool) -> None:
    path = large_wheel(index)
    wheel = locked(index, path, size=size)
    facts = source_of(store).facts([wheel])
    assert facts == {ALPHA: read_facts(path, wheel.wheel.sha256)}
    assert facts[ALPHA].requires_dist == ("beta>=1",)
    assert index.downloaded() == set()
    (request,) = index.fetched(WHEEL)
    assert (request.status, request.sent) == (206, 65_557)


def test_facts_are_kept(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    first = source_of(store).facts([wheel])
    index.requests.clear()
    assert source_of(store).facts([wheel]) == first
    assert index.requests == []


def test_facts_that_cannot_be_read_any_more_are_made_again(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    store.write(Kind.FACTS, facts_key(wheel.wheel.sha256), b"{}")
    facts = source_of(store).facts([wheel])
    assert source_of(store).facts([wheel]) == facts


def test_facts_of_a_wheel_that_is_here_need_no_request(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    source_of(store).fetch([wheel])
    index.requests.clear()
    assert set(source_of(store).facts([wheel])) == {ALPHA}
    assert index.requests == []


def test_a_directory_and_a_metadata_before_the_tail_are_read_too(index: PackageIndex, store: Store) -> None:
    """3,000 names need more than 64 KiB, and METADATA stands before a large file."""
    files: dict[str, str | bytes] = {f"alpha/module_{number:05}.py": "" for number in range(3000)}
    metadata = "Name: alpha\nVersion: 1.0\nRequires-Dist: gamma\n"
    path = make_wheel(index.folder, "alpha", files={"alpha/data.bin": LARGE, **files})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("alpha-1.0.dist-info/METADATA", metadata)
        archive.writestr("alpha/data.bin", LARGE)
        for name in files:
            archive.writestr(name, "")
    wheel = locked(index, path)
    facts = source_of(store).facts([wheel])
    assert facts[ALPHA] == read_facts(path, wheel.wheel.sha256)
    assert facts[ALPHA].requires_dist == ("gamma",)
    assert [request.status for request in index.fetched(WHEEL)] == [206, 206, 206]


def test_only_what_is_needed_is_downloaded(index: PackageIndex, store: Store) -> None:
    alpha, beta = locked(index, large_wheel(index)), locked(index, large_wheel(index, "beta"))
    source = source_of(store)
    assert set(source.facts([alpha, beta])) == {ALPHA, BETA}
    paths = source.fetch([alpha])
    assert index.downloaded() == {WHEEL}
    assert digest_file(paths[alpha.wheel.sha256]) == alpha.wheel.sha256
    index.requests.clear()
    assert source.fetch([alpha]) == paths
    assert index.requests == []


def test_a_server_without_ranges_is_asked_for_the_whole(index: PackageIndex, store: Store) -> None:
    index.settings.ranges = False
    wheel = locked(index, large_wheel(index))
    source = source_of(store)
    assert source.facts([wheel])[ALPHA].requires_dist == ("beta>=1",)
    assert store.find(Kind.WHEEL, wheel.wheel.sha256) is not None
    index.requests.clear()
    source.fetch([wheel])
    assert index.requests == []


def test_a_server_that_refuses_ranges(index: PackageIndex, store: Store) -> None:
    """416 for a range: RFC 9110 allows it, and some servers say so to suffixes longer than the file."""
    wheel = locked(index, make_wheel(index.folder, "alpha", files=large_files("alpha")))
    index.settings.unsatisfiable.add(WHEEL)
    assert source_of(store).facts([wheel])[ALPHA].name == ALPHA
    assert [request.status for request in index.fetched(WHEEL)] == [416, 200]


def test_a_lying_server_is_found_out_when_the_wheel_comes(index: PackageIndex, store: Store, tmp_path: Path) -> None:
    wheel = locked(index, large_wheel(index))
    other = make_wheel(tmp_path / "other", "alpha", files={"alpha/data.bin": LARGE}, requires=["evil>=1"])
    index.settings.shown_to_ranges[WHEEL] = other.read_bytes()
    source_of(store).facts([locked(index, index.folder / WHEEL, size=False)])
    source = source_of(store)
    assert source.facts([wheel])[ALPHA].requires_dist == ("evil>=1",)
    code, message = failure(source, wheel)
    assert code is Code.BAD_WHEEL
    assert message == (f"`{WHEEL}` is not a valid wheel: the server showed other content of it than the whole file has")
    again = source_of(store)
    assert again.facts([wheel])[ALPHA].requires_dist == ("beta>=1",)
    again.fetch([wheel])


def test_bad_answers_to_ranges_are_judged_by_the_whole_wheel(index: PackageIndex, store: Store) -> None:
    path = large_wheel(index)
    index.settings.shown_to_ranges[WHEEL] = bytes(path.stat().st_size)
    assert source_of(store).facts([locked(index, path)])[ALPHA].requires_dist == ("beta>=1",)


def test_a_hash_that_does_not_match(index: PackageIndex, store: Store) -> None:
    path = large_wheel(index)
    wheel = locked(index, path)
    right = wheel.wheel.sha256
    wrong = LockedDistribution(ALPHA, "1.0", WheelFile(WHEEL, wheel.wheel.url, Digest("ab" * 32)))
    assert failure(source_of(store), wrong) == (
        Code.HASH_MISMATCH,
        f"`{WHEEL}` of `alpha` 1.0 is not the locked file\n  expected sha256 {'ab' * 32}\n  actual   sha256 {right}",
    )
    assert leftovers(store) == []


def test_a_wheel_of_another_distribution(index: PackageIndex, store: Store) -> None:
    path = make_wheel(index.folder, "beta", "2.0")
    wheel = locked(index, path)
    claimed = LockedDistribution(ALPHA, "1.0", wheel.wheel)
    code, message = failure(source_of(store), claimed, fetch=False)
    assert code is Code.BAD_WHEEL
    assert message.endswith("its METADATA is of `beta` 2.0, not of `alpha` 1.0")


def test_a_download_that_breaks_off_goes_on_where_it_was(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    index.settings.truncated_times[WHEEL] = 1
    seen: list[FetchProgress] = []
    source_of(store, seen.append, PIP_RETRIES="1").fetch([wheel])
    whole, rest = index.fetched(WHEEL)
    assert (whole.range, whole.status) == (None, 200)
    assert rest.status == 206
    assert rest.range == f"bytes={2 * 65_536}-"
    assert seen[-1] == FetchProgress(Work.WHEELS, 1, 1, whole.sent, whole.sent)


def test_a_download_that_cannot_be_resumed_starts_anew(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index), size=False)
    index.settings.truncated_times[WHEEL] = 1
    index.settings.validators = False
    source_of(store, PIP_RETRIES="1").fetch([wheel])
    assert [(request.range, request.status) for request in index.fetched(WHEEL)] == [(None, 200), (None, 200)]


def test_a_download_that_always_breaks_off(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    index.settings.truncated_times[WHEEL] = 9
    expected = (Code.DOWNLOAD_FAILED, f"`{WHEEL}` cannot be downloaded: the connection broke off")
    assert failure(source_of(store, PIP_RETRIES="1"), wheel) == expected
    assert len(index.fetched(WHEEL)) == 2
    assert leftovers(store) == []


@pytest.mark.parametrize("fetch", [True, False])
@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, Code.NOT_IN_INDEX, "is not there any more (status 404) at"),
        (401, Code.INDEX_FORBIDDEN, "was refused (status 401) at"),
        (403, Code.INDEX_FORBIDDEN, "was refused (status 403) at"),
        (503, Code.DOWNLOAD_FAILED, "cannot be downloaded: the server answered with status 503"),
        (418, Code.DOWNLOAD_FAILED, "cannot be downloaded: the server answered with status 418"),
    ],
)
def test_statuses(index: PackageIndex, store: Store, status: int, code: Code, message: str, fetch: bool) -> None:
    wheel = locked(index, large_wheel(index))
    index.settings.refusing[WHEEL] = status
    found, said = failure(source_of(store), wheel, fetch=fetch)
    assert found is code
    assert message in said


def test_a_file_larger_than_stated_is_not_read_to_its_end(index: PackageIndex, store: Store) -> None:
    path = large_wheel(index)
    small = LockedDistribution(ALPHA, "1.0", WheelFile(WHEEL, index.file_url(WHEEL), Digest("0" * 64), 1000))
    assert failure(source_of(store), small) == (
        Code.DOWNLOAD_FAILED,
        f"`{path.name}` cannot be downloaded: it is larger than the 1000 bytes that the index states",
    )


def test_progress(index: PackageIndex, store: Store) -> None:
    wheels = [locked(index, large_wheel(index, name)) for name in ("alpha", "beta", "gamma")]
    seen: list[FetchProgress] = []
    source = source_of(store, seen.append)
    source.facts(wheels)
    assert [(p.work, p.files, p.files_total) for p in seen] == [(Work.FACTS, done, 3) for done in range(4)]
    seen.clear()
    source.fetch(wheels)
    total = sum(wheel.wheel.size or 0 for wheel in wheels)
    assert seen[0] == FetchProgress(Work.WHEELS, 0, 3, 0, total)
    assert seen[-1] == FetchProgress(Work.WHEELS, 3, 3, total, total)
    assert [p.bytes for p in seen] == sorted(p.bytes for p in seen)


def test_a_wheel_in_a_folder(store: Store, tmp_path: Path) -> None:
    path = make_wheel(tmp_path / "my wheels", "alpha")
    wheel = LockedDistribution(ALPHA, "1.0", WheelFile(WHEEL, path.as_uri(), Digest(sha256_of(path))))
    source = source_of(store)
    assert source.facts([wheel])[ALPHA].name == ALPHA
    assert source.fetch([wheel])[wheel.wheel.sha256].read_bytes() == path.read_bytes()
    path.unlink()
    gone = LockedDistribution(ALPHA, "1.0", WheelFile(WHEEL, path.as_uri(), Digest("1" * 64)))
    code, message = failure(source, gone, fetch=False)
    assert code is Code.NOT_IN_INDEX
    assert message == f"`{WHEEL}` cannot be read at `{path}`: {os.strerror(errno.ENOENT)}"


def test_a_file_whose_index_states_no_hash_is_hashed(index: PackageIndex, store: Store, tmp_path: Path) -> None:
    path = make_wheel(index.folder, "alpha")
    index.settings.wrong_hashes[WHEEL] = ""
    session = session_of(PIP_INDEX_URL=index.url)
    (file,) = PackageIndexClient(session).files(ALPHA)
    source = WheelSource(store, session)
    found = source.wheel_file(ALPHA, file)
    assert found == WheelFile(WHEEL, index.file_url(WHEEL), Digest(sha256_of(path)), path.stat().st_size)
    source.fetch([LockedDistribution(ALPHA, "1.0", found)])
    assert len(index.fetched(WHEEL)) == 1
    assert len(files_in(store)) == 1
    local = session_of(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(index.folder))
    (beside,) = PackageIndexClient(local).files(ALPHA)
    assert source.wheel_file(ALPHA, beside) == WheelFile(WHEEL, path.as_uri(), found.sha256, found.size)


def test_secrets_reach_neither_the_store_nor_a_message(index: PackageIndex, store: Store) -> None:
    index.settings.credentials = ("ann", "hunter2")
    path = large_wheel(index)
    session = session_of(PIP_INDEX_URL=index.url_with("ann", "hunter2"))
    (file,) = PackageIndexClient(session).files(ALPHA)
    source = WheelSource(store, session)
    wheel = LockedDistribution(ALPHA, "1.0", source.wheel_file(ALPHA, file))
    source.facts([wheel])
    source.fetch([wheel])
    assert "hunter2" not in repr(wheel)
    assert not [found for found in store.root.rglob("*") if found.is_file() and b"hunter2" in found.read_bytes()]
    path.unlink()
    again = LockedDistribution(ALPHA, "1.0", WheelFile(WHEEL, wheel.wheel.url, Digest("1" * 64)))
    assert "hunter2" not in failure(source, again)[1]


def in_another_process(index: PackageIndex, store: Store, wheel: LockedDistribution, before: str) -> list[str]:
    """A command that fetches the wheel, run where this repository is."""
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.support.registry import session_of\n"
        "from slspack.model import Digest, LockedDistribution, WheelFile, dist_name\n"
        "from slspack.store import Store; from slspack.wheels import WheelSource\n"
        "from slspack.errors import SlspackError\n"
        f"wheel = LockedDistribution({str(wheel.name)!r}, {wheel.version!r}, WheelFile({wheel.wheel.filename!r}, "
        f"{wheel.wheel.url!r}, Digest({str(wheel.wheel.sha256)!r}), {wheel.wheel.size!r}))\n"
        f"listener = None\n{before}\n"
        "try:\n"
        f"    WheelSource(Store(Path({str(store.root)!r})), session_of(), listener).fetch([wheel])\n"
        "except SlspackError as error:\n"
        "    print(type(error).__name__, error.findings[0].message, error.findings[0].hint, sep='\\n'); sys.exit(3)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted'); sys.exit(130)\n"
    )
    return [sys.executable, "-c", script]


REPOSITORY = Path(__file__).parents[2]


def test_two_processes_download_a_wheel_once(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    command = in_another_process(index, store, wheel, "")
    processes = [subprocess.Popen(command, cwd=REPOSITORY) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(index.fetched(WHEEL)) == 1
    assert digest_file(store.path(Kind.WHEEL, wheel.wheel.sha256)) == wheel.wheel.sha256


def test_interrupted_by_ctrl_c_nothing_is_left(index: PackageIndex, store: Store) -> None:
    wheel = locked(index, large_wheel(index))
    index.settings.held[WHEEL] = threading.Event()
    interrupt = (
        "import os, signal\n"
        "def handler(*_):\n"
        "    print('interrupting', flush=True)\n"
        "    raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGINT, handler)\n"
        "pressed = []\n"
        "def listener(progress):\n"
        "    if progress.bytes and not pressed:\n"
        "        pressed.append(True)\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
    )
    command = in_another_process(index, store, wheel, interrupt)
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "interrupting\n"
        index.settings.held[WHEEL].set()
        assert process.stdout.read() == "interrupted\n"
    assert process.returncode == 130
    assert leftovers(store) == []


def test_no_room_for_a_wheel(index: PackageIndex, store: Store) -> None:
    """A limit on the size of files stands for a full disk: both are errors of writing."""
    wheel = locked(index, large_wheel(index))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    command = in_another_process(index, store, wheel, limit)
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        MachineError.__name__,
        f"`{WHEEL}` cannot be kept in the store `{store.root}`: {os.strerror(errno.EFBIG)}",
        "make room there, or name another folder with SLSPACK_CACHE_DIR",
    ]
    assert leftovers(store) == []
