"""The outcome of a build as it is kept: what a build with nothing to do gives again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.memory import WrittenFile
from slspack.model import Finding, Location, Severity
from slspack.report import Manifest
from slspack.stamps import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.report.records import ManifestRecord

_CODES = {code.id: code for code in Code}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A good build's manifest, findings and files."""

    manifest: Manifest
    findings: tuple[Finding, ...]
    written: Mapping[str, WrittenFile]
    """The artifacts, by file name."""
    state: str
    """Names the state of the service that this is of, as in the inputs."""
    hooked: bool = False
    """Whether the service has hooks. Which, only its configuration says: nothing that is kept here is ever run."""
    reported: bool = False
    """Whether a plugin reports it: then a build with nothing to do is more than giving it again."""

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that were built."""
        return tuple(self.manifest.record["functions"])

    def to_json(self) -> bytes:
        """The outcome as text for the database."""
        kept = [
            self.manifest.record,
            [_plain(finding) for finding in self.findings],
            _plain_files(self.written),
            self.state,
            self.hooked,
            self.reported,
        ]
        return json.dumps(kept, separators=(",", ":")).encode()

    def of(self, names: tuple[str, ...]) -> Outcome | None:
        """The part of it that is about these functions, of which no name means all. None where it does not know one."""
        if not names:
            return self
        record = self.manifest.record
        if not record["functions"].keys() >= set(names):
            return None
        functions = {name: record["functions"][name] for name in names}
        layers = {name: one for name, one in record["layers"].items() if not set(names).isdisjoint(one["functions"])}
        findings = tuple(one for one in self.findings if one.function is None or one.function in names)
        said = {finding.message for finding in findings}
        warnings = [one for one in record["warnings"] if one["message"] in said]
        part: ManifestRecord = {**record, "functions": functions, "layers": layers, "warnings": warnings}
        paths = [one["artifact"] for one in (*functions.values(), *layers.values())]
        written = {
            name: file for name, file in self.written.items() if any(path.endswith(f"/{name}") for path in paths)
        }
        return Outcome(Manifest(part), findings, written, self.state, self.hooked, self.reported)

    def again(self, seconds: float) -> Outcome:
        """The same outcome for a build that had nothing to do."""
        record: ManifestRecord = {
            **self.manifest.record,
            "functions": {
                name: {**function, "cached": True} for name, function in self.manifest.record["functions"].items()
            },
            "layers": {name: {**layer, "cached": True} for name, layer in self.manifest.record["layers"].items()},
            "timings": {"check": round(seconds, 6)},
        }
        return Outcome(Manifest(record), self.findings, self.written, self.state, self.hooked, self.reported)


def outcome_from_json(content: bytes) -> Outcome | None:
    """What `Outcome.to_json` wrote; None for anything else."""
    try:
        record, findings, written, state, hooked, reported = json.loads(content)
        return Outcome(
            Manifest(cast("ManifestRecord", record)),
            tuple(_finding(*values) for values in findings),
            _files(written),
            state,
            bool(hooked),
            bool(reported),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def written_to_json(files: Mapping[str, WrittenFile]) -> bytes:
    """Artifacts by file name, as text for the database."""
    return json.dumps(_plain_files(files), separators=(",", ":")).encode()


def written_from_json(content: bytes) -> Mapping[str, WrittenFile]:
    """What `written_to_json` wrote; nothing for anything else."""
    try:
        return _files(json.loads(content))
    except (ValueError, TypeError, AttributeError):
        return {}


def _plain_files(files: Mapping[str, WrittenFile]) -> Mapping[str, tuple[str, tuple[int, ...], str]]:
    return {name: (file.fingerprint, (*file.stamp,), file.sha256) for name, file in files.items()}


def _files(plain: Mapping[str, tuple[str, tuple[int, ...], str]]) -> Mapping[str, WrittenFile]:
    return {name: WrittenFile(mark, Stamp(*stamp), sha256) for name, (mark, stamp, sha256) in plain.items()}


def _plain(finding: Finding) -> tuple[object, ...]:
    at = (finding.at.path, finding.at.line, finding.at.column) if finding.at else None
    return finding.code.id, finding.severity.value, finding.message, at, finding.hint, finding.function


def _finding(
    code: str, severity: str, message: str, at: tuple[str, int, int] | None, hint: str | None, function: str | None
) -> Finding:
    return Finding(_CODES[code], Severity(severity), message, Location(*at) if at else None, hint, function)
