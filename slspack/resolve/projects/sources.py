"""The indexes that a pyproject.toml names for Poetry, PDM and uv, and what uv takes from elsewhere."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.model import dist_name
from slspack.resolve.written import WORKSPACE, Origin, WrittenOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.resolve.pyproject import Pyproject
    from slspack.resolve.written import WrittenRequirement


_UV_LISTS = ("extra-index-url", "find-links")


def project_options(pyproject: Pyproject) -> WrittenOptions:
    """The indexes for any distribution: of Poetry's sources, else PDM's, else uv's."""
    if pyproject.poetry is not None and pyproject.poetry.sources:
        return replace(pyproject.poetry.options(), named=_named(pyproject.poetry.sources, pyproject))
    pdm = _tables(_mapping(pyproject.tool.get("pdm")).get("source"))
    if pdm:
        return replace(_pdm_options(pdm), named=_named(pdm, pyproject))
    uv = _mapping(pyproject.tool.get("uv"))
    general = [one for one in _tables(uv.get("index")) if one.get("explicit") is not True and "url" in one]
    default = [_address(one, pyproject) for one in general if one.get("default") is True]
    others = tuple(_address(one, pyproject) for one in general if one.get("default") is not True)
    more, links = (tuple(_address({"url": one}, pyproject) for one in _texts(uv.get(key))) for key in _UV_LISTS)
    plain = [_address({"url": uv["index-url"]}, pyproject)] if isinstance(uv.get("index-url"), str) else []
    return WrittenOptions(
        index_url=next(iter((*default, *plain)), None),
        extra_index_urls=(*others, *more),
        find_links=links,
        no_index=uv.get("no-index") is True,
        named=_named(_tables(uv.get("index")), pyproject),
    )


def with_uv_source(one: WrittenRequirement, tool: Mapping[str, object]) -> WrittenRequirement:
    """A requirement with what `[tool.uv.sources]` says of its name: another origin, or the one index for it."""
    if one.origin is not Origin.INDEX:
        return one
    sources = {dist_name(name): value for name, value in _mapping(_mapping(tool.get("uv")).get("sources")).items()}
    stated = sources.get(one.name)
    for source in _tables(stated if isinstance(stated, list) else [stated]):
        marker = str(source.get("marker", ""))
        for kind in ("git", "url", "path", "workspace"):
            if kind in source and not marker:
                return _elsewhere(one, kind, source)
        if "index" in source:
            return replace(one, index=str(source["index"]))
    return one


def _elsewhere(one: WrittenRequirement, kind: str, source: Mapping[str, object]) -> WrittenRequirement:
    reference = f"{WORKSPACE}{one.name}" if kind == "workspace" else str(source[kind])
    if kind == "path":
        reference = posixpath.normpath(posixpath.join(posixpath.dirname(one.location.path), reference))
    if kind == "git":
        revision = next((str(source[key]) for key in ("rev", "tag", "branch") if source.get(key)), "")
        reference = f"git+{reference}@{revision}" if revision else f"git+{reference}"
    if kind in ("git", "path", "url") and source.get("subdirectory"):
        reference = f"{reference}#subdirectory={source['subdirectory']}"
    origin = Origin.WHEEL if reference.endswith(".whl") else Origin.SOURCE
    return replace(one, origin=origin, reference=reference, specifier="")


def _pdm_options(sources: list[Mapping[str, object]]) -> WrittenOptions:
    links = tuple(str(one["url"]) for one in sources if one.get("type") == "find_links" and "url" in one)
    indexes = [one for one in sources if one.get("type") != "find_links" and "url" in one]
    first = [str(one["url"]) for one in indexes if one.get("name") == "pypi"]
    others = tuple(str(one["url"]) for one in indexes if one.get("name") != "pypi")
    return WrittenOptions(index_url=first[0] if first else None, extra_index_urls=others, find_links=links)


def _address(index: Mapping[str, object], pyproject: Pyproject) -> str:
    """An index that is a folder is relative to the project."""
    url = str(index["url"])
    return url if "://" in url else posixpath.normpath(posixpath.join(posixpath.dirname(pyproject.path), url))


def _named(indexes: Iterable[Mapping[str, object]], pyproject: Pyproject) -> tuple[tuple[str, str | None], ...]:
    """The indexes by their names. Poetry knows one without an address: the default one."""
    return tuple(
        (str(one["name"]).lower(), _address(one, pyproject) if "url" in one else None)
        for one in indexes
        if "name" in one and ("url" in one or str(one["name"]).lower() == "pypi")
    )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
