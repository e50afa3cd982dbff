from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from slspack.builds.builder import BuildTask, RequirementWheels, Workplace
from slspack.builds.cross.builder import CrossBuilder
from slspack.builds.cross.toolchain import lay_out
from slspack.builds.cross.zig import Zig
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Architecture, Target, dist_name
from slspack.registry import load_index_configuration

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = sys.version_info[:2]
OTHER = Target((PYTHON[0], PYTHON[1]), Architecture.ARM64, (2, 34))


@pytest.fixture
def zig(tmp_path: Path) -> Zig:
    """A compiler that prints how it is called."""
    program = tmp_path / "zig"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    return Zig(program, "0.0.1")


def test_what_a_backend_sees_is_the_target(zig: Zig, tmp_path: Path) -> None:
    chain = lay_out(tmp_path / "chain", OTHER, tmp_path / "source", zig, sys.executable, pretend=True)
    program = (
        "import json, os, platform, sysconfig; print(json.dumps([sysconfig.get_platform(), platform.machine(), "
        "*map(sysconfig.get_config_var, ['EXT_SUFFIX', 'SOABI', 'INCLUDEPY', 'LDSHARED', 'CFLAGS', 'LIBDIR']), "
        "sysconfig.get_path('include')]))"
    )
    environment = {**os.environ, **chain.variables()}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    soabi = f"cpython-{PYTHON[0]}{PYTHON[1]}-aarch64-linux-gnu"
    include = str(tmp_path / "chain/include")
    linker = f"{tmp_path}/chain/bin/cc -shared"
    assert json.loads(done.stdout) == [
        "linux-aarch64",
        "aarch64",
        f".{soabi}.so",
        soabi,
        include,
        linker,
        "-O2",
        "",
        include,
    ]


def test_the_compiler_is_called_for_the_runtimes_glibc_without_paths_of_this_machine(zig: Zig, tmp_path: Path) -> None:
    old = Target(OTHER.python, Architecture.X86_64, (2, 26))
    chain = lay_out(tmp_path / "chain", old, tmp_path / "source", zig, sys.executable, pretend=False)
    called = subprocess.run([chain.tool("cc"), "-c", "x.c"], capture_output=True, text=True, check=True).stdout
    assert called.startswith("cc -target x86_64-linux-gnu.2.26 -O2 ")
    assert f"-ffile-prefix-map={tmp_path}/source=. " in called
    assert called.endswith(" -c x.c\n")


def test_the_headers_are_pythons_with_the_targets_configuration(zig: Zig, tmp_path: Path) -> None:
    chain = lay_out(tmp_path / "chain", OTHER, tmp_path / "source", zig, sys.executable, pretend=False)
    assert (chain.include / "Python.h").is_file()
    assert "for 64-bit little-endian Linux" in (chain.include / "pyconfig.h").read_text()


def test_a_backend_that_cannot_be_driven_is_refused(zig: Zig, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n')
    workplace = Workplace(load_index_configuration({"PIP_CONFIG_FILE": os.devnull}, tmp_path), {})
    none: RequirementWheels = lambda requirements, target: ()  # noqa: E731
    log = tmp_path / "log"
    task = BuildTask(dist_name("rusty"), "1.0", "rusty 1.0", tmp_path, OTHER, none, log, print, threading.Event())
    with pytest.raises(SlspackError) as raised:
        CrossBuilder(zig, workplace).build(task, tmp_path)
    [finding] = raised.value.findings
    assert finding.code is Code.CROSS_BACKEND
    assert finding.message == (
        "`rusty 1.0` cannot be cross-compiled: its build backend `maturin` is none of those that can be"
    )


def test_the_compiler_and_the_target_decide_the_key(zig: Zig, tmp_path: Path) -> None:
    workplace = Workplace(load_index_configuration({"PIP_CONFIG_FILE": os.devnull}, tmp_path), {})
    here = CrossBuilder(zig, workplace).identity(OTHER)
    assert here == CrossBuilder(zig, workplace).identity(OTHER)
    assert here != CrossBuilder(Zig(zig.program, "0.0.2"), workplace).identity(OTHER)
    assert here != CrossBuilder(zig, workplace).identity(Target(OTHER.python, Architecture.X86_64, (2, 34)))
