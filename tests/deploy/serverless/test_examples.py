"""The examples, deployed by the Framework as far as that goes without AWS."""

from __future__ import annotations

import json
import os
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.keys import digest_file
from tests.deploy.serverless.framework import Framework, give_slspack, make_framework
from tests.support.example_services import REPOSITORY, build, copy_example
from tests.support.interpreters import find_interpreter
from tests.support.serverless import give_node_modules, serverless_offline

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.node, pytest.mark.registry]

PATIENCE = 60
EXAMPLES = {"flask-api": "dev", "flask-dynamodb": "dev", "http-api": "dev", "orders": "local"}
"""Those that the Framework deploys, each with a stage that needs nothing of AWS."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {"SLSPACK_CACHE_DIR": str(tmp_path_factory.mktemp("store"))}


def example(name: str, to: Path, plugin: Path, store: dict[str, str]) -> Framework:
    """An example with the plugin, which all of them would list if they had nothing else to show."""
    root = copy_example(name, to / name)
    text = (root / "serverless.yml").read_text("utf-8")
    if "serverless-slspack" not in text:
        (root / "serverless.yml").write_text(f"{text}\nplugins: [serverless-slspack]\n", "utf-8")
    return make_framework(root, plugin, store)


@pytest.fixture
def python313(tmp_path: Path) -> dict[str, str]:
    """A PATH on which the runtime's interpreter has its own name."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.13").symlink_to(find_interpreter("3.13"))
    return {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize(("name", "stage"), EXAMPLES.items())
def test_the_template_refers_to_slspacks_zips(
    tmp_path: Path, plugin: Path, store: dict[str, str], name: str, stage: str
) -> None:
    framework = example(name, tmp_path, plugin, store)
    framework.done("package", "--stage", stage)
    hashes = framework.artifacts()
    assert framework.code_hashes() == set(hashes.values())
    again = copy_example(name, tmp_path / "again" / name)
    built = build(again, "--stage", stage, environment=store | {"PYTHONPATH": str(REPOSITORY)})
    assert built.hashes() == {path.stem: digest_file(path) for path in (framework.root / ".serverless").glob("*.zip")}
    assert set(built.functions) == set(hashes)
    framework.done("package", "--stage", stage)
    assert framework.artifacts() == hashes
    assert framework.code_hashes() == set(hashes.values())


def test_invoke_local(tmp_path: Path, plugin: Path, store: dict[str, str], python313: dict[str, str]) -> None:
    framework = example("orders", tmp_path, plugin, store)
    arguments = ("--stage", "local", "-f", "quote", "-p", "events/quote.json")
    process = framework("invoke", "local", *arguments, **python313)
    assert process.returncode == 0, process.stdout + process.stderr
    answer = json.loads(process.stdout)
    assert answer["statusCode"] == 200, answer


def test_offline(tmp_path: Path, plugin: Path, store: dict[str, str], python313: dict[str, str]) -> None:
    root = example("orders", tmp_path, plugin, store).root
    (root / ".gitignore").write_text("offline.log\n")
    with serverless_offline(root, "--stage=local", "--noAuth", **store, **python313) as offline:
        assert offline.get("/health") == (200, '{"status": "ok", "stage": "local"}')
        health = root / "handlers/health.py"
        health.write_text(health.read_text("utf-8").replace('"ok"', '"edited"'), "utf-8")
        until = time.monotonic() + PATIENCE
        while offline.get("/health") != (200, '{"status": "edited", "stage": "local"}'):
            assert time.monotonic() < until, offline.log.read_text("utf-8")


SHOWN = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
answer = importlib.import_module(sys.argv[2]).handler(json.load(open(sys.argv[3])), None)
own = sorted(name for name in sys.modules if name.startswith(sys.argv[4]))
import flask, werkzeug
print(json.dumps([answer, flask.__name__, werkzeug.__name__, own]))
"""
ANSWERING = {
    "flask-api": ("lambda_handler", "search", "bookshelf"),
    "flask-dynamodb": ("guestbook.app", "sign-empty", "guestbook"),
}
"""The module of the handler, an event that it answers without AWS, and the package that is its own."""


@pytest.mark.parametrize("name", ANSWERING)
def test_handlers_import_what_they_do_with_serverless_python_requirements(
    tmp_path: Path, plugin: Path, store: dict[str, str], name: str
) -> None:
    python, (module, event, package) = find_interpreter("3.13"), ANSWERING[name]
    # Beside the services, so that nobody walks through it looking for files to package.
    give_node_modules(tmp_path, plugin)
    shown = {}
    for used in ("serverless-slspack", "serverless-python-requirements"):
        root = copy_example(name, tmp_path / used)
        settings = f"  pythonRequirements: {{pythonBin: {python}}}" if "requirements" in used else "  nothing: 1"
        text = (root / "serverless.yml").read_text("utf-8").replace("arm64", "x86_64")
        custom = text if "custom:\n" in text else f"{text}\ncustom:\n"
        text = custom.replace("custom:\n", f"custom:\n{settings}\n")
        (root / "serverless.yml").write_text(f"{text}\nplugins: [{used}]\n", "utf-8")
        give_slspack(root)
        framework = Framework(root, {**store, "XDG_CACHE_HOME": str(tmp_path / "cache")})
        process = framework("package")
        assert process.returncode == 0, process.stdout + process.stderr
        tree = tmp_path / f"{used}.tree"
        with zipfile.ZipFile(root / ".serverless/web.zip") as archive:
            archive.extractall(tree)
        command = [str(python), "-I", "-S", "-c", SHOWN, str(tree), module, str(root / f"events/{event}.json"), package]
        environment = {"ENTRIES_TABLE": "entries", "AWS_DEFAULT_REGION": "eu-central-1"}
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        shown[used] = done.stdout
    assert len(set(shown.values())) == 1, shown
