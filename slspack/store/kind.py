"""What the store keeps, and what its keys mean."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What an object is. Each kind is a folder of its own."""

    WHEEL = "wheels"
    """A wheel, by its sha256."""
    FACTS = "facts"
    """File list and METADATA of a wheel, by its sha256."""
    IMPORTS = "imports"
    """What a wheel's own sources import, by its sha256 and the scanner's version."""
    SEGMENT = "segments"
    """A wheel's entries inside a zip, by wheel and options."""
    NATIVE = "native"
    """What a segment's ELF files want of the dynamic loader, by the segment's key."""
    BYTECODE = "bytecode"
    """What the plugin `bytecode` made of a source of a service, by the source, its name and the compiler."""
    RESOLUTION = "resolutions"
    """What a resolver answered, by the question: good for as long as an index's answer is."""
    PAGE = "pages"
    """What an index listed of a distribution, by its address, with how long and by which mark that may be kept."""
    SDIST = "sdists"
    """An archive of sources, by its sha256."""
    FILE = "files"
    """A file that came out of an image, by its sha256."""
    BUILD = "builds"
    """Which wheel was built of a source, by the source, the builder and, unless the wheel is pure, the target; and
    which files came out of an image; which Python an image has."""

    @property
    def content_addressed(self) -> bool:
        """Whether the key is the sha256 of the content itself, and not of what the content was made from."""
        return self in (Kind.WHEEL, Kind.SDIST, Kind.FILE)


DOWNLOADS = frozenset({Kind.WHEEL, Kind.FACTS, Kind.RESOLUTION, Kind.PAGE, Kind.SDIST})
"""What comes from a package index: `useDownloadCache`."""

OUTPUTS = frozenset({Kind.IMPORTS, Kind.SEGMENT, Kind.NATIVE, Kind.BYTECODE})
"""What is made from wheels and sources: `useStaticCache`."""

DERIVED = frozenset(kind for kind in Kind if not kind.content_addressed)
"""What could be stale, were its key incomplete: `invalidateCaches`."""
