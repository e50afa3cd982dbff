"""What other tools admit to be weak at, pain by pain: none of it is so here."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slspack.store import Store
from slspack.store.census import stored_objects
from tests.parity.rows import API, Rows, configure, distributions, refused, sha256, shop
from tests.support.bench import REPOSITORY, Bench
from tests.support.elf import make_module
from tests.support.projects import project_files
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = Rows("Weaknesses of other tools")
PLUGIN = (REPOSITORY / "deploy/serverless-slspack/index.js").read_text("utf-8")
NATIVE = "fast/_core.cpython-313-x86_64-linux-gnu.so"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


def two_functions(bench: Bench) -> None:
    bench.write({"work.py": "import jobs\n\ndef run(event, context): ...\n", "requirements.txt": "web\njobs\n"})
    configure(bench, API + "  jobs: {handler: work.run}\n")


def native(bench: Bench, content: bytes, requirement: str = "fast") -> None:
    assert bench.index
    files: dict[str, str | bytes] = {"fast/__init__.py": "from fast import _core\n", NATIVE: content}
    make_wheel(bench.index.folder, "fast", files=files, tag="cp313-cp313-manylinux_2_28_x86_64")
    bench.write({"app.py": "import fast\n\ndef handler(e, c): ...\n", "requirements.txt": f"{requirement}\n"})


POETRY = """\
[tool.poetry]
name = "shop"
version = "1"
package-mode = false
[tool.poetry.dependencies]
python = "^3.13"
web = "^1.0"
jobs = "^1.0"
"""


@ROWS.row("P1", "closures come from any lock, per function")
def _(bench: Bench) -> None:
    two_functions(bench)
    (bench.root / "requirements.txt").unlink()
    bench.write({"pyproject.toml": POETRY})
    assert (distributions(bench), distributions(bench, "jobs")) == (["core", "web"], ["jobs"])


@ROWS.row("P2", "handlers keep their path from the project's root; no file of requirements per function")
def _(bench: Bench) -> None:
    bench.write({"functions/api/app.py": "import web\n\ndef handler(event, context): ...\n"})
    configure(bench, "  api: {handler: functions/api/app.handler}\n")
    assert distributions(bench) == ["core", "web"]
    assert "functions/api/app.py" in bench.names_in("api")


@ROWS.row("P3", "`individually` costs no more: wheels and segments are shared")
def _(bench: Bench) -> None:
    configure(bench, API + "  again: {handler: app.handler}\n")
    bench.build()
    held = [each.kind.value for each in stored_objects(Store(bench.store))]
    assert held.count("segments") == 2


@ROWS.row("P4", "each wheel is made into bytes once, whoever packages it")
def _(bench: Bench) -> None:
    bench.build()
    assert bench.index
    bench.index.requests.clear()
    configure(bench, API + "  again: {handler: app.handler}\n")
    assert sha256(bench, "again") == sha256(bench)
    assert bench.index.downloaded() == set()


@ROWS.row("P5", "folders that stay out are not walked, and the store lies elsewhere")
def _(bench: Bench) -> None:
    bench.write({"node_modules/deep/a.js": ""})
    forbidden = bench.root / "node_modules"
    forbidden.chmod(0)
    try:
        configure(bench, package="individually: true, patterns: ['**/*.json']")
        bench.build()
    finally:
        forbidden.chmod(0o755)


@ROWS.row("P6", "artifacts are the same bytes anywhere and at any time")
def _(bench: Bench) -> None:
    before = sha256(bench)
    moved = Bench(bench.root.parent / "elsewhere/deeper", bench.root.parent / "other", bench.index)
    shutil.copytree(bench.root, moved.root, ignore=shutil.ignore_patterns(".slspack"))
    for path in moved.root.iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert sha256(moved) == before


@ROWS.row("P7", "without a lock a warning, or an error; no lock is written unasked")
def _(bench: Bench) -> None:
    (bench.root / "requirements.txt").unlink()
    bench.write({"pyproject.toml": POETRY})
    assert "warning[SLS0212]" in bench.slspack("build").err
    assert not (bench.root / "poetry.lock").exists()
    configure(bench, custom="slspack: {requireLock: true}")
    assert "error[SLS0212]" in refused(bench)


@ROWS.row("P8", "hashes are checked")
def _(bench: Bench) -> None:
    bench.write({"requirements.txt": f"web==1.0 --hash=sha256:{'0' * 64}\ncore==1.0 --hash=sha256:{'1' * 64}\n"})
    assert "error[SLS0502]" in refused(bench)


@ROWS.row("P9", "credentials are kept apart, and stand in no file")
def _(bench: Bench) -> None:
    assert bench.index
    bench.index.settings.credentials = ("ci", "s3cret-w0rd")
    url = bench.index.url_with("ci", "s3cret-w0rd")
    assert bench.slspack("build", PIP_INDEX_URL=url).status == 0
    assert bench.slspack("lock", PIP_INDEX_URL=url).status == 0
    for path in bench.root.parent.rglob("*"):
        assert not path.is_file() or b"s3cret-w0rd" not in path.read_bytes(), path


@ROWS.row("P10", "`-e` and repositories are read as what they are")
def _(bench: Bench) -> None:
    files = {f"libs/common/{path}": text for path, text in project_files("common").items()}
    bench.write({**files, "requirements.txt": "web\n-e libs/common\n"})
    bench.write({"app.py": "import web, common\n\ndef handler(event, context): ...\n"})
    assert "common" in distributions(bench)


@ROWS.row("P11", "what only an omitted distribution needs is omitted with it")
def _(bench: Bench) -> None:
    configure(bench, custom="pythonRequirements: {noDeploy: [web]}")
    assert distributions(bench) == []


@ROWS.row("P12", "a local package is known by its content")
def _(bench: Bench) -> None:
    files = {f"libs/common/{path}": text for path, text in project_files("common").items()}
    bench.write({**files, "requirements.txt": "./libs/common\n"})
    bench.write({"app.py": "import common\n\ndef handler(event, context): ...\n"})
    before = sha256(bench)
    bench.write({"libs/common/common.py": "EDITED = True\n"})
    assert sha256(bench) != before


@ROWS.row("P13", "the target is in every key: another Python asks nobody to clean anything")
def _(bench: Bench) -> None:
    native(bench, make_module("_core"))
    assert distributions(bench) == ["fast"]
    text = (bench.root / "serverless.yml").read_text()
    bench.write({"serverless.yml": text.replace("python3.13", "python3.12")})
    assert "error[SLS0501]" in refused(bench)


@ROWS.row("P14", "the store is kept within 10 GB by itself; `slspack cache prune`")
def _(bench: Bench) -> None:
    bench.build()
    os.utime(next(bench.store.rglob("*.whl"), bench.store), (1, 1))
    assert bench.slspack("cache prune --max-size 0").status == 0


@ROWS.row("P15", "nothing is left in the source tree but `.slspack`")
def _(bench: Bench) -> None:
    before = {path.name for path in bench.root.iterdir()}
    bench.build()
    assert {path.name for path in bench.root.iterdir()} - before == {".slspack"}


@ROWS.row("P16", "any Python on any machine builds for any runtime")
def _(bench: Bench) -> None:
    native(bench, make_module("_core"))
    assert distributions(bench) == ["fast"]


@ROWS.row("P17", "wheels first: no Docker where one fits")
def _(bench: Bench) -> None:
    native(bench, make_module("_core"))
    configure(bench, custom="pythonRequirements: {dockerizePip: true}")
    result = bench.slspack("build", "--json", DOCKER_HOST="unix:///nowhere.sock")
    assert result.status == 0, result.err


@ROWS.row("P18", "a shared library that nobody brings is named, with who needs it")
def _(bench: Bench) -> None:
    native(bench, make_module("_core", needed=["libnowhere.so.1"]))
    said = refused(bench)
    assert "error[SLS0712]" in said
    assert "libnowhere.so.1" in said


@ROWS.row("P19", "stripping is only what you ask for, and what it leaves is checked")
def _(bench: Bench) -> None:
    whole = make_module("_core")
    native(bench, whole)
    bench.build()
    assert bench.read_from("api", NATIVE) == whole


@ROWS.row("P20", "pruning reads lists of names, on any system; globs match inside a distribution, too")
def _(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "big", files={"big/__init__.py": "", "big/data/a.bin": "", "big/x.pyi": ""})
    bench.write({"app.py": "import big\n\ndef handler(e, c): ...\n", "requirements.txt": "big\n"})
    configure(bench, custom="slspack: {distributionPatterns: {big: ['!data/**']}}")
    bench.build()
    assert {name for name in bench.names_in("api") if name.startswith("big/")} == {"big/__init__.py"}


@ROWS.row("P21", "distributions lie ready to be imported: no line in a handler")
def _(bench: Bench) -> None:
    bench.build()
    assert not [name for name in bench.names_in("api") if name.endswith(".zip")]


@ROWS.row("P22", "`layers:` by group or distribution; what a layer has is taken out of the functions that use it")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {layers: {base: {distributions: [web]}}}")
    result = bench.slspack("build", "--json")
    assert result.status == 0, result.err
    assert result.manifest["layers"]


@ROWS.row("P23", "SSH is looked at before anything is built")
def _(bench: Bench) -> None:
    configure(bench, custom="pythonRequirements: {dockerPrivateKey: .ssh/id}")
    assert "the private key `.ssh/id` is not an absolute path" in refused(bench)


@ROWS.row("P24", "an import of a development requirement is an error with file and line")
def _(bench: Bench) -> None:
    bench.write({"app.py": "import web\nimport tools\n\ndef handler(e, c): ...\n", "requirements-dev.txt": "tools\n"})
    said = refused(bench)
    assert "error[SLS0404]" in said
    assert "app.py:2" in said


@ROWS.row("P25", "a dynamic import is warned of; `includeDistributions` and `patterns` add what it means")
def _(bench: Bench) -> None:
    code = "import importlib, web\n\ndef handler(event, context): importlib.import_module(event['name'])\n"
    bench.write({"app.py": code, "requirements.txt": "web\ntools\n"})
    result = bench.slspack("build")
    assert re.search(r"(warning|notice)\[SLS03\d\d\].*import", result.err), result.err
    configure(bench, custom="slspack: {includeDistributions: [tools]}")
    assert "tools" in distributions(bench)


@ROWS.row("P26", "a handler is one file; a package and a module of one name are told apart as Python does")
def _(bench: Bench) -> None:
    bench.write({"app_test.py": "", "app.test.py": ""})
    bench.build()
    assert {name for name in bench.names_in("api") if name.startswith("app")} == {"app.py"}


@ROWS.row("P27", "`watch.ignore` only adds: slspack's own output never starts a build")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {watch: {ignore: [docs], patterns: ['**']}}")
    assert bench.slspack("build").status == 0
    assert "nothing that you write" in " ".join((REPOSITORY / "docs/guides/watch.md").read_text("utf-8").split())


@ROWS.row("P28", "folders are `slspack_dist/FUNCTION`: names without a dot")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--format", "dir").status == 0
    assert "." not in bench.folder("api").relative_to(bench.root).as_posix()


@ROWS.row("P29", "an edit writes the files that differ, and nothing else")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--format", "dir").status == 0
    kept = bench.folder("api") / "web/__init__.py"
    before = kept.stat().st_mtime_ns
    bench.write({"app.py": "import web\n\n\ndef handler(event, context): return 1\n"})
    assert bench.slspack("build", "--format", "dir").status == 0
    assert kept.stat().st_mtime_ns == before
    assert "return 1" in (bench.folder("api") / "app.py").read_text()


@ROWS.row("P30", "`watch --poll` for file systems without notices")
def _(bench: Bench) -> None:
    assert "--poll" in bench.slspack("watch --help").out


@ROWS.row("P31", "no compiler stays; a build with nothing to do loads little")
def _(bench: Bench) -> None:
    two_functions(bench)
    bench.build()
    assert all(each["cached"] for each in bench.build()["functions"].values())


@ROWS.row("P32", "a changed configuration is read anew")
def _(bench: Bench) -> None:
    bench.build()
    configure(bench, API + "  more: {handler: app.handler}\n")
    assert set(bench.build()["functions"]) == {"api", "more"}


@ROWS.alike(
    "each function is served from its own folder, on its runtime's minor where there is one, and reloaded",
    *("P33", "P34", "P35"),
)
def _(bench: Bench, _: str) -> None:
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    record = json.loads((bench.root / ".slspack/live/.functions/api.json").read_bytes())
    assert (record["python"], record["tree"]) == ([3, 13], str(bench.folder("api")))


@ROWS.row("P36", "the plugin hooks both `offline` and `offline start`, in any order of plugins")
def _(_: Bench) -> None:
    assert {"before:offline:start", "before:offline:start:init"} <= set(re.findall(r"'([a-z:]+)':", PLUGIN))


@ROWS.row("P37", "functions are read when the Framework packages, so those made by plugins are there")
def _(_: Bench) -> None:
    assert "functions" not in PLUGIN[PLUGIN.index("constructor(") : PLUGIN.index("this.hooks")].replace(
        "of functions", ""
    )


@ROWS.row("P38", "what is not Python, and what is an image, is left alone and said to be")
def _(bench: Bench) -> None:
    configure(bench, API + "  js: {handler: a.b, runtime: nodejs20.x}\n  im: {image: x}\n")
    result = bench.slspack("build")
    assert result.status == 0
    assert result.err.count("notice[SLS0114]") == 2


@ROWS.row("P39", "`--exec` of `slspack watch` pushes what changed: the changed functions are in its environment")
def _(bench: Bench) -> None:
    assert "--exec" in bench.slspack("watch --help").out


@ROWS.row("P40", "an import that nothing provides is an error of the build")
def _(bench: Bench) -> None:
    bench.write({"app.py": "import web\nfrom elsewhere import x\n\ndef handler(e, c): ...\n"})
    said = refused(bench)
    assert "error[SLS0401]" in said
    assert "app.py:2" in said


@ROWS.row("P41", "Lambda's limits are checked when packaging, and the largest distributions named")
def _(bench: Bench) -> None:
    assert bench.index
    path = make_wheel(bench.index.folder, "huge", files={"huge/__init__.py": ""})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        wheel.writestr("huge/data.bin", bytes(263 * 1024 * 1024))
    bench.write({"app.py": "import huge\n\ndef handler(e, c): ...\n", "requirements.txt": "huge\n"})
    said = refused(bench)
    assert "error[SLS0701]" in said
    assert "huge" in said


@ROWS.row("P42", "`pip install slspack`: no Node.js, no `package.json`")
def _(bench: Bench) -> None:
    environment = {"PATH": str(Path(sys.executable).parent)}
    result = bench.spawn("build", **environment)
    assert result.status == 0, result.err


@ROWS.row("P43", "an artifact holds what the handler reaches, and no more")
def _(bench: Bench) -> None:
    bench.write({"unused.py": "", "static/big.bin": b"0" * 100_000})
    bench.build()
    assert {"unused.py", "static/big.bin"}.isdisjoint(bench.names_in("api"))


@ROWS.row("P44", "a variable that cannot be resolved here is an error only where its value is needed, with its name")
def _(bench: Bench) -> None:
    configure(bench, API, provider="environment: {TABLE: '${cf:stack.Table}'}")
    assert distributions(bench) == ["core", "web"]
    configure(bench, "  api: {handler: '${cf:stack.Handler}'}\n")
    said = refused(bench)
    assert "error[SLS0106]" in said
    assert "${cf:stack.Handler}" in said


@ROWS.row("P45", "a command line of its own; the plugin declares its options")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--nonsense").status == 2
    assert (REPOSITORY / "deploy/serverless-slspack/lib/commands.js").is_file()


@ROWS.row("P46", "what was built in an image says in which, by digest, in the manifest")
def _(_: Bench) -> None:
    assert "image" in (REPOSITORY / "docs/reference/manifest.md").read_text("utf-8")


@ROWS.row("P47", "an image or a Dockerfile is named, and building in it is slspack's")
def _(bench: Bench) -> None:
    bench.write({"Dockerfile": "FROM image.example/base\n"})
    configure(bench, custom="slspack: {docker: {file: Dockerfile}}")
    assert distributions(bench) == ["core", "web"]


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_weakness(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
