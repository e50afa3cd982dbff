"""The way to a daemon behind SSH: the user's own `ssh`, as `docker` itself goes it.

The SDK has a way of its own. It leaves processes behind, and reads no more of `~/.ssh/config` than it knows.
"""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from slspack.builds.image.failures import no_daemon

_SECONDS_TO_CONNECT = 30


class SshTunnel:
    """A socket on this machine. Each of its connections ends at the daemon, through an `ssh` of its own.

    That process has the connection itself as standard input and output: it ends with whoever opened it, however that
    ends.
    """

    def __init__(self, address: str) -> None:
        """`address` begins with `ssh://`. Raises MachineError where there is no program `ssh`."""
        self._command = ssh_command(address)
        self._folder = Path(tempfile.mkdtemp(prefix="slspack-ssh-"))  # nobody else may open what is in it
        self._log = self._folder / "log"
        self._log.touch()
        self._running: list[subprocess.Popen[bytes]] = []
        self._closing = False
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._place))
        self._listening.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The socket, for the SDK."""
        return f"unix://{self._place}"

    @property
    def _place(self) -> Path:
        return self._folder / "docker.sock"

    def said(self) -> str:
        """The last line that an `ssh`, or what it ran, has printed."""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """End every connection."""
        self._closing = True
        with suppress(OSError), socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self._place))  # who waits for a connection is not told that it is closed
        self._thread.join()
        self._listening.close()
        for process in self._running:
            process.terminate()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                if self._closing:
                    return
                self._running = [one for one in self._running if one.poll() is None]
                with self._log.open("ab") as log:
                    # Without a terminal `ssh` cannot ask for anything, and Ctrl-C is for slspack to act on.
                    end = connection.fileno()
                    process = subprocess.Popen(self._command, stdin=end, stdout=end, stderr=log, start_new_session=True)
                self._running.append(process)


def ssh_command(address: str) -> tuple[str, ...]:
    """What reaches the daemon of `ssh://[USER@]HOST[:PORT][/SOCKET]`. Raises MachineError without a program `ssh`."""
    program = shutil.which("ssh")
    if program is None:
        raise no_daemon(f"`{address}` is reached by the program `ssh`, which is not on PATH")
    parts = urlsplit(address)
    options = [f"-oConnectTimeout={_SECONDS_TO_CONNECT}"]
    options += ["-l", parts.username] if parts.username else []
    options += ["-p", str(parts.port)] if parts.port else []
    place = parts.path.rstrip("/")
    there = f"docker --host {shlex.quote(f'unix://{place}')}" if place else "docker"
    return (program, *options, "--", parts.hostname or "", f"{there} system dial-stdio")
