"""The real stream on a real folder. Every wait is for something that is certain to come."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import MachineError
from slspack.model import WatchSettings
from slspack.watching import WatchedInputs
from slspack.watching.files import FileChanges
from tests.support.plans import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from slspack.watching.stream import Burst


@pytest.fixture(params=["notices", "polling"])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[[WatchedInputs], FileChanges]]:
    """Opens streams, and closes them at the end."""
    streams: list[FileChanges] = []

    def open_stream(inputs: WatchedInputs) -> FileChanges:
        streams.append(FileChanges(inputs, debounce=5, poll=5 if request.param == "polling" else 0))
        return streams[-1]

    yield open_stream
    for stream in streams:
        stream.close()


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return write_tree(
        tmp_path / "service", {"app.py": "1", "pkg/mod.py": "1", ".gitignore": "*.log\n", "pkg/x.log": ""}
    )


def collect(stream: FileChanges, *wanted: Path) -> tuple[set[Path], list[Burst]]:
    """Everything that is told until all that is wanted was told."""
    told: set[Path] = set()
    bursts: list[Burst] = []
    while not told.issuperset(wanted):
        burst = stream.next()
        assert burst is not None
        bursts.append(burst)
        told |= burst.paths
    return told, bursts


def test_saves_of_every_kind(service: Path, opened: Callable[[WatchedInputs], FileChanges]) -> None:
    stream = opened(WatchedInputs(service))
    (service / "app.py").write_text("22")
    assert collect(stream, service / "app.py")[0] == {service / "app.py"}
    (service / "temporary").write_text("333")
    (service / "temporary").replace(service / "app.py")
    assert service / "app.py" in collect(stream, service / "app.py")[0]
    (service / "app.py").rename(service / "app.py~")
    (service / "app.py").write_text("4444")
    (service / "app.py~").unlink()
    assert collect(stream, service / "app.py")[0] <= {service / "app.py", service / "temporary"}
    (service / "pkg" / "mod.py").unlink()
    _, bursts = collect(stream, service / "pkg" / "mod.py")
    assert bursts[-1].missing == {service / "pkg" / "mod.py"}
    assert not bursts[-1].paths - {service / "pkg" / "mod.py", service / "app.py"}


def test_what_does_not_matter_is_not_told(service: Path, opened: Callable[[WatchedInputs], FileChanges]) -> None:
    (service / "out").mkdir()
    stream = opened(WatchedInputs(service, outputs=frozenset({service / "out"})))
    for name in ("pkg/x.log", "pkg/mod.py~", "out/api.zip", ".git/HEAD", "node_modules/a.js", "pkg/__pycache__/a.pyc"):
        write_tree(service, [name])
    (service / "app.py").write_text("22")
    assert collect(stream, service / "app.py")[0] == {service / "app.py"}


def test_a_new_folder_is_told_with_what_is_in_it_and_watched(
    service: Path, opened: Callable[[WatchedInputs], FileChanges]
) -> None:
    stream = opened(WatchedInputs(service))
    write_tree(service, {"new/deep/a.py": "1", "new/b.py": "1", "new/c.log": ""})
    told, bursts = collect(stream, service / "new" / "deep" / "a.py", service / "new" / "b.py")
    assert told == {service / "new" / "deep" / "a.py", service / "new" / "b.py"}
    assert not bursts[0].complete
    (service / "new" / "deep" / "a.py").write_text("22")
    collect(stream, service / "new" / "deep" / "a.py")


def test_a_folder_that_is_renamed_or_removed(service: Path, opened: Callable[[WatchedInputs], FileChanges]) -> None:
    stream = opened(WatchedInputs(service))
    (service / "pkg").rename(service / "lib")
    told, _ = collect(stream, service / "pkg", service / "lib" / "mod.py")
    assert told <= {service / "pkg", service / "lib" / "mod.py", service / "pkg" / "mod.py"}
    (service / "lib" / "mod.py").write_text("22")
    collect(stream, service / "lib" / "mod.py")
    shutil.rmtree(service / "lib")
    collect(stream, service / "lib")


def test_a_folder_that_is_replaced_is_watched_again(
    service: Path, opened: Callable[[WatchedInputs], FileChanges]
) -> None:
    stream = opened(WatchedInputs(service))
    write_tree(service, {".slspack/next/mod.py": "22"})
    (service / "pkg").rename(service / ".slspack" / "old")
    (service / ".slspack" / "next").rename(service / "pkg")
    collect(stream, service / "pkg" / "mod.py")
    (service / "pkg" / "mod.py").write_text("333")
    collect(stream, service / "pkg" / "mod.py")


def test_files_outside_are_told_and_their_neighbours_are_not(
    service: Path, opened: Callable[[WatchedInputs], FileChanges]
) -> None:
    common = service.parent / "common" / "lib"
    write_tree(common, {"requirements.txt": "a", "other.txt": ""})
    wanted = common / "requirements.txt"
    stream = opened(WatchedInputs(service))
    stream.follow(WatchedInputs(service, frozenset({wanted})))
    write_tree(common, {"other.txt": "22", "another/x.txt": "", "requirements.txt": "bb"})
    assert collect(stream, wanted)[0] == {wanted}
    shutil.rmtree(common.parent)
    collect(stream, common.parent)
    write_tree(common, {"requirements.txt": "ccc"})
    collect(stream, common.parent)
    (common / "requirements.txt").write_text("dddd")
    collect(stream, wanted)


def test_a_gitignore_holds_from_the_moment_it_is_saved(
    service: Path, opened: Callable[[WatchedInputs], FileChanges]
) -> None:
    stream = opened(WatchedInputs(service))
    (service / ".gitignore").write_text("app.py\npkg/\n")
    collect(stream, service / ".gitignore")
    (service / "app.py").write_text("22")
    (service / "pkg" / "mod.py").write_text("22")
    (service / "last.log").write_text("22")
    assert collect(stream, service / "last.log")[0] == {service / "last.log"}
    (service / ".gitignore").write_text("")
    collect(stream, service / ".gitignore")
    (service / "pkg" / "mod.py").write_text("333")
    collect(stream, service / "pkg" / "mod.py")


def test_settings_may_change_while_it_watches(service: Path) -> None:
    stream = FileChanges(WatchedInputs(service))
    stream.follow(WatchedInputs(service, settings=WatchSettings(ignore=("pkg/",), poll=5, debounce=5)))
    (service / "pkg" / "mod.py").write_text("22")
    (service / "app.py").write_text("22")
    assert collect(stream, service / "app.py")[0] == {service / "app.py"}
    stream.close()


def test_nothing_is_pending_until_something_has_changed(service: Path) -> None:
    stream = FileChanges(WatchedInputs(service), poll=1)
    (service / "pkg" / "x.log").write_text("22")
    (service / "app.py").write_text("22")
    while not stream.pending():
        pass
    burst = stream.next()
    assert burst is not None
    assert burst.paths == {service / "app.py"}
    assert not stream.pending()
    stream.close()


def test_a_link_makes_every_burst_look_at_everything(
    service: Path, opened: Callable[[WatchedInputs], FileChanges]
) -> None:
    (service / "alias").symlink_to("pkg")
    stream = opened(WatchedInputs(service))
    (service / "pkg" / "mod.py").write_text("22")
    assert not collect(stream, service / "pkg" / "mod.py")[1][-1].complete


def test_while_git_holds_its_lock_a_burst_goes_on(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = FileChanges(WatchedInputs(service), debounce=1, poll=1)
    answers = [1, 2, None]

    def git_lock() -> int | None:
        (service / f"written-{len(answers)}.py").write_text("1")
        return answers.pop(0)

    monkeypatch.setattr(stream, "_git_lock", git_lock)
    (service / "app.py").write_text("22")
    burst = stream.next()
    assert burst is not None
    assert burst.paths == {service / "app.py", service / "written-3.py", service / "written-2.py"}
    stream.close()


def test_a_lock_that_git_left_behind_is_waited_for_once(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(service, [".git/index.lock"])
    monkeypatch.setattr("slspack.watching.files.GIT_PATIENCE", 0.0)
    stream = FileChanges(WatchedInputs(service), debounce=1)
    (service / "app.py").write_text("22")
    collect(stream, service / "app.py")
    monkeypatch.setattr("slspack.watching.files.GIT_PATIENCE", float("inf"))
    (service / "pkg" / "mod.py").write_text("22")
    collect(stream, service / "pkg" / "mod.py")
    stream.close()


def test_folders_that_cannot_be_watched_are_an_error(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles._rust_notify.RustNotify", refuse)
    with pytest.raises(MachineError) as caught:
        FileChanges(WatchedInputs(service))
    (finding,) = caught.value.findings
    assert finding.code is Code.CANNOT_WATCH
    assert finding.message == "the operating system cannot watch 2 folders: OS file watch limit reached"
    assert "--poll" in str(finding.hint)


def test_where_notices_are_of_whole_trees_too_the_same_is_told(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slspack.watching.files.EACH_FOLDER", False)
    monkeypatch.setattr("slspack.watching.sources.EACH_FOLDER", False)
    outside = service.parent / "common" / "r.txt"
    write_tree(service.parent, {"common/r.txt": ""})
    stream = FileChanges(WatchedInputs(service, frozenset({outside})), debounce=5)
    for name in ("node_modules/a.js", "pkg/x.log"):
        write_tree(service, [name])
    write_tree(service, {"pkg/deep/new.py": "1", "app.py": "22"})
    outside.write_text("22")
    wanted = {service / "pkg" / "deep" / "new.py", service / "app.py", outside}
    assert collect(stream, *wanted)[0] == wanted
    stream.close()


def test_switching_branches_is_one_burst(service: Path, opened: Callable[[WatchedInputs], FileChanges]) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=service, check=True, capture_output=True, env=os.environ)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    write_tree(service, {f"pkg{i % 40}/sub/m{i}.py": str(i) for i in range(1200)})
    (service / "app.py").unlink()
    git("add", ".")
    git("commit", "-qm", "two")
    git("checkout", "-q", "main")
    stream = opened(WatchedInputs(service))
    wanted = [service / f"pkg{i % 40}" / "sub" / f"m{i}.py" for i in range(1200)]
    git("checkout", "-q", "other")
    told, bursts = collect(stream, *wanted, service / "app.py")
    assert told == {*wanted, service / "app.py"}
    assert not bursts[0].complete
    (service / "pkg7" / "sub" / "m7.py").write_text("77")
    collect(stream, service / "pkg7" / "sub" / "m7.py")
    git("checkout", "-qf", "main")
    collect(stream, service / "app.py", service / "pkg7")
