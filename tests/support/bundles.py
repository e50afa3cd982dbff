"""Plans and facts for tests that begin at the bundle: what the stages before it would have found out."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from slspack.bundle.segments import segment_for
from slspack.bundle.zipwriter import PackedFiles, write_zip
from slspack.keys import key_of
from slspack.model import (
    Architecture,
    ArchivePath,
    Artifact,
    Digest,
    Entry,
    FileSource,
    GeneratedSource,
    LockedDistribution,
    Plan,
    Selection,
    Target,
    WheelFacts,
    WheelFile,
    WheelMember,
    WheelPart,
    dist_name,
)
from slspack.store import Store
from slspack.tree import ServiceTree
from slspack.wheels.layout import installed_files
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.bundle.segments import Segment
    from slspack.model import DistName
    from tests.support.wheels import Content

NOISE = hashlib.shake_256(b"noise").digest(300_000)
"""What cannot be compressed."""
TARGET = Target((3, 13), Architecture.X86_64, (2, 34))


def facts_of(wheel: Path) -> WheelFacts:
    """The facts of a wheel, by the standard library."""
    name, version, *_ = wheel.name.split("-")
    with zipfile.ZipFile(wheel) as archive:
        members = tuple(
            WheelMember(
                info.filename,
                info.file_size,
                info.compress_size,
                info.CRC,
                info.compress_type,
                bool(info.external_attr >> 16 & 0o111),
                info.header_offset,
            )
            for info in sorted(archive.infolist(), key=lambda info: info.filename)
            if not info.is_dir()
        )
    sha256 = Digest(hashlib.sha256(wheel.read_bytes()).hexdigest())
    return WheelFacts(sha256, dist_name(name), version, (), members)


def part_of(facts: WheelFacts, without: Iterable[str] = ()) -> WheelPart:
    """A wheel's part of a plan."""
    wheel = WheelFile(f"{facts.name}.whl", f"https://index.example/{facts.name}.whl", facts.sha256)
    left_out = tuple(ArchivePath(name) for name in without)
    files = [file for file in installed_files(facts) if file.archive not in left_out]
    size = sum(file.member.size for file in files)
    return WheelPart(LockedDistribution(facts.name, facts.version, wheel), len(files), size, left_out)


def generated(name: str, content: bytes, *, executable: bool = False) -> Entry:
    """An entry of content that slspack makes."""
    return Entry(ArchivePath(name), executable, GeneratedSource(content))


def first_party(root: Path, path: str, *, executable: bool = False) -> Entry:
    """An entry of a service's file, under its own path."""
    content = (root / path).read_bytes()
    return Entry(
        ArchivePath(path), executable, FileSource(path, Digest(hashlib.sha256(content).hexdigest()), len(content))
    )


def plan_of(entries: Iterable[Entry] = (), wheels: Iterable[WheelPart] = (), name: str = "orders") -> Plan:
    """A plan of those entries and parts."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.name.encode()))
    parts = tuple(sorted(wheels, key=lambda part: part.distribution.name))
    size = sum(
        entry.source.size if isinstance(entry.source, FileSource) else len(entry.source.content) for entry in ordered
    )
    return Plan(
        name,
        (name,),
        TARGET,
        ordered,
        parts,
        key_of("plan of a test", ordered, parts),
        size + sum(part.unzipped_bytes for part in parts),
    )


class Orders:
    """A service of three distributions and a few files of its own, and its segments, all below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = root = folder / "service"
        self.tree = ServiceTree(root)
        self.segments: dict[DistName, Segment] = {}
        (root / "app").mkdir(parents=True)
        (root / "app/handler.py").write_text("def handler(event, context): return event\n" * 20)
        (root / "app/naïve.txt").write_text("é")
        (root / "app/run.sh").write_text("#!/bin/sh\n")
        self.own = [
            first_party(root, "app/handler.py"),
            first_party(root, "app/naïve.txt"),
            first_party(root, "app/run.sh", executable=True),
            generated("app/__init__.py", b""),
        ]
        self.parts = [
            self._part("beta", {"beta/__init__.py": "b" * 999, "beta/noise.bin": NOISE}),
            self._part("alpha", {"alpha/__init__.py": "", "alpha/tool": "#!/bin/sh", "shared/x.py": "x" * 200}),
            self._part("gamma", {"gamma.py": "import alpha", "shared/x.py": "x" * 200}, without=["shared/x.py"]),
        ]
        self.plan = plan_of(self.own, self.parts)

    def _part(self, name: str, files: Mapping[str, Content], without: Iterable[str] = ()) -> WheelPart:
        wheel = make_wheel(self._folder / "wheels", name, files=files, executable=["alpha/tool"])
        facts = facts_of(wheel)
        self.segments[facts.name] = segment_for(wheel, facts, Selection(), Store(self._folder / "store"))
        return part_of(facts, without)

    def write(self, destination: Path, plan: Plan | None = None) -> Artifact:
        """Write its zip, or that of another plan of the same distributions."""
        return write_zip(plan or self.plan, self.segments, PackedFiles(self.tree), destination)
