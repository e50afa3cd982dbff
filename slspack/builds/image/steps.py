"""The steps of one build in its container, one after another; between them the host brings in wheels."""

from __future__ import annotations

import json
import time
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from slspack.builds.failure import build_failed, log_tail
from slspack.builds.image.archives import EPOCH, Archive
from slspack.builds.image.graft import GRAFT_REQUIREMENTS, foreign_libraries, policies, policy_platform
from slspack.builds.image.python import find_python, unfit
from slspack.builds.versions import variables_without_history
from slspack.codes import Code
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.builds.builder import BuildTask
    from slspack.builds.image.container import Container

_LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
_LEGACY_REQUIRES = ("setuptools>=40.8.0",)
_FIRST_PIP_WITH_PYTHON_OPTION = (22, 3)
_BETWEEN_LINES = 0.3
"""Seconds between two lines of the log that are shown as progress."""

_ENVIRONMENT = {
    "HOME": "/slspack/home",
    "LC_ALL": "C",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": str(EPOCH),
    "TZ": "UTC",
}


def driver_source() -> bytes:
    """The script that runs inside, as the container gets it."""
    return files(__package__).joinpath("driver.py").read_bytes()


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """`[build-system]` of PEP 518, with what PEP 517 says of a project that has none."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...]


def build_system(source: Path) -> BuildSystem:
    """Read it; a `pyproject.toml` that cannot be read says nothing here, and the build tells why."""
    try:
        document = tomllib.loads((source / "pyproject.toml").read_text("utf-8-sig"))
    except (OSError, ValueError):
        document = {}
    table = document.get("build-system")
    if not isinstance(table, dict):
        return BuildSystem(_LEGACY_REQUIRES, _LEGACY_BACKEND, ())
    backend = table.get("build-backend")
    return BuildSystem(
        tuple(str(one) for one in table.get("requires", ())),
        backend if isinstance(backend, str) else _LEGACY_BACKEND,
        tuple(str(one) for one in table.get("backend-path", ())),
    )


@dataclass(slots=True)
class Steps:
    """One build under way. `image` is for messages."""

    container: Container
    task: BuildTask
    image: str
    variables: Mapping[str, str]
    _python: str = ""
    _pip: str = ""
    """The name of the wheel of pip that was brought in; empty where the image's own will do."""
    _environment: dict[str, str] = field(default_factory=dict)
    _brought: set[str] = field(default_factory=set)
    _shown: float = 0.0

    def build(self, into: Path) -> Path:
        """Build the wheel and copy it into a folder. Raises SlspackError."""
        self._bring_source()
        self._describe()
        system = build_system(self.task.source)
        more = self._prepare(system)
        if more:
            self._say("installing what its build asks for")
            self._bring(more)
            self._step("complete", {"requirements": more}, "what the build asks for cannot be installed")
        self._say("building")
        self._step("wheel", {}, "pip could not build it")
        return self._only_wheel("out", into)

    def graft(self, wheel: Path, into: Path) -> Path:
        """Copy the libraries that the runtime lacks into the wheel, in the container that still has them."""
        target = self.task.target
        foreign = foreign_libraries(wheel, target)
        if not foreign:
            return wheel
        self._say(f"grafting {', '.join(foreign)}")
        self._bring(GRAFT_REQUIREMENTS)
        given = {
            "requirements": list(GRAFT_REQUIREMENTS),
            "platform": policy_platform(target),
            "policies": policies(target),
        }
        if self._run("graft", given) != 0:
            raise _not_grafted(self.task, foreign)
        return self._only_wheel("grafted", into)

    def _bring_source(self) -> None:
        with Archive() as archive:
            archive.add_bytes("slspack/driver.py", driver_source())
            archive.add_bytes("slspack/task.json", b"{}")
            for folder in ("answers", "grafted", "home", "out", "wheels"):
                archive.add_folder(f"slspack/{folder}")
            archive.add_tree("slspack/source", self.task.source)
            self.container.put(archive)

    def _bring(self, requirements: Sequence[str]) -> None:
        """Wheels of these, and of what they need, that are not inside yet."""
        wheels = self.task.requirements(requirements, self.task.target)
        with Archive() as archive:
            archive.add_folder("slspack/wheels")
            for wheel in wheels:
                if wheel.name not in self._brought:
                    self._brought.add(wheel.name)
                    archive.add_file(f"slspack/wheels/{wheel.name}", wheel)
            self.container.put(archive)

    def _describe(self) -> None:
        """Look at what the image has. Raises ConfigError where that is not the target's Python."""
        target = self.task.target
        self._python = find_python(self.container, target, self.image, self.variables)
        self._environment = {**_ENVIRONMENT, **variables_without_history(self.task.source), **self.variables}
        facts = self._step("describe", {}, "its Python does not run")
        if facts["python"] != list(target.python):
            raise unfit(self.image, target, f"its Python is {'.'.join(map(str, _numbers(facts['python'])))}")
        option = facts["prefix_map"]
        if isinstance(option, str):
            flags = f"{self._environment.get('CPPFLAGS', '')} {option}=/slspack/source=."
            self._environment["CPPFLAGS"] = flags.strip()
        if tuple(_numbers(facts["pip"])) < _FIRST_PIP_WITH_PYTHON_OPTION:
            self._bring(["pip"])
            self._pip = next(name for name in sorted(self._brought) if name.startswith("pip-"))

    def _prepare(self, system: BuildSystem) -> list[str]:
        """What else the backend asks for."""
        self._say("preparing its build")
        if system.requires:
            self._bring(system.requires)
        given = {
            "requirements": list(system.requires),
            "backend": system.backend,
            "backend_path": list(system.backend_path),
        }
        answer = self._step("prepare", given, "what the build requires cannot be installed, or its backend failed")
        asked = answer["requirements"]
        return [str(one) for one in asked] if isinstance(asked, list) else []

    def _step(self, name: str, given: Mapping[str, object], reason: str) -> dict[str, object]:
        """Run a step of the driver and give its answer. Raises SlspackError where it fails."""
        if self._run(name, given) != 0:
            raise build_failed(self.task, "docker", reason)
        answer: dict[str, object] = json.loads(self.container.read(f"/slspack/answers/{name}.json")[f"{name}.json"])
        return answer

    def _run(self, name: str, given: Mapping[str, object]) -> int:
        with Archive() as archive:
            archive.add_bytes("slspack/task.json", json.dumps({"pip": self._pip, **given}).encode())
            self.container.put(archive)
        with self.task.log.open("ab", buffering=0) as log:

            def sink(chunk: bytes) -> None:
                log.write(chunk)
                self._show(chunk)

            command = [self._python, "-I", "/slspack/driver.py", name]
            return self.container.run(command, self._environment, sink)

    def _only_wheel(self, folder: str, into: Path) -> Path:
        wheels = {
            name: content
            for name, content in self.container.read(f"/slspack/{folder}").items()
            if name.endswith(".whl")
        }
        if len(wheels) != 1:
            raise build_failed(self.task, "docker", f"it made {len(wheels)} wheels instead of one")
        ((name, content),) = wheels.items()
        path = into / name
        path.write_bytes(content)
        return path

    def _say(self, what: str) -> None:
        self.task.say(f"{self.task.label}: {what} in {self.image}")

    def _show(self, chunk: bytes) -> None:
        lines = [line for line in chunk.decode("utf-8", "replace").splitlines() if line.strip()]
        if lines and time.monotonic() - self._shown > _BETWEEN_LINES:
            self._shown = time.monotonic()
            self.task.say(f"{self.task.label}: {lines[-1].strip()}")


def _numbers(value: object) -> list[int]:
    return [int(one) for one in value] if isinstance(value, list) else []


def _not_grafted(task: BuildTask, libraries: Sequence[str]) -> SlspackError:
    names = ", ".join(f"`{name}`" for name in libraries)
    message = "\n".join(
        [
            f"`{task.label}` for {task.target} needs {names}, which the runtime lacks and which cannot be grafted",
            *(f"  {line}" for line in log_tail(task.log, 4)),
        ]
    )
    hint = "install the library into the image (its Dockerfile), or set `graft: false` if a layer provides it"
    return SlspackError.of(Code.LIBRARY_NOT_GRAFTED, message, hint=hint)
