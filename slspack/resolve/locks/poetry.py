"""poetry.lock, from version 1 of the format to 2.1."""

from __future__ import annotations

import json
import posixpath
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from slspack.builds.constraints import joined, python_marker, specifiers
from slspack.builds.origins import split_login
from slspack.model import dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.locks.document import invalid, read_toml_lock, sha256_of, stale, table, tables, text_of, texts
from slspack.resolve.locks.edges import roots_of, serves_python
from slspack.resolve.locks.model import DirectSource, LockedEdge, LockedPackage, LockedPackages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slspack.model import DistName, Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen
    from slspack.resolve.locks.document import LockDocument, Table
    from slspack.resolve.written import Written

_FLAT = (2, 1)
"""From this version of the format on, each package says in which groups and by which marker it is there."""
_LEGACY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")


def read_poetry_lock(
    path: str,
    project: Mapping[str, object] | None,
    beside: Written,
    chosen: Chosen,
    target: Target,
    files: ServiceFiles,
) -> LockedPackages:
    """Read a lock of Poetry's. `project` is its pyproject.toml, `beside` what that lists of what is asked for.

    Raises SLS0207 for a file that cannot be understood or does not serve the target's Python, SLS0208 where the hash
    of the project's content is another one.
    """
    document = read_toml_lock(path, files)
    metadata = table(document.tables.get("metadata"))
    version = _version(document, metadata)
    python = text_of(metadata.get("python-versions"))
    serves_python(document, _any_python(python), target, python)
    if project is not None and metadata.get("content-hash") not in content_hashes(project):
        raise stale(path, beside.sources[0] if beside.sources else "pyproject.toml", "it was changed since")
    reader = _Reader(document, files)
    stated = tables(document.tables.get("package"))
    packages = tuple(map(reader.package, stated))
    if version >= _FLAT:
        return LockedPackages(path, packages, tuple(_flat(stated, chosen)), frozenset(chosen.extras))
    if project is None:
        reason = "its format does not say what is listed, and there is no `pyproject.toml` beside it"
        raise invalid(path, document.place(""), reason)
    return LockedPackages(path, packages, roots_of(beside))


def content_hashes(project: Mapping[str, object]) -> frozenset[str]:
    """The `content-hash` of a pyproject.toml, as each version of Poetry computes it."""
    tool = table(table(project.get("tool")).get("poetry"))
    stated = {key: value for key in _PROJECT_KEYS if (value := table(project.get("project")).get(key)) is not None}
    groups = table(project.get("dependency-groups"))
    own = {key: tool[key] for key in (*_LEGACY_KEYS, "group") if tool.get(key) is not None}
    legacy = {**dict.fromkeys(_LEGACY_KEYS), **own}
    variants: list[object] = [legacy, {key: legacy[key] for key in _LEGACY_KEYS}]
    if stated or groups:
        whole: dict[str, object] = {"project": stated} if stated else {}
        variants += [{**whole, "tool": {"poetry": own if stated else legacy}}]
        if groups:
            variants += [{**whole, "dependency-groups": groups, "tool": {"poetry": own}}]
    return frozenset(sha256(json.dumps(one, sort_keys=True, default=str).encode()).hexdigest() for one in variants)


def _version(document: LockDocument, metadata: Table) -> tuple[int, ...]:
    text = text_of(metadata.get("lock-version")) or "1.0"
    version = tuple(int(part) for part in text.split(".") if part.isdigit())
    if not version or version[0] not in (1, 2):
        raise invalid(document.path, document.place(""), f"its format {text} is none that this release knows")
    return version


def _any_python(constraint: str) -> tuple[str, ...]:
    try:
        return specifiers(constraint) if constraint else ("",)
    except ValueError:
        return ("",)


def _flat(stated: Sequence[Table], chosen: Chosen) -> Iterator[LockedEdge]:
    wanted = {*chosen.groups, *(("main",) if chosen.main or chosen.extras else ())}
    for place, one in enumerate(stated):
        markers = one.get("markers")
        for group in texts(one.get("groups")):
            if dist_name(group) in wanted:
                marker = text_of(markers.get(group) if isinstance(markers, dict) else markers)
                yield LockedEdge(dist_name(text_of(one.get("name"))), marker, package=place)


