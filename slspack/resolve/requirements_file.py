"""Requirements files as pip reads them: requirements, constraints, options, and files named from files."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import replace as with_fields
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Finding, Location, Severity, dist_name
from slspack.resolve.annotations import transitive_lines
from slspack.resolve.lines import decode, logical_lines
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.requirement_line import LineError, editable, parse_hash, parse_requirement
from slspack.resolve.written import Written, WrittenOptions, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.lines import LogicalLine

_SHORT = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
}
_WITH_VALUE = frozenset({
    "--requirement", "--constraint", "--editable", "--index-url", "--pypi-url", "--extra-index-url", "--find-links",
    "--trusted-host", "--no-binary", "--only-binary", "--use-feature", "--hash", "--config-setting",
    "--config-settings", "--global-option", "--uploaded-prior-to", "--only-final", "--all-releases",
})  # fmt: skip
_FLAGS = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes", "--always-unzip", "-Z"})
_ON_REQUIREMENTS = frozenset({"--hash", "--config-setting", "--config-settings", "--global-option"})


def read_requirements(paths: Sequence[str], files: ServiceFiles, environment: Mapping[str, str]) -> Written:
    """Read requirements files, and those that they name with `-r` and `-c`. Paths are relative to the service.

    Raises SlspackError with all that is wrong in any of the files: SLS0201, and SLS0202 for a file that is not there.
    """
    walk = _Walk(files, environment)
    for path in paths:
        walk.read(path, _Role.REQUIREMENTS, None)
    if walk.errors:
        raise SlspackError(walk.errors)
    return walk.result()


def locate_from(path: str, files: ServiceFiles) -> Callable[[str], str]:
    """Turns a path that stands in a file into one relative to the service: from the file's folder, else the root."""
    return _Locator(files, posixpath.dirname(path))


class _Role:
    """What the lines of a file are: its requirements, or constraints on them."""

    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"


class _Walk:
    """The walk through the files, with what was found so far."""

    def __init__(self, files: ServiceFiles, environment: Mapping[str, str]) -> None:
        self.files, self.environment = files, environment
        self.requirements: list[WrittenRequirement] = []
        self.constraints: list[WrittenRequirement] = []
        self.options = WrittenOptions()
        self.errors: list[Finding] = []
        self.read_already: dict[tuple[str, str], None] = {}

    def result(self) -> Written:
        sources = dict.fromkeys(path for path, _ in self.read_already)
        return Written(tuple(self.requirements), tuple(self.constraints), self.options, tuple(sources))

    def read(self, path: str, role: str, named_at: Location | None) -> None:
        """Read one file, unless it was read in the same role: that ends circles, too."""
        if (path, role) in self.read_already:
            return
        content = self.files.read(path)
        if content is None:
            self.errors.append(self._missing(path, named_at))
            return
        self.read_already[path, role] = None
        try:
            text = decode(content)
        except (UnicodeDecodeError, LookupError) as error:
            self._fail(f"`{path}` is not text: {error}", Location(path), "save the file as UTF-8")
            return
        transitive = transitive_lines(text)
        for line in logical_lines(text, self.environment):
            try:
                self._take(line, path, role, transitive=line.line in transitive)
            except LineError as error:
                self._fail(str(error), Location(path, line.line, line.column), error.hint)

    def _take(self, line: LogicalLine, path: str, role: str, *, transitive: bool) -> None:
        location = Location(path, line.line, line.column)
        if line.text.startswith("-"):
            for name, value in _options(_words(line.text)):
                self._take_option(name, value, location, role)
            return
        text, words = _split_options(line.text)
        options = _options(words)
        for name, _ in options:
            if name not in _ON_REQUIREMENTS:
                raise LineError(f"`{name}` cannot stand after a requirement", "put the option on a line of its own")
        hashes = frozenset(parse_hash(value) for name, value in options if name == "--hash")
        locate = _Locator(self.files, posixpath.dirname(path))
        parsed = parse_requirement(text, location, hashes=hashes, locate=locate)
        self._add(with_fields(parsed, transitive=transitive), role)

    def _add(self, requirement: WrittenRequirement, role: str) -> None:
        (self.requirements if role == _Role.REQUIREMENTS else self.constraints).append(requirement)

    def _take_option(self, name: str, value: str, location: Location, role: str) -> None:
        folder = posixpath.dirname(location.path)
        if name in ("--requirement", "--constraint"):
            nested = _Role.CONSTRAINTS if name == "--constraint" else role
            if "://" in value and not value.startswith("file:"):
                raise LineError(f"`{name} {value}` names a file elsewhere", "copy the file into the service")
            self.read(_joined(folder, value.removeprefix("file:")), nested, location)
        elif name == "--editable":
            self._add(editable(value, location, _Locator(self.files, folder)), role)
        else:
            # pip takes these from constraints files, too.
            self.options = _with_option(self.options, name, value, self.files, folder)

    def _missing(self, path: str, named_at: Location | None) -> Finding:
        hint = did_you_mean(path, self.files.beside(path))
        return Finding(Code.REQUIREMENTS_NOT_FOUND, Severity.ERROR, f"there is no file `{path}`", named_at, hint)

    def _fail(self, message: str, location: Location, hint: str | None) -> None:
        self.errors.append(Finding(Code.REQUIREMENT_SYNTAX, Severity.ERROR, message, location, hint))


