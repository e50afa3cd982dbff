"""The names that a source of files brings into an artifact, ready to be compared with another's."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.wheels.selecting import selected_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import ArchivePath, Digest, Selection, WheelFacts, WheelMember


@dataclass(frozen=True, slots=True)
class Names:
    """Names of files, the folders that they stand in, and the names as a file system that ignores case sees them."""

    files: frozenset[ArchivePath]
    folders: frozenset[str]
    folded: frozenset[str]

    @classmethod
    def of(cls, files: Iterable[ArchivePath]) -> Names:
        """The names of files, by their archive names."""
        names = frozenset(files)
        return cls(names, _folders(names), frozenset(name.casefold() for name in names))


@dataclass(frozen=True, slots=True)
class WheelLayout:
    """The files of a wheel as they go into an artifact."""

    names: Names
    members: Mapping[ArchivePath, WheelMember]
    bytes: int
    made_of: Mapping[ArchivePath, ArchivePath] = field(default_factory=dict)
    """What a transform may make of a file under another name: that name, with the file's."""


_known: dict[tuple[Digest, Selection], tuple[WheelFacts, WheelLayout]] = {}


def layout_of(facts: WheelFacts, selection: Selection) -> WheelLayout:
    """Lay a wheel out. The layout is kept, since the functions of a service share most of their wheels."""
    known = _known.get((facts.sha256, selection))
    if known is None or known[0] is not facts:
        members = {file.archive: file.member for file in selected_files(facts, selection)}
        layout = WheelLayout(Names.of(members), members, sum(member.size for member in members.values()))
        known = _known[facts.sha256, selection] = (facts, layout)
    return known[1]


def _folders(names: Iterable[str]) -> frozenset[str]:
    folders: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(folders)
