"""serverless-python-requirements, option by option: a small service for each, built as its users have it written."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.store import Store
from slspack.store.census import stored_objects
from tests.support.bench import Bench
from tests.support.elf import make_module, with_debug_information
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS: dict[str, Callable[[Bench], None]] = {}
MODULE = "fast/_core.cpython-313-x86_64-linux-gnu.so"
WHOLE = with_debug_information(make_module("_core"), b"compiled at home" * 400)


def row(name: str) -> Callable[[Callable[[Bench], None]], None]:
    """Let a function be the test of an option."""

    def note(shown: Callable[[Bench], None]) -> None:
        ROWS[name] = shown

    return note


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service whose function imports `web` and `fast`, of which `web` requires `core`."""
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "web", requires=["core"])
        for name in ("core", "jobs", "tools"):
            make_wheel(index.folder, name)
        files: dict[str, str | bytes] = {"fast/__init__.py": "", "fast/typed.txt": "", MODULE: WHOLE}
        make_wheel(index.folder, "fast", files=files, tag="cp313-cp313-manylinux_2_28_x86_64")
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        bench.write({"app.py": "import fast\nimport web\n\n\ndef handler(event, context): ...\n"})
        yield bench


def configure(bench: Bench, options: str = "", functions: str = "  api: {handler: app.handler}\n") -> None:
    custom = f"custom:\n  pythonRequirements: {{{options}}}\n" if options else ""
    bench.write(
        {
            "serverless.yml": "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
            "plugins: [serverless-python-requirements]\npackage: {individually: true}\n"
            f"{custom}functions:\n{functions}"
        }
    )


def listed(bench: Bench, requirements: str = "web\nfast\n", name: str = "requirements.txt") -> None:
    bench.write({name: requirements})


def distributions(bench: Bench, function: str = "api") -> list[str]:
    return [each["name"] for each in bench.build()["functions"][function]["distributions"]]


def files(bench: Bench) -> set[str]:
    bench.build()
    return set(bench.names_in("api"))


def kinds(bench: Bench) -> set[str]:
    return {each.kind.value for each in stored_objects(Store(bench.store))}


def forget(bench: Bench) -> None:
    """Remove what builds have left, in the service and in the store, some hours later."""
    assert bench.slspack("clean").status == 0
    for path in bench.store.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    result = bench.slspack("cache clear")
    assert result.status == 0, result.err


@row("zero config")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    assert distributions(bench) == ["core", "fast", "web"]


@row("fileName")
def _(bench: Bench) -> None:
    configure(bench, "fileName: requirements-prod.txt")
    listed(bench, "tools\n")
    listed(bench, name="requirements-prod.txt")
    assert distributions(bench) == ["core", "fast", "web"]


PIPFILE = '[[source]]\nname = "main"\nurl = "{url}"\nverify_ssl = true\n\n[packages]\nweb = "*"\nfast = "*"\n'
POETRY = """\
[tool.poetry]
name = "shop"
version = "1"
package-mode = false

[[tool.poetry.source]]
name = "main"
url = "{url}"

[tool.poetry.dependencies]
python = "^3.13"
web = "^1.0"
fast = "~1.0"

[tool.poetry.group.worker.dependencies]
jobs = "^1.0"
"""


def project(bench: Bench, name: str, text: str) -> None:
    assert bench.index
    bench.write({name: text.format(url=bench.index.url)})


@row("usePipenv")
def _(bench: Bench) -> None:
    configure(bench)
    project(bench, "Pipfile", PIPFILE)
    assert distributions(bench) == ["core", "fast", "web"]
    configure(bench, "usePipenv: false")
    listed(bench, "fast\nweb\ntools\n")
    assert distributions(bench) == ["core", "fast", "tools", "web"]


@row("usePoetry")
def _(bench: Bench) -> None:
    configure(bench)
    project(bench, "pyproject.toml", POETRY)
    assert distributions(bench) == ["core", "fast", "web"]
    configure(bench, "usePoetry: false")
    listed(bench, "fast\nweb\ntools\n")
    assert distributions(bench) == ["core", "fast", "tools", "web"]


@row("requirePoetryLockFile")
def _(bench: Bench) -> None:
    project(bench, "pyproject.toml", POETRY)
    configure(bench, "requirePoetryLockFile: true")
    result = bench.slspack("build")
    assert result.status == 1
    assert "error[SLS0212]: `pyproject.toml` has no lock file beside it, and one is required" in result.err
    configure(bench, "requirePoetryLockFile: false")
    assert "warning[SLS0212]" in bench.slspack("build").err
    assert not (bench.root / "poetry.lock").exists()


