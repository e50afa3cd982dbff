"""Which of the service's own files go in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slspack.bundle.collect import collect, unused_patterns
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Severity
from slspack.tree import ServiceTree
from tests.support.plans import function, graph, write_tree

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = ["app.py", "lib/util.py", "lib/more.py", "lib/data.json", "config/prod.json", "config/dev.json", ".env"]


def _collected(root: Path, *texts: str) -> list[str]:
    tree = ServiceTree(write_tree(root, SERVICE))
    return [
        f.archive for f in collect(function(*texts), graph("app.py", "lib/util.py", data=["lib/data.json"]), tree).files
    ]


def test_without_patterns_what_was_traced_goes_in_and_nothing_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path, SERVICE)
    listed = _count_listings(monkeypatch)
    tree = ServiceTree(tmp_path)
    files = collect(function("!config/**"), graph("app.py", data=["lib/data.json"]), tree).files
    assert [(f.archive, f.reason) for f in files] == [
        ("app.py", "the handler's module"),
        ("lib/data.json", "beside"),
    ]
    assert listed == []


def test_patterns_add_files_and_take_out_others(tmp_path: Path) -> None:
    assert _collected(tmp_path, "config/**", "!**/dev.json", "!lib/data.json") == [
        "app.py",
        "config/prod.json",
        "lib/util.py",
    ]


def test_wildcards_add_everything_but_what_is_excluded_by_default(tmp_path: Path) -> None:
    assert _collected(tmp_path, "**") == sorted(set(SERVICE) - {".env"})
    assert ".env" in _collected(tmp_path, ".env")


def test_an_added_file_says_by_which_pattern(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, SERVICE))
    files = collect(function("config/*.json"), graph("app.py"), tree).files
    assert {f.reason for f in files} == {"the handler's module", "added by the pattern `config/*.json`"}


def test_taking_out_a_reached_module_is_a_warning_that_names_it(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, SERVICE))
    collected = collect(function("!lib/**", name="orders"), graph("app.py", "lib/util.py", "lib/more.py"), tree)
    assert [f.archive for f in collected.files] == ["app.py"]
    (finding,) = collected.findings
    assert (finding.code, finding.severity) == (Code.PATTERN_REMOVES_MODULE, Severity.WARNING)
    assert finding.message == (
        "the pattern `!lib/**` takes out `lib.util`, `lib.more`, which the handler of `orders` reaches"
    )


def test_many_modules_taken_out_by_one_pattern_are_one_warning(tmp_path: Path) -> None:
    modules = ["app.py", *(f"lib/m{i}.py" for i in range(9))]
    tree = ServiceTree(write_tree(tmp_path, modules))
    (finding,) = collect(function("!lib/**"), graph(*modules), tree).findings
    assert "`lib.m0`, `lib.m1`, `lib.m2` and 6 more" in finding.message


def test_files_of_a_source_root_stand_at_the_artifacts_root(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, ["src/app.py", "src/conf/a.json", "common/b.json", "c.json"]))
    files = collect(function("**/*.json", roots=("src", "common")), graph("src/app.py", root="src"), tree).files
    assert [(f.archive, f.path) for f in files] == [
        ("app.py", "src/app.py"),
        ("b.json", "common/b.json"),
        ("c.json", "c.json"),
        ("conf/a.json", "src/conf/a.json"),
    ]


def test_a_root_of_the_whole_service_that_comes_first_keeps_paths(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, ["app.py", "src/a.json"]))
    files = collect(function("**/*.json", roots=(".", "src")), graph("app.py"), tree).files
    assert [f.archive for f in files] == ["app.py", "src/a.json"]


def test_a_large_tree_is_listed_only_where_a_pattern_can_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, ["app.py", "data/a/one.csv", "data/b/two.csv", "web/node_modules/x/y.js"])
    for i in range(200):
        (tmp_path / "assets" / f"d{i}").mkdir(parents=True)
        (tmp_path / "node_modules" / f"p{i}" / "lib").mkdir(parents=True)
    listed = _count_listings(monkeypatch)
    files = collect(function("data/*/*.csv"), graph("app.py"), ServiceTree(tmp_path)).files
    assert [f.archive for f in files] == ["app.py", "data/a/one.csv", "data/b/two.csv"]
    assert _below(tmp_path, listed) == [".", "data", "data/a", "data/b"]
    listed.clear()
    collect(function("**", "!assets/**"), graph("app.py"), ServiceTree(tmp_path))
    assert _below(tmp_path, listed) == [".", "data", "data/a", "data/b", "web"]


def test_folders_are_listed_once_for_all_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, [f"d{i}/f{j}.txt" for i in range(20) for j in range(50)])
    listed = _count_listings(monkeypatch)
    tree = ServiceTree(tmp_path)
    for name in ("a", "b", "c"):
        assert len(collect(function("**/*.txt", name=name), graph(), tree).files) == 1000
    assert len(_below(tmp_path, listed)) == 21


def test_a_link_inside_the_service_counts_as_what_it_points_to(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": "", "shared/a.json": "{}"})
    (tmp_path / "linked").symlink_to("shared")
    (tmp_path / "shared" / "loop").symlink_to("..")
    files = collect(function("linked/*.json", "shared/**"), graph("app.py"), ServiceTree(tmp_path)).files
    assert [f.archive for f in files] == ["app.py", "linked/a.json", "shared/a.json"]


@pytest.mark.parametrize("text", ["outside/**", "outside/b/*.json", "single.json"])
def test_a_pattern_that_names_a_link_out_of_the_service_is_refused(tmp_path: Path, text: str) -> None:
    root = write_tree(tmp_path / "service", ["app.py"])
    write_tree(tmp_path / "elsewhere", ["a.json"])
    (root / "outside").symlink_to(tmp_path / "elsewhere")
    (root / "single.json").symlink_to(tmp_path / "elsewhere" / "a.json")
    with pytest.raises(SlspackError) as caught:
        collect(function(text), graph("app.py"), ServiceTree(root))
    (finding,) = caught.value.findings
    assert finding.code is Code.SYMLINK_ESCAPES
    assert finding.message == f"`{text.split('/')[0]}` leads out of the service through a symbolic link"


def test_a_wildcard_does_not_follow_a_link_out_of_the_service(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "service", ["app.py"])
    (root / "outside").symlink_to(write_tree(tmp_path / "elsewhere", ["a.json"]))
    assert [f.path for f in collect(function("**"), graph("app.py"), ServiceTree(root)).files] == ["app.py"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("confg/**", "correct it"),
        ("config", "`config` is a folder: write `config/**`"),
        ("config/", "`config` is a folder: write `config/**`"),
        ("/config/**", "write `config/**`"),
        ("../shared/**", "only files of the service"),
    ],
)
def test_a_pattern_that_matches_nothing_is_a_warning_with_a_remedy(tmp_path: Path, text: str, hint: str) -> None:
    tree = ServiceTree(write_tree(tmp_path, SERVICE))
    (finding,) = unused_patterns([function(text)], tree)
    assert (finding.code, finding.severity) == (Code.PATTERN_UNUSED, Severity.WARNING)
    assert finding.message == f"the pattern `{text}` matches no file"
    assert hint in (finding.hint or "")


def test_patterns_that_match_and_negated_ones_are_left_in_peace(tmp_path: Path) -> None:
    tree = ServiceTree(write_tree(tmp_path, SERVICE))
    functions = [function("config/**", "!nothing/**", ".env"), function("lib/*.py", "config/**", "!config/**")]
    assert unused_patterns(functions, tree) == ()


def _count_listings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that the file system is asked to list from now on, relative to the service."""
    listed: list[str] = []
    scandir = os.scandir

    def counting(path: Path | int) -> object:
        # By its descriptor a folder is listed to be removed: of another test's, whenever that is collected.
        if not isinstance(path, int):
            listed.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counting)
    return listed


def _below(root: Path, listed: list[str]) -> list[str]:
    return sorted(os.path.relpath(folder, root).replace(os.sep, "/") for folder in listed)
