"""Everything that a build has looked at, and whether it still is as it was: by metadata first, then by content."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.keys import digest_bytes
from slspack.looks import digest_outside
from slspack.memory import Changes
from slspack.plugins.installed import Census, InstalledPlugin, take_census
from slspack.stamps import OutsideFile, SeenFile, SeenFolder, Stamp, stamp_of
from slspack.tree import inside_of, list_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_HOMES = frozenset({"HOME", "USERPROFILE", "APPDATA", "PROGRAMDATA", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"})


@dataclass(frozen=True, slots=True)
class Inputs:
    """Paths are relative to the service, or absolute; variables of the environment are kept as digests."""

    files: Mapping[str, SeenFile]
    folders: Mapping[str, SeenFolder]
    configuration: Mapping[str, OutsideFile]
    requirements: Mapping[str, OutsideFile]
    plugins: Mapping[str, OutsideFile]
    """The plugins' own files, and what they have looked at outside the service."""
    census: Census
    """The plugins that are installed."""
    environment: Mapping[str, str]
    """By the names that the configuration and plugins asked for."""
    requirement_variables: Mapping[str, str]
    """By the names that stand in requirement files."""
    index_variables: str
    """A digest of all variables that say where distributions come from."""
    state: str
    """Names the state of the service that these are of: a memory or an outcome of another is not of these inputs."""
    seen_at: int
    """When the first of them was looked at, in nanoseconds since the epoch."""

    def to_json(self) -> bytes:
        """The inputs as text for the database."""
        return json.dumps(
            [
                {path: [*seen.stamp, seen.sha256] for path, seen in self.files.items()},
                dict(self.folders),
                dict(self.configuration),
                dict(self.requirements),
                dict(self.plugins),
                [dict(self.census.folders), self.census.plugins],
                dict(self.environment),
                dict(self.requirement_variables),
                self.index_variables,
                self.state,
                self.seen_at,
            ],
            separators=(",", ":"),
        ).encode()


def inputs_from_json(content: bytes) -> Inputs | None:
    """What `Inputs.to_json` wrote; None for anything else."""
    try:
        files, folders, configuration, requirements, plugins, (places, installed), *rest = json.loads(content)
        return Inputs(
            {path: SeenFile(Stamp(*values[:5]), values[5]) for path, values in files.items()},
            {
                path: SeenFolder(_stamp(stamp), tuple((name, kind) for name, kind in names), linked)
                for path, (stamp, names, linked) in folders.items()
            },
            _outside(configuration),
            _outside(requirements),
            _outside(plugins),
            Census(
                {place: _stamp(stamp) for place, stamp in places.items()},
                tuple(InstalledPlugin(*values) for values in installed),
            ),
            *rest,
        )
    except (ValueError, TypeError, AttributeError):
        return None


def _outside(kept: Mapping[str, tuple[Iterable[int] | None, str]]) -> dict[str, OutsideFile]:
    return {path: OutsideFile(_stamp(stamp), sha256) for path, (stamp, sha256) in kept.items()}


def _stamp(values: Iterable[int] | None) -> Stamp | None:
    return Stamp(*values) if values is not None else None


