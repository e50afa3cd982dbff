"""What the builds of one request find in the service's database, and leave there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from slspack import __version__
from slspack.engine.inputs import inputs_from_json
from slspack.engine.outcome import outcome_from_json, written_from_json, written_to_json
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.engine.database import Database
    from slspack.engine.inputs import Inputs
    from slspack.engine.outcome import Outcome
    from slspack.engine.remembered import KeptMemory
    from slspack.memory import Memory, WrittenFile
    from slspack.model import Digest
    from slspack.request import BuildRequest

_INPUTS, _OUTCOME, _WRITTEN = "inputs", "outcome", "written"


@dataclass(frozen=True, slots=True)
class Place:
    """The keys of one build in the database."""

    memory: Digest
    outcome: Digest

    @classmethod
    def of(cls, request: BuildRequest, memory: Digest) -> Place:
        """Outcomes are of an output, what a build has learnt is of all of them."""
        return cls(memory, key_of("outcome", memory, str(request.output), request.format, request.whole))


class KeptBuilds:
    """The last build of all functions, and the last one of some after it. `outcome` decides by which of them to go."""

    def __init__(self, database: Database, request: BuildRequest) -> None:
        self._database = database
        self._request = request
        self.whole = Place.of(request, _memory_key(request))
        self._part = Place.of(request, key_of("part", self.whole.memory))
        self._place = self.whole
        self._written_key = key_of("written", str(request.output))

    def outcome(self) -> Outcome | None:
        """What the last build of the same functions came to, else what one of all came to for them."""
        names = self._request.names
        part = self._outcome_at(self._part) if names else None
        is_same = part is not None and part.names == tuple(dict.fromkeys(names))
        self._place = self._part if is_same else self.whole
        if is_same:
            return part
        outcome = self._outcome_at(self.whole)
        return outcome.of(names) if outcome else None

    def inputs(self) -> Inputs | None:
        """What that build depended on."""
        content = self._database.get(_INPUTS, self._place.memory)
        return inputs_from_json(content) if content else None

    def memory(self) -> Memory | None:
        """What its stages came to; None where that is not to be used."""
        memory = self._memories.load(self._place.memory)
        if memory is None or memory.names not in ((), self._request.names):
            return None
        forgets = memory.service.cache.invalidate or memory.service.root != self._request.folder
        return None if forgets else memory

    def files(self) -> Mapping[str, WrittenFile]:
        """The artifacts that lie in the output as a build left them, whichever functions and options it was for."""
        content = self._database.get(_WRITTEN, self._written_key)
        known = written_from_json(content) if content else {}
        return {name: file for name, file in known.items() if self.is_there(name, file)}

    def is_there(self, name: str, file: WrittenFile) -> bool:
        """Whether the output holds a file as it was left."""
        return stamp_of(f"{self._request.output}/{name}") == file.stamp

    def renew(self, inputs: Inputs) -> None:
        """Keep the same inputs with stamps of today."""
        self._database.put([(_INPUTS, self._place.memory, inputs.to_json())])

    def keep_files(self, files: Mapping[str, WrittenFile]) -> None:
        """Keep which artifacts the output holds."""
        self._database.put([(_WRITTEN, self._written_key, written_to_json(files))] if files else [])

    def keep(self, inputs: Inputs, memory: Memory, outcome: Outcome) -> None:
        """Keep a build, which later ones go by."""
        self._place = place = self._part if memory.names else self.whole
        rows = [
            *self._memories.rows(memory, place.memory),
            (_OUTCOME, place.outcome, outcome.to_json()),
            (_INPUTS, place.memory, inputs.to_json()),
        ]
        # From a build of all functions a later one of some has more to go by than from one of some before it.
        self._database.put(rows if memory.names else [*rows, (_OUTCOME, self._part.outcome, b"")])

    def _outcome_at(self, place: Place) -> Outcome | None:
        content = self._database.get(_OUTCOME, place.outcome)
        return outcome_from_json(content) if content else None

    @cached_property
    def _memories(self) -> KeptMemory:
        from slspack.engine.remembered import KeptMemory

        return KeptMemory(self._database)


def _memory_key(request: BuildRequest) -> Digest:
    """What else the stages depend on: this version of slspack, and what the command line says of the configuration."""
    load = request.load
    return key_of(
        "memory",
        __version__,
        str(load.config) if load.config else None,
        load.stage,
        dict(load.options),
        dict(load.params),
        load.individually,
        load.plugins,
        dict(load.plugin_options),
        load.handed_over,
    )
