"""Which changed paths start a build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.watch.folders import folders_above
from slspack.watch.gitignore import GitIgnore, read_patterns
from slspack.watch.ignored import ignored_file, ignored_folder

if TYPE_CHECKING:
    from slspack.watch.rebuilder import WatchedInputs


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
        self._real_folders: dict[Path, Path] = {}
        self.git = GitIgnore(inputs.root)

    def fires(self, path: Path, *, folder: bool = False) -> bool:
        """Whether a change of this file (or folder) starts a build."""
        if self._is_output(path):
            return False
        if path in self._files or path in self._above:
            return True
        if not path.is_relative_to(self._root) or path == self._root:
            return False
        parts = path.relative_to(self._root).parts
        folders = parts if folder else parts[:-1]
        if any(ignored_folder(name) for name in folders) or (not folder and ignored_file(parts[-1])):
            return False
        relative = "/".join(parts) + ("/" if folder else "")
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
        relative = folder.relative_to(self._root)
        if self._is_output(folder) or any(map(ignored_folder, relative.parts)):
            return True
        return self._ignore.match_file(f"{relative.as_posix()}/")

    def _is_output(self, path: Path) -> bool:
        if not self._outputs.isdisjoint((path, *path.parents)):
            return True
        real = self._real_folders.get(path.parent)
        if real is None:
            real = self._real_folders[path.parent] = _real(path.parent)
        return not self._outputs.isdisjoint((real / path.name, real, *real.parents))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
