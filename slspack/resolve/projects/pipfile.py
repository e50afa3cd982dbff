"""What a Pipfile lists: `[packages]`, `[dev-packages]`, categories of the user's own, and sources."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity, dist_name
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.projects.toml import find_in, load_toml
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.written import Origin, Written, WrittenOptions, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen

DEVELOPMENT = frozenset({"dev", "develop", "dev-packages"})
_SECTIONS = frozenset({"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"})
_MARKER_KEYS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
    "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
    "implementation_version",
)  # fmt: skip


def read_pipfile(path: str, chosen: Chosen, files: ServiceFiles) -> Written:
    """What the file lists in the categories chosen, of which `dev-packages` is one.

    Raises SLS0201 with all that cannot be parsed, SLS0210 for a category that is not there.
    """
    text, tables = load_toml(path, files)
    sections = _sections(tables)
    found: list[WrittenRequirement] = []
    errors: list[Finding] = []
    wanted = [("packages", None)] if chosen.main else []
    for group in (*chosen.groups, *chosen.extras):
        section = "dev-packages" if group in DEVELOPMENT else sections.get(group)
        if section is None or section not in tables:
            errors.append(_unknown(path, group, sections))
        else:
            wanted.append((section, group))  # type: ignore[arg-type]
    for section, name in wanted:
        for key, value in _mapping(tables.get(section)).items():
            at = find_in(path, text, key)
            try:
                found.append(_requirement(key, value, at, name, _first(tables)))
            except LineError as error:
                errors.append(Finding(Code.REQUIREMENT_SYNTAX, Severity.ERROR, str(error), at, error.hint))
    if errors:
        raise SlspackError(errors)
    return Written(tuple(found), options=_options(tables), sources=(path,))


def read_development(path: str, chosen: Chosen, files: ServiceFiles) -> Written:
    """What `[dev-packages]` lists, unless it is chosen. What is wrong is passed over."""
    text, tables = load_toml(path, files)
    found = []
    if not DEVELOPMENT & set(chosen.groups):
        for key, value in _mapping(tables.get("dev-packages")).items():
            try:
                found.append(_requirement(key, value, find_in(path, text, key), "dev-packages", ""))
            except LineError:
                continue
    return Written(tuple(found), sources=(path,))


def _sections(tables: Mapping[str, object]) -> dict[str, str]:
    own = [name for name, value in tables.items() if isinstance(value, dict) and name not in _SECTIONS]
    return {dist_name(name): name for name in own}


def _requirement(name: str, value: object, location: Location, group: str | None, first: str) -> WrittenRequirement:
    """`first` names the source for whatever names none: being bound to that is nothing special."""
    stated = {"version": value} if isinstance(value, str) else _mapping(value)
    version = str(stated.get("version", "*")).strip()
    markers = [f"{key} {stated[key]}" for key in _MARKER_KEYS if key in stated]
    markers += [f"({stated['markers']})"] if stated.get("markers") else []
    extras = stated.get("extras")
    listed = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else ""
    specifier = "" if version == "*" else version
    marker = f" ; {' and '.join(markers)}" if markers else ""
    written = parse_requirement(f"{name}{listed}{specifier}{marker}", location, group=group)
    if stated.get("index", first) != first:
        written = replace(written, index=str(stated["index"]))
    for kind in ("git", "hg", "svn", "path", "file"):
        if kind in stated:
            reference = str(stated[kind])
            if kind in ("path", "file") and "://" not in reference:
                reference = posixpath.normpath(posixpath.join(posixpath.dirname(location.path), reference))
            origin = Origin.WHEEL if reference.endswith(".whl") else Origin.SOURCE
            return replace(written, specifier="", origin=origin, reference=reference)
    return written


def _first(tables: Mapping[str, object]) -> str:
    sources = tables.get("source")
    first = sources[0] if isinstance(sources, list) and sources else {}
    return str(_mapping(first).get("name", ""))


def _options(tables: Mapping[str, object]) -> WrittenOptions:
    sources = tables.get("source")
    stated = [one for one in sources if isinstance(one, dict) and "url" in one] if isinstance(sources, list) else []
    urls = [str(one["url"]) for one in stated]
    hosts = tuple(host for one in stated if one.get("verify_ssl") is False and (host := _host(str(one["url"]))))
    prereleases = _mapping(tables.get("pipenv")).get("allow_prereleases") is True
    if not urls:
        return WrittenOptions(prereleases=prereleases)
    named = tuple((str(one["name"]).lower(), str(one["url"])) for one in stated if "name" in one)
    # A source after the first is only for those that name it.
    return WrittenOptions(index_url=urls[0], trusted_hosts=hosts, prereleases=prereleases, named=named)


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).netloc.rpartition("@")[2]


def _unknown(path: str, group: str, sections: Iterable[str]) -> Finding:
    names = sorted({*sections, "dev-packages"})
    hint = did_you_mean(group, names) or f"there are {', '.join(f'`{one}`' for one in names)}"
    message = f"`{path}` has no category `{group}`"
    return Finding(Code.NO_SUCH_GROUP, Severity.ERROR, message, Location(path), hint)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
