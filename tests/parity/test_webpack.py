"""serverless-webpack, row by row, for the Python functions of a service."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.config.elsewhere import WEBPACK
from tests.parity.rows import API, Rows, configure, distributions, refused, sha256, shop
from tests.support.bench import REPOSITORY
from tests.support.projects import project_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

ROWS = Rows("serverless-webpack")
PLUGIN = (REPOSITORY / "deploy/serverless-slspack/index.js").read_text("utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


OPTIONS = {
    "`webpackConfig`": "webpackConfig",
    "`includeModules`": "includeModules",
    "`includeModules.packagePath`": "packagePath",
    "`includeModules.nodeModulesRelativeDir`": "nodeModulesRelativeDir",
    "`packager`": "packager",
    "`packagerOptions` (npm)": "packagerOptions",
    "`packagerOptions` (yarn)": "packagerOptions",
    "`excludeFiles`": "excludeFiles",
    "`excludeRegex`": "excludeRegex",
    "`keepOutputDirectory`": "keepOutputDirectory",
    "`concurrency`": "concurrency",
    "`serializedCompile`": "serializedCompile",
    "`noBuild`": "noBuild",
}
"""Options that are none here, by their rows."""


@ROWS.each({row: WEBPACK[name] for row, name in OPTIONS.items()})
def _(bench: Bench, row: str) -> None:
    """Under `custom.webpack` they are the JavaScript functions'; among slspack's settings they are refused."""
    name = OPTIONS[row]
    before = sha256(bench)
    configure(bench, custom=f"webpack: {{{name}: 1}}")
    assert sha256(bench) == before
    configure(bench, custom=f"slspack: {{{name}: 1}}")
    said = refused(bench)
    assert f"error[SLS0103]: `custom.slspack.{name}` is not a setting of slspack" in said
    assert f"  hint: {WEBPACK[name]}\n" in said


@ROWS.row("`slsw.lib.entries`", "handlers are the entries; a function that is added needs no further configuration")
def _(bench: Bench) -> None:
    assert set(bench.build()["functions"]) == {"api"}
    bench.write({"work.py": "import jobs\n\ndef run(event, context): ...\n", "requirements.txt": "web\njobs\n"})
    configure(bench, API + "  jobs: {handler: work.run}\n")
    assert distributions(bench, "jobs") == ["jobs"]


@ROWS.row("function `entrypoint`", "works: the service's own code, where a layer or a distribution has the handler")
def _(bench: Bench) -> None:
    configure(bench, "  api: {handler: web.handler, entrypoint: app.handler}\n")
    distributions(bench)
    assert {"app.py", "web/__init__.py"} <= set(bench.names_in("api"))


@ROWS.row(
    "`slsw.lib.serverless`, `slsw.lib.options`", "variables: `${self:…}`, `${opt:stage}`, `${sls:stage}` in any setting"
)
def _(bench: Bench) -> None:
    bench.write({"data/dev.json": "{}", "data/prod.json": "{}"})
    configure(bench, more="", package="individually: true, patterns: ['data/${sls:stage}.json']")
    bench.build("--stage", "prod")
    assert {name for name in bench.names_in("api") if name.startswith("data")} == {"data/prod.json"}


@ROWS.row("`slsw.lib.webpack.isLocal`", "one artifact for both: what runs locally is the folder of what is deployed")
def _(bench: Bench) -> None:
    bench.build()
    assert bench.slspack("build", "--format", "dir").status == 0
    folder = bench.folder("api")
    unpacked = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert unpacked == set(bench.names_in("api"))


@ROWS.row("output folder", "`--out`; else `.slspack/dist`, and `slspack_dist` for folders")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--out", str(bench.root.parent / "made")).status == 0
    assert (bench.root.parent / "made/api.zip").is_file()


@ROWS.row("stats", "one line a function; `-v` says more, `-q` nothing, `--json` all")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "-q").err == ""
    assert "api" in bench.slspack("build").err


@ROWS.row("peer dependencies", "what a packaged distribution requires is packaged with it")
def _(bench: Bench) -> None:
    assert distributions(bench) == ["core", "web"]


@ROWS.row(
    "runtime dependency in dev section",
    "an error, until it is moved or in `excludeDistributions` ([SLS0404](../errors/SLS0404.md))",
)
def _(bench: Bench) -> None:
    bench.write({"app.py": "import web, tools\n\ndef handler(e, c): ...\n", "requirements-dev.txt": "tools\n"})
    assert "error[SLS0404]" in refused(bench)
    bench.write({"requirements.txt": "web\ntools\n"})
    assert distributions(bench) == ["core", "tools", "web"]


@ROWS.row("`includeModules.forceInclude`", "works as `forceInclude` or `includeDistributions`")
def _(bench: Bench) -> None:
    bench.write({"work.py": "import jobs\n\ndef run(event, context): ...\n", "requirements.txt": "web\njobs\n"})
    configure(bench, API + "  jobs: {handler: work.run, slspack: {forceInclude: [web]}}\n")
    assert distributions(bench, "jobs") == ["core", "jobs", "web"]


@ROWS.row(
    "`includeModules.forceExclude`", "works as `forceExclude` or `excludeDistributions`; wins over what is included"
)
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {forceExclude: [web], forceInclude: [web]}")
    assert distributions(bench) == []


@ROWS.row("`packagerOptions.scripts`", "`hooks`: lines of shell before and after a build")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {hooks: {before-build: 'echo X = 1 > made.py'}}")
    bench.write({"app.py": "import web, made\n\ndef handler(event, context): ...\n"})
    bench.build()
    assert "made.py" in bench.names_in("api")


@ROWS.row("local modules", "requirements may name folders, and `-e` ones; workspaces work")
def _(bench: Bench) -> None:
    files = {f"libs/tools/{path}": text for path, text in project_files("common").items()}
    bench.write({**files, "requirements.txt": "web\n-e ./libs/tools\n"})
    bench.write({"app.py": "import web, common\n\ndef handler(event, context): ...\n"})
    assert "common" in distributions(bench)


@ROWS.row("`allowCustomRuntime` (function)", "functions of other runtimes are left alone, and said to be")
def _(bench: Bench) -> None:
    configure(bench, API + "  go: {handler: bootstrap, runtime: provided.al2023}\n")
    result = bench.slspack("build", "--json")
    assert set(result.manifest["functions"]) == {"api"}
    assert "function `go` is left alone: runtime provided.al2023" in result.err


@ROWS.row(
    "service packaging", "works: without `package.individually` one zip holds what all functions need, and no more"
)
def _(bench: Bench) -> None:
    bench.write({"work.py": "import jobs\n\ndef run(event, context): ...\n", "requirements.txt": "web\njobs\ntools\n"})
    configure(bench, API + "  jobs: {handler: work.run}\n", package="patterns: ['!*.md']")
    one, other = bench.build()["functions"].values()
    assert one["artifact"] == other["artifact"]
    with zipfile.ZipFile(bench.root / ".slspack/dist" / str(one["artifact"]).rpartition("/")[2]) as archive:
        assert {"app.py", "work.py", "web/__init__.py", "jobs/__init__.py"} <= set(archive.namelist())


@ROWS.row(
    "`package.individually: true`",
    "works: each function has what it imports, and distributions are shared in the store",
)
def _(bench: Bench) -> None:
    bench.write({"work.py": "import jobs\n\ndef run(event, context): ...\n", "requirements.txt": "web\njobs\n"})
    configure(bench, API + "  jobs: {handler: work.run}\n")
    assert (distributions(bench), distributions(bench, "jobs")) == (["core", "web"], ["jobs"])


@ROWS.row("functions with `image`", "left alone, and said to be")
def _(bench: Bench) -> None:
    configure(bench, API + "  im: {image: {name: base, command: [app.handler]}}\n")
    result = bench.slspack("build", "--json")
    assert set(result.manifest["functions"]) == {"api"}
    assert "function `im` is left alone: image" in result.err


@ROWS.row("`serverless webpack --out`", "`slspack build --out DIR`; in the Framework `sls slspack build`")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--out", str(bench.root / "made")).status == 0
    assert "'slspack:build:build'" in PLUGIN


@ROWS.row(
    "`invoke local -f`", "works with the [plugin](../guides/serverless.md): that function alone is built, then run"
)
def _(bench: Bench) -> None:
    assert "'before:invoke:local:invoke'" in PLUGIN
    configure(bench, API + "  other: {handler: app.handler}\n")
    assert set(bench.build("-f", "api")["functions"]) == {"api"}


@ROWS.alike(
    "`slspack watch -f NAME` with `--exec` runs a command after each good build",
    "`invoke local --watch`",
    "`serverless run --watch`",
)
def _(bench: Bench, _: str) -> None:
    known = bench.slspack("watch --help").out
    assert "--exec CMD" in known
    assert "-f, --function NAME" in known


@ROWS.row("`--skip-build`", "not needed: what has not changed is kept as it is, byte for byte")
def _(bench: Bench) -> None:
    bench.build()
    assert bench.build()["functions"]["api"]["cached"]


@ROWS.row("`--webpack-use-polling`", "`--poll` of `slspack watch`, or `watch.poll`")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {watch: {poll: 3000}}")
    assert json.loads(bench.slspack("config", "--json").out)["watch"]["poll"] == 3000
    assert "--poll" in bench.slspack("watch --help").out


@ROWS.row(
    "offline: watch mode", "works with the plugin: `serverless offline start` builds, watches, and reloads handlers"
)
def _(bench: Bench) -> None:
    assert "'before:offline:start:init'" in PLUGIN
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    assert (bench.root / ".slspack/live").is_dir()


@ROWS.row("`--webpack-no-watch`", "`slspack build` before the tests: watching is a command of its own")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--format", "dir").status == 0


@ROWS.row("plugin order", "any order: hooks run before the Framework packages, and what is not Python is not touched")
def _(bench: Bench) -> None:
    before = sha256(bench)
    configure(bench, more="plugins: [serverless-offline, serverless-webpack, serverless-slspack]\n")
    assert sha256(bench) == before


@ROWS.alike("not here: there is no such emulator any more", "`serverless run`", "removed commands")
def _(bench: Bench, _: str) -> None:
    for command in ("run", "invoke", "serve"):
        result = bench.slspack(command)
        assert result.status == 2
        assert f"no such command `{command}`" in result.err.lower().replace("'", "`")


@ROWS.row("providers", "AWS Lambda; runtimes of other providers (`python311`) are read by their AWS name")
def _(bench: Bench) -> None:
    text = (bench.root / "serverless.yml").read_text()
    bench.write({"serverless.yml": text.replace("name: aws, runtime: python3.13", "name: google, runtime: python313")})
    assert distributions(bench) == ["core", "web"]


@ROWS.row("supported plugins", "[those that the plugin is tested beside](../guides/serverless.md)")
def _(_: Bench) -> None:
    guide = (REPOSITORY / "docs/guides/serverless.md").read_text("utf-8")
    assert {"serverless-offline", "serverless-step-functions"} <= set(re.findall(r"serverless-[a-z-]+", guide))


EVENTS = (
    "`before:package:createDeploymentArtifacts`",
    "`before:deploy:function:packageFunction`",
    "`before:invoke:local:invoke`",
    "`before:offline:start`",
    "`before:offline:start:init`",
)


@ROWS.alike("the plugin builds there", *EVENTS)
def _(_: Bench, name: str) -> None:
    assert f"'{name.strip('`')}': () => this." in PLUGIN


@ROWS.row("`webpack:…` events of its own", "[plugins](plugins.md) of slspack have a hook for each stage")
def _(bench: Bench) -> None:
    bench.write({"mine.py": "import slspack.plugins\n\n@slspack.plugins.hookimpl\ndef slspack_transform(): ...\n"})
    result = bench.slspack("plugins")
    assert result.status == 0


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_row(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
