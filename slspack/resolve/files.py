"""The files from which requirements are read: the service's own, and those outside that they name."""

from __future__ import annotations

import errno
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.looks import Looks

if TYPE_CHECKING:
    from slspack.tree import ServiceTree


class ServiceFiles:
    """Files by POSIX paths relative to the service; `..` leads out of it, as in a monorepo's `-r ../common.txt`.

    Unlike what is packaged, what the user names as a requirements file may lie anywhere.
    """

    def __init__(self, tree: ServiceTree, looks: Looks | None = None) -> None:
        self._tree = tree
        self._looks = looks or Looks()

    @property
    def root(self) -> Path:
        """The service's folder."""
        return self._tree.root

    def read(self, path: str) -> bytes | None:
        """A file's content, or None if there is no such file, as behind links that lead in a circle."""
        try:
            return self._looks.read(self._name(path), self.absolute(path))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise

    def is_file(self, path: str) -> bool:
        """Whether there is a file of exactly that name."""
        if path.startswith(("../", "/", "~")):
            self._looks.look(self._name(path), self.absolute(path))
            return self.absolute(path).is_file()
        return self._tree.is_file(path) or self.absolute(path).is_symlink()

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that name. A file's content counts as looked at."""
        self._looks.look(self._name(path), self.absolute(path))
        return self.absolute(path).exists()

    def absolute(self, path: str) -> Path:
        """Where the file is on this machine."""
        return self.root / Path(path).expanduser()

    def _name(self, path: str) -> str:
        return str(self.absolute(path)) if path.startswith("~") else path

    def beside(self, path: str) -> tuple[str, ...]:
        """The files in the same folder, as paths like `path`."""
        folder = posixpath.dirname(path)
        try:
            names = sorted(child.name for child in self.absolute(folder or ".").iterdir() if child.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(posixpath.join(folder, name) for name in names)
