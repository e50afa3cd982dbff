"""`slspack build --explain-cache`: why each artifact was or was not written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.edits import lock_text
from tests.support.index import package_index
from tests.support.twins import rewrite_in_place
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions: {api: {handler: app.handler}, web: {handler: web.handler}}
"""
UNKNOWN = ["nothing is known of an earlier build"]
HANDLER = "def handler(event, context): return 1\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        for name in ("alpha", "beta"):
            for version in ("1.0", "2.0"):
                make_wheel(index.folder, name, version)
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        service.write({"serverless.yml": SERVICE, "app.py": f"import alpha, shared\n{HANDLER}", "web.py": HANDLER})
        service.write({"shared.py": "VALUE = 1\n", "pylock.toml": lock_text({"alpha": "1.0"}, index)})
        assert reasons(service) == {"api": UNKNOWN, "web": UNKNOWN}
        yield service


def reasons(bench: Bench) -> dict[str, list[str]]:
    """What is printed for each artifact, digests as `#`."""
    result = bench.slspack("build", "--explain-cache")
    assert result.status == 0, result.err
    said: dict[str, list[str]] = {}
    for line in result.err.splitlines():
        if line in ("api:", "web:"):
            said[line[:-1]] = []
        elif said and line.startswith("  "):
            said[list(said)[-1]].append(_without_digests(line[2:]))
    return said


def _without_digests(line: str) -> str:
    words = (word.strip("()") for word in line.split())
    return " ".join("#" if len(word) == 12 and set(word) <= set("0123456789abcdef") else word for word in words)


SAME = ["unchanged: its key is # as before"]


def test_nothing_changed(bench: Bench) -> None:
    assert reasons(bench) == {"api": SAME, "web": SAME}


def test_a_file_changed_and_another_came_and_went(bench: Bench) -> None:
    bench.write({"shared.py": "VALUE = 2\n"})
    assert reasons(bench) == {"api": ["file `shared.py` changed: # → #"], "web": SAME}
    bench.write({"web.py": f"import shared\n{HANDLER}"})
    assert reasons(bench) == {"api": SAME, "web": ["new file `shared.py` #", "file `web.py` changed: # → #"]}
    bench.write({"web.py": HANDLER})
    assert reasons(bench)["web"] == ["file `shared.py` # is gone", "file `web.py` changed: # → #"]
    (bench.root / "web.py").chmod(0o755)
    assert reasons(bench) == {"api": SAME, "web": ["file `web.py` changed: # → # executable"]}


def test_a_lock_changed(bench: Bench) -> None:
    assert bench.index is not None
    bench.write({"pylock.toml": lock_text({"alpha": "2.0"}, bench.index)})
    assert reasons(bench) == {"api": ["distribution `alpha` changed: 1.0 # → 2.0 #"], "web": SAME}
    bench.write({"app.py": f"import alpha, beta, shared\n{HANDLER}"})
    bench.write({"pylock.toml": lock_text({"alpha": "2.0", "beta": "1.0"}, bench.index)})
    assert reasons(bench)["api"] == ["file `app.py` changed: # → #", "new distribution `beta` 1.0 #"]


def test_what_changes_no_artifact(bench: Bench) -> None:
    (bench.root / "shared.py").touch()
    bench.write({"unused.py": "", "serverless.yml": f"# a comment\n{SERVICE}"})
    assert reasons(bench) == {"api": SAME, "web": SAME}


def test_an_artifact_was_altered_or_is_missing(bench: Bench) -> None:
    again = ["its key is # as before, but the file is missing or was altered"]
    rewrite_in_place(bench.root / ".slspack/dist/api.zip", b"not a zip")
    assert reasons(bench) == {"api": again, "web": SAME}
    (bench.root / ".slspack/dist/web.zip").unlink()
    assert reasons(bench) == {"api": SAME, "web": again}


def test_another_version_of_slspack_knows_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slspack.engine.keeping.__version__", "99")
    assert reasons(bench) == {"api": SAME, "web": SAME}


def test_another_contract_of_artifacts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slspack.bundle.renewal.FORMAT_VERSION", "99")
    bench.write({"unused.py": ""})
    again = ["another version of slspack or of its compressor wrote it"]
    assert reasons(bench) == {"api": again, "web": again}


def test_nothing_is_said_unless_asked(bench: Bench) -> None:
    assert "its key is" not in bench.slspack("build").err
    assert bench.slspack("build", "--explain-cache", "-q").err == ""


def test_a_function_that_comes_back_finds_its_artifact(bench: Bench) -> None:
    """Nobody has taken the zip away meanwhile, and what was built in between was only for others."""
    bench.write({"serverless.yml": SERVICE.replace(", web: {handler: web.handler}", "")})
    assert list(reasons(bench)) == ["api"]
    bench.write({"serverless.yml": SERVICE})
    before = (bench.artifact("web").stat(), bench.artifact("api").stat())
    assert bench.build("-f", "api")["functions"].keys() == {"api"}
    assert bench.build()["functions"]["web"]["cached"]
    assert (bench.artifact("web").stat(), bench.artifact("api").stat()) == before
