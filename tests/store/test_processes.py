"""The store under many processes, some of which are killed, and on a full disk."""

from __future__ import annotations

import errno
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slspack.keys import digest_bytes, key_of
from slspack.store import Kind, Limits, Store
from slspack.store.census import stored_objects
from slspack.store.prune import prune
from tests.support.stores import files_in

if TYPE_CHECKING:
    from slspack.model import Digest

REPOSITORY = Path(__file__).parents[2]
OBJECTS = 20


def content(number: int) -> bytes:
    return number.to_bytes(4, "big") * 20_000


def derived(number: int) -> Digest:
    return key_of("object", number)


WRITER = """
import sys
from pathlib import Path
from slspack.store import Kind, Store
from tests.store.test_processes import OBJECTS, content, derived
from slspack.keys import digest_bytes

store = Store(Path(sys.argv[1]))
order = [int(number) for number in sys.argv[2:]]
print("ready", flush=True)
while True:
    for number in order:
        with store.exclusive(Kind.SEGMENT, derived(number)):
            if store.find(Kind.SEGMENT, derived(number)) is None:
                with store.writing(Kind.SEGMENT, derived(number)) as temporary, temporary.open("wb") as out:
                    for start in range(0, 80_000, 10_000):
                        out.write(content(number)[start : start + 10_000])
                        out.flush()
        store.write(Kind.WHEEL, digest_bytes(content(number)), content(number))
        print(number, flush=True)
    for number in order:
        store.path(Kind.SEGMENT, derived(number)).write_bytes(b"damaged")
"""


def start(store: Store, order: list[int]) -> subprocess.Popen[bytes]:
    """A process that writes the objects over and over, damaging them after each round."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.root), *map(str, order)], cwd=REPOSITORY, stdout=subprocess.PIPE
    )


def check(store: Store) -> None:
    """Whatever is there is whole, or is noticed; and everything can be written."""
    for number in range(OBJECTS):
        wheel = digest_bytes(content(number))
        assert store.read(Kind.WHEEL, wheel) in (None, content(number))
        assert store.read(Kind.SEGMENT, derived(number)) in (None, content(number))
        with store.exclusive(Kind.SEGMENT, derived(number)):
            store.write(Kind.SEGMENT, derived(number), content(number))
        store.write(Kind.WHEEL, wheel, content(number))
        assert store.read(Kind.SEGMENT, derived(number)) == content(number)
        assert store.read(Kind.WHEEL, wheel) == content(number)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    chance = random.Random(4)
    for _ in range(12):
        process = start(store, list(range(OBJECTS)))
        assert process.stdout is not None
        # It goes on while this reads, so that the kill finds it anywhere.
        for _ in range(chance.randrange(2 * OBJECTS)):
            process.stdout.readline()
        process.kill()
        process.communicate()
        found = Store(store.root)
        for number in range(OBJECTS):
            assert found.read(Kind.SEGMENT, derived(number)) in (None, content(number))
            assert found.read(Kind.WHEEL, digest_bytes(content(number))) in (None, content(number))
        found.close()
    check(store)
    store.close()
    prune(store, Limits(max_size=0))
    assert files_in(store) == []
    assert list((store.base / "sessions").iterdir()) == []
    assert list((store.base / "locks").iterdir()) == []


def test_many_processes_on_the_same_objects(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    chance = random.Random(5)
    processes = [start(store, chance.sample(range(OBJECTS), OBJECTS)) for _ in range(4)]
    try:
        for process in processes:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(OBJECTS + OBJECTS // 2)]
            assert lines[0] == b"ready\n"
            assert b"" not in lines
        prune(store, Limits(max_size=0))
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    check(store)
    assert {each.kind for each in stored_objects(store)} == {Kind.SEGMENT, Kind.WHEEL}
    assert sum(1 for _ in stored_objects(store)) == 2 * OBJECTS


FULL = """
import resource, sys
from pathlib import Path
from slspack.store import Kind, Store
from tests.store.test_processes import content, derived

store = Store(Path(sys.argv[1]))
store.write(Kind.SEGMENT, derived(1), content(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
assert store.read(Kind.SEGMENT, derived(1)) == content(1)
try:
    store.write(Kind.SEGMENT, derived(2), content(2))
except OSError as error:
    print(error.errno)
assert store.find(Kind.SEGMENT, derived(2)) is None
fresh = Store(store.root)
print(fresh.read(Kind.SEGMENT, derived(1)) == content(1))
store.path(Kind.SEGMENT, derived(1)).touch()
print(fresh.read(Kind.SEGMENT, derived(1)) == content(1))
"""


@pytest.mark.parametrize("limit", [0, 79_999])
def test_no_room(tmp_path: Path, limit: int) -> None:
    """A limit on the size of files stands for a full disk: both are errors of writing."""
    store = Store(tmp_path / "store")
    command = [sys.executable, "-c", FULL, str(store.root), str(limit)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([str(errno.EFBIG), "True", "True"], "")
    assert files_in(store) == [store.path(Kind.SEGMENT, derived(1))]
    assert store.read(Kind.SEGMENT, derived(1)) == content(1)
