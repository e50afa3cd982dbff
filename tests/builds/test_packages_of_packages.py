"""Local packages that need others: Poetry's paths, uv's sources and workspaces, namespaces, the service itself."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slspack.registry import uv_executable
from tests.support.bench import Bench, write_files
from tests.support.index import package_index
from tests.support.layouts import SYSTEMS
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDLER = "def handler(event, context):\n    return 1\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "base")
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        made.write(
            {
                "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler, other: other.handler}\n",
                "app.py": f"import common\n{HANDLER}",
                "other.py": HANDLER,
            }
        )
        yield made


def poetry(name: str, dependencies: str) -> dict[str, str]:
    """A project that only Poetry's own table describes."""
    table = (
        f'[tool.poetry]\nname = "{name}"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.9"\n{dependencies}'
    )
    return {"pyproject.toml": SYSTEMS["poetry"] + table, f"{name}/__init__.py": f"NAME = '{name}'\n"}


def project(name: str, requires: str, more: str = "", module: str = "") -> dict[str, str]:
    """A project with `[project]`, built by uv_build."""
    told = f'[tool.uv.build-backend]\nmodule-name = "{module}"\n' if module else ""
    text = f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{requires}]\n'
    place = (module or name.replace("-", "_")).replace(".", "/")
    return {"pyproject.toml": SYSTEMS["uv"] + text + told + more, f"src/{place}/__init__.py": f"NAME = '{name}'\n"}


def distributions(bench: Bench, function: str = "api") -> list[str]:
    """What a build puts into a function, by name."""
    manifest = bench.build()
    return [one["name"] for one in manifest["functions"][function]["distributions"]]


def test_paths_of_poetrys_are_followed(bench: Bench) -> None:
    common = poetry("common", 'base = "^1"\ninner = { path = "../inner", develop = true }\n')
    common["common/__init__.py"] = "import inner\n"
    write_files(bench.root / "../libs/common", common)
    write_files(bench.root / "../libs/inner", {**poetry("inner", 'base = "^1"\n'), "inner/x.py": "X = 1\n"})
    bench.write({"requirements.txt": "-e ../libs/common\n"})
    assert distributions(bench) == ["base", "common", "inner"]
    assert {"common/__init__.py", "inner/__init__.py", "inner-1.dist-info/METADATA"} < set(bench.names_in("api"))
    assert not (bench.root / ".slspack/logs").exists()
    (bench.root / "../libs/inner/inner/__init__.py").write_text("from . import x\n", "utf-8")
    edited = bench.build()
    assert {name: one["cached"] for name, one in edited["functions"].items()} == {"api": False, "other": True}
    assert "inner/x.py" in bench.names_in("api")


def test_poetrys_table_beside_project_says_where_things_are(bench: Bench) -> None:
    text = (
        '[project]\nname = "common"\nversion = "1"\ndependencies = ["base>=1", "inner"]\n'
        '[tool.poetry.dependencies]\nbase = { version = "^1" }\ninner = { path = "../inner", develop = true }\n'
    )
    write_files(bench.root / "../common", {"pyproject.toml": SYSTEMS["poetry"] + text, "common.py": "import inner\n"})
    write_files(bench.root / "../inner", poetry("inner", ""))
    bench.write({"requirements.txt": "../common\n"})
    assert distributions(bench) == ["base", "common", "inner"]


def test_wheels_by_their_paths_are_followed(bench: Bench) -> None:
    make_wheel(bench.root / "../wheels", "apart")
    files = project("common", '"apart @ file:../wheels/apart-1.0-py3-none-any.whl"')
    write_files(bench.root / "../common", {**files, "src/common/__init__.py": "import apart\n"})
    bench.write({"requirements.txt": "../common\n"})
    assert distributions(bench) == ["apart", "common"]


def test_one_that_is_listed_is_taken_from_where_the_list_says(bench: Bench) -> None:
    write_files(bench.root / "../common", {**poetry("common", 'inner = { path = "../absent" }\n'),
                                           "common/__init__.py": "import inner\n"})  # fmt: skip
    write_files(bench.root / "../inner", poetry("inner", ""))
    bench.write({"requirements.txt": "../common\ninner @ file:../inner\n"})
    assert distributions(bench) == ["common", "inner"]


