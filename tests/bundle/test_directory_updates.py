"""A folder that is kept current file by file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.bundle import placing, treechange
from slspack.bundle.directory import prepare_directory, write_directory
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Check
from slspack.tree import ServiceTree
from tests.support.bundles import Orders, generated, plan_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Artifact

Contents = dict[str, bytes]


class Output:
    """A folder that is written again and again, of generated files alone."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "out/api"
        self._tree = ServiceTree(folder)

    def write(self, files: Mapping[str, str | bytes], check: Check = Check.FOLDERS) -> Artifact:
        entries = [generated(name, text if isinstance(text, bytes) else text.encode()) for name, text in files.items()]
        return write_directory(plan_of(entries), {}, self._tree, self.root, check)

    def files(self) -> Contents:
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def folders(self) -> set[str]:
        return {p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_dir()}

    def stamps(self) -> dict[str, tuple[int, int]]:
        return {
            p.relative_to(self.root).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns)
            for p in self.root.rglob("*")
            if p.is_file()
        }


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path)


def run(folder: Path, code: str) -> str:
    """What a Python that keeps byte code prints for `code`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_an_edit_touches_one_file(output: Output) -> None:
    output.write({"app/a.py": "1", "app/b.py": "1", "lib/c.py": "1"})
    before = output.stamps()
    output.write({"app/a.py": "1", "app/b.py": "2", "lib/c.py": "1"})
    after = output.stamps()
    assert {name for name in after if after[name] != before[name]} == {"app/b.py"}
    assert output.files() == {"app/a.py": b"1", "app/b.py": b"2", "lib/c.py": b"1"}


def test_wheels_that_stay_are_not_even_opened(tmp_path: Path) -> None:
    orders = Orders(tmp_path)
    write_directory(orders.plan, orders.segments, orders.tree, tmp_path / "out/orders")
    plan = plan_of([*orders.own, generated("app/new.py", b"new")], orders.parts)
    update = prepare_directory(plan, tmp_path / "out/orders", Check.FILES)
    assert (update.unchanged, update.wheels) == (False, ())
    update.apply({}, orders.tree)
    assert (tmp_path / "out/orders/app/new.py").read_bytes() == b"new"
    assert (tmp_path / "out/orders/beta/noise.bin").stat().st_size == 300_000


def test_of_another_wheel_only_what_differs_is_written(tmp_path: Path) -> None:
    orders = Orders(tmp_path)
    root = tmp_path / "out/orders"
    write_directory(orders.plan, orders.segments, orders.tree, root)
    before = (root / "shared/x.py").stat()
    _, beta, gamma = sorted(orders.parts, key=lambda part: part.distribution.name)
    # `shared/x.py` now comes of gamma, which has the same.
    write_directory(plan_of(orders.own, [beta, replace(gamma, without=())]), orders.segments, orders.tree, root)
    assert (root / "shared/x.py").stat().st_ino == before.st_ino
    assert not (root / "alpha").exists()
    assert (root / "gamma.py").exists()


def test_nothing_to_do(output: Output) -> None:
    assert not output.write({"a.py": "1"}).cached
    before = output.stamps()
    assert output.write({"a.py": "1"}).cached
    assert output.stamps() == before


@pytest.mark.parametrize("check", list(Check))
@pytest.mark.parametrize("kind", ["file", "folder", "link", "linked folder"])
def test_what_somebody_else_put_there_goes(output: Output, tmp_path: Path, kind: str, check: Check) -> None:
    output.write({"app/a.py": "1", "b.py": "1"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept").touch()
    stray = output.root / "app/secret"
    if kind == "file":
        stray.write_text("left")
    elif kind == "folder":
        stray.mkdir()
        (stray / "left").touch()
    else:
        stray.symlink_to(tmp_path / "elsewhere" / ("kept" if kind == "link" else ""))
    assert not output.write({"app/a.py": "1", "b.py": "1"}, check).cached
    assert not os.path.lexists(stray)
    assert (tmp_path / "elsewhere/kept").exists()
    assert output.write({"app/a.py": "1", "b.py": "1"}, check).cached


@pytest.mark.parametrize("check", list(Check))
@pytest.mark.parametrize("damage", ["removed", "replaced", "folder", "link", "folder removed", "folder linked"])
def test_what_was_damaged_is_mended(output: Output, tmp_path: Path, damage: str, check: Check) -> None:
    files = {"app/sub/a.py": "1", "b.py": "1"}
    output.write(files)
    (tmp_path / "elsewhere/sub").mkdir(parents=True)
    (tmp_path / "elsewhere/sub/a.py").write_text("theirs")
    target = output.root / "app/sub/a.py"
    if damage.startswith("folder "):
        shutil.rmtree(output.root / "app")
        if damage == "folder linked":
            (output.root / "app").symlink_to(tmp_path / "elsewhere")
    else:
        target.unlink()
    if damage == "replaced":
        target.write_text("other")
    elif damage == "folder":
        target.mkdir()
    elif damage == "link":
        target.symlink_to(tmp_path / "elsewhere/sub/a.py")
    output.write(files, check)
    assert output.files() == {"app/sub/a.py": b"1", "b.py": b"1"}
    assert not any(path.is_symlink() for path in output.root.rglob("*"))
    assert (tmp_path / "elsewhere/sub/a.py").read_text() == "theirs"


def test_nothing_is_removed_behind_a_link(output: Output, tmp_path: Path) -> None:
    output.write({"app/sub/a.py": "1", "b.py": "1"})
    shutil.move(output.root / "app", tmp_path / "theirs")
    (output.root / "app").symlink_to(tmp_path / "theirs")
    output.write({"b.py": "1"})
    assert output.files() == {"b.py": b"1"}
    assert (tmp_path / "theirs/sub/a.py").read_text() == "1"


def test_a_file_written_into_in_place_is_seen_by_the_close_check_alone(output: Output) -> None:
    output.write({"a.py": "1"})
    (output.root / "a.py").write_text("debugging")
    assert output.write({"a.py": "1"}, Check.FOLDERS).cached
    output.write({"a.py": "1"}, Check.FILES)
    assert output.files() == {"a.py": b"1"}


def test_byte_code_of_readers_stays_as_long_as_its_source(output: Output) -> None:
    output.write({"app/a.py": "A = 1", "app/b.py": "B = 1", "old/c.py": "C = 1"})
    run(output.root, "import app.a, app.b, old.c")
    assert output.write({"app/a.py": "A = 1", "app/b.py": "B = 1", "old/c.py": "C = 1"}, Check.FILES).cached
    output.write({"app/a.py": "A = 1"})
    tag = sys.implementation.cache_tag
    assert set(output.files()) == {"app/a.py", f"app/__pycache__/a.{tag}.pyc"}
    assert output.folders() == {"app", "app/__pycache__"}


def test_byte_code_never_outlives_a_change_of_the_same_size_in_the_same_second(output: Output) -> None:
    for number in range(5):
        output.write({"a.py": f"A = {number}"})
        assert run(output.root, "import a; print(a.A)") == f"{number}\n"


@pytest.mark.parametrize("exchanging", [True, False])
def test_a_file_becomes_a_folder_and_back(output: Output, monkeypatch: pytest.MonkeyPatch, exchanging: bool) -> None:
    if not exchanging:
        monkeypatch.setattr(placing, "_renameat2", lambda: None)
    output.write({"conf": "file", "b.py": "1"})
    output.write({"conf/x/y": "deep", "conf/z": "z", "b.py": "1"})
    assert output.files() == {"conf/x/y": b"deep", "conf/z": b"z", "b.py": b"1"}
    output.write({"conf": "file", "b.py": "1"})
    assert output.files() == {"conf": b"file", "b.py": b"1"}
    assert output.write({"conf": "file", "b.py": "1"}, Check.FILES).cached


def test_where_case_does_not_count_the_old_name_goes_first(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(treechange, "_ignores_case", lambda _: True)
    output.write({"App/Models.py": "1", "Readme": "1"})
    removed: list[str] = []
    take_out = placing.take_out

    def noting(path: Path, bin_folder: Path) -> None:
        assert not (output.root / "readme").exists()
        removed.append(path.relative_to(output.root).as_posix())
        take_out(path, bin_folder)

    monkeypatch.setattr(treechange, "take_out", noting)
    output.write({"App/Models.py": "1", "readme": "2"})
    assert removed == ["Readme"]
    assert output.files() == {"App/Models.py": b"1", "readme": b"2"}


class SharingViolationError(PermissionError):
    """What Windows answers to renaming over a file that is open."""

    winerror = 32


def test_a_file_that_a_reader_has_open_is_replaced_when_it_lets_go(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write({"a.py": "1"})
    move, refusals = Path.replace, iter(range(3))

    def refusing(self: Path, target: Path) -> Path:
        if target == output.root / "a.py" and next(refusals, None) is not None:
            raise SharingViolationError(13, "Access is denied")
        return move(self, target)

    monkeypatch.setattr(placing, "_PATIENCE", (0.0,) * 3)
    monkeypatch.setattr(Path, "replace", refusing)
    output.write({"a.py": "2"})
    assert output.files() == {"a.py": b"2"}


def test_a_library_that_stays_loaded_steps_aside(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    output.write({"lib.pyd": "1"})
    move = Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if target == output.root / "lib.pyd":
            raise SharingViolationError(13, "Access is denied")
        return move(self, target)

    monkeypatch.setattr(placing, "_PATIENCE", (0.0,))
    monkeypatch.setattr(Path, "replace", refusing)
    output.write({"lib.pyd": "2"})
    assert output.files() == {"lib.pyd": b"2"}


def test_a_tree_that_cannot_be_written_says_so(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    output.write({"a.py": "1"})

    def refusing(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refusing)
        patched.setattr(Path, "replace", refusing)
        with pytest.raises(SlspackError) as caught:
            output.write({"a.py": "2"})
    [finding] = caught.value.findings
    assert finding.code is Code.DISK_FULL
    assert finding.message == f"`{output.root}` cannot be written: permission denied"
    assert output.files() == {"a.py": b"1"}


@pytest.mark.parametrize("broken", ["record.json", "parts"])
def test_without_its_record_a_tree_is_made_anew(tmp_path: Path, broken: str) -> None:
    orders = Orders(tmp_path)
    root = tmp_path / "out/orders"
    write_directory(orders.plan, orders.segments, orders.tree, root)
    (root / "stray").touch()
    record = tmp_path / "out/.orders.tree"
    if broken == "parts":
        shutil.rmtree(record / "parts")
    else:
        (record / broken).write_text("{")
    assert not write_directory(orders.plan, orders.segments, orders.tree, root).cached
    assert not (root / "stray").exists()
    assert write_directory(orders.plan, orders.segments, orders.tree, root).cached


def test_work_that_a_killed_process_left_is_cleared_away(output: Output) -> None:
    output.write({"a.py": "1"})
    left = output.root.parent / ".api.tree/new-0123456789ab"
    (left / "tree").mkdir(parents=True)
    os.utime(left, (1, 1))
    output.write({"a.py": "2"})
    assert not left.exists()


def test_an_update_that_was_killed_midway_is_completed_by_the_next(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write({"a.py": "1", "b.py": "1", "c/d.py": "1"})
    with monkeypatch.context() as patched:
        placed: list[Path] = []

        def dying(made: Path, target: Path) -> None:
            if placed:
                raise KeyboardInterrupt
            placed.append(target)
            placing.place(made, target)

        patched.setattr(treechange, "place", dying)
        with pytest.raises(KeyboardInterrupt):
            output.write({"a.py": "2", "b.py": "2", "e/f.py": "2"})
    assert placed == [output.root / "e"]
    output.write({"a.py": "3", "b.py": "1"})
    assert output.files() == {"a.py": b"3", "b.py": b"1"}
    assert output.folders() == set()


NAMES = st.sampled_from(["a", "a.py", "a/a", "a/b", "a/a/c.py", "b", "b/c", "b/__init__.py", "d/e/f", "d/e/g", "d/h"])


@st.composite
def trees(draw: st.DrawFn) -> Contents:
    """Files of which none stands where another needs a folder."""
    names = draw(st.sets(NAMES))
    return {
        name: draw(st.sampled_from([b"", b"1", b"2"]))
        for name in sorted(names)
        if not any(other.startswith(f"{name}/") for other in names)
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(trees(), st.sampled_from(Check)), min_size=2, max_size=5))
def test_whatever_came_before_the_tree_is_that_of_the_plan(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Contents, Check]]
) -> None:
    output = Output(tmp_path_factory.mktemp("tree"))
    before: Contents = {}
    stamps: dict[str, tuple[int, int]] = {}
    for files, check in steps:
        output.write(files, check)
        assert output.files() == files
        assert output.folders() == {parent.as_posix() for name in files for parent in Path(name).parents} - {"."}
        now = output.stamps()
        same = {name for name in files if before.get(name) == files[name]}
        assert {name: now[name] for name in same} == {name: stamps[name] for name in same}
        before, stamps = files, now


READER = """
    import os, pathlib, sys
    root, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    def whole(path):
        size, _, body = path.read_bytes().partition(b"#")
        assert int(size) == len(body), f"{path} is half written"
        return body.decode()
    rounds = 0
    print("reading", flush=True)
    while not stop.exists():
        rounds += 1
        assert {"handler.py", "stays.txt", "package"} <= {path.name for path in root.iterdir()}
        for folder, folders, files in os.walk(root):
            for name in files:
                assert name.endswith((".py", ".txt")), name
                try:
                    whole(pathlib.Path(folder, name))
                except FileNotFoundError:
                    assert name.startswith("module"), name
        wanted = whole(root / "handler.py").strip()
        try:
            whole(root / "package" / wanted)
        except FileNotFoundError:
            assert whole(root / "handler.py").strip() != wanted, f"{wanted} is gone and still wanted"
    print(rounds)
"""


def test_a_reader_finds_every_file_whole_during_a_thousand_edits(output: Output, tmp_path: Path) -> None:
    def whole(body: str) -> str:
        return f"{len(body)}#{body}"

    def files(step: int) -> dict[str, str]:
        module = f"step{step % 7}/module{step}.py" if step % 3 else f"module{step}.py"
        grown = "x" * (step * 997 % 40_000)
        return {"handler.py": whole(module.ljust(64)), "stays.txt": whole(""), f"package/{module}": whole(grown)}

    output.write(files(0))
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", textwrap.dedent(READER), str(output.root), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        for step in range(1, 1001):
            output.write(files(step))
        stop.touch()
        rounds = reader.stdout.read()
    assert reader.returncode == 0
    assert int(rounds) > 10
    assert set(output.files()) == set(files(1000))
