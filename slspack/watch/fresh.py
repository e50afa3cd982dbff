"""A rebuilder that walks the whole pipeline each time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.config import load_service
from slspack.model import FileSource
from slspack.pipeline import build
from slspack.watch.rebuilder import WatchedInputs

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.pipeline import BuildRequest, BuildResult
    from slspack.progress import Progress


class FreshRebuilder:
    """Forgets everything between two builds but what it has to be told of changes."""

    def __init__(self, request: BuildRequest, progress: Progress) -> None:
        self._request = request
        self._progress = progress
        self._inputs = WatchedInputs(request.folder, outputs=frozenset({request.output, request.folder / ".slspack"}))

    def build(self, changed: frozenset[Path] | None) -> BuildResult:
        """Build everything. Raises SlspackError; what an earlier build wrote then stays as it is."""
        root = self._request.folder
        service = load_service(root, self._request.load)
        files = frozenset(root / name for name in service.config_files)
        self._inputs = replace(self._inputs, files=self._inputs.files | files, settings=service.watch)
        result = build(self._request, self._progress)
        entries = (entry.source for one in result.artifacts.values() for entry in one.plan.entries)
        read = frozenset(root / source.path for source in entries if isinstance(source, FileSource))
        self._inputs = replace(self._inputs, files=files | read)
        return result

    def inputs(self) -> WatchedInputs:
        """The configuration and every first-party file of an artifact."""
        return self._inputs
