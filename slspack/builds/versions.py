"""Versions that a project does not state as such: read where its build backend would read them, without running it.

A version that only version control knows is not worth a build of what is otherwise plain source. It is `0+local` then,
or the fallback that the project names.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.builds.layouts.places import SourceRoot

LOCAL = "0+local"
"""Older than every release, and of nobody's but this machine (PEP 440, "Local version identifiers")."""
_OF_VERSION_CONTROL = re.compile(
    r"(setuptools[-_.]scm|setuptools[-_.]git[-_.]versioning|versioningit)\b", re.IGNORECASE
)
_ASSIGNED = re.compile(
    r"^(?:__version__|version)[ \t]*(?::[ \t]*str[ \t]*)?=[ \t]*(?P<quote>['\"])v?(?P<version>.+?)(?P=quote)",
    re.IGNORECASE | re.MULTILINE,
)
_OF_PDM = re.compile(r"^__version__\s*=\s*(?P<quote>[\"'])(?P<version>.+?)(?P=quote)", re.MULTILINE)
_TOLD_BY = ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "POETRY_DYNAMIC_VERSIONING_BYPASS")
"""The variables by which backends are told what they would ask version control for; hatch-vcs knows the first."""


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version, and the files that decide it, relative to the project: those that are not there, too."""

    text: str
    files: tuple[str, ...] = ()


def read_version(
    backend: str, requires: Sequence[str], tool: Mapping[str, object], root: SourceRoot, folder: Path
) -> ReadVersion | None:
    """The version of a project that lists it among what is dynamic; None where code of it has to be run.

    `root` is where its modules stand.
    """
    if backend.startswith("setuptools"):
        return _of_setuptools(tool, requires, root.folder, folder)
    if backend == "hatchling.build":
        return _of_hatchling(_table(tool, "hatch"), folder)
    if backend.startswith("flit_core"):
        return _of_module(root.modules[0], "__version__", root.folder, folder)
    if backend == "poetry_dynamic_versioning.backend":
        return ReadVersion(LOCAL)
    if backend == "pdm.backend":
        return _of_pdm(_table(_table(tool, "pdm"), "version"), folder)
    if backend.startswith("poetry.core"):
        stated = _table(tool, "poetry").get("version")
        return ReadVersion(stated) if isinstance(stated, str) else None
    return None


def variables_without_history(source: Path) -> dict[str, str]:
    """What tells build backends a version, where they would ask a history that a copy of a folder does not have."""
    if (source / ".git").exists() or (source / "PKG-INFO").is_file():
        return {}
    return dict.fromkeys(_TOLD_BY, LOCAL)


def _of_setuptools(tool: Mapping[str, object], requires: Sequence[str], root: str, folder: Path) -> ReadVersion | None:
    """https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata"""
    said = _table(_table(_table(tool, "setuptools"), "dynamic"), "version")
    attribute, file = said.get("attr"), said.get("file")
    if isinstance(attribute, str):
        module, _, name = attribute.rpartition(".")
        return _of_module(module, name, root, folder)
    if file is not None:
        files = [file] if isinstance(file, str) else file if isinstance(file, list) else []
        texts = [_text(folder / str(one)) for one in files]
        return ReadVersion("\n".join(texts).strip(), tuple(map(str, files)))
    scm = _table(tool, "setuptools_scm")
    if scm or any(_OF_VERSION_CONTROL.match(one) for one in requires):
        written = [scm.get(key) for key in ("version_file", "write_to")]
        return _of_version_control(scm.get("fallback_version"), written, folder)
    return None


def _of_hatchling(hatch: Mapping[str, object], folder: Path) -> ReadVersion | None:
    """https://hatch.pypa.io/latest/plugins/version-source/reference/"""
    said = _table(hatch, "version")
    source, path, pattern = said.get("source", "regex"), said.get("path"), said.get("pattern")
    if source == "vcs":
        hook = _table(_table(_table(hatch, "build"), "hooks"), "vcs")
        fallback = said.get("fallback-version") or _table(said, "raw-options").get("fallback_version")
        return _of_version_control(fallback, [hook.get("version-file")], folder)
    if source != "regex" or not isinstance(path, str) or pattern not in (None, True):
        return None
    found = _ASSIGNED.search(_text(folder / path))
    return ReadVersion(found["version"], (path,)) if found else None


def _of_pdm(said: Mapping[str, object], folder: Path) -> ReadVersion | None:
    """https://backend.pdm-project.org/metadata/#dynamic-project-version"""
    source, path = said.get("source"), said.get("path")
    if source == "scm":
        return _of_version_control(said.get("fallback_version"), [said.get("write_to")], folder)
    if source != "file" or not isinstance(path, str):
        return None
    found = _OF_PDM.search(_text(folder / path))
    return ReadVersion(found["version"], (path,)) if found else None


def _of_version_control(fallback: object, written: Sequence[object], folder: Path) -> ReadVersion | None:
    """None where a build writes the version into a module that is not there yet."""
    files = tuple(one for one in written if isinstance(one, str))
    if not all((folder / one).is_file() for one in files):
        return None
    return ReadVersion(fallback if isinstance(fallback, str) else LOCAL, files)


def _of_module(module: str, name: str, root: str, folder: Path) -> ReadVersion | None:
    """What a module assigns to a name, where that is a plain string."""
    place = f"{root}/{module.replace('.', '/')}".removeprefix("./")
    files = (f"{place}.py", f"{place}/__init__.py")
    text = next((text for file in files if (text := _text(folder / file))), "")
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets += [statement.target] if isinstance(statement, ast.AnnAssign) else []
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            plain = isinstance(value, ast.Constant) and isinstance(value.value, str)
            return ReadVersion(str(value.value), files) if plain and isinstance(value, ast.Constant) else None
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _table(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
