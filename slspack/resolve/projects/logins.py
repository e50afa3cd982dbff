"""The logins of the indexes that a project names: from variables and, for Poetry's sources, from Poetry's own files."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.registry.credentials import Login, split_credentials, with_login
from slspack.registry.poetry_files import PoetrySettings, poetry_files, read_poetry_settings
from slspack.resolve.pyproject import load_pyproject
from slspack.resolve.sources import PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.written import WrittenOptions


def with_logins(
    options: WrittenOptions, path: str, files: ServiceFiles, environment: Mapping[str, str]
) -> WrittenOptions:
    """The addresses of a project's indexes with their logins, and how each is reached. `path` is the project's file.

    Pipenv and PDM put `${NAME}` into addresses; a variable that is not set stays as it is. Poetry and uv have variables
    by the index's name, Poetry also files. Raises SLS0509 for one of these that cannot be parsed.
    """

    def filled(url: str) -> str:
        return re.sub(r"\$\{(\w+)\}", lambda match: environment.get(match[1], match[0]), url)

    named = [(name, filled(url)) for name, url in options.named if url and "://" in url]
    poetry = _poetry(path, files, environment) if named else PoetrySettings((), files.root)
    logins = {
        url: with_login(split_credentials(url)[0], login).reveal()
        for name, url in named
        if (login := poetry.login(name, environment) or _uv_login(name, environment)) is not None
    }

    def whole(url: str) -> str:
        return logins.get(filled(url)) or filled(url)

    accesses = [(split_credentials(url)[0], poetry.access(name, environment)) for name, url in named]
    return replace(
        options,
        index_url=options.index_url and whole(options.index_url),
        extra_index_urls=tuple(map(whole, options.extra_index_urls)),
        named=tuple((name, url and whole(url)) for name, url in options.named),
        accesses=tuple(accesses),
    )


def _uv_login(name: str, environment: Mapping[str, str]) -> Login | None:
    start = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
    user, password = environment.get(f"{start}_USERNAME"), environment.get(f"{start}_PASSWORD")
    return Login(user or "", password or "") if user or password else None


def _poetry(path: str, files: ServiceFiles, environment: Mapping[str, str]) -> PoetrySettings:
    """The files count for Poetry's own projects alone: an index of another's may have the same name."""
    folder = posixpath.dirname(path)
    pyproject = load_pyproject(path, files) if path.endswith(PYPROJECT) else None
    paths: list[str] = []
    if pyproject is not None and pyproject.poetry is not None and pyproject.poetry.sources:
        paths = [*map(str, poetry_files(environment)), posixpath.join(folder, "poetry.toml")]
    return read_poetry_settings(paths, files.read, files.absolute(folder or "."))
