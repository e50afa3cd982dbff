"""The one place that wheels come from: the store, filled from where the lock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.keys import digest_file
from slspack.model import Digest, LockedDistribution, WheelFile
from slspack.registry import local_path
from slspack.registry.pool import asking
from slspack.store import Kind
from slspack.wheels.archive import bad_wheel
from slspack.wheels.download import fetch_wheel, transfer
from slspack.wheels.facts import decode_facts, encode_facts, facts_key, facts_of, read_facts
from slspack.wheels.progress import StoppedError, Tally, Work
from slspack.wheels.remote import NoRanges, RemoteBytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import AbstractContextManager
    from pathlib import Path

    from slspack.model import DistName, Finding, WheelFacts
    from slspack.registry import IndexFile, RegistrySession
    from slspack.store import Store
    from slspack.wheels.progress import ProgressListener

_Result = TypeVar("_Result")
Rebuild: TypeAlias = "Callable[[Sequence[LockedDistribution]], None]"
_PATIENCE = 0.2
_SMALL = 256 << 10
"""Bytes: asking for the parts of a smaller wheel takes longer than the wheel, and as a rule it is wanted afterwards."""


class WheelSource:
    """Facts and files of locked wheels. What the store lacks is fetched, several at a time, and kept there."""

    def __init__(
        self,
        store: Store,
        session: RegistrySession,
        listener: ProgressListener | None = None,
        rebuild: Rebuild | None = None,
    ) -> None:
        """`rebuild` brings wheels into the store that were built here and are there no more."""
        self._rebuild = rebuild
        self._store = store
        self._session = session
        self._listener = listener
        # Facts that no wheel in the store vouched for when they were read: to be compared with the wheel once it comes.
        self._unverified: dict[Digest, WheelFacts] = {}

    def get_ready(self) -> None:
        """Load what the first request needs."""
        self._session.get_ready()

    def facts(self, wheels: Sequence[LockedDistribution]) -> Mapping[DistName, WheelFacts]:
        """What is known of each wheel of one lock: from the store, else by range requests, else by downloading it.

        Raises SLS0504 and SLS0505 for wheels that are malformed or not what the lock says, SLS0503, SLS0507 and SLS0508
        where they cannot be had.
        """
        known = {wheel.wheel.sha256: self._stored_facts(wheel) for wheel in wheels}
        missing = [wheel for wheel in wheels if known[wheel.wheel.sha256] is None]
        self._build_again(missing)
        if missing:
            tally = Tally(Work.FACTS, len(missing), 0, self._listener)
            known.update(_in_parallel(self._find_facts, missing, tally, asking(len(missing))))
        return {wheel.name: facts for wheel in wheels if (facts := known[wheel.wheel.sha256]) is not None}

    def fetch(self, wheels: Iterable[LockedDistribution]) -> Mapping[Digest, Path]:
        """Each wheel's file in the store, by its hash; the wheels may be of several locks.

        Raises SLS0502 for a file that is not the locked one, SLS0504 for one that is not what range requests showed of
        it, SLS0503, SLS0507 and SLS0508 where it cannot be had. Interrupted, it leaves nothing half-written.
        """
        wanted = {wheel.wheel.sha256: wheel for wheel in wheels}
        missing = [wheel for sha256, wheel in wanted.items() if self._store.find(Kind.WHEEL, sha256) is None]
        self._build_again(missing)
        missing = [wheel for wheel in missing if wheel.built is None]
        if missing:
            tally = Tally(Work.WHEELS, len(missing), sum(w.wheel.size or 0 for w in missing), self._listener)
            _in_parallel(self._fetch, missing, tally, asking())
        for wheel in wanted.values():
            self._verify_facts(wheel)  # those that another process brought since
        return {sha256: self._store.path(Kind.WHEEL, sha256) for sha256 in wanted}

    def _build_again(self, wheels: Sequence[LockedDistribution]) -> None:
        """In the thread that asks, for it alone is told of Ctrl-C, and what builds starts threads of its own."""
        built = [one for one in wheels if one.built and self._store.find(Kind.WHEEL, one.wheel.sha256) is None]
        if built and self._rebuild is None:
            raise ValueError(f"nobody is there to build {built[0].name} again")
        if built and self._rebuild is not None:
            self._rebuild(built)

    def wheel_file(self, name: DistName, file: IndexFile) -> WheelFile:
        """A file of an index as a lock wants it: with a sha256. Where the index states none, it is read whole."""
        if file.sha256 is not None:
            return WheelFile(file.filename, file.url, file.sha256, file.size)
        place = local_path(file.url)
        if place is not None:
            return WheelFile(file.filename, file.url, digest_file(place), place.stat().st_size)
        return self._hash_by_download(name, file)

    def _stored_facts(self, wheel: LockedDistribution) -> WheelFacts | None:
        content = self._store.read(Kind.FACTS, facts_key(wheel.wheel.sha256))
        if content is None:
            return None
        try:
            facts = decode_facts(content)
        except ValueError:
            return None
        if self._store.find(Kind.WHEEL, wheel.wheel.sha256) is None:
            self._unverified[wheel.wheel.sha256] = facts
        return _matching(wheel, facts)

    def _find_facts(self, wheel: LockedDistribution, tally: Tally) -> WheelFacts:
        here = self._is_small(wheel) or self._store.find(Kind.WHEEL, wheel.wheel.sha256) is not None
        facts = None if here else self._facts_from_afar(wheel)
        if facts is not None:
            self._unverified[wheel.wheel.sha256] = facts
        else:
            path = self._bring(wheel, tally)
            facts = _matching(wheel, read_facts(path, wheel.wheel.sha256, filename=wheel.wheel.filename))
        self._keep_facts(facts)
        return facts

    def _is_small(self, wheel: LockedDistribution) -> bool:
        return wheel.wheel.size is not None and wheel.wheel.size <= _SMALL and local_path(wheel.wheel.url) is None

    def _facts_from_afar(self, wheel: LockedDistribution) -> WheelFacts | None:
        """Facts without the whole wheel; None where it is needed to tell a bad wheel from a server's bad answers."""
        place = local_path(wheel.wheel.url)
        try:
            if place is None:
                return _matching(
                    wheel, facts_of(RemoteBytes(self._session, wheel), wheel.wheel.sha256, wheel.wheel.filename)
                )
            return _matching(wheel, read_facts(place, wheel.wheel.sha256, filename=wheel.wheel.filename))
        except (NoRanges, OSError):
            return None
        except SlspackError as error:
            if any(finding.code in (Code.BAD_WHEEL, Code.UNSAFE_MEMBER) for finding in error.findings):
                return None
            raise

    def _bring(self, wheel: LockedDistribution, tally: Tally) -> Path:
        """The wheel in the store, brought there unless another thread or process just did."""
        sha256 = wheel.wheel.sha256
        tally.check()
        try:
            with self._store.exclusive(Kind.WHEEL, sha256):
                if self._store.find(Kind.WHEEL, sha256) is None:
                    with self._store.writing(Kind.WHEEL, sha256) as temporary:
                        fetch_wheel(self._session, wheel, temporary, tally)
        except OSError as error:
            raise _store_failed(self._store, wheel.wheel.filename, error) from error
        return self._store.path(Kind.WHEEL, sha256)

    def _fetch(self, wheel: LockedDistribution, tally: Tally) -> None:
        self._bring(wheel, tally)
        self._verify_facts(wheel)

    def _verify_facts(self, wheel: LockedDistribution) -> None:
        """Compare what was known of a wheel before it was here with the wheel itself, whose hash is the lock's."""
        sha256 = wheel.wheel.sha256
        stated = self._unverified.pop(sha256, None)
        if stated is None:
            return
        facts = read_facts(self._store.path(Kind.WHEEL, sha256), sha256, filename=wheel.wheel.filename)
        if facts != stated:
            self._keep_facts(facts)
            raise bad_wheel(wheel.wheel.filename, "the server showed other content of it than the whole file has")

    def _keep_facts(self, facts: WheelFacts) -> None:
        try:
            self._store.write(Kind.FACTS, facts_key(facts.sha256), encode_facts(facts))
        except OSError as error:
            raise _store_failed(self._store, f"{facts.name} {facts.version}", error) from error

    def _hash_by_download(self, name: DistName, file: IndexFile) -> WheelFile:
        version = str(file.version) if file.version else ""
        unknown = LockedDistribution(name, version, WheelFile(file.filename, file.url, Digest(""), file.size))
        tally = Tally(Work.WHEELS, 1, file.size or 0, self._listener)
        try:
            with self._store.scratch() as path:
                sha256 = transfer(self._session, unknown, path, tally)
                size = path.stat().st_size
                with self._store.writing(Kind.WHEEL, sha256) as temporary:
                    path.replace(temporary)
        except OSError as error:
            raise _store_failed(self._store, file.filename, error) from error
        tally.finish_file()
        return WheelFile(file.filename, file.url, sha256, size)