@dataclass(frozen=True, slots=True)
class _Locator:
    """Turns a path in a file into one relative to the service: from the file's own folder, else from the root."""

    files: ServiceFiles
    folder: str

    def __call__(self, path: str) -> str:
        beside = _joined(self.folder, path)
        return beside if self.files.exists(beside) else _joined("", path)


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def _split_options(text: str) -> tuple[str, list[str]]:
    """pip's rule: the options of a requirement begin at the first word that starts with a dash."""
    match = re.search(r"\s--?[A-Za-z]", text)
    if match is None:
        return text, []
    return text[: match.start()].strip(), _words(text[match.start() :])


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise LineError(f"the options cannot be parsed: {str(error).lower()}") from None


def _options(words: Iterable[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = _name_and_value(word)
        if name in _FLAGS:
            found.append((name, ""))
        elif name not in _WITH_VALUE:
            raise LineError(f"unknown option `{name}`", did_you_mean(name, _WITH_VALUE | _FLAGS))
        elif equals:
            found.append((name, value))
        elif rest:
            found.append((name, rest.pop(0)))
        else:
            raise LineError(f"`{name}` needs a value")
    return found


def _name_and_value(word: str) -> tuple[str, bool, str]:
    """`--name`, whether a value is joined to it (`--name=value`, `-rvalue`), and the value."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, bool(equals), value
    short = _SHORT.get(word[:2])
    if short is None:
        return word, False, ""
    return short, len(word) > 2, word[2:].removeprefix("=")


def _with_option(options: WrittenOptions, name: str, value: str, files: ServiceFiles, folder: str) -> WrittenOptions:
    """pip's meaning: `--index-url` replaces, the others add; what only concerns building or installing is ignored."""
    if name in ("--index-url", "--pypi-url"):
        return with_fields(options, index_url=value)
    if name == "--extra-index-url":
        return with_fields(options, extra_index_urls=(*options.extra_index_urls, value))
    if name == "--find-links":
        place = value if "://" in value or value.startswith("file:") else _Locator(files, folder)(value)
        return with_fields(options, find_links=(*options.find_links, place))
    if name == "--trusted-host":
        return with_fields(options, trusted_hosts=(*options.trusted_hosts, value))
    if name == "--no-binary":
        names = [one.strip() for one in value.split(",") if one.strip()]
        kept = () if ":none:" in names else options.no_binary
        added = [one if one == ":all:" else dist_name(one) for one in names if one != ":none:"]
        return with_fields(options, no_binary=tuple(dict.fromkeys((*kept, *added))))
    if name == "--no-index":
        return with_fields(options, no_index=True)
    if name == "--pre":
        return with_fields(options, prereleases=True)
    if name == "--require-hashes":
        return with_fields(options, require_hashes=True)
    return options
