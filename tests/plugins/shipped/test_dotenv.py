"""The plugin `dotenv`: what local runs get of `.env` files, and what has to be there."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slspack.engine import Engine
from slspack.errors import SlspackError
from slspack.model import ArtifactFormat
from slspack.options import LoadOptions
from slspack.progress import Silence
from slspack.request import BuildRequest
from tests.support.bench import Bench
from tests.support.watching import Watching

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-is-not-for-you"
CONFIG = """\
service: shop
runtime: python%s.%s
plugins:
  - use: dotenv
    options: {%s}
patterns: ['**', '.env', '!told.txt']
functions: {api: app.handler}
"""
APP = """
import os
import settings
SEEN = os.environ.get("TABLE")
def handler(event, context):
    return [SEEN, settings.TABLE, *sorted(name for name in os.environ if name.startswith("X_"))]
"""


def config(options: str = "") -> str:
    return CONFIG % (*sys.version_info[:2], options)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "service", tmp_path / "store")
    made.write({"slspack.yml": config(), "app.py": APP, "settings.py": "import os\nTABLE = os.environ.get('TABLE')\n"})
    return made


def variables(bench: Bench, stage: str = "dev", environment: dict[str, str] | None = None) -> dict[str, str]:
    """What a local run gets besides its environment."""
    load = LoadOptions(stage=stage, environment=environment or {})
    engine = Engine(BuildRequest(bench.root, load, format=ArtifactFormat.DIRECTORY, runs=True), Silence())
    engine.build()
    return dict(engine.variables)


def test_the_nearest_file_counts(bench: Bench) -> None:
    files = [".env", ".env.dev", ".env.local", ".env.dev.local"]
    for count, file in enumerate(files):
        bench.write({file: f"WHO={file}\nIN_{count}=yes\n"})
        found = variables(bench)
        assert found["WHO"] == file
        assert [name for name in found if name.startswith("IN_")] == [f"IN_{n}" for n in range(count + 1)]
    assert variables(bench, "prod")["WHO"] == ".env.local"
    bench.write({".env.test": "WHO=.env.test"})
    assert variables(bench, "test")["WHO"] == ".env.test"
    assert variables(bench, "prod", {"NODE_ENV": "dev"})["WHO"] == ".env.dev.local"
    bench.write({"slspack.yml": config("environment: test")})
    assert variables(bench, "prod", {"NODE_ENV": "dev"})["WHO"] == ".env.test"


def test_the_files_may_lie_elsewhere(bench: Bench) -> None:
    bench.write({"../shared/.env": "WHO=shared", ".env": "WHO=here", "slspack.yml": config("path: ../shared")})
    assert variables(bench) == {"WHO": "shared"}


def test_values_may_refer_to_others(bench: Bench) -> None:
    bench.write({".env": "URL=http://$HOST:${PORT:-80}/\nHOST=one\n", ".env.local": "HOST=two\n"})
    assert variables(bench)["URL"] == "http://two:80/"
    assert variables(bench, environment={"HOST": "mine"})["URL"] == "http://mine:80/"
    bench.write({"slspack.yml": config("variableExpansion: false")})
    assert variables(bench)["URL"] == "http://$HOST:${PORT:-80}/"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("", ["A", "DB_HOST", "DB_PASS"]),
        ("include: [A, 'DB_H*']", ["A", "DB_HOST"]),
        ("include: []", []),
        ("exclude: [DB_*]", ["A"]),
        ("include: [A], exclude: [A]", ["A"]),
    ],
)
def test_which_variables_local_runs_get(bench: Bench, options: str, names: list[str]) -> None:
    bench.write({".env": "A=1\nDB_HOST=h\nDB_PASS=p\n", "slspack.yml": config(options)})
    assert sorted(variables(bench)) == names


def test_what_is_required_has_to_be_there(bench: Bench) -> None:
    bench.write(
        {".env": "A=1\nEMPTY=\n", ".env.local": "B=2", "slspack.yml": config("required: {env: [A, B, C, EMPTY]}")}
    )
    result = bench.slspack("build")
    assert result.status == 1
    where = "which the plugin `dotenv` requires, is not in `.env` or `.env.local`, nor in the environment"
    assert result.err == (
        f"error[SLS0807]: the variable `C`, {where}\n  --> .env.local\n"
        "  hint: write `C=…` into `.env.local`, or take it out of `required.env`\n"
        f"error[SLS0807]: the variable `EMPTY`, {where}\n  --> .env.local\n"
        "  hint: write `EMPTY=…` into `.env.local`, or take it out of `required.env`\n"
    )
    assert bench.slspack("build", C="set", EMPTY="set").status == 0
    bench.write({".env.dev.local": "C=3\nEMPTY=4"})
    assert bench.slspack("build").status == 0


def test_a_file_may_be_required(bench: Bench) -> None:
    bench.write({"slspack.yml": config("required: {file: true}")})
    result = bench.slspack("build")
    assert "there is no `.env` file for local runs: `.env`, `.env.dev`, `.env.local` or `.env.dev.local`" in result.err
    bench.write({".env.local": ""})
    assert bench.slspack("build").status == 0


def test_a_file_that_is_no_text_is_an_error_without_its_content(bench: Bench) -> None:
    bench.write({".env": f"A={SECRET}\n".encode("utf-16")})
    result = bench.slspack("build", "--debug")
    assert result.status == 1
    assert "error[SLS0807]: `.env` is not in UTF-8\n  --> .env" in result.err
    assert SECRET not in result.err.replace("\0", "")


def test_a_change_is_noticed_and_an_artifact_stays(bench: Bench) -> None:
    bench.write({".env": "A=1"})
    engine = Engine(BuildRequest(bench.root, LoadOptions(), format=ArtifactFormat.DIRECTORY, live=True), Silence())
    engine.build()
    assert engine.variables == {"A": "1"}
    bench.write({".env": "A=2"})
    cached = [one["cached"] for one in engine.build().manifest.record["functions"].values()]
    assert (engine.variables, cached) == ({"A": "2"}, [True])
    bench.write({".env.local": "A=3"})
    engine.build()
    assert engine.variables == {"A": "3"}
    (bench.root / ".env.local").unlink()
    engine.build()
    assert engine.variables == {"A": "2"}


def test_a_build_with_nothing_to_do_notices_what_it_requires(bench: Bench) -> None:
    bench.write({".env": "A=1", "slspack.yml": config("required: {env: [A]}")})
    bench.build()
    assert bench.build()["functions"]["api"]["cached"]
    bench.write({".env": "B=1"})
    assert bench.slspack("build").status == 1
    assert bench.slspack("build", A="set").status == 0
    assert bench.slspack("build").status == 1


def test_a_watched_build_waits_for_a_file_that_is_not_there(bench: Bench) -> None:
    from slspack.watching.building import EngineRebuilder

    bench.write({"slspack.yml": config("required: {env: [A]}")})
    rebuilder = EngineRebuilder(BuildRequest(bench.root, LoadOptions()), Silence())
    with pytest.raises(SlspackError):
        rebuilder.build(None)
    watched = {path.name for path in rebuilder.inputs().files}
    assert {".env", ".env.dev", ".env.local", ".env.dev.local"} <= watched
    bench.write({".env.local": "A=1"})
    rebuilder.build(frozenset({bench.root / ".env.local"}))


def test_no_value_is_in_anything_that_is_made_or_said(bench: Bench) -> None:
    bench.write({".env": f"PASSWORD={SECRET}\nX_{'A' * 8}=1\n", "sub/.env.production": f"PASSWORD={SECRET}\n"})
    said = [
        bench.slspack("build", "--json", "--debug"),
        bench.slspack("build", "-v", "--explain-cache"),
        bench.slspack("plan", "--json"),
        bench.slspack("config", "--json"),
        bench.slspack("plugins"),
        bench.slspack("build", "--format", "dir", "--live", "--json", "-v"),
    ]
    assert [one.status for one in said[:3]] == [0, 0, 0]
    assert SECRET not in "".join(one.out + one.err for one in said)
    places = (bench.root / ".slspack", bench.root / "slspack_dist", bench.store)
    holding = [
        path for place in places for path in place.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    given = bench.root / ".slspack/live/.variables.json"
    assert holding == [given]
    assert stat.S_IMODE(given.stat().st_mode) & 0o077 == 0
    assert [name for name in bench.names_in("api") if ".env" in name] == []
    bench.write({"slspack.yml": config("include: []")})
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    assert not given.exists()


def test_an_emulators_process_has_the_variables(bench: Bench) -> None:
    bench.write({".env": "TABLE=local\nX_A=1\nX_B=2\n"})
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    code = "import json; from app import handler; print(json.dumps(handler({}, None)))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=bench.root,
        env={"PYTHONPATH": ".slspack/live", "X_B": "mine"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == ["local", "local", "X_A", "X_B"], done.stderr


def test_what_watch_runs_has_the_variables(bench: Bench, tmp_path: Path) -> None:
    bench.write({".env": "WHO=Ada", ".gitignore": ".env\n"})
    line = 'echo "$WHO $MINE" > "$SLSPACK_OUTPUT/told.tmp" && mv "$SLSPACK_OUTPUT/told.tmp" told.txt'
    told = bench.root / "told.txt"
    with Watching(bench.root, tmp_path, "--exec", line, MINE="set") as events:
        # `told.txt` stands in the service, so that it starts a build.
        events.until(lambda event: event["event"] == "built" and event["changed"] == ["told.txt"])
        assert told.read_text() == "Ada set\n"
        bench.write({".env": "WHO=Grace\nMINE=other"})
        events.until(lambda event: event["event"] == "built" and event["changed"] == ["told.txt"])
        assert told.read_text() == "Grace set\n"
        assert events.end() == 0
