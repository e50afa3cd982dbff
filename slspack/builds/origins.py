"""Where a source comes from, as its text says: an archive, a repository, a folder."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from slspack.frozen import dataclass
from slspack.registry import local_path
from slspack.registry.credentials import split_credentials

if TYPE_CHECKING:
    from slspack.model import Digest
    from slspack.registry import Login

ARCHIVES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class ArchiveOrigin:
    """An sdist, or any archive of a project, by its address or its path."""

    url: str
    """Without credentials; a path is absolute or relative to the service."""
    sha256: Digest | None = None
    """What the file must have; None where nobody has said so yet."""
    subdirectory: str = ""
    size: int | None = None

    @property
    def filename(self) -> str:
        """The file's name."""
        return unquote(urlsplit(self.url).path.replace("\\", "/").rpartition("/")[2])

    def __str__(self) -> str:
        return _with_subdirectory(self.url, self.subdirectory)


@dataclass(frozen=True, slots=True)
class GitOrigin:
    """A repository, at a revision, else at its default branch."""

    address: str
    """As the `git` program takes it, without a password."""
    revision: str = ""
    subdirectory: str = ""

    @property
    def commit(self) -> str | None:
        """The revision where it is a commit's whole name, which cannot move."""
        return self.revision if _COMMIT.fullmatch(self.revision) else None

    def at(self, commit: str) -> GitOrigin:
        """The same at a commit."""
        return replace(self, revision=commit)

    def __str__(self) -> str:
        at = f"@{self.revision}" if self.revision else ""
        return _with_subdirectory(f"git+{self.address}{at}", self.subdirectory)


@dataclass(frozen=True, slots=True)
class FolderOrigin:
    """A project's folder on this machine."""

    path: str
    """Absolute, or relative to the service."""
    subdirectory: str = ""

    def __str__(self) -> str:
        return _with_subdirectory(self.path, self.subdirectory)


SourceOrigin: TypeAlias = ArchiveOrigin | GitOrigin | FolderOrigin


def parse_origin(text: str) -> SourceOrigin:
    """What an address or a path names. Raises ValueError, with a reason for people, for what cannot be built."""
    address, _, fragment = text.partition("#")
    options = dict(part.partition("=")[::2] for part in fragment.split("&") if part)
    subdirectory = unquote(options.get("subdirectory", "")).strip("/")
    if subdirectory and ".." in subdirectory.split("/"):
        raise ValueError(f"`{subdirectory}` climbs out of the source")
    if address.startswith("git+"):
        return _repository(address.removeprefix("git+"), subdirectory)
    if re.match(r"[a-z]+\+", address):
        raise ValueError("only git repositories can be fetched")
    from slspack.model import Digest

    sha256 = Digest(options["sha256"].lower()) if options.get("sha256") else None
    place = local_path(address)
    if place is None or place.name.lower().endswith(ARCHIVES):
        return ArchiveOrigin(address if place is None else place.as_posix(), sha256, subdirectory)
    return FolderOrigin(place.as_posix(), subdirectory)


def split_login(reference: str) -> tuple[str, Login | None]:
    """An address without its password or token, and that as a login. A user's name that SSH needs stays."""
    clean, login = split_credentials(reference)
    if login is not None and not login.password and urlsplit(reference).scheme.endswith("ssh"):
        return reference, None
    return clean, login


def _repository(address: str, subdirectory: str) -> GitOrigin:
    if "://" not in address:
        raise ValueError(
            "write the repository's address with its scheme, such as `git+ssh://git@host/team/project.git`"
        )
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    # The revision stands behind the last `@` of the path: one in the host's part is a user's.
    path, _, revision = path.rpartition("@") if "@" in path else (path, "", "")
    return GitOrigin(f"{scheme}://{host}{slash}{path}", unquote(revision), subdirectory)


def _with_subdirectory(text: str, subdirectory: str) -> str:
    return f"{text}#subdirectory={subdirectory}" if subdirectory else text
