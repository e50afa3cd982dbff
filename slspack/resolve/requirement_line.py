"""One requirement: PEP 508, or what pip takes besides it (an address, a path, a repository)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from slspack.builds.origins import split_login
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import DistName, Finding, Location, Severity, dist_name
from slspack.registry.credentials import split_credentials
from slspack.resolve.written import Origin, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar")
_VERSION_CONTROL = re.compile(r"^(git|hg|svn|bzr)(\+[a-z]+)?:")
_EXTRAS = re.compile(r"^(?P<reference>.+?)\s*\[(?P<extras>[^\[\]]*)\]$")
_EGG_EXTRAS = re.compile(r"\[([^\[\]]*)\]")
_HASH = re.compile(r"^(sha256|sha384|sha512)[:=]([0-9a-fA-F]+)$")
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}


class LineError(ValueError):
    """A requirement that cannot be parsed; its text is a message for the user. `hint` says what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def parse_requirement(
    text: str,
    location: Location,
    *,
    hashes: frozenset[str] = frozenset(),
    group: str | None = None,
    locate: Callable[[str], str] = str,
) -> WrittenRequirement:
    """Parse one requirement. `locate` turns a path as written into one relative to the service.

    Raises LineError.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    if _is_reference(text):
        return _reference(text, location, hashes, group, locate)
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        raise LineError(f"`{text}` is not a requirement: {_reason(error)}", _syntax_hint(text)) from None
    written = WrittenRequirement(
        dist_name(parsed.name),
        location,
        frozenset(dist_name(extra) for extra in parsed.extras),
        str(parsed.specifier),
        str(parsed.marker) if parsed.marker else "",
        hashes,
        group=group,
    )
    return written if parsed.url is None else _by_url(written, parsed.url, locate)


def read_lines(lines: Iterable[str], path: str) -> tuple[WrittenRequirement, ...]:
    """Requirements, one a line of a file. Raises SLS0201 with every line that cannot be parsed."""
    read: list[WrittenRequirement] = []
    errors: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        text, location = line.strip(), Location(path, number)
        if not text or text.startswith("#"):
            continue
        try:
            read.append(parse_requirement(text, location))
        except LineError as error:
            errors.append(Finding(Code.REQUIREMENT_SYNTAX, Severity.ERROR, str(error), location, error.hint))
    if errors:
        raise SlspackError(errors)
    return tuple(read)


def parse_hash(text: str) -> str:
    """`sha256:HEX` as `--hash` takes it, in lower case. Raises LineError for another algorithm or form."""
    match = _HASH.match(text)
    if match is None or len(match[2]) != _DIGITS[match[1]]:
        raise LineError(f"`--hash={text}` is not a hash", "write `--hash=sha256:` and 64 hexadecimal digits")
    return f"{match[1]}:{match[2].lower()}"


def editable(text: str, location: Location, locate: Callable[[str], str] = str) -> WrittenRequirement:
    """What `-e` names: always something to be built."""
    reference, marker = _split_marker(text)
    reference, extras = _split_extras(reference)
    written = WrittenRequirement(_egg_name(reference), location, extras, marker=_canonical_marker(marker))
    return _from_source(written, reference, locate)


def _is_reference(text: str) -> bool:
    """Whether this is an address or a path, rather than a name: pip's own test, without looking at the disk."""
    start = re.split(r"\s+;|;\s", text, maxsplit=1)[0].strip()
    if re.match(r"^[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@", start):
        return False
    bare = _EXTRAS.sub(r"\g<reference>", start)
    return "://" in bare or bare.startswith((".", "/", "~", "file:")) or _has_archive_name(bare) or _is_path(bare)


def _is_path(text: str) -> bool:
    return ("/" in text or "\\" in text) and not re.search(r"[<>=!~\s]", text)


def _has_archive_name(text: str) -> bool:
    return text.partition("#")[0].lower().endswith(_ARCHIVES) and not re.search(r"[<>=!~\s]", text)


def _reference(
    text: str, location: Location, hashes: frozenset[str], group: str | None, locate: Callable[[str], str]
) -> WrittenRequirement:
    reference, marker = _split_marker(text)
    reference, extras = _split_extras(reference)
    name = _wheel_name(reference)
    written = WrittenRequirement(
        name or _egg_name(reference), location, extras, marker=_canonical_marker(marker), hashes=hashes, group=group
    )
    return _from_source(written, reference, locate) if name is None else _from_wheel(written, reference, locate)


