"""`slspack.cdk` in stacks of the real library, which runs in Node.js: the assets that synthesising them gives."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import REPOSITORY
from tests.support.example_services import copy_example

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.bench import Bench

pytestmark = pytest.mark.node

HANDLER = "def handler(event, context): ...\n"
APP = """
import aws_cdk
from aws_cdk import BundlingOptions, DockerImage, aws_lambda
from slspack.cdk import SlspackBundling, SlspackCode, SlspackFunction

app = aws_cdk.App(outdir="cdk.out")
stack = aws_cdk.Stack(app, "Stack")
{body}
app.synth()
"""
EVERY_KIND = """
SlspackFunction(stack, "Declared", entry="service", function="a", timeout=aws_cdk.Duration.seconds(9))
SlspackFunction(stack, "Here", entry="service", index="b.py", runtime=aws_lambda.Runtime.PYTHON_3_12,
                architecture=aws_lambda.Architecture.ARM_64, settings={"patterns": ["data.txt"]})
runtime = aws_lambda.Runtime.PYTHON_3_13
aws_lambda.Function(stack, "Code", code=SlspackCode.function("a", "service"), handler="a.handler", runtime=runtime)
options = BundlingOptions(image=DockerImage.from_registry("none"), local=SlspackBundling("a", "service"))
code = aws_lambda.Code.from_asset("service", bundling=options)
aws_lambda.Function(stack, "Local", code=code, handler="a.handler", runtime=runtime)
"""


@dataclass(frozen=True)
class Synth:
    """What synthesising gave: the functions' properties by the ids that they were given, and where assets are."""

    folder: Path

    @property
    def functions(self) -> dict[str, dict[str, Any]]:
        (path,) = self.folder.glob("*.template.json")
        resources = json.loads(path.read_text("utf-8"))["Resources"]
        return {
            name[:-8]: resource["Properties"]
            for name, resource in resources.items()
            if resource["Type"] == "AWS::Lambda::Function"
        }

    def asset(self, function: str) -> Path:
        """The asset that the function's code is."""
        key: str = self.functions[function]["Code"]["S3Key"]
        (path,) = self.folder.glob(f"asset.{key.partition('.')[0]}*")
        return path


def synth(service: Bench, body: str) -> subprocess.CompletedProcess[str]:
    """Run an app in the folder beside the service."""
    folder = service.root.parent
    (folder / "app.py").write_text(dedent(APP).format(body=body))
    return run(folder, service.variables)


def run(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=folder,
        env={**variables, "PYTHONPATH": str(REPOSITORY), "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def service(bench: Bench) -> Bench:
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nfunctions: {a: a.handler}\n",
            "a.py": f"import helper\n{HANDLER}",
            "b.py": HANDLER,
            "helper.py": "",
            "data.txt": "text",
        }
    )
    return bench


def test_every_kind_of_code_is_the_artifact(service: Bench) -> None:
    done = synth(service, EVERY_KIND)
    assert done.returncode == 0, done.stderr
    result = Synth(service.root.parent / "cdk.out")
    functions = result.functions
    assert {name: (one["Handler"], one["Runtime"], one.get("Architectures")) for name, one in functions.items()} == {
        "Declared": ("a.handler", "python3.13", ["x86_64"]),
        "Here": ("b.handler", "python3.12", ["arm64"]),
        "Code": ("a.handler", "python3.13", None),
        "Local": ("a.handler", "python3.13", None),
    }
    assert functions["Declared"]["Timeout"] == 9
    artifact = service.artifact("a").read_bytes()
    assert result.asset("Declared").read_bytes() == result.asset("Code").read_bytes() == artifact
    with zipfile.ZipFile(result.asset("Here")) as archive:
        assert sorted(archive.namelist()) == ["b.py", "data.txt"]
    assert sorted(path.name for path in result.asset("Local").iterdir()) == ["a.py", "helper.py"]
    assert sorted(path.name for path in service.root.iterdir() if path.is_file()) == [
        "a.py",
        "b.py",
        "data.txt",
        "helper.py",
        "slspack.yml",
    ]


def test_the_assets_hash_changes_with_the_artifact_and_with_nothing_else(service: Bench) -> None:
    body = 'SlspackFunction(stack, "Declared", entry="service", function="a")'

    def key() -> str:
        assert synth(service, body).returncode == 0
        key: str = Synth(service.root.parent / "cdk.out").functions["Declared"]["Code"]["S3Key"]
        return key

    first = key()
    os.utime(service.root / "a.py", (1, 1))
    service.write({"b.py": "other = 1\n", "notes.md": "x"})
    assert key() == first
    sha256 = hashlib.sha256(service.artifact("a").read_bytes()).hexdigest()
    assert first == f"{hashlib.sha256(sha256.encode()).hexdigest()}.zip"
    service.write({"a.py": f"import json\n{HANDLER}"})
    assert key() != first


def test_a_failure_is_one_readable_error_and_leaves_the_artifacts(service: Bench) -> None:
    body = 'SlspackFunction(stack, "Declared", entry="service", function="a")'
    assert synth(service, body).returncode == 0
    before = service.artifact("a").read_bytes()
    service.write({"a.py": f"import nowhere\n{HANDLER}"})
    done = synth(service, body)
    assert done.returncode == 1
    assert done.stderr.count("error[SLS0401]: ") == 1
    assert "Traceback" not in done.stderr
    assert service.artifact("a").read_bytes() == before
    local = "BundlingOptions(image=DockerImage.from_registry('none'), local=SlspackBundling('a', 'service'))"
    done = synth(service, f"aws_lambda.Code.from_asset('service', bundling={local}).bind(stack)")
    assert done.returncode == 1
    assert "`a` imports `nowhere`, which no requirement provides" in done.stderr


def test_a_runtime_is_needed_where_nothing_else_declares_one(service: Bench) -> None:
    done = synth(service, 'SlspackFunction(stack, "Here", entry="service")')
    assert done.returncode == 1
    assert done.stderr.endswith("TypeError: SlspackFunction needs `runtime`, or the name of a declared `function`\n")


def test_the_example_synthesises(bench: Bench, tmp_path: Path) -> None:
    root = copy_example("cdk-moods", tmp_path / "moods")
    done = run(root, {**bench.variables, "CDK_OUTDIR": str(root / "cdk.out")})
    assert done.returncode == 0, done.stderr
    result = Synth(root / "cdk.out")
    with zipfile.ZipFile(result.asset("Mood")) as archive:
        assert sorted(archive.namelist()) == ["mood.py", "words.py"]
    assert set(result.functions) == {"Mood", "Diary"}
