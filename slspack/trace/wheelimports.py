"""What the sources of wheels import: the answers that a closure asks of the wheels in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.model import ArchivePath, DistName, LockedDistribution, ModuleName


@dataclass(frozen=True, slots=True)
class WheelImport:
    """An import in a wheel's source, made absolute."""

    module: ModuleName
    names: tuple[str, ...]
    """What a `from` import takes from it."""
    path: ArchivePath
    """The source, as installed."""
    line: int

    def __str__(self) -> str:
        return import_text(self.module, self.names)

    def reaches(self, module: ModuleName) -> bool:
        """Whether it imports that module or something below it."""
        below = f"{module}."
        return f"{self.module}.".startswith(below) or any(
            f"{self.module}.{name}.".startswith(below) for name in self.names
        )


class WheelImports(Protocol):
    """Answers that need the content of wheels, so whoever gives them may have to download first."""

    def naming(
        self, wheels: Sequence[LockedDistribution], modules: Sequence[ModuleName]
    ) -> Mapping[DistName, Mapping[ModuleName, WheelImport]]:
        """For each wheel the first import, in the order of paths and lines, of each module or of something below it.

        Tests and type stubs don't count. Wheels and modules without any may be left out of the answer.
        """

    def of_sources(
        self, wheel: LockedDistribution, paths: Iterable[ArchivePath]
    ) -> Mapping[ArchivePath, tuple[WheelImport, ...]]:
        """Every import in some sources of one wheel."""


def import_text(module: str, names: tuple[str, ...]) -> str:
    """An import as Python spells it."""
    return f"from {module} import {', '.join(names)}" if names else f"import {module}"


def is_test(path: str) -> bool:
    """Whether a file in a wheel is there to test it: nothing that a function runs imports it."""
    *folders, name = path.split("/")
    return (
        any(folder in _TEST_FOLDERS for folder in folders)
        or name in ("conftest.py", "tests.py")
        or name.startswith("test_")
        or name.endswith("_test.py")
    )


_TEST_FOLDERS = frozenset({"test", "tests", "_test", "_tests", "testing_data"})
