"""Where the user's Docker daemon listens: as `docker` itself finds it, and podman's socket besides."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import MachineError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEFAULT_CONTEXT = "default"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One daemon's address (`unix://`, `npipe://`, `tcp://`, `ssh://`) and what it was found by, for messages."""

    address: str
    found_by: str
    certificates: Path | None = None
    """A folder with `ca.pem`, `cert.pem` and `key.pem`."""
    verify: bool = True

    @property
    def by_ssh(self) -> bool:
        """Whether it is reached through SSH."""
        return self.address.startswith("ssh://")

    @property
    def socket(self) -> Path | None:
        """The socket of a daemon on this machine; None for any other."""
        return Path(self.address.removeprefix("unix://")) if self.address.startswith("unix://") else None


def find_endpoint(environment: Mapping[str, str]) -> Endpoint | None:
    """The daemon that `docker` would use: DOCKER_HOST, else the current context, else a socket that is there.

    Raises MachineError where a context is chosen that cannot be read.
    """
    host = environment.get("DOCKER_HOST")
    if host:
        return Endpoint(_with_scheme(host), "DOCKER_HOST", *_variables_tls(environment))
    folder = _settings_folder(environment)
    context = environment.get("DOCKER_CONTEXT") or _current_context(folder)
    if context != _DEFAULT_CONTEXT:
        return _from_context(folder, context)
    for place, found_by in _usual_sockets(environment):
        if place.exists():
            return Endpoint(f"unix://{place}", found_by)
    return Endpoint("npipe:////./pipe/docker_engine", "the usual pipe") if sys.platform == "win32" else None


def _with_scheme(host: str) -> str:
    """`DOCKER_HOST` may be a bare path or `host:port`, as it may for `docker`."""
    if "://" in host:
        return host
    return f"unix://{host}" if host.startswith("/") else f"tcp://{host}"


def _variables_tls(environment: Mapping[str, str]) -> tuple[Path | None, bool]:
    folder = environment.get("DOCKER_CERT_PATH")
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if folder:
        return Path(folder), verify
    return (_settings_folder(environment) if verify else None), verify


def _settings_folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DOCKER_CONFIG") or _home(environment) / ".docker")


def _home(environment: Mapping[str, str]) -> Path:
    home = environment.get("HOME") or environment.get("USERPROFILE")
    return Path(home) if home else Path.home()


def _current_context(folder: Path) -> str:
    try:
        settings = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return _DEFAULT_CONTEXT
    context = settings.get("currentContext") if isinstance(settings, dict) else None
    return context if isinstance(context, str) and context else _DEFAULT_CONTEXT


def _from_context(folder: Path, name: str) -> Endpoint:
    """A context lies in a folder named by the digest of its name; its certificates in another, if it has any."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    place = folder / "contexts" / "meta" / digest / "meta.json"
    try:
        docker = json.loads(place.read_text("utf-8"))["Endpoints"]["docker"]
        host, skip = docker["Host"], bool(docker.get("SkipTLSVerify"))
    except (OSError, ValueError, LookupError, TypeError) as problem:
        message = f"the Docker context `{name}` cannot be read: {problem}"
        hint = "`docker context ls` shows the contexts there are, `docker context use` chooses one"
        raise MachineError.of(Code.DAEMON_UNUSABLE, message, hint=hint) from problem
    certificates = folder / "contexts" / "tls" / digest / "docker"
    return Endpoint(str(host), f"the context `{name}`", certificates if certificates.is_dir() else None, not skip)


def _usual_sockets(environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Docker's own first, then what Docker Desktop, a rootless Docker and podman make for one user."""
    home = _home(environment)
    yield Path("/var/run/docker.sock"), "the usual socket"
    yield home / ".docker" / "run" / "docker.sock", "Docker Desktop's socket"
    runtime = environment.get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / "docker.sock", "the rootless daemon's socket"
        yield Path(runtime) / "podman" / "podman.sock", "podman's socket"
    yield Path("/run/podman/podman.sock"), "podman's socket"
