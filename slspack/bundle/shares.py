"""Files that several sources bring: which one is kept, and where there is no keeping both.

Every source (the service itself, each wheel) is laid out in one folder, as `pip install --target` would. Where two want
one name:

- the same content is kept once;
- text and tests at the root (`LICENSE`, `README.md`, `tests/…`), which nothing imports for its own sake, are kept from
  the first source, with a notice;
- the `__init__.py` of a package to which each source adds files of its own is a namespace's (`google/__init__.py`, in
  the styles of pkgutil and pkg_resources): since its text does nothing once all stand in one folder, the service's or
  else the largest is kept, with a notice;
- anything else is an error, where pip would silently keep whichever came last.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

from slspack.bundle.content import content_of
from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import Finding, GeneratedSource, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from slspack.bundle.layouts import Names, WheelLayout
    from slspack.model import ArchivePath, Entry
    from slspack.tree import ServiceTree

_INIT = "/__init__.py"
_LARGEST_NAMESPACE_INIT = 4096
_UNIMPORTED = (
    r"(?:tests?|docs?|examples?|benchmarks?)/.*"
    r"|(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS|CHANGE|README|HISTORY)[^/]*"
    r"|[^/]+\.(?:md|rst|txt)|__init__\.py|conftest\.py|setup\.(?:py|cfg)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One bringer of files: a wheel, or the service itself, which has no layout."""

    title: str
    names: Names
    layout: WheelLayout | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """What each source must leave out, in the order of the sources, and what is to be said about it."""

    without: tuple[tuple[ArchivePath, ...], ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Contest:
    """A name that several sources want: their places among the sources, and size and CRC-32 of what each has."""

    name: ArchivePath
    places: tuple[int, ...]
    contents: tuple[tuple[int, int], ...]

    @property
    def differs(self) -> bool:
        return len(set(self.contents)) > 1

    @property
    def is_module(self) -> bool:
        return not re.fullmatch(_UNIMPORTED, self.name, re.IGNORECASE | re.DOTALL)


def settle(sources: Sequence[Source], own: Mapping[ArchivePath, Entry], tree: ServiceTree) -> Sharing:
    """Decide for every name that several sources want; what cannot be decided is an error among the findings."""
    shared, clashing = _shared(sources)
    every = {name: _contest(name, sources, own, tree) for name in sorted(shared)}
    followers = {name: leader for name, one in every.items() if (leader := _leader(one, sources, every))}
    contests = [contest for name, contest in every.items() if name not in followers]
    disputed = [c.name for c in contests if c.differs and c.is_module and not c.name.endswith(_INIT)]
    without: list[list[ArchivePath]] = [[] for _ in sources]
    settled: dict[tuple[int, ...], list[str]] = defaultdict(list)
    refused: dict[tuple[int, ...], list[str]] = defaultdict(list)
    keepers: dict[ArchivePath, int] = {}
    for contest in contests:
        keeper = _keeper(contest, sources, disputed, shared)
        if keeper is None:
            refused[contest.places].append(contest.name)
            continue
        keepers[contest.name] = keeper
        losers = tuple(place for place in contest.places if place != keeper)
        for place in losers:
            without[place].append(contest.name)
        if contest.differs:
            settled[keeper, *losers].append(contest.name)
    for name, leader in followers.items():
        for place in every[name].places:
            if place != keepers.get(leader, every[name].places[0]):
                without[place].append(name)
    findings = [
        *(_refusal(names, [sources[p] for p in places]) for places, names in refused.items()),
        *(_clash(name, sources) for name in sorted(clashing)),
        *(_notice(names, [sources[p] for p in places]) for places, names in settled.items()),
    ]
    return Sharing(tuple(tuple(sorted(names)) for names in without), tuple(findings))


def only_case_differs(sources: Sequence[Source]) -> Iterator[Finding]:
    """A warning (SLS0606) for names that one file system tells apart and another does not."""
    everything: set[str] = set().union(*(source.names.files for source in sources))
    if len(everything) == len(frozenset[str]().union(*(source.names.folded for source in sources))):
        return
    alike: dict[str, list[str]] = defaultdict(list)
    for name in sorted(everything):
        alike[name.casefold()].append(name)
    for names in alike.values():
        if len(names) > 1:
            yield Finding(
                Code.CASE_COLLISION,
                Severity.WARNING,
                f"{_listed(f'`{name}`' for name in names)} differ only in case",
                hint="Lambda tells them apart; unpacked on macOS or Windows, only one of them would be left",
            )


def _shared(sources: Sequence[Source]) -> tuple[set[ArchivePath], set[str]]:
    """The names that several sources want as a file; those that are a file of one and a folder of another."""
    files: set[ArchivePath] = set()
    folders: set[str] = set()
    shared: set[ArchivePath] = set()
    clashing: set[str] = set()
    for source in sources:
        shared |= source.names.files & files
        files |= source.names.files
        folders |= source.names.folders
        clashing |= (source.names.files & folders) | (source.names.folders & files)
    return shared, clashing


def _contest(
    name: ArchivePath, sources: Sequence[Source], own: Mapping[ArchivePath, Entry], tree: ServiceTree
) -> _Contest:
    places = tuple(place for place, source in enumerate(sources) if name in source.names.files)
    is_made = any((layout := sources[place].layout) and name in layout.made_of for place in places)
    contents = []
    for place in places:
        layout = sources[place].layout
        if layout is None:
            contents.append(_own_content(own[name], tree, is_made=is_made))
        else:
            contents.append((layout.members[name].size, layout.members[name].crc))
    return _Contest(name, places, tuple(contents))


def _own_content(entry: Entry, tree: ServiceTree, *, is_made: bool) -> tuple[int, int]:
    """Of a name that plugins make of a wheel's file, whose size and CRC-32 are known alone, what it is made of, too."""
    if is_made and isinstance(entry.source, GeneratedSource) and entry.source.made_of:
        return entry.source.made_of
    content = content_of(entry, tree)
    return len(content), zlib.crc32(content)


def _leader(
    contest: _Contest, sources: Sequence[Source], contests: Mapping[ArchivePath, _Contest]
) -> ArchivePath | None:
    """What a name that plugins make is made of, where the same sources want that: byte code goes with its source."""
    layouts = [layout for place in contest.places if (layout := sources[place].layout)]
    made_of = {layout.made_of.get(contest.name) for layout in layouts}
    leader = made_of.pop() if len(made_of) == 1 else None
    is_same = leader in contests and contests[leader].places == contest.places if leader else False
    return leader if is_same else None


def _keeper(
    contest: _Contest, sources: Sequence[Source], disputed: Collection[str], shared: Collection[ArchivePath]
) -> int | None:
    """The place of the source whose file is kept; None where keeping either would break the other."""
    if not contest.differs or not contest.is_module:
        return contest.places[0]
    if not contest.name.endswith(_INIT) or not _is_namespace(contest, sources, disputed, shared):
        return None
    if sources[contest.places[0]].layout is None:
        return contest.places[0]
    return max(zip(contest.places, contest.contents, strict=True), key=lambda pair: (pair[1][0], -pair[0]))[0]


def _is_namespace(
    contest: _Contest, sources: Sequence[Source], disputed: Collection[str], shared: Collection[ArchivePath]
) -> bool:
    """Whether a package's `__init__.py` is short, and each source adds files of its own to the package."""
    package = contest.name.removesuffix("__init__.py")
    if any(name.startswith(package) for name in disputed) or max(contest.contents)[0] > _LARGEST_NAMESPACE_INIT:
        return False
    return all(
        any(name.startswith(package) and name not in shared for name in sources[place].names.files)
        for place in contest.places
    )


def _refusal(names: Sequence[str], wanting: Sequence[Source]) -> Finding:
    own = wanting[0].layout is None
    return Finding(
        Code.COLLISION,
        Severity.ERROR,
        f"{_shown(names)} {_verb(names)} from {_listed(source.title for source in wanting)}, with different content",
        hint=(
            f"rename the service's file, or take it out with the pattern `!{names[0]}`"
            if own
            else "list only one of them, or leave the other out of this function with `excludeDistributions`"
        ),
    )


def _clash(name: str, sources: Sequence[Source]) -> Finding:
    file = next(source.title for source in sources if name in source.names.files)
    folder = next(source.title for source in sources if name in source.names.folders)
    return Finding(
        Code.COLLISION,
        Severity.ERROR,
        f"`{name}` is a file of {file} and a folder of {folder}",
        hint="leave one of the two out of this function",
    )


def _notice(names: Sequence[str], places: Sequence[Source]) -> Finding:
    kept, *dropped = places
    others = _listed(source.title for source in dropped)
    return Finding(
        Code.SHARED_FILE,
        Severity.NOTICE,
        f"{_shown(names)} {_verb(names)} from {kept.title}; what {others} would put there is left out",
    )


def _verb(names: Sequence[str]) -> str:
    return "comes" if len(names) == 1 else "come"


def _shown(names: Sequence[str]) -> str:
    more = len(names) - 1
    return f"`{names[0]}`" + (f" and {more} more file{'s' if more > 1 else ''}" if more else "")


def _listed(items: Iterable[str]) -> str:
    *before, last = items
    return f"{', '.join(before)} and {last}" if before else last
