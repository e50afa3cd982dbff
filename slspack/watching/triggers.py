"""Which changed paths start a build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.watching.folders import folders_above
from slspack.watching.gitignore import GitIgnore, read_patterns
from slspack.watching.ignored import ignored_file, ignored_folder

if TYPE_CHECKING:
    from slspack.watching.rebuilder import WatchedInputs


class Triggers:
    """Decides, in this order: slspack's own output never; what a build has read always; caches and the like never;
    what `watch.ignore` names not; what `watch.patterns` names; what git ignores not; all else below the root.
    """

    def __init__(self, inputs: WatchedInputs) -> None:
        self._root = inputs.root
        self._files = inputs.files
        self._outputs = {place for output in inputs.outputs for place in (output, _real(output))}
        self._above = folders_above(inputs.files, inputs.root)
        self._ignore = read_patterns(inputs.settings.ignore)
        self._patterns = read_patterns(inputs.settings.patterns)
        self._folders: dict[Path, _Folder] = {}
        self._start = len(inputs.root.as_posix().rstrip("/")) + 1
        self.git = GitIgnore(inputs.root)

    def fires(self, path: Path, *, folder: bool = False) -> bool:
        """Whether a change of this file (or folder) starts a build."""
        around = self._folder(path.parent)
        if around.is_output or path in self._outputs or around.real / path.name in self._outputs:
            return False
        if path in self._files or path in self._above:
            return True
        if path.parent in self._files:  # a folder in which names were looked at, perhaps outside of the service
            return not (ignored_folder(path.name) if folder else ignored_file(path.name))
        if around.is_beyond or (ignored_folder(path.name) if folder else ignored_file(path.name)):
            return False
        relative = path.as_posix()[self._start :] + ("/" if folder else "")
        if self._ignore.match_file(relative):
            return False
        return self._patterns.match_file(relative) or not self.git.ignores(path, folder=folder)

    def enters(self, folder: Path) -> bool:
        """Whether anything below a folder of the service may start a build.

        Where there are `watch.patterns`, they may reach into whatever git ignores.
        """
        if self.fires(folder, folder=True):
            return True
        return bool(len(self._patterns)) and self.git.ignores(folder, folder=True) and not self._never(folder)

    def leads_to_file(self, folder: Path) -> bool:
        """Whether a file that counts wherever it is is reached by this folder."""
        return folder in self._above

    def _never(self, folder: Path) -> bool:
        own = self._folder(folder)
        return own.is_output or own.is_beyond or self._ignore.match_file(f"{folder.as_posix()[self._start :]}/")

    def _folder(self, folder: Path) -> _Folder:
        known = self._folders.get(folder)
        if known is None:
            real = _real(folder)
            inside = folder.is_relative_to(self._root)
            known = self._folders[folder] = _Folder(
                real,
                is_output=not self._outputs.isdisjoint((folder, *folder.parents, real, *real.parents)),
                is_beyond=not inside or any(map(ignored_folder, folder.relative_to(self._root).parts)),
            )
        return known


@dataclass(frozen=True, slots=True)
class _Folder:
    """What holds for everything in a folder."""

    real: Path
    is_output: bool
    is_beyond: bool
    """Whether it is outside the root, or below a folder that is never watched."""


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
