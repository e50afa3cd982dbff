"""The interpreter that compiles for a target: one of its minor, found and asked who it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import MachineError
from slspack.frozen import dataclass
from slspack.plugins.shipped.bytecode.running import LocalRunner
from slspack.registry.uv_process import uv_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from slspack.model import Target
    from slspack.plugins.shipped.bytecode.running import Runner

IN_IMAGE = "image"
"""In the place of an interpreter: the one of the image."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A released CPython."""

    runner: Runner
    version: str
    """`3.13.0`: the compilers of two patch releases may give different byte code."""
    magic: str
    """What its byte code begins with, in hex: the same for all releases of a minor."""

    @property
    def minor(self) -> tuple[int, int]:
        """`(3, 13)`."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)


def find_interpreter(
    target: Target, wanted: Sequence[str], environment: Mapping[str, str], in_image: Callable[[], Interpreter | str]
) -> Interpreter:
    """An interpreter of the minor: the first of `wanted` that is one, else any of this machine, else `in_image`.

    What is wanted is a version (`3.13.2`), a command on PATH, an absolute path or `image`. `in_image` may say why there
    is none. Raises MachineError (SLS0840) where there is none at all.
    """
    minor = f"{target.python[0]}.{target.python[1]}"
    tried: list[str] = []
    for one in wanted or (minor, IN_IMAGE):
        found = in_image() if one == IN_IMAGE else _found_here(minor, one, environment, tried)
        if isinstance(found, str):
            tried.append(found)
        elif found is not None:
            return found
    named = f" of {', '.join(f'`{one}`' for one in wanted)}" if wanted else ""
    seen = f": {', '.join(dict.fromkeys(tried))}" if tried else ""
    raise MachineError.of(
        Code.NO_COMPILING_PYTHON,
        f"the plugin `bytecode` needs a CPython {minor}{named} for {target}, and there is none{seen}",
        hint=f"install one (`uv python install {minor}`), name one with the plugin's option `interpreter`, or start "
        f"Docker to compile in an image (`interpreter: {IN_IMAGE}`; `pip install 'slspack[docker]'`)",
    )


def who_is(runner: Runner) -> Interpreter | None:
    """What an executable says of itself; None unless it is a released CPython. A shim of pyenv may not even run."""
    try:
        done = runner.run(())
    except OSError:
        return None
    words = done.output.decode("utf-8", "replace").splitlines()
    if done.status or len(words) != 5 or words[0] != "cpython" or words[2] not in ("final", "candidate"):
        return None
    if isinstance(runner, LocalRunner):
        runner = LocalRunner(words[4] or runner.named)
    return Interpreter(runner, words[1], words[3])


def _found_here(minor: str, wanted: str, environment: Mapping[str, str], tried: list[str]) -> Interpreter | None:
    for path, version in dict.fromkeys(_candidates(minor, wanted, environment)):
        found = who_is(LocalRunner(path))
        if found is not None and _is_of(found.version, version):
            return found
        tried.append(f"`{path}` {f'is {found.version}' if found else 'is no released CPython that runs'}")
    return None


def _candidates(minor: str, wanted: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Executables, each with the version that it must be of."""
    if not wanted.replace(".", "").isdigit():
        found = shutil.which(wanted, path=environment.get("PATH"))
        yield from [(found, minor)] if found else []
    elif _is_of(wanted, minor):
        yield from ((path, wanted) for path in _known(wanted, minor, environment))


def _known(version: str, minor: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The interpreter that runs this, those on PATH, pyenv's, and the one that uv would take."""
    if _is_of("{}.{}.{}".format(*sys.version_info), minor):
        yield sys.executable
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which(f"python{minor}", path=folder)
        yield from [found] if found else []
    pyenv = Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "/"), ".pyenv"), "versions")
    yield from (str(path) for path in sorted(pyenv.glob(f"{version}*/bin/python{minor}"), key=_patch, reverse=True))
    command = [uv_program(environment), "python", "find", "--no-python-downloads", "--no-project", "--no-config"]
    # uv reads the process's own variables: to hand over those that are noted would be to look at every one of them.
    done = subprocess.run([*command, version], capture_output=True, check=False, encoding="utf-8")
    if done.returncode == 0 and done.stdout.strip():
        yield done.stdout.strip()


def _patch(executable: Path) -> int:
    """The last number of a version that pyenv's folder is named after."""
    number = executable.parents[1].name.rpartition(".")[2]
    return int(number) if number.isdecimal() else -1


def _is_of(version: str, prefix: str) -> bool:
    return f"{version}.".startswith(f"{prefix}.")
