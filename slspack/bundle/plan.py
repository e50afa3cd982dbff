"""The plan of an artifact: which files it will hold, and the fingerprint of its bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.collect import OwnFile, collect
from slspack.bundle.content import digest_of
from slspack.bundle.layouts import Names, layout_of
from slspack.bundle.nesting import archive_size, nested_entries, wrapping
from slspack.bundle.renewal import fingerprint, unzipped_size
from slspack.bundle.shares import Source, only_case_differs, settle
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import (
    ArchivePath,
    DistributionPatterns,
    Entry,
    Finding,
    KeptSource,
    Location,
    LockedDistribution,
    ModuleName,
    Plan,
    Prune,
    Selections,
    Severity,
    WheelPart,
)
from slspack.wheels.selecting import names_pruned_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slspack.bundle.layouts import WheelLayout
    from slspack.bundle.nesting import Wrapping
    from slspack.bundle.plugged import Plugged
    from slspack.model import (
        Closure,
        DistName,
        ExternalImport,
        Function,
        ModuleGraph,
        Selection,
        Service,
        Target,
        WheelFacts,
    )
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into one artifact, before it is settled who brings which file."""

    name: str
    functions: tuple[str, ...]
    target: Target | None
    own: tuple[OwnFile, ...]
    kept: tuple[LockedDistribution, ...]
    left_out: tuple[LockedDistribution, ...]
    selections: Selections
    findings: tuple[Finding, ...]
    nesting: Wrapping | None = None
    """Where distributions are to be nested: the handlers that are to unpack them."""


def plan_function(
    function: Function,
    graph: ModuleGraph,
    closure: Closure,
    tree: ServiceTree,
    facts: Mapping[DistName, WheelFacts],
    plugged: Plugged | None = None,
) -> Plan:
    """Plan the artifact of one function. `facts` holds at least those of the closure's wheels.

    Raises SLS0601 for files that two sources want and that differ, SLS0602 for a pattern that names a symbolic link out
    of the service, SLS0604 for a file that is gone, SLS0609 for a name that is not UTF-8.
    """
    collected = collect(function, graph, tree)
    content = Content(
        function.name,
        (function.name,),
        function.target,
        collected.files,
        tuple(member.distribution for member in closure.members),
        tuple(left.distribution for left in closure.left_out),
        selections_of(function, graph, facts),
        collected.findings,
        wrapping([function], {function.name: graph}) if function.zipped and closure.members else None,
    )
    plan = plan_content(content, tree, facts, plugged)
    return replace(plan, findings=tuple(replace(finding, function=function.name) for finding in plan.findings))


def plan_service(
    service: Service,
    functions: Sequence[Function],
    graphs: Mapping[str, ModuleGraph],
    closures: Mapping[str, Closure],
    tree: ServiceTree,
    facts: Mapping[DistName, WheelFacts],
    plugged: Plugged | None = None,
) -> Plan:
    """Plan one artifact for several functions of one target: all that each would have got by itself.

    `graphs` and `closures` are by the functions' names. Raises what `plan_function` raises; SLS0601 too where two
    functions want different versions of a distribution.
    """
    own: dict[tuple[str, ArchivePath], OwnFile] = {}
    kept: dict[DistName, LockedDistribution] = {}
    findings: list[Finding] = []
    for function in functions:
        collected = collect(function, graphs[function.name], tree)
        findings += collected.findings
        for file in collected.files:
            own.setdefault((file.path, file.archive), file)
        for member in closures[function.name].members:
            other = kept.setdefault(member.distribution.name, member.distribution)
            if other != member.distribution:
                findings.append(_two_versions(other, member.distribution, function))
    nested = kept and all(function.zipped for function in functions)
    left_out = {left.distribution.name: left.distribution for c in closures.values() for left in c.left_out}
    content = Content(
        service.name,
        tuple(function.name for function in functions),
        functions[0].target,
        tuple(own.values()),
        tuple(sorted(kept.values(), key=lambda distribution: distribution.name)),
        tuple(distribution for name, distribution in sorted(left_out.items()) if name not in kept),
        agreed([selections_of(function, graphs[function.name], facts) for function in functions]),
        tuple(findings),
        wrapping(functions, graphs) if nested else None,
    )
    return plan_content(content, tree, facts, plugged)


@dataclass(frozen=True, slots=True)
class _Wheel:
    """A wheel as it goes into one artifact, before it is settled what others bring too."""

    distribution: LockedDistribution
    layout: WheelLayout
    selection: Selection
    pruned: frozenset[ArchivePath] = frozenset()
    transform: str = ""

    def source(self) -> Source:
        names = self.layout.names if not self.pruned else Names.of(self.layout.members.keys() - self.pruned)
        return Source(_title(self.distribution), names, self.layout)

    def part(self, shared: tuple[ArchivePath, ...]) -> WheelPart:
        members = self.layout.members
        without = shared if not self.pruned else tuple(sorted({*shared, *self.pruned}))
        left = self.layout.bytes - sum(members[name].size for name in without)
        files = len(members) - len(without)
        return WheelPart(self.distribution, files, max(left, 0), without, self.selection, self.transform)


