"""The promise that every plugin has to keep: what is kept, and what is made anew, have the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.report import Manifest
from slspack.testing.service import BuiltService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.api import Options
    from slspack.testing.artifacts import BuiltArtifact, BuiltLayer
    from slspack.testing.service import ServiceBuilder

_BUILDING = """\
import json, sys
from slspack.api import build
print(json.dumps(build(sys.argv[1], **json.loads(sys.argv[2])).record))
"""


def assert_reproducible(built: BuiltService) -> None:
    """See that the same bytes and the same fingerprints come out however often and wherever a service is built.

    The service is built again as it stands, where everything is kept; again without what its folder keeps, where only
    the store helps; and by another process, in another folder and with an empty store, where nothing does: there the
    order of sets is another one, too. Call it before the service's files are changed. Raises AssertionError that names
    the build, the artifact and the first file that differs, which is what a plugin does whose hooks depend on more
    than they are given.
    """
    service, options = built.service, built.options
    before = _Seen.of(built)
    before.compare(service.build(**options), "a second build, with nothing changed,")
    shutil.rmtree(service.root / ".slspack")
    before.compare(service.build(**options), "a build that had only the store")
    before.compare(_built_elsewhere(service.elsewhere("elsewhere"), options), "a build from nothing")


def _built_elsewhere(service: ServiceBuilder, options: Options) -> BuiltService:
    """The same build by an interpreter of its own, whose hashes of strings are others."""
    environment = {**service.environment, **options.get("environment", {})}
    given: Options = {**options, "environment": environment}
    given.pop("out", None)
    done = subprocess.run(
        [sys.executable, "-c", _BUILDING, str(service.root), json.dumps(given, default=_plain)],
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": _other_seed()},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"a build from nothing failed:\n{done.stderr}")
    return BuiltService(service, given, Manifest(json.loads(done.stdout)))


def _plain(value: object) -> object:
    """An option of another kind than JSON has: a path, or several names."""
    return os.fspath(value) if isinstance(value, os.PathLike) else list(value)  # type: ignore[call-overload]


def _other_seed() -> str:
    return "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The artifacts of a build, as they were right after it."""

    artifacts: Mapping[str, tuple[str, str | None, Mapping[str, bytes]]]
    """By title: fingerprint, sha256 and files."""

    @classmethod
    def of(cls, built: BuiltService) -> _Seen:
        return cls({artifact.title: _seen(artifact) for artifact in built.artifacts})

    def compare(self, again: BuiltService, build: str) -> None:
        now = _Seen.of(again).artifacts
        if now.keys() != self.artifacts.keys():
            raise AssertionError(f"{build} gave {', '.join(now)}, not {', '.join(self.artifacts)}")
        for title, (fingerprint, sha256, files) in self.artifacts.items():
            other_fingerprint, other_sha256, other_files = now[title]
            differing = _first_difference(files, other_files)
            if differing:
                raise AssertionError(f"{build} made {title} another one: {differing}")
            if (fingerprint, sha256) != (other_fingerprint, other_sha256):
                what = "another archive of the same files" if sha256 != other_sha256 else "one with another fingerprint"
                raise AssertionError(f"{build} made {title} {what}")


def _seen(artifact: BuiltArtifact | BuiltLayer) -> tuple[str, str | None, Mapping[str, bytes]]:
    return artifact.record["fingerprint"], artifact.record["sha256"], artifact.files


def _first_difference(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> str:
    for name in sorted({*before, *now}):
        if name not in now:
            return f"`{name}` is missing"
        if name not in before:
            return f"`{name}` is new"
        if before[name] != now[name]:
            return f"`{name}` has other content"
    return ""
