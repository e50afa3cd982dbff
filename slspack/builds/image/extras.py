"""Files taken out of an image as they are: shared libraries that a function loads by itself."""

from __future__ import annotations

import posixpath
import tempfile
from typing import TYPE_CHECKING

from slspack.builds.image.archives import files_in
from slspack.builds.image.daemon import NotThereError
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from slspack.builds.image.daemon import Daemon

_MOST_LINKS = 16


def copy_extra_files(daemon: Daemon, container: str, paths: Sequence[str], into: Path) -> tuple[Path, ...]:
    """Copy files out of a container into a folder, each under its own last name; a link is copied as what it links to.

    Raises SlspackError naming all that are not there, or that are folders, or that share a name.
    """
    copied: dict[str, Path] = {}
    findings: list[Finding] = []
    for path in paths:
        name = posixpath.basename(path)
        content = _content(daemon, container, path)
        if isinstance(content, str):
            findings.append(_finding(f"`{path}` {content}"))
        elif name in copied:
            findings.append(_finding(f"`{path}` has the name of another, `{name}`"))
        else:
            copied[name] = into / name
            copied[name].write_bytes(content)
            copied[name].chmod(0o644)
    if findings:
        raise SlspackError(findings)
    return tuple(copied.values())


def _content(daemon: Daemon, container: str, path: str) -> bytes | str:
    """The file's bytes, or what is wrong with it."""
    place = posixpath.normpath(posixpath.join("/", path))
    for _ in range(_MOST_LINKS):
        with tempfile.TemporaryFile() as archive:
            try:
                link = daemon.get(container, place, archive)
            except NotThereError:
                return "is not in the image" if place == path else f"links to `{place}`, which is not in the image"
            if link:
                place = posixpath.normpath(posixpath.join(posixpath.dirname(place), link))
                continue
            archive.seek(0)
            found = files_in(archive)
        if list(found) != [posixpath.basename(place)]:
            return "is a folder of the image, not a file"
        return found[posixpath.basename(place)]
    return "links in a circle"


def _finding(message: str) -> Finding:
    hint = "`docker run --rm --entrypoint ls IMAGE -l PATH` shows what an image has there"
    return Finding(Code.EXTRA_FILE_MISSING, Severity.ERROR, f"extra file {message}", None, hint)
