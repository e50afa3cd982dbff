"""Pages of the reference that are made from the code: `python -m tests.support.reference` writes them anew."""

from __future__ import annotations

from pathlib import Path

from slspack.codes import Code
from slspack.excludes import FILES, FOLDERS, Exclude
from slspack.plugins.reference import plugins_page
from slspack.wheels.prune import RULES
from tests.parity.page import parity_page
from tests.support.command_line import command_line_page
from tests.support.plugin_schema import settings_schema

ROOT = Path(__file__).parents[2] / "docs"
DOCS = ROOT / "reference"
ERRORS = ROOT / "errors"
PLUGIN = ROOT.parent / "deploy/serverless-slspack"

_HEAD = """# Excluded by default

What is never taken from a service's own folder, unless an import reaches it or a [pattern](patterns.md) names it. Each
glob stands for one name, a folder's or a file's, at any depth.
"""


_ERRORS_HEAD = """# Errors and warnings

<!-- Written by `python -m tests.support.reference`; edit `slspack/codes.py`. -->

Every message begins with its code: `error[SLS0401]: …`. The code stays what it is from release to release; the words
may become better. After the message come the place (`file:line:column`), the functions that it concerns, and a hint at
what to do.
"""

_RANGES = {
    "01": "Configuration",
    "02": "Requirements and lock",
    "03": "Tracing",
    "04": "Closure",
    "05": "Indexes and wheels",
    "06": "Plan and artifact",
    "07": "Checks",
    "08": "Plugins",
    "09": "Command line and machine",
}


def errors_page() -> str:
    """The index of `slspack.codes`."""
    lines = [_ERRORS_HEAD]
    for digits, title in _RANGES.items():
        codes = [code for code in Code if code.id.startswith(f"SLS{digits}")]
        lines += [f"## {title}", "", "| code | |", "| --- | --- |"]
        lines += [f"| [{code.id}]({code.id}.md) | {code.title} |" for code in codes]
        lines.append("")
    return "\n".join(lines)


def excludes_page() -> str:
    """The page of `slspack.excludes`."""
    return "\n".join([_HEAD, "## Folders", "", _table(FOLDERS), "", "## Files", "", _table(FILES), ""])


_PRUNE_HEAD = """# What is pruned from distributions

<!-- Written by `python -m tests.support.reference`; edit `slspack/wheels/prune.py`. -->

With `prune: safe`, the default, these files of distributions stay out of artifacts. What is left out is known from a
wheel's list of files alone, so it is the same on every machine. `prune: off` keeps all of them, for the service or for
one function; `distributionPatterns` keeps or leaves out files of one distribution:

```yaml
prune: safe
distributionPatterns:
  pandas: ['!io/clipboard/**']         # leave these out, too
  numpy: ['_core/include/**']          # keep these, although they are headers
```

Globs are those of [`package.patterns`](patterns.md). Each is matched against a file's path inside the distribution's
packages (`io/clipboard/**`) and from the artifact's root (`pandas/io/clipboard/**`); the last that matches decides.
What `importlib.metadata` reads (`*.dist-info`) stays, unless a glob names `dist-info`.
"""


def prune_page() -> str:
    """The page of `slspack.wheels.prune`."""
    rows = [f"| {rule.files} | {rule.reason} |" for rule in RULES]
    return "\n".join([_PRUNE_HEAD, "| left out | why no run misses it |", "| --- | --- |", *rows, ""])


def _table(rules: tuple[Exclude, ...]) -> str:
    return "\n".join(["| name | why |", "| --- | --- |", *(f"| `{rule.glob}` | {rule.reason} |" for rule in rules)])


PAGES = {
    DOCS / "cli.md": command_line_page,
    DOCS / "excludes.md": excludes_page,
    DOCS / "parity.md": parity_page,
    DOCS / "prune.md": prune_page,
    DOCS / "plugins.md": plugins_page,
    ERRORS / "index.md": errors_page,
    PLUGIN / "lib/settings.json": settings_schema,
}

if __name__ == "__main__":
    for path, page in PAGES.items():
        path.write_text(page(), "utf-8")
