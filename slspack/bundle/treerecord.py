"""What was written into the folder of an artifact: kept beside that folder, so that an update touches what changed.

The record of `OUT/NAME/` is `OUT/.NAME.tree/`: `record.json`, and a file in `parts/` for each wheel, which is read only
when its files have to be looked at. New files are made in there, too: it is on the same file system as the tree.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from slspack.bundle.output import beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA = 1


class Written(NamedTuple):
    """A file of the tree: what identifies its content and mode, and how `stat` saw it after it was written."""

    identity: str
    size: int
    mtime_ns: int


Files = dict[str, Written]


@dataclass(slots=True)
class TreeRecord:
    """The state of a tree after the last update. Names are relative to it, with `/`; it is itself the folder ``."""

    place: Path
    """The folder of the record."""
    fingerprint: str = ""
    second: int = 0
    """The modification time, in whole seconds, of the files that the last update wrote."""
    folders: dict[str, int] = field(default_factory=dict)
    """The modification time of each folder, in nanoseconds."""
    own: Files = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    """The wheels' parts: the key of each, and the distribution's name."""
    _known: dict[str, Files] = field(default_factory=dict)

    @classmethod
    def read(cls, place: Path) -> TreeRecord:
        """The record in a folder; an empty one where there is none that can be used."""
        try:
            data = json.loads((place / "record.json").read_bytes())
            if data["schema"] != SCHEMA:
                return cls(place)
            if not all((place / "parts" / f"{key}.json").is_file() for key in data["parts"]):
                return cls(place)
            own = {name: Written(*values) for name, values in data["own"].items()}
            return cls(place, data["fingerprint"], data["second"], data["folders"], own, data["parts"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(place)

    def part(self, key: str) -> Files:
        """The files of one wheel's part. Raises OSError or ValueError if that part of the record is gone or broken."""
        known = self._known.get(key)
        if known is None:
            data = json.loads((self.place / "parts" / f"{key}.json").read_bytes())
            known = self._known[key] = {name: Written(*values) for name, values in data.items()}
        return known

    def files(self) -> Iterator[tuple[str, Written]]:
        """Every file of the tree. Raises as `part` does."""
        yield from self.own.items()
        for key in self.parts:
            yield from self.part(key).items()

    def add_part(self, key: str, name: str, files: Files) -> None:
        """Note a wheel's part; its file is written at once, and counts from the next `write` on."""
        self.parts[key] = name
        self._known[key] = files
        _write(self.place / "parts" / f"{key}.json", files)

    def write(self) -> None:
        """Put the record in its place, and drop the parts that it no longer has."""
        data = {
            "schema": SCHEMA,
            "fingerprint": self.fingerprint,
            "second": self.second,
            "folders": self.folders,
            "own": self.own,
            "parts": self.parts,
        }
        _write(self.place / "record.json", data)
        parts = self.place / "parts"
        if parts.is_dir():
            for path in parts.iterdir():
                if path.stem not in self.parts:
                    path.unlink(missing_ok=True)


def _write(path: Path, data: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    try:
        temporary.write_text(json.dumps(data, separators=(",", ":")), "utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
