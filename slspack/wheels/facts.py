"""What is known of a wheel without its content: its file list and its METADATA."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.keys import key_of
from slspack.model import Digest, DistName, WheelFacts, WheelMember, dist_name
from slspack.wheels.archive import Archive, bad_wheel

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from slspack.wheels.archive import ByteSource

_FORMAT = "wheel-facts/1"


def read_facts(wheel: Path, sha256: Digest, *, filename: str | None = None) -> WheelFacts:
    """The facts of a wheel on this machine, whose sha256 the caller vouches for.

    `filename` names the wheel in messages where its path does not (the store's copies have no name). Raises SLS0504 for
    a malformed wheel and SLS0505 for one with a member that climbs out of the root.
    """
    with wheel.open("rb") as stream:
        return facts_of(_FileBytes(stream), sha256, filename or wheel.name)


def facts_of(source: ByteSource, sha256: Digest, filename: str) -> WheelFacts:
    """The facts of a wheel wherever its bytes are."""
    archive = Archive(source, filename)
    metadata = [
        member
        for member in archive.members
        if member.name.endswith(".dist-info/METADATA") and member.name.count("/") == 1
    ]
    if len(metadata) != 1:
        raise bad_wheel(filename, "it has more than one METADATA" if metadata else "it has no METADATA")
    return _parse_metadata(archive.read(metadata[0]), sha256, filename, archive.members)


def facts_key(sha256: Digest) -> Digest:
    """Where a wheel's facts are kept in the store."""
    return key_of(_FORMAT, sha256)


def encode_facts(facts: WheelFacts) -> bytes:
    """The facts as compact JSON, the members in columns: 1,500 of them load in about two milliseconds."""
    columns = [
        [m.name for m in facts.members],
        [m.size for m in facts.members],
        [m.compressed_size for m in facts.members],
        [m.crc for m in facts.members],
        [m.method for m in facts.members],
        [int(m.executable) for m in facts.members],
        [m.header_offset for m in facts.members],
    ]
    document = {
        "sha256": facts.sha256,
        "name": facts.name,
        "version": facts.version,
        "requires_dist": facts.requires_dist,
        "extras": facts.extras,
        "requires_python": facts.requires_python,
        "members": columns,
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def decode_facts(content: bytes) -> WheelFacts:
    """The facts that `encode_facts` wrote. Raises ValueError for anything else."""
    try:
        document = json.loads(content)
        names, sizes, compressed, crcs, methods, executables, offsets = document["members"]
        members = map(WheelMember, names, sizes, compressed, crcs, methods, map(bool, executables), offsets)
        return WheelFacts(
            sha256=Digest(document["sha256"]),
            name=DistName(document["name"]),
            version=document["version"],
            requires_dist=tuple(document["requires_dist"]),
            members=tuple(members),
            extras=tuple(document["extras"]),
            requires_python=document["requires_python"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not the facts of a wheel") from error


class _FileBytes:
    """The bytes of an open file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, 2)

    def read(self, start: int, end: int) -> bytes:
        self._stream.seek(start)
        return self._stream.read(max(0, end - start))


def _parse_metadata(raw: bytes, sha256: Digest, filename: str, members: tuple[WheelMember, ...]) -> WheelFacts:
    """The fields of core metadata that matter here. Old files are not always UTF-8; those fields are."""
    from email.parser import HeaderParser

    headers = HeaderParser().parsestr(raw.decode("utf-8", "replace"))
    name, version = headers.get("Name"), headers.get("Version")
    if not name or not version:
        raise bad_wheel(filename, "its METADATA gives no name or no version")
    python = headers.get("Requires-Python")
    return WheelFacts(
        sha256=sha256,
        name=dist_name(name.strip()),
        version=version.strip(),
        requires_dist=tuple(_unfolded(value) for value in headers.get_all("Requires-Dist", [])),
        members=members,
        extras=tuple(_unfolded(value) for value in headers.get_all("Provides-Extra", [])),
        requires_python=_unfolded(python) if python and python.strip() else None,
    )


def _unfolded(value: str) -> str:
    return " ".join(value.split())
