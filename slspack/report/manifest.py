"""The manifest: the machine-readable record of a build."""

from __future__ import annotations

import json
import os
from json.encoder import encode_basestring
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.report.records import ManifestRecord

FILE_NAME = "manifest.json"
_CONSTANTS = {None: "null", False: "false", True: "true"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest and how it is written down."""

    record: ManifestRecord

    def to_json(self) -> str:
        """The manifest as JSON text, with a final newline."""
        return _text(self.record) + "\n"

    def beside_last(self, folder: Path) -> Manifest:
        """This one, and what a folder's manifest says of other artifacts of the service, as long as they are there."""
        try:
            last: ManifestRecord = json.loads((folder / FILE_NAME).read_bytes())
            if any(last[key] != self.record[key] for key in ("schema", "service", "stage")):
                return self
            functions = {name: one for name, one in last["functions"].items() if _is_in(folder, one["artifact"])}
            layers = {name: one for name, one in last["layers"].items() if _is_in(folder / "layers", one["artifact"])}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return self
        return Manifest(
            {
                **self.record,
                "functions": {**functions, **self.record["functions"]},
                "layers": {**layers, **self.record["layers"]},
            }
        )

    def write(self, folder: Path) -> None:
        """Put `manifest.json` into a folder, at once and whole."""
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{FILE_NAME}.{os.getpid()}"
        try:
            temporary.write_text(self.to_json(), "utf-8", newline="\n")
            temporary.replace(folder / FILE_NAME)
        finally:
            temporary.unlink(missing_ok=True)


def _text(value: object, margin: str = "\n") -> str:
    """As `json.dumps` with an indent of 2, which the standard library does in Python, and piece by piece."""
    if isinstance(value, str):
        return encode_basestring(value)
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        items = [f"{encode_basestring(name)}: {_text(one, inner)}" for name, one in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join([_text(one, inner) for one in value])}{margin}]"
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    return str(value) if isinstance(value, int) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """What a manifest says of one artifact's file."""

    fingerprint: str
    sha256: str
    bytes: int


def read_records(folder: Path) -> Mapping[str, ArtifactRecord]:
    """What the last build into a folder wrote, by file name; nothing where its manifest is missing or not one."""
    try:
        manifest = json.loads((folder / FILE_NAME).read_bytes())
        return {
            f"{below}{PurePosixPath(record['artifact']).name}": ArtifactRecord(
                record["fingerprint"], record["sha256"], record["bytes"]
            )
            for kind, below in (("functions", ""), ("layers", "layers/"))
            for record in manifest[kind].values()
            if record["sha256"] is not None
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_in(folder: Path, artifact: str) -> bool:
    return (folder / PurePosixPath(artifact).name).exists()
