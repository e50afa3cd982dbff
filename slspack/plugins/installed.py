"""The plugins that are installed, found by reading folders of `sys.path`, without `importlib.metadata`.

That one takes longer to import than a build with nothing to do; and here the next build only has to compare stamps.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from slspack.frozen import dataclass
from slspack.stamps import Stamp, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GROUP = "slspack.plugins"
"""The group of entry points."""
_STANDARD_LIBRARY = str(Path(os.__file__).parent)
_INFO = (".dist-info", ".egg-info")


class InstalledPlugin(NamedTuple):
    """An entry point of `slspack.plugins`, and the distribution that has it."""

    name: str
    value: str
    """`package.module` or `package.module:attribute`."""
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class Census:
    """The installed plugins, as found while the folders had these stamps."""

    folders: Mapping[str, Stamp | None]
    plugins: tuple[InstalledPlugin, ...] = ()

    def holds(self, now: int, folders: Iterable[str] | None = None) -> bool:
        """Whether nothing can have been installed since: the folders are the same, and as they were.

        `now` is when they were looked at, in nanoseconds since the epoch.
        """
        places = plugin_folders() if folders is None else folders
        stamps = {place: stamp_of(place) for place in places}
        return stamps == self.folders and all(stamp is None or stamp.is_settled(now) for stamp in stamps.values())


def plugin_folders() -> tuple[str, ...]:
    """The folders of `sys.path` in which distributions may be installed."""
    places = dict.fromkeys(os.path.abspath(place) for place in sys.path if not place.endswith(".zip"))  # noqa: PTH100 (hot)
    return tuple(place for place in places if not _is_standard(place))


def take_census(folders: Iterable[str] | None = None) -> Census:
    """Look into every folder. Of two distributions of one name the first in `sys.path` counts, as in Python."""
    places = plugin_folders() if folders is None else tuple(folders)
    stamps = {place: stamp_of(place) for place in places}
    found: list[InstalledPlugin] = []
    seen: set[str] = set()
    for place in places:
        for name, version, text in _entry_points(place):
            if name not in seen:
                seen.add(name)
                found += (InstalledPlugin(*point, name, version) for point in _points(text))
    return Census(stamps, tuple(sorted(found)))


def _is_standard(place: str) -> bool:
    return place == _STANDARD_LIBRARY or place == os.path.join(_STANDARD_LIBRARY, "lib-dynload")  # noqa: PTH118 (hot)


def _entry_points(place: str) -> Iterator[tuple[str, str, str]]:
    """Name, version and `entry_points.txt` of each distribution in a folder, sorted."""
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(_INFO))  # noqa: PTH208 (names are enough)
    except OSError:
        return
    for name in names:
        try:
            text = Path(place, name, "entry_points.txt").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        distribution, _, version = name.rpartition(".")[0].partition("-")
        yield distribution.replace("_", "-").lower(), version.partition("-")[0], text


def _points(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of the group in an `entry_points.txt` (the entry points specification: an INI file)."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()
