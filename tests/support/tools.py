"""Command-line tools from the package registry, each in a virtual environment that later runs find again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SAM = "aws-sam-cli==1.170.0"


def install_tool(requirement: str) -> Path:
    """The folder with the programs of a distribution, such as `aws-sam-cli==1.170.0`."""
    name = f"slspack-tests-{requirement.replace('==', '-')}"
    installed = Path(tempfile.gettempdir()) / name
    if not installed.is_dir():
        made = Path(tempfile.mkdtemp(prefix=f"{name}."))
        uv = (sys.executable, "-m", "uv")
        # Relocatable, since it is moved when it is whole.
        _run(*uv, "venv", "--quiet", "--relocatable", "--clear", "--python", sys.executable, str(made))
        _run(*uv, "pip", "install", "--quiet", "--python", str(made / "bin" / "python"), requirement)
        try:
            made.rename(installed)
        except OSError:
            # Another process was quicker.
            shutil.rmtree(made)
    return installed / "bin"


def _run(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
