"""pdm.lock, of version 4 of the format."""

from __future__ import annotations

import json
import posixpath
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

from slspack.builds.origins import split_login
from slspack.model import Architecture, dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.locks.document import (
    invalid,
    lowered,
    read_toml_lock,
    sha256_of,
    stale,
    table,
    tables,
    text_of,
    texts,
)
from slspack.resolve.locks.edges import roots_of, serves_python
from slspack.resolve.locks.model import DirectSource, LockedEdge, LockedPackage, LockedPackages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slspack.model import Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen
    from slspack.resolve.locks.document import LockDocument, Table
    from slspack.resolve.written import Written

_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}
_DIRECT = ("git", "hg", "svn", "bzr", "path", "url")


def read_pdm_lock(
    path: str,
    project: Mapping[str, object] | None,
    beside: Written,
    chosen: Chosen,
    target: Target,
    files: ServiceFiles,
) -> LockedPackages:
    """Read a lock of PDM's. `project` is its pyproject.toml, `beside` what that lists of what is asked for.

    Raises SLS0207 for a file that cannot be understood or was not made for the target, SLS0208 where the hash of the
    project's content is another one.
    """
    document = read_toml_lock(path, files)
    metadata = table(document.tables.get("metadata"))
    version = text_of(metadata.get("lock_version"))
    if not version.startswith("4."):
        raise invalid(path, document.place(""), f"its format {version or '(none)'} is none that this release knows")
    _serves(document, metadata, target)
    digest = text_of(metadata.get("content_hash"))
    if project is not None and digest and digest not in content_hashes(project):
        raise stale(path, beside.sources[0] if beside.sources else "pyproject.toml", "it was changed since")
    reader = _Reader(document, files)
    stated = tables(document.tables.get("package"))
    packages = reader.packages(stated)
    if "inherit_metadata" in texts(metadata.get("strategy")):
        return LockedPackages(path, packages, tuple(_flat(stated, packages, chosen)))
    if project is None:
        reason = "it does not say what is listed, and there is no `pyproject.toml` beside it"
        raise invalid(path, document.place(""), reason)
    return LockedPackages(path, packages, roots_of(beside))


def content_hashes(project: Mapping[str, object]) -> frozenset[str]:
    """The `content_hash` of a pyproject.toml, as each version of PDM computes it."""
    own, settings = table(project.get("project")), table(table(project.get("tool")).get("pdm"))
    groups = table(project.get("dependency-groups"))
    development = table(settings.get("dev-dependencies"))
    resolution = table(settings.get("resolution"))
    common = {
        "sources": settings.get("source", []),
        "dependencies": own.get("dependencies", []),
        "optional-dependencies": own.get("optional-dependencies", {}),
        "requires-python": own.get("requires-python", ""),
    }
    variants = [
        {**common, "dev-dependencies": dev, **more}
        for dev in ({**groups, **development}, development, _resolved(groups) | development)
        for more in ({"resolution": resolution}, {"overrides": table(resolution.get("overrides"))})
    ]
    hashes = (sha256(json.dumps(one, sort_keys=True, default=str).encode()).hexdigest() for one in variants)
    return frozenset(f"sha256:{one}" for one in hashes)


def _resolved(groups: Table) -> Table:
    """Groups with what they include, as PDM hashes them."""
    from packaging.dependency_groups import resolve_dependency_groups

    try:
        return {name: list(resolve_dependency_groups(groups, name)) for name in groups}  # type: ignore[arg-type]
    except (ValueError, LookupError, TypeError, ExceptionGroup):
        return groups


def _serves(document: LockDocument, metadata: Table, target: Target) -> None:
    """One of the environments that it was made for has to be the target's; an old lock says nothing of them."""
    made_for = tables(metadata.get("targets"))
    here = [one for one in made_for if _is_platform(text_of(one.get("platform")), target)]
    if made_for and not here:
        platforms = ", ".join(sorted({text_of(one.get("platform")) for one in made_for}))
        raise invalid(document.path, document.place(""), f"it was made for {platforms}, not for {target}")
    ranges = [text_of(one.get("requires_python")) for one in here]
    if ranges:
        serves_python(document, ranges, target, " or ".join(ranges))


def _is_platform(platform: str, target: Target) -> bool:
    if not platform or platform == "linux":
        return True
    return "manylinux" in platform and platform.endswith(_MACHINES[target.architecture])


