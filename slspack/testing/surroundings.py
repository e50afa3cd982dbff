"""What a build in a test has around it: files, and an environment that tells nothing of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.testing.index import PackageIndex

_KEPT = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "PYTHONPATH")
_NOWHERE = "http://127.0.0.1:9/simple/"


def write_files(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write `files`, by POSIX path, below `root`, and return it."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def clean_environment(store: Path, index: PackageIndex | None = None) -> dict[str, str]:
    """An environment in which only the loopback index is known: nothing of this machine's pip or uv settings."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(store.parent / "uv-cache"),
        "SLSPACK_CACHE_DIR": str(store),
        "PIP_INDEX_URL": index.url if index else _NOWHERE,
    }
    return environment
