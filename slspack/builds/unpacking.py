"""Archives of sources, unpacked so that nothing lands outside the folder meant for it."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from collections.abc import Iterator

# zipfile raises NotImplementedError for a member that is encrypted or compressed in a way it does not know.
_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError)


def unpack(archive: Path, filename: str, into: Path) -> None:
    """Unpack a tar or zip file into an empty folder. Links are replaced by what they point to in the archive.

    Raises SLS0513 for a file that is damaged or none of these, and for a member that would land outside.
    """
    try:
        members = _zip_members(archive) if filename.lower().endswith(".zip") else _tar_members(archive)
        for name, executable, content in members:
            _write(name, into, filename, content, executable=executable)
    except _DAMAGED as error:
        reason = str(error) or type(error).__name__
        raise SlspackError.of(
            Code.BAD_SOURCE,
            f"`{filename}` cannot be unpacked: {reason[:1].lower()}{reason[1:]}",
            hint="fetch or make the file again",
        ) from error


def project_folder(unpacked: Path, subdirectory: str, what: str) -> Path:
    """The project's folder in what was unpacked: the only folder at its top, and in it the subdirectory.

    Raises SLS0513 where there is no `pyproject.toml` and no `setup.py`.
    """
    top = list(unpacked.iterdir())
    folder = top[0] if len(top) == 1 and top[0].is_dir() and not _is_project(unpacked) else unpacked
    folder = folder / subdirectory if subdirectory else folder
    check_project(folder, f"{what}, `{subdirectory}`" if subdirectory else what)
    return folder


def check_project(folder: Path, what: str) -> None:
    """Raise SLS0513 where a folder is no Python project. `what` is how the user knows it."""
    if not _is_project(folder):
        raise SlspackError.of(
            Code.BAD_SOURCE,
            f"{what} is not a Python project: there is no `pyproject.toml` and no `setup.py`",
            hint="name the folder that has one; in a repository or an archive with `#subdirectory=FOLDER`",
        )


def _is_project(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file() or (folder / "setup.py").is_file()


def _tar_members(archive: Path) -> Iterator[tuple[str, bool, IO[bytes]]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if not (member.isfile() or member.issym() or member.islnk()):
                continue
            try:
                content = tar.extractfile(member)
            except KeyError:
                continue  # a link that leads out of the archive, or nowhere
            if content is not None:
                with content:
                    yield member.name, bool(member.mode & 0o100), content


def _zip_members(archive: Path) -> Iterator[tuple[str, bool, IO[bytes]]]:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            if not member.is_dir():
                with zipped.open(member) as content:
                    yield member.filename, bool(member.external_attr >> 16 & 0o100), content


def _write(name: str, into: Path, filename: str, content: IO[bytes], *, executable: bool) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or ".." in parts or ":" in parts[0]:
        raise SlspackError.of(
            Code.BAD_SOURCE,
            f"`{filename}` holds `{name}`, which climbs out of the folder that it is unpacked into",
            hint="do not trust this file",
        )
    place = into.joinpath(*parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as out:
        shutil.copyfileobj(content, out)
    place.chmod(0o755 if executable else 0o644)
