"""What is left out of distributions because no run reads it, decided from a wheel's file list alone.

A rule that could take away something that is imported is no rule: where a name is not proof enough, what stands around
it is asked too. Documented in `docs/reference/prune.md`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_TEST_MODULE = re.compile(r"test_[^/]*\.py|[^/]*_test\.py|conftest\.py")
_IMPORTABLE = (".py", ".so", ".pyd", ".dylib", ".dll")
_PROSE = (".rst", ".md", ".txt", ".adoc")
_STUB_READER = "lazy-loader"

RULES_VERSION = 1
"""Raised whenever a rule below changes what is left out."""


@dataclass(frozen=True, slots=True)
class PruneRule:
    """A kind of file that is left out, and why no run misses it. Both are for the documentation, in Markdown."""

    files: str
    reason: str
    holds: Callable[[str, Surroundings], bool]
    """Whether it holds for a file, by its name in the artifact."""


class Surroundings:
    """The other files of a wheel, and what it requires."""

    def __init__(self, names: Collection[str], requires: Collection[str]) -> None:
        """`requires` are the canonical names of the distributions in its Requires-Dist."""
        self.names, self.requires = names, requires

    @cached_property
    def test_folders(self) -> frozenset[str]:
        """Folders named `tests` that hold a test module, at any depth."""
        modules = (name for name in self.names if _TEST_MODULE.fullmatch(_base(name)))
        return frozenset(folder for name in modules if (folder := _tests_folder(name)) is not None)

    @cached_property
    def prose_folders(self) -> frozenset[str]:
        """Folders named `doc` or `docs` with nothing but prose below."""
        found: dict[str, bool] = {}
        for name in self.names:
            for folder in _folders_named(name, ("doc", "docs")):
                found[folder] = found.get(folder, True) and name.lower().endswith(_PROSE)
        return frozenset(folder for folder, is_prose in found.items() if is_prose)

    @cached_property
    def reads_stubs(self) -> bool:
        """Whether its packages read their stubs at run time, as `lazy_loader.attach_stub` does."""
        return _STUB_READER in self.requires or any("lazy_loader" in name for name in self.names)


def _is_test(name: str, around: Surroundings) -> bool:
    folder = _tests_folder(name)
    if folder is None or folder not in around.test_folders:
        return False
    base = _base(name)
    return _TEST_MODULE.fullmatch(base) is not None or not (base.endswith(_IMPORTABLE) or ".so." in base)


def _is_stub(name: str, around: Surroundings) -> bool:
    return name.endswith(".pyi") and not around.reads_stubs


def _is_for_compilers(name: str, _: Surroundings) -> bool:
    if name.endswith((".h", ".hh", ".hpp", ".hxx", ".pyx", ".pxd", ".pxi")):
        return True
    return name.endswith(".a") and _base(name).startswith("lib")


def _is_prose(name: str, around: Surroundings) -> bool:
    return any(folder in around.prose_folders for folder in _folders_named(name, ("doc", "docs")))


def _is_manual(name: str, _: Surroundings) -> bool:
    return name.startswith(("share/doc/", "share/man/", "share/info/"))


RULES = (
    PruneRule(
        "`test_*.py`, `*_test.py`, `conftest.py` and data in a folder `tests`",
        "Only a test runner imports these modules, and only they read the data. Other modules and libraries in such a "
        "folder stay (`astropy.tests.runner` is imported by astropy itself), and so does a folder without tests. "
        "A function that imports a test module of a distribution gets all of its files.",
        _is_test,
    ),
    PruneRule(
        "`*.pyi`",
        "Type checkers read stubs, Python does not. They stay in a distribution that requires lazy-loader, which reads "
        "them at run time.",
        _is_stub,
    ),
    PruneRule(
        "`*.h`, `*.hh`, `*.hpp`, `*.hxx`, `*.pyx`, `*.pxd`, `*.pxi`, `lib*.a`",
        "What C and Cython compilers read, and the runtime has none.",
        _is_for_compilers,
    ),
    PruneRule(
        "a folder `doc` or `docs` of nothing but `.rst`, `.md`, `.txt`, `.adoc`",
        "Prose for readers of the source. With any other file in it the folder stays: it may be data.",
        _is_prose,
    ),
    PruneRule(
        "`share/doc`, `share/man`, `share/info`",
        "Manuals for a system's own readers, from a wheel's data folder.",
        _is_manual,
    ),
)


def pruned(names: Iterable[str], requires: Iterable[str]) -> frozenset[str]:
    """Which files of a wheel are left out: `names` are all, as in the artifact, `requires` its Requires-Dist."""
    every = tuple(names)
    around = Surroundings(every, frozenset(_requirement_name(one) for one in requires))
    return frozenset(name for name in every if ".dist-info/" not in name and any(r.holds(name, around) for r in RULES))


def _requirement_name(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _tests_folder(name: str) -> str | None:
    return next(_folders_named(name, ("tests",)), None)


def _folders_named(name: str, wanted: Collection[str]) -> Iterator[str]:
    """The folders of those names that a file stands in, the outermost first."""
    parts = name.split("/")
    return iter(["/".join(parts[: i + 1]) for i, part in enumerate(parts[:-1]) if part in wanted])
