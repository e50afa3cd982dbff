"""An artifact's files in a folder, for tools that want them so."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

_EXECUTABLE = 0o755


def unpack(artifact: Path, folder: Path) -> None:
    """Put the files of an artifact into a folder, which holds nothing else afterwards."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(artifact) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            if entry.external_attr >> 16 & stat.S_IXUSR:
                path.chmod(_EXECUTABLE)
