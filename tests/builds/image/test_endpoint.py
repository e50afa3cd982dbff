"""Where the daemon is: as `docker` finds it."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

from slspack.builds.image.endpoint import Endpoint, find_endpoint
from slspack.errors import MachineError


def context(home: Path, name: str, host: str, *, current: bool = True, skip: bool = False, tls: bool = False) -> None:
    docker = home / ".docker"
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = docker / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": skip}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": endpoints}), "utf-8")
    if tls:
        (docker / "contexts" / "tls" / digest / "docker").mkdir(parents=True)
    if current:
        (docker / "config.json").write_text(json.dumps({"currentContext": name}), "utf-8")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("unix:///run/other.sock", "unix:///run/other.sock"),
        ("/run/other.sock", "unix:///run/other.sock"),
        ("tcp://build.example:2375", "tcp://build.example:2375"),
        ("build.example:2375", "tcp://build.example:2375"),
        ("ssh://me@build.example", "ssh://me@build.example"),
    ],
)
def test_docker_host_comes_first(tmp_path: Path, written: str, address: str) -> None:
    context(tmp_path, "elsewhere", "ssh://elsewhere.example")
    environment = {"HOME": str(tmp_path), "DOCKER_HOST": written, "DOCKER_CONTEXT": "elsewhere"}
    found = find_endpoint(environment)
    assert found == Endpoint(address, "DOCKER_HOST", None, verify=False)
    assert found.socket == (Path("/run/other.sock") if address.startswith("unix") else None)


def test_certificates_of_docker_host(tmp_path: Path) -> None:
    host = {"HOME": str(tmp_path), "DOCKER_HOST": "tcp://build.example:2376"}
    named = find_endpoint({**host, "DOCKER_CERT_PATH": "/certificates", "DOCKER_TLS_VERIFY": "1"})
    assert named == Endpoint("tcp://build.example:2376", "DOCKER_HOST", Path("/certificates"), verify=True)
    usual = find_endpoint({**host, "DOCKER_TLS_VERIFY": "1"})
    assert usual == Endpoint("tcp://build.example:2376", "DOCKER_HOST", tmp_path / ".docker", verify=True)


def test_the_current_context_and_one_that_is_chosen(tmp_path: Path) -> None:
    context(tmp_path, "colima", "unix:///home/me/.colima/docker.sock")
    context(tmp_path, "remote", "tcp://build.example:2376", current=False, skip=True, tls=True)
    environment = {"HOME": str(tmp_path)}
    assert find_endpoint(environment) == Endpoint("unix:///home/me/.colima/docker.sock", "the context `colima`")
    chosen = find_endpoint({**environment, "DOCKER_CONTEXT": "remote"})
    assert chosen is not None
    assert (chosen.address, chosen.verify) == ("tcp://build.example:2376", False)
    assert chosen.certificates is not None
    assert chosen.certificates.is_dir()
    elsewhere = find_endpoint({"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path / ".docker")})
    assert elsewhere is not None
    assert elsewhere.found_by == "the context `colima`"


def test_a_context_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="the Docker context `gone` cannot be read") as failure:
        find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "gone"})
    assert failure.value.findings[0].code.id == "SLS0531"


def test_damaged_settings_of_docker_name_no_context(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text("{", "utf-8")
    found = find_endpoint({"HOME": str(tmp_path)})
    assert found is None or "context" not in found.found_by


def test_podman_is_found_by_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    (tmp_path / "podman").mkdir()
    real_exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: str(path).startswith(str(tmp_path)) and real_exists(path))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("podman/podman.sock")
        found = find_endpoint({"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path)})
    assert found == Endpoint(f"unix://{tmp_path}/podman/podman.sock", "podman's socket")
