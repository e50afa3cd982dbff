"""What a daemon is asked of containers: made, filled, run in, read from, removed."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import IO, TYPE_CHECKING

from slspack.builds.image.daemon.connection import PATIENCE, Connection
from slspack.builds.image.daemon.replies import Hijacked, NotThereError, api_error, not_found, release
from slspack.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import docker

    from slspack.builds.image.daemon.replies import Closable
    from slspack.builds.image.options import RunOptions

_GONE, _CONFLICT = 404, 409
_KILLED = 137
"""The status of a process that SIGKILL ended, as a shell and Docker say it."""
_LAST_BREATH = 3
"""Seconds in which a container ends whose processes were killed with it."""

# A shell that ends as soon as nobody holds its standard input: with the process that made it, the container is gone.
_LIFELINE = ["/bin/sh", "-c", "while read -r line; do :; done"]


class ContainerCalls(Connection):
    """A daemon's containers."""

    def create(
        self, image: str, options: RunOptions, labels: Mapping[str, str], binds: Sequence[str], platform: str | None
    ) -> str:
        """A container that is not running yet, and that the daemon removes when it ends."""
        with self.told() as api:
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
        with self.told() as api:
            lifeline = Hijacked(api.attach_socket(container, params={"stdin": 1, "stream": 1}))
            try:
                api.start(container)
            except api_error() as problem:
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
        with self.told() as api:
            try:
                made = api.exec_create(container, list(command), environment=dict(environment), user=user, workdir="/")
                with closing(Hijacked(api.exec_start(made["Id"], socket=True))) as connection:
                    for chunk in connection.chunks():
                        sink(chunk)
            except api_error() as problem:
                if problem.status_code in (_GONE, _CONFLICT):
                    return None
                raise
        return self._status(container, str(made["Id"]))

    def _status(self, container: str, command: str) -> int | None:
        with self.told() as api:
            try:
                status = api.exec_inspect(command).get("ExitCode")
                if status == _KILLED and _has_ended(api, container):
                    return None
                alive = bool(api.inspect_container(container)["State"]["Running"])
            except api_error() as problem:
                if problem.status_code in (_GONE, _CONFLICT):
                    return None
                raise
        return int(status) if alive and status is not None else None

    def put(self, container: str, archive: IO[bytes]) -> None:
        """Unpack a tar archive at the root of a container."""
        with self.told() as api:
            api.put_archive(container, "/", archive)

    def get(self, container: str, path: str, sink: IO[bytes]) -> str:
        """Write a file or folder of a container into `sink` as a tar archive; give what it links to, if it is a link.

        Raises NotThereError where there is no such path.
        """
        with self.told() as api:
            try:
                chunks, status = api.get_archive(container, path)
                for chunk in chunks:
                    sink.write(chunk)
            except not_found() as problem:
                release(problem)
                raise NotThereError(str(problem.explanation)) from problem
        return str(status.get("linkTarget") or "")

    def remove(self, container: str) -> None:
        """Kill and remove a container, and return when it is gone; the daemon may be removing it already."""
        with suppress(MachineError), self.told() as api, suppress(not_found()):
            try:
                api.remove_container(container, force=True, v=True)
            except api_error() as problem:
                if problem.status_code == _CONFLICT:
                    api.wait(container, timeout=PATIENCE, condition="removed")

    def labelled(self, label: str) -> dict[str, Mapping[str, str]]:
        """The labels of every container, running or not, that has one of that name."""
        with self.told() as api:
            found = api.containers(all=True, filters={"label": label})
        return {str(container["Id"]): container.get("Labels") or {} for container in found}


def _has_ended(api: docker.APIClient, container: str) -> bool:
    """Whether a container is at its end: the daemon may learn of its processes' deaths before it learns of its own."""
    import requests.exceptions

    try:
        api.wait(container, timeout=_LAST_BREATH, condition="not-running")
    except not_found():
        return True
    except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
        return False
    return True
