"""The plugin `bytecode` where an image's Python compiles: one container for a build, none for the next one."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.docker_host import base_image, containers, containers_since, docker
from tests.support.index import package_index
from tests.support.interpreters import find_interpreter
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_DAEMON = {"DOCKER_HOST": "unix:///nowhere.sock"}
MINOR = "3.13"
APP = "import alpha, beta\n\ndef handler(event, context):\n    return [alpha.NAME, beta.NAME]\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service with two wheels."""
    with package_index(tmp_path / "index") as index:
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        for name in ("alpha", "beta"):
            make_wheel(index.folder, name, files={f"{name}.py": f"NAME = {name!r}\n"})
        made.write({"app.py": APP, "requirements.txt": "alpha\nbeta\n"})
        yield made


def configure(bench: Bench, interpreter: str, more: str = "") -> None:
    plugins = f"plugins: [{{use: bytecode, options: {{interpreter: {interpreter}, sources: drop}}}}]"
    text = f"runtime: python{MINOR}\n{plugins}\n{more}functions: {{api: app.handler}}\n"
    bench.write({"slspack.yml": text})


def pycs(bench: Bench) -> dict[str, bytes]:
    return {name: bench.read_from("api", name) for name in bench.names_in("api") if name.endswith(".pyc")}


@pytest.mark.docker
def test_one_container_compiles_all_and_the_next_build_needs_none(bench: Bench, tmp_path: Path) -> None:
    configure(bench, str(find_interpreter(MINOR)))
    bench.build()
    local = pycs(bench)
    assert sorted(local) == ["alpha.pyc", "app.pyc", "beta.pyc"]
    configure(bench, "image", f"docker: {{image: '{base_image()}'}}\n")
    began = time.time()
    bench.build()
    assert len(containers_since(began)) == 1
    assert containers() == []
    assert pycs(bench) == local  # the same release of Python, here and there
    code = "import app; print(app.handler({}, None))"
    words = ["-B", "-s", "-S", "-c", f"import sys; sys.path[:0] = [sys.argv[1]]; {code}", str(bench.artifact("api"))]
    done = subprocess.run([str(find_interpreter(MINOR)), *words], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['alpha', 'beta']"

    other = Bench(tmp_path / "checkout", bench.store, bench.index)
    other.write({path.name: path.read_bytes() for path in bench.root.iterdir() if path.is_file()})
    began = time.time()
    assert other.build()["functions"]["api"]["sha256"] == bench.build()["functions"]["api"]["sha256"]
    assert containers_since(began) == []


@pytest.mark.docker
def test_a_change_of_the_dockerfile_is_noticed(bench: Bench) -> None:
    configure(bench, "image", "docker: {file: Dockerfile}\n")
    text = f"FROM {base_image()}\n"
    bench.write({"Dockerfile": text})
    assert bench.slspack("build").status == 0
    assert "0 built, 1 unchanged" in bench.slspack("build", **NO_DAEMON).err
    bench.write({"Dockerfile": f"{text}RUN ln -sf /usr/local/bin/python3.11 /usr/local/bin/python{MINOR}\n"})
    result = bench.slspack("build")
    assert result.status == 3
    assert "error[SLS0840]: the plugin `bytecode` needs a CPython 3.13 of `image` for python3.13 x86_64" in result.err
    assert "and there is none: `Dockerfile` has CPython 3.11." in result.err


@pytest.mark.docker
def test_an_image_without_python_is_an_error(bench: Bench) -> None:
    docker("import", "-", "slspack-test-empty:1", given=b"\0" * 1024)
    configure(bench, "image", "docker: {image: 'slspack-test-empty:1'}\n")
    result = bench.slspack("build")
    assert result.status != 0
    assert "the image `slspack-test-empty:1` cannot be run" in result.err


def test_without_a_daemon_both_ways_are_named(bench: Bench) -> None:
    """Also where nothing is said of an interpreter, and this machine has none of the minor."""
    empty = str(bench.root / "nothing")
    for interpreter in ("image", "[]"):
        configure(bench, interpreter)
        bench.write({"slspack.yml": (bench.root / "slspack.yml").read_text().replace(MINOR, "3.14")})
        result = bench.slspack("build", **NO_DAEMON, HOME=empty, PATH=empty, UV_PYTHON_INSTALL_DIR=empty)
        assert result.status == 3
        assert "error[SLS0840]: the plugin `bytecode` needs a CPython 3.14" in result.err
        assert "and there is none: no Docker daemon answers: `unix:///nowhere.sock` (from DOCKER_HOST)" in result.err
        assert "`uv python install 3.14`" in result.err
        assert "`interpreter: image`" in result.err
