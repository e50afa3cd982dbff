"""String literals that may name a file, found by their outer shape alone (no tree is walked for them)."""

from __future__ import annotations

import re

# In this order, one pass skips comments and sees where each string ends, as the tokenizer would.
_STRINGS = re.compile(
    r"""\#[^\n]*
      | \"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}
      | '{3}(?:[^'\\]|\\.|'(?!''))*+'{3}
      | "(?:(?P<a>[\w@+~./-]{1,255})"|(?P<b>(?:[^"\\\n]|\\.)*+)")
      | '(?:(?P<c>[\w@+~./-]{1,255})'|(?P<d>(?:[^'\\\n]|\\.)*+)')
    """,
    re.VERBOSE | re.DOTALL,
)
_PATH = re.compile(r"[\w@+~./-]{1,255}")
_FIELD = re.compile(r"\{[^{}]*\}")
_TASK_ROOT = "/var/task/"


def path_literals(text: str) -> frozenset[str]:
    """What in a source's strings may be a path below the artifact's root: without leading `/`, `./`, `../`.

    Of a string with replacement fields, each piece between them counts: `data/` and `.json` of `f"data/{name}.json"`.
    A string with blanks in it does not count.
    """
    found: set[str] = set()
    for plain, other, plain_single, other_single in _STRINGS.findall(text):
        if plain or plain_single:
            found.add(plain or plain_single)
        elif "{" in other or "{" in other_single:
            found.update(piece for piece in _FIELD.split(other or other_single) if _PATH.fullmatch(piece))
    return frozenset(path for path in map(_relative, found) if path)


def _relative(piece: str) -> str:
    if piece[0] not in "./":
        return piece.rstrip("/")
    path = piece.removeprefix(_TASK_ROOT).lstrip("/")
    while path.startswith(("./", "../")):
        path = path.partition("/")[2].lstrip("/")
    return "" if path in {".", ".."} else path.rstrip("/")
