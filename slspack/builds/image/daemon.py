"""The Docker daemon: the only module that knows the SDK. What the SDK raises comes out as MachineError."""

from __future__ import annotations

import socket
import threading
import weakref
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Protocol

from slspack.builds.image.failures import explained, no_daemon
from slspack.codes import Code
from slspack.errors import MachineError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import docker

    from slspack.builds.image.endpoint import Endpoint
    from slspack.builds.image.options import ImageOptions, RunOptions

_SECONDS = 120
"""How long an answer may take. Pulling, building and running have no limit."""
_PING_SECONDS = 3.0
_GONE, _CONFLICT = 404, 409

# A shell that ends as soon as nobody holds its standard input: with the process that made it, the container is gone.
_LIFELINE = ["/bin/sh", "-c", "while read -r line; do :; done"]


class Closable(Protocol):
    """An open connection."""

    def close(self) -> object: ...


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a daemon says of an image that it has."""

    id: str
    digests: tuple[str, ...]
    """`name@sha256:…`, for each registry that it was pulled from."""
    architecture: str


class _Hijacked:
    """A connection that the daemon has turned into a stream, with the answer that holds its socket open."""

    def __init__(self, stream: Closable) -> None:
        self.stream = stream

    def close(self) -> None:
        """First the answer, which owns the connection: what reads from it cannot be flushed once it is closed."""
        answer = getattr(self.stream, "_response", self.stream)
        for one in (answer, self.stream):
            with suppress(OSError, ValueError):
                one.close()


class NotThereError(Exception):
    """The daemon has no such image, container or file, and no registry either. It carries the daemon's words."""


def open_daemon(endpoint: Endpoint | None) -> Daemon:
    """The daemon, after it has answered.

    Raises MachineError where there is none, where it refuses, or where the SDK is not installed.
    """
    if endpoint is None:
        raise no_daemon("neither DOCKER_HOST nor a context is set, and no socket is where Docker or podman has one")
    if not sdk_installed():
        message = "building in an image needs the Docker SDK (`docker`), which a plain installation leaves out"
        hint = "install it beside slspack: `pip install 'slspack[docker]'`, or build without Docker: `builder: cross`"
        raise MachineError.of(Code.EXTRA_MISSING, message, hint=hint)
    daemon = Daemon(endpoint)
    daemon.ping()
    return daemon


def sdk_installed() -> bool:
    """Whether the `docker` extra is here."""
    found = find_spec("docker")
    return found is not None and found.origin is not None  # a folder `docker/` here is found too, and has no origin


def answers(endpoint: Endpoint) -> bool:
    """Whether a daemon listens there. On this machine it takes a millisecond, and the SDK is not loaded for it."""
    place = endpoint.socket
    if place is not None and hasattr(socket, "AF_UNIX"):
        return _socket_answers(str(place))
    try:
        open_daemon(endpoint)
    except MachineError:
        return False
    return True


def _knock(endpoint: Endpoint) -> None:
    """Raises OSError where nobody listens at a socket of this machine: the SDK would leave the connection open."""
    if endpoint.socket is not None and hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(endpoint.socket))


def _socket_answers(place: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PING_SECONDS)
        try:
            connection.connect(place)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return connection.recv(64).partition(b"\r\n")[0].endswith(b" 200 OK")
        except OSError:
            return False


