"""Pages of the reference that are made from the code: `python -m tests.support.reference` writes them anew."""

from __future__ import annotations

from pathlib import Path

from slspack.excludes import FILES, FOLDERS, Exclude

DOCS = Path(__file__).parents[2] / "docs" / "reference"

_HEAD = """# Excluded by default

What is never taken from a service's own folder, unless an import reaches it or a [pattern](patterns.md) names it. Each
glob stands for one name, a folder's or a file's, at any depth.
"""


def excludes_page() -> str:
    """The page of `slspack.excludes`."""
    return "\n".join([_HEAD, "## Folders", "", _table(FOLDERS), "", "## Files", "", _table(FILES), ""])


def _table(rules: tuple[Exclude, ...]) -> str:
    return "\n".join(["| name | why |", "| --- | --- |", *(f"| `{rule.glob}` | {rule.reason} |" for rule in rules)])


if __name__ == "__main__":
    (DOCS / "excludes.md").write_text(excludes_page(), "utf-8")
