"""What goes wrong with daemons, and what the user is told."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image import builder as builder_module
from slspack.builds.image import daemon_answers, open_image_builder
from slspack.builds.image.daemon import connection as connection_module
from slspack.errors import ConfigError, MachineError
from slspack.model import ImageSettings
from slspack.targets import parse_target
from tests.support.fake_daemon import fake_daemon

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def short_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of a Unix socket has at most 107 bytes."""
    assert len(str(tmp_path)) < 90
    monkeypatch.setattr(builder_module, "remove_leftovers", lambda _: None)


def failure_of(settings: ImageSettings, root: Path, address: str) -> MachineError:
    target = parse_target("python3.13")
    assert target is not None
    with pytest.raises(MachineError) as failure:
        open_image_builder(settings, root, {"DOCKER_HOST": address, "HOME": str(root)}).identity(target)
    assert failure.value.exit_status == 3
    return failure.value


def test_nobody_is_there(tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/none.sock"
    (finding,) = failure_of(ImageSettings(), tmp_path, address).findings
    assert finding.code.id == "SLS0530"
    assert finding.message.startswith(f"no Docker daemon answers: `{address}` (from DOCKER_HOST): ")
    assert "systemctl start docker" in str(finding.hint)
    assert "builder: cross" in str(finding.hint)
    assert not daemon_answers({"DOCKER_HOST": address})


def test_a_socket_that_nobody_listens_at(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(tmp_path / "old.sock"))
    (finding,) = failure_of(ImageSettings(), tmp_path, f"unix://{tmp_path}/old.sock").findings
    assert finding.code.id == "SLS0530"
    assert "Connection refused" in finding.message


def test_no_daemon_is_configured_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder_module, "find_endpoint", lambda _: None)
    with pytest.raises(MachineError, match="neither DOCKER_HOST nor a context is set"):
        open_image_builder(ImageSettings(), tmp_path, {})
    assert not daemon_answers({})


def test_the_sdk_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "find_spec", lambda _: None)
    with fake_daemon(tmp_path) as daemon:
        with pytest.raises(MachineError) as failure:
            open_image_builder(ImageSettings(), tmp_path, {"DOCKER_HOST": daemon.address})
        assert not daemon_answers({"DOCKER_HOST": daemon.address})
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0906"
    assert "pip install 'slspack[docker]'" in str(finding.hint)


def test_a_daemon_that_answers_is_asked_nothing_more(tmp_path: Path) -> None:
    with fake_daemon(tmp_path) as daemon:
        assert daemon_answers({"DOCKER_HOST": daemon.address})
        assert daemon.asked == ["GET /_ping"]


def test_a_daemon_too_old(tmp_path: Path) -> None:
    with fake_daemon(tmp_path, {"GET /version": (200, {"ApiVersion": "1.12"})}) as daemon:
        (finding,) = failure_of(ImageSettings(), tmp_path, daemon.address).findings
    assert finding.code.id == "SLS0531"
    assert "is too old for the SDK" in finding.message
    assert finding.hint == "update Docker to 20.10 or newer"


def test_a_daemon_that_refuses_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with fake_daemon(tmp_path) as daemon:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        (finding,) = failure_of(ImageSettings(), tmp_path, daemon.address).findings
    assert finding.code.id == "SLS0531"
    assert finding.message == f"this user may not use the Docker daemon at `{daemon.address}` (from DOCKER_HOST)"
    assert "usermod -aG docker" in str(finding.hint)


_PRESENT = {"Id": "sha256:1", "RepoDigests": [], "Architecture": "amd64"}


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (
            (500, {"message": "write /data: no space left on device"}),
            "SLS0532",
            "the Docker daemon's disk is full: write",
        ),
        ((200, b'{"status":"Pulling"}\n{"error":"write: no space left on device"}\n'), "SLS0532", "disk is full"),
        (
            (404, {"message": "manifest unknown"}),
            "SLS0533",
            "`registry.example/x:1` cannot be pulled: manifest unknown",
        ),
        ((200, b'{"error":"denied: login first"}\n'), "SLS0533", "cannot be pulled: denied: login first"),
        ((500, {"message": "everything is broken"}), "SLS0531", "failed: everything is broken"),
    ],
)
def test_pulling_fails(tmp_path: Path, answer: tuple[int, object], code: str, message: str) -> None:
    with fake_daemon(tmp_path, {"POST /images/create": answer}) as daemon:
        (finding,) = failure_of(ImageSettings(image="registry.example/x:1"), tmp_path, daemon.address).findings
    assert finding.code.id == code
    assert message in finding.message
    assert finding.hint


def test_the_registry_is_asked_for_the_digest_before_anything_is_pulled(tmp_path: Path) -> None:
    answers = {"GET /distribution/registry.example/x:1/json": (200, {"Descriptor": {"digest": "sha256:abc"}})}
    target = parse_target("python3.13")
    assert target is not None
    settings = ImageSettings(image="registry.example/x:1")
    with fake_daemon(tmp_path, answers) as daemon:
        asked = open_image_builder(settings, tmp_path, {"DOCKER_HOST": daemon.address}).identity(target)
        assert "POST /images/create" not in daemon.asked
        daemon.answers["GET /images/registry.example/x:1/json"] = (
            200,
            {**_PRESENT, "RepoDigests": ["registry.example/x@sha256:abc"]},
        )
        present = open_image_builder(settings, tmp_path, {"DOCKER_HOST": daemon.address}).identity(target)
        assert asked == present, "a pulled image is known by the same digest as one that is not pulled yet"


def test_a_withdrawn_build_image_gives_way_to_the_runtime(tmp_path: Path) -> None:
    runtime = "public.ecr.aws/lambda/python:3.13-arm64"
    digest = {"Descriptor": {"digest": "sha256:abc"}}
    target = parse_target("python3.13", "arm64")
    assert target is not None
    with fake_daemon(tmp_path, {f"GET /distribution/{runtime}/json": (200, digest)}) as daemon:
        assert open_image_builder(ImageSettings(), tmp_path, {"DOCKER_HOST": daemon.address}).identity(target)
    asked = [one for one in daemon.asked if one.startswith("GET /distribution/")]
    assert asked == [
        "GET /distribution/public.ecr.aws/sam/build-python3.13:latest-arm64/json",
        f"GET /distribution/{runtime}/json",
    ]


def test_settings_are_looked_at_before_the_daemon(tmp_path: Path) -> None:
    nobody = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    with pytest.raises(ConfigError, match="the Dockerfile `no/Dockerfile` does not exist"):
        open_image_builder(ImageSettings(file="no/Dockerfile"), tmp_path, nobody)
    with pytest.raises(ConfigError, match="`--name` cannot be passed on"):
        open_image_builder(ImageSettings(run_options=("--name", "x")), tmp_path, nobody)
    with pytest.raises(ConfigError, match="`ssh` and `--user` exclude each other"):
        open_image_builder(ImageSettings(ssh=True, run_options=("--user", "1000")), tmp_path, nobody)
