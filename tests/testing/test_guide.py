"""The guide's example works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.bench import REPOSITORY, write_files

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = REPOSITORY / "docs/guides/writing-plugins.md"


def test_the_plugin_of_the_guide_passes_the_test_of_the_guide(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n# (\S+\.py)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert [name for name, _ in blocks] == ["build_plugin.py", "conftest.py", "test_build_plugin.py"]
    write_files(tmp_path, dict(blocks))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    environment = {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*command, "."], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
