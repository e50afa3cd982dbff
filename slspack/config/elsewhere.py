"""What other bundlers call their settings, and what to use here instead: for whoever writes one of those names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_ITSELF = "leave it out: what a function needs is found from its handler"
_THREADS = "leave it out: how much goes on at a time is bounded by itself"
_NOTHING_TO_DO = "leave it out: a build with nothing to do ends at once, and `-f` builds some functions only"
_NAMES = "leave it out: modules keep their names and stay files of their own"
_FOLDER = "leave it out: `--out` of `slspack build` names another folder for artifacts"
_KEPT = "leave it out: artifacts stay in `.slspack/dist` until `slspack clean`"
_REQUIREMENTS = "`requirements` names the file, wherever it lies"
_PACKAGER = "`resolver` chooses uv or pip-tools; a lock is read whichever tool has written it"
_OPTIONS = "leave it out: locks are followed and nothing is installed; `hooks` runs lines of shell around a build"

WEBPACK: Mapping[str, str] = {
    "webpackConfig": _BY_ITSELF,
    "includeModules": "leave it out: what is imported is packaged, and `includeDistributions` adds to it",
    "packagePath": _REQUIREMENTS,
    "nodeModulesRelativeDir": _REQUIREMENTS,
    "packager": _PACKAGER,
    "packagerOptions": _OPTIONS,
    "excludeFiles": "leave files out by `patterns` that begin with `!`; a handler is the one file that its path names",
    "excludeRegex": "leave files out by `patterns` that begin with `!`",
    "keepOutputDirectory": _KEPT,
    "allowCustomRuntime": "leave it out: functions of other runtimes are left alone",
    "concurrency": _THREADS,
    "serializedCompile": _THREADS,
    "noBuild": _NOTHING_TO_DO,
}
"""serverless-webpack's."""

ESBUILD: Mapping[str, str] = {
    "concurrency": _THREADS,
    "zipConcurrency": _THREADS,
    "exclude": "`excludeDistributions` leaves out distributions, `patterns` files",
    "external": "leave it out: distributions go in as they are; `excludeDistributions` names those that a layer has",
    "installExtraArgs": "`indexUrl`, `extraIndexUrls` and `findLinks` say where distributions come from",
    "keepOutputDirectory": _KEPT,
    "nativeZip": "leave it out: slspack writes each archive itself, from equal input the same byte for byte",
    "outputBuildFolder": _FOLDER,
    "outputWorkFolder": _FOLDER,
    "outputFileExtension": _NAMES,
    "packagePath": _REQUIREMENTS,
    "packager": _PACKAGER,
    "packagerOptions": _OPTIONS,
    "chokidar": "`debounce` and `poll` say how files are watched",
    "skipBuild": _NOTHING_TO_DO,
    "skipBuildExcludeFns": _NOTHING_TO_DO,
    "skipRebuild": "leave it out: each process looks at everything that a build depends on, and keeps it on disk",
    "stripEntryResolveExtensions": _NAMES,
    "disposeContext": "leave it out: nothing stays in memory between builds",
    "minify": "leave it out: sources go in as they are, so that tracebacks are true",
    "bundle": _NAMES,
    "platform": "leave it out: it follows from `runtime` and `architecture`",
    "target": "leave it out: it follows from `runtime` and `architecture`",
    "entryPoints": _BY_ITSELF,
    "outDir": _FOLDER,
    "config": "leave it out: the settings stand here, and `plugins` names Python files for what needs code",
    "skipEsbuild": "write `package: {disable: true}` at the function; other runtimes are left alone anyway",
}
"""serverless-esbuild's."""


def used_instead(name: str) -> str | None:
    """What to use here for a setting of another bundler; None where nobody has one of that name."""
    return WEBPACK.get(name) or ESBUILD.get(name)
