"""The files that a plugin reads: whatever it looks at through this is looked at again before the next build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import ArchivePath, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from slspack.looks import Looks
    from slspack.model import DistName, Finding, LockedDistribution, ModuleName
    from slspack.trace.wheelimports import WheelImports
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class PluginWheels:
    """The wheels of an artifact's locks: `fetch` brings one to this machine, `imports` knows what they import."""

    fetch: Callable[[LockedDistribution], Path]
    imports: Callable[[], WheelImports]


class OwnFiles:
    """The service's own files, by POSIX paths relative to it, and what else a plugin may look at.

    A plugin that opens files by itself goes unnoticed: a build after a change of such a file would not call it again.
    """

    def __init__(self, tree: ServiceTree, looks: Looks, environment: Mapping[str, str]) -> None:
        self.read_paths: set[str] = set()
        """The files of the service that were read."""
        self._tree = tree
        self._looks = looks
        self._environment = looks.environment(environment)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of the environment; those that are looked up are noted."""
        return self._environment

    def children(self, folder: str) -> Mapping[str, bool]:
        """The names in a folder, sorted, each with whether it is a folder itself."""
        return self._tree.children(folder)

    def is_file(self, path: str) -> bool:
        """Whether there is a file of exactly that name."""
        return self._tree.is_file(path)

    def read(self, path: str) -> bytes:
        """A file's content. Raises SLS0602 where a link leads out of the service, SLS0604 where there is none."""
        self.read_paths.add(path)
        self._tree.source(path)
        return self._tree.read(path)

    def read_outside(self, path: str) -> bytes:
        """A file by its absolute path, or relative to the service. Raises OSError, as reading it does."""
        return self._looks.read(path, self._tree.root / path)

    def look_outside(self, path: str) -> None:
        """Note a file that somebody else reads, or a folder whose names matter, by its absolute path."""
        self._looks.look(path, self._tree.root / path)


class PluginFiles(OwnFiles):
    """The same, and the wheels of an artifact's locks."""

    def __init__(self, tree: ServiceTree, looks: Looks, environment: Mapping[str, str], wheels: PluginWheels) -> None:
        super().__init__(tree, looks, environment)
        self.findings: list[Finding] = []
        """What plugins said of the artifact."""
        self._wheels = wheels

    def entry(self, path: str, archive: str | None = None, reason: str = "") -> Entry:
        """A file of the service as an entry, under its own path or under another name in the artifact."""
        return Entry(ArchivePath(archive or path), self._tree.is_executable(path), self._tree.source(path), reason)

    def wheel(self, distribution: LockedDistribution) -> Path:
        """The file of a wheel on this machine, not to be changed. It is fetched if it is not there yet."""
        return self._wheels.fetch(distribution)

    def importing(
        self, distributions: Sequence[LockedDistribution], modules: Sequence[ModuleName]
    ) -> tuple[LockedDistribution, ...]:
        """Those whose sources import one of the modules, which are not their own; wheels are read once for it."""
        found: Mapping[DistName, object] = self._wheels.imports().naming(distributions, modules)
        return tuple(one for one in distributions if one.name in found)

    def say(self, finding: Finding) -> None:
        """Have something said of the artifact: in this build, and in those that find everything as it is now."""
        self.findings.append(finding)
