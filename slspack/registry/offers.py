"""What is offered of one distribution: by a page, by a folder, by all places together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from slspack.model import Digest
    from slspack.registry.pages import IndexFile


class Offer(Protocol):
    """Files, and the wheels of a version without a look at all the others."""

    @property
    def mark(self) -> Digest | None:
        """The key of all that is offered, where that is known before it is read."""

    def opened(self) -> Offer:
        """The same, read if that is still to be done. Raises what reading raises."""

    @property
    def files(self) -> tuple[IndexFile, ...]:
        """All of them, the first place's first."""

    @property
    def wheel_versions(self) -> Collection[str]:
        """The versions that there are wheels of, as these spell them."""

    def wheels_of(self, version: str) -> tuple[IndexFile, ...]:
        """The wheels of a version, spelt so."""


class Unread:
    """An offer that is read when somebody wants to know of it; until then its mark tells it from others.

    What was read is not held: of a page of 7 MB it takes ten times as much. Whoever asks more than once opens it.
    """

    def __init__(self, mark: Digest, read: Callable[[], Offer]) -> None:
        self.mark = mark
        self.opened = read

    @cached_property
    def files(self) -> tuple[IndexFile, ...]:
        """All of them. Raises what reading raises."""
        return self.opened().files

    @property
    def wheel_versions(self) -> Collection[str]:
        """The versions that there are wheels of. Raises what reading raises."""
        return self.opened().wheel_versions

    def wheels_of(self, version: str) -> tuple[IndexFile, ...]:
        """The wheels of a version. Raises what reading raises."""
        return self.opened().wheels_of(version)


class FileList:
    """An offer of files that are known one by one."""

    mark = None

    def __init__(self, files: Iterable[IndexFile]) -> None:
        self.files = tuple(files)

    def opened(self) -> Offer:
        """Itself."""
        return self

    @property
    def wheel_versions(self) -> Collection[str]:
        """The versions that there are wheels of."""
        return self._wheels.keys()

    def wheels_of(self, version: str) -> tuple[IndexFile, ...]:
        """The wheels of a version."""
        return tuple(self._wheels.get(version, ()))

    @cached_property
    def _wheels(self) -> Mapping[str, list[IndexFile]]:
        found: dict[str, list[IndexFile]] = {}
        for file in self.files:
            version = wheel_version(file.filename)
            if version is not None:
                found.setdefault(version, []).append(file)
        return found


class Joined:
    """What several places offer, each file once: two of one name and one content are the same."""

    mark = None

    def __init__(self, offers: Sequence[Offer]) -> None:
        self._offers = offers

    def opened(self) -> Offer:
        """All of them, opened."""
        return Joined([offer.opened() for offer in self._offers])

    @cached_property
    def files(self) -> tuple[IndexFile, ...]:
        """All of them, the first place's first."""
        return _once(file for offer in self._offers for file in offer.files)

    @cached_property
    def wheel_versions(self) -> Collection[str]:
        """The versions that any of the places has wheels of."""
        return {version: None for offer in self._offers for version in offer.wheel_versions}.keys()

    def wheels_of(self, version: str) -> tuple[IndexFile, ...]:
        """The wheels of a version, from all the places."""
        return _once(file for offer in self._offers for file in offer.wheels_of(version))


def wheel_version(filename: str) -> str | None:
    """The version in a wheel's name (PEP 427), as it is spelt there; None if it is no wheel's."""
    parts = filename.split("-", 2)
    return parts[1] if len(parts) == 3 and filename.endswith(".whl") else None


def _once(files: Iterable[IndexFile]) -> tuple[IndexFile, ...]:
    found: dict[tuple[str, str | None], IndexFile] = {}
    for file in files:
        found.setdefault((file.filename, file.sha256), file)
    return tuple(found.values())
