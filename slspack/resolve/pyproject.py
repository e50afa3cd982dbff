"""Dependencies in pyproject.toml: `[project]` (PEP 621), extras, dependency groups (PEP 735), and Poetry's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Finding, Location, Severity, dist_name
from slspack.resolve.nearest import did_you_mean
from slspack.resolve.projects.poetry import PoetryTable, poetry_table, requirements_of, with_poetry_source
from slspack.resolve.projects.sources import project_options, with_uv_source
from slspack.resolve.projects.toml import find_in, load_toml
from slspack.resolve.requirement_line import LineError, editable, parse_requirement
from slspack.resolve.requirements_file import locate_from
from slspack.resolve.written import Written, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen

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
    """Those of PEP 735, and the lists that PDM and uv had before it."""
    tool: Mapping[str, object]
    poetry: PoetryTable | None

    @property
    def says_what_it_needs(self) -> bool:
        """Whether there are dependencies at all, even none, of `[project]` or of Poetry's."""
        stated = "dependencies" in self.project or "dependencies" in _strings(self.project.get("dynamic", ()))
        return stated or (self.poetry is not None and self.poetry.states_dependencies)

    @property
    def is_poetry(self) -> bool:
        """Whether only Poetry's own table says what it needs."""
        return "dependencies" not in self.project and self.poetry is not None and self.poetry.states_dependencies


def load_pyproject(path: str, files: ServiceFiles) -> Pyproject | None:
    """Read the file; None if there is none. Raises SLS0201 if it is not TOML or its tables are of the wrong kind."""
    if files.read(path) is None:
        return None
    text, parsed = load_toml(path, files)
    project = _table(parsed, "project", path, text)
    extras = _table(project, "optional-dependencies", path, text)
    groups = {**_groups_of_tools(parsed), **_table(parsed, "dependency-groups", path, text)}
    tool = _table(parsed, "tool", path, text)
    return Pyproject(
        path,
        text,
        project,
        {dist_name(name): _strings(listed) for name, listed in extras.items()},
        {dist_name(name): _items(listed) for name, listed in groups.items()},
        tool,
        poetry_table(tool),
    )


def runtime_requirements(pyproject: Pyproject, chosen: Chosen, files: ServiceFiles) -> Written:
    """What the project needs, with the extras and groups asked for.

    Raises SlspackError with all that is wrong: SLS0210 for a group or an extra that is not there, SLS0201 for a
    requirement that cannot be parsed, SLS0205 for dependencies that only a build would tell.
    """
    reading = _Reading(pyproject, files)
    if chosen.main:
        reading.add_main()
    for extra in chosen.extras:
        reading.add_extra(extra, frozenset())
    for group in chosen.groups:
        reading.add_group(group)
    return reading.result()


def development_requirements(pyproject: Pyproject, chosen: Chosen, files: ServiceFiles) -> Written:
    """What dependency groups not asked for list, and extras named like `dev`. What is wrong is passed over."""
    reading = _Reading(pyproject, files)
    poetry_groups = pyproject.poetry.groups.keys() if pyproject.poetry else set()
    for group in sorted((pyproject.groups.keys() | poetry_groups) - set(chosen.groups)):
        reading.add_group(group)
    for extra in sorted(pyproject.extras.keys() & _DEVELOPMENT_EXTRAS - set(chosen.extras)):
        reading.add(pyproject.extras[extra], extra)
    reading.errors.clear()
    return reading.result()


def _groups_of_tools(parsed: Mapping[str, object]) -> dict[str, object]:
    """`[tool.pdm.dev-dependencies]` by group, and uv's `dev-dependencies`, which is the group `dev`."""
    groups: dict[str, object] = {}
    tool = parsed.get("tool")
    pdm, uv = (tool.get(name) for name in ("pdm", "uv")) if isinstance(tool, dict) else (None, None)
    if isinstance(pdm, dict) and isinstance(pdm.get("dev-dependencies"), dict):
        groups |= pdm["dev-dependencies"]
    if isinstance(uv, dict) and isinstance(uv.get("dev-dependencies"), list):
        groups["dev"] = uv["dev-dependencies"]
    return groups


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
        found = tuple(with_uv_source(one, self._pyproject.tool) for one in self._found)
        poetry = self._pyproject.poetry
        if poetry is not None and not self._pyproject.is_poetry:
            found = tuple(with_poetry_source(one, poetry) for one in found)
        return Written(found, options=project_options(self._pyproject), sources=(self._pyproject.path,))

    def fail(self, code: Code, message: str, at: Location, hint: str | None) -> None:
        self.errors.append(Finding(code, Severity.ERROR, message, at, hint))

    def add_main(self) -> None:
        """What is needed without any extra or group: of `[project]`, or of Poetry where that says nothing."""
        poetry = self._pyproject.poetry
        if self._pyproject.is_poetry and poetry is not None:
            self.add_poetry({name: one for name, one in poetry.dependencies.items() if name != "python"}, None)
            return
        if "dependencies" in _strings(self._pyproject.project.get("dynamic", ())):
            self.fail(
                Code.UNSUPPORTED_REQUIREMENT,
                "`dependencies` is dynamic: only a build of the project would tell them",
                _find(self._pyproject, "dependencies"),
                "write them under `[project] dependencies`, or name the requirements file in slspack's `requirements`",
            )
        self.add(_strings(self._pyproject.project.get("dependencies", ())), None)

    def add_poetry(
        self, listed: Mapping[str, object], group: str | None, optional: Container[str] | None = None
    ) -> None:
        """Poetry's dependencies: those that are not optional, or those of an extra that `optional` names."""
        for name, value in listed.items():
            at = find_in(self._pyproject.path, self._pyproject.text, name)
            try:
                for one, is_optional in requirements_of(name, value, at, group):
                    if (not is_optional) if optional is None else one.name in optional:
                        self._found.append(one)
            except LineError as error:
                self.fail(Code.REQUIREMENT_SYNTAX, str(error), at, error.hint)

    def add(self, listed: Iterable[str], group: str | None) -> None:
        for text in listed:
            at = _find(self._pyproject, text)
            if text.startswith("-e "):
                self._found.append(editable(text.removeprefix("-e ").strip(), at))
                continue
            try:
                self._found.append(parse_requirement(text.strip(), at, group=group, locate=self._locate))
            except LineError as error:
                self.fail(Code.REQUIREMENT_SYNTAX, str(error), at, error.hint)

    def add_extra(self, extra: str, above: frozenset[str]) -> None:
        """An extra's requirements; one that names the project itself (`app[s3]`) stands for those extras of it."""
        name = dist_name(extra)
        listed = self._pyproject.extras.get(name)
        poetry = self._pyproject.poetry
        if listed is None and poetry is not None and name in poetry.extras:
            self.add_poetry(poetry.dependencies, name, poetry.extras[name])
            return
        if listed is None:
            self._unknown("extra", extra, {*self._pyproject.extras, *(poetry.extras if poetry else ())})
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

        poetry = self._pyproject.poetry
        of_poetry = poetry.groups.get(dist_name(group)) if poetry else None
        if of_poetry is not None:
            self.add_poetry(of_poetry, dist_name(group))
        if dist_name(group) not in self._pyproject.groups:
            if of_poetry is None:
                self._unknown("dependency group", group, {*self._pyproject.groups, *(poetry.groups if poetry else ())})
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
    return find_in(pyproject.path, pyproject.text, text)


def _table(parent: Mapping[str, object], name: str, path: str, text: str) -> Mapping[str, object]:
    value = parent.get(name, {})
    if isinstance(value, dict):
        return value
    at = find_in(path, text, name)
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
