"""What serverless-python-requirements calls the sources of requirements: `custom.pythonRequirements`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Tool

if TYPE_CHECKING:
    from slspack.config.value import Value
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class PythonRequirements:
    """Its options that say where requirements stand, with their defaults."""

    file_name: str | None = None
    groups: tuple[str, ...] = ()
    without_groups: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    require_lock: bool = False
    ignored_tools: tuple[Tool, ...] = ()


def read_python_requirements(settings: Value | None) -> PythonRequirements:
    """The options as they are written; the rest of the map is not looked at."""
    if settings is None:
        return PythonRequirements()

    def texts(*names: str) -> tuple[str, ...]:
        values = (settings.peek(name) for name in names)
        return tuple(dict.fromkeys(text for value in values if value for text in value.texts()))

    def flag(name: str) -> bool | None:
        value = settings.peek(name)
        return value.flag() if value else None

    file_name = settings.peek("fileName")
    uses = ((Tool.POETRY, flag("usePoetry")), (Tool.PIPENV, flag("usePipenv")))
    return PythonRequirements(
        file_name=file_name.text() if file_name else None,
        groups=texts("poetryWithGroups", "pyprojectWithGroups", "uvWithGroups"),
        without_groups=texts("poetryWithoutGroups", "uvWithoutGroups"),
        only_groups=texts("poetryOnlyGroups", "uvOnlyGroups"),
        extras=texts("uvOptionalDependencies"),
        require_lock=flag("requirePoetryLockFile") is True,
        ignored_tools=tuple(tool for tool, used in uses if used is False),
    )


def project_comes_first(options: PythonRequirements, tree: ServiceTree) -> bool:
    """Whether a project of Poetry's or Pipenv's is read instead of `fileName`, as it is there.

    A pyproject.toml is Poetry's if it has Poetry's table or is built by it.
    """
    if Tool.POETRY not in options.ignored_tools and tree.is_file("pyproject.toml"):
        text = tree.read("pyproject.toml")
        if b"[tool.poetry" in text or b"poetry.core.masonry" in text:
            return True
    return Tool.PIPENV not in options.ignored_tools and tree.is_file("Pipfile")
