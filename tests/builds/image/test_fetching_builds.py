"""Builds that fetch for themselves over SSH, in real containers: they get in, and nothing of the key stays behind."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.builds.image.test_whole_services import repository, unzipped
from tests.support.bench import Bench
from tests.support.docker_host import base_image, containers, containers_since, docker
from tests.support.index import package_index
from tests.support.native_sources import own_backend, write_tree
from tests.support.projects import write_sdist
from tests.support.ssh_server import ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Result
    from tests.support.ssh_server import SshServer

pytestmark = pytest.mark.docker

_CLONES = """
address = pathlib.Path("address.txt").read_text().strip()
print("the agent is", os.environ.get("SSH_AUTH_SOCK"), flush=True)
subprocess.run(["git", "clone", "--quiet", address, "fetched"], check=True)
files["vendored.py"] = pathlib.Path("fetched/secret.py").read_text()
"""
_HANDLER = "import vendored\n\n\ndef handler(event, context):\n    return vendored.SECRET\n"
_OWN = """\
runtime: python3.13
functions: {api: app.handler}
builder: docker
docker: {file: build/Dockerfile, buildArgs: {BASE: '%s'}, ssh: true}
"""
_FRAMEWORK = """\
service: shop
provider: {name: aws, runtime: python3.13}
functions: {api: {handler: app.handler}}
package: {individually: true}
plugins: [serverless-python-requirements]
custom:
  pythonRequirements:
    dockerizePip: true
    dockerFile: build/Dockerfile
    dockerBuildCmdExtraArgs: [--build-arg, 'BASE=%s']
    dockerSsh: true
    dockerPrivateKey: %s
"""


@pytest.fixture(scope="module")
def with_git() -> str:
    """An image with `git`, which the base image of the tests lacks."""
    made = "slspack-testbase-git"
    lines = f"FROM {base_image()}\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends git\n"
    docker("build", "--quiet", "--tag", made, "-", given=lines.encode())
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    """One that containers reach: at the bridge's address."""
    folder = tmp_path / "ssh"
    folder.mkdir()
    bridge = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    with ssh_server(folder, bridge) as serving:
        yield serving


@pytest.fixture
def bench(tmp_path: Path, server: SshServer) -> Iterator[Bench]:
    """A service that needs a distribution whose build clones a private repository."""
    repository(tmp_path / "private", write_tree(tmp_path / "plain", {"secret.py": "SECRET = 'told'\n"}))
    source = own_backend(tmp_path / "source", "vendored", _CLONES)
    write_tree(source, {"address.txt": f"{server.address}{tmp_path}/private\n"})
    write_tree(tmp_path / "home", {".ssh/known_hosts": server.known_host})
    with package_index(tmp_path / "index") as index:
        files = {path.name: path.read_text("utf-8") for path in source.iterdir()}
        write_sdist(index.folder, "vendored", "1.0", files)
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        made.write({"requirements.txt": "vendored==1.0\n", "app.py": _HANDLER})
        made.write({"build/Dockerfile": "ARG BASE\nFROM $BASE\n"})
        yield made


def built(bench: Bench, tmp_path: Path, **variables: str) -> Result:
    """A build of a user whose home is the test's own."""
    return bench.slspack("build", "--json", HOME=str(tmp_path / "home"), **variables)


def layers(image: str) -> str:
    """What an image is made of."""
    return docker("image", "inspect", "--format", "{{.RootFS.Layers}}", image)


def holding(text: str, *folders: Path) -> list[Path]:
    """The files in which a text stands, compressed archives not looked into."""
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if text.encode() in path.read_bytes()]


def middle_of(key: str) -> str:
    """A line of a private key that stands in no other key."""
    return key.splitlines()[3]


def test_with_the_agent_the_key_stays_here(bench: Bench, server: SshServer, with_git: str, tmp_path: Path) -> None:
    bench.write({"slspack.yml": _OWN % with_git})
    done = built(bench, tmp_path, **server.agent)
    assert done.status == 0, done.err
    assert bench.read_from("api", "vendored.py") == b"SECRET = 'told'\n"
    (log,) = (bench.root / ".slspack/logs").iterdir()
    assert "the agent is /slspack-agent.sock\n" in log.read_text("utf-8")
    assert containers() == []
    assert holding(middle_of(server.key), bench.root, bench.store) == []


def test_a_key_that_is_named_is_gone_with_the_container(
    bench: Bench, server: SshServer, with_git: str, tmp_path: Path
) -> None:
    key = tmp_path / "home/.ssh/deploy"
    key.write_text(server.key, "utf-8")
    key.chmod(0o600)
    bench.write({"serverless.yml": _FRAMEWORK % (with_git, key)})
    done = built(bench, tmp_path)
    assert done.status == 0, done.err
    folder = unzipped(bench, tmp_path / "one")
    assert (folder / "vendored.py").read_text("utf-8") == "SECRET = 'told'\n"
    (log,) = (bench.root / ".slspack/logs").iterdir()
    assert "the agent is None\n" in log.read_text("utf-8")
    assert containers() == []
    (made,) = done.manifest["functions"]["api"]["distributions"]
    assert made["built"]
    # The Dockerfile adds nothing to its base, and no build adds anything to an image.
    assert layers(str(made["built"]["image"])) == layers(with_git)
    assert holding(middle_of(server.key), bench.root, bench.store, folder) == []
    assert "PRIVATE KEY" not in done.out + done.err

    began = time.time()
    assert built(bench, tmp_path, DOCKER_HOST="unix:///nowhere.sock").status == 0
    assert containers_since(began) == []


def test_a_key_that_is_not_accepted_fails_in_gits_own_words(
    bench: Bench, server: SshServer, with_git: str, tmp_path: Path
) -> None:
    key = tmp_path / "home/.ssh/id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    bench.write({"slspack.yml": _OWN % with_git})
    done = built(bench, tmp_path)
    assert done.status == 1
    assert "error[SLS0510]: building `vendored 1.0` for python3.13 x86_64 (docker) failed" in done.err
    (log,) = (bench.root / ".slspack/logs").iterdir()
    assert f"root@{server.host}: Permission denied (publickey)" in log.read_text("utf-8")
    assert containers() == []
    assert holding(middle_of(key.read_text("utf-8")), bench.root, bench.store) == []
