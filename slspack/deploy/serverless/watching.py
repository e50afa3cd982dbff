"""Watching beside an emulator, until the plugin closes our standard input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.model import Check, Severity
from slspack.watching.events import Built, Failed, Started
from slspack.watching.extra import require_extra
from slspack.watching.listeners import built_line, failed_line

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.deploy.serverless.telling import Teller
    from slspack.request import BuildRequest
    from slspack.watching.listeners import Event


def watch(request: BuildRequest, teller: Teller) -> None:
    """Build, and build again after every change. Returns when the process is interrupted."""
    require_extra()
    from slspack.watching.building import EngineRebuilder
    from slspack.watching.command import Nothing
    from slspack.watching.files import FileChanges
    from slspack.watching.restart import RestartPoints
    from slspack.watching.session import Session

    points = RestartPoints(teller)
    rebuilder = EngineRebuilder(replace(request, check=Check.FOLDERS), points)
    stream = FileChanges(rebuilder.inputs(), None, None)
    listener = _Plugin(request.folder, _file(request), teller)
    try:
        Session(rebuilder, stream, listener, Nothing(), points).run()
    except KeyboardInterrupt:
        teller.tell("done", {})


def _file(request: BuildRequest) -> Path:
    handed = request.load.handed_over
    return request.folder / (handed.file if handed else "serverless.yml")


class _Plugin:
    """Tells the plugin, in the words that people get from `slspack watch`."""

    def __init__(self, root: Path, configuration: Path, teller: Teller) -> None:
        self._root = root
        self._configuration = configuration
        self._teller = teller

    def hear(self, event: Event) -> None:
        """Something happened. What a started build comes to is told when it has."""
        match event:
            case Built():
                self._teller.findings(event.new_findings)
                self._teller.tell(
                    "built",
                    {
                        "first": event.first,
                        "functions": list(event.functions),
                        "outdated": self._configuration in event.changed,
                        "text": built_line(event, self._root) or "",
                    },
                )
            case Failed():
                self._teller.findings(one for one in event.findings if one.severity is not Severity.ERROR)
                self._teller.failed(event.findings)
                self._teller.tell("waiting", {"first": event.first, "text": failed_line(event, self._root)})
            case Started():
                pass

    def say(self, line: str) -> None:
        """Something that only people care about."""
        self._teller.tell("said", {"text": line})
