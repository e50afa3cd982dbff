"""Findings: what is wrong or worth knowing, where, and what to do."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.codes import Code


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. Lines and columns count from 1; a column of 0 means the whole line, a line of 0 the file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)


class Severity(Enum):
    """How much a finding matters: an error fails the build, a warning is counted, a notice is only said."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong or worth knowing, where, and what to do. `function` names the function that it concerns, if one."""

    code: Code
    severity: Severity
    message: str
    at: Location | None = None
    hint: str | None = None
    function: str | None = None