class Daemon:
    """A daemon that answers. Safe to use from several threads: each has a connection of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._threads = threading.local()
        self._clients: list[docker.APIClient] = []
        weakref.finalize(self, _close_all, self._clients)

    def ping(self) -> None:
        """Raises MachineError where the daemon does not answer."""
        with explained(self.endpoint):
            _knock(self.endpoint)
        with self._told() as api:
            api.ping()

    def architecture(self) -> str:
        """The daemon's own, as Docker spells it: `amd64`, `arm64`."""
        with self._told() as api:
            return str(api.version()["Arch"])

    # Images

    def image(self, reference: str) -> ImageFacts | None:
        """What the daemon has under a name, digest or id."""
        with self._told() as api:
            try:
                found = api.inspect_image(reference)  # type: ignore[no-untyped-call]
            except _not_found():
                return None
        digests = tuple(str(digest) for digest in found.get("RepoDigests") or ())
        return ImageFacts(str(found["Id"]), digests, str(found.get("Architecture", "")))

    def registry_digest(self, reference: str) -> str | None:
        """The digest that a registry has for a name, without pulling it; None where it cannot be asked."""
        with self._told() as api:
            try:
                answer = api.inspect_distribution(reference)  # type: ignore[no-untyped-call]
                return str(answer["Descriptor"]["digest"])
            except (_api_error(), LookupError):
                return None

    def pull(self, repository: str, tag: str, platform: str, say: Callable[[str], None]) -> None:
        """Pull one image for a platform. Raises NotThereError where the registry has none or refuses."""
        with self._told() as api:
            try:
                lines = api.pull(repository, tag=tag, platform=platform, stream=True, decode=True)
                for line in lines:
                    if "error" in line:
                        raise NotThereError(str(line["error"]))
                    if "id" not in line and line.get("status"):
                        say(str(line["status"]))
            except _api_error() as problem:
                _release(problem)
                if problem.status_code != _GONE:
                    raise
                raise NotThereError(str(problem.explanation)) from problem

    def build_image(
        self, folder: str, dockerfile: str, tag: str, platform: str, options: ImageOptions
    ) -> Iterator[str]:
        """Build a Dockerfile with its folder as context, and give what it prints line by line.

        Raises NotThereError with the daemon's words where a step fails.
        """
        from docker.utils import parse_bytes

        with self._told() as api:
            try:
                lines = api.build(
                    path=folder,
                    dockerfile=dockerfile,
                    tag=tag,
                    platform=options.platform or platform,
                    buildargs=dict(options.arguments),
                    target=options.stage or "",
                    network_mode=options.network,
                    extra_hosts=dict(options.hosts) or None,
                    labels=dict(options.labels) or None,
                    cache_from=list(options.cache_from) or None,
                    shmsize=int(parse_bytes(options.shared_memory)) if options.shared_memory else None,
                    nocache=not options.cache,
                    pull=options.pull,
                    rm=True,
                    forcerm=True,
                    decode=True,
                )
                for line in lines:
                    if "error" in line:
                        raise NotThereError(str(line["error"]).strip())
                    yield str(line.get("stream") or "")
            except _api_error() as problem:
                raise NotThereError(str(problem.explanation)) from problem

    # Containers

    def create(
        self, image: str, options: RunOptions, labels: Mapping[str, str], binds: Sequence[str], platform: str | None
    ) -> str:
        """A container that is not running yet, and that the daemon removes when it ends."""
        with self._told() as api:
            host = api.create_host_config(
                auto_remove=True,
                binds=[*options.volumes, *binds],
                network_mode=options.network,
                extra_hosts=dict(options.hosts) or None,
                dns=list(options.dns) or None,
                cap_add=list(options.capabilities) or None,
                cap_drop=list(options.dropped_capabilities) or None,
                security_opt=list(options.security) or None,
                mem_limit=options.memory,
                shm_size=options.shared_memory,
                privileged=options.privileged,
                nano_cpus=int(options.cpus * 1e9) if options.cpus else None,
            )
            made = api.create_container(
                image,
                entrypoint=_LIFELINE,
                stdin_open=True,
                user="0",
                working_dir="/",
                labels=dict(labels),
                host_config=host,
                platform=platform,
            )
            return str(made["Id"])

    def start(self, container: str) -> Closable:
        """Start a container; it lives until the connection that is given back is closed, or this process ends."""
        with self._told() as api:
            lifeline = _Hijacked(api.attach_socket(container, params={"stdin": 1, "stream": 1}))
            try:
                api.start(container)
            except _api_error() as problem:
                lifeline.close()
                raise NotThereError(str(problem.explanation)) from problem
            return lifeline

    def run(
        self,
        container: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        user: str,
        sink: Callable[[bytes], None],
    ) -> int | None:
        """Run a command in a container, and give its exit status; None where the container ended before it did."""
        from docker.utils.socket import frames_iter

        with self._told() as api:
            try:
                made = api.exec_create(container, list(command), environment=dict(environment), user=user, workdir="/")
                with closing(_Hijacked(api.exec_start(made["Id"], socket=True))) as connection:
                    for _, chunk in frames_iter(connection.stream, tty=False):  # type: ignore[no-untyped-call]
                        sink(chunk)
                ended = api.exec_inspect(made["Id"])
                alive = bool(api.inspect_container(container)["State"]["Running"])
            except _api_error() as problem:
                if problem.status_code in (_GONE, _CONFLICT):
                    return None
                raise
        status = ended.get("ExitCode")
        return int(status) if alive and status is not None else None

    def put(self, container: str, archive: IO[bytes]) -> None:
        """Unpack a tar archive at the root of a container."""
        with self._told() as api:
            api.put_archive(container, "/", archive)

    def get(self, container: str, path: str, sink: IO[bytes]) -> str:
        """Write a file or folder of a container into `sink` as a tar archive; give what it links to, if it is a link.

        Raises NotThereError where there is no such path.
        """
        with self._told() as api:
            try:
                chunks, status = api.get_archive(container, path)
                for chunk in chunks:
                    sink.write(chunk)
            except _not_found() as problem:
                _release(problem)
                raise NotThereError(str(problem.explanation)) from problem
        return str(status.get("linkTarget") or "")

    def remove(self, container: str) -> None:
        """Kill and remove a container, and return when it is gone; the daemon may be removing it already."""
        with suppress(MachineError), self._told() as api, suppress(_not_found()):
            try:
                api.remove_container(container, force=True, v=True)
            except _api_error() as problem:
                if problem.status_code == _CONFLICT:
                    api.wait(container, timeout=_SECONDS, condition="removed")

    def labelled(self, label: str) -> dict[str, Mapping[str, str]]:
        """The labels of every container, running or not, that has one of that name."""
        with self._told() as api:
            found = api.containers(all=True, filters={"label": label})
        return {str(container["Id"]): container.get("Labels") or {} for container in found}

    @contextmanager
    def _told(self) -> Iterator[docker.APIClient]:
        with explained(self.endpoint):
            client: docker.APIClient | None = getattr(self._threads, "client", None)
            if client is None:
                client = self._threads.client = _connect(self.endpoint)
                self._clients.append(client)
            yield client


