"""One thing that was looked at, and how it is."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.model import Finding


class State(Enum):
    """How a thing is."""

    FINE = "ok"
    ABSENT = "absent"
    """Not there, which matters only to who needs it."""
    DOUBTFUL = "doubtful"
    """Builds work, but somebody should look."""
    WRONG = "wrong"
    """Builds fail."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was found of one thing. `remedy` says what to do, where something is to be done."""

    thing: str
    state: State
    detail: str
    remedy: str | None = None


def of_finding(thing: str, finding: Finding, state: State) -> Symptom:
    """What an error or a warning says, as a symptom."""
    where = f" ({finding.at})" if finding.at else ""
    return Symptom(thing, state, f"{finding.code.id}: {finding.message}{where}", finding.hint)