def _by_url(written: WrittenRequirement, url: str, locate: Callable[[str], str]) -> WrittenRequirement:
    in_file_name = _wheel_name(url)
    if in_file_name is None:
        return _from_source(written, url, locate)
    if in_file_name != written.name:
        raise LineError(
            f"`{written.name}` is given the wheel of `{in_file_name}`", "the name before `@` must be the wheel's own"
        )
    return _from_wheel(written, url, locate)


def _from_wheel(written: WrittenRequirement, reference: str, locate: Callable[[str], str]) -> WrittenRequirement:
    address, hashes = _split_fragment(reference)
    clean, login = split_credentials(address)
    return replace(
        written, hashes=written.hashes | hashes, origin=Origin.WHEEL, reference=_located(clean, locate), login=login
    )


def _from_source(written: WrittenRequirement, reference: str, locate: Callable[[str], str]) -> WrittenRequirement:
    """The reference keeps of the fragment what is about the source: `#subdirectory=`."""
    address, _, fragment = reference.partition("#")
    options = [part for part in fragment.split("&") if part]
    in_egg = [extra for part in options if part.startswith("egg=") for extra in _EGG_EXTRAS.findall(part)]
    extras = frozenset(dist_name(extra.strip()) for text in in_egg for extra in text.split(",") if extra.strip())
    hashes = frozenset(parse_hash(part.replace("=", ":", 1)) for part in options if _HASH.match(part))
    inside = [part for part in options if part.startswith("subdirectory=")]
    clean, login = split_login(address)
    return replace(
        written,
        extras=written.extras | extras,
        hashes=written.hashes | hashes,
        origin=Origin.SOURCE,
        reference="#".join([_located(clean, locate), *inside[:1]]),
        login=login,
    )


def _split_extras(reference: str) -> tuple[str, frozenset[str]]:
    match = _EXTRAS.match(reference) if "#egg=" not in reference else None
    if match is None:
        return reference, frozenset()
    extras = frozenset(dist_name(extra.strip()) for extra in match["extras"].split(",") if extra.strip())
    return match["reference"], extras


def _located(address: str, locate: Callable[[str], str]) -> str:
    """An address as it is; a path, or a relative `file:` address, relative to the service."""
    if address.startswith("file:") and not address.startswith("file:/"):
        return locate(address.removeprefix("file:"))
    return address if "://" in address or address.startswith("file:") else locate(address)


def _split_marker(text: str) -> tuple[str, str]:
    """pip's rule for addresses: the marker begins after `; ` (or ` ;`), since `;` may stand in an address."""
    parts = re.split(r"\s+;\s*|;\s+", text, maxsplit=1)
    return parts[0].strip(), parts[1].strip() if len(parts) == 2 else ""


def _canonical_marker(text: str) -> str:
    from packaging.markers import InvalidMarker, Marker

    try:
        return str(Marker(text)) if text else ""
    except InvalidMarker as error:
        raise LineError(f"`{text}` is not a marker: {_reason(error)}") from None


def _split_fragment(address: str) -> tuple[str, frozenset[str]]:
    bare, _, fragment = address.partition("#")
    hashes = (part for part in fragment.split("&") if _HASH.match(part))
    return bare, frozenset(parse_hash(part.replace("=", ":", 1)) for part in hashes)


def _wheel_name(reference: str) -> DistName | None:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    if _VERSION_CONTROL.match(reference):
        return None
    path = urlsplit(reference).path if "://" in reference else reference.partition("#")[0]
    file_name = unquote(path.replace("\\", "/").rpartition("/")[2])
    if not file_name.endswith(".whl"):
        return None
    try:
        return dist_name(parse_wheel_filename(file_name)[0])
    except InvalidWheelFilename:
        raise LineError(f"`{file_name}` is not the name of a wheel", "a wheel is named NAME-VERSION-TAGS.whl") from None


def _egg_name(reference: str) -> DistName:
    match = re.search(r"[#&]egg=([\w.-]+)", reference)
    return dist_name(match[1]) if match else DistName("")


def _reason(error: Exception) -> str:
    first = str(error).partition("\n")[0].strip().rstrip(".")
    return first[:1].lower() + first[1:]


def _syntax_hint(text: str) -> str | None:
    if re.search(r"(?<![<>=!~])=(?!=)", text.partition(";")[0]):
        return "a version is pinned with `==`"
    return None
