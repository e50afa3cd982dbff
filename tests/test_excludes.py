"""The default excludes, and their page."""

from __future__ import annotations

import pytest

from slspack.excludes import FILES, FOLDERS, excluded_file, excluded_folder
from tests.support.reference import DOCS, excludes_page


def test_the_page_is_current() -> None:
    assert (DOCS / "excludes.md").read_text("utf-8") == excludes_page(), "run `python -m tests.support.reference`"


def test_each_rule_is_there_once_and_has_a_reason() -> None:
    for rules in (FOLDERS, FILES):
        globs = [rule.glob for rule in rules]
        assert len(set(globs)) == len(globs)
        assert all(rule.reason for rule in rules)


@pytest.mark.parametrize("name", [".git", "node_modules", "tests", "orders.egg-info", ".slspack", ".serverless"])
def test_folders_that_stay_out(name: str) -> None:
    assert excluded_folder(name) is not None
    assert excluded_file(name) is None


@pytest.mark.parametrize("name", [".env", ".env.prod", "a.pem", "conftest.py", "serverless.yml", "yarn-error.log"])
def test_files_that_stay_out(name: str) -> None:
    assert excluded_file(name) is not None


@pytest.mark.parametrize("name", ["environment", "Tests", "app.py", "keys", "data.json", "template.yaml", "my.env"])
def test_names_that_are_taken(name: str) -> None:
    assert excluded_folder(name) is None
    assert excluded_file(name) is None
