"""Local packages of pure Python: traced like the service's own code, with their metadata at hand."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slspack.builds.firstparty import read_first_party
from slspack.registry import uv_executable
from tests.support.bench import Bench, write_files
from tests.support.index import package_index
from tests.support.native_sources import own_backend
from tests.support.projects import Repository, project_files
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HANDLER = "def handler(event, context):\n    return 1\n"
FLIT = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
POETRY = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
UV = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'
PROJECT = '[project]\nname = "Common.Lib"\nversion = "1.05"\ndependencies = ["base>=1"]\n'
COMMON = {
    "pyproject.toml": FLIT + PROJECT + "[project.optional-dependencies]\nx = [\"more ; python_version > '3.1'\"]\n"
    '[project.entry-points.plugins]\none = "common_lib:one"\n',
    "src/common_lib/__init__.py": "import base\nfrom . import inner\n",
    "src/common_lib/inner.py": "INNER = 1\n",
    "src/common_lib/unused.py": "",
    "tests/test_common.py": "",
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        for name in ("base", "more"):
            make_wheel(index.folder, name)
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        made.write(
            {
                "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler, other: other.handler}\n",
                "app.py": f"import common_lib\n{HANDLER}",
                "other.py": HANDLER,
            }
        )
        yield made


@pytest.mark.parametrize("folder", ["./libs/common", "../libs/common"])
def test_it_is_traced_and_its_metadata_goes_in(bench: Bench, folder: str) -> None:
    write_files(bench.root / folder, COMMON)
    bench.write({"requirements.txt": f"-e {folder}\n"})
    manifest = bench.build()
    assert manifest["warnings"] == []
    names = bench.names_in("api")
    assert [name for name in names if name.startswith("common_lib")] == [
        "common_lib-1.5.dist-info/METADATA", "common_lib-1.5.dist-info/WHEEL",
        "common_lib-1.5.dist-info/entry_points.txt", "common_lib/__init__.py", "common_lib/inner.py",
    ]  # fmt: skip
    assert b"Requires-Dist: base>=1\n" in bench.read_from("api", "common_lib-1.5.dist-info/METADATA")
    assert [one["name"] for one in manifest["functions"]["api"]["distributions"]] == ["base", "common-lib"]
    assert bench.names_in("other") == ["other.py"]
    assert not (bench.root / ".slspack/logs").exists()


@pytest.mark.parametrize("folder", ["./libs/common", "../libs/common"])
def test_an_edit_of_it_is_an_edit_of_the_service(bench: Bench, folder: str) -> None:
    package = write_files(bench.root / folder, COMMON)
    bench.write({"requirements.txt": f"-e {folder}\n"})
    first = bench.build()
    again = bench.build()
    assert [one["cached"] for one in again["functions"].values()] == [True, True]
    (package / "src/common_lib/inner.py").write_text("from . import unused\n", "utf-8")
    edited = bench.build()
    assert "common_lib/unused.py" in bench.names_in("api")
    assert {name: record["cached"] for name, record in edited["functions"].items()} == {"api": False, "other": True}
    (package / "src/common_lib/inner.py").write_text("INNER = 1\n", "utf-8")
    assert bench.build()["functions"]["api"]["sha256"] == first["functions"]["api"]["sha256"]
    (package / "src/common_lib/fresh.py").write_text("", "utf-8")
    (package / "src/common_lib/inner.py").write_text("from . import fresh\n", "utf-8")
    bench.build()
    assert "common_lib/fresh.py" in bench.names_in("api")


def test_a_change_of_its_requirements_reaches_the_lock(bench: Bench) -> None:
    package = write_files(bench.root / "../common", COMMON)
    bench.write({"requirements.txt": "../common\n"})
    bench.build()
    text = COMMON["pyproject.toml"].replace('["base>=1"]', '["base>=1", "more"]')
    (package / "pyproject.toml").write_text(text, "utf-8")
    assert [one["name"] for one in bench.build()["functions"]["api"]["distributions"]] == ["base", "common-lib", "more"]


def test_extras_are_asked_of_it(bench: Bench) -> None:
    write_files(bench.root / "common", COMMON)
    bench.write({"requirements.txt": "./common[x]\n", "app.py": f"import common_lib, more\n{HANDLER}"})
    manifest = bench.build()
    assert manifest["warnings"] == []
    assert [one["name"] for one in manifest["functions"]["api"]["distributions"]] == ["base", "common-lib", "more"]


def test_explain_follows_the_imports_into_it(bench: Bench) -> None:
    write_files(bench.root / "../common", COMMON)
    bench.write({"requirements.txt": "../common\n"})
    result = bench.slspack("explain", "api", "base")
    assert result.status == 0, result.err
    assert "../common/src/common_lib/__init__.py:1" in result.out


def test_a_builder_by_name_builds_it_all_the_same(bench: Bench) -> None:
    write_files(bench.root / "common", {**COMMON, "pyproject.toml": COMMON["pyproject.toml"]})
    bench.write(
        {
            "requirements.txt": "./common\n",
            "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler}\nbuilders: {common-lib: none}\n",
        }
    )
    result = bench.slspack("build")
    assert result.status == 1
    assert "error[SLS0511]: `common-lib` would have to be built, and its `builder` is `none`" in result.err


@pytest.mark.parametrize("builder", ["docker", "none"])
def test_the_services_builder_is_for_what_has_to_be_built(bench: Bench, builder: str) -> None:
    write_files(bench.root / "common", COMMON)
    configuration = f"runtime: python3.13\nfunctions: {{api: app.handler}}\nbuilder: {builder}\n"
    bench.write({"requirements.txt": "./common\n", "slspack.yml": configuration})
    bench.build()
    assert "common_lib/inner.py" in bench.names_in("api")


DATA = {
    **COMMON,
    "pyproject.toml": COMMON["pyproject.toml"].replace(FLIT, SETUPTOOLS),
    "src/common_lib/schema.json": "{}",
    "src/common_lib/templates/mail/a.html": "",
    "src/common_lib/unreached/__init__.py": "",
    "src/common_lib/unreached/data.json": "{}",
    "src/common_lib/big.csv": "",
    "README.md": "",
}


def test_data_beside_its_modules_is_as_with_the_services_own(bench: Bench) -> None:
    write_files(bench.root / "../outside", DATA)
    bench.write({f"inside/{path.removeprefix('src/')}": text for path, text in DATA.items()})
    folders = {"outside": ("../outside", "../outside/src"), "own": (".", "inside")}
    held: dict[str, list[str]] = {}
    for name, (folder, root) in folders.items():
        function = f"{{handler: app.handler, patterns: ['!{root}/common_lib/big.csv']}}"
        source_roots = "" if name == "outside" else f"sourceRoots: [., {root}]\n"
        bench.write(
            {
                "slspack.yml": f"runtime: python3.13\n{source_roots}functions: {{api: {function}}}\n",
                "requirements.txt": f"-e {folder}\n" if name == "outside" else "base\n",
            }
        )
        bench.build()
        held[name] = [one for one in bench.names_in("api") if one.startswith("common_lib/")]
    assert held["outside"] == held["own"]
    assert held["outside"] == [
        "common_lib/__init__.py", "common_lib/inner.py", "common_lib/schema.json", "common_lib/templates/mail/a.html",
    ]  # fmt: skip


def test_data_of_it_that_a_pattern_takes_out(bench: Bench) -> None:
    write_files(bench.root / "libs/common", DATA)
    function = "{handler: app.handler, patterns: ['!libs/common/**/*.csv']}"
    bench.write(
        {
            "slspack.yml": f"runtime: python3.13\nfunctions: {{api: {function}}}\n",
            "requirements.txt": "-e libs/common\n",
        }
    )
    bench.build()
    names = bench.names_in("api")
    assert "common_lib/schema.json" in names
    assert "common_lib/big.csv" not in names


def test_two_with_a_module_of_one_name(bench: Bench) -> None:
    for name in ("one", "two"):
        text = COMMON["pyproject.toml"].replace("Common.Lib", f"Common-{name}").replace(FLIT, SETUPTOOLS)
        write_files(bench.root / name, {**COMMON, "pyproject.toml": text})
    bench.write({"requirements.txt": "./one\n./two\n"})
    result = bench.slspack("build")
    assert "error[SLS0406]: the local packages `one` and `two` both have a module `common_lib`" in result.err


def test_where_a_package_lists_what_it_needs(bench: Bench) -> None:
    write_files(bench.root / "../common", COMMON)
    bench.write({"requirements.txt": "../common\n", "app.py": f"import common_lib, base\n{HANDLER}"})
    manifest = bench.build()
    assert {one["name"]: one["direct"] for one in manifest["functions"]["api"]["distributions"]} == {
        "base": True, "common-lib": True,
    }  # fmt: skip


def test_a_folder_that_uv_locks_is_traced(bench: Bench) -> None:
    write_files(bench.root / "../common", COMMON)
    bench.write(
        {
            "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'
            'dependencies = ["common-lib"]\n[tool.uv.sources]\ncommon-lib = { path = "../common", editable = true }\n',
        }
    )
    command = [
        uv_executable(),
        "lock",
        "--python",
        sys.executable,
        "--no-python-downloads",
        "--directory",
        str(bench.root),
    ]
    variables = {**bench.variables, "UV_DEFAULT_INDEX": bench.variables["PIP_INDEX_URL"]}
    subprocess.run(command, env=variables, check=True, capture_output=True)
    manifest = bench.build()
    assert [one["name"] for one in manifest["functions"]["api"]["distributions"]] == ["base", "common-lib"]
    assert "common_lib/inner.py" in bench.names_in("api")
    assert not (bench.root / ".slspack/logs").exists()


def test_without_a_lock_the_sources_of_uv_count_with_their_revision(bench: Bench, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit({f"in/{path}": text for path, text in project_files("remote").items()})
    repository.tag("v1")
    repository.commit({"in/remote.py": "WHO = 'later'\n"})
    bench.write(
        {
            "pyproject.toml": '[project]\nname = "app"\nversion = "1"\ndependencies = ["remote"]\n[tool.uv.sources]\n'
            f'remote = {{ git = "{repository.url}", tag = "v1", subdirectory = "in" }}\n',
            "app.py": f"import remote\n{HANDLER}",
        }
    )
    bench.build()
    assert bench.read_from("api", "remote.py") == b"WHO = 'remote'\n"


SCM = '[build-system]\nrequires = ["setuptools", "setuptools-scm>=8"]\nbuild-backend = "setuptools.build_meta"\n'
VCS = '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\nbuild-backend = "hatchling.build"\n[tool.hatch.version]\n'
INIT = "common_lib/__init__.py"
VERSIONS: list[tuple[str, Mapping[str, str], str | None]] = [
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {attr = "common_lib.__version__"}\n',
     {INIT: 'import os\n__version__: str = "1.2"\n'}, "1.2"),
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {attr = "common_lib.about.V"}\n',
     {f"src/{INIT}": "", "src/common_lib/about.py": "A, B = 1, 2\nV = '1.3'\n"}, "1.3"),
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {attr = "common_lib.__version__"}\n',
     {INIT: '__version__ = ".".join("12")\n'}, None),
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {attr = "common_lib.__version__"}\n', {INIT: "x = (\n"}, None),
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {file = "VERSION"}\n', {INIT: "", "VERSION": " 1.4\n"}, "1.4"),
    (SETUPTOOLS + '[tool.setuptools.dynamic]\nversion = {file = ["VERSION"]}\n', {INIT: ""}, None),
    (SETUPTOOLS, {INIT: ""}, None),
    (SCM, {INIT: ""}, "0+local"),
    (SCM + '[tool.setuptools_scm]\nfallback_version = "1.5.dev0"\n', {INIT: ""}, "1.5.dev0"),
    (SCM + '[tool.setuptools_scm]\nversion_file = "common_lib/_version.py"\n', {INIT: ""}, None),
    (SCM + '[tool.setuptools_scm]\nwrite_to = "common_lib/_v.py"\n', {INIT: "", "common_lib/_v.py": ""}, "0+local"),
    (VCS + 'source = "vcs"\n', {INIT: ""}, "0+local"),
    (VCS + 'source = "vcs"\nfallback-version = "2"\n', {INIT: ""}, "2"),
    (VCS + 'source = "vcs"\n[tool.hatch.build.hooks.vcs]\nversion-file = "common_lib/_version.py"\n', {INIT: ""}, None),
    (VCS + f'path = "{INIT}"\n', {INIT: '"""Common."""\n\n__version__ = "v1.6"\n'}, "1.6"),
    (VCS + f'path = "{INIT}"\npattern = "V=(.*)"\n', {INIT: "V=1\n"}, None),
    (VCS + 'source = "code"\npath = "version.py"\n', {INIT: ""}, None),
    (FLIT, {INIT: '"""Common."""\n__version__ = "1.7"\n'}, "1.7"),
    (FLIT, {"src/common_lib.py": '__version__ = "1.8"\n'}, "1.8"),
    (POETRY + '[tool.poetry]\nversion = "1.9"\n', {INIT: ""}, "1.9"),
    (UV, {"src/common_lib/__init__.py": ""}, None),
]  # fmt: skip


@pytest.mark.parametrize(("system", "files", "version"), VERSIONS)
def test_a_version_that_is_read_elsewhere(
    tmp_path: Path, system: str, files: Mapping[str, str], version: str | None
) -> None:
    project = '[project]\nname = "Common.Lib"\ndynamic = ["version", "readme"]\n'
    write_files(tmp_path, {**files, "pyproject.toml": project + system})
    found = read_first_party(tmp_path)
    assert (found.version if found else None) == version


def test_a_package_versioned_by_its_history_is_traced(bench: Bench) -> None:
    text = COMMON["pyproject.toml"].replace('version = "1.05"', 'dynamic = ["version"]').replace(FLIT, SCM)
    package = write_files(bench.root / "../common", {**COMMON, "pyproject.toml": text})
    bench.write({"requirements.txt": "../common\n"})
    bench.build()
    assert b"Version: 0+local\n" in bench.read_from("api", "common_lib-0+local.dist-info/METADATA")
    (package / "src/common_lib/inner.py").write_text("INNER = 2\n", "utf-8")
    bench.build()
    assert bench.read_from("api", "common_lib/inner.py") == b"INNER = 2\n"
    assert not (bench.root / ".slspack/logs").exists()


def test_a_new_version_in_a_module_reaches_the_metadata(bench: Bench) -> None:
    text = COMMON["pyproject.toml"].replace('version = "1.05"', 'dynamic = ["version"]')
    module = "src/common_lib/__init__.py"
    package = write_files(bench.root / "../common", {**COMMON, "pyproject.toml": text, module: '__version__ = "1"\n'})
    bench.write({"requirements.txt": "../common\n"})
    bench.build()
    assert "common_lib-1.dist-info/METADATA" in bench.names_in("api")
    (package / module).write_text('__version__ = "2"\n', "utf-8")
    bench.build()
    assert "common_lib-2.dist-info/METADATA" in bench.names_in("api")


def test_what_has_to_be_built_is_built_again_when_it_is_edited(bench: Bench) -> None:
    source = own_backend(
        bench.root / "../built",
        "common_lib",
        """
        files["common_lib.py"] = pathlib.Path("common_lib.in").read_text()
        files["told.txt"] = os.environ["SETUPTOOLS_SCM_PRETEND_VERSION"]
        """,
    )
    (source / "common_lib.in").write_text("ONE = 1\n", "utf-8")
    bench.write({"requirements.txt": "../built\n"})
    first = bench.build()
    assert bench.read_from("api", "common_lib.py") == b"ONE = 1\n"
    assert bench.read_from("api", "told.txt") == b"0+local"
    (source / "common_lib.in").write_text("ONE = 2\n", "utf-8")
    edited = bench.build()
    assert bench.read_from("api", "common_lib.py") == b"ONE = 2\n"
    assert edited["functions"]["api"]["sha256"] != first["functions"]["api"]["sha256"]
    (source / "common_lib.in").write_text("ONE = 1\n", "utf-8")
    assert bench.build()["functions"]["api"]["sha256"] == first["functions"]["api"]["sha256"]
