"""The Serverless Framework and plugins from npm, installed once into a folder that later runs find again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = (
    "serverless@3.40.0",
    "serverless-offline@13.10.1",
    "serverless-prune-plugin@2.1.0",
    "serverless-dotenv-plugin@6.0.0",
    "serverless-iam-roles-per-function@3.2.0",
    "serverless-step-functions@3.28.1",
    "serverless-domain-manager@10.3.1",
    "serverless-plugin-datadog@5.134.1",
    "serverless-esbuild@1.57.2",
    "esbuild@0.28.2",
    "serverless-webpack@5.16.2",
    "webpack@5.112.2",
    "serverless-python-requirements@6.1.2",
)
_PATIENCE = 120
"""Seconds in which the emulator has to be ready: ten times what it takes."""


def install_serverless() -> Path:
    """The folder `node_modules` with all of them."""
    name = f"slspack-tests-serverless-{hashlib.sha256(' '.join(_PACKAGES).encode()).hexdigest()[:12]}"
    installed = Path(tempfile.gettempdir()) / name
    if not installed.is_dir():
        made = Path(tempfile.mkdtemp(prefix=f"{name}."))
        (made / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(made), *_PACKAGES]
        subprocess.run(command, cwd=made, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        try:
            made.rename(installed)
        except OSError:
            # Another process was quicker.
            shutil.rmtree(made)
    return installed / "node_modules"


def pack_plugin(to: Path) -> Path:
    """The folder of `serverless-slspack` as npm would publish it."""
    plugin = Path(__file__).parents[2] / "deploy/serverless-slspack"
    command = ["npm", "pack", "--json", "--pack-destination", str(to), str(plugin)]
    done = subprocess.run(command, cwd=to, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    with tarfile.open(to / json.loads(done.stdout)[0]["filename"]) as archive:
        archive.extractall(to, filter="data")
    return to / "package"


def give_node_modules(service: Path, plugin: Path) -> None:
    """Let the service have the Framework, the plugins from npm, and this folder as `serverless-slspack`."""
    installed, modules = install_serverless(), service / "node_modules"
    modules.mkdir()
    (modules / ".bin").symlink_to(installed / ".bin")
    for package in _PACKAGES:
        name = package.rpartition("@")[0]
        (modules / name).symlink_to(installed / name)
    (modules / "serverless-slspack").symlink_to(plugin)


def serverless(service: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the Framework in a service that has `node_modules`, or a folder above it."""
    return subprocess.run(
        [str(install_serverless() / ".bin/serverless"), *arguments],
        cwd=service,
        env={**_environment(), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _environment() -> dict[str, str]:
    quiet = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "CI": "1"}
    credentials = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    return {**os.environ, **quiet, **credentials}


@dataclass(frozen=True)
class Offline:
    """A running `serverless offline`."""

    port: int
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a response."""
        return _fetch(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, body: str) -> tuple[int, str]:
        """The same, of a request with a body."""
        return _fetch(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body.encode(), method="POST"))


@contextmanager
def serverless_offline(service: Path, *arguments: str, **environment: str) -> Iterator[Offline]:
    """`serverless offline` in a service that has `node_modules`, until the block ends."""
    port, lambda_port, websocket_port = _free_ports(3)
    log = service / "offline.log"
    ports = [f"--httpPort={port}", f"--lambdaPort={lambda_port}", f"--websocketPort={websocket_port}"]
    command = [str(service / "node_modules/.bin/serverless"), "offline", "--host=127.0.0.1", *ports, *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=service,
            env={**_environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield Offline(port, log)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)  # between the attempts to reach it
        else:
            return
    raise AssertionError(f"serverless offline did not start\n{log.read_text('utf-8')}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _fetch(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
