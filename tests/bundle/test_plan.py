"""Plans: entries and wheels, what several sources bring, and the fingerprint."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from slspack.bundle.plan import plan_function, plan_service
from slspack.bundle.renewal import fingerprint
from slspack.bundle.ziprecords import FORMAT_VERSION
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import ArchivePath, Digest, Entry, FileSource, GeneratedSource, Severity, WheelPart
from slspack.tree import ServiceTree
from tests.support.plans import closure, facts_of, function, graph, service, wheel, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.model import Finding, LockedDistribution, Plan, WheelFacts

    Wheel = tuple[LockedDistribution, WheelFacts]


def _plan(root: Path, files: Mapping[str, str], *wheels: Wheel, patterns: Iterable[str] = ("**/*",)) -> Plan:
    tree = ServiceTree(write_tree(root, files))
    return plan_function(function(*patterns), graph(), closure(*wheels), tree, facts_of(*wheels))


def _refused(root: Path, files: Mapping[str, str], *wheels: Wheel) -> Finding:
    with pytest.raises(SlspackError) as caught:
        _plan(root, files, *wheels)
    (finding,) = caught.value.findings
    return finding


def test_a_plan_lists_entries_by_the_bytes_of_their_names_and_wheels_by_name(tmp_path: Path) -> None:
    b = wheel("b", {"b/__init__.py": "xx", "b-1.0.dist-info/METADATA": "m", "b-1.0.dist-info/RECORD": "r"})
    a = wheel("a", {"a.py": "1"})
    plan = _plan(tmp_path, {"z.py": "", "é.py": "éé", "B.py": "", "a_b.py": "x"}, b, a)
    assert [entry.name for entry in plan.entries] == ["B.py", "a_b.py", "z.py", "é.py"]
    assert [(part.distribution.name, part.entries, part.unzipped_bytes) for part in plan.wheels] == [
        ("a", 1, 1),
        ("b", 2, 3),
    ]
    assert plan.unzipped_bytes == 4 + 1 + 1 + 3
    assert (plan.name, plan.functions, plan.findings) == ("f", ("f",), ())


def test_executable_files_stay_so(tmp_path: Path) -> None:
    write_tree(tmp_path, {"bin/run": "#!/bin/sh\n", "bin/data": "x"})
    (tmp_path / "bin" / "run").chmod(0o700)
    (tmp_path / "bin" / "data").chmod(0o666)
    plan = _plan(tmp_path, {})
    assert [(entry.name, entry.executable) for entry in plan.entries] == [("bin/data", False), ("bin/run", True)]


def test_what_patterns_take_out_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = ServiceTree.read

    def reading(tree: ServiceTree, path: str) -> bytes:
        read.append(path)
        return original(tree, path)

    monkeypatch.setattr(ServiceTree, "read", reading)
    tree = ServiceTree(write_tree(tmp_path, {"app.py": "", "a.txt": "a", "b.txt": "b"}))
    for name in ("f", "g"):
        chosen = function("*.txt", "!b.txt", name=name)
        plan_function(chosen, graph("app.py", data=["b.txt"]), closure(), tree, {})
    assert sorted(read) == ["a.txt", "app.py"]


def test_what_is_left_out_is_counted_as_far_as_it_is_known(tmp_path: Path) -> None:
    kept = wheel("kept", {"kept.py": "12", "kept.pyc": "345", "kept-1.0.dist-info/RECORD": "67890"})
    known, unknown = wheel("known", {"known.py": "1234567", "n.py": "1"}), wheel("unknown", {"u.py": "1"})
    tree = ServiceTree(write_tree(tmp_path, {}))
    chosen = closure(kept, left_out=[known[0], unknown[0]])
    plan = plan_function(function(), graph(), chosen, tree, facts_of(kept, known))
    assert (plan.excluded_files, plan.excluded_bytes) == (2 + 2, 8 + 8)


def test_a_file_that_two_wheels_hold_alike_is_kept_once(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {}, wheel("a", {"x/m.py": "1", "x/a.py": ""}), wheel("b", {"x/m.py": "1", "x/b.py": ""}))
    assert [(part.without, part.entries, part.unzipped_bytes) for part in plan.wheels] == [
        ((), 2, 1),
        (("x/m.py",), 1, 0),
    ]
    assert (plan.excluded_files, plan.findings) == (0, ())


def test_files_of_two_wheels_that_differ_are_an_error(tmp_path: Path) -> None:
    one = wheel("cv", {"cv2/__init__.py": "1", "cv2/core.py": "1", "cv2/data.py": "1"})
    two = wheel("cv-headless", {"cv2/__init__.py": "2", "cv2/core.py": "2", "cv2/data.py": "1"}, "2.0")
    finding = _refused(tmp_path, {}, one, two)
    assert finding.code is Code.COLLISION
    assert finding.function == "f"
    assert finding.message == (
        "`cv2/__init__.py` and 1 more file come from `cv` 1.0 and `cv-headless` 2.0, with different content"
    )
    assert finding.hint is not None
    assert "`excludeDistributions`" in finding.hint


@pytest.mark.parametrize("name", ["tests/__init__.py", "LICENSE", "README.md", "docs/conf.py", "__init__.py"])
def test_what_nothing_imports_is_kept_from_the_first_wheel_with_a_notice(tmp_path: Path, name: str) -> None:
    plan = _plan(tmp_path, {}, wheel("a", {name: "1", "a.py": ""}), wheel("b", {name: "22", "b.py": ""}))
    assert [part.without for part in plan.wheels] == [(), (name,)]
    (finding,) = plan.findings
    assert (finding.code, finding.severity, finding.function) == (Code.SHARED_FILE, Severity.NOTICE, "f")
    assert finding.message == f"`{name}` comes from `a` 1.0; what `b` 1.0 would put there is left out"


def test_the_largest_init_of_a_namespace_is_kept_with_a_notice(tmp_path: Path) -> None:
    parts = [
        wheel("google-a", {"google/__init__.py": "", "google/a/__init__.py": "a"}),
        wheel("google-b", {"google/__init__.py": "__path__ = extend()", "google/b.py": "b"}),
        wheel("google-c", {"google/__init__.py": "#", "google/c.py": "c"}),
    ]
    plan = _plan(tmp_path, {}, *parts)
    assert [part.without for part in plan.wheels] == [("google/__init__.py",), (), ("google/__init__.py",)]
    (finding,) = plan.findings
    assert finding.message == (
        "`google/__init__.py` comes from `google-b` 1.0; "
        "what `google-a` 1.0 and `google-c` 1.0 would put there is left out"
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"p/__init__.py": "1"}, {"p/__init__.py": "2", "p/x.py": ""}),
        ({"p/__init__.py": "1", "p/a.py": ""}, {"p/__init__.py": "2" * 5000, "p/b.py": ""}),
        ({"p/__init__.py": "1", "p/a.py": "", "p/m.py": "1"}, {"p/__init__.py": "2", "p/b.py": "", "p/m.py": "2"}),
    ],
)
def test_an_init_that_may_matter_is_an_error(tmp_path: Path, one: dict[str, str], two: dict[str, str]) -> None:
    assert "`p/__init__.py`" in _refused(tmp_path, {}, wheel("a", one), wheel("b", two)).message


def test_the_services_own_file_against_a_wheels(tmp_path: Path) -> None:
    a = wheel("a", {"a/m.py": "1", "README.md": "theirs", "a/x.py": ""})
    finding = _refused(tmp_path / "differs", {"a/m.py": "2"}, a)
    assert finding.message == "`a/m.py` comes from the service itself and `a` 1.0, with different content"
    assert finding.hint == "rename the service's file, or take it out with the pattern `!a/m.py`"
    same = _plan(tmp_path / "same", {"a/m.py": "1"}, a)
    assert [part.without for part in same.wheels] == [("a/m.py",)]
    assert [entry.name for entry in same.entries] == ["a/m.py"]
    read_me = _plan(tmp_path / "text", {"README.md": "ours"}, a)
    assert [part.without for part in read_me.wheels] == [("README.md",)]
    assert "comes from the service itself" in read_me.findings[0].message
    namespace = wheel("n", {"n/__init__.py": "a long one", "n/x.py": ""})
    own = _plan(tmp_path / "namespace", {"n/__init__.py": "#", "n/y.py": ""}, namespace)
    assert [part.without for part in own.wheels] == [("n/__init__.py",)]


def test_a_file_where_another_has_a_folder_is_an_error(tmp_path: Path) -> None:
    finding = _refused(tmp_path, {}, wheel("a", {"x": "1"}), wheel("b", {"x/y.py": "2"}))
    assert finding.message == "`x` is a file of `a` 1.0 and a folder of `b` 1.0"


def test_two_own_files_for_one_name(tmp_path: Path) -> None:
    def planned(root: Path) -> Plan:
        chosen = function("*.json", "src/*.json", roots=("src", "."))
        return plan_function(chosen, graph(), closure(), ServiceTree(root), {})

    same = planned(write_tree(tmp_path / "same", {"a.json": "1", "src/a.json": "1"}))
    assert [entry.name for entry in same.entries] == ["a.json"]
    with pytest.raises(SlspackError) as caught:
        planned(write_tree(tmp_path / "differ", {"a.json": "1", "src/a.json": "2"}))
    (finding,) = caught.value.findings
    assert finding.message == "`a.json` and `src/a.json` differ and would both be `a.json` in the artifact"


def test_all_collisions_are_told_at_once(tmp_path: Path) -> None:
    parts = [wheel("a", {"m.py": "1", "n.py": "1"}), wheel("b", {"m.py": "2"}), wheel("c", {"n.py": "3"})]
    with pytest.raises(SlspackError) as caught:
        _plan(tmp_path, {}, *parts)
    assert len(caught.value.findings) == 2


def test_names_that_differ_only_in_case_are_a_warning(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"Util.py": ""}, wheel("a", {"util.py": ""}), wheel("b", {"STRASSE": ""}))
    (finding,) = plan.findings
    assert (finding.code, finding.severity) == (Code.CASE_COLLISION, Severity.WARNING)
    assert finding.message == "`Util.py` and `util.py` differ only in case"


def test_a_name_that_is_not_utf_8_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServiceTree, "children", lambda _tree, _folder: {"caf\udce9.txt": False})
    finding = _refused(tmp_path, {})
    assert finding.code is Code.UNUSABLE_NAME
    assert finding.message == r"the name of `caf\xe9.txt` is not UTF-8, as names in an artifact must be"


def test_a_service_plan_holds_what_each_function_would_have_got(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, {"a.py": "a", "b.py": "b", "common.py": "c", "a.txt": ""}))
    functions = [function("a.txt", name="fa"), function("!common.py", name="fb")]
    graphs = {"fa": graph("a.py", "common.py", name="fa"), "fb": graph("b.py", "common.py", name="fb")}
    one, two, three = wheel("one", {"one.py": ""}), wheel("two", {"two.py": ""}), wheel("three", {"three.py": "3"})
    closures = {
        "fa": closure(one, left_out=[two[0], three[0]], name="fa"),
        "fb": closure(one, two, left_out=[three[0]], name="fb"),
    }
    facts = facts_of(one, two, three)
    plan = plan_service(service(tmp_path), functions, graphs, closures, tree, facts)
    assert (plan.name, plan.functions) == ("orders", ("fa", "fb"))
    assert [entry.name for entry in plan.entries] == ["a.py", "a.txt", "b.py", "common.py"]
    assert [part.distribution.name for part in plan.wheels] == ["one", "two"]
    assert (plan.excluded_files, plan.excluded_bytes) == (1, 1)
    assert [finding.function for finding in plan.findings] == ["fb"]


def test_functions_that_want_two_versions_cannot_share_an_artifact(tmp_path: Path) -> None:
    tree = ServiceTree(tmp_path)
    old, new = wheel("x", {"x.py": ""}), wheel("x", {"x.py": ""}, "2.0")
    functions = [function(name="fa"), function(name="fb")]
    graphs = {"fa": graph(name="fa"), "fb": graph(name="fb")}
    with pytest.raises(SlspackError) as caught:
        plan_service(
            service(tmp_path), functions, graphs, {"fa": closure(old), "fb": closure(new)}, tree, facts_of(old)
        )
    (finding,) = caught.value.findings
    assert finding.message == "`fb` needs `x` 2.0, another function of the same artifact `x` 1.0"


def test_a_plan_is_the_same_wherever_the_service_is_and_whatever_it_is_called(tmp_path: Path) -> None:
    wheels = (wheel("a", {"a.py": "1"}),)
    files = {"app.py": "x", "d/e.json": "{}"}
    one = _plan(tmp_path / "one", files, *wheels)
    assert _plan(tmp_path / "two" / "deeper", dict(reversed(files.items())), *wheels) == one
    other = plan_function(
        function("d/*", name="other"),
        graph("app.py", name="other"),
        closure(*wheels, name="other"),
        ServiceTree(tmp_path / "one"),
        facts_of(*wheels),
    )
    assert other.fingerprint == one.fingerprint
    assert [entry.reason for entry in other.entries] != [entry.reason for entry in one.entries]


def _sample() -> tuple[tuple[Entry, ...], tuple[WheelPart, ...]]:
    one, two = wheel("a", {"a.py": "1"})[0], wheel("b", {"b.py": "1"})[0]
    entries = (
        Entry(
            ArchivePath("app.py"),
            executable=False,
            source=FileSource("src/app.py", Digest("0" * 64), 3),
            reason="handler",
        ),
        Entry(ArchivePath("made.py"), executable=False, source=GeneratedSource(b"x = 1\n")),
    )
    return entries, (WheelPart(one, 5, 10, (ArchivePath("LICENSE"),)), WheelPart(two, 1, 1))


def test_the_fingerprint_changes_with_everything_that_changes_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    (app, made), (a, b) = _sample()
    again = dataclasses.replace
    other = wheel("a", {"a.py": "2"})[0]
    keys = [
        fingerprint((app, made), (a, b)),
        fingerprint((again(app, name=ArchivePath("app2.py")), made), (a, b)),
        fingerprint((again(app, executable=True), made), (a, b)),
        fingerprint((again(app, source=FileSource("src/app.py", Digest("1" * 64), 3)), made), (a, b)),
        fingerprint((app, again(made, source=GeneratedSource(b"x = 2\n"))), (a, b)),
        fingerprint((app,), (a, b)),
        fingerprint((app, made), (a,)),
        fingerprint((app, made), (b, a)),
        fingerprint((app, made), (again(a, distribution=other), b)),
        fingerprint((app, made), (again(a, without=()), b)),
        fingerprint((app, made), (again(a, without=(ArchivePath("NOTICE"),)), b)),
    ]
    monkeypatch.setattr("slspack.bundle.renewal.FORMAT_VERSION", FORMAT_VERSION + 1)
    keys.append(fingerprint((app, made), (a, b)))
    monkeypatch.undo()
    monkeypatch.setattr("slspack.bundle.renewal.COMPRESSOR", "deflate of tomorrow")
    keys.append(fingerprint((app, made), (a, b)))
    assert len(set(keys)) == len(keys)


def test_the_fingerprint_changes_with_nothing_else() -> None:
    (app, made), (a, b) = _sample()
    again = dataclasses.replace
    moved = again(a.distribution, wheel=again(a.distribution.wheel, url="https://elsewhere.example/a.whl", size=9))
    keys = {
        fingerprint((app, made), (a, b)),
        fingerprint((again(app, reason="imported"), made), (a, b)),
        fingerprint((again(app, source=FileSource("elsewhere/app.py", Digest("0" * 64), 3)), made), (a, b)),
        fingerprint((app, made), (again(a, distribution=moved), b)),
        fingerprint((app, made), (again(a, distribution=again(a.distribution, version="1.0.0")), b)),
    }
    assert len(keys) == 1