def _wheel(
    distribution: LockedDistribution, facts: WheelFacts, selection: Selection, plugged: Plugged | None
) -> _Wheel:
    layout = layout_of(facts, selection)
    if plugged is None:
        return _Wheel(distribution, layout, selection)
    transforms = plugged.transforms(distribution)
    layout = transforms.layout(layout)
    return _Wheel(distribution, layout, selection, plugged.pruned(distribution, layout), transforms.key)


def plan_content(
    content: Content, tree: ServiceTree, facts: Mapping[DistName, WheelFacts], plugged: Plugged | None = None
) -> Plan:
    """The plan of an artifact. Raises SlspackError with every error among what is found."""
    own, findings = _one_of_each(content.own, tree)
    entries = tuple(_entry(file, tree) for file in own.values())
    handlers: tuple[tuple[str, str], ...] = ()
    if plugged is not None and content.functions:
        wrapped = plugged.entries(entries)
        handlers = wrapped.handlers
        entries, more = _distinct(wrapped.entries)
        findings += more
    settling = [_wheel(d, facts[d.name], content.selections.of(d.name), plugged) for d in content.kept]
    named = {entry.name: entry for entry in entries}
    sources = [Source("the service itself", Names.of(named)), *(wheel.source() for wheel in settling)]
    sharing = settle(sources, named, tree)
    nesting = content.nesting
    findings = [*content.findings, *findings, *sharing.findings, *(nesting.findings if nesting else ())]
    findings += plugged.findings if plugged else ()
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise SlspackError(replace(e, function=content.name) if e.function is None else e for e in errors)
    wheels = tuple(wheel.part(without) for wheel, without in zip(settling, sharing.without[1:], strict=True))
    nested: tuple[WheelPart, ...] = ()
    archive_bytes = 0
    if nesting:
        archive_bytes = archive_size(wheels, [wheel.layout for wheel in settling])
        entries, wheels, nested = tuple(nested_entries(entries, wheels, nesting.handlers)), (), wheels
    excluded_files, excluded_bytes = _excluded(content, facts)
    pruned = [wheel.layout.members[name].size for wheel in settling for name in wheel.pruned]
    finishing = plugged.finishing if plugged else ""
    return Plan(
        content.name,
        content.functions,
        content.target,
        entries,
        wheels,
        fingerprint(entries, wheels, nested, finishing),
        unzipped_size(entries, wheels) + archive_bytes,
        excluded_files + len(pruned),
        excluded_bytes + sum(pruned),
        (*findings, *only_case_differs(sources)),
        plugged.made_of if plugged else (),
        handlers,
        finishing,
        nested,
    )


def own_entries(function: Function, graph: ModuleGraph, tree: ServiceTree) -> tuple[Entry, ...]:
    """The service's files that a function's artifact holds, before plugins have their say."""
    files, _ = _one_of_each(collect(function, graph, tree).files, tree)
    return tuple(_entry(file, tree) for file in files.values())


def selections_of(function: Function, graph: ModuleGraph, facts: Mapping[DistName, WheelFacts]) -> Selections:
    """The function's selections; nothing is pruned of a distribution whose tests it imports itself."""
    imported = {name for one in graph.external for name in (one.module, *_taken(one))}
    importing = [name for name, known in facts.items() if names_pruned_module(imported, known)]
    if not importing or function.selections.prune is Prune.OFF:
        return function.selections
    patterns = {each.name: each for each in function.selections.patterns}
    for name in importing:
        given = patterns.get(name, DistributionPatterns(name, ()))
        patterns[name] = replace(given, globs=("**", *given.globs))
    return replace(function.selections, patterns=tuple(patterns[name] for name in sorted(patterns)))


def agreed(selections: Sequence[Selections]) -> Selections:
    """What functions of one artifact take: what they agree on, else everything."""
    first = selections[0]
    if all(each == first for each in selections):
        return first
    return Selections(Prune.OFF, (), first.everywhere, first.strip)  # of the service, so that they agree in these


def _taken(imported: ExternalImport) -> Iterator[ModuleName]:
    return (ModuleName(f"{imported.module}.{name}") for name in imported.names)


