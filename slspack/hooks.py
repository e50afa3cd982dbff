"""Hooks of a service's own: lines of shell that run before and after what a build does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slspack.model import Hook, HookSettings
    from slspack.report import Manifest
    from slspack.request import BuildRequest

_STANDARD_ERROR = 2


class Hooks:
    """Runs the hooks of one service for one request. What they print goes to standard error."""

    def __init__(self, settings: HookSettings, request: BuildRequest) -> None:
        self._settings = settings
        self._request = request

    def before_build(self) -> None:
        """Run `before-build`. Raises SLS0130 if it fails."""
        if self._settings.before_build:
            self._run("before-build", self._settings.before_build, {})

    def after_build(self, manifest: Manifest, names: Iterable[str]) -> None:
        """Run `after-function` for the named functions, then `after-build`. Raises SLS0130 for the first that fails."""
        after_function = self._settings.after_function
        for name in names if after_function else ():
            record = manifest.record["functions"][name]
            variables = {
                "SLSPACK_FUNCTION": name,
                "SLSPACK_ARTIFACT": str(self._request.folder / record["artifact"]),
                "SLSPACK_CACHED": "true" if record["cached"] else "false",
            }
            if after_function:
                self._run("after-function", after_function, variables)
        if self._settings.after_build:
            self._run("after-build", self._settings.after_build, {})

    def _run(self, name: str, hook: Hook, variables: Mapping[str, str]) -> None:
        output = self._request.output
        environment = {
            **self._request.load.environment,
            "SLSPACK_HOOK": name,
            "SLSPACK_OUTPUT": str(output),
            "SLSPACK_MANIFEST": str(output / "manifest.json"),
            **variables,
        }
        status = subprocess.run(  # noqa: S602 (a line of shell is what the user gave)
            hook.line,
            shell=True,
            cwd=self._request.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=_STANDARD_ERROR,
            stderr=_STANDARD_ERROR,
            check=False,
        ).returncode
        if status:
            function = variables.get("SLSPACK_FUNCTION")
            about = f" for `{function}`" if function else ""
            how = f"ended with status {status}" if status > 0 else f"was ended by signal {-status}"
            raise SlspackError.of(
                Code.HOOK_FAILED,
                f"the hook `{name}`{about} {how}: `{hook.line}`",
                at=hook.location,
                hint="what it printed stands above; the line runs in the service's folder",
            )
