"""The tools that write lock files, run against an index on loopback that stands for a host of its own."""

from __future__ import annotations

import os
import subprocess
import zipfile
from typing import TYPE_CHECKING

from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INDEX = "http://packages.example/simple"
"""The index as recorded lock files name it: reached through a proxy, which is the index on loopback."""

_SHAPES = [f"cp3{minor}-cp3{minor}-manylinux_2_17_{machine}" for minor in (11, 13) for machine in ("x86_64", "aarch64")]


def fill_index(folder: Path) -> None:
    """The distributions that the recorded lock files pin. Stored, not deflated: their hashes are the same anywhere."""

    def wheel(
        name: str,
        version: str = "1.0",
        *,
        tag: str = "py3-none-any",
        requires: Sequence[str] = (),
        extras: Sequence[str] = (),
        module: str | None = None,
    ) -> None:
        files = {f"{module or name}/__init__.py": ""}
        stored = zipfile.ZIP_STORED
        make_wheel(folder, name, version, files, requires=requires, extras=extras, tag=tag, compression=stored)

    wheel(
        "Web.App", "1.2",
        requires=[
            "leaf>=1", "backport; python_version<'3.12'", "winonly; sys_platform=='win32'", "speedup; extra=='fast'",
        ],
        extras=["fast"], module="web_app",
    )  # fmt: skip
    for version in ("1.0", "1.5", "2.0"):
        wheel("leaf", version)
        wheel("forked", version)
    for name in ("backport", "winonly", "speedup", "devtool", "worker", "storage"):
        wheel(name)
    for tag in (*_SHAPES, "cp313-cp313-macosx_11_0_arm64", "cp313-cp313-win_amd64"):
        wheel("native", "3.1", tag=tag)


def proxied(proxy: str, scratch: Path) -> dict[str, str]:
    """An environment in which every request goes to the index on loopback."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    return {
        **kept, "HOME": str(scratch / "home"), "HTTP_PROXY": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy,
        "https_proxy": proxy, "ALL_PROXY": proxy, "NO_PROXY": "", "no_proxy": "", "PIP_CONFIG_FILE": os.devnull,
        "UV_CACHE_DIR": str(scratch / "uv"), "UV_NO_CONFIG": "0", "POETRY_CACHE_DIR": str(scratch / "poetry"),
        "POETRY_VIRTUALENVS_CREATE": "false", "PDM_CHECK_UPDATE": "0", "PDM_PYPI_URL": INDEX,
        "PDM_CACHE_DIR": str(scratch / "pdm"),
        "PIPENV_CACHE_DIR": str(scratch / "pipenv"), "PIP_CACHE_DIR": str(scratch / "pip"), "PIPENV_NOSPIN": "1",
        "PIPENV_YES": "1", "CI": "1", "WORKON_HOME": str(scratch / "envs"), "PIP_TRUSTED_HOST": "packages.example",
    }  # fmt: skip


def run_tool(command: Sequence[str], project: Path, environment: Mapping[str, str]) -> None:
    """Run a tool in a project's folder. What it says is shown if it fails."""
    done = subprocess.run(command, cwd=project, env=dict(environment), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


__all__ = ["INDEX", "fill_index", "package_index", "proxied", "run_tool"]
