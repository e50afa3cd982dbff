"""What a stage has looked at besides the service's own tree, as it was at the first look."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, digest_file, key_of
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
        """Note a file that somebody else reads, or whose being there matters; or a folder, whose names matter."""
        if name not in self.files:
            self.files[name] = look_outside(place)

    def environment(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        """The same variables; those that somebody looks up from now on, set or not, are noted."""
        return _NotedEnvironment(variables, self.variables)


def look_outside(place: Path) -> OutsideFile:
    """A file as it is now: stamp first, then content, so that a change in between shows the next time."""
    stamp = stamp_of(place)
    try:
        return OutsideFile(stamp, digest_outside(place) if stamp else "")
    except OSError:
        return OutsideFile(stamp, "")


def digest_outside(place: Path) -> str:
    """What a file holds; of a folder the names in it, but for the byte code that running Python leaves there."""
    if not place.is_dir():
        return digest_file(place)
    with os.scandir(place) as entries:
        names = sorted((entry.name, entry.is_dir()) for entry in entries if entry.name != "__pycache__")
    return key_of("names", names)


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
