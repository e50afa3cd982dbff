"""One source made into a wheel in the store: by the first builder that can, unless it was made before."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.builder import BuildTask, StoppedError
from slspack.builds.failure import build_failed, nobody_builds, not_reproducible, without_extensions
from slspack.builds.normalised import normalise
from slspack.builds.orders import Made
from slspack.builds.project import read_project
from slspack.builds.record import BuildRecord, find_record, keep_record
from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.keys import digest_file
from slspack.model import LockedDistribution, Provenance, WheelFile, dist_name
from slspack.store import Kind
from slspack.targets import tag_ranks
from slspack.wheels.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from packaging.tags import Tag

    from slspack.builds.builder import Builder, BuiltWheel, RequirementWheels
    from slspack.builds.lineup import Builders
    from slspack.builds.orders import BuildOrder
    from slspack.builds.sources import Source, UnpackedSource
    from slspack.model import BuilderChoice, BuildSettings, DistName, Target
    from slspack.store import Store


_OF_PLUGINS = (Code.PLUGIN_FAILED, Code.PLUGIN_ANSWER)
"""What is wrong with a builder of a plugin's, and not with what it builds."""


class Making:
    """Makes wheels of sources, and knows which it has made."""

    def __init__(
        self,
        settings: BuildSettings,
        builders: Builders,
        store: Store,
        requirements: RequirementWheels,
        say: Callable[[str], None],
        stop: Event,
    ) -> None:
        self._settings, self._builders, self._store = settings, builders, store
        self._requirements, self._say, self._stop = requirements, say, stop

    def made_before(self, order: BuildOrder, source: Source) -> LockedDistribution | None:
        """What the likeliest builder made of a source before: then the source itself is not needed."""
        if not order.name and self._settings.rules:
            return None
        for builder in islice(self._builders.in_turn(self._choice(order.name), order.name), 1):
            known = self._known(builder, source, order.target)
            if known is not None and self._is_here(known):
                return _distribution(known, source, order.target)
        return None

    def make(self, order: BuildOrder, source: Source, unpacked: UnpackedSource, log: Path) -> Made:
        """A wheel of an unpacked source. Raises what the builders raise, and SLS0511 where none can."""
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
                return replace(made, findings=(*made.findings, without_extensions(task, facts.compiles)))
            return made
        if failure is not None and not (facts.compiles and tried == ["isolated"]):
            raise failure
        raise nobody_builds(task, choice, facts.compiles)

    def _by(self, builder: Builder, task: BuildTask, source: Source, unpacked: UnpackedSource) -> Made:
        known = self._known(builder, source, task.target)
        if known is not None and self._is_here(known):
            return Made(_distribution(known, source, task.target))
        self._say(f"building {task.label} for {task.target} ({builder.name})")
        record = self._build(builder, task, source, unpacked)
        keep_record(self._store, record, source, builder, task.target, pure=_is_pure(record.filename))
        findings = (not_reproducible(record),) if known is not None and known.sha256 != record.sha256 else ()
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

    def _choice(self, name: DistName | None) -> BuilderChoice:
        return self._settings.choice_for(name) if name else self._settings.builder

    def _known(self, builder: Builder, source: Source, target: Target) -> BuildRecord | None:
        found = find_record(self._store, source, builder, target)
        return found if found is not None and _fits(found.filename, target) else None

    def _is_here(self, record: BuildRecord) -> bool:
        return self._store.find(Kind.WHEEL, record.sha256) is not None


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
