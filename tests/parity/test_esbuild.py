"""serverless-esbuild, row by row, for the Python functions of a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slspack.config.elsewhere import ESBUILD
from tests.parity.rows import API, Rows, configure, distributions, refused, sha256, shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

ROWS = Rows("serverless-esbuild")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


PLUGIN = """\
from slspack.plugins import hookimpl

slspack_interface = 1


@hookimpl
def slspack_provide_wheel(name, version):
    return None
"""
OPTIONS = {
    "`concurrency`": "concurrency",
    "`zipConcurrency`": "zipConcurrency",
    "`exclude`": "exclude",
    "`external`": "external",
    "`installExtraArgs`": "installExtraArgs",
    "`keepOutputDirectory`": "keepOutputDirectory",
    "`nativeZip`": "nativeZip",
    "`outputBuildFolder`": "outputBuildFolder",
    "`outputWorkFolder`": "outputWorkFolder",
    "`outputFileExtension`": "outputFileExtension",
    "`packagePath`": "packagePath",
    "`packager`": "packager",
    "`packagerOptions.scripts`": "packagerOptions",
    "`packagerOptions.noInstall`": "packagerOptions",
    "`packagerOptions.ignoreLockfile`": "packagerOptions",
    "`skipBuild`": "skipBuild",
    "`skipBuildExcludeFns`": "skipBuildExcludeFns",
    "`skipRebuild`": "skipRebuild",
    "`stripEntryResolveExtensions`": "stripEntryResolveExtensions",
    "`disposeContext`": "disposeContext",
    "`minify`": "minify",
    "`bundle`": "bundle",
    "`platform`": "platform",
    "`target`": "target",
    "`entryPoints`": "entryPoints",
    "`outDir`": "outDir",
    "`config`": "config",
}
"""Options that are none here, by their rows."""


@ROWS.each({row: ESBUILD[name] for row, name in OPTIONS.items()})
def _(bench: Bench, row: str) -> None:
    """Under `custom.esbuild` they are the JavaScript functions'; among slspack's settings they are refused."""
    name = OPTIONS[row]
    before = sha256(bench)
    configure(bench, custom=f"esbuild: {{{name}: 1}}")
    assert sha256(bench) == before
    configure(bench, custom=f"slspack: {{{name}: 1}}")
    said = refused(bench)
    assert f"error[SLS0103]: `custom.slspack.{name}` is not a setting of slspack" in said
    assert f"  hint: {ESBUILD[name]}\n" in said


@ROWS.row("`watch.pattern`", "`watch.patterns` adds what git ignores; all else that can matter is watched by itself")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {watch: {pattern: ['**/*.json']}}")
    assert "hint: did you mean `patterns`?" in refused(bench)
    configure(bench, custom="slspack: {watch: {patterns: ['made/*.json']}}")
    assert json.loads(bench.slspack("config", "--json").out)["watch"]["patterns"] == ["made/*.json"]


@ROWS.row("`watch.ignore`", "works; it adds to what never starts a build, and cannot take away from it")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {watch: {ignore: [docs]}}")
    assert json.loads(bench.slspack("config", "--json").out)["watch"]["ignore"] == ["docs"]


@ROWS.row("`watch.chokidar`", ESBUILD["chokidar"])
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {watch: {chokidar: {}}}")
    assert f"hint: {ESBUILD['chokidar']}" in refused(bench)


@ROWS.row("auto-set options", "the same: the target follows from `runtime` and `architecture`")
def _(bench: Bench) -> None:
    configure(bench, provider="architecture: arm64")
    assert bench.build()["functions"]["api"]["architecture"] == "arm64"


@ROWS.row("`plugins`", "works: names of installed plugins, or Python files")
def _(bench: Bench) -> None:
    configure(bench, custom="slspack: {plugins: [./mine.py]}")
    bench.write({"mine.py": PLUGIN})
    assert "mine" in bench.slspack("plugins").out


@ROWS.row("function `skipEsbuild`", ESBUILD["skipEsbuild"])
def _(bench: Bench) -> None:
    configure(bench, "  api: {handler: app.handler, slspack: {skipEsbuild: true}}\n")
    assert f"hint: {ESBUILD['skipEsbuild']}" in refused(bench)
    configure(bench, API + "  other: {handler: none.handler, package: {disable: true}}\n")
    assert set(bench.build()["functions"]) == {"api"}


@ROWS.row("non-Node functions", "the other way round: what is not Python is left alone, and said to be")
def _(bench: Bench) -> None:
    configure(bench, API + "  js: {handler: index.handler, runtime: nodejs20.x}\n")
    result = bench.slspack("build", "--json")
    assert set(result.manifest["functions"]) == {"api"}
    assert "function `js` is left alone: runtime nodejs20.x" in result.err


@ROWS.row("`package.patterns/include/exclude`", "work, in the Framework's order ([Patterns](patterns.md))")
def _(bench: Bench) -> None:
    bench.write({"data/a.json": "{}", "data/b.json": "{}", "more/c.json": "{}"})
    configure(bench, package="individually: true, include: ['more/**'], patterns: ['data/**', '!data/b.json']")
    bench.build()
    assert {name for name in bench.names_in("api") if name.endswith("json")} == {"data/a.json", "more/c.json"}


@ROWS.row(
    "runtime → target",
    "works: Python, glibc and architecture of the runtime ([Cross compiling](../guides/cross-compiling.md))",
)
def _(bench: Bench) -> None:
    text = (bench.root / "serverless.yml").read_text()
    bench.write({"serverless.yml": text.replace("python3.13", "python3.12")})
    assert bench.build()["functions"]["api"]["runtime"] == "python3.12"


@ROWS.row("order", "any order of plugins")
def _(bench: Bench) -> None:
    before = sha256(bench)
    configure(bench, more="plugins: [serverless-offline, serverless-esbuild, serverless-slspack]\n")
    assert sha256(bench) == before


@ROWS.row("invoke local", "the same: only the function that is invoked is built")
def _(bench: Bench) -> None:
    configure(bench, API + "  other: {handler: app.handler}\n")
    assert set(bench.build("-f", "other")["functions"]) == {"other"}


@ROWS.row("bundle analysis", "the manifest lists all that is in an artifact; `slspack explain` says why")
def _(bench: Bench) -> None:
    assert distributions(bench) == ["core", "web"]
    assert "app.py" in bench.slspack("explain", "api", "core").out


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_row(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
