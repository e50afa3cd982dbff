"""A build with nothing to do: what it reads, what it loads, and what it leaves alone; and what others load."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import witness
from tests.support.bench import REPOSITORY, Bench
from tests.support.edits import lock_text
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = """\
service: shop
useDotenv: true
provider: {name: aws, runtime: python3.13}
package: {individually: true, patterns: ['notes/**']}
functions: {api: {handler: app.handler}, web: {handler: web.handler}}
"""
HEAVY = (
    "requests", "urllib3", "packaging", "yaml", "rich", "uv", "docker", "httpx", "filelock", "platformdirs", "deflate",
    "watchfiles", "pathspec", "certifi", "idna", "charset_normalizer",
    "concurrent", "email", "http", "socket", "ssl", "subprocess", "tempfile", "zipfile", "tomllib", "asyncio",
    "logging", "slspack.resolve", "slspack.trace", "slspack.bundle", "slspack.config", "slspack.registry",
    "slspack.wheels", "slspack.store", "slspack.watching", "slspack.pipeline", "slspack.analysis", "slspack.edges",
    "slspack.output", "slspack.live", "slspack.model.service", "slspack.engine.codec", "pickle",
)  # fmt: skip

UNTOUCHED = (
    "requests", "urllib3", "packaging", "yaml", "rich", "uv", "docker", "httpx", "filelock", "platformdirs",
    "watchfiles", "pathspec", "certifi", "idna", "charset_normalizer",
    "concurrent", "email", "http", "ssl", "subprocess", "tempfile", "zipfile", "tomllib", "asyncio", "logging",
    "secrets", "shutil", "importlib.resources",
    "slspack.resolve", "slspack.config", "slspack.registry", "slspack.targets", "slspack.live", "slspack.wheels.source",
    "slspack.wheels.archive", "slspack.wheels.remote", "slspack.wheels.layout",
    "slspack.watch", "slspack.trace.walk", "slspack.trace.edges", "slspack.trace.finder", "slspack.trace.lenient",
    "slspack.trace.closure", "slspack.bundle.plan", "slspack.bundle.collect", "slspack.bundle.patterns",
    "slspack.bundle.shares", "slspack.bundle.directory", "slspack.bundle.members", "slspack.check.native",
)  # fmt: skip
"""What an edit that touches no import has no use for."""

UNUSED = (
    "rich", "docker", "httpx", "filelock", "platformdirs", "watchfiles", "pathspec", "pluggy", "asyncio", "build",
    "elftools", "tarfile", "requests", "urllib.request",
    "slspack.api", "slspack.cdk", "slspack.cleaning", "slspack.container", "slspack.deploy", "slspack.doctor",
    "slspack.hooks", "slspack.live", "slspack.locking", "slspack.migrating", "slspack.scaffold", "slspack.watching",
    "slspack.config.deployed", "slspack.config.elsewhere", "slspack.config.inherited", "slspack.config.own",
    "slspack.config.resolved", "slspack.config.template", "slspack.config.variables.dotenv",
    "slspack.builds.cross", "slspack.builds.firstparty", "slspack.builds.image", "slspack.builds.isolated",
    "slspack.builds.layouts", "slspack.builds.making", "slspack.builds.orders", "slspack.builds.project",
    "slspack.builds.unpacking", "slspack.builds.versions", "slspack.builtlayers",
    "slspack.resolve.locks.reading", "slspack.resolve.pip_tools", "slspack.resolve.projects.pipfile",
    "slspack.plugins.loading", "slspack.plugins.shipped",
    "slspack.trace.explanation", "slspack.trace.inlayers", "slspack.trace.lenient", "slspack.trace.named",
    "slspack.trace.superset", "slspack.trace.wheelsources", "slspack.bundle.directory", "slspack.bundle.layers",
)  # fmt: skip
"""What a first build of pure wheels from an index has no use for."""
LIBRARIES = frozenset({
    "click", "yaml", "packaging", "urllib3", "certifi", "uv", "deflate",
    "cython_runtime",  # PyYAML's C loader brings it
})  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What a process did: the files that it opened below the service and elsewhere, and the modules that it loaded."""

    own: list[str]
    folders: list[str]
    other: list[tuple[str, str]]
    modules: set[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha")
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        files = {
            "app.py": "import alpha, shared.a\ndef handler(event, context): return 1\n",
            "shared/a.py": "",
            ".env": "",
        }
        service.write({**files, "serverless.yml": SERVICE, "web.py": files["app.py"], "notes/a.txt": "a"})
        service.write({"pylock.toml": lock_text({"alpha": "1.0"}, index)})
        service.build()
        service.build()  # sees slspack's own folder beside the service's files
        yield service


def seen(bench: Bench, *arguments: str) -> Seen:
    """Build in a process of its own."""
    report = bench.root.parent / "report.json"
    subprocess.run(
        [sys.executable, witness.__file__, str(report), "build", "-C", str(bench.root), *arguments],
        env=bench.variables | {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )
    found = json.loads(report.read_text())
    assert found["status"] == 0
    root = str(bench.root)
    below = [(event, os.path.relpath(path, root)) for event, path in found["seen"] if path.startswith(root)]
    libraries = tuple(str(Path(path).resolve()) for path in {sys.prefix, sys.base_prefix, str(REPOSITORY)})
    outside = [(event, path) for event, path in found["seen"] if not path.startswith((root, *libraries, sys.prefix))]
    return Seen(
        own=[path for event, path in below if event == "open"],
        folders=[path for event, path in below if event != "open"],
        other=outside,
        modules=set(found["modules"]),
    )


def age(bench: Bench) -> None:
    """Have the last build lie further back than the tick of any clock, as it does for people."""
    from slspack.engine.inputs import inputs_from_json

    connection = sqlite3.connect(bench.root / ".slspack/state.db")
    for key, value in connection.execute("SELECT key, value FROM kept WHERE kind = 'inputs'").fetchall():
        inputs = inputs_from_json(value)
        assert inputs is not None
        text = value.replace(str(inputs.seen_at).encode(), str(inputs.seen_at + 10**10).encode())
        connection.execute("UPDATE kept SET value = ? WHERE kind = 'inputs' AND key = ?", (text, key))
    connection.commit()
    connection.close()


def test_only_metadata_is_read(bench: Bench) -> None:
    age(bench)
    found = seen(bench)
    manifests = [path for path in found.own if path.startswith(".slspack/dist/.manifest.json.")]
    assert (found.own, len(manifests)) == (manifests, 1)
    assert found.folders == [".slspack/state.db"]
    assert found.other == []


def test_what_was_written_just_now_is_read_once_more_at_most(bench: Bench) -> None:
    assert "app.py" in seen(bench).own
    age(bench)
    assert len(seen(bench).own) == 1


@pytest.mark.parametrize("arguments", [(), ("-q",), ("--json",), ("--explain-cache",), ("-v",)])
def test_modules_that_are_loaded(bench: Bench, arguments: tuple[str, ...]) -> None:
    age(bench)
    modules = seen(bench, *arguments).modules
    heavy = {name for name in HEAVY if any(f"{module}.".startswith(f"{name}.") for module in modules)}
    assert heavy == set()
    third_parties = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    assert third_parties - sys.stdlib_module_names - {"slspack", "click"} == set()


def test_artifacts_keep_their_files(bench: Bench) -> None:
    places = [bench.root / f".slspack/dist/{name}.zip" for name in ("api", "web")]
    before = [(place.stat(), place.read_bytes()) for place in places]
    record = bench.build()
    assert [function["cached"] for function in record["functions"].values()] == [True, True]
    after = [(place.stat(), place.read_bytes()) for place in places]
    assert [(s.st_ino, s.st_mtime_ns, s.st_ctime_ns, b) for s, b in before] == [
        (s.st_ino, s.st_mtime_ns, s.st_ctime_ns, b) for s, b in after
    ]


def test_one_edit_reads_that_file_and_writes_what_it_reaches(bench: Bench) -> None:
    age(bench)
    web = (bench.root / ".slspack/dist/web.zip").stat()
    bench.write({"app.py": "import alpha\ndef handler(event, context): return 2\n"})
    found = seen(bench)
    assert {path for path in found.own if not path.startswith(".slspack")} == {"app.py", "notes/a.txt"}
    assert (bench.root / ".slspack/dist/web.zip").stat() == web


def test_an_edit_takes_all_else_from_the_artifacts_that_are_there(bench: Bench) -> None:
    age(bench)
    bench.write({"shared/a.py": "# edited\n"})
    found = seen(bench)
    assert {path for path in found.own if not path.startswith(".slspack")} == {"shared/a.py"}
    read = {path for path in found.own if path.startswith(".slspack/dist/") and not path.startswith(".slspack/dist/.")}
    assert read == {".slspack/dist/api.zip", ".slspack/dist/web.zip"}
    assert found.other == [], "no segment is opened"
    assert_fresh(bench)


def assert_fresh(bench: Bench) -> None:
    """The artifacts are those that a build from nothing gives."""
    places = [bench.root / f".slspack/dist/{name}.zip" for name in ("api", "web")]
    contents = [place.read_bytes() for place in places]
    shutil.rmtree(bench.root / ".slspack")
    bench.build()
    assert [place.read_bytes() for place in places] == contents


def test_an_artifact_that_is_not_what_was_noted_is_made_of_its_parts(bench: Bench) -> None:
    place = bench.root / ".slspack/state.db"
    with closing(sqlite3.connect(place)) as connection, connection:
        [(text,)] = connection.execute("SELECT value FROM kept WHERE kind = 'written'").fetchall()
        files = json.loads(text)
        files["api.zip"][2] = "0" * 64
        connection.execute("UPDATE kept SET value = ? WHERE kind = 'written'", (json.dumps(files).encode(),))
    bench.write({"shared/a.py": "# edited\n"})
    record = bench.build()
    assert [function["cached"] for function in record["functions"].values()] == [False, False]
    assert_fresh(bench)


def test_some_functions_of_a_service_that_is_as_it_was(bench: Bench) -> None:
    age(bench)
    whole = bench.build()
    manifest = (bench.root / ".slspack/dist/manifest.json").read_bytes()
    got = bench.build("-f", "web")
    assert set(got["timings"]) == {"check"}, "there is nothing to do for them either"
    assert got["functions"] == {"web": whole["functions"]["web"]}
    kept = json.loads((bench.root / ".slspack/dist/manifest.json").read_bytes())
    assert kept["functions"] == json.loads(manifest)["functions"]
    bench.artifact("api").unlink()
    assert set(bench.build("-f", "web")["timings"]) == {"check"}, "another's artifact does not matter"
    assert not bench.build()["functions"]["api"]["cached"]


def test_some_functions_of_a_service_that_is_never_built_whole(bench: Bench) -> None:
    shutil.rmtree(bench.root / ".slspack")
    first = bench.build("-f", "web")
    bench.build("-f", "web")  # sees slspack's own folder beside the service's files
    again = bench.build("-f", "web")
    assert set(again["timings"]) == {"check"}
    assert again["functions"] == {"web": {**first["functions"]["web"], "cached": True}}
    age(bench)
    assert [path for path in seen(bench, "-f", "web").own if not path.startswith(".slspack")] == []
    bench.write({"web.py": "import alpha\ndef handler(event, context): return 3\n"})
    edited = bench.build("-f", "web")
    assert not edited["functions"]["web"]["cached"]
    assert set(bench.build("-f", "web")["timings"]) == {"check"}
    assert set(bench.build("-f", "api")["functions"]) == {"api"}
    assert bench.build("-f", "web")["functions"]["web"]["sha256"] == edited["functions"]["web"]["sha256"]
    assert bench.build()["functions"]["web"]["cached"]
    assert_fresh(bench)


def test_an_edit_is_built_for_some_functions_once(bench: Bench) -> None:
    bench.write({"shared/a.py": "# edited\n"})
    assert not bench.build("-f", "web")["functions"]["web"]["cached"]
    assert set(bench.build("-f", "web")["timings"]) == {"check"}
    whole = bench.build()
    assert [whole["functions"][name]["cached"] for name in ("api", "web")] == [False, True]
    assert set(bench.build("-f", "api")["timings"]) == {"check"}, "what was built whole counts again"
    assert_fresh(bench)


def test_modules_that_an_edit_loads(bench: Bench) -> None:
    age(bench)
    text = (bench.root / "app.py").read_text()
    bench.write({"app.py": text.replace("return 1", "return 2")})
    modules = seen(bench).modules
    assert {name for name in UNTOUCHED if any(f"{module}.".startswith(f"{name}.") for module in modules)} == set()
    third_parties = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    assert third_parties - sys.stdlib_module_names - {"slspack", "click", "deflate"} == set()


def test_modules_that_a_first_build_loads(bench: Bench) -> None:
    (bench.root / "pylock.toml").unlink()
    bench.write({"requirements.txt": "alpha\n"})
    for folder in (bench.root / ".slspack", bench.store):
        shutil.rmtree(folder)
    modules = seen(bench).modules
    assert {name for name in UNUSED if any(f"{module}.".startswith(f"{name}.") for module in modules)} == set()
    third_parties = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    assert third_parties - sys.stdlib_module_names - {"slspack", *LIBRARIES} == set()


@pytest.mark.parametrize(
    "text",
    ["import alpha\ndef handler(event, context): return 1\n", "import shared.a, alpha\nhandler = alpha\n"],
)
def test_an_edit_of_imports_is_traced(bench: Bench, text: str) -> None:
    bench.write({"app.py": text})
    record = bench.build()
    (bench.root / ".slspack/state.db").unlink()
    again = bench.build()
    assert [f["modules"] for f in record["functions"].values()] == [f["modules"] for f in again["functions"].values()]
    assert [f["sha256"] for f in record["functions"].values()] == [f["sha256"] for f in again["functions"].values()]
