"""Where a function's code and requirements stand in the service."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.python_requirements import project_comes_first, read_python_requirements
from slspack.config.settings import setting
from slspack.frozen import dataclass
from slspack.model import RequirementSet, Resolver, is_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.config.value import Value
    from slspack.tree import ServiceTree

REQUIREMENT_FILES = (
    "requirements.txt", "requirements.in", "pyproject.toml", "pylock.toml", "pylock.*.toml", "uv.lock", "poetry.lock",
    "pdm.lock", "Pipfile", "Pipfile.lock",
)  # fmt: skip
"""The names (as globs) by which a folder is known to have requirements of its own."""

_ABSOLUTE = re.compile(r"/|[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the service says of roots and requirements, for functions that don't say otherwise."""

    requirements: RequirementSet
    source_roots: tuple[str, ...] | None
    """None where they are not configured."""
    file_name: str | None = None
    """`custom.pythonRequirements.fileName`, which is looked for in each `module`'s folder too."""


def read_layout(settings: Value | None, python_requirements: Value | None, tree: ServiceTree) -> Layout:
    """The service's own layout: slspack's settings, and where those say nothing, `custom.pythonRequirements`."""
    resolver = setting(settings, "resolver")
    inherited = read_python_requirements(python_requirements)
    file_name = inherited.file_name
    files = _files(settings)
    if not files and file_name is not None and tree.is_file(file_name) and not project_comes_first(inherited, tree):
        files = (file_name,)
    own_lock = _flag(settings, "requireLock")
    requirements = RequirementSet(
        files=files or (),
        groups=_or(_texts(settings, "groups"), inherited.groups),
        extras=_or(_texts(settings, "extras"), inherited.extras),
        resolver=(resolver.choice(Resolver) if resolver else None) or Resolver.UV,
        without_groups=_or(_texts(settings, "withoutGroups"), inherited.without_groups),
        only_groups=_or(_texts(settings, "onlyGroups"), inherited.only_groups),
        require_lock=inherited.require_lock if own_lock is None else own_lock,
        ignored_tools=inherited.ignored_tools,
    )
    return Layout(requirements, read_folders(settings, "sourceRoots"), file_name)


def function_requirements(
    layout: Layout, settings: Value | None, module: str | None, tree: ServiceTree
) -> RequirementSet:
    """Where a function's requirements stand: its own settings, its `module`'s folder, the service's."""
    service = layout.requirements
    folder, files = service.folder, service.files
    if module is not None and has_requirements(module, tree, layout.file_name):
        folder, files = module, ()
        if layout.file_name is not None and tree.is_file(posixpath.join(module, layout.file_name)):
            files = (posixpath.join(module, layout.file_name),)
    own_files = _files(settings)
    if own_files is not None:
        folder, files = module or service.folder, own_files
    own_lock = _flag(settings, "requireLock")
    return RequirementSet(
        folder=folder,
        files=files,
        groups=_or(_texts(settings, "groups"), service.groups),
        extras=_or(_texts(settings, "extras"), service.extras),
        resolver=service.resolver,
        without_groups=_or(_texts(settings, "withoutGroups"), service.without_groups),
        only_groups=_or(_texts(settings, "onlyGroups"), service.only_groups),
        require_lock=service.require_lock if own_lock is None else own_lock,
        ignored_tools=service.ignored_tools,
    )


def script_requirements(
    requirements: RequirementSet, module: str, roots: Iterable[str], tree: ServiceTree
) -> RequirementSet:
    """Those of the handler's own file, where it has script metadata (PEP 723); else the ones given."""
    inside = f"{module.replace('.', '/')}.py"
    path = next((path for root in roots if tree.is_file(path := posixpath.normpath(f"{root}/{inside}"))), None)
    if path is None or not is_script(tree.read(path)):
        return requirements
    folder = posixpath.dirname(path) or "."
    return replace(requirements, folder=folder, files=(path,), groups=(), extras=(), without_groups=(), only_groups=())


def function_roots(layout: Layout, settings: Value | None, module: str | None, tree: ServiceTree) -> tuple[str, ...]:
    """The folders that stand for the artifact's root."""
    own = read_folders(settings, "sourceRoots")
    if own is not None:
        return own
    roots = layout.source_roots
    if module is not None:
        return tuple(dict.fromkeys((module, *(roots or (".",)))))
    if roots is not None:
        return roots
    # A `src` that is no package is a root by convention (PyPA's "src layout"); as a package it is imported as `src.…`.
    has_src = tree.is_folder("src") and not tree.is_file("src/__init__.py")
    return (".", "src") if has_src else (".",)


def read_vendor(settings: Value | None, other: Value | None, tree: ServiceTree) -> tuple[str, ...] | None:
    """The folders of `vendor`, else those of `other`, a key of that name elsewhere; None where neither is set."""
    value = setting(settings, "vendor") or other
    if value is None:
        return None
    folders: list[str] = []
    for element in value.elements():
        folder = read_folder(element)
        if folder is not None and not tree.is_folder(folder):
            hint = "name the folder that holds the libraries, relative to the service"
            element.error(Code.BAD_VALUE, f"`{element.path}`: there is no folder `{folder}`", hint)
        elif folder is not None:
            folders.append(folder)
    return tuple(folders)


def nearest_requirements(folder: str, tree: ServiceTree) -> str:
    """The folder, else the nearest one above it that has requirements; the service's own if none has."""
    while folder not in (".", "") and not has_requirements(folder, tree):
        folder = posixpath.dirname(folder)
    return folder or "."


def read_folder(value: Value) -> str | None:
    """A folder inside the service, normalised; None, and an error, where it is none."""
    folder = read_path(value)
    if folder is not None and folder.split("/")[0] == "..":
        value.error(Code.BAD_VALUE, f"`{value.path}`: `{folder}` is outside the service", "name a folder inside it")
        return None
    return folder


def read_path(value: Value) -> str | None:
    """A path relative to the service, normalised; None, and an error, where it is none."""
    text = value.text()
    if text is None:
        return None
    if not text.strip() or _ABSOLUTE.match(text):
        hint = "write a path relative to the service's folder"
        value.error(Code.BAD_VALUE, f"`{value.path}`: `{text}` is not a relative path", hint)
        return None
    return posixpath.normpath(text.replace("\\", "/"))


def has_requirements(folder: str, tree: ServiceTree, file_name: str | None = None) -> bool:
    """Whether a folder has requirements of its own, by the names of its files."""
    globs = REQUIREMENT_FILES if file_name is None else (*REQUIREMENT_FILES, file_name)
    files = [name for name, is_folder in tree.children(folder).items() if not is_folder]
    return any(fnmatchcase(name, glob) for name in files for glob in globs)


def _files(settings: Value | None) -> tuple[str, ...] | None:
    value = setting(settings, "requirements")
    return None if value is None else _known(read_path(element) for element in value.elements())


def read_folders(settings: Value | None, name: str) -> tuple[str, ...] | None:
    """The folders that a setting names; None where it is not set."""
    value = setting(settings, name)
    return None if value is None else _known(read_folder(element) for element in value.elements())


def _texts(settings: Value | None, name: str) -> tuple[str, ...] | None:
    value = setting(settings, name)
    return None if value is None else value.texts()


def _or(own: tuple[str, ...] | None, inherited: tuple[str, ...]) -> tuple[str, ...]:
    return inherited if own is None else own


def _flag(settings: Value | None, name: str) -> bool | None:
    value = setting(settings, name)
    return None if value is None else value.flag()


def _known(paths: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(path for path in paths if path is not None)