def _close_all(clients: Sequence[docker.APIClient]) -> None:
    for client in clients:
        client.close()


def _connect(endpoint: Endpoint) -> docker.APIClient:
    import docker
    import docker.constants
    import docker.tls
    import docker.utils

    tls: docker.tls.TLSConfig | bool = False
    folder = endpoint.certificates
    if folder is not None:
        pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
        authority = folder / "ca.pem"
        tls = docker.tls.TLSConfig(
            client_cert=pair if (folder / "cert.pem").exists() else None,
            ca_cert=str(authority) if authority.exists() else None,
            verify=endpoint.verify,
        )

    def client(version: str) -> docker.APIClient:
        return docker.APIClient(
            base_url=endpoint.address,
            version=version,
            timeout=_SECONDS,
            tls=tls,
            use_ssh_client=endpoint.address.startswith("ssh://"),
        )

    # The SDK can find the version by itself, but leaves the connection open where it does not like what it finds.
    with closing(client(docker.constants.MINIMUM_DOCKER_API_VERSION)) as asking:
        spoken = str(asking.version(api_version=False)["ApiVersion"])
    newest = docker.constants.DEFAULT_DOCKER_API_VERSION
    return client(newest if docker.utils.version_gte(spoken, newest) else spoken)


def _release(problem: docker.errors.APIError) -> None:
    """Close the connection of an answer that was to be a stream and is an error."""
    if problem.response is not None:
        problem.response.close()


def _api_error() -> type[docker.errors.APIError]:
    import docker.errors

    return docker.errors.APIError


def _not_found() -> type[docker.errors.NotFound]:
    import docker.errors

    return docker.errors.NotFound
