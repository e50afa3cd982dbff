"""What a migration has to say, and the edit that it proposes."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slspack.model import Location


@dataclass(frozen=True, slots=True)
class Remark:
    """What becomes of one thing, or what is to be done about it."""

    subject: str
    outcome: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """What is to be changed of a project. `name` is its file, relative to its folder, whose text becomes `after`."""

    name: str
    remarks: tuple[Remark, ...]
    before: str = ""
    after: str = ""

    @property
    def diff(self) -> str:
        """The edit as a patch, which `git apply` takes; empty where nothing is to be edited."""
        before, after = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        lines = unified_diff(before, after, f"a/{self.name}", f"b/{self.name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
