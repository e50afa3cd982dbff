"""Pipfile.lock."""

from __future__ import annotations

import json
import posixpath
import re
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from slspack.builds.origins import split_login
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Digest, Location, dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials
from slspack.resolve.locks.document import invalid, read_json_lock, sha256_of, stale, table, tables, text_of, texts
from slspack.resolve.locks.model import DirectSource, LockedEdge, LockedPackage, LockedPackages
from slspack.resolve.projects.pipfile import DEVELOPMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen
    from slspack.resolve.locks.document import LockDocument, Table

_REPOSITORIES = ("git", "hg", "svn", "bzr")
_NOT_HASHED = frozenset({"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"})


def read_pipfile_lock(
    path: str,
    pipfile: str | None,
    project: Mapping[str, object] | None,
    chosen: Chosen,
    variables: Mapping[str, str],
    files: ServiceFiles,
) -> LockedPackages:
    """Read a lock of Pipenv's. `project` is the Pipfile's content; `variables` are for the addresses of its sources.

    Raises SLS0207 for a file that cannot be understood, SLS0208 where the Pipfile's hash is another one, SLS0210 for
    a category that it does not have.
    """
    document = read_json_lock(path, files)
    meta = table(document.tables.get("_meta"))
    if meta.get("pipfile-spec") != 6:
        reason = f"it is of specification {meta.get('pipfile-spec')}, and this release knows 6"
        raise invalid(path, Location(path), reason)
    locked_hash = table(meta.get("hash")).get("sha256")
    if project is not None and pipfile is not None and locked_hash not in content_hashes(project):
        raise stale(path, pipfile, "it was changed since")
    packages: list[LockedPackage] = []
    for category in _categories(document, chosen):
        listed = table(document.tables.get(category))
        packages += [_package(name, table(one), document, meta, variables, files) for name, one in listed.items()]
    roots = (
        LockedEdge(one.name, one.markers[0] if one.markers else "", package=place) for place, one in enumerate(packages)
    )
    return LockedPackages(path, tuple(packages), tuple(roots))


def content_hashes(project: Mapping[str, object]) -> frozenset[str]:
    """The hash of a Pipfile, as each version of Pipenv computes it: newer ones normalise names, all but old ones
    count the user's own categories.
    """
    meta = {"sources": project.get("source", []), "requires": project.get("requires", {})}
    listed = {"default": project.get("packages", {}), "develop": project.get("dev-packages", {})}
    own = {name: value for name, value in project.items() if name not in _NOT_HASHED}
    variants = [
        {"_meta": meta, **{name: spelt(value) for name, value in sections.items()}}
        for sections in (listed, {**listed, **own})
        for spelt in (table, _normalised)
    ]
    texts_ = (json.dumps(one, sort_keys=True, separators=(",", ":"), default=str) for one in variants)
    return frozenset(sha256(text.encode()).hexdigest() for text in texts_)


def _normalised(listed: object) -> Table:
    return {dist_name(name): value for name, value in table(listed).items()}


def _categories(document: LockDocument, chosen: Chosen) -> list[str]:
    known = {dist_name(name): name for name in document.tables if not name.startswith("_")}
    names = ["default"] if chosen.main else []
    for group in (*chosen.groups, *chosen.extras):
        name = "develop" if group in DEVELOPMENT else known.get(group)
        if name is None:
            listed = ", ".join(f"`{one}`" for one in sorted(known))
            raise SlspackError.of(
                Code.NO_SUCH_GROUP,
                f"`{document.path}` has no category `{group}`",
                at=Location(document.path),
                hint=f"there are {listed}",
            )
        names.append(name)
    return names


def _package(
    name: str, stated: Table, document: LockDocument, meta: Table, variables: Mapping[str, str], files: ServiceFiles
) -> LockedPackage:
    digests = frozenset(digest for text in texts(stated.get("hashes")) if (digest := sha256_of(text)))
    direct = _direct(stated, document)
    found = _direct_file(stated, digests, document, files)
    version = text_of(stated.get("version")).lstrip("=")
    if not direct and not (version and digests):
        reason = f"`{name}` has no {'sha256 among its hashes' if version else 'version'}"
        raise invalid(document.path, document.place(name), reason)
    return LockedPackage(
        dist_name(name),
        version or (str(found[0].version) if found else ""),
        document.place(name),
        files=found,
        hashes=frozenset() if direct else digests,
        markers=texts(stated.get("markers")),
        index=None if direct else _index(text_of(stated.get("index")), meta, variables),
        direct=direct,
    )


def _index(name: str, meta: Table, variables: Mapping[str, str]) -> str | None:
    """The address of a source by its name; without a name the first, which Pipenv asks for whatever names none."""
    sources = tables(meta.get("sources"))
    urls = [text_of(one.get("url")) for one in sources if not name or one.get("name") == name]
    if not urls:
        return None
    url = urls[0]
    for variable in _variables(url):
        url = url.replace(f"${{{variable}}}", variables.get(variable, ""))
    return url


def _variables(url: str) -> list[str]:

    return re.findall(r"\$\{(\w+)\}", url)


def _direct(stated: Table, document: LockDocument) -> DirectSource | None:
    subdirectory = text_of(stated.get("subdirectory"))
    for kind in _REPOSITORIES:
        if kind in stated:
            clean, _ = split_login(text_of(stated[kind]))
            return DirectSource(kind, clean, text_of(stated.get("ref")), subdirectory)
    for key in ("path", "file"):
        if key in stated:
            reference = text_of(stated[key])
            if "://" in reference:
                return DirectSource("archive", split_credentials(reference)[0], subdirectory=subdirectory)
            place = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), reference))
            return DirectSource("path", place, editable=stated.get("editable") is True)
    return None


def _direct_file(
    stated: Table, digests: frozenset[Digest], document: LockDocument, files: ServiceFiles
) -> tuple[IndexFile, ...]:
    """The wheel that a path or an address names."""
    reference = text_of(stated.get("path")) or text_of(stated.get("file"))
    if not urlsplit(reference).path.endswith(".whl"):
        return ()
    digest = next(iter(digests), None) if len(digests) == 1 else None
    if "://" in reference:
        address, _ = split_credentials(reference)
    else:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), reference))
        files.exists(place)
        address = files.absolute(place).resolve().as_uri()
    return (IndexFile(unquote(urlsplit(address).path.rpartition("/")[2]), address, digest),)