def _flat(stated: Sequence[Table], packages: Sequence[LockedPackage], chosen: Chosen) -> Iterator[LockedEdge]:
    wanted = chosen.names("default")
    places = {(one.name, one.version, one.source): place for place, one in enumerate(packages)}
    for one in stated:
        if wanted & {dist_name(group) for group in texts(one.get("groups"))}:
            name = dist_name(text_of(one.get("name")))
            place = places[name, text_of(one.get("version")), _source(one)]
            yield LockedEdge(name, text_of(one.get("marker")), package=place)


class _Reader:
    def __init__(self, document: LockDocument, files: ServiceFiles) -> None:
        self._document = document
        self._folder = posixpath.dirname(document.path)
        self._service = files
        self._old_files = table(table(document.tables.get("metadata")).get("files"))

    def packages(self, stated: Sequence[Table]) -> tuple[LockedPackage, ...]:
        """A distribution and each set of its extras have a table of their own: here they become one package."""
        together: dict[tuple[str, str, str], list[Table]] = {}
        for one in stated:
            key = dist_name(text_of(one.get("name"))), text_of(one.get("version")), _source(one)
            together.setdefault(key, []).append(one)
        return tuple(self._package(same) for same in together.values())

    def _package(self, same: Sequence[Table]) -> LockedPackage:
        first = same[0]
        name = text_of(first.get("name"))
        edges: dict[str, tuple[LockedEdge, ...]] = {}
        for one in same:
            needed = tuple(self._edges(one, name))
            for extra in texts(one.get("extras")) or ("",):
                edges[dist_name(extra)] = (*edges.get(dist_name(extra), ()), *needed)
        return LockedPackage(
            dist_name(name),
            text_of(first.get("version")),
            self._document.place(name),
            files=tuple(self._files(first, name)),
            edges=edges,
            source=_source(first),
            direct=self._direct(first),
        )

    def _edges(self, stated: Table, name: str) -> Iterator[LockedEdge]:
        from packaging.requirements import InvalidRequirement, Requirement

        for text in texts(stated.get("dependencies")):
            try:
                one = Requirement(text)
            except InvalidRequirement as error:
                raise invalid(self._document.path, self._document.place(name), lowered(str(error))) from None
            extras = frozenset(dist_name(extra) for extra in one.extras)
            versions = (str(one.specifier),) if one.specifier else ()
            yield LockedEdge(dist_name(one.name), str(one.marker) if one.marker else "", extras, versions)

    def _files(self, stated: Table, name: str) -> Iterator[IndexFile]:
        listed = tables(stated.get("files"))
        listed = listed or tables(self._old_files.get(f"{name} {text_of(stated.get('version'))}"))
        for one in listed:
            digest = sha256_of(one.get("hash"))
            if "url" in one:
                address, _ = split_credentials(urldefrag(text_of(one["url"]))[0])
                yield IndexFile(unquote(urlsplit(address).path.rpartition("/")[2]), address, digest)
            elif "path" in stated:
                place = posixpath.normpath(posixpath.join(self._folder, text_of(stated["path"])))
                self._service.exists(place)
                address = self._service.absolute(place).resolve().as_uri()
                yield IndexFile(text_of(one.get("file")), address, digest)
            elif "url" in stated:
                address, _ = split_credentials(urldefrag(text_of(stated["url"]))[0])
                yield IndexFile(text_of(one.get("file")), address, digest)
            else:
                yield IndexFile(text_of(one.get("file")), "", digest)

    def _direct(self, stated: Table) -> DirectSource | None:
        subdirectory = text_of(stated.get("subdirectory"))
        kind = next((kind for kind in _DIRECT if kind in stated), None)
        if kind is None:
            return None
        reference = text_of(stated[kind])
        if kind == "path":
            place = posixpath.normpath(posixpath.join(self._folder, reference))
            return DirectSource("path", place, "", subdirectory, editable=stated.get("editable") is True)
        clean, _ = split_login(reference)
        if kind == "url":
            return DirectSource("archive", clean, "", subdirectory)
        return DirectSource(kind, clean, text_of(stated.get("revision")), subdirectory)


def _source(stated: Table) -> str:
    return next((f"{kind}={text_of(stated[kind])}" for kind in _DIRECT if kind in stated), "")