class _Reader:
    def __init__(self, document: LockDocument, files: ServiceFiles) -> None:
        self._document = document
        self._folder = posixpath.dirname(document.path)
        self._service = files
        old = table(table(document.tables.get("metadata")).get("files"))
        self._old_files = {dist_name(name): tables(listed) for name, listed in old.items()}

    def package(self, stated: Table) -> LockedPackage:
        name, version = text_of(stated.get("name")), text_of(stated.get("version"))
        source = table(stated.get("source"))
        kind, url = text_of(source.get("type")), text_of(source.get("url"))
        return LockedPackage(
            dist_name(name),
            version,
            self._document.place(name),
            files=tuple(self._files(stated, dist_name(name), version, kind, url)),
            edges=self._edges(stated),
            source=" ".join((kind, url, text_of(source.get("resolved_reference")))).strip(),
            index=url if kind == "legacy" else None,
            direct=self._direct(source, kind, url),
        )

    def _files(self, stated: Table, name: DistName, version: str, kind: str, url: str) -> Iterator[IndexFile]:
        listed = tables(stated.get("files")) or self._old_files.get(name, ())
        for one in listed:
            file = IndexFile(text_of(one.get("file")), "", sha256_of(one.get("hash")))
            if kind == "url":
                address, _ = split_credentials(url)
                filename = unquote(urlsplit(address).path.rpartition("/")[2])
                yield IndexFile(filename, address, file.sha256)
            elif kind == "file":
                place = posixpath.normpath(posixpath.join(self._folder, url))
                self._service.exists(place)
                yield IndexFile(file.filename, self._service.absolute(place).resolve().as_uri(), file.sha256)
            elif file.version is None or str(file.version) == version or _same(str(file.version), version):
                yield file

    def _edges(self, stated: Table) -> dict[str, tuple[LockedEdge, ...]]:
        needed = table(stated.get("dependencies"))
        edges = {"": tuple(edge for name, value in needed.items() for edge in self._edge(name, value, "", None))}
        for extra, listed in table(stated.get("extras")).items():
            members = {dist_name(text.split("(")[0].split("[")[0].split(";")[0].strip()) for text in texts(listed)}
            found = (edge for name, value in needed.items() for edge in self._edge(name, value, extra, members))
            edges[dist_name(extra)] = tuple(found)
        return edges

    def _edge(self, name: str, value: object, extra: str, members: set[DistName] | None) -> Iterator[LockedEdge]:
        for one in value if isinstance(value, list) else [value]:
            stated = table(one) if isinstance(one, dict) else {"version": one}
            if (stated.get("optional") is True) != (members is not None):
                continue
            if members is not None and dist_name(name) not in members:
                continue
            try:
                versions = specifiers(text_of(stated.get("version")) or "*")
                python = python_marker(text_of(stated.get("python"))) if "python" in stated else ""
            except ValueError as error:
                raise invalid(self._document.path, self._document.place(name), str(error)) from None
            marker = joined(text_of(stated.get("markers")), python)
            extras = frozenset(dist_name(inner) for inner in texts(stated.get("extras")))
            yield LockedEdge(dist_name(name), marker, extras, versions if any(versions) else (), within=extra)

    def _direct(self, source: Table, kind: str, url: str) -> DirectSource | None:
        subdirectory = text_of(source.get("subdirectory"))
        if kind == "git":
            return DirectSource("git", split_login(url)[0], text_of(source.get("resolved_reference")), subdirectory)
        if kind == "url":
            return DirectSource("archive", split_credentials(url)[0], subdirectory=subdirectory)
        if kind in ("directory", "file"):
            return DirectSource(
                "path", posixpath.normpath(posixpath.join(self._folder, url)), subdirectory=subdirectory
            )
        return None


def _same(one: str, other: str) -> bool:
    from packaging.utils import canonicalize_version

    return canonicalize_version(one) == canonicalize_version(other)
