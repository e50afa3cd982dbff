"""Reads artifacts back with tools that are not ours."""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ELF_MACHINES = {62: "x86_64", 183: "arm64"}


def assert_read_by_info_zip(archive: Path) -> None:
    """`unzip -t` and `zipinfo` read it without a word of warning, and see the members that `zipfile` sees."""
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
    tested = _run("unzip", "-t", archive)
    assert tested.splitlines()[-1] == f"No errors detected in compressed data of {archive}."
    assert _run("zipinfo", "-1", archive).splitlines() == names
    assert not re.search(r"^(warning|error)\b|\b(warning|error) \[", _run("zipinfo", "-v", archive), re.MULTILINE)


def elf_architectures(archive: Path) -> set[str]:
    """The architectures, as Lambda names them, of the native code in it."""
    found = set()
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            with opened.open(name) as member:
                start = member.read(20)
            if start.startswith(b"\x7fELF"):
                (machine,) = struct.unpack_from("<H", start, 18)
                found.add(_ELF_MACHINES.get(machine, f"ELF machine {machine}"))
    return found


def _run(tool: str, *arguments: str | Path) -> str:
    process = subprocess.run([tool, *arguments], capture_output=True, encoding="utf-8", check=False)
    assert process.returncode == 0, f"{tool}: exit status {process.returncode}\n{process.stdout}\n{process.stderr}"
    assert process.stderr == ""
    return process.stdout


def modes_and_names(archive: Path) -> list[str]:
    """`0644 name` of each member, in the order of the archive."""
    with zipfile.ZipFile(archive) as opened:
        return [f"{info.external_attr >> 16 & 0o7777:04o} {info.filename}" for info in opened.infolist()]
