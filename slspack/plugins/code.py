"""The code of a plugin: which files it is, what they hold, and the module that comes of it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.keys import digest_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.looks import Looks


@dataclass(frozen=True, slots=True)
class Code:
    """A plugin's module, and the sha256 of each file of its code by absolute path."""

    module: ModuleType
    files: Mapping[str, str]


_imported: dict[str, Mapping[str, str]] = {}
"""The files of the installed plugins that this process has imported, as they were then."""


def load_file(path: Path, looks: Looks) -> Code:
    """Run a plugin's file as a module of its own; nothing is written beside it. Raises whatever it raises, OSError too.

    It is compiled here, and not by the import system, whose byte code is trusted by a time stamp in seconds.
    """
    content = looks.read(str(path), path)
    digest = digest_bytes(content)
    name = f"slspack_plugin_{path.stem}_{digest[:12]}"
    known = sys.modules.get(name)
    if known is None:
        known = ModuleType(name)
        known.__file__ = str(path)
        sys.modules[name] = known
        try:
            exec(compile(content, str(path), "exec"), known.__dict__)  # noqa: S102 (code that the user asked for)
        except BaseException:
            del sys.modules[name]
            raise
    return Code(known, {str(path): digest})


def load_module(name: str, looks: Looks) -> Code:
    """Import a plugin's module. One whose files have changed in this process is imported anew.

    Raises whatever importing it raises.
    """
    files = {str(path): digest_bytes(looks.read(str(path), path)) for path in _files(name)}
    if _imported.get(name, files) != files:
        _forget(name)
    _imported[name] = files
    return Code(importlib.import_module(name), files)


def _files(name: str) -> Iterator[Path]:
    """The source files of a module's own package, or the one file of a module at the top."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return
    origin = Path(spec.origin)
    if "." in name or spec.submodule_search_locations:
        yield from sorted(path for path in origin.parent.rglob("*.py") if path.is_file())
    else:
        yield origin


def _forget(name: str) -> None:
    package = name.rpartition(".")[0] or name
    for module in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
        del sys.modules[module]