@row("poetryWithGroups, poetryWithoutGroups, poetryOnlyGroups")
def _(bench: Bench) -> None:
    project(bench, "pyproject.toml", POETRY)
    bench.write({"app.py": "def handler(event, context): ...\n"})
    configure(bench, "poetryWithGroups: [worker]")
    assert distributions(bench) == ["core", "fast", "jobs", "web"]
    configure(bench, "poetryWithGroups: [worker], poetryWithoutGroups: [main]")
    assert distributions(bench) == ["jobs"]
    configure(bench, "poetryOnlyGroups: [worker]")
    assert distributions(bench) == ["jobs"]


@row("per-function requirements")
def _(bench: Bench) -> None:
    configure(bench, functions="  api: {handler: app.handler}\n  jobs: {module: jobs_of, handler: work.run}\n")
    listed(bench)
    listed(bench, "jobs\n", "jobs_of/requirements.txt")
    bench.write({"jobs_of/work.py": "import jobs\n\n\ndef run(event, context): ...\n"})
    assert distributions(bench) == ["core", "fast", "web"]
    assert distributions(bench, "jobs") == ["jobs"]
    assert "work.py" in bench.names_in("jobs")


@row("vendor")
def _(bench: Bench) -> None:
    listed(bench)
    bench.write({"vendored/built.py": "", "own/tailored.py": ""})
    configure(bench, "vendor: vendored", "  api: {handler: app.handler}\n  own: {handler: app.handler, vendor: own}\n")
    assert "built.py" in files(bench)
    assert {"built.py", "tailored.py"} & set(bench.names_in("own")) == {"tailored.py"}


@row("noDeploy")
def _(bench: Bench) -> None:
    configure(bench, "noDeploy: [web]")
    listed(bench)
    assert distributions(bench) == ["fast"]


@row("pythonBin")
def _(bench: Bench) -> None:
    configure(bench, "pythonBin: /nowhere/python3.13")
    listed(bench)
    assert distributions(bench) == ["core", "fast", "web"]
    assert "notice[SLS0119]" in bench.slspack("build").err


@row("pipCmdExtraArgs")
def _(bench: Bench) -> None:
    listed(bench)
    configure(bench, "pipCmdExtraArgs: ['--compile', '--no-cache-dir']")
    assert distributions(bench) == ["core", "fast", "web"]
    configure(bench, "pipCmdExtraArgs: ['--platform any']")
    result = bench.slspack("build")
    assert result.status == 2
    assert "error[SLS0218]: `custom.pythonRequirements.pipCmdExtraArgs.0`: `--platform`" in result.err


@row("slim")
def _(bench: Bench) -> None:
    configure(bench, "slim: true")
    listed(bench)
    held = files(bench)
    assert {name for name in held if ".dist-info/" in name} == {
        f"{each}-1.0.dist-info/METADATA" for each in ("core", "fast", "web")
    }
    assert len(bench.read_from("api", MODULE)) < len(WHOLE)


@row("slimPatterns")
def _(bench: Bench) -> None:
    configure(bench, "slim: true, slimPatterns: ['**/typed.txt']")
    listed(bench)
    held = files(bench)
    assert "fast/typed.txt" not in held
    assert "fast-1.0.dist-info/WHEEL" not in held


@row("slimPatternsAppendDefaults")
def _(bench: Bench) -> None:
    configure(bench, "slim: true, slimPatterns: ['**/typed.txt'], slimPatternsAppendDefaults: false")
    listed(bench)
    held = files(bench)
    assert "fast/typed.txt" not in held
    assert "fast-1.0.dist-info/WHEEL" in held


@row("strip")
def _(bench: Bench) -> None:
    configure(bench, "slim: true, strip: false")
    listed(bench)
    files(bench)
    assert bench.read_from("api", MODULE) == WHOLE


@row("layer")
def _(bench: Bench) -> None:
    said = "name: deps, description: All, compatibleRuntimes: [python3.13], licenseInfo: MIT, allowedAccounts: ['*']"
    api = "  api: {handler: app.handler, layers: [{Ref: PythonRequirementsLambdaLayer}]}\n"
    configure(bench, f"layer: {{{said}}}", f"{api}  whole: {{handler: app.handler}}\n")
    listed(bench)
    manifest = bench.build()
    layer = manifest["layers"]["pythonRequirements"]
    assert layer["logical_id"] == "PythonRequirementsLambdaLayer"
    assert (layer["name"], layer["description"], layer["license_info"]) == ("deps", "All", "MIT")
    assert (layer["compatible_runtimes"], layer["allowed_accounts"]) == (["python3.13"], ["*"])
    with zipfile.ZipFile(bench.root / layer["artifact"]) as archive:
        assert {"python/web/__init__.py", "python/core/__init__.py"} <= set(archive.namelist())
    assert "web/__init__.py" not in bench.names_in("api")
    assert "web/__init__.py" in bench.names_in("whole")


