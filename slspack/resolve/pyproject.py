"""Dependencies in pyproject.toml: `[project]` (PEP 621), its extras, and dependency groups (PEP 735)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity, dist_name
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.requirements_file import locate_from
from slspack.resolve.written import Written, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.resolve.files import ServiceFiles

# Extras that projects used for development before there were dependency groups.
_DEVELOPMENT_EXTRAS = frozenset(
    {"dev", "develop", "development", "doc", "docs", "lint", "test", "testing", "tests", "typing"}
)


@dataclass(frozen=True, slots=True)
class Pyproject:
    """The parts of one pyproject.toml that say what it needs."""

    path: str
    text: str
    project: Mapping[str, object]
    extras: Mapping[str, Sequence[str]]
    """By normalised name, each list of requirements as written."""
    groups: Mapping[str, Sequence[object]]

    @property
    def says_what_it_needs(self) -> bool:
        """Whether there are dependencies of `[project]` at all, even none."""
        return "dependencies" in self.project or "dependencies" in _strings(self.project.get("dynamic", ()))


def load_pyproject(path: str, files: ServiceFiles) -> Pyproject | None:
    """Read the file; None if there is none. Raises SLS0201 if it is not TOML or its tables are of the wrong kind."""
    content = files.read(path)
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
        parsed = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        at = Location(path, int(place[1]), int(place[2])) if place else Location(path)
        reason = str(error).partition(" (at ")[0]
        raise SlspackError.of(
            Code.REQUIREMENT_SYNTAX, f"`{path}` is not TOML: {reason[:1].lower()}{reason[1:]}", at=at
        ) from None
    project = _table(parsed, "project", path, text)
    extras = _table(project, "optional-dependencies", path, text)
    groups = _table(parsed, "dependency-groups", path, text)
    return Pyproject(
        path,
        text,
        project,
        {dist_name(name): _strings(listed) for name, listed in extras.items()},
        {dist_name(name): _items(listed) for name, listed in groups.items()},
    )


def runtime_requirements(
    pyproject: Pyproject, groups: Iterable[str], extras: Iterable[str], files: ServiceFiles
) -> Written:
    """What `[project]` needs, with the extras and groups asked for.

    Raises SlspackError with all that is wrong: SLS0210 for a group or an extra that is not there, SLS0201 for a
    requirement that cannot be parsed, SLS0205 for dependencies that only a build would tell.
    """
    reading = _Reading(pyproject, files)
    if "dependencies" in _strings(pyproject.project.get("dynamic", ())):
        reading.fail(
            Code.UNSUPPORTED_REQUIREMENT,
            "`dependencies` is dynamic: only a build of the project would tell them",
            _find(pyproject, "dependencies"),
            "write them under `[project] dependencies`, or name the requirements file in slspack's `requirements`",
        )
    reading.add(_strings(pyproject.project.get("dependencies", ())), None)
    for extra in extras:
        reading.add_extra(extra, frozenset())
    for group in groups:
        reading.add_group(group)
    return reading.result()


def development_requirements(pyproject: Pyproject, groups: Iterable[str], files: ServiceFiles) -> Written:
    """What dependency groups not asked for list, and extras named like `dev`. What is wrong is passed over."""
    reading = _Reading(pyproject, files)
    asked = {dist_name(group) for group in groups}
    for group in sorted(pyproject.groups.keys() - asked):
        reading.add_group(group)
    for extra in sorted(pyproject.extras.keys() & _DEVELOPMENT_EXTRAS):
        reading.add(pyproject.extras[extra], extra)
    reading.errors.clear()
    return reading.result()


class _Reading:
    """Requirements gathered from one file, with what is wrong in it."""

    def __init__(self, pyproject: Pyproject, files: ServiceFiles) -> None:
        self._pyproject = pyproject
        self._locate = locate_from(pyproject.path, files)
        self._found: list[WrittenRequirement] = []
        self.errors: list[Finding] = []

    def result(self) -> Written:
        if self.errors:
            raise SlspackError(self.errors)
        return Written(tuple(self._found), sources=(self._pyproject.path,))

    def fail(self, code: Code, message: str, at: Location, hint: str | None) -> None:
        self.errors.append(Finding(code, Severity.ERROR, message, at, hint))

    def add(self, listed: Iterable[str], group: str | None) -> None:
        for text in listed:
            at = _find(self._pyproject, text)
            try:
                self._found.append(parse_requirement(text.strip(), at, group=group, locate=self._locate))
            except LineError as error:
                self.fail(Code.REQUIREMENT_SYNTAX, str(error), at, error.hint)

    def add_extra(self, extra: str, above: frozenset[str]) -> None:
        """An extra's requirements; one that names the project itself (`app[s3]`) stands for those extras of it."""
        name = dist_name(extra)
        listed = self._pyproject.extras.get(name)
        if listed is None:
            self._unknown("extra", extra, self._pyproject.extras)
            return
        own = dist_name(str(self._pyproject.project.get("name", "")))
        before = len(self._found)
        self.add(listed, name)
        nested = [one for one in self._found[before:] if own and one.name == own]
        self._found[before:] = [one for one in self._found[before:] if one not in nested]
        for one in sorted({inner for requirement in nested for inner in requirement.extras} - above - {name}):
            self.add_extra(one, above | {name})

    def add_group(self, group: str) -> None:
        from packaging.dependency_groups import resolve_dependency_groups

        if dist_name(group) not in self._pyproject.groups:
            self._unknown("dependency group", group, self._pyproject.groups)
            return
        try:
            # packaging's types ask for the groups' own grammar, which it checks itself.
            listed = resolve_dependency_groups(self._pyproject.groups, dist_name(group))  # type: ignore[arg-type]
        except (ValueError, LookupError, TypeError, ExceptionGroup) as error:
            reason = _first_message(error)
            self.fail(
                Code.REQUIREMENT_SYNTAX,
                f"the dependency group `{group}` cannot be read: {reason}",
                _find(self._pyproject, group),
                None,
            )
            return
        self.add(listed, dist_name(group))

    def _unknown(self, kind: str, name: str, known: Iterable[str]) -> None:
        path = self._pyproject.path
        names = sorted(known)
        hint = did_you_mean(dist_name(name), names) or (
            f"there are {', '.join(f'`{one}`' for one in names)}" if names else f"`{path}` has none"
        )
        self.fail(Code.NO_SUCH_GROUP, f"`{path}` has no {kind} `{name}`", Location(path), hint)


def _find(pyproject: Pyproject, text: str) -> Location:
    """Where a string stands: its first quoted (or, for a key, bare) occurrence. TOML readers keep no positions."""
    escaped = re.escape(text)
    match = re.search(rf"[\"']{escaped}[\"']", pyproject.text) or re.search(
        rf"^\s*{escaped}\s*=", pyproject.text, re.MULTILINE
    )
    if match is None:
        return Location(pyproject.path)
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    before = pyproject.text[:start]
    return Location(pyproject.path, before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1)


def _table(parent: Mapping[str, object], name: str, path: str, text: str) -> Mapping[str, object]:
    value = parent.get(name, {})
    if isinstance(value, dict):
        return value
    at = _find(Pyproject(path, text, {}, {}, {}), name)
    raise SlspackError.of(Code.REQUIREMENT_SYNTAX, f"`{name}` in `{path}` is not a table", at=at)


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _strings(value: object) -> Sequence[str]:
    return tuple(item for item in _items(value) if isinstance(item, str))


def _first_message(error: BaseException) -> str:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    text = str(error).rstrip(".")
    return text[:1].lower() + text[1:]
