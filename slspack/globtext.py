"""The small texts inside a glob: its pieces, its alternatives, its classes and ranges."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\\.|\[[^\]]*\]|.", re.DOTALL)
_NESTED_REPEAT = re.compile(r"[+*]\(.*\)", re.DOTALL)
_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "word": "A-Za-z0-9_",
    "xdigit": "A-Fa-f0-9",
}
_SPECIAL_IN_CLASS = re.compile(r"[-*+?.^${}(|)\[\]]")


def pieces(text: str) -> list[str]:
    """A glob's characters, where an escaped one and a class are one piece each."""
    return _PIECE.findall(text)


def is_ambiguous(body: str) -> bool:
    """Whether repeating these alternatives could match one text in too many ways; micromatch then spells them."""
    branches = split(body, "|")
    return any(_NESTED_REPEAT.fullmatch(branch) for branch in branches) or (
        len(branches) > 1 and any(not branch.strip("*?") for branch in branches)
    )


def split(body: str, separator: str) -> list[str]:
    """The parts between separators that stand in no group."""
    parts, depth = [""], 0
    for piece in pieces(body):
        depth += (piece in "({") - (piece in ")}")
        if piece == separator and depth <= 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def range_source(ends: list[str]) -> str:
    """`{a..c}`: one character of the class between the ends, sorted as text; `{1..10}` is no range of numbers."""
    ends = sorted(ends)
    try:
        return re.compile(class_source("-".join(ends))).pattern
    except re.error:
        return r"\.\.".join(re.escape(end) for end in ends)


def class_or_text(content: str) -> str:
    """`[…]`: one character of the class; where nothing in it is special, its own text as well (`[id].py`)."""
    source = class_source(content)
    return source if _SPECIAL_IN_CLASS.search(content) else f"(?:{re.escape(f'[{content}]')}|{source})"


def class_source(content: str) -> str:
    """A class as a regular expression writes it. A negated one never matches a slash."""
    negated = content.startswith("^")
    body = content[negated:]
    for name, characters in _POSIX.items():
        body = body.replace(f"[:{name}:]", characters)
    trailing = "\\-" if body.endswith("-") and not body.endswith("\\-") else ""
    body = re.sub(r"\\(.)|([\[\]&~|^])", lambda found: "\\" + (found[1] or found[2]), body.removesuffix("-") + trailing)
    return f"[{'^/' if negated else ''}{re.sub('--+', lambda run: chr(92) + '-' * len(run[0]), body)}]"