def with_extra_files(plan: Plan, extra: Sequence[Entry], facts: Mapping[DistName, WheelFacts]) -> Plan:
    """A plan with these files, whichever it had before. Raises SLS0601 where something else has the name of one."""
    own = {entry.name: entry for entry in plan.entries if not isinstance(entry.source, KeptSource)}
    if len(own) == len(plan.entries) and not extra:
        return plan
    others: dict[ArchivePath, str] = dict.fromkeys(own, "the service itself")
    for part in plan.wheels:
        layout = layout_of(facts[part.distribution.name], part.selection)
        others |= {one.name: _title(part.distribution) for one in extra if one.name in layout.members}
    bad = [_taken_name(one, others[one.name], plan) for one in extra if one.name in others]
    if bad:
        raise SlspackError(bad)
    own |= {entry.name: entry for entry in extra}
    entries = tuple(own[name] for name in sorted(own, key=str.encode))
    size = unzipped_size(entries, plan.wheels)
    return replace(
        plan,
        entries=entries,
        fingerprint=fingerprint(entries, plan.wheels, plan.nested, plan.finishing),
        unzipped_bytes=size,
    )


def _taken_name(extra: Entry, by: str, plan: Plan) -> Finding:
    origin = extra.source.origin if isinstance(extra.source, KeptSource) else extra.name
    message = f"the image's `{origin}` and a file of {by} would both be `{extra.name}` in the artifact"
    hint = "take one of them out: of `docker.extraFiles`, or by a pattern"
    return Finding(Code.COLLISION, Severity.ERROR, message, None, hint, plan.functions[0])


def _one_of_each(files: Iterable[OwnFile], tree: ServiceTree) -> tuple[dict[ArchivePath, OwnFile], list[Finding]]:
    """The service's files by their archive names, sorted by their bytes, and where two files want one name."""
    wanting: dict[ArchivePath, list[OwnFile]] = defaultdict(list)
    findings: list[Finding] = []
    for file in files:
        if _is_utf8(file.archive):
            wanting[file.archive].append(file)
        else:
            findings.append(_unusable(file))
    for name, alike in wanting.items():
        if len({tree.source(file.path).sha256 for file in alike if len(alike) > 1}) > 1:
            findings.append(_own_collision(name, alike))
    return {name: wanting[name][0] for name in sorted(wanting, key=str.encode)}, findings


def _distinct(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], list[Finding]]:
    """The entries that plugins leave, each name once, and where two of them want one name."""
    found: dict[ArchivePath, Entry] = {}
    findings: list[Finding] = []
    for entry in entries:
        other = found.setdefault(entry.name, entry)
        if digest_of(other) != digest_of(entry):
            message = f"plugins give `{entry.name}` twice, with different content"
            findings.append(Finding(Code.COLLISION, Severity.ERROR, message, hint="give one of them another name"))
    return tuple(found[name] for name in sorted(found, key=str.encode)), findings


def _is_utf8(name: str) -> bool:
    """Whether a name can be encoded; Python reads other bytes of a file's name as lone surrogates (PEP 383)."""
    return not any("\udc80" <= char <= "\udcff" for char in name)


def _entry(file: OwnFile, tree: ServiceTree) -> Entry:
    return Entry(file.archive, tree.is_executable(file.path), tree.source(file.path), file.reason)


def _excluded(content: Content, facts: Mapping[DistName, WheelFacts]) -> tuple[int, int]:
    """Files and bytes of the lock's wheels that no source brings, as far as their file lists are known."""
    files = size = 0
    for distribution in content.kept + content.left_out:
        known = facts.get(distribution.name)
        if known is not None and known.sha256 == distribution.wheel.sha256:
            files += len(known.members)
            size += sum(member.size for member in known.members)
    for distribution in content.kept:
        layout = layout_of(facts[distribution.name], content.selections.of(distribution.name))
        files -= len(layout.members)
        size -= layout.bytes
    return files, size


def _title(distribution: LockedDistribution) -> str:
    return f"`{distribution.name}` {distribution.version}"


def _own_collision(name: str, files: Sequence[OwnFile]) -> Finding:
    paths = " and ".join(f"`{file.path}`" for file in files)
    return Finding(
        Code.COLLISION,
        Severity.ERROR,
        f"{paths} differ and would both be `{name}` in the artifact",
        Location(files[0].path),
        f"take one of them out with a pattern (`!{files[-1].path}`), or rename it",
    )


def _unusable(file: OwnFile) -> Finding:
    shown = file.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Finding(
        Code.UNUSABLE_NAME,
        Severity.ERROR,
        f"the name of `{shown}` is not UTF-8, as names in an artifact must be",
        hint="rename the file, or take it out with a pattern",
    )


def _two_versions(one: LockedDistribution, other: LockedDistribution, function: Function) -> Finding:
    return Finding(
        Code.COLLISION,
        Severity.ERROR,
        f"`{function.name}` needs {_title(other)}, another function of the same artifact {_title(one)}",
        function.location,
        "package the functions individually, or give them the same requirements",
        function.name,
    )
