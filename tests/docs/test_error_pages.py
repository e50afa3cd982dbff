"""Every kind of finding has its page in `docs/errors/`, and every page its kind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slspack.codes import Code
from tests.support import markdown

REPOSITORY = Path(__file__).parents[2]
PAGES = REPOSITORY / "docs" / "errors"
SOURCES = sorted((REPOSITORY / "slspack").rglob("*.py"))


def used_codes() -> list[Code]:
    """The codes that the source names, in the order of their numbers."""
    names = {
        name
        for path in SOURCES
        if path.name != "codes.py"
        for name in re.findall(r"\bCode\.([A-Z][A-Z0-9_]*)\b", path.read_text("utf-8"))
    }
    return [code for code in Code if code.name in names]


def test_the_source_names_codes() -> None:
    assert Code.SYMLINK_ESCAPES in used_codes()


@pytest.mark.parametrize("code", used_codes(), ids=lambda code: code.id)
def test_a_code_that_is_used_has_a_page(code: Code) -> None:
    page = PAGES / f"{code.id}.md"
    assert page.is_file(), f"`{code.name}` is used and has no docs/errors/{code.id}.md"
    lines = page.read_text("utf-8").splitlines()
    assert lines[0] == f"# {code.id}: {code.title}"
    assert len([line for line in lines[1:] if line.strip()]) >= 4, "a page says what it means and how to mend it"


@pytest.mark.parametrize("code", used_codes(), ids=lambda code: code.id)
def test_a_page_shows_the_message_as_it_is_printed(code: Code) -> None:
    example, *_ = markdown.fenced((PAGES / f"{code.id}.md").read_text("utf-8"), "text")
    message, *rest = example.splitlines()
    assert re.fullmatch(rf"(error|warning|notice)\[{code.id}\]: .*[^.]", message)
    assert [line for line in rest if not re.match(r" {2}(--> \S|in: |hint: |\S)| {8}", line)] == []


def test_no_page_is_without_a_code() -> None:
    assert {page.stem for page in PAGES.glob("SLS*.md")} <= {code.id for code in Code}


def test_codes_are_unique_and_in_order() -> None:
    ids = [code.id for code in Code]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"SLS\d{4}", each) for each in ids)


def test_titles_are_unique_lines_without_a_full_stop() -> None:
    titles = [code.title for code in Code]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if title.endswith(".") or "\n" in title] == []
