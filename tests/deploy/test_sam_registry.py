"""The real AWS SAM CLI on the example: what it says of the built template, builds by the Makefile, and uploads.

`sam local` runs functions in images from a registry of images, which no test reaches.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cloud import loopback_cloud
from tests.support.example_services import Built, build, copy_example
from tests.support.interpreters import find_interpreter
from tests.support.tools import SAM, install_tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def sam() -> Path:
    return install_tool(SAM) / "sam"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {"SLSPACK_CACHE_DIR": str(tmp_path_factory.mktemp("store"))}


@pytest.fixture
def example(tmp_path: Path, store: dict[str, str]) -> Built:
    """The example after `slspack build --sam`."""
    return build(copy_example("sam-greetings", tmp_path / "greetings"), "--sam", environment=store)


def run(sam: Path, *arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`sam …` as a user would start it, without credentials of anybody's."""
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "us-east-1"}
    quiet = {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(folder.parent / "sam-home")}
    return subprocess.run(
        [sam, *arguments],
        cwd=folder,
        env={**os.environ, **keys, **quiet, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def make(example: Built, sam: Path, store: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`sam build` of the example by `BuildMethod: makefile`."""
    template = example.root / "template.yaml"
    kind, method = "    Type: AWS::Serverless::Function\n", "    Metadata:\n      BuildMethod: makefile\n"
    text = (
        template.read_text("utf-8")
        .replace("    Metadata:\n", method)
        .replace(f"  Api:\n{kind}", f"  Api:\n{kind}{method}")
    )
    template.write_text(text, "utf-8")
    slspack = [sys.executable, "-m", "slspack"]
    for name, folder in {"Api": "api", "Card": "card"}.items():
        command = [*slspack, "hook", "sam", "--makefile", "-f", name]
        rules = subprocess.run(command, cwd=example.root, check=True, capture_output=True, text=True).stdout
        (example.root / "src" / folder / "Makefile").write_text(rules)
    return run(sam, "build", folder=example.root, SLSPACK=" ".join(slspack), **store)


def test_sam_finds_both_templates_valid(example: Built, sam: Path) -> None:
    for template in ("template.yaml", ".aws-sam/build/template.yaml"):
        done = run(sam, "validate", "--lint", "--template", template, folder=example.root)
        assert done.returncode == 0, done.stdout + done.stderr


def test_sam_build_by_the_makefile_gives_the_same_files(example: Built, sam: Path, store: dict[str, str]) -> None:
    expected = {name: _zipped(example.artifact(name)) for name in example.functions}
    done = make(example, sam, store)
    assert done.returncode == 0, done.stderr
    assert {name: _files(example.root / ".aws-sam/build" / name) for name in expected} == expected
    assert "jinja2/__init__.py" in expected["Card"]
    assert "jinja2/__init__.py" not in expected["Api"]


def test_what_was_built_answers(example: Built) -> None:
    lines = [
        "import json, sys, zipfile",
        "sys.path.insert(0, sys.argv[1])",
        "import card",
        "print(json.dumps(card.handler(json.load(open(sys.argv[2])), None)))",
    ]
    native = build(example.root, "--sam", "--param", "Architecture=x86_64")
    folder = example.root.parent / "unzipped"
    with zipfile.ZipFile(native.artifact("Card")) as archive:
        archive.extractall(folder)
    event = example.root / "events/card.json"
    command: list[str | Path] = [find_interpreter("3.13"), "-I", "-c", "\n".join(lines), folder, event]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "<h1>Thank you so much!</h1>" in done.stdout


def test_sam_package_uploads_the_artifacts_as_they_are(example: Built, sam: Path) -> None:
    with loopback_cloud() as cloud:
        packaged = example.root / "packaged.yaml"
        done = run(
            sam,
            "package",
            "--s3-bucket",
            "artifacts",
            "--output-template-file",
            packaged,
            folder=example.root,
            **cloud.environment,
        )
        assert done.returncode == 0, done.stderr
        uploaded = {path.rpartition("/")[2]: content for path, content in cloud.objects.items()}
    resources = yaml.safe_load(packaged.read_text("utf-8"))["Resources"]
    for name, digest in example.hashes().items():
        key = resources[name]["Properties"]["CodeUri"].rpartition("/")[2]
        assert hashlib.sha256(uploaded[key]).hexdigest() == digest


def test_a_failure_inside_slspack_is_read_in_sams_output(example: Built, sam: Path, store: dict[str, str]) -> None:
    assert make(example, sam, store).returncode == 0
    (example.root / "src/api/app.py").write_text("import nowhere\n\ndef handler(event, context): ...\n")
    done = run(sam, "build", folder=example.root, SLSPACK=f"{sys.executable} -m slspack", **store)
    assert done.returncode != 0
    assert done.stderr.count("error[SLS0401]: ") == 1
    assert "Traceback" not in done.stderr


def _zipped(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: hashlib.sha256(archive.read(info)).hexdigest() for info in archive.infolist()}


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
