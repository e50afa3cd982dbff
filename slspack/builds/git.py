"""Repositories, by the `git` program with the user's own configuration, which never asks for anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from slspack.builds.failure import log_tail
from slspack.builds.processes import run_logged
from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.registry.credentials import with_login, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from threading import Event

    from slspack.builds.origins import GitOrigin
    from slspack.registry import Credentials

# In a hook of git's own these name another repository.
_OF_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
_ABBREVIATED = re.compile(r"[0-9a-f]{7,63}")


class Git:
    """Asks repositories for commits, and checks them out."""

    def __init__(self, environment: Mapping[str, str], credentials: Credentials, stop: Event | None = None) -> None:
        """Of `credentials` those count that came with a `git+…` address; they reach git by its environment alone."""
        self._given, self._credentials, self._stop = environment, credentials, stop

    def commit_of(self, origin: GitOrigin) -> str | None:
        """The commit that a branch, a tag or HEAD means now; None for a revision that no name stands for.

        Raises SLS0512 where the repository cannot be asked.
        """
        if origin.commit is not None:
            return origin.commit
        wanted = origin.revision or "HEAD"
        names = (
            [wanted]
            if wanted == "HEAD" or wanted.startswith("refs/")
            else [f"refs/tags/{wanted}^{{}}", f"refs/tags/{wanted}", f"refs/heads/{wanted}"]
        )
        done = subprocess.run(
            [self._program(), "ls-remote", "--", origin.address, wanted, f"{wanted}^{{}}"],
            capture_output=True, check=False, env=self._environment(origin), stdin=subprocess.DEVNULL,
            start_new_session=os.name == "posix",  # without a terminal ssh cannot ask either
        )  # fmt: skip
        if done.returncode != 0:
            raise _unavailable(origin, done.stderr.decode("utf-8", "replace").splitlines())
        listed = (line.split("\t", 1) for line in done.stdout.decode("utf-8", "replace").splitlines())
        by_name = {parts[1]: parts[0] for parts in listed if len(parts) == 2}
        return next((by_name[name] for name in names if name in by_name), None)

    def check_out(self, origin: GitOrigin, into: Path, log: Path) -> str:
        """Clone into a folder that is not there yet, at the origin's revision; return the commit.

        History and tags come along, for backends that make the version of them, and so do submodules, as with pip.
        Raises SLS0512.
        """
        clone = ["clone", "--quiet", "--no-checkout", "--filter=blob:none", "--no-recurse-submodules"]
        self._run(origin, [*clone, "--", origin.address, str(into)], into.parent, log)
        commit = self._commit_in(origin, into)
        if commit is None and (origin.commit or origin.revision.startswith("refs/")):
            # No branch and no tag leads there.
            self._run(origin, ["fetch", "--quiet", "origin", origin.revision], into, log)
            commit = origin.commit or self._parsed("FETCH_HEAD", origin, into)
        if commit is None:
            raise _unavailable(origin, [f"it has no revision `{origin.revision}`"])
        self._run(origin, ["checkout", "--quiet", "--force", "--detach", commit], into, log)
        if (into / ".gitmodules").is_file():
            self._run(origin, ["submodule", "--quiet", "update", "--init", "--recursive"], into, log)
        return commit

    def _commit_in(self, origin: GitOrigin, folder: Path) -> str | None:
        revision = origin.revision or "HEAD"
        names = (
            [revision, f"origin/{revision}"] if _ABBREVIATED.fullmatch(revision) else [f"origin/{revision}", revision]
        )
        return next((commit for name in names if (commit := self._parsed(name, origin, folder))), None)

    def _parsed(self, name: str, origin: GitOrigin, folder: Path) -> str | None:
        done = subprocess.run(
            [self._program(), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"],
            capture_output=True, check=False, cwd=folder, env=self._environment(origin), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _run(self, origin: GitOrigin, arguments: list[str], folder: Path, log: Path) -> None:
        # Line endings as they were committed: a source must not depend on the machine.
        command = [self._program(), "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false", *arguments]
        if run_logged(command, folder, self._environment(origin), log, self._stop) != 0:
            raise _unavailable(origin, log_tail(log, 6))

    def _program(self) -> str:
        found = shutil.which("git", path=self._given.get("PATH"))
        if found is None:
            raise MachineError.of(
                Code.BUILD_TOOL_MISSING,
                "a requirement is a git repository, and there is no program `git`",
                hint="install git, or put it on PATH",
            )
        return found

    def _environment(self, origin: GitOrigin) -> dict[str, str]:
        variables = {name: value for name, value in self._given.items() if name not in _OF_ANOTHER}
        variables |= {"GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "LC_ALL": "C"}
        login = self._credentials.for_url(f"git+{origin.address}")
        if login is not None:
            host = _host(origin.address)  # submodules are its neighbours more often than not
            number = int(variables.get("GIT_CONFIG_COUNT", "0") or "0")
            variables |= {
                "GIT_CONFIG_COUNT": str(number + 1),
                f"GIT_CONFIG_KEY_{number}": f"url.{with_login(host, login).reveal()}.insteadOf",
                f"GIT_CONFIG_VALUE_{number}": host,
            }
        return variables


def _host(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _unavailable(origin: GitOrigin, said: list[str] | tuple[str, ...]) -> SlspackError:
    lines = [without_credentials(line.strip()) for line in said if line.strip()]
    shown = "".join(f"\n  {line}" for line in lines[-6:]) if len(lines) > 1 else f" {lines[0]}" if lines else ""
    return SlspackError.of(
        Code.SOURCE_UNAVAILABLE,
        f"`{origin}` cannot be fetched:{shown or ' git failed without a word'}",
        hint=f"try `git ls-remote {origin.address}`: slspack fetches with the same configuration, and is never asked",
    )
