"""The project's own pages, as far as tests look into them: commands, links, headings, examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = frozenset({"console", "sh"})


def pages() -> list[Path]:
    """Every Markdown page of the repository that people read."""
    found = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("examples/*/README.md")]
    return sorted(found)


def fenced(text: str, *languages: str) -> list[str]:
    """The content of the fenced blocks in these languages, or of all."""
    return [body for language, body in _FENCE.findall(text) if not languages or language in languages]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def commands(text: str) -> Iterator[str]:
    """Every command line with `slspack` in a page: in blocks for a shell, indented, and between backticks."""
    for block in fenced(text, *_SHELL):
        for line in block.splitlines():
            yield from re.findall(r"(?:^(?:\$ )?|/bin/| )(slspack [a-z-].*)", line) if _is_typed(line, block) else ()
    yield from re.findall(r"^ {4}(slspack [a-z-].*)$", prose(text), re.MULTILINE)
    yield from re.findall(r"`(slspack [a-z-][^`]*)`", prose(text))


def links(text: str) -> list[tuple[str, str]]:
    """The links of a page into the repository: path (empty for the page itself) and heading (may be empty)."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(text)))
    inside = [target for target in targets if "://" not in target]
    return [(path, heading) for path, _, heading in (target.partition("#") for target in inside)]


def headings(text: str) -> set[str]:
    """The names under which the headings of a page can be linked to, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _is_typed(line: str, block: str) -> bool:
    """Whether somebody types the line; in a block with prompts, the others are output."""
    return line.startswith("$ ") or not any(one.startswith("$ ") for one in block.splitlines())
