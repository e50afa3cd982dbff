"""The rebuilder of `slspack watch`: the engine, kept from build to build."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.engine import Engine
from slspack.errors import SlspackError
from slspack.tree import OWN_FOLDER
from slspack.watching.rebuilder import WatchedInputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.plugins import Host
    from slspack.progress import Progress
    from slspack.request import BuildRequest, BuildResult


class EngineRebuilder:
    """Lets one engine build again and again, and knows what it has looked at."""

    def __init__(self, request: BuildRequest, progress: Progress) -> None:
        self._request = request
        self._engine = Engine(request, progress)
        outputs = frozenset({request.output, request.folder / OWN_FOLDER})
        self._inputs = WatchedInputs(request.folder, outputs=outputs)
        self._configuration: frozenset[Path] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._host: Host | None = None

    def build(self, changed: frozenset[Path] | None) -> BuildResult:
        """Build what is not as it should be: the engine itself looks at what has changed. Raises SlspackError."""
        if changed is None or not self._configuration.isdisjoint(changed):
            self._read_settings()
        result = self._engine.build()
        seen = self._seen()
        if seen != self._names:
            # Making thousands of paths would take longer than many a build.
            self._names = seen
            self._inputs = replace(self._inputs, files=self._configuration | frozenset(map(self._absolute, seen)))
        return result

    def inputs(self) -> WatchedInputs:
        """Every file that the last good build has looked at, and the configuration as it is."""
        return self._inputs

    @property
    def host(self) -> Host | None:
        """The plugins of the last build, or as the configuration names them; None as long as it cannot be read."""
        return self._engine.host or self._host

    @property
    def variables(self) -> Mapping[str, str]:
        """What plugins want to be in the environment of what runs after the last build."""
        return self._engine.variables

    def _read_settings(self) -> None:
        from slspack.beginning import begin

        try:
            begun = begin(self._request.folder, self._request.load)
        except SlspackError:
            return  # the build says so, too
        service, self._host = begun.service, begun.host
        names = (*service.config_files, *service.config_absent)
        self._configuration = frozenset(map(self._absolute, names))
        self._inputs = replace(self._inputs, files=self._inputs.files | self._configuration, settings=service.watch)

    def _seen(self) -> frozenset[str]:
        seen = self._engine.inputs
        return frozenset((*seen.files, *seen.configuration, *seen.requirements, *seen.plugins)) if seen else frozenset()

    def _absolute(self, name: str) -> Path:
        return Path(os.path.normpath(self._request.folder / name))
