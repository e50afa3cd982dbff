"""Which changes start a build."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from slspack.model import WatchSettings
from slspack.watching import WatchedInputs
from slspack.watching.folders import folders_above, walk_folders
from slspack.watching.gitignore import GitIgnore
from slspack.watching.triggers import Triggers
from tests.support.plans import write_tree

TREE = {
    ".gitignore": "*.log\n/dist/\ngenerated/\n!keep.log\n//\n",
    "pkg/.gitignore": "!loud.log\nlocal.py\n",
    "pkg/loud.log": "",
    "pkg/local.py": "",
    "pkg/mod.py": "",
    "pkg/dist/x.py": "",
    "dist/x.py": "",
    "generated/made.py": "",
    "generated/deep/made.py": "",
    "keep.log": "",
    "other.log": "",
    "local.py": "",
}


def triggers(
    root: Path, *, files: tuple[str, ...] = (), outputs: tuple[str, ...] = (), **settings: tuple[str, ...]
) -> Triggers:
    return Triggers(
        WatchedInputs(
            root,
            frozenset(Path(os.path.normpath(root / name)) for name in files),
            frozenset(root / name for name in outputs),
            WatchSettings(**settings),  # type: ignore[arg-type]
        )
    )


@pytest.mark.parametrize("service", [".", "pkg"])
def test_git_agrees_on_what_it_ignores(tmp_path: Path, service: str) -> None:
    write_tree(tmp_path, TREE)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("mod.py\n")
    ours = GitIgnore(tmp_path / service)
    for path in sorted((tmp_path / service).rglob("*")):
        if ".git" in path.relative_to(tmp_path).parts:
            continue
        asked = subprocess.run(["git", "-C", tmp_path, "check-ignore", "-q", "--no-index", path], check=False)
        assert ours.ignores(path, folder=path.is_dir()) == (asked.returncode == 0), path


def test_a_service_that_git_ignores_follows_its_own_rules_only(tmp_path: Path) -> None:
    root = tmp_path / "build" / "service"
    write_tree(
        tmp_path, {".gitignore": "build/\n*.py\n", "build/service/app.py": "", "build/service/.gitignore": "x.py"}
    )
    (tmp_path / ".git").mkdir()
    ours = GitIgnore(root)
    assert not ours.ignores(root / "app.py", folder=False)
    assert ours.ignores(root / "x.py", folder=False)


def test_a_worktree_names_the_folder_of_git(tmp_path: Path) -> None:
    write_tree(tmp_path, {"svc/.git": "gitdir: ../real/worktrees/svc\n"})
    assert GitIgnore(tmp_path / "svc").git_folder == tmp_path / "svc" / "../real/worktrees/svc"


@pytest.mark.parametrize(
    "path",
    ["src/app.py", "serverless.yml", ".env", "tests/data.json", "requirements.txt", ".gitignore", "new folder/ü.sql"],
)
def test_what_is_below_the_root_starts_a_build(tmp_path: Path, path: str) -> None:
    assert triggers(tmp_path).fires(tmp_path / path)


@pytest.mark.parametrize(
    "path",
    [
        ".git/HEAD",
        ".slspack/dist/api.zip",
        "node_modules/x/index.js",
        "pkg/.venv/lib/x.py",
        "pkg/__pycache__/mod.cpython-313.pyc",
        "src/.app.py.swp",
        "src/app.py~",
        "src/4913",
        "src/.#app.py",
        "src/app.py___jb_tmp___",
        "../elsewhere.py",
    ],
)
def test_caches_dependencies_and_editors_files_do_not(tmp_path: Path, path: str) -> None:
    found = triggers(tmp_path, patterns=("*", "!nothing"))
    assert not found.fires(Path(os.path.normpath(tmp_path / path)))


def test_what_a_build_has_read_counts_wherever_it_is(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": "made/\n"})
    found = triggers(tmp_path, files=("made/code.py", "../common.txt", ".venv/odd.py"), ignore=("made",))
    for path in (tmp_path / "made" / "code.py", tmp_path.parent / "common.txt", tmp_path / ".venv" / "odd.py"):
        assert found.fires(path)
    assert found.fires(tmp_path / "made", folder=True), "with the folder the file is gone"
    assert not found.fires(tmp_path / "made" / "other.py")
    assert found.enters(tmp_path / ".venv")
    assert not found.enters(tmp_path / ".venv" / "lib")


def test_own_output_never_counts(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    found = triggers(tmp_path, files=("link/api.zip", "real/api.zip"), outputs=("link",), patterns=("real", "link"))
    for path in ("link", "real", "link/api.zip", "real/api.zip", "real/api/app.py"):
        assert not found.fires(tmp_path / path)
        assert not found.enters(tmp_path / path)


def test_a_link_to_the_output_is_output(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "alias").symlink_to("out")
    found = triggers(tmp_path, outputs=("out",))
    assert not found.fires(tmp_path / "alias" / "api.zip")


def test_settings_add_to_what_is_ignored_and_to_what_is_watched(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": "made/\n*.sql\n"})
    found = triggers(tmp_path, patterns=("made/*.py", "*.sql"), ignore=("docs/", "*.md", "!README.md", "bad.sql"))
    assert found.fires(tmp_path / "made" / "code.py")
    assert not found.fires(tmp_path / "made" / "code.txt")
    assert found.fires(tmp_path / "src" / "query.sql")
    assert not found.fires(tmp_path / "bad.sql")
    assert not found.fires(tmp_path / "docs" / "x.py")
    assert not found.fires(tmp_path / "notes.md")
    assert found.fires(tmp_path / "README.md")
    assert found.enters(tmp_path / "made"), "a pattern reaches into it"
    assert not found.enters(tmp_path / "docs")


def test_folders_are_walked_without_what_is_ignored(tmp_path: Path) -> None:
    write_tree(tmp_path, {**TREE, "node_modules/a/b.js": "", ".git/objects/x": "", "tests/t.py": ""})
    walked = walk_folders(tmp_path, triggers(tmp_path).enters)
    assert walked.paths == {tmp_path, tmp_path / "pkg", tmp_path / "pkg" / "dist", tmp_path / "tests"}
    assert not walked.links
    (tmp_path / "tests" / "link").symlink_to("t.py")
    assert walk_folders(tmp_path, triggers(tmp_path).enters).links


def test_folders_above_files_end_where_the_ways_part() -> None:
    root = Path("/repo/services/shop")
    files = [root / "a" / "b" / "c.py", root / "x.py", Path("/repo/common/lib/r.txt"), Path("/repo/y.txt")]
    assert folders_above(files, root) == {root / "a" / "b", root / "a", Path("/repo/common/lib"), Path("/repo/common")}
