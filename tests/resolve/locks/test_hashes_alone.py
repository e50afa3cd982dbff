"""A lock that has hashes alone, of a source among them: Pipfile.lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.index import package_index
from tests.support.resolving import ServiceFolder, pins
from tests.support.wheels import make_sdist, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = """\
import zipfile

def build_wheel(folder, settings=None, metadata=None):
    name = "solo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("solo.py", "")
        wheel.writestr("solo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: solo\\nVersion: 1.0\\n")
        wheel.writestr("solo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("solo-1.0.dist-info/RECORD", "")
    return name
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def test_what_has_a_source_alone_is_built(tmp_path: Path) -> None:
    with package_index(tmp_path / "index") as index:
        sdist = make_sdist(index.folder, "solo", "1.0", {"backend.py": BACKEND, "pyproject.toml": PROJECT})
        package = {"hashes": [f"sha256:{sha256_of(sdist)}"], "index": "main", "version": "==1.0"}
        meta = {"pipfile-spec": 6, "sources": [{"name": "main", "url": index.url, "verify_ssl": True}]}
        service = ServiceFolder.make(tmp_path, index.url)
        service.put("Pipfile.lock", json.dumps({"_meta": meta, "default": {"solo": package}, "develop": {}}))
        lock = service.resolve(files=("Pipfile.lock",))
        assert pins(lock) == ["solo==1.0"]
        assert lock.distributions[0].built is not None
        assert lock.distributions[0].built.source_digest == sha256_of(sdist)
    # Kept, so that neither the index nor a builder is asked again.
    assert service.resolve(files=("Pipfile.lock",)).distributions == lock.distributions
