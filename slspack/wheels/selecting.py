"""Which files of a wheel an artifact gets: what an installer would put there, less what the selection leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.globs import compile_glob
from slspack.model import ArchivePath, Prune
from slspack.wheels.layout import installed_files
from slspack.wheels.prune import pruned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slspack.globs import Glob
    from slspack.model import ModuleName, Selection, WheelFacts
    from slspack.wheels.layout import InstalledFile


def selected_files(facts: WheelFacts, selection: Selection) -> tuple[InstalledFile, ...]:
    """The files of a wheel that a selection takes, sorted by the bytes of their names.

    A glob is matched against a file's name in the artifact, and against its name inside the wheel's packages: for
    pandas, `tests/**` means `pandas/tests/**`. What importlib.metadata reads stays unless a glob names `dist-info`.
    Raises SLS0505 for a name that would climb out of the root.
    """
    files = installed_files(facts)
    names = [file.archive for file in files]
    dropped = pruned(names, facts.requires_dist) if selection.prune is Prune.SAFE else frozenset()
    rules = [(compile_glob(glob.removeprefix("!")), not glob.startswith("!")) for glob in selection.globs]
    taken = (file for file in files if _is_taken(file.archive, rules, default=file.archive not in dropped))
    if not selection.prefix:
        return tuple(taken)
    return tuple(replace(file, archive=ArchivePath(f"{selection.prefix}{file.archive}")) for file in taken)


def names_pruned_module(imported: Iterable[ModuleName], facts: WheelFacts) -> bool:
    """Whether one of the imported names is a module that pruning would leave out."""
    asked = {name for name in imported if ".tests." in name}
    if not asked:
        return False
    names = [file.archive for file in installed_files(facts)]
    return any(name.removesuffix(".py").replace("/", ".") in asked for name in pruned(names, facts.requires_dist))


def _is_taken(name: str, rules: Sequence[tuple[Glob, bool]], *, default: bool) -> bool:
    is_metadata = ".dist-info/" in name
    for glob, taken in reversed(rules):
        if (taken or not is_metadata or "dist-info" in glob.text) and _matches(glob, name):
            return taken
    return default


def _matches(glob: Glob, name: str) -> bool:
    inside = name.partition("/")[2]
    return glob.matches(name) or (inside != "" and glob.matches(inside))
