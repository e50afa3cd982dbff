"""Moving a finished file or folder to its place in a tree that others read, so that no moment is without it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import sys
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PATIENCE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds between attempts to replace a file that a reader has open, which Windows refuses while it is."""
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def place(made: Path, target: Path) -> None:
    """Rename `made`, a file or a folder, to `target`, whatever is there. Both are on one file system.

    A file over a file, and anything where nothing is, is one rename. Where a folder is involved the two are exchanged
    in one step if the system can, otherwise the old one steps aside first; it is left where `made` was, or beside it.
    Raises OSError as the system gives it.
    """
    if is_folder(target) or (is_folder(made) and os.path.lexists(target)):
        if not exchange(made, target):
            _step_aside(made, target)
    else:
        _replace(made, target)


def is_folder(path: Path) -> bool:
    """Whether it is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step (Linux's renameat2). False where the system or the file system cannot."""
    call = _renameat2()
    return call is not None and call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0


def take_out(path: Path, bin_folder: Path) -> None:
    """Let a file or a folder vanish in one step, whole: into `bin_folder`, under a name that nothing has there."""
    with suppress(FileNotFoundError):
        _patiently(path.rename, bin_folder / secrets.token_hex(6))


def discard(folder: Path) -> None:
    """Remove a folder as far as that is possible: what another process has open on Windows waits for the next time."""
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _renameat2() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    function = getattr(ctypes.CDLL(None), "renameat2", None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    call: Callable[..., int] = function
    return call


def _replace(made: Path, target: Path) -> None:
    try:
        _patiently(made.replace, target)
    except PermissionError:
        # A library that is loaded on Windows can be renamed, though not replaced.
        if not target.exists():
            raise
        _step_aside(made, target)


def _step_aside(made: Path, target: Path) -> None:
    aside = made.with_name(f"{made.name}.{secrets.token_hex(6)}")
    target.rename(aside)
    try:
        made.rename(target)
    except BaseException:
        aside.rename(target)
        raise


def _patiently(rename: Callable[[Path], object], target: Path) -> None:
    for pause in _PATIENCE:
        try:
            rename(target)
        except PermissionError as error:
            if not _held_open(error):
                raise
            time.sleep(pause)
        else:
            return
    rename(target)


def _held_open(error: PermissionError) -> bool:
    """Whether this is Windows saying that somebody has the file open: access denied, or a sharing violation."""
    return getattr(error, "winerror", None) in (5, 32) or (os.name == "nt" and error.errno == errno.EACCES)
