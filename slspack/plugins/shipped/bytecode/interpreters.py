"""The interpreter that compiles for a target: one of its minor, found on this machine and asked who it is."""

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
from slspack.registry.uv_process import uv_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slspack.model import Target

_WORKER = Path(__file__).with_name("worker.py")
_OPTIONS = ("-s", "-S", "-B", "-W", "ignore")
_VARIABLES = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
"""With the options above what `-I` is, which would not let the seed of hashes be told."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A released CPython of this machine."""

    path: str
    version: str
    """`3.13.0`: the compilers of two patch releases may give different byte code."""
    magic: str
    """What its byte code begins with, in hex: the same for all releases of a minor."""
    tag: str
    """`cpython-313`, as in the names of `.pyc` files."""


def find_interpreter(target: Target, wanted: Sequence[str], environment: Mapping[str, str]) -> Interpreter:
    """An interpreter of the target's minor: the first of `wanted` that is one, else any of this machine.

    What is wanted is a version (`3.13.2`), a command on PATH or an absolute path. Raises MachineError (SLS0840) where
    there is none.
    """
    minor = f"{target.python[0]}.{target.python[1]}"
    tried: list[str] = []
    for path, version in dict.fromkeys(_candidates(minor, wanted or (minor,), environment)):
        found = _asked(path)
        if found is not None and _is_of(found.version, version):
            return found
        tried.append(f"`{path}` {f'is {found.version}' if found else 'is no released CPython that runs'}")
    named = f" of {', '.join(f'`{one}`' for one in wanted)}" if wanted else ""
    seen = f": {', '.join(tried)}" if tried else ""
    raise MachineError.of(
        Code.NO_COMPILING_PYTHON,
        f"the plugin `bytecode` needs a CPython {minor}{named} for {target}, and this machine has none{seen}",
        hint=f"install one (`uv python install {minor}`), or name one with the plugin's option `interpreter`",
    )


def run_worker(path: str, arguments: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the worker by an interpreter, without the user's settings and packages. Raises OSError."""
    system = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # Windows starts none without
    return subprocess.run(
        [path, *_OPTIONS, str(_WORKER), *arguments],
        input=given,
        capture_output=True,
        check=False,
        env=system | _VARIABLES,
    )


def _candidates(minor: str, wanted: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Executables, each with the version that it must be of."""
    for one in wanted:
        if not one.replace(".", "").isdigit():
            found = shutil.which(one, path=environment.get("PATH"))
            yield from [(found, minor)] if found else []
        elif _is_of(one, minor):
            yield from ((path, one) for path in _known(one, minor, environment))


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


def _asked(path: str) -> Interpreter | None:
    """What an executable says of itself; None unless it is a released CPython. A shim of pyenv may not even run."""
    try:
        done = run_worker(path, ())
    except OSError:
        return None
    words = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode or len(words) != 6 or words[0] != "cpython" or words[2] not in ("final", "candidate"):
        return None
    return Interpreter(words[5] or path, words[1], words[3], words[4])


def _patch(executable: Path) -> int:
    """The last number of a version that pyenv's folder is named after."""
    number = executable.parents[1].name.rpartition(".")[2]
    return int(number) if number.isdecimal() else -1


def _is_of(version: str, prefix: str) -> bool:
    return f"{version}.".startswith(f"{prefix}.")
