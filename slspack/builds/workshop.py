"""From sources to wheels in the store: each built once, by the first builder that can, several at a time."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.builder import BuildTask, StoppedError
from slspack.builds.failure import build_failed
from slspack.builds.firstparty import read_first_party
from slspack.builds.normalised import normalise
from slspack.builds.origins import ArchiveOrigin, parse_origin
from slspack.builds.project import read_project
from slspack.builds.record import TRACED, BuildRecord, find_record, keep_record
from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.frozen import dataclass
from slspack.keys import digest_file
from slspack.model import BuilderChoice, Finding, LockedDistribution, Provenance, Severity, WheelFile, dist_name
from slspack.store import Kind
from slspack.targets import tag_ranks
from slspack.wheels.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from packaging.tags import Tag

    from slspack.builds.builder import Builder, BuiltWheel, RequirementWheels
    from slspack.builds.lineup import Builders
    from slspack.builds.origins import SourceOrigin
    from slspack.builds.sources import Source, Sources, UnpackedSource
    from slspack.model import BuildSettings, DistName, Location, Target
    from slspack.store import Store

_AT_A_TIME = 4
_OF_PLUGINS = (Code.PLUGIN_FAILED, Code.PLUGIN_ANSWER)
"""What is wrong with a builder of a plugin's, and not with what it builds."""
_PATIENCE = 0.1
"""Seconds between two looks of the waiting thread, which alone is told of Ctrl-C."""
_LAST_WORD = 15
"""Seconds for what builds to end its processes and containers; what waits for the network may take longer."""


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """A wheel that somebody needs."""

    origin: SourceOrigin
    target: Target
    name: DistName | None = None
    """None where only the source tells."""
    version: str | None = None
    at: Location | None = None
    """Where the user asked for it."""
    traced: bool = False
    """Whether its modules are taken as first-party source: then the wheel is of its metadata alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """A wheel that was built, now or before, and what is to be said of it."""

    distribution: LockedDistribution
    findings: tuple[Finding, ...] = ()


class Workshop:
    """Fills orders. What was built of the same source by the same builder is taken from the store."""

    def __init__(
        self,
        settings: BuildSettings,
        sources: Sources,
        builders: Builders,
        store: Store,
        requirements: RequirementWheels,
        logs: Path,
        say: Callable[[str], None],
        stop: Event,
    ) -> None:
        self._settings, self._sources, self._builders, self._store = settings, sources, builders, store
        self._requirements, self._logs, self._say, self._stop = requirements, logs, say, stop

    def choice_for(self, name: DistName) -> BuilderChoice:
        """Who is to build a distribution."""
        return self._settings.choice_for(name)

    def make(self, orders: Sequence[BuildOrder]) -> tuple[Made, ...]:
        """A wheel for each order, in their order; several are built at a time.

        Raises SlspackError with all that failed (SLS051x), MachineError where this machine lacks something.
        Interrupted, it leaves no process, no container and nothing half-written.
        """
        if not orders:
            return ()
        pool = ThreadPoolExecutor(min(_AT_A_TIME, len(orders)), "build")
        tasks = [pool.submit(self._make, order) for order in orders]
        try:
            while wait(tasks, timeout=_PATIENCE).not_done:
                pass
        except BaseException:
            self._stop.set()
            wait(tasks, timeout=_LAST_WORD)
            raise
        finally:
            pool.shutdown(wait=not self._stop.is_set(), cancel_futures=True)
        errors = [error for task in tasks if (error := task.exception()) is not None]
        failures = [error for error in errors if isinstance(error, SlspackError)]
        if failures and len(failures) == len(errors):
            raise type(failures[0])(dict.fromkeys(finding for error in failures for finding in error.findings))
        if errors:
            raise next(error for error in errors if not isinstance(error, SlspackError))
        return tuple(task.result() for task in tasks)

    def again(self, distributions: Sequence[LockedDistribution]) -> None:
        """Bring built wheels back into the store that were pruned from it.

        Raises SLS0515 where another wheel came out this time.
        """
        made = self.make([order_for(one) for one in distributions])
        others = [
            before
            for before, now in zip(distributions, made, strict=True)
            if now.distribution.wheel.sha256 != before.wheel.sha256
        ]
        if others:
            raise SlspackError(map(_another_now, others))

    def _make(self, order: BuildOrder) -> Made:
        try:
            return self._metadata(order) if order.traced else self._found_or_built(order)
        except SlspackError as error:
            if order.at is None:
                raise
            raise type(error)(one if one.at else replace(one, at=order.at) for one in error.findings) from error

    def _found_or_built(self, order: BuildOrder) -> Made:
        source = self._sources.find(order.origin)
        if order.name or not self._settings.rules:
            # The likeliest builder may have made it before: then the source itself is not needed.
            for builder in islice(self._builders.in_turn(self._choice(order.name), order.name), 1):
                known = self._known(builder, source, order.target)
                if known is not None and self._is_here(known):
                    return _made(_distribution(known, source, order.target), order)
        log = self._log(order)
        with self._sources.unpacked(source, log) as unpacked:
            made = self._by_somebody(order, source, unpacked, log)
            return _made(made.distribution, order, made.findings)

    def _metadata(self, order: BuildOrder) -> Made:
        place = self._sources.folder(order.origin)
        project = read_first_party(place)
        if project is None:
            message = f"`{order.origin}` has changed while it was read"
            raise SlspackError.of(Code.SOURCE_UNAVAILABLE, message, hint="build again")
        with self._store.scratch() as path:
            project.write_metadata_wheel(path)
            sha256, size = digest_file(path), path.stat().st_size
            with self._store.writing(Kind.WHEEL, sha256) as temporary:
                path.replace(temporary)
        wheel = WheelFile(project.wheel_name, str(order.origin), sha256, size)
        provenance = Provenance(TRACED, str(order.origin), sha256, target=order.target)
        return _made(LockedDistribution(project.name, project.version, wheel, provenance), order)

    def _choice(self, name: DistName | None) -> BuilderChoice:
        return self._settings.choice_for(name) if name else self._settings.builder

    def _known(self, builder: Builder, source: Source, target: Target) -> BuildRecord | None:
        found = find_record(self._store, source, builder, target)
        return found if found is not None and _fits(found.filename, target) else None

    def _is_here(self, record: BuildRecord) -> bool:
        return self._store.find(Kind.WHEEL, record.sha256) is not None

    def _by_somebody(self, order: BuildOrder, source: Source, unpacked: UnpackedSource, log: Path) -> Made:
        facts = read_project(unpacked.folder)
        name = order.name or facts.name
        choice = self._choice(name)
        label = " ".join(part for part in (name or str(order.origin), order.version) if part)
        called = name or dist_name(unpacked.folder.name)
        task = BuildTask(
            called, order.version, label, unpacked.folder, order.target, self._requirements, log, self._say, self._stop
        )
        failure: SlspackError | None = None
        tried: list[str] = []
        for builder in self._builders.in_turn(choice, name, facts):
            tried.append(builder.name)
            try:
                made = self._by(builder, task, source, unpacked)
            except SlspackError as error:
                if any(finding.code in _OF_PLUGINS for finding in error.findings):
                    raise
                # What fails in isolation may only need a compiler, and what one builder lacks, the next may have.
                failure = failure if failure is not None and isinstance(error, MachineError) else error
                continue
            if facts.compiles and builder.name == "isolated":
                return replace(made, findings=(*made.findings, _without_extensions(task, facts.compiles)))
            return made
        if failure is not None and not (facts.compiles and tried == ["isolated"]):
            raise failure
        raise _nobody(task, choice, facts.compiles)

    def _by(self, builder: Builder, task: BuildTask, source: Source, unpacked: UnpackedSource) -> Made:
        known = self._known(builder, source, task.target)
        if known is not None and self._is_here(known):
            return Made(_distribution(known, source, task.target))
        self._say(f"building {task.label} for {task.target} ({builder.name})")
        record = self._build(builder, task, source, unpacked)
        keep_record(self._store, record, source, builder, task.target, pure=_is_pure(record.filename))
        findings = (_not_reproducible(record),) if known is not None and known.sha256 != record.sha256 else ()
        return Made(_distribution(record, source, task.target), findings)

    def _build(self, builder: Builder, task: BuildTask, source: Source, unpacked: UnpackedSource) -> BuildRecord:
        with tempfile.TemporaryDirectory(prefix="slspack-wheel-") as scratch:
            # Each builder gets a copy of its own: one that failed may have left something.
            private, place = Path(scratch, "source"), Path(scratch, "wheel")
            shutil.copytree(unpacked.folder, private, symlinks=True)
            place.mkdir()
            task = replace(task, source=private)
            built = builder.build(task, place)
            if self._stop.is_set():
                raise StoppedError
            return self._kept(builder, task, built, source, unpacked)

    def _kept(
        self, builder: Builder, task: BuildTask, built: BuiltWheel, source: Source, unpacked: UnpackedSource
    ) -> BuildRecord:
        """The wheel, checked and normalised, in the store."""
        filename = built.path.name
        if builder.name == "isolated" and not _is_pure(filename):
            raise build_failed(task, builder.name, f"it gives `{filename}`, which only fits one platform")
        if not _fits(filename, task.target):
            raise SlspackError.of(
                Code.BUILT_MISFIT,
                f"`{filename}`, which `{builder.name}` built, does not fit {task.target}",
                hint="choose another `builder` for it",
            )
        with self._store.scratch() as path:
            try:
                normalise(built.path, path)
            except (zipfile.BadZipFile, KeyError, ValueError) as error:
                raise build_failed(task, builder.name, f"`{filename}` is no wheel: {error}") from error
            sha256, size = digest_file(path), path.stat().st_size
            facts = read_facts(path, sha256, filename=filename)
            if task.version is not None and not _same(facts.name, facts.version, task.name, task.version):
                raise SlspackError.of(
                    Code.BUILT_MISFIT,
                    f"what was built of `{source.origin}` is `{facts.name}` {facts.version}, not `{task.label}`",
                    hint="the project names another version of itself; report it to its authors",
                )
            with self._store.writing(Kind.WHEEL, sha256) as temporary:
                path.replace(temporary)
        provenance = Provenance(builder.name, _told(source), unpacked.digest, built.image, built.compiler)
        return BuildRecord(filename, facts.name, facts.version, sha256, size, provenance)

    def _log(self, order: BuildOrder) -> Path:
        parts = [order.name or Path(str(order.origin)).name, order.version or "", order.target.runtime]
        name = "-".join(part for part in (*parts, order.target.architecture.value) if part)
        log = self._logs / f"{re.sub(r'[^A-Za-z0-9._+-]+', '-', name).strip('-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        return log


def order_for(distribution: LockedDistribution) -> BuildOrder:
    """What makes a built wheel again."""
    built = distribution.built
    if built is None or built.target is None:
        raise ValueError(f"{distribution.name} was not built")
    origin = parse_origin(distribution.wheel.url)
    if isinstance(origin, ArchiveOrigin):
        origin = replace(origin, sha256=built.source_digest)
    traced = built.builder == TRACED
    return BuildOrder(origin, built.target, distribution.name, distribution.version, traced=traced)


def _made(made: LockedDistribution, order: BuildOrder, findings: tuple[Finding, ...] = ()) -> Made:
    if order.name and made.name != order.name:
        raise SlspackError.of(
            Code.BUILT_MISFIT,
            f"`{order.origin}` is the project `{made.name}`, not `{order.name}`",
            hint="the name before `@`, or behind `#egg=`, must be the project's own",
        )
    return Made(made, findings)


def _told(source: Source) -> str:
    """A source as the manifest names it: never by an address of this machine, where it has a name of its own."""
    return getattr(source.origin, "filename", None) or str(source.origin)


def _distribution(record: BuildRecord, source: Source, target: Target) -> LockedDistribution:
    wheel = WheelFile(record.filename, str(source.origin), record.sha256, record.size)
    built = replace(record.provenance, source=_told(source), target=target)
    return LockedDistribution(dist_name(record.name), record.version, wheel, built)


def _tags(filename: str) -> frozenset[Tag]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        return parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return frozenset()


def _is_pure(filename: str) -> bool:
    tags = _tags(filename)
    return bool(tags) and all(tag.platform == "any" and tag.abi == "none" for tag in tags)


def _fits(filename: str, target: Target) -> bool:
    ranks = tag_ranks(target)
    return any(tag in ranks for tag in _tags(filename))


def _same(name: str, version: str, wanted_name: str, wanted_version: str) -> bool:
    from packaging.utils import canonicalize_version

    return name == wanted_name and canonicalize_version(version) == canonicalize_version(wanted_version)


def _nobody(task: BuildTask, choice: BuilderChoice, compiles: str | None) -> SlspackError:
    if choice is BuilderChoice.NONE:
        message = f"`{task.label}` would have to be built, and its `builder` is `none`"
        return SlspackError.of(Code.NOBODY_BUILDS, message, hint="allow a builder, or name a wheel of it instead")
    why = f": {compiles}" if compiles else ""
    return MachineError.of(
        Code.NOBODY_BUILDS,
        f"`{task.label}` has to be compiled for {task.target}{why}, and nothing on this machine can do it",
        hint="start Docker, or install the cross-compiler (`pip install 'slspack[cross]'`)",
    )


def _without_extensions(task: BuildTask, compiles: str) -> Finding:
    return Finding(
        Code.WITHOUT_EXTENSIONS,
        Severity.WARNING,
        f"`{task.label}` was built without a compiler, for nothing here has one, though {compiles}",
        None,
        "it may be slower than it could be, or lack something: start Docker, or install the cross-compiler "
        "(`pip install 'slspack[cross]'`), and build again after `slspack cache clear`",
    )


def _another_now(one: LockedDistribution) -> Finding:
    return Finding(
        Code.NOT_REPRODUCIBLE,
        Severity.ERROR,
        f"the wheel of `{one.name}` {one.version} is no longer in the store, and building it again gave another one",
        None,
        "remove `.slspack/state.db`, so that the new one is taken",
    )


def _not_reproducible(record: BuildRecord) -> Finding:
    return Finding(
        Code.NOT_REPRODUCIBLE,
        Severity.WARNING,
        f"`{record.name}` {record.version} was built again of the same source, and the wheel is another one",
        None,
        "its own build is not reproducible; commit a lock file and keep the store, or publish a wheel of it",
    )
