"""Names of folders and files that never start a build unless a build has read them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from slspack.excludes import excluded_folder

_SOURCES_ALL_THE_SAME = frozenset({"test", "tests"})
"""Kept out of artifacts by default, but imports and patterns reach into them as a matter of course."""

_FILES = (
    "*.py[co]",
    "*.sw[a-p]",
    "*.swx",
    "*~",
    "*___jb_old___",
    "*___jb_tmp___",
    "#*#",
    ".#*",
    ".DS_Store",
    ".goutputstream-*",
    "4913",
    "Thumbs.db",
)
"""What editors, file managers and interpreters leave beside the files they save."""


@lru_cache(maxsize=1 << 14)
def ignored_folder(name: str) -> bool:
    """Whether a folder of that name is not watched: version control, virtual environments, caches, others' output."""
    return name not in _SOURCES_ALL_THE_SAME and excluded_folder(name) is not None


@lru_cache(maxsize=1 << 14)
def ignored_file(name: str) -> bool:
    """Whether a file of that name is an editor's or an interpreter's own affair."""
    return any(fnmatchcase(name, glob) for glob in _FILES)
