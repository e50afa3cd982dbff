"""From a source's files to what they list: at run time, and for development only."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError, SlspackError
from slspack.keys import key_of
from slspack.model import Finding, Location, Severity
from slspack.resolve.groups import chosen
from slspack.resolve.locks.formats import LockFormat, lock_format, refresh_command
from slspack.resolve.pyproject import development_requirements, load_pyproject, runtime_requirements
from slspack.resolve.requirement_line import read_lines
from slspack.resolve.requirements_file import read_requirements
from slspack.resolve.sources import PIPFILE, PYPROJECT, find_source
from slspack.resolve.written import BY_PLUGINS, RequirementsRead, Written, WrittenOptions, WrittenRequirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import Digest, Listed, RequirementSet, Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.groups import Chosen
    from slspack.resolve.sources import LockFileUse, Source

_DEVELOPMENT_WORDS = ("dev", "develop", "development", "test", "tests", "testing", "lint", "docs", "typing")
_DEVELOPMENT_FILES = tuple(
    pattern.format(word)
    for word in _DEVELOPMENT_WORDS
    for pattern in (
        "requirements-{}.txt", "requirements_{}.txt", "requirements.{}.txt", "requirements/{}.txt",
        "{}-requirements.txt", "{}_requirements.txt", "requirements-{}.in", "requirements/{}.in",
    )
)  # fmt: skip


def read_requirement_set(
    requirements: RequirementSet, files: ServiceFiles, variables: Mapping[str, str], lock_file: LockFileUse
) -> RequirementsRead:
    """What a requirement set lists in the files that slspack knows. Raises SlspackError with all that is wrong."""
    source = find_source(requirements, files, lock_file)
    written = read_source(source, requirements, files, variables)
    return RequirementsRead(
        replace(written, findings=(*source.findings, *written.findings)),
        read_development(source, requirements, files, variables),
        source.lock,
        source.files,
        source.folder,
    )


def with_added(read: RequirementsRead, added: Iterable[str]) -> RequirementsRead:
    """The same with what plugins bring, as far as the user lists no distribution of that name.

    Raises SLS0208 where a lock file counts that another tool makes from a project file, which does not list them.
    """
    known = {one.name for one in read.written.requirements if not one.transitive}
    more = tuple(one for one in read_lines(added, BY_PLUGINS) if one.name not in known)
    if not more:
        return read
    if read.lock and read.written.sources and lock_format(read.lock) is not LockFormat.PYLOCK:
        raise SlspackError(_unlocked(one, read.lock, read.written.sources[0]) for one in more)
    # What a resolver wrote for another line's sake stays a pin; the plugin's line makes it a listed one.
    return replace(read, written=replace(read.written, requirements=(*read.written.requirements, *more)))


def _unlocked(one: WrittenRequirement, lock: str, project: str) -> Finding:
    message = f"a plugin brings `{one.text}`, and `{project}` does not list it: `{lock}` was made without it"
    hint = f"add `{one.text}` to the requirements in `{project}`, then `{refresh_command(lock)}`"
    return Finding(Code.LOCK_STALE, Severity.ERROR, message, Location(project), hint)


def read_source(source: Source, asked: RequirementSet, files: ServiceFiles, environment: Mapping[str, str]) -> Written:
    """Read the files of a source. Raises SlspackError with all that is wrong in them."""
    parts: list[Written] = []
    errors: list[Finding] = []
    plain = [path for path in source.files if _kind(path) is _Kind.PLAIN]
    wanted = chosen(asked)
    try:
        parts.append(_without_unwritten(read_requirements(plain, files, environment), plain, files, environment))
    except SlspackError as error:
        errors += error.findings
    for path in (one for one in source.files if one not in plain):
        try:
            part = _project(path, wanted, files)
        except SlspackError as error:
            errors += error.findings
        else:
            from slspack.resolve.projects.logins import with_logins

            parts.append(replace(part, options=with_logins(part.options, path, files, environment)))
    if errors:
        raise SlspackError(errors)
    if len(plain) == len(source.files) and source.lock is None and (wanted.groups or wanted.extras):
        raise ConfigError.of(
            Code.NO_SUCH_GROUP,
            f"{_words(wanted)} cannot come from {' and '.join(f'`{path}`' for path in plain) or 'no file at all'}",
            hint="groups and extras stand in a `pyproject.toml`, a `Pipfile` or a lock file",
        )
    return _joined(parts)


def _project(path: str, wanted: Chosen, files: ServiceFiles) -> Written:
    if _kind(path) is _Kind.PIPFILE:
        from slspack.resolve.projects.pipfile import read_pipfile

        return read_pipfile(path, wanted, files)
    if _kind(path) is _Kind.SCRIPT:
        from slspack.resolve.projects.script import read_script

        return read_script(path, files)
    pyproject = load_pyproject(path, files)
    return Written() if pyproject is None else runtime_requirements(pyproject, wanted, files)


def read_development(
    source: Source, asked: RequirementSet, files: ServiceFiles, environment: Mapping[str, str]
) -> Written:
    """What is listed for development beside a source: in groups not asked for, in files like requirements-dev.txt.

    It serves the diagnostics alone, so that a file that cannot be read is passed over.
    """
    parts: list[Written] = []
    for name in _DEVELOPMENT_FILES:
        path = posixpath.normpath(f"{source.folder}/{name}")
        if path not in source.files and files.is_file(path):
            try:
                part = read_requirements([path], files, environment)
            except SlspackError:
                continue
            own = tuple(one for one in part.requirements if one.location.path not in source.files)
            parts.append(replace(part, requirements=own, options=WrittenOptions(), findings=()))
    try:
        pyproject = load_pyproject(posixpath.normpath(f"{source.folder}/{PYPROJECT}"), files)
    except SlspackError:
        pyproject = None
    if pyproject is not None:
        parts.append(development_requirements(pyproject, chosen(asked), files))
    parts += _pipfile_development(source, asked, files)
    return replace(_joined(parts), options=WrittenOptions())


def wanted_for(written: Written, target: Target) -> tuple[WrittenRequirement, ...]:
    """The requirements whose markers hold on the target."""
    return tuple(one for one in written.requirements if one.holds_for(target))


def as_listed(requirements: Iterable[WrittenRequirement]) -> tuple[Listed, ...]:
    """One for each name that the user wrote, with the extras of all its lines, where it stands first."""
    from slspack.model import Listed

    listed: dict[str, Listed] = {}
    for one in requirements:
        if one.transitive:
            continue
        known = listed.get(one.name)
        if known is not None:
            listed[one.name] = replace(known, extras=known.extras | one.extras)
        elif one.name:
            listed[one.name] = Listed(one.name, one.extras, one.location, one.group)
    return tuple(listed[name] for name in sorted(listed))


def inputs_digest(written: Written) -> Digest:
    """What was asked for, whatever the target and wherever it stands in the files: a lock made of it keeps this."""
    return key_of(
        "requirements",
        sorted(
            {
                (one.text, tuple(sorted(one.hashes)), one.origin, one.reference, *_bound(one))
                for one in written.requirements
            },
            key=repr,
        ),
        sorted({(one.text, one.reference, *sorted(one.hashes)) for one in written.constraints}),
        written.options.prereleases,
    )


def _without_unwritten(
    written: Written, plain: Iterable[str], files: ServiceFiles, environment: Mapping[str, str]
) -> Written:
    """What a compiled file without `# via` comments lists: the names that stand in the `.in` file beside it."""
    inputs = [path for one in plain if one.endswith(".txt") and files.is_file(path := f"{one[:-4]}.in")]
    if not inputs or any(one.transitive for one in written.requirements):
        return written
    try:
        listed = {one.name for one in read_requirements(inputs, files, environment).requirements}
    except SlspackError:
        return written
    marked = (replace(one, transitive=one.pinned and one.name not in listed) for one in written.requirements)
    return replace(written, requirements=tuple(marked))


def _joined(parts: Iterable[Written]) -> Written:
    joined = Written()
    for part in parts:
        joined = Written(
            joined.requirements + part.requirements,
            joined.constraints + part.constraints,
            joined.options if part.options == WrittenOptions() else part.options,
            tuple(dict.fromkeys(joined.sources + part.sources)),
            joined.findings + part.findings,
        )
    return joined


def _bound(one: WrittenRequirement) -> tuple[str, ...]:
    return tuple(filter(None, (*one.alternatives, one.index)))


def _pipfile_development(source: Source, asked: RequirementSet, files: ServiceFiles) -> list[Written]:
    path = posixpath.normpath(f"{source.folder}/{PIPFILE}")
    if path not in source.files:
        return []
    from slspack.resolve.projects import pipfile

    try:
        return [pipfile.read_development(path, chosen(asked), files)]
    except SlspackError:
        return []


class _Kind(Enum):
    PLAIN = "requirements file"
    PYPROJECT = "pyproject.toml"
    PIPFILE = "Pipfile"
    SCRIPT = "script"


def _kind(path: str) -> _Kind:
    name = posixpath.basename(path)
    if name == PYPROJECT:
        return _Kind.PYPROJECT
    if name == PIPFILE:
        return _Kind.PIPFILE
    return _Kind.SCRIPT if name.endswith(".py") else _Kind.PLAIN


def _words(wanted: Chosen) -> str:
    groups = [f"the group `{name}`" for name in wanted.groups] + [f"the extra `{name}`" for name in wanted.extras]
    return " and ".join(groups)
