"""Top-level names that a source may import, by its lines' shape: a cheap filter before the real scan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = rb"(?:[ \t\f]|\\\r?\n)"
_FROM = re.compile(rb"from(?<!\wfrom)" + _BLANK + rb"+([^\s.,;()#'\"\\]+)")
_IMPORT = re.compile(rb"import(?<!\wimport)" + _BLANK + rb"+((?:[^\n\r;#\\]|\\\r?\n)+)")
# A search for any of several words takes many times as long as looking for each.
_TAKING_NAMES = (
    b"import_module", b"__import__", b"files", b"path", b"contents", b"is_resource", b"open_text", b"open_binary",
    b"read_text", b"read_binary", b"get_data", b"PackageLoader",
)  # fmt: skip
_FIRST_ARGUMENT = re.compile(rb"[\s\\]*\((?:[\s\\]|\#[^\n]*\n)*(?:\w+\s*=\s*)?[bBrRuU]?[\"']+([^\s.\"']+)")
_RENAMED_CALL = re.compile(rb"\w[\s\\]*\([\s\\]*(?:\w+\s*=\s*)?[rRuU]?[\"']+([^\s.\"']+)")
_RENAMABLE = (b"import_module", b"__import__", b"files", b"get_data", b"PackageLoader")
_RENAMED = re.compile(rb"\b[\s\\]*(?:as\b|[\n;]|$)")
_CALLS = (b"importlib", b"__import__", b"get_data", b"PackageLoader")


def scan_imports_superset(content: bytes) -> frozenset[str]:
    """At least every top-level name of which `scan_source` finds an absolute import, for any target.

    Words after `from` and `import` in comments and strings are in it too.
    """
    found: set[bytes] = set(_FROM.findall(content))
    for names in _IMPORT.findall(content):
        for name in names.split(b","):
            words = name.replace(b"\\", b" ").split(None, 1)
            if words:
                found.add(words[0].partition(b".")[0])
    if any(word in content for word in _CALLS):
        arguments = (_FIRST_ARGUMENT.match(content, end) for word in _TAKING_NAMES for end in _ends(word, content))
        found.update(argument[1] for argument in arguments if argument)
        if _renames(content):
            found.update(_RENAMED_CALL.findall(content))
    decoded = (name.decode("utf-8", "replace") for name in found)
    return frozenset(name for name in decoded if name.isidentifier())


def _renames(content: bytes) -> bool:
    """Whether one of the functions that import may get another name: `import … as`, or an assignment."""
    if any(_RENAMED.match(content, end) for word in _RENAMABLE for end in _ends(word, content)):
        return True
    assigned = b"__import__"
    return any(content[: end - len(assigned)].rstrip().endswith(b"=") for end in _ends(assigned, content))


def _ends(word: bytes, content: bytes) -> Iterator[int]:
    """Where a word ends, each time it is there."""
    at = content.find(word)
    while at >= 0:
        yield at + len(word)
        at = content.find(word, at + 1)
