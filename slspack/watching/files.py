"""The stream of changes of a real service: folders watched, what does not matter sifted out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.watching.folders import files_in, folders_above, walk_folders
from slspack.watching.sources import EACH_FOLDER, NoticeSource, PollingSource
from slspack.watching.stream import Burst
from slspack.watching.triggers import Triggers

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.watching.rebuilder import WatchedInputs
    from slspack.watching.sources import Source

GIT_PATIENCE = 3.0
"""Seconds for which a burst waits for git to finish what it is doing; a lock that is older was left behind."""

MANY = 1000
"""So many changes at once that the operating system may have dropped some of its notices."""


class FileChanges:
    """The real `ChangeStream`. Folders that appear are watched from then on, and what is in them counts as changed."""

    def __init__(self, inputs: WatchedInputs, debounce: int | None = None, poll: int | None = None) -> None:
        """Watch what is known to be an input. `debounce` and `poll` (milliseconds) override the settings."""
        self._debounce, self._poll = debounce, poll
        self._inputs = inputs = self._overridden(inputs)
        self._triggers = Triggers(inputs)
        self._walked = walk_folders(inputs.root, self._triggers.enters)
        self._watched = self._wanted()
        self._source = self._open(self._watched)
        self._held: frozenset[Path] = frozenset()
        self._abandoned_lock: int | None = None

    def follow(self, inputs: WatchedInputs) -> None:
        """Tell of these from now on; what has changed since the last call is not lost."""
        before, self._inputs = self._inputs, self._overridden(inputs)
        inputs = self._inputs
        if inputs == before:
            return
        self._triggers = Triggers(inputs)
        if (inputs.settings, inputs.outputs) != (before.settings, before.outputs):
            self._walked = walk_folders(inputs.root, self._triggers.enters)
        if self._wanted() != self._watched or inputs.settings.poll != before.settings.poll:
            self._reopen()

    def next(self) -> Burst | None:
        """Wait for a change, and until it is quiet. Raises KeyboardInterrupt on Ctrl-C."""
        while True:
            burst = self._sift(self._settled())
            if burst is not None:
                return burst

    def pending(self) -> bool:
        """Whether something has changed that `next` has not told yet."""
        self._held |= self._source.glance()
        return any(self._fires(path, self._walked.paths) for path in self._held)

    def close(self) -> None:
        """Watch no longer."""
        self._source.close()

    def _overridden(self, inputs: WatchedInputs) -> WatchedInputs:
        debounce = inputs.settings.debounce if self._debounce is None else self._debounce
        poll = inputs.settings.poll if self._poll is None else self._poll
        return replace(inputs, settings=replace(inputs.settings, debounce=debounce, poll=poll))

    def _settled(self) -> frozenset[Path]:
        """Everything until it is quiet, and until git is done: switching branches is one change."""
        quiet = self._inputs.settings.debounce
        raw = self._held | self._source.wait(quiet, patience=quiet if self._held else 0)
        self._held = frozenset()
        ends = time.monotonic() + GIT_PATIENCE
        while (lock := self._git_lock()) not in (None, self._abandoned_lock):
            if time.monotonic() > ends:
                self._abandoned_lock = lock
                break
            raw |= self._source.wait(quiet, patience=2 * quiet)
        return raw

    def _git_lock(self) -> int | None:
        """What tells git's lock of this moment from another, if git holds one."""
        folder = self._triggers.git.git_folder
        try:
            return (folder / "index.lock").stat().st_mtime_ns if folder is not None else None
        except OSError:
            return None

    def _sift(self, raw: frozenset[Path]) -> Burst | None:
        """What of it matters; None if nothing does."""
        many = len(raw) >= MANY
        if many or any(path.name == ".gitignore" for path in raw):
            self._triggers = Triggers(self._inputs)
        before = self._walked.paths
        replaced = {path for path in raw if path in self._watched or self._is_way(path)}
        fresh: frozenset[Path] = frozenset()
        if replaced or many or any(path.name == ".gitignore" for path in raw):
            self._walked = walk_folders(self._inputs.root, self._triggers.enters)
            # A watch is of a folder, not of its name: where another folder has come to stand there, it is of no use.
            self._reopen()
            fresh = frozenset(
                path
                for path in self._walked.paths
                if path not in before or not replaced.isdisjoint((path, *path.parents))
            )
        inside = {file for folder in fresh for file in files_in(folder)}
        candidates = {*raw, *inside} - (fresh - before)
        paths = frozenset(path for path in candidates if self._fires(path, before | self._walked.paths))
        if not paths:
            return None
        missing = frozenset(path for path in paths if not path.exists())
        return Burst(paths, missing, complete=not (many or replaced or self._walked.links))

    def _is_way(self, path: Path) -> bool:
        """Whether it is a folder that should be watched."""
        if path.is_relative_to(self._inputs.root):
            return path.is_dir() and self._triggers.enters(path)
        return self._triggers.leads_to_file(path)

    def _fires(self, path: Path, folders: frozenset[Path]) -> bool:
        return self._triggers.fires(path, folder=path in folders or path.is_dir())

    def _wanted(self) -> frozenset[Path]:
        """The folders to watch: the walked ones, and those by which files are reached that count wherever they are."""
        if not EACH_FOLDER and not self._inputs.settings.poll:
            above = frozenset(file.parent for file in self._inputs.files)
        else:
            above = folders_above(self._inputs.files, self._inputs.root)
            above |= {folder.parent for folder in above}
        return self._walked.paths | {folder for folder in above if folder.is_dir()}

    def _reopen(self) -> None:
        """Watch what is wanted now. The new source is open before the old one is asked for the last time."""
        self._watched = self._wanted()
        old, self._source = self._source, self._open(self._watched)
        self._held |= old.take()
        old.close()

    def _open(self, folders: frozenset[Path]) -> Source:
        settings = self._inputs.settings
        return PollingSource(folders, settings.poll) if settings.poll else NoticeSource(self._inputs.root, folders)
