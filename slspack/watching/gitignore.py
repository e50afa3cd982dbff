"""What git ignores in a folder: gitignore(5), without the user's own `core.excludesFile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_Chain = tuple[tuple[int, GitIgnoreSpec], ...]


class GitIgnore:
    """The `.gitignore` of each folder from the repository's top down, and its `info/exclude`. Each is read once.

    A root that is itself ignored by what stands above it follows only its own files: who watches it means it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._chains: dict[Path, _Chain] = {}
        self._folders: dict[Path, bool] = {root: False}
        self.git_folder, self._top = _repository(root)
        if self._top != root and any(self._says(above, folder=True) for above in (root, *self._above(root))):
            self._top = root
            self._chains.clear()

    def ignores(self, path: Path, *, folder: bool) -> bool:
        """Whether git ignores a path below the root: itself, or a folder on the way to it."""
        return self._ignores_folder(path.parent) or self._says(path, folder=folder)

    def _ignores_folder(self, folder: Path) -> bool:
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self.ignores(folder, folder=True)
        return known

    def _above(self, path: Path) -> list[Path]:
        return [parent for parent in path.parents if parent != self._top and parent.is_relative_to(self._top)]

    def _says(self, path: Path, *, folder: bool) -> bool:
        """What the patterns say of this path alone: of the innermost file that has one, the last that matches."""
        text = f"{path.as_posix()}/" if folder else path.as_posix()
        for start, spec in self._chain(path.parent):
            include = spec.check_file(text[start:]).include
            if include is not None:
                return include
        return False

    def _chain(self, folder: Path) -> _Chain:
        """The patterns that hold for what is in a folder, innermost first, each with where its relative paths start."""
        known = self._chains.get(folder)
        if known is None:
            outer = () if folder == self._top else self._chain(folder.parent)
            lines = _lines(folder / ".gitignore")
            if folder == self._top and self.git_folder is not None:
                lines = [*_lines(self.git_folder / "info" / "exclude"), *lines]
            spec = read_patterns(lines)
            own = ((len(folder.as_posix().rstrip("/")) + 1, spec),) if len(spec) else ()
            known = self._chains[folder] = (*own, *outer)
        return known


def read_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Patterns as gitignore(5) has them; a line that is none is passed over, as git does."""
    return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _repository(root: Path) -> tuple[Path | None, Path]:
    """The folder of git's own files (of a worktree: its own) and the repository's top; without one, the root."""
    for folder in (root, *root.parents):
        entry = folder / ".git"
        if entry.is_dir():
            return entry, folder
        if entry.is_file():
            words = next(iter(_lines(entry)), "").split(":", 1)
            return (folder / words[1].strip() if len(words) == 2 else None), folder
    return None, root


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