def _in_parallel(
    work: Callable[[LockedDistribution, Tally], _Result],
    wheels: Sequence[LockedDistribution],
    tally: Tally,
    threads: AbstractContextManager[ThreadPoolExecutor],
) -> dict[Digest, _Result]:
    """Do the work for each wheel, several at a time. A failure stops the rest; what failed by then is raised."""
    from concurrent.futures import FIRST_EXCEPTION, wait

    def one(wheel: LockedDistribution) -> _Result:
        tally.check()
        result = work(wheel, tally)
        tally.finish_file()
        return result

    with threads as pool:
        try:
            tasks = {wheel.wheel.sha256: pool.submit(one, wheel) for wheel in wheels}
            running = set(tasks.values())
            while running:
                # Waiting without a limit cannot be interrupted on Windows.
                done, running = wait(running, timeout=_PATIENCE, return_when=FIRST_EXCEPTION)
                if any(task.exception() is not None for task in done):
                    break
        finally:
            tally.stop()
    errors = [error for task in tasks.values() if not task.cancelled() and (error := task.exception()) is not None]
    failures = [error for error in errors if not isinstance(error, StoppedError)]
    if len(failures) > 1 and all(isinstance(error, SlspackError) for error in failures):
        raise _joined([error for error in failures if isinstance(error, SlspackError)])
    if failures:
        raise failures[0]
    return {sha256: task.result() for sha256, task in tasks.items()}


def _joined(errors: Sequence[SlspackError]) -> SlspackError:
    findings: dict[Finding, None] = {finding: None for error in errors for finding in error.findings}
    return type(errors[0])(findings)


def _matching(wheel: LockedDistribution, facts: WheelFacts) -> WheelFacts:
    """The facts, if they are of the distribution that the lock names."""
    if facts.name != wheel.name or not _same_version(facts.version, wheel.version):
        why = f"its METADATA is of `{facts.name}` {facts.version}, not of `{wheel.name}` {wheel.version}"
        raise bad_wheel(wheel.wheel.filename, why)
    return facts


def _same_version(one: str, other: str) -> bool:
    if one == other:
        return True
    from packaging.utils import canonicalize_version

    return canonicalize_version(one) == canonicalize_version(other)


def _store_failed(store: Store, what: str, error: OSError) -> SlspackError:
    return MachineError.of(
        Code.DOWNLOAD_FAILED,
        f"`{what}` cannot be kept in the store `{store.root}`: {error.strerror or error}",
        hint="make room there, or name another folder with SLSPACK_CACHE_DIR",
    )
