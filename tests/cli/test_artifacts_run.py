"""Artifacts run by a real interpreter that sees nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.lambda_host import invoke, run
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

PYTHON = Path(sys.executable)
RUNTIME = "python{}.{}".format(*sys.version_info)


def test_metadata_and_entry_points_work_in_the_artifact(bench: Bench) -> None:
    assert bench.index
    make_wheel(
        bench.index.folder,
        "plug-core",
        "3.1",
        files={
            "plug/__init__.py": "from importlib.metadata import entry_points\n"
            "def names():\n    return sorted(e.load()() for e in entry_points(group='plug'))\n",
            "plug/cli.py": "def main():\n    return 'core'\n",
        },
        requires=["plug-extra"],
        entry_points="[console_scripts]\nplug = plug.cli:main\n\n[plug]\ncore = plug.cli:main\n",
    )
    make_wheel(
        bench.index.folder,
        "plug-extra",
        "0.9",
        files={"plug_extra.py": "def main():\n    return 'extra'\n"},
        entry_points="[plug]\nextra = plug_extra:main\n",
    )
    bench.write(
        {
            "slspack.yml": f"runtime: {RUNTIME}\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "plug-core\n",
            "app.py": """
from importlib import metadata, resources

import plug


def handler(event, context):
    (script,) = metadata.entry_points(group="console_scripts")
    return {
        "version": metadata.version("plug-core"),
        "requires": metadata.requires("plug_core"),
        "names": plug.names(),
        "script": script.load()(),
        "module": resources.files("plug").joinpath("cli.py").is_file(),
    }
""",
        }
    )
    bench.build()
    assert invoke(bench.artifact("api"), "app.handler", {}, PYTHON) == {
        "version": "3.1",
        "requires": ["plug-extra"],
        "names": ["core", "extra"],
        "script": "core",
        "module": True,
    }


@pytest.mark.parametrize(
    ("handler", "path"),
    [
        ("src/my-lambda.handler", "src/my-lambda.py"),
        ("app.pkg.main.handler", "app/pkg/main.py"),
        ("pkg/mod.handler", "pkg/mod.py"),
        ("single.handler", "single.py"),
        ("package.handler", "package/__init__.py"),
    ],
)
@pytest.mark.parametrize("form", ["zip", "dir"])
def test_handlers_are_found_however_they_are_spelled(bench: Bench, handler: str, path: str, form: str) -> None:
    bench.write(
        {
            "slspack.yml": f"runtime: {RUNTIME}\nfunctions:\n  f: {handler}\n",
            path: "import shared.deep.value\ndef handler(event, context):\n    return shared.deep.value.VALUE\n",
            "shared/deep/value.py": "VALUE = 42\n",
        }
    )
    bench.build("--format", form)
    artifact = bench.artifact("f") if form == "zip" else bench.folder("f")
    done = run(artifact, handler, [{}], PYTHON)
    assert done.results == (42,)
    assert "shared.deep.value" in done.modules


def test_the_shop_runs(bench: Bench) -> None:
    assert bench.index
    bench.copy("shop")
    configuration = (bench.root / "serverless.yml").read_text("utf-8").replace("python3.13", RUNTIME)
    bench.write({"serverless.yml": configuration})
    fill = "def fill(template, name):\n    return template.replace('{name}', name)\n"
    make_wheel(bench.index.folder, "render", files={"render/__init__.py": fill}, extras=["fast"])
    make_wheel(bench.index.folder, "tables", "2.1", {"tables.py": "def rows(name):\n    return [name]\n"})
    make_wheel(bench.index.folder, "unused-by-health")
    bench.build()
    answer = invoke(bench.artifact("checkout"), "src/check-out.handler", {"prices": [1, 2]}, PYTHON)
    assert answer == {"total": 3, "page": "<p>Hello Anna</p>"}
    assert invoke(bench.artifact("catalogue"), "app.pkg.main.handler", {}, PYTHON) == {"rows": ["books"]}
    assert invoke(bench.artifact("health"), "tools/health.handler", {}, PYTHON) == {"status": "ok"}


def test_a_program_in_the_artifact_can_be_executed(bench: Bench) -> None:
    assert bench.index
    make_wheel(
        bench.index.folder,
        "tool",
        files={"tool/__init__.py": "", "tool/run.sh": "#!/bin/sh\necho ran\n"},
        executable=["tool/run.sh"],
    )
    bench.write(
        {
            "slspack.yml": f"runtime: {RUNTIME}\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "tool\n",
            "app.py": """
import subprocess
from pathlib import Path

import tool


def handler(event, context):
    return subprocess.check_output([Path(tool.__file__).with_name("run.sh")], text=True)
""",
        }
    )
    bench.build()
    assert invoke(bench.artifact("api"), "app.handler", {}, PYTHON) == "ran\n"
