"""What a build writes and prints: artifacts in place, manifest, JSON, silence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

import slspack
from tests.support.bench import REPOSITORY
from tests.support.wheels import make_wheel, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.bench import Bench

HANDLER = "def handler(event, context): ...\n"


@pytest.fixture
def service(bench: Bench) -> Bench:
    """Two functions, one of which needs a distribution that needs another."""
    assert bench.index
    make_wheel(bench.index.folder, "alpha", files={"alpha/__init__.py": "", "alpha/data": "x" * 100}, requires=["beta"])
    make_wheel(bench.index.folder, "beta")
    bench.write(
        {
            "serverless.yml": "service: two\nprovider: {name: aws, runtime: python3.13, stage: test}\n"
            "package: {individually: true}\n"
            "functions:\n  api: {handler: src/api.handler}\n  cron: {handler: cron.handler, architecture: x86_64}\n",
            "requirements.txt": "alpha\n",
            "src/api.py": f"import alpha, beta, helper\n{HANDLER}",
            "src/helper.py": "",
            "cron.py": HANDLER,
        }
    )
    return bench


def test_the_manifest_is_as_documented(service: Bench) -> None:
    assert service.index
    result = service.slspack("build", "--json")
    manifest = json.loads(result.out)
    assert json.loads((service.root / ".slspack/dist/manifest.json").read_text("utf-8")) == manifest
    assert list(manifest) == ["schema", "slspack", "service", "stage", "functions", "layers", "warnings", "timings"]
    timings = manifest.pop("timings")
    assert all(isinstance(seconds, float) and seconds >= 0 for seconds in timings.values())
    wheels = service.index.folder
    artifact = service.artifact("api")
    with zipfile.ZipFile(artifact) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    fingerprints = {name: record.pop("fingerprint") for name, record in manifest["functions"].items()}
    assert len(set(fingerprints.values())) == 2
    assert manifest["functions"]["api"] == {
        "artifact": ".slspack/dist/api.zip",
        "sha256": sha256_of(artifact),
        "bytes": artifact.stat().st_size,
        "unzipped_bytes": sum(sizes.values()),
        "entries": len(sizes),
        "handler": "src/api.handler",
        "runtime": "python3.13",
        "architecture": "x86_64",
        "modules": ["src/api.py", "src/helper.py"],
        "distributions": [
            {
                "name": "alpha",
                "version": "1.0",
                "wheel": "alpha-1.0-py3-none-any.whl",
                "sha256": sha256_of(wheels / "alpha-1.0-py3-none-any.whl"),
                "bytes": sum(size for name, size in sizes.items() if name.startswith("alpha")),
                "direct": True,
                "via": ["src.api"],
                "built": None,
            },
            {
                "name": "beta",
                "version": "1.0",
                "wheel": "beta-1.0-py3-none-any.whl",
                "sha256": sha256_of(wheels / "beta-1.0-py3-none-any.whl"),
                "bytes": sum(size for name, size in sizes.items() if name.startswith("beta")),
                "direct": False,
                "via": ["src.api", "alpha"],
                "built": None,
            },
        ],
        "excluded": {"files": 2, "bytes": manifest["functions"]["api"]["excluded"]["bytes"]},
        "image": None,
        "cached": False,
        "layers": [],
    }
    assert manifest["functions"]["cron"]["excluded"]["files"] == 9  # all that the two wheels hold
    assert {key: manifest[key] for key in ("schema", "slspack", "service", "stage", "layers")} == {
        "schema": "slspack-manifest/1",
        "slspack": slspack.__version__,
        "service": "two",
        "stage": "test",
        "layers": {},
    }
    assert manifest["warnings"] == [
        {
            "code": "SLS0402",
            "message": "`src.api` imports `beta` of `beta`, which is in the lock only because `alpha` requires it",
            "file": "src/api.py",
            "line": 1,
        }
    ]


def test_json_goes_to_standard_output_and_what_is_for_people_to_standard_error(service: Bench) -> None:
    result = service.spawn("build", "--json")
    assert json.loads(result.out)["schema"] == "slspack-manifest/1"
    assert result.err.startswith("warning[SLS0402]: ")
    plain = service.spawn("build")
    assert plain.out == ""
    assert "unchanged" in plain.err
    quiet = service.spawn("build", "-q")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


def test_in_a_pipe_there_is_no_colour_and_no_progress(service: Bench) -> None:
    result = service.spawn("build", FORCE_COLOR="", TERM="xterm-256color")
    assert "\x1b" not in result.err
    assert "\r" not in result.err


def test_somewhere_else(service: Bench, tmp_path: Path) -> None:
    out = tmp_path / "out/deep"
    manifest = service.build("--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["api.zip", "cron.zip", "manifest.json"]
    assert manifest["functions"]["api"]["artifact"] == "../out/deep/api.zip"
    assert not (service.root / ".slspack/dist").exists()


def test_a_relative_out_is_of_the_folder_where_the_command_runs(service: Bench, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "slspack", "build", "-q", "-C", "service", "--out", "built"]
    environment = service.variables | {"PYTHONPATH": str(REPOSITORY)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert sorted(path.name for path in (tmp_path / "built").iterdir()) == ["api.zip", "cron.zip", "manifest.json"]


def test_folders_hold_what_the_zips_hold(service: Bench) -> None:
    service.build()
    manifest = service.build("--format", "dir")
    record = manifest["functions"]["api"]
    assert (record["artifact"], record["sha256"], record["bytes"]) == ("slspack_dist/api", None, 0)
    for name in ("api", "cron"):
        folder = service.folder(name)
        with zipfile.ZipFile(service.artifact(name)) as archive:
            zipped = {
                info.filename: (info.external_attr >> 16 & 0o777, archive.read(info)) for info in archive.infolist()
            }
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {
            path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes()) for path in files
        } == zipped


def test_a_folder_is_replaced_whole(service: Bench) -> None:
    service.build("--format", "dir")
    folder = service.folder("api")
    (folder / "left-over.py").write_text("")
    service.write({"src/api.py": HANDLER})
    service.build("--format", "dir")
    assert not (folder / "left-over.py").exists()
    assert not (folder / "helper.py").exists()


def test_only_some_functions(service: Bench) -> None:
    manifest = service.build("-f", "cron")
    assert list(manifest["functions"]) == ["cron"]
    assert sorted(path.name for path in (service.root / ".slspack/dist").iterdir()) == ["cron.zip", "manifest.json"]
    service.build("-f", "api")
    assert service.artifact("cron").is_file()
    written = json.loads((service.root / ".slspack/dist/manifest.json").read_bytes())
    assert written["functions"] == {**manifest["functions"], "api": written["functions"]["api"]}
    assert service.build("-f", "cron", "-f", "api")["functions"]["api"]["cached"]
    alone = service.artifact("api").read_bytes()
    service.slspack("clean")
    service.build()
    assert service.artifact("api").read_bytes() == alone


def test_what_is_unchanged_is_not_touched(service: Bench) -> None:
    service.build()
    os.utime(service.artifact("api"), (1, 1))
    os.utime(service.artifact("cron"), (1, 1))
    service.write({"cron.py": f"# changed\n{HANDLER}"})
    manifest = service.build()
    assert {name: record["cached"] for name, record in manifest["functions"].items()} == {"api": True, "cron": False}
    assert service.artifact("api").stat().st_mtime == 1
    assert service.artifact("cron").stat().st_mtime > 1


def test_an_artifact_that_was_altered_is_written_again(service: Bench) -> None:
    service.build()
    good = service.artifact("api").read_bytes()
    for bad in (b"", good[:-1], good[:-1] + b"x"):
        service.artifact("api").write_bytes(bad)
        assert not service.build()["functions"]["api"]["cached"]
        assert service.artifact("api").read_bytes() == good


@pytest.mark.parametrize("text", ["", "{", "[]", '{"functions": {"api": {}}}', '{"functions": []}'])
def test_a_damaged_manifest_is_written_anew(service: Bench, text: str) -> None:
    functions = service.build()["functions"]
    place = service.artifact("api").with_name("manifest.json")
    place.write_text(text)
    again = service.build()
    assert json.loads(place.read_text("utf-8")) == again
    assert {name: one["sha256"] for name, one in again["functions"].items()} == {
        name: one["sha256"] for name, one in functions.items()
    }


def test_a_second_build_needs_no_network(service: Bench) -> None:
    assert service.index
    service.build()
    before = {name: service.artifact(name).read_bytes() for name in ("api", "cron")}
    shutil.rmtree(service.root / ".slspack/dist")
    asked = len(service.index.requests)
    service.build()
    assert len(service.index.requests) == asked
    assert {name: service.artifact(name).read_bytes() for name in ("api", "cron")} == before


def test_plan_writes_nothing_and_knows_what_will_be_written(service: Bench) -> None:
    result = service.slspack("plan", "--json")
    assert not (service.root / ".slspack/dist").exists()
    plan = json.loads(result.out)["artifacts"]["api"]
    record = service.build()["functions"]["api"]
    for key in ("fingerprint", "entries", "unzipped_bytes"):
        assert plan[key] == record[key]
    assert [file["name"] for file in plan["files"]] == ["helper.py", "src/api.py"]
    assert service.index
    assert {file["source"]: file["sha256"] for file in plan["files"]} == {
        name: sha256_of(service.root / name) for name in ("src/helper.py", "src/api.py")
    }


def test_clean_takes_away_what_builds_left(service: Bench) -> None:
    before = sorted(service.root.rglob("*"))
    service.build()
    assert service.slspack("clean").status == 0
    assert sorted(service.root.rglob("*")) == before
    assert service.slspack("clean").status == 0
