"""Much-used distributions, unpinned from the real index, at work in the interpreter of the target.

Each file of `tests/services/realworld/` is a handler. Its first lines say what it requires and what it returns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import REPOSITORY, write_files
from tests.support.example_services import Built, build, slspack
from tests.support.interpreters import find_interpreter
from tests.support.lambda_host import invoke

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.registry, pytest.mark.interpreters]

HANDLERS = REPOSITORY / "tests" / "services" / "realworld"
NAMES = sorted(path.stem for path in HANDLERS.glob("*.py"))
ON_GLIBC_2_26 = ["cryptography_fernet", "numpy_linalg", "pillow_images", "pydantic_settings_email", "protobuf_grpc"]
COMPARED = ["django_rest_apps", "google_namespace", "numpy_linalg", "opentelemetry_collection", "psycopg_extras"]
INSTALLERS_OWN = {"RECORD", "INSTALLER", "REQUESTED", "uv_cache.json"}


def header(name: str, key: str) -> str:
    """What the first lines of a handler's file say of it."""
    lines = (HANDLERS / f"{name}.py").read_text("utf-8").splitlines()
    return next(line.removeprefix(f"# {key}: ") for line in lines if line.startswith(f"# {key}: "))


@pytest.fixture
def build_handler(tmp_path: Path, store: dict[str, str]) -> Callable[..., Built]:
    """Build a handler's file as a service of its own: `build_handler(name, runtime)`."""

    def build_one(name: str, runtime: str = "python3.13", settings: str = "") -> Built:
        config = f"runtime: {runtime}\narchitecture: x86_64\n{settings}functions:\n  f:\n    handler: app.handler\n"
        source = (HANDLERS / f"{name}.py").read_text("utf-8")
        requirements = header(name, "requirements").replace(" ", "\n") + "\n"
        root = tmp_path / "service"
        write_files(root, {"slspack.yml": config, "requirements.txt": requirements, "app.py": source})
        return build(root, environment=store)

    return build_one


def call(service: Built, minor: str) -> Any:
    """The answer of its handler in an interpreter that sees the artifact only."""
    return invoke(service.artifact("f"), "app.handler", {}, find_interpreter(minor))


@pytest.mark.parametrize("name", NAMES)
def test_it_works_and_nothing_is_said_against_it(name: str, build_handler: Callable[..., Built]) -> None:
    service = build_handler(name)
    assert service.manifest["warnings"] == []
    assert call(service, "3.13") == json.loads(header(name, "returns"))


@pytest.mark.parametrize("name", ON_GLIBC_2_26)
def test_it_works_on_amazon_linux_2(name: str, build_handler: Callable[..., Built]) -> None:
    service = build_handler(name, "python3.11")
    assert call(service, "3.11") == json.loads(header(name, "returns"))


@pytest.mark.parametrize("name", COMPARED)
def test_uv_reads_the_lock_and_installs_the_same_files(
    name: str, build_handler: Callable[..., Built], tmp_path: Path, store: dict[str, str]
) -> None:
    service = build_handler(name, settings="prune: off\n")
    before = service.artifact("f").read_bytes()
    slspack("lock", "-C", service.root, folder=service.root, environment=store)
    build(service.root, environment=store)
    assert service.artifact("f").read_bytes() == before
    assert set(service.files("f")) - {"app.py"} == installed_by_uv(service.root / "pylock.toml", tmp_path / "target")


def installed_by_uv(lock: Path, target: Path) -> set[str]:
    """What `uv pip install --target` writes for a lock, but for its own records and for commands."""
    platform = ["--python-platform", "x86_64-manylinux_2_34", "--python", str(find_interpreter("3.13"))]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-build", *platform]
    subprocess.run([*command, "--target", target, "-r", lock], check=True, cwd=target.parent)
    files = (path.relative_to(target) for path in target.rglob("*") if path.is_file())
    return {
        path.as_posix() for path in files if path.name not in INSTALLERS_OWN and path.parts[0] not in {"bin", ".lock"}
    }
