"""The real AWS SAM CLI on the example: what it says of the built template, builds by the Makefile, and uploads.

`sam local` runs functions in images from a registry of images, which no test reaches.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.bench import write_files
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
    before = _files(example.root / ".slspack/sam")
    (example.root / "src/api/app.py").write_text("import nowhere\n\ndef handler(event, context): ...\n")
    done = run(sam, "build", folder=example.root, SLSPACK=f"{sys.executable} -m slspack", **store)
    assert done.returncode != 0
    assert done.stderr.count("error[SLS0401]: ") == 1
    assert "Traceback" not in done.stderr
    # `sam build` itself has emptied its folder before it called slspack.
    assert _files(example.root / ".slspack/sam") == before


STACKS = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, Layers: [!Ref Words]}}
Parameters: {Wanted: {Type: String, Default: 'no'}}
Conditions: {IsWanted: !Equals [!Ref Wanted, 'yes']}
Resources:
  Words:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/words, CompatibleRuntimes: [python3.13]}
  Asked: {Type: 'AWS::Serverless::Function', Condition: IsWanted, Properties: {CodeUri: src/asked}}
  Shop: {Type: 'AWS::Serverless::Application', Properties: {Location: shop/template.yaml}}
"""
SHOP = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Data: {Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: data}}
  Cart:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src, Handler: cart.handler, Runtime: python3.13, Layers: [!Ref Data]}
"""
HANDLER = "def handler(event, context): ...\n"


def test_sam_builds_the_same_stacks_and_layers(tmp_path: Path, sam: Path, store: dict[str, str]) -> None:
    """Two applications, a layer with a BuildMethod and one without, a function whose condition is false."""
    files = {
        "template.yaml": STACKS,
        "layers/words/requirements.txt": "jinja2==3.1.6\nmarkupsafe==3.0.3\n",
        "layers/words/words/__init__.py": "import jinja2\n",
        "src/asked/app.py": f"import words\n{HANDLER}",
        "src/asked/requirements.txt": "",
        "shop/template.yaml": SHOP,
        "shop/data/words.txt": "hello",
        "shop/src/cart.py": HANDLER,
        "shop/src/requirements.txt": "",
    }
    ours, theirs = (write_files(tmp_path / name, files) for name in ("ours", "theirs"))
    built = build(ours, "--sam", environment=store)
    # `sam build` runs the runtime's own interpreter, by its name.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.13").symlink_to(find_interpreter("3.13"))
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = run(sam, "build", folder=theirs, PATH=path)
    assert done.returncode == 0, done.stderr
    found = theirs / ".aws-sam/build"
    assert set(built.functions) == {"Asked", "Shop-Cart"}
    assert {"Asked/app.py", "Shop/Cart/cart.py"} <= set(_files(found)), "it builds what a condition keeps out, too"
    content = {name for name in _zipped(ours / ".aws-sam/build/layers/Words.zip") if ".dist-info/" not in name}
    unpacked = {name for name in _files(found / "Words") if ".dist-info/" not in name and "__pycache__" not in name}
    # Of what was installed, slspack leaves out type stubs; of the folder, what only says what to install.
    assert content == {name for name in unpacked if not name.endswith(".pyi")} - {"python/requirements.txt"}
    assert _uris(ours) == {
        "template.yaml": {"Words": "layers/Words.zip", "Asked": "Asked.zip", "Shop": "Shop/template.yaml"},
        "Shop/template.yaml": {"Data": "../layers/Shop-Data.zip", "Cart": "../Shop-Cart.zip"},
    }
    for file, uris in _uris(theirs).items():
        # What it does not build is left where it is; what it builds has the same names, as folders.
        expected = {name: (found / file).parent / uri for name, uri in uris.items()}
        assert set(expected) == set(_uris(ours)[file])
        assert all(path.exists() for path in expected.values())
    done = run(sam, "validate", "--lint", "--template", ".aws-sam/build/template.yaml", folder=ours)
    assert done.returncode == 0, done.stdout + done.stderr


def _uris(root: Path) -> dict[str, dict[str, str]]:
    """Where the resources of the built templates have their content."""
    folder = root / ".aws-sam/build"
    found = {}
    for path in (folder / "template.yaml", folder / "Shop/template.yaml"):
        resources = safe_resources(path)
        names = ("CodeUri", "ContentUri", "Location")
        found[path.relative_to(folder).as_posix()] = {
            name: next(one["Properties"][key] for key in names if key in one["Properties"])
            for name, one in resources.items()
        }
    return found


def safe_resources(path: Path) -> dict[str, Any]:
    """The resources of a template, whatever its tags."""

    class Reader(yaml.SafeLoader):
        """Takes CloudFormation's tags for nothing."""

    Reader.add_multi_constructor("!", lambda loader, tag, node: tag)
    resources: dict[str, Any] = yaml.load(path.read_text("utf-8"), Reader)["Resources"]
    return resources


def _zipped(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: hashlib.sha256(archive.read(info)).hexdigest() for info in archive.infolist()}


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
