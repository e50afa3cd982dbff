"""From sources to wheels in the store: several at a time, with nothing left behind where the run is interrupted."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.record import TRACED
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import digest_file
from slspack.model import LockedDistribution, Provenance, WheelFile
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from slspack.builds.builder import RequirementWheels
    from slspack.builds.lineup import Builders
    from slspack.builds.making import Making
    from slspack.builds.orders import BuildOrder, Made
    from slspack.builds.sources import Sources
    from slspack.model import BuilderChoice, BuildSettings, DistName
    from slspack.store import Store

_AT_A_TIME = 4
_PATIENCE = 0.1
"""Seconds between two looks of the waiting thread, which alone is told of Ctrl-C."""
_LAST_WORD = 15
"""Seconds for what builds to end its processes and containers; what waits for the network may take longer."""


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
        self._settings, self._sources, self._store = settings, sources, store
        self._builders, self._requirements, self._say = builders, requirements, say
        self._logs, self._stop = logs, stop

    @cached_property
    def _making(self) -> Making:
        from slspack.builds.making import Making

        return Making(self._settings, self._builders, self._store, self._requirements, self._say, self._stop)

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
        from slspack.builds.failure import another_now
        from slspack.builds.orders import order_for

        made = self.make([order_for(one) for one in distributions])
        others = [
            before
            for before, now in zip(distributions, made, strict=True)
            if now.distribution.wheel.sha256 != before.wheel.sha256
        ]
        if others:
            raise SlspackError(map(another_now, others))

    def _make(self, order: BuildOrder) -> Made:
        try:
            if order.traced:
                return self._metadata(order)
            self._check_own(order)
            return self._found_or_built(order)
        except SlspackError as error:
            if order.at is None:
                raise
            raise type(error)(one if one.at else replace(one, at=order.at) for one in error.findings) from error

    def _check_own(self, order: BuildOrder) -> None:
        """Raise SLS0360 for the service's own folder, whose modules would all be packaged a second time."""
        if not self._sources.is_own(order.origin):
            return
        from slspack.builds.project import read_project

        name = order.name or read_project(self._sources.folder(order.origin)).name
        if name is None or not self._settings.has_choice_for(name):
            raise SlspackError.of(
                Code.OWN_FOLDER,
                f"`{order.origin}` is the service itself, and its package cannot be taken as it is: it would be built",
                hint="take the line out, and list what the service needs: its own modules are packaged without it",
            )

    def _found_or_built(self, order: BuildOrder) -> Made:
        from slspack.builds.orders import filled

        source = self._sources.find(order.origin)
        known = self._making.made_before(order, source)
        if known is not None:
            return filled(order, known)
        log = self._log(order)
        with self._sources.unpacked(source, log) as unpacked:
            made = self._making.make(order, source, unpacked, log)
            return filled(order, made.distribution, made.findings)

    def _metadata(self, order: BuildOrder) -> Made:
        from slspack.builds.firstparty import read_first_party
        from slspack.builds.orders import filled

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
        return filled(order, LockedDistribution(project.name, project.version, wheel, provenance))

    def _log(self, order: BuildOrder) -> Path:
        parts = [order.name or Path(str(order.origin)).name, order.version or "", order.target.runtime]
        name = "-".join(part for part in (*parts, order.target.architecture.value) if part)
        log = self._logs / f"{re.sub(r'[^A-Za-z0-9._+-]+', '-', name).strip('-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        return log
