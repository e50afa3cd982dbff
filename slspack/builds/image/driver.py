"""The steps of a build that run inside a container, by the image's own Python (3.8 or newer), without any package.

`python driver.py STEP` reads `/slspack/task.json` and leaves its answer in `/slspack/answers/STEP.json`. The host runs
the steps one after another, and brings in the wheels that each of them asks for.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

ROOT = Path("/slspack")
SOURCE = ROOT / "source"
WHEELS = ROOT / "wheels"
BUILD_ENVIRONMENT = ROOT / "env"
GRAFT_ENVIRONMENT = ROOT / "graft"
OUT = ROOT / "out"
GRAFTED = ROOT / "grafted"

# Asks a build backend (PEP 517) for what else it needs. What the backend prints goes to the log.
HOOK = """
import importlib, json, sys
backend, path, answer = json.loads(sys.argv[1])
sys.path[:0] = path
module, _, attribute = backend.partition(":")
hooks = importlib.import_module(module)
for name in filter(None, attribute.split(".")):
    hooks = getattr(hooks, name)
ask = getattr(hooks, "get_requires_for_build_wheel", None)
wanted = ask() if ask else []
with open(answer, "w") as stream:
    json.dump({"requirements": list(wanted)}, stream)
"""


class Task(TypedDict):
    """What the host says of a step; each step has its own of these."""

    pip: str
    requirements: list[str]
    backend: str
    backend_path: list[str]
    platform: str
    policies: list[dict[str, object]]


def describe(task: Task) -> dict[str, object]:
    """What the image has: its Python, pip and compiler."""
    return {
        "python": list(sys.version_info[:2]),
        "machine": platform.machine(),
        "pip": pip_version(),
        "prefix_map": prefix_map(),
    }


def pip_version() -> list[int] | None:
    """The version of the image's pip as numbers; none where there is no pip."""
    try:
        from pip import __version__
    except Exception:  # a broken pip is none
        return None
    return [int(part) for part in __version__.split(".")[:2] if part.isdigit()]


def prefix_map() -> str | None:
    """The compiler's option that keeps paths of the build out of what it makes; none where it knows no such option."""
    for option in ("-ffile-prefix-map", "-fdebug-prefix-map"):
        command = ["cc", option + "=/a=/b", "-E", "-x", "c", os.devnull]
        try:
            if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return option
        except OSError:
            return None
    return None


def prepare(task: Task) -> dict[str, object]:
    """Make the environment of the build with its first requirements, and ask the backend for the others."""
    make_environment(BUILD_ENVIRONMENT)
    install(BUILD_ENVIRONMENT, task, task["requirements"])
    answer = ROOT / "answers" / "prepare.json"
    path = [str(SOURCE / folder) for folder in task["backend_path"]]
    argument = json.dumps([task["backend"], path, str(answer)])
    # Without `backend-path`, a legacy `setup.py` may import its neighbours; any other backend never sees the source.
    run([str(BUILD_ENVIRONMENT / "bin" / "python"), "-c", HOOK, argument], BUILD_ENVIRONMENT)
    asked: dict[str, object] = json.loads(answer.read_text())
    return asked


def complete(task: Task) -> dict[str, object]:
    """Install what the backend asked for."""
    install(BUILD_ENVIRONMENT, task, task["requirements"])
    return {}


def wheel(task: Task) -> dict[str, object]:
    """Build the wheel, in the environment made for it."""
    options = ["--no-deps", "--no-build-isolation", "--use-pep517", "--no-index", "--wheel-dir", str(OUT)]
    pip(BUILD_ENVIRONMENT, task, ["wheel", *options, "--verbose", str(SOURCE)])
    return {"wheels": sorted(path.name for path in OUT.glob("*.whl"))}


def graft(task: Task) -> dict[str, object]:
    """Copy the shared libraries that the runtime lacks into the wheel, by auditwheel with the runtime as its policy."""
    make_environment(GRAFT_ENVIRONMENT)
    install(GRAFT_ENVIRONMENT, task, task["requirements"])
    (policy,) = GRAFT_ENVIRONMENT.glob("lib/python*/site-packages/auditwheel/policy/manylinux-policy.json")
    policy.write_text(json.dumps(task["policies"]))
    (built,) = OUT.glob("*.whl")
    options = ["--plat", task["platform"], "--no-update-tags", "--disable-isa-ext-check", "--wheel-dir", str(GRAFTED)]
    python = str(GRAFT_ENVIRONMENT / "bin" / "python")
    run([python, "-m", "auditwheel", "--verbose", "repair", *options, str(built)], GRAFT_ENVIRONMENT)
    return {"wheels": sorted(path.name for path in GRAFTED.glob("*.whl"))}


def make_environment(folder: Path) -> None:
    """A virtual environment without anything in it, not even pip."""
    run([sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)], None)


def install(environment: Path, task: Task, requirements: list[str]) -> None:
    """Install from the wheels that were brought in, and from nowhere else."""
    if requirements:
        options = ["--no-index", "--find-links", str(WHEELS), "--only-binary", ":all:", "--no-compile"]
        pip(environment, task, ["install", "--quiet", *options, *requirements])


def pip(environment: Path, task: Task, arguments: list[str]) -> None:
    """Run pip upon an environment: the image's, or the one that was brought in because that one is too old."""
    python = str(environment / "bin" / "python")
    if task["pip"]:
        run([python, "-I", str(WHEELS / task["pip"] / "pip"), *arguments], environment)
    else:
        run([sys.executable, "-I", "-m", "pip", "--python", python, *arguments], environment)


def run(command: list[str], environment: Path | None) -> None:
    """Run a command of the build to its end; where it fails, this process does."""
    variables = dict(os.environ)
    if environment:
        variables["PATH"] = str(environment / "bin") + os.pathsep + variables.get("PATH", os.defpath)
        variables["VIRTUAL_ENV"] = str(environment)
    status = subprocess.run(command, cwd=str(SOURCE), env=variables).returncode
    if status:
        sys.exit(status if status > 0 else 128 - status)


def main() -> None:
    """Run one step."""
    steps = {"describe": describe, "prepare": prepare, "complete": complete, "wheel": wheel, "graft": graft}
    answer = steps[sys.argv[1]](json.loads((ROOT / "task.json").read_text()))
    (ROOT / "answers" / (sys.argv[1] + ".json")).write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
