"""Where the files of a wheel stand once installed under one folder, as `pip install --target` puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import ArchivePath

if TYPE_CHECKING:
    from slspack.model import WheelFacts, WheelMember

# What `pip install --target` does with each scheme of `NAME-VERSION.data/` (PEP 427 names them): libraries and data
# at the root, scripts under bin, headers nowhere that an import or a program would look.
_SCHEMES = {"purelib": "", "platlib": "", "data": "", "scripts": "bin/"}
_INSTALL_RECORDS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"})


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One file of a wheel and its place in an artifact."""

    archive: ArchivePath
    member: WheelMember


def installed_files(facts: WheelFacts) -> tuple[InstalledFile, ...]:
    """The files of a wheel as they go into an artifact, sorted by the bytes of their names.

    Byte caches, records of an installation (RECORD, INSTALLER) and headers are left out; dist-info otherwise stays, for
    importlib.metadata. Raises SLS0505 for a name that would climb out of the root.
    """
    placed = (InstalledFile(archive, m) for m in facts.members if (archive := _place(facts, m.name)) is not None)
    return tuple(sorted(placed, key=lambda file: file.archive.encode()))


def _place(facts: WheelFacts, name: str) -> ArchivePath | None:
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        raise SlspackError.of(
            Code.UNSAFE_MEMBER,
            f"the wheel of `{facts.name}` {facts.version} holds `{name}`, which climbs out of the root",
            hint="do not trust this wheel; report it to the index that served it",
        )
    if parts[0].endswith(".data") and len(parts) > 2:
        prefix = _SCHEMES.get(parts[1])
        if prefix is None:
            return None
        parts = [*prefix.split("/")[:-1], *parts[2:]]
    if "__pycache__" in parts or parts[-1].endswith((".pyc", ".pyo")):
        return None
    if len(parts) == 2 and parts[0].endswith(".dist-info") and parts[1] in _INSTALL_RECORDS:
        return None
    return ArchivePath("/".join(parts))
