"""What the code will run on."""

from __future__ import annotations

from enum import Enum

from slspack.frozen import dataclass


class Architecture(Enum):
    """The instruction set of a function, by the name that Lambda uses."""

    X86_64 = "x86_64"
    ARM64 = "arm64"


@dataclass(frozen=True, slots=True)
class Target:
    """What the code will run on. `targets` says which tags, markers and provided distributions follow from it."""

    python: tuple[int, int]
    architecture: Architecture
    glibc: tuple[int, int]

    @property
    def runtime(self) -> str:
        """Lambda's name of the runtime: `python3.13`."""
        return f"python{self.python[0]}.{self.python[1]}"

    def __str__(self) -> str:
        return f"{self.runtime} {self.architecture.value}"
