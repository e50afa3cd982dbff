"""uv.lock, and the lock that uv writes beside a script."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

from slspack.builds.origins import split_login
from slspack.model import dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.locks.document import (
    invalid,
    read_toml_lock,
    sha256_of,
    size_of,
    stale,
    table,
    tables,
    text_of,
    texts,
)
from slspack.resolve.locks.model import DirectSource, LockedEdge, LockedPackage, LockedPackages
from slspack.resolve.locks.uv_metadata import mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slspack.model import DistName, Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen
    from slspack.resolve.locks.document import LockDocument, Table
    from slspack.resolve.written import Written

_VERSION = 1
_LOCAL = ("virtual", "editable", "directory")
_COMMIT = re.compile(r"#([0-9a-f]{7,64})$")


def read_uv_lock(
    path: str, project: str | None, beside: Written, chosen: Chosen, target: Target, files: ServiceFiles
) -> LockedPackages:
    """Read a lock of uv's, with what the project at `project` (a pyproject.toml, or a script) needs as the roots.

    In a workspace that is the member whose file it is. `beside` is what the file says now: if that is not what was
    locked (for the target and the groups and extras asked for), the lock is stale.

    Raises SLS0207 for a file that cannot be understood, SLS0208 for a stale one.
    """
    document = read_toml_lock(path, files)
    if document.tables.get("version") != _VERSION:
        found = document.tables.get("version")
        reason = f"it is of version {found}, and this release knows version {_VERSION}"
        raise invalid(path, document.place(""), reason)
    stated = tables(document.tables.get("package"))
    reader = _Reader(document, files)
    member = _member(path, project, stated, files)
    if member is None and project is not None and project.endswith(".toml"):
        raise stale(path, project, "the project is not in it")
    packages = tuple(reader.package(one, member) for one in stated)
    if member is None:
        wanted = tables(table(document.tables.get("manifest")).get("requirements"))
        roots = tuple(reader.edge(one) for one in wanted)
        active: frozenset[str] = frozenset()
        metadata: Table = {"requires-dist": list(wanted)}
        own = dist_name("")
    else:
        own = dist_name(text_of(member.get("name")))
        roots = tuple(reader.roots(member, chosen))
        active = _active(own, chosen)
        metadata = table(member.get("metadata"))
    if beside.sources and project is not None:
        difference = mismatch(metadata, own, beside, chosen, target)
        if difference:
            raise stale(path, project, difference)
    return LockedPackages(path, packages, roots, active)


def _member(path: str, project: str | None, stated: Sequence[Table], files: ServiceFiles) -> Table | None:
    """The package of the lock that is the project itself."""
    folder, own = (files.absolute(posixpath.dirname(one)).resolve() for one in (path, project or path))
    wanted = posixpath.relpath(own.as_posix(), folder.as_posix())
    for one in stated:
        source = table(one.get("source"))
        if any(kind in source and posixpath.normpath(text_of(source[kind])) == wanted for kind in _LOCAL):
            return one
    return None


def _active(own: DistName, chosen: Chosen) -> frozenset[str]:
    """What uv's markers call the parts of the project that take part in conflicts."""
    extras = [f"extra-{len(own)}-{own}-{extra}" for extra in chosen.extras]
    groups = [f"group-{len(own)}-{own}-{group}" for group in chosen.groups]
    return frozenset((*extras, *groups, *((f"project-{len(own)}-{own}",) if chosen.main else ())))


class _Reader:
    def __init__(self, document: LockDocument, files: ServiceFiles) -> None:
        self._document = document
        self._folder = posixpath.dirname(document.path)
        self._files = files

    def package(self, stated: Table, member: Table | None) -> LockedPackage:
        name = text_of(stated.get("name"))
        at = self._document.place(name)
        if not name:
            raise invalid(self._document.path, at, "a package has no name")
        source = table(stated.get("source"))
        optional = table(stated.get("optional-dependencies"))
        edges = {"": tuple(map(self.edge, tables(stated.get("dependencies"))))}
        edges |= {dist_name(extra): tuple(map(self.edge, tables(listed))) for extra, listed in optional.items()}
        return LockedPackage(
            dist_name(name),
            text_of(stated.get("version")),
            at,
            files=tuple(self._distribution_files(stated, source)),
            edges=edges,
            markers=texts(stated.get("resolution-markers")),
            source=_key(source),
            direct=self._direct(source),
            first_party=stated is member or "virtual" in source,
        )

    def roots(self, member: Table, chosen: Chosen) -> Iterator[LockedEdge]:
        optional = {dist_name(k): v for k, v in table(member.get("optional-dependencies")).items()}
        groups = {dist_name(k): v for k, v in table(member.get("dev-dependencies")).items()}
        if chosen.main:
            yield from map(self.edge, tables(member.get("dependencies")))
        for extra in chosen.extras:
            yield from map(self.edge, tables(optional.get(extra)))
        for group in chosen.groups:
            yield from map(self.edge, tables(groups.get(group)))

    def edge(self, stated: Table) -> LockedEdge:
        version = text_of(stated.get("version"))
        return LockedEdge(
            dist_name(text_of(stated.get("name"))),
            text_of(stated.get("marker")),
            frozenset(dist_name(extra) for extra in texts(stated.get("extra"))),
            (f"=={version}",) if version else (),
            _key(table(stated.get("source"))),
        )

    def _distribution_files(self, stated: Table, source: Table) -> Iterator[IndexFile]:
        registry = text_of(source.get("registry"))
        for one in (*tables(stated.get("wheels")), table(stated.get("sdist"))):
            address = text_of(one.get("url")) or text_of(source.get("url"))
            filename = text_of(one.get("filename"))
            if "path" in one:
                # In a folder of wheels: relative to that, which is relative to the lock.
                address = self._local(posixpath.join(registry, text_of(one["path"])))
            elif "path" in source and (filename or one):
                address = self._local(text_of(source["path"]))
            if address:
                clean, _ = split_credentials(urldefrag(address)[0])
                name = filename or unquote(urlsplit(clean).path.rpartition("/")[2])
                yield IndexFile(name, clean, sha256_of(one.get("hash")), size_of(one.get("size")))

    def _local(self, path: str) -> str:
        if "://" in path:
            return path
        place = posixpath.normpath(posixpath.join(self._folder, path))
        self._files.exists(place)
        return self._files.absolute(place).resolve().as_uri()

    def _direct(self, source: Table) -> DirectSource | None:
        subdirectory = text_of(source.get("subdirectory"))
        if "git" in source:
            address, _ = split_login(text_of(source["git"]))
            commit = _COMMIT.search(address)
            bare = urlsplit(address)._replace(query="", fragment="").geturl()
            return DirectSource("git", bare, commit[1] if commit else "", subdirectory)
        if "url" in source:
            return DirectSource("archive", split_credentials(text_of(source["url"]))[0], subdirectory=subdirectory)
        for kind in (*_LOCAL, "path"):
            if kind in source:
                place = posixpath.normpath(posixpath.join(self._folder, text_of(source[kind])))
                return DirectSource("path", place, subdirectory=subdirectory, editable=kind == "editable")
        return None


def _key(source: Table) -> str:
    return " ".join(f"{kind}={value}" for kind, value in sorted(source.items()))
