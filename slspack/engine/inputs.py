"""Everything that a build has looked at, and whether it still is as it was: by metadata first, then by content."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slspack.keys import digest_bytes, digest_file
from slspack.memory import Changes
from slspack.stamps import SeenFile, SeenFolder, Stamp, stamp_of
from slspack.tree import OWN_FOLDER, list_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_HOMES = frozenset({"HOME", "USERPROFILE", "APPDATA", "PROGRAMDATA", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"})


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A file of the configuration or of the requirements, which may lie anywhere; without a stamp it was not there."""

    stamp: Stamp | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Paths are relative to the service, or absolute; variables of the environment are kept as digests."""

    files: Mapping[str, SeenFile]
    folders: Mapping[str, SeenFolder]
    configuration: Mapping[str, OutsideFile]
    requirements: Mapping[str, OutsideFile]
    environment: Mapping[str, str]
    """By the names that the configuration asked for."""
    index_variables: str
    """A digest of all variables that say where distributions come from."""
    seen_at: int
    """When the first of them was looked at, in nanoseconds since the epoch."""

    def to_json(self) -> bytes:
        """The inputs as text for the database."""
        return json.dumps(
            [
                {path: [*seen.stamp, seen.sha256] for path, seen in self.files.items()},
                dict(self.folders),
                {path: [seen.stamp, seen.sha256] for path, seen in self.configuration.items()},
                {path: [seen.stamp, seen.sha256] for path, seen in self.requirements.items()},
                dict(self.environment),
                self.index_variables,
                self.seen_at,
            ],
            separators=(",", ":"),
        ).encode()


def inputs_from_json(content: bytes) -> Inputs | None:
    """What `Inputs.to_json` wrote; None for anything else."""
    try:
        files, folders, configuration, requirements, environment, index_variables, seen_at = json.loads(content)
        return Inputs(
            {path: SeenFile(Stamp(*values[:5]), values[5]) for path, values in files.items()},
            {
                path: SeenFolder(Stamp(*stamp) if stamp else None, tuple((name, kind) for name, kind in names))
                for path, (stamp, names) in folders.items()
            },
            _outside(configuration),
            _outside(requirements),
            environment,
            index_variables,
            seen_at,
        )
    except (ValueError, TypeError, AttributeError):
        return None


def look_outside(root: Path, paths: Collection[str]) -> dict[str, OutsideFile]:
    """Files as they are now: stamp first, then content, so that a change in between shows the next time."""
    seen = {}
    for path in paths:
        stamp = stamp_of(root / path)
        seen[path] = OutsideFile(stamp, _digest(root / path) if stamp else "")
    return seen


def digest_variable(name: str, environment: Mapping[str, str]) -> str:
    """A variable's value as it is kept: never itself, for it may be a secret; empty if it is not set."""
    value = environment.get(name)
    return "" if value is None else digest_bytes(f"{name}={value}".encode("utf-8", "surrogateescape"))


def digest_index_variables(environment: Mapping[str, str]) -> str:
    """The variables of pip and uv, and those by which their files are found, as one digest."""
    told = sorted(f"{name}={value}" for name, value in environment.items() if _is_about_indexes(name.upper()))
    return digest_bytes("\0".join(told).encode("utf-8", "surrogateescape"))


def _is_about_indexes(name: str) -> bool:
    return name.startswith(("PIP_", "UV_")) or name in _HOMES


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed, and the same inputs with the stamps of today for all that did not."""

    changes: Changes | None
    inputs: Inputs
    renewed: bool
    """Whether any stamp is newer than what was kept."""


def compare(inputs: Inputs, root: Path, environment: Mapping[str, str]) -> Comparison:
    """Look at every input again. `changes` is None if nothing changed; then only metadata was read, as a rule."""
    now = time.time_ns()
    files = {path: _same_file(root / path, seen, inputs.seen_at) for path, seen in inputs.files.items()}
    folders = {path: _same_folder(root, path, seen, inputs.seen_at) for path, seen in inputs.folders.items()}
    configuration = _same_outside(root, inputs.configuration, inputs.seen_at)
    requirements = _same_outside(root, inputs.requirements, inputs.seen_at)
    variables = all(digest_variable(name, environment) == kept for name, kept in inputs.environment.items())
    changes = Changes(
        files=frozenset(path for path, seen in files.items() if seen is None),
        folders=frozenset(path for path, seen in folders.items() if seen is None),
        configuration=None in configuration.values() or not variables,
        requirements=None in requirements.values() or digest_index_variables(environment) != inputs.index_variables,
    )
    fresh = replace(
        inputs,
        files={path: seen for path, seen in files.items() if seen},
        folders={path: seen for path, seen in folders.items() if seen},
        configuration={path: seen for path, seen in configuration.items() if seen},
        requirements={path: seen for path, seen in requirements.items() if seen},
        seen_at=now,
    )
    same = changes == Changes()
    return Comparison(None if same else changes, fresh, same and replace(fresh, seen_at=inputs.seen_at) != inputs)


def _same_file(path: Path, seen: SeenFile, seen_at: int) -> SeenFile | None:
    stamp = stamp_of(path)
    if stamp is None:
        return None
    if stamp == seen.stamp and stamp.is_settled(seen_at):
        return seen
    if stamp.size != seen.stamp.size or stamp.mode != seen.stamp.mode or _digest(path) != seen.sha256:
        return None
    return SeenFile(stamp, seen.sha256)


def _same_folder(root: Path, path: str, seen: SeenFolder, seen_at: int) -> SeenFolder | None:
    stamp = stamp_of(root / path)
    if stamp == seen.stamp and (stamp is None or stamp.is_settled(seen_at)):
        return seen
    real_root = os.path.realpath(root)

    def is_inside(link: Path) -> bool:
        return os.path.commonpath([real_root, os.path.realpath(link)]) == real_root

    names = list_folder(root / path, is_inside)
    if path == ".":
        names.pop(OWN_FOLDER, None)
    return SeenFolder(stamp, seen.names) if tuple(names.items()) == seen.names else None


def _same_outside(root: Path, known: Mapping[str, OutsideFile], seen_at: int) -> dict[str, OutsideFile | None]:
    result: dict[str, OutsideFile | None] = {}
    for path, seen in known.items():
        stamp = stamp_of(root / path)
        if stamp == seen.stamp and (stamp is None or stamp.is_settled(seen_at)):
            result[path] = seen
        elif stamp is None or seen.stamp is None or _digest(root / path) != seen.sha256:
            result[path] = None
        else:
            result[path] = OutsideFile(stamp, seen.sha256)
    return result


def _digest(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError:
        return ""


def _outside(values: Mapping[str, tuple[list[int] | None, str]]) -> dict[str, OutsideFile]:
    return {path: OutsideFile(Stamp(*stamp) if stamp else None, sha256) for path, (stamp, sha256) in values.items()}
