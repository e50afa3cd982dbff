"""Writing a hashed requirements file, as pip-tools lays it out: `NAME==VERSION`, its hashes, and who wants it."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.origins import ArchiveOrigin, FolderOrigin, parse_origin
from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.frozen import dataclass
from slspack.registry import files_of_version, local_path
from slspack.resolve.own_requirements import heading
from slspack.resolve.pylock_sources import own_source, relative
from slspack.resolve.pylock_writer import marker_for
from slspack.resolve.reach import needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slspack.model import DistName, Lock, LockedDistribution, Target, WheelFacts
    from slspack.registry import IndexFile, PackageIndexClient


@dataclass(frozen=True, slots=True)
class LockedFor:
    """A lock for one target, and what its wheels require."""

    lock: Lock
    facts: Mapping[DistName, WheelFacts]


@dataclass(frozen=True, slots=True)
class RequirementsFile:
    """What a requirements file is called, relative to the service, and what it says of where it comes from."""

    path: str
    command: str
    sources: tuple[str, ...]
    root: Path

    @property
    def folder(self) -> Path:
        """The absolute folder that it is in."""
        return (self.root / posixpath.dirname(self.path)).resolve()


def offered_files(locks: Iterable[Lock], client: PackageIndexClient) -> Mapping[DistName, tuple[IndexFile, ...]]:
    """What the indexes offer of the locked distributions: the hashes of every file are for other platforms' sake.

    What no index has (a wheel by its own address) is left out. Raises SLS0506 and SLS0508 as the client does.
    """
    names = sorted({one.name for lock in locks for one in lock.distributions if not own_source(one)})
    try:
        return client.files_of(names)
    except MachineError:
        raise
    except SlspackError as error:
        if any(finding.code is not Code.NOT_IN_INDEX for finding in error.findings):
            raise
    found = {}
    for name in names:
        try:
            found[name] = client.files(name)
        except MachineError:
            raise
        except SlspackError:
            continue
    return found


def write_requirements(
    locked: Sequence[LockedFor], offered: Mapping[DistName, tuple[IndexFile, ...]], file: RequirementsFile
) -> str:
    """The text of a requirements file that holds the locks of one requirement set for several targets.

    A distribution whose version is not the same on all of them stands there once for each version, with a marker. The
    same locks give the same text. What comes from a repository or a folder has no hash: pip knows none for those.
    """
    ordered = sorted(locked, key=lambda one: (one.lock.target.python, one.lock.target.architecture.value))
    targets = [one.lock.target for one in ordered]
    via = _wanted_by(ordered)
    extras = _extras(ordered)
    parts = [heading(file.command, file.sources, file.path)]
    for name in sorted({one.name for each in ordered for one in each.lock.distributions}):
        by_version: dict[tuple[str, str], list[tuple[Target, LockedDistribution]]] = {}
        for each in ordered:
            for one in each.lock.distributions:
                if one.name == name:
                    by_version.setdefault((one.version, own_source(one)), []).append((each.lock.target, one))
        for _, users in sorted(by_version.items()):
            marker = marker_for([target for target, _ in users], targets)
            line, hashes = _pin([one for _, one in users], extras.get(name, frozenset()), offered.get(name, ()), file)
            lines = [f"{line} ; {marker}" if marker else line, *(f"    --hash=sha256:{one}" for one in sorted(hashes))]
            parts.append(" \\\n".join(lines) + "\n" + "".join(_comment(sorted(via.get(name, ())))))
    return "".join(parts)


def _pin(
    users: Sequence[LockedDistribution], extras: frozenset[str], offered: Sequence[IndexFile], file: RequirementsFile
) -> tuple[str, set[str]]:
    """The line without a marker, and the hashes that it allows."""
    first = users[0]
    start = f"{first.name}[{','.join(sorted(extras))}]" if extras else str(first.name)
    if own_source(first):
        origin = parse_origin(first.wheel.url)
        if isinstance(origin, FolderOrigin):
            place = (file.root / (local_path(origin.path) or Path(origin.path))).resolve()
            inside = f"#subdirectory={origin.subdirectory}" if origin.subdirectory else ""
            return f"./{relative(place, file.folder)}{inside}", set()
        digest = first.built.source_digest if first.built and isinstance(origin, ArchiveOrigin) else None
        return f"{start} @ {origin}", {digest} if digest else set()
    same = files_of_version(tuple(offered), first.version)
    own = {one.wheel.sha256 for one in users if one.built is None}
    own |= {one.built.source_digest for one in users if one.built is not None}
    known = {one.sha256 for one in same if one.sha256 is not None}
    if first.built is None and not same:
        return f"{start} @ {first.wheel.url}", {first.wheel.sha256}
    return f"{start}=={first.version}", own | known


def _wanted_by(locked: Iterable[LockedFor]) -> Mapping[DistName, set[str]]:
    """Who wants each distribution, in pip-tools' words: a file (`-r requirements.in`), or another distribution."""
    found: dict[DistName, set[str]] = {}
    for each in locked:
        pinned = {one.name for one in each.lock.distributions}
        waiting: list[tuple[DistName, str]] = []
        for listed in each.lock.listed:
            place = listed.location.path
            word = f"-r {place}" if place.endswith((".txt", ".in")) else f"({place})"
            found.setdefault(listed.name, set()).add(word)
            waiting += [(listed.name, extra) for extra in ("", *sorted(listed.extras))]
        seen: set[tuple[DistName, str]] = set()
        while waiting:
            step = waiting.pop()
            if step in seen or step[0] not in each.facts:
                continue
            seen.add(step)
            for name, extra in needs(each.facts[step[0]], step[1], each.lock.target):
                if name in pinned:
                    if name != step[0]:
                        found.setdefault(name, set()).add(step[0])
                    waiting.append((name, extra))
    return found


def _extras(locked: Iterable[LockedFor]) -> Mapping[DistName, frozenset[str]]:
    found: dict[DistName, frozenset[str]] = {}
    for each in locked:
        for listed in each.lock.listed:
            found[listed.name] = found.get(listed.name, frozenset()) | listed.extras
    return found


def _comment(wanted_by: Sequence[str]) -> Iterator[str]:
    if len(wanted_by) == 1:
        yield f"    # via {wanted_by[0]}\n"
    elif wanted_by:
        yield "    # via\n"
        yield from (f"    #   {one}\n" for one in wanted_by)
