"""An index's page for one distribution, as JSON (PEP 691) or HTML (PEP 503), read into files."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from slspack.frozen import dataclass
from slspack.model import Digest, DistName, dist_name
from slspack.registry.credentials import Login, split_credentials
from slspack.registry.offers import wheel_version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
# An address that says all by itself, as nearly all do: a page of 15,000 files is read four times as fast for it.
_PLAIN = re.compile(r"https?://[^\s@#?%\\\[\]]+")
_SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_ENDINGS = (".whl", *_SDIST_ENDINGS)


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A wheel or source distribution that an index offers. `url` (https, http or file) carries no credentials."""

    filename: str
    url: str
    sha256: Digest | None
    size: int | None = None
    requires_python: str | None = None
    yanked: str | None = None
    """Why it was yanked (PEP 592), perhaps empty; None if it was not."""
    metadata_sha256: Digest | None = None
    """Of the METADATA that is served as `url` + `.metadata` (PEP 658), if it is."""
    uploaded: str | None = None
    """When it came to the index (PEP 700), if that is told."""

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel."""
        return self.filename.endswith(".whl")

    @property
    def version(self) -> Version | None:
        """The version that its name gives; None for a name that no standard knows."""
        parsed = parse_filename(self.filename)
        return parsed[1] if parsed else None


class Page:
    """The files of one page, each made when it is asked for: some pages have 15,000, of which a build wants thirty."""

    mark = None

    def __init__(self, url: str, links: Sequence[_Link]) -> None:
        self._url = url
        self._links = links

    def opened(self) -> Page:
        """Itself."""
        return self

    @cached_property
    def files(self) -> tuple[IndexFile, ...]:
        """All of them, in the page's order."""
        return tuple(file for file, _ in self._made(self._links))

    @cached_property
    def logins(self) -> tuple[tuple[str, Login], ...]:
        """The logins that stood in the addresses of files."""
        suspects = [link for link in self._links if "@" in link[0]]
        return tuple((file.url, login) for file, login in self._made(suspects) if login is not None)

    @property
    def wheel_versions(self) -> Collection[str]:
        """The versions that there are wheels of, as these spell them."""
        return self._wheels.keys()

    def wheels_of(self, version: str) -> tuple[IndexFile, ...]:
        """The wheels of a version, spelt so."""
        return tuple(file for file, _ in self._made(self._wheels.get(version, ())))

    @cached_property
    def _wheels(self) -> Mapping[str, list[_Link]]:
        found: dict[str, list[_Link]] = {}
        for link in self._links:
            version = wheel_version(_filename(link))
            if version is not None:
                found.setdefault(version, []).append(link)
        return found

    def _made(self, links: Iterable[_Link]) -> Iterator[tuple[IndexFile, Login | None]]:
        for address, hashes, attributes in links:
            login = None
            try:
                if not _PLAIN.fullmatch(address):
                    address, login = split_credentials(urljoin(self._url, address))
                    address, _ = urldefrag(address)
                    if not _may_link(self._url, address):
                        continue
                file = _file(address, hashes, attributes)
            except ValueError:
                continue  # no address at all
            if file is not None:
                yield file, login


class NotAPage(ValueError):  # noqa: N818 (it says what is so)
    """What an index answered is no page of files. The text says why."""


def parse_filename(filename: str) -> tuple[DistName, Version] | None:
    """Name and version of a wheel (PEP 427) or a source distribution (PEP 625); None if it is neither."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
    from packaging.version import InvalidVersion

    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
            return dist_name(name), version
        ending = next((ending for ending in _SDIST_ENDINGS if filename.endswith(ending)), None)
        if ending is None:
            return None
        name, version = parse_sdist_filename(filename.removesuffix(ending) + ".tar.gz")
        return dist_name(name), version
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def files_of_version(files: tuple[IndexFile, ...], version: str) -> tuple[IndexFile, ...]:
    """Those of one version, however it is spelt (PEP 440)."""
    from packaging.utils import canonicalize_version

    wanted = canonicalize_version(version)
    return tuple(file for file in files if file.version is not None and canonicalize_version(file.version) == wanted)


def parse_page(content_type: str, body: bytes, url: str) -> Page:
    """The files of a page that came from `url`. Raises NotAPage for anything that is not one."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/vnd.pypi.simple.v1+json":
        found = _json_files(body)
    elif kind in ("application/vnd.pypi.simple.v1+html", "text/html", "application/xhtml+xml"):
        found = _html_files(body, url)
    else:
        raise NotAPage(f"its answer is of type `{kind}`")
    return Page(url, tuple(found))


_Link = tuple[str, "Mapping[str, str]", "Mapping[str, object]"]
"""An address, its hashes, and its attributes by the names that PEP 691 gives them."""


def _filename(link: _Link) -> str:
    address, _, attributes = link
    stated = attributes.get("filename")
    return stated if stated and isinstance(stated, str) else unquote(address.partition("?")[0].rpartition("/")[2])


def _may_link(page: str, address: str) -> bool:
    """Whether a page may lead there: one on the network never to files of this machine."""
    return urlsplit(address).scheme in ("https", "http") or urlsplit(page).scheme == "file"


def _file(address: str, hashes: Mapping[str, str], attributes: Mapping[str, object]) -> IndexFile | None:
    filename = _filename((address, hashes, attributes))
    if not filename.endswith(_ENDINGS):
        return None
    size, python = attributes.get("size"), attributes.get("requires-python")
    yanked, uploaded = attributes.get("yanked"), attributes.get("upload-time")
    return IndexFile(
        filename=filename,
        url=address,
        sha256=_sha256(hashes.get("sha256")),
        size=size if isinstance(size, int) else None,
        requires_python=python if isinstance(python, str) and python.strip() else None,
        yanked=yanked if isinstance(yanked, str) else "" if yanked else None,
        metadata_sha256=_metadata_hash(attributes),
        uploaded=uploaded if isinstance(uploaded, str) else None,
    )


def _sha256(text: object) -> Digest | None:
    return Digest(text.lower()) if isinstance(text, str) and _SHA256.fullmatch(text) else None


def _metadata_hash(attributes: Mapping[str, object]) -> Digest | None:
    stated = attributes.get("core-metadata", attributes.get("dist-info-metadata"))
    if isinstance(stated, dict):
        return _sha256(stated.get("sha256"))
    if isinstance(stated, str):
        return _sha256(stated.removeprefix("sha256="))
    return None


def _json_files(body: bytes) -> Iterator[_Link]:
    try:
        document = json.loads(body)
        version = str(document["meta"]["api-version"])
        links = [(str(file["url"]), dict(file.get("hashes") or {}), file) for file in document["files"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotAPage("its answer is not the JSON of a package index") from None
    if version.partition(".")[0] != "1":
        raise NotAPage(f"it speaks version {version} of the API, and slspack only 1")
    yield from links


def _html_files(body: bytes, url: str) -> Iterator[_Link]:
    from slspack.registry.anchors import read_anchors

    stated_base, anchors = read_anchors(body.decode("utf-8", "replace"))
    base = urljoin(url, stated_base) if stated_base else url
    for attributes in anchors:
        link, fragment = urldefrag(urljoin(base, attributes["href"] or ""))
        hashes = dict([fragment.split("&", 1)[0].partition("=")[::2]])
        given = {name.removeprefix("data-"): value for name, value in attributes.items() if name.startswith("data-")}
        if "yanked" in given:
            given["yanked"] = given["yanked"] or ""
        yield link, hashes, given
