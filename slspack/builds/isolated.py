"""Wheels built on this machine by PEP 517, in an environment that holds what the build asks for and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.builds.builder import BuiltWheel
from slspack.builds.failure import build_failed
from slspack.builds.normalised import SOURCE_DATE_EPOCH
from slspack.builds.processes import run_logged
from slspack.builds.versions import variables_without_history
from slspack.codes import Code
from slspack.errors import MachineError
from slspack.keys import key_of
from slspack.registry.uv_process import index_options, uv_program, uv_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from slspack.builds.builder import BuildTask, Workplace
    from slspack.model import Digest, Target

_REVISION = 1
"""Raised where this module comes to build other bytes of the same source."""
_COMPILERS = ("CC", "CXX", "CPP", "FC", "F77", "F90", "LD", "LDSHARED", "AR", "RUSTC", "CARGO", "GO", "NVCC")
_NO_COMPILER = """\
#!/bin/sh
echo "slspack: a build in isolation compiles nothing (called as $0 $*)" >&2
exit 1
"""


class IsolatedBuilder:
    """Builds what needs no compiler: there is none to be found. Any interpreter will do, the target's if it is here."""

    name = "isolated"

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def identity(self, target: Target) -> Digest:
        """The target's Python counts: a `setup.py` may look at the version that runs it."""
        return key_of("isolated", _REVISION, target.python)

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build in an environment of its own, by the target's minor of Python if this machine has it."""
        interpreter = find_interpreter(task.target, self._workplace) or sys.executable
        with tempfile.TemporaryDirectory(prefix="slspack-build-") as folder:
            severed = Path(folder, "no-compiler")
            severed.write_text(_NO_COMPILER, "utf-8")
            severed.chmod(0o755)
            variables = dict.fromkeys(_COMPILERS, str(severed))
            return build_here(self.name, task, into, Path(folder), interpreter, self._workplace, variables)


class HostBuilder:
    """Builds with whatever compilers and libraries this machine has, by an interpreter of the target's minor."""

    name = "host"

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def identity(self, target: Target) -> Digest:
        """Of the interpreter; nothing is known of compilers and libraries."""
        return key_of("host", _REVISION, target.python, str(self._interpreter(target)), sys.platform)

    def build(self, task: BuildTask, into: Path) -> BuiltWheel:
        """Build in an environment of its own. Raises SLS0516 where there is no interpreter of the target's minor."""
        interpreter = self._interpreter(task.target)
        with tempfile.TemporaryDirectory(prefix="slspack-build-") as folder:
            # gcc and clang write paths into what they make, and both take this.
            flags = f"{self._workplace.environment.get('CFLAGS', '')} -ffile-prefix-map={task.source}=."
            variables = {"CFLAGS": flags.strip()} if os.name == "posix" else {}
            return build_here(self.name, task, into, Path(folder), interpreter, self._workplace, variables)

    def _interpreter(self, target: Target) -> str:
        found = find_interpreter(target, self._workplace)
        if found is None:
            minor = f"{target.python[0]}.{target.python[1]}"
            raise MachineError.of(
                Code.BUILD_TOOL_MISSING,
                f"the builder `host` needs a Python {minor} for {target}, and this machine has none",
                hint=f"install one (`uv python install {minor}`), or choose another `builder`",
            )
        return found


def find_interpreter(target: Target, workplace: Workplace) -> str | None:
    """An interpreter of the target's minor on this machine, as uv finds it; None if there is none."""
    minor = f"{target.python[0]}.{target.python[1]}"
    if sys.version_info[:2] == target.python:
        return sys.executable
    done = subprocess.run(
        [
            uv_program(workplace.environment),
            "python",
            "find",
            "--no-python-downloads",
            "--no-project",
            "--no-config",
            minor,
        ],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=uv_variables(workplace.configuration, workplace.environment),
    )
    return done.stdout.strip() or None if done.returncode == 0 else None


class _Environment:
    """A virtual environment for one build: what `build` asks of one."""

    def __init__(self, folder: Path, interpreter: str, workplace: Workplace, task: BuildTask, builder: str) -> None:
        self._folder, self._workplace, self._task, self._builder = folder, workplace, task, builder
        self._uv("venv", "--no-project", "--python", interpreter, str(folder))

    @cached_property
    def python_executable(self) -> str:
        scripts, suffix = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
        return str(self._folder / scripts / f"python{suffix}")

    def make_extra_environ(self) -> Mapping[str, str]:
        path = self._workplace.environment.get("PATH", os.defpath)
        return {"PATH": os.pathsep.join([str(Path(self.python_executable).parent), path])}

    def install(self, requirements: Collection[str]) -> None:
        """Have uv install these and what they need. Raises SLS0510."""
        if requirements:
            from slspack.registry import PackageIndexClient, RegistrySession

            work = self._workplace
            client = PackageIndexClient(RegistrySession(work.configuration))
            with client.relayed() as configuration:
                listed = [*index_options(configuration, work.environment), "--", *sorted(requirements)]
                variables = uv_variables(configuration, work.environment)
                self._uv("pip", "install", "--python", self.python_executable, *listed, variables=variables)

    def _uv(self, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        work = self._workplace
        command = [uv_program(work.environment), *arguments[:1]]
        rest = arguments[1:]
        if arguments[0] == "pip":
            command, rest = [*command, *arguments[1:2]], arguments[2:]
        command += ["--no-config", "--no-progress", "--color", "never", "--no-python-downloads", *rest]
        told = variables or uv_variables(work.configuration, work.environment)
        if run_logged(command, self._folder.parent, told, self._task.log, self._task.stop) != 0:
            raise build_failed(self._task, self._builder, "what the build itself requires cannot be installed")


def build_here(
    name: str,
    task: BuildTask,
    into: Path,
    scratch: Path,
    interpreter: str,
    workplace: Workplace,
    variables: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Build by PEP 517 in an environment made in `scratch`, with these variables and settings for the backend.

    Raises SLS0510 where the build fails.
    """
    from build import BuildBackendException, BuildException, ProjectBuilder

    _quiet()
    home = scratch / "home"
    home.mkdir()
    told = variables_without_history(task.source)
    given = {**told, **_inherited(workplace.environment), **variables, **_fixed(home)}

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        variables = {**given, **(extra_environ or {})}
        status = run_logged(cmd, Path(cwd or task.source), variables, task.log, task.stop)
        if status != 0:
            raise subprocess.CalledProcessError(status, list(cmd))

    environment = _Environment(scratch / "environment", interpreter, workplace, task, name)
    try:
        builder = ProjectBuilder.from_isolated_env(environment, task.source, run)
        environment.install(builder.build_system_requires)
        environment.install(builder.get_requires_for_build("wheel", settings) - builder.build_system_requires)
        return BuiltWheel(Path(builder.build("wheel", into, settings)))
    except BuildBackendException:
        raise build_failed(task, name, "its build backend failed") from None
    except BuildException as error:
        raise build_failed(task, name, _first_line(str(error))) from None


def _quiet() -> None:
    """Warnings of backends are for their projects' authors; they are not printed beside what slspack says."""
    import warnings

    import pyproject_hooks

    category = getattr(pyproject_hooks, "BuildBackendWarning", None)  # since 1.3
    if category is not None:
        warnings.filterwarnings("ignore", category=category)


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's variables without those of Python and of indexes: the latter hold credentials."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV"))
    }


def _fixed(home: Path) -> dict[str, str]:
    return {
        "SOURCE_DATE_EPOCH": str(SOURCE_DATE_EPOCH),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(home),
    }


def _first_line(text: str) -> str:
    first = text.strip().partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]