def digest_variables(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Variables by name as they are kept: never their values, for they may be secrets; empty if one is not set."""
    return {name: _digest_variable(name, environment.get(name)) for name in sorted(names)}


def _digest_variable(name: str, value: str | None) -> str:
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
    """Whether anything had to be read, for its stamp told nothing: the inputs of today spare the next build that."""


def compare(inputs: Inputs, root: Path, environment: Mapping[str, str]) -> Comparison:
    """Look at every input again. `changes` is None if nothing changed; then only metadata was read, as a rule."""
    now = time.time_ns()
    look = _SecondLook(root, inputs.seen_at)
    files = look.files(inputs.files)
    folders = {path: look.folder(path, seen) for path, seen in inputs.folders.items()}
    configuration = {path: look.outside(path, seen) for path, seen in inputs.configuration.items()}
    requirements = {path: look.outside(path, seen) for path, seen in inputs.requirements.items()}
    plugins = {path: look.outside(path, seen) for path, seen in inputs.plugins.items()}
    census = inputs.census if inputs.census.holds(inputs.seen_at) else take_census()
    told = digest_variables(inputs.environment, environment) == inputs.environment
    spelled = digest_variables(inputs.requirement_variables, environment) == inputs.requirement_variables
    indexes = digest_index_variables(environment) == inputs.index_variables
    changes = Changes(
        files={path: inputs.files[path].sha256 for path, seen in files.items() if seen is None},
        folders=frozenset(path for path, seen in folders.items() if seen is None),
        configuration=None in (*configuration.values(), *plugins.values())
        or not told
        or census.plugins != inputs.census.plugins,
        requirements=None in requirements.values() or not (spelled and indexes),
    )
    fresh = replace(
        inputs,
        files={path: seen for path, seen in files.items() if seen},
        folders={path: seen for path, seen in folders.items() if seen},
        configuration={path: seen for path, seen in configuration.items() if seen},
        requirements={path: seen for path, seen in requirements.items() if seen},
        plugins={path: seen for path, seen in plugins.items() if seen},
        census=census,
        seen_at=now,
    )
    return Comparison(None if changes == Changes() else changes, fresh, look.read_any or census is not inputs.census)


class _SecondLook:
    """Looks at inputs again, each giving what is seen now, or None if it is no longer what it was."""

    def __init__(self, root: Path, seen_at: int) -> None:
        self.read_any = False
        self._root = root
        self._seen_at = seen_at
        self._real_root = os.path.realpath(root)

    def files(self, seen: Mapping[str, SeenFile]) -> dict[str, SeenFile | None]:
        """All files of the service at once: a build with nothing to do does little else."""
        root, seen_at = f"{self._root}{os.sep}", self._seen_at
        found: dict[str, SeenFile | None] = {}
        for path, then in seen.items():
            now = stamp_of(root + path)
            is_as_then = now is not None and now == then.stamp and now.is_settled(seen_at)
            found[path] = then if is_as_then else self._read(path, now, then)
        return found

    def _read(self, path: str, stamp: Stamp | None, seen: SeenFile) -> SeenFile | None:
        if (
            stamp is None
            or stamp.size != seen.stamp.size
            or stamp.mode != seen.stamp.mode
            or not (path.startswith("../") or self._is_inside(self._root / path))
        ):
            return None
        return SeenFile(stamp, seen.sha256) if self._digest(path) == seen.sha256 else None

    def folder(self, path: str, seen: SeenFolder) -> SeenFolder | None:
        stamp = stamp_of(self._place(path))
        if not seen.linked and self._is_settled(stamp, seen.stamp):
            return seen
        self.read_any |= not seen.linked
        names, linked = list_folder(self._root, path, inside_of(path, self._is_inside))
        return SeenFolder(stamp, names, linked) if names == seen.names and linked == seen.linked else None

    def outside(self, path: str, seen: OutsideFile) -> OutsideFile | None:
        stamp = stamp_of(self._place(path))
        if self._is_settled(stamp, seen.stamp):
            return seen
        if stamp is None or seen.stamp is None or self._digest(path) != seen.sha256:
            return None
        return OutsideFile(stamp, seen.sha256)

    def _place(self, path: str) -> str:
        return os.path.join(self._root, path)  # noqa: PTH118 (a hot loop)

    def _is_settled(self, now: Stamp | None, then: Stamp | None) -> bool:
        return now == then and (now is None or now.is_settled(self._seen_at))

    def _is_inside(self, place: Path) -> bool:
        return os.path.commonpath([self._real_root, os.path.realpath(place)]) == self._real_root

    def _digest(self, path: str) -> str:
        self.read_any = True
        try:
            return digest_outside(self._root / path)
        except OSError:
            return ""
