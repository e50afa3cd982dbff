"""A project's folder on this machine: which of its files count, and their content as one digest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.keys import digest_file, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slspack.model import Digest

# What version control, tools and builds leave in a project's folder: no part of its source.
_LEFTOVERS = frozenset({
    ".git", ".hg", ".svn", ".bzr", "__pycache__", ".venv", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".hypothesis", ".coverage", ".idea", ".vscode", ".DS_Store", "node_modules", ".serverless",
    ".slspack", "slspack_dist", ".aws-sam",
})  # fmt: skip
_OUTPUTS = frozenset({"build", "dist"})
_LEFT_ENDINGS = (".pyc", ".pyo", ".egg-info", ".swp", "~")


def source_files(folder: Path, visit: Callable[[Path], None] = lambda _: None) -> Iterator[str]:
    """The files that count below a folder, as sorted POSIX paths relative to it. Each folder on the way is visited."""
    yield from sorted(_files(folder, "", visit))


def tree_digest(folder: Path) -> Digest:
    """The digest of all files that count: their names, contents, and whether they can be executed."""
    return key_of(
        "tree",
        [(path, digest_file(folder / path), _is_executable(folder / path)) for path in source_files(folder)],
    )


def copy_tree(folder: Path, into: Path) -> None:
    """Copy the files that count. Links are replaced by what they point to."""
    for path in source_files(folder):
        place = into / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, place)
        place.chmod(0o755 if _is_executable(folder / path) else 0o644)


def _files(folder: Path, prefix: str, visit: Callable[[Path], None]) -> Iterator[str]:
    visit(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if _is_left_over(entry, top=not prefix):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), f"{path}/", visit)
            elif entry.is_file():
                yield path


def _is_left_over(entry: os.DirEntry[str], *, top: bool) -> bool:
    if entry.name in _LEFTOVERS or entry.name.endswith(_LEFT_ENDINGS):
        return True
    if not entry.is_dir(follow_symlinks=False):
        return False
    place = Path(entry.path)
    if (place / "pyvenv.cfg").is_file():
        return True
    return top and entry.name in _OUTPUTS and not (place / "__init__.py").is_file()


def _is_executable(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & 0o100)
