"""Repositories with submodules: all of them are fetched, at the commits that the repository names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slspack.builds.git import Git
from slspack.builds.origins import GitOrigin
from slspack.errors import SlspackError
from slspack.registry import Login
from slspack.registry.credentials import Credentials
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.projects import Repository, project_files

if TYPE_CHECKING:
    from pathlib import Path

_FROM_FILES = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}


@pytest.fixture
def outer(tmp_path: Path) -> Repository:
    """A project whose module of values is a repository of its own, which has another in it."""
    innermost, inner, outer = (Repository(tmp_path / name) for name in ("innermost", "inner", "outer"))
    innermost.commit({"deep.py": "DEEP = 1\n"})
    inner.commit({"values.py": "VALUE = 1\n"})
    inner.submodule(innermost, "deeper")
    outer.commit(project_files("outer"))
    outer.submodule(inner, "shared")
    inner.commit({"values.py": "VALUE = 'not yet taken over'\n"})
    return outer


def git(tmp_path: Path, **variables: str) -> Git:
    return Git({"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables}, Credentials(()))


def test_they_are_checked_out_whatever_their_depth(tmp_path: Path, outer: Repository) -> None:
    place = tmp_path / "out"
    git(tmp_path, **_FROM_FILES).check_out(GitOrigin(outer.url), place, tmp_path / "log")
    assert (place / "shared/values.py").read_text("utf-8") == "VALUE = 1\n"
    assert (place / "shared/deeper/deep.py").read_text("utf-8") == "DEEP = 1\n"


def test_one_that_cannot_be_fetched_is_told_of(tmp_path: Path, outer: Repository) -> None:
    with pytest.raises(SlspackError) as failure:
        git(tmp_path).check_out(GitOrigin(outer.url), tmp_path / "out", tmp_path / "log")
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0512"
    assert "fatal: transport 'file' not allowed" in finding.message


def test_what_is_built_of_it_has_them(tmp_path: Path, outer: Repository) -> None:
    with package_index(tmp_path / "index") as index:
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        bench.write(
            {
                "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler}\n",
                "requirements.txt": f"git+{outer.url}@main#egg=outer\n",
                "app.py": "import outer\n\n\ndef handler(event, context):\n    return 1\n",
            }
        )
        done = bench.slspack("build", **_FROM_FILES)
        assert done.status == 0, done.err
        assert bench.read_from("api", "shared/values.py") == b"VALUE = 1\n"
        assert bench.read_from("api", "shared/deeper/deep.py") == b"DEEP = 1\n"


def test_the_login_of_a_repository_is_that_of_its_host(tmp_path: Path) -> None:
    credentials = Credentials((("git+https://git.example/team/outer.git", Login("ann", "pass")),))
    environment = Git({"PATH": "", "HOME": str(tmp_path)}, credentials)._environment(
        GitOrigin("https://git.example/team/outer.git")
    )
    assert environment["GIT_CONFIG_KEY_0"] == "url.https://ann:pass@git.example/.insteadOf"
    assert environment["GIT_CONFIG_VALUE_0"] == "https://git.example/"
