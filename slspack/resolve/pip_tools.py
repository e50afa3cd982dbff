"""Resolving with pip-tools (`resolver: pip-tools`), as a process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from slspack.codes import Code
from slspack.errors import MachineError
from slspack.model import Finding, Location, Severity
from slspack.registry import IndexFile
from slspack.registry.credentials import with_login
from slspack.resolve.lines import logical_lines
from slspack.resolve.problem import Candidate, Unsolvable, Upgrade
from slspack.resolve.requirement_line import parse_requirement
from slspack.resolve.uv import requirement_line
from slspack.resolve.uv_failure import redacted
from slspack.resolve.written import Origin
from slspack.targets import parse_architecture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import DistName, Target
    from slspack.registry import IndexConfiguration
    from slspack.resolve.problem import Problem

_REPLACED = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST")


def resolve_with_pip_tools(problem: Problem, excluded: Mapping[DistName, tuple[str, ...]]) -> tuple[Candidate, ...]:
    """Let `pip-compile` decide.

    It resolves for the Python and the platform that run it, whatever its pip arguments say: versions that do not fit
    the target come back as `excluded` in a further round, and `host_notice` says what else follows from it.

    Raises Unsolvable; SLS0204 as MachineError. pip-tools does not tell an index out of reach from an empty one.
    """
    if find_spec("piptools") is None:
        raise MachineError.of(
            Code.RESOLVER_MISSING,
            "`resolver: pip-tools` is asked for, and pip-tools is not installed",
            hint="install it beside slspack: `pip install 'slspack[pip-tools]'`",
        )
    with tempfile.TemporaryDirectory(prefix="slspack-pip-tools-") as folder:
        place = Path(folder)
        wheels = place / "wheels"
        wheels.mkdir()
        problem.put_built(wheels)
        lines = [requirement_line(one, problem, wheels) for one in problem.requirements]
        constraints = [
            requirement_line(one, problem, wheels) for one in problem.constraints if one.origin is not Origin.SOURCE
        ]
        constraints += [f"{name}{','.join(f'!={version}' for version in excluded[name])}" for name in sorted(excluded)]
        (place / "requirements.in").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        (place / "constraints.txt").write_text("".join(f"{line}\n" for line in constraints), "utf-8")
        if problem.preferred:
            pins = "".join(f"{name}=={version}\n" for name, version in problem.preferred)
            (place / "requirements.txt").write_text(pins, "utf-8")
        done = subprocess.run(
            _command(problem, place), capture_output=True, cwd=place, env=_environment(problem, wheels), check=False,
            encoding="utf-8",
        )  # fmt: skip
        if done.returncode != 0:
            raise _explained(done.stderr)
        return _candidates((place / "requirements.txt").read_text("utf-8"))


def host_differs(target: Target) -> bool:
    """Whether markers may mean something else on the interpreter that runs slspack than on the target."""
    return (
        sys.platform != "linux"
        or sys.version_info[:2] != target.python
        or parse_architecture(platform.machine()) is not target.architecture
    )


def host_notice(target: Target) -> tuple[Finding, ...]:
    """What a user should know who resolves with pip-tools on another platform than the target."""
    if not host_differs(target):
        return ()
    host = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {platform.system()} {platform.machine()}"
    return (
        Finding(
            Code.UNRESOLVABLE,
            Severity.WARNING,
            f"pip-tools evaluates markers and chooses versions for {host}, not for {target}",
            None,
            "the default resolver (`resolver: uv`) resolves for the target",
        ),
    )


def _command(problem: Problem, place: Path) -> list[str]:
    command = [sys.executable, "-m", "piptools", "compile", "--no-config", "--no-header", "--no-annotate"]
    command += ["--no-strip-extras", "--allow-unsafe", "--no-emit-index-url", "--no-emit-trusted-host"]
    command += [
        "--no-emit-find-links",
        "--no-emit-options",
        "--resolver=backtracking",
        "--pip-args=--only-binary=:all:",
    ]
    if problem.prereleases:
        command += ["--pre"]
    if problem.upgrade is not Upgrade.KEEP:
        command += ["--rebuild"]
    command += ["--constraint", str(place / "constraints.txt"), "--output-file", str(place / "requirements.txt")]
    return [*command, str(place / "requirements.in")]


def _environment(problem: Problem, wheels: Path) -> dict[str, str]:
    """Indexes and credentials go in here: arguments can be read by every user of the machine."""
    kept = {name: value for name, value in problem.environment.items() if name not in _REPLACED}
    variables = {**kept, "PIP_CONFIG_FILE": os.devnull, **_pip_variables(problem.configuration)}
    if problem.built:
        variables["PIP_FIND_LINKS"] = " ".join([*filter(None, [variables.get("PIP_FIND_LINKS")]), str(wheels)])
    return variables


def _pip_variables(configuration: IndexConfiguration) -> dict[str, str]:
    def address(url: str) -> str:
        return with_login(url, configuration.credentials.for_url(url)).reveal() if "://" in url else url

    variables = {
        "PIP_INDEX_URL": address(configuration.index_url) if configuration.index_url else "",
        "PIP_EXTRA_INDEX_URL": " ".join(address(url) for url in configuration.extra_index_urls),
        "PIP_FIND_LINKS": " ".join(address(url) for url in configuration.find_links),
        "PIP_NO_INDEX": "1" if configuration.no_index else "",
        "PIP_TRUSTED_HOST": " ".join(configuration.trusted_hosts),
        "PIP_CERT": configuration.certificates or "",
        "PIP_CLIENT_CERT": configuration.client_certificate or "",
        "PIP_PROXY": configuration.proxy.reveal() if configuration.proxy else "",
        "PIP_KEYRING_PROVIDER": configuration.keyring.value,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }
    return {name: value for name, value in variables.items() if value}


def _candidates(text: str) -> tuple[Candidate, ...]:
    candidates: list[Candidate] = []
    for line in logical_lines(text, {}):
        if line.text.startswith("-"):
            continue
        one = parse_requirement(line.text, Location("requirements.txt", line.line, line.column))
        if one.origin is Origin.WHEEL:
            filename = unquote(urlsplit(one.reference).path.rpartition("/")[2])
            version = filename.split("-")[1]
            candidates.append(Candidate(one.name, version, (IndexFile(filename, one.reference, None),)))
        else:
            candidates.append(Candidate(one.name, one.specifier.lstrip("=")))
    return tuple(candidates)


def _explained(stderr: str) -> Unsolvable:
    """pip's own error lines, without the traceback that follows them."""
    lines = [line.strip() for line in redacted(stderr).splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    shown = errors or [line.rpartition(": ")[2] for line in lines[-1:]]
    return Unsolvable("\n".join(dict.fromkeys(shown)).rstrip(".") or "pip-tools failed without a word")