@row("zip")
def _(bench: Bench) -> None:
    configure(bench, "zip: true")
    listed(bench)
    held = files(bench)
    assert {".requirements.zip", "unzip_requirements.py", "app.py"} <= held
    assert "web/__init__.py" not in held
    with zipfile.ZipFile(io.BytesIO(bench.read_from("api", ".requirements.zip"))) as nested:
        assert {"web/__init__.py", "core/__init__.py", "fast/__init__.py"} <= set(nested.namelist())


@row("useDownloadCache")
def _(bench: Bench) -> None:
    configure(bench, "useDownloadCache: false")
    listed(bench)
    bench.build()
    assert "wheels" not in kinds(bench)
    forget(bench)
    configure(bench, "useDownloadCache: true")
    bench.build()
    assert "wheels" in kinds(bench)


@row("useStaticCache")
def _(bench: Bench) -> None:
    configure(bench, "useStaticCache: false")
    listed(bench)
    bench.build()
    assert not {"imports", "segments", "native"} & kinds(bench)
    forget(bench)
    configure(bench, "useStaticCache: true")
    bench.build()
    assert {"segments", "native"} <= kinds(bench)


@row("cacheLocation")
def _(bench: Bench) -> None:
    configure(bench, "cacheLocation: ../elsewhere")
    listed(bench)
    result = bench.slspack("build", SLSPACK_CACHE_DIR="")
    assert result.status == 0, result.err
    assert any((bench.root.parent / "elsewhere").iterdir())


@row("staticCacheMaxVersions")
def _(bench: Bench) -> None:
    configure(bench, "staticCacheMaxVersions: 1")
    listed(bench)
    bench.build()
    result = bench.slspack("config", "--json")
    assert json.loads(result.out)["cache"]["max_versions"] == 1


@row("invalidateCaches")
def _(bench: Bench) -> None:
    configure(bench, "invalidateCaches: true")
    listed(bench)
    first = bench.build()["functions"]["api"]
    again = bench.build()["functions"]["api"]
    assert first["sha256"] == again["sha256"]


@row("sls requirements clean")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    bench.build()
    assert bench.slspack("clean").status == 0
    assert sorted(each.name for each in bench.root.iterdir()) == ["app.py", "requirements.txt", "serverless.yml"]


@row("sls requirements cleanCache")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    bench.build()
    assert "wheels" in kinds(bench)
    forget(bench)
    assert kinds(bench) == set()


@row("symlinks")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    before = files(bench)
    assert not any((bench.root / name).is_symlink() for name in before)
    assert {each.name for each in bench.root.iterdir()} == {".slspack", "app.py", "requirements.txt", "serverless.yml"}


@row("sls requirements install")
def _(bench: Bench) -> None:
    """What stood in `.requirements` stands, with the function's own files, in its folder of `--format dir`."""
    configure(bench)
    listed(bench)
    assert bench.slspack("build", "--format", "dir").status == 0
    assert (bench.folder("api") / "web/__init__.py").is_file()


@row("packaging speed")
def _(bench: Bench) -> None:
    configure(bench, functions="  api: {handler: app.handler, package: {patterns: ['!./**', 'data/**', app.py]}}\n")
    listed(bench)
    bench.write({"data/a.json": "{}"})
    assert {"app.py", "data/a.json", "web/__init__.py"} <= files(bench)


@row("deploymentBucket")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    path = bench.root / "serverless.yml"
    path.write_text(path.read_text().replace("python3.13}", "python3.13, deploymentBucket: {name: shop-artifacts}}"))
    assert distributions(bench) == ["core", "fast", "web"]


@row("schema")
def _(bench: Bench) -> None:
    configure(bench, functions="  api: {handler: app.handler, module: of_api, events: [{http: GET /}]}\n")
    listed(bench)
    bench.write({"of_api/app.py": "def handler(event, context): ...\n"})
    assert bench.slspack("build").err.count("SLS0103") == 0
    assert "app.py" in bench.names_in("api")


@row("Scaleway provider")
def _(bench: Bench) -> None:
    configure(bench)
    listed(bench)
    path = bench.root / "serverless.yml"
    path.write_text(path.read_text().replace("name: aws, runtime: python3.13", "name: scaleway, runtime: python313"))
    assert distributions(bench) == ["core", "fast", "web"]


@pytest.mark.parametrize("name", ROWS)
def test_an_option(name: str, bench: Bench) -> None:
    ROWS[name](bench)
