"""Who is told what happens: tools, and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slspack.model import Severity
from slspack.report import merge, render, wants_colour
from slspack.report.making import relative_path
from slspack.watching.events import Built, Failed, Started, to_json
from slspack.watching.frame import code_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import TextIO

    from slspack.model import Finding
    from slspack.plugins import Host

Event = Started | Built | Failed

_NAMES = 5
_PATHS = 2


class Listener(Protocol):
    """Is told of every event, in order."""

    def hear(self, event: Event) -> None:
        """Something happened."""

    def say(self, line: str) -> None:
        """Something that only people care about."""


class Tools:
    """One JSON object a line."""

    def __init__(self, root: Path, manifest: Path, stream: TextIO) -> None:
        self._root = root
        self._manifest = manifest
        self._stream = stream

    def hear(self, event: Event) -> None:
        """Write its line, at once."""
        self._stream.write(to_json(event, self._root, self._manifest) + "\n")
        self._stream.flush()

    def say(self, line: str) -> None:
        """Tools don't want to know."""


class People:
    """One line a build, and what is wrong with it; nothing where nothing came of a change."""

    def __init__(self, root: Path, stream: TextIO, *, quiet: bool = False) -> None:
        self._root = root
        self._stream = stream
        self._quiet = quiet

    def hear(self, event: Event) -> None:
        """Print what is worth it."""
        if isinstance(event, Failed):
            self._print([*self._findings(event.findings), failed_line(event, self._root)])
        elif isinstance(event, Built) and not self._quiet:
            line = built_line(event, self._root)
            self._print(self._findings(event.new_findings) + ([line] if line else []))

    def say(self, line: str) -> None:
        """Print a line."""
        if not self._quiet:
            self._print([line])

    def _print(self, lines: Sequence[str]) -> None:
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()

    def _findings(self, findings: Iterable[Finding]) -> list[str]:
        """As a build prints them, with the code below those that know their line; errors last."""
        order = (Severity.NOTICE, Severity.WARNING, Severity.ERROR)
        lines: list[str] = []
        for finding, functions in sorted(merge(findings), key=lambda one: order.index(one[0].severity)):
            if self._quiet and finding.severity is not Severity.ERROR:
                continue
            lines.append(render(finding, functions, colours=wants_colour(self._stream)))
            frame = code_frame(self._root, finding.at) if finding.severity is Severity.ERROR else None
            lines += [f"  {line}" for line in frame.splitlines()] if frame else []
        return lines


class Plugins:
    """The plugins, who are known from the first build on: what happened before is told then."""

    def __init__(self, host: Callable[[], Host | None]) -> None:
        self._host = host
        self._waiting: list[Event] = []

    def hear(self, event: Event) -> None:
        """Let them know."""
        self._waiting.append(event)
        host = self._host()
        if host is not None:
            told, self._waiting = self._waiting, []
            for one in told:
                host.watch_event(one)

    def say(self, line: str) -> None:
        """Plugins are no people."""


class Everybody:
    """Several listeners, told one after the other."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)

    def hear(self, event: Event) -> None:
        """Tell each."""
        for listener in self._listeners:
            listener.hear(event)

    def say(self, line: str) -> None:
        """Tell each."""
        for listener in self._listeners:
            listener.say(line)


def built_line(event: Built, root: Path) -> str | None:
    """What a good build did, why, and how long it took; None where nothing came of it."""
    took = f"in {_seconds(event.seconds)}"
    if event.first:
        unchanged = f", {event.kept:,} of them as before" if event.kept else ""
        return f"built {_count(event.total, 'function')}{unchanged}, {took}; watching {root}, Ctrl-C ends it"
    because = _because(event.changed, event.missing, root)
    done = []
    if event.rebuilt:
        done.append(f"rebuilt {_listed(event.functions, _NAMES)}")
    if event.removed:
        done.append(f"removed {_listed(event.removed, _NAMES)}")
    if not done and event.mended:
        done.append("mended (every artifact as before)")
    return f"{' and '.join(done)} {took}: {because}" if done else None


def failed_line(event: Failed, root: Path) -> str:
    """That a build failed, why it was made, and what stays."""
    stays = "waiting for a change" if event.first else "the last good artifacts stay; waiting for a change"
    because = f": {_because(event.changed, event.missing, root)}" if event.changed else ""
    return f"failed in {_seconds(event.seconds)}{because}; {stays}"


def _because(changed: Sequence[Path], missing: Sequence[Path], root: Path) -> str:
    """What changed. Editors' temporary files are gone by now, so what is gone is named only where all of it is."""
    there = [path for path in changed if path not in set(missing)]
    names = [relative_path(path, root) for path in there or changed]
    return f"{_listed(names, _PATHS, 'files')} {'changed' if there else 'removed'}"


def _listed(names: Sequence[str], most: int, kind: str = "") -> str:
    if len(names) <= most:
        return ", ".join(names)
    if kind:
        return f"{len(names):,} {kind} ({', '.join(names[:most])}, …)"
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
