"""What builds need of a project: a configuration, handlers that are there, requirements that say what they mean."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from slspack.doctor.symptom import State, Symptom, of_finding
from slspack.errors import SlspackError
from slspack.looks import Looks
from slspack.model import Severity
from slspack.resolve import LockFileUse
from slspack.resolve.files import ServiceFiles
from slspack.resolve.reading import read_source
from slspack.resolve.sources import find_source
from slspack.trace import Scanner, trace_function
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import RequirementSet, Service

_OUTPUTS = (".slspack", "slspack_dist")
_SHOWN = 3


def project_symptoms(service: Service, environment: Mapping[str, str]) -> Iterator[Symptom]:
    """Look at a service whose configuration could be read."""
    functions = f"{len(service.functions)} function{'s' if len(service.functions) != 1 else ''}"
    left = f", {len(service.skipped)} left alone" if service.skipped else ""
    yield Symptom("configuration", State.FINE, f"{service.config_files[0]}: {functions}{left}")
    for finding in service.findings:
        if finding.severity is Severity.WARNING:
            yield of_finding("configuration", finding, State.DOUBTFUL)
    yield from _handlers(service)
    for requirements in dict.fromkeys(function.requirements for function in service.functions):
        yield _requirements(service, requirements, environment)
    yield from _outputs(service)


def _handlers(service: Service) -> Iterator[Symptom]:
    tree, scanner = ServiceTree(service.root), Scanner()
    traced = 0
    for function in service.functions:
        try:
            trace_function(function, tree, scanner)
            traced += 1
        except SlspackError as error:
            for finding in error.findings:
                if finding.severity is Severity.ERROR:
                    yield of_finding(f"function {function.name}", finding, State.WRONG)
    if traced:
        yield Symptom("handlers", State.FINE, f"{traced} of {len(service.functions)} found and traced")


def _requirements(service: Service, requirements: RequirementSet, environment: Mapping[str, str]) -> Symptom:
    files = ServiceFiles(ServiceTree(service.root), Looks())
    try:
        source = find_source(requirements, files, LockFileUse.READ)
        written = read_source(source, requirements, files, environment)
    except SlspackError as error:
        return of_finding("requirements", error.findings[0], State.WRONG)
    if source.lock is not None:
        return Symptom("requirements", State.FINE, f"locked in {source.lock}")
    if not source.files:
        return Symptom("requirements", State.FINE, "none")
    names = ", ".join(source.files)
    if all(one.pinned for one in written.requirements):
        return Symptom("requirements", State.FINE, f"pinned in {names}")
    remedy = "for builds that are the same next month, write a lock: `slspack lock`"
    return Symptom("requirements", State.FINE, f"{names}, without a lock beside it", remedy)


def _outputs(service: Service) -> Iterator[Symptom]:
    """Whether git ignores what builds write; nothing is said where there is no git."""
    git = shutil.which("git")
    if git is None or not _runs(git, "rev-parse", service=service):
        return
    kept = [name for name in _OUTPUTS if not _runs(git, "check-ignore", "--quiet", f"{name}/x", service=service)]
    if kept:
        lines = " and ".join(f"`{name}/`" for name in kept)
        yield Symptom("git", State.DOUBTFUL, "does not ignore what builds write", f"put {lines} into .gitignore")


def _runs(*command: str, service: Service) -> bool:
    return subprocess.run(command, cwd=service.root, capture_output=True, check=False).returncode == 0