def test_what_a_followed_one_needs_reaches_the_build_when_it_changes(bench: Bench) -> None:
    write_files(bench.root / "../common", poetry("common", 'inner = { path = "../inner" }\n'))
    inner = write_files(bench.root / "../inner", poetry("inner", ""))
    bench.write({"requirements.txt": "../common\n"})
    assert distributions(bench) == ["common", "inner"]
    (inner / "pyproject.toml").write_text(poetry("inner", 'base = "*"\n')["pyproject.toml"], "utf-8")
    assert distributions(bench) == ["base", "common", "inner"]


def test_sources_of_uvs_are_followed_without_a_lock(bench: Bench) -> None:
    members = '[tool.uv.workspace]\nmembers = ["libs/*"]\nexclude = ["libs/not"]\n'
    workspace = "[tool.uv.sources]\nthird = { workspace = true }\n"
    write_files(bench.root / "..", {"pyproject.toml": members})
    write_files(bench.root / "../libs/not", project("third", ""))
    write_files(bench.root / "../libs/third", project("third", '"base"'))
    write_files(bench.root / "../libs/second", project("second", '"third"', workspace))
    sources = '[tool.uv.sources]\nsecond = { path = "../libs/second" }\n'
    write_files(bench.root / "../common", project("common", '"second"', sources))
    bench.write({"requirements.txt": "../common\n"})
    assert distributions(bench) == ["base", "common", "second", "third"]


def test_portions_of_one_namespace(bench: Bench) -> None:
    for name in ("auth", "data"):
        files = project(f"company-{name}", "", module=f"company.{name}")
        write_files(bench.root / f"../{name}", {**files, f"src/company/{name}/{name}.py": ""})
    bench.write(
        {
            "requirements.txt": "../auth\n../data\n",
            "app.py": f"from company.auth import auth\nimport company.data\n{HANDLER}",
        }
    )
    assert distributions(bench) == ["company-auth", "company-data"]
    assert [name for name in bench.names_in("api") if name.startswith("company/")] == [
        "company/auth/__init__.py", "company/auth/auth.py", "company/data/__init__.py",
    ]  # fmt: skip


def lock(bench: Bench, folder: Path) -> None:
    """Lock a project with uv."""
    command = [uv_executable(), "lock", "--python", sys.executable, "--no-python-downloads", "--directory", str(folder)]
    variables = {**bench.variables, "UV_DEFAULT_INDEX": bench.variables["PIP_INDEX_URL"]}
    subprocess.run(command, env=variables, check=True, capture_output=True)


@pytest.fixture
def workspace(bench: Bench) -> Bench:
    """A service that is a member of a workspace whose lock lies above it."""
    bench.write({"other.py": f"import spare\n{HANDLER}"})
    sources = "[tool.uv.sources]\n" + "".join(
        f"{name} = {{ workspace = true }}\n" for name in ("common", "inner", "spare")
    )
    above = bench.root / ".."
    write_files(above, {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["service", "libs/*"]\n'})
    common = project("common", '"inner"', sources)
    common["src/common/__init__.py"] = "import inner\n"
    write_files(above / "libs/common", common)
    write_files(above / "libs/inner", project("inner", '"base"'))
    write_files(above / "libs/spare", project("spare", ""))
    bench.write(
        {
            "pyproject.toml": '[project]\nname = "service"\nversion = "1"\nrequires-python = ">=3.11"\n'
            f'dependencies = ["common", "spare"]\n{sources}'
        }
    )
    lock(bench, above)
    return bench


def test_members_of_a_workspace_are_source(workspace: Bench) -> None:
    assert distributions(workspace) == ["base", "common", "inner"]
    assert distributions(workspace, "other") == ["spare"]
    assert {"common/__init__.py", "inner/__init__.py"} < set(workspace.names_in("api"))
    assert not (workspace.root / ".slspack/logs").exists()


def test_an_edit_of_a_member_writes_what_reaches_it(workspace: Bench) -> None:
    workspace.build()
    before = {name: workspace.artifact(name).stat().st_mtime_ns for name in ("api", "other")}
    member = workspace.root / "../libs/inner/src/inner/__init__.py"
    member.write_text("NAME = 'edited'\n", "utf-8")
    edited = workspace.build()
    assert {name: one["cached"] for name, one in edited["functions"].items()} == {"api": False, "other": True}
    after = {name: workspace.artifact(name).stat().st_mtime_ns for name in before}
    assert after["api"] != before["api"]
    assert after["other"] == before["other"]
    assert workspace.read_from("api", "inner/__init__.py") == b"NAME = 'edited'\n"
