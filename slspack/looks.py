"""What a stage has looked at besides the service's own tree, as it was at the first look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, digest_file
from slspack.stamps import OutsideFile, stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.stamps import SeenFolder


class Looks:
    """Files by the names that they were asked for with, folders of the service, and variables of the environment.

    A file is stamped before it is read, and the first look counts: whatever changes while a build runs is a change
    to the next one.
    """

    def __init__(self) -> None:
        self.files: dict[str, OutsideFile] = {}
        self.folders: dict[str, SeenFolder] = {}
        self.variables: set[str] = set()

    def read(self, name: str, place: Path) -> bytes:
        """A file's content. Raises OSError, as reading it does."""
        stamp = stamp_of(place)
        try:
            content = place.read_bytes()
        except OSError:
            self.files.setdefault(name, OutsideFile(stamp, ""))
            raise
        self.files.setdefault(name, OutsideFile(stamp, digest_bytes(content)))
        return content

    def look(self, name: str, place: Path) -> None:
        """Note a file that somebody else reads, or whose being there matters."""
        if name not in self.files:
            self.files[name] = look_outside(place)

    def environment(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        """The same variables; those that somebody looks up from now on, set or not, are noted."""
        return _NotedEnvironment(variables, self.variables)


def look_outside(place: Path) -> OutsideFile:
    """A file as it is now: stamp first, then content, so that a change in between shows the next time."""
    stamp = stamp_of(place)
    try:
        return OutsideFile(stamp, digest_file(place) if stamp else "")
    except OSError:
        return OutsideFile(stamp, "")


class _NotedEnvironment(Mapping[str, str]):
    def __init__(self, variables: Mapping[str, str], asked: set[str]) -> None:
        self._variables = variables
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        self._asked.add(name)
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self._asked.add(name)
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
