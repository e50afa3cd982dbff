"""Top-level names that a source may import, by its lines' shape: a cheap filter before the real scan."""

from __future__ import annotations

import re

_BLANK = rb"(?:[ \t\f]|\\\r?\n)"
_FROM = re.compile(rb"from(?<!\wfrom)" + _BLANK + rb"+([^\s.,;()#'\"\\]+)")
_IMPORT = re.compile(rb"import(?<!\wimport)" + _BLANK + rb"+((?:[^\n\r;#\\]|\\\r?\n)+)")
_CALL = re.compile(
    rb"(?:import_module|__import__|files|path|contents|is_resource|(?:open|read)_(?:text|binary)|get_data|PackageLoader)"
    rb"[\s\\]*\((?:[\s\\]|\#[^\n]*\n)*(?:\w+\s*=\s*)?[bBrRuU]?[\"']+([^\s.\"']+)"
)
_RENAMED_CALL = re.compile(rb"\w[\s\\]*\([\s\\]*(?:\w+\s*=\s*)?[rRuU]?[\"']+([^\s.\"']+)")
_RENAMES = re.compile(
    rb"(?:import_module|__import__|files|get_data|PackageLoader)\b[\s\\]*(?:as\b|[\n;]|$)|=\s*__import__"
)
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
        found.update(_CALL.findall(content))
        if _RENAMES.search(content):
            found.update(_RENAMED_CALL.findall(content))
    decoded = (name.decode("utf-8", "replace") for name in found)
    return frozenset(name for name in decoded if name.isidentifier())
