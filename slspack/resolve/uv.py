"""Resolving with uv, as a process: versions for the target, from wheels only."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Architecture, Digest, dist_name
from slspack.registry import IndexFile
from slspack.registry.credentials import split_credentials, with_login
from slspack.registry.uv_process import index_options, uv_program, uv_variables
from slspack.resolve.problem import Candidate, Upgrade
from slspack.resolve.uv_failure import explain
from slspack.resolve.written import Origin
from slspack.targets import marker_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.pylock import Package, PackageArchive, PackageWheel

    from slspack.model import DistName, Target
    from slspack.resolve.problem import Problem
    from slspack.resolve.written import WrittenRequirement

# uv knows these versions of glibc, besides 2.17 (`uv pip compile --help`, --python-platform).
_KNOWN_GLIBC = (28, *range(31, 41))
_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}


def resolve_with_uv(problem: Problem, excluded: Mapping[DistName, tuple[str, ...]]) -> tuple[Candidate, ...]:
    """Let `uv pip compile` decide. Each candidate has all the wheels that uv counts as loadable on its platform.

    uv has no name for glibc 2.26 (Amazon Linux 2). It is given the next higher one that it knows, so that no wheel of
    ours is missing; what does not fit after all comes back as `excluded` in a further round.

    Raises Unsolvable; SLS0204, SLS0506 and SLS0508 as MachineError or SlspackError.
    """
    with tempfile.TemporaryDirectory(prefix="slspack-uv-") as folder:
        place = Path(folder)
        wheels = place / "wheels"
        wheels.mkdir()
        problem.put_built(wheels)
        command = [*_command(problem), str(_requirements(problem, place, wheels))]
        constraints = _constraints(problem, excluded, wheels)
        if problem.preferred:
            (place / "pylock.toml").write_text(_preferences(problem), "utf-8")
            command += ["--output-file", str(place / "pylock.toml")]
        if constraints:
            (place / "constraints.txt").write_text(constraints, "utf-8")
            command += ["--constraints", str(place / "constraints.txt")]
        done = subprocess.run(
            command,
            capture_output=True,
            cwd=problem.root,
            env=_environment(problem, wheels),
            check=False,
            encoding="utf-8",
        )
    if done.returncode != 0:
        raise explain(done.stderr, problem)
    return _candidates(done.stdout, problem)


def python_platform(target: Target) -> str:
    """uv's name for the target: exact where uv has one, else the nearest above."""
    minor = next(known for known in _KNOWN_GLIBC if known >= target.glibc[1])
    return f"{_MACHINES[target.architecture]}-manylinux_2_{minor}"


def _command(problem: Problem) -> list[str]:
    command = [uv_program(problem.environment), "pip", "compile", "--format", "pylock.toml"]
    command += ["--python", sys.executable, "--no-python-downloads"]
    command += ["--python-platform", python_platform(problem.target)]
    command += ["--python-version", marker_environment(problem.target)["python_full_version"]]
    command += ["--only-binary", ":all:", "--no-config", "--no-header", "--no-progress", "--color", "never"]
    if problem.prereleases:
        command += ["--prerelease", "allow"]
    if problem.upgrade is not Upgrade.KEEP:
        command += ["--refresh"]
    return command + index_options(problem.configuration, problem.environment)


def _preferences(problem: Problem) -> str:
    """What uv finds pinned in the file that it is to write, it keeps where it can."""
    pins = [f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\n' for name, version in problem.preferred]
    return "".join(('lock-version = "1.0"\ncreated-by = "slspack"\n', *pins))


def _environment(problem: Problem, wheels: Path) -> dict[str, str]:
    variables = uv_variables(problem.configuration, problem.environment)
    if problem.built:
        variables["UV_FIND_LINKS"] = ",".join([*filter(None, [variables.get("UV_FIND_LINKS")]), str(wheels)])
    return variables


def _requirements(problem: Problem, place: Path, wheels: Path) -> Path:
    path = place / "requirements.in"
    path.write_text("".join(f"{requirement_line(one, problem, wheels)}\n" for one in problem.requirements), "utf-8")
    return path


def requirement_line(one: WrittenRequirement, problem: Problem, wheels: Path) -> str:
    """A requirement for a resolver's eyes only: its marker is decided, paths are absolute, a login is put back.

    `wheels` is the folder with the built wheels, one of which a SOURCE requirement stands for.
    """
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    built = problem.built_for(one.name) if one.origin is Origin.SOURCE else None
    if built is not None:
        return f"{one.name}{extras} @ {(wheels / built.distribution.wheel.filename).resolve().as_uri()}"
    if one.origin is not Origin.WHEEL:
        return f"{one.name}{extras}{one.specifier}"
    address = one.reference
    if "://" not in address and not address.startswith("file:"):
        address = (problem.root / Path(address).expanduser()).resolve().as_uri()
    return f"{one.name}{extras} @ {with_login(address, one.login).reveal()}"


def _constraints(problem: Problem, excluded: Mapping[DistName, tuple[str, ...]], wheels: Path) -> str:
    lines = [requirement_line(one, problem, wheels) for one in problem.constraints if one.origin is not Origin.SOURCE]
    lines += [f"{name}{','.join(f'!={version}' for version in excluded[name])}" for name in sorted(excluded)]
    return "".join(f"{line}\n" for line in lines)


def _candidates(lock: str, problem: Problem) -> tuple[Candidate, ...]:
    from packaging.pylock import Pylock, PylockValidationError

    try:
        packages = Pylock.from_dict(tomllib.loads(lock)).packages
    except (tomllib.TOMLDecodeError, PylockValidationError) as error:
        raise SlspackError.of(
            Code.UNRESOLVABLE, f"uv's answer cannot be read: {error}", hint="upgrade uv: `pip install --upgrade uv`"
        ) from error
    return tuple(_candidate(package, problem) for package in packages)


def _candidate(package: Package, problem: Problem) -> Candidate:
    if problem.configuration.relayed and package.archive is None:
        # Where the files really are, the client knows.
        return Candidate(dist_name(package.name), str(package.version))
    files = tuple(_index_file(wheel, problem) for wheel in package.wheels or ())
    if package.archive is not None:
        files = (_index_file(package.archive, problem),)
    return Candidate(dist_name(package.name), str(package.version), files)


def _index_file(wheel: PackageWheel | PackageArchive, problem: Problem) -> IndexFile:
    url = wheel.url if wheel.url is not None else (problem.root / cast("str", wheel.path)).resolve().as_uri()
    clean, _ = split_credentials(url)
    filename = unquote(urlsplit(clean).path.rpartition("/")[2])
    return IndexFile(filename, clean, Digest(wheel.hashes["sha256"].lower()), wheel.size)
