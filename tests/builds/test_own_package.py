"""A service that lists itself, or a folder above it, among its requirements."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench, write_files
from tests.support.index import package_index
from tests.support.layouts import PROJECT, SYSTEMS
from tests.support.projects import project_files
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONFIGURATION = "runtime: python3.13\nfunctions: {api: app.handler, other: other.handler}\n"
HANDLER = "def handler(event, context):\n    return 1\n"
OWN = PROJECT.replace("common-lib", "shop")
POETRY = '[tool.poetry]\nname = "shop"\nversion = "1.5"\n[tool.poetry.dependencies]\nbase = "*"\n'
TRACED = {
    "setuptools": SYSTEMS["setuptools"] + OWN,
    "no build system": OWN,
    "Poetry": SYSTEMS["poetry"] + POETRY,
    "hatchling": SYSTEMS["hatchling"] + OWN,
}


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def bench(tmp_path: Path, index_folder: Path) -> Iterator[Bench]:
    with package_index(index_folder) as index:
        make_wheel(index.folder, "base")
        made = Bench(tmp_path / "repository/shop/service", tmp_path / "store", index)
        made.write({"slspack.yml": CONFIGURATION, "app.py": f"import shop.models\n{HANDLER}", "other.py": HANDLER})
        yield made


def assert_once(bench: Bench, function: str) -> None:
    assert [name for name, count in Counter(bench.names_in(function)).items() if count > 1] == []


@pytest.mark.parametrize("text", TRACED.values(), ids=TRACED)
@pytest.mark.parametrize("line", ["-e .", ".", "shop @ file:."])
def test_the_service_itself(bench: Bench, text: str, line: str) -> None:
    bench.write({"pyproject.toml": text, "requirements.txt": f"{line}\n", "shop/__init__.py": "", "shop/models.py": ""})
    manifest = bench.build()
    assert manifest["warnings"] == []
    assert bench.names_in("api") == [
        "base-1.0.dist-info/METADATA", "base-1.0.dist-info/WHEEL", "base/__init__.py", "shop-1.5.dist-info/METADATA",
        "shop-1.5.dist-info/WHEEL", "app.py", "shop/__init__.py", "shop/models.py",
    ]  # fmt: skip
    assert bench.names_in("other") == ["other.py"]
    assert [one["cached"] for one in bench.build()["functions"].values()] == [True, True]


BUILT: dict[str, Mapping[str, str]] = {
    "a script": {"setup.py": "from setuptools import setup\nsetup(name='shop', py_modules=['app'])\n"},
    "a backend of its own": project_files("shop", "1.5", requires=["base"]),
    "something compiled": {
        "pyproject.toml": SYSTEMS["setuptools"] + OWN,
        "setup.py": "from setuptools import setup, Extension\nsetup(ext_modules=[Extension('x', ['x.c'])])\n",
    },
}


@pytest.mark.parametrize("files", BUILT.values(), ids=BUILT)
def test_a_service_that_would_be_built(bench: Bench, files: Mapping[str, str]) -> None:
    bench.write({**files, "requirements.txt": "-e .\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert result.err.startswith(
        "error[SLS0360]: `.` is the service itself, and its package cannot be taken as it is: it would be built\n"
        "  --> requirements.txt:1:1\n"
        "  hint: take the line out, and list what the service needs: its own modules are packaged without it\n"
    )


def test_with_a_builder_of_its_own_it_is_left_to_that(bench: Bench) -> None:
    bench.write(
        {
            **project_files("shop", "1.5"),
            "requirements.txt": "-e .\n",
            "slspack.yml": f"{CONFIGURATION}builders: {{shop: none}}\n",
        }
    )
    assert "error[SLS0511]: `shop` would have to be built, and its `builder` is `none`" in bench.slspack("build").err


@pytest.mark.parametrize("text", TRACED.values(), ids=TRACED)
def test_a_package_that_holds_the_service(bench: Bench, text: str) -> None:
    repository = bench.root / "../.."
    write_files(repository, {"pyproject.toml": text, "shop/__init__.py": "", "shop/models.py": "", "shop/x.json": ""})
    bench.write({"requirements.txt": "-e ../..\n", "package.json": "{}", "src/unrelated.json": "{}"})
    (bench.root / "app.py").rename(bench.root / "src/app.py")
    (bench.root / "other.py").rename(bench.root / "src/other.py")
    bench.write({"slspack.yml": CONFIGURATION.replace("app.", "src/app.").replace("other.h", "src/other.h")})
    bench.build()
    assert [name for name in bench.names_in("api") if "dist-info" not in name] == [
        "base/__init__.py", "shop/__init__.py", "shop/models.py", "shop/x.json", "src/app.py",
    ]  # fmt: skip
    assert_once(bench, "api")
    assert [one["cached"] for one in bench.build()["functions"].values()] == [True, True]
    (repository / "shop/models.py").write_text("MODELS = 1\n", "utf-8")
    assert [one["cached"] for one in bench.build()["functions"].values()] == [False, True]


def test_a_service_that_imports_itself_by_its_place_in_the_package(bench: Bench) -> None:
    write_files(bench.root / "../..", {"pyproject.toml": TRACED["setuptools"], "shop/__init__.py": ""})
    bench.write(
        {
            "requirements.txt": "../..\n",
            "app.py": f"from shop.service import tools\n{HANDLER}",
            "tools.py": "",
            "package.json": "{}",
        }
    )
    bench.build()
    assert [name for name in bench.names_in("api") if name.endswith(".py")] == [
        "base/__init__.py", "app.py", "shop/__init__.py", "shop/service/tools.py",
    ]  # fmt: skip


def test_a_built_package_that_holds_the_service_is_built_once(bench: Bench) -> None:
    files = project_files("shop", "1.5", files={"shop/__init__.py": "", "shop/models.py": ""})
    write_files(bench.root / "../..", files)
    bench.write({"requirements.txt": "../..\n"})
    bench.build()
    assert "shop/models.py" in bench.names_in("api")
    assert [one["cached"] for one in bench.build()["functions"].values()] == [True, True]
