"""Serverless Framework v3 with serverless-python-requirements."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.services import RUNTIME
from benchmarks.tools.base import Artifact, Site, Tool, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService, State

_PACKAGES = ("serverless@3.40.0", "serverless-python-requirements@6.1.2")


def serverless_yml(service: BenchService, plugins: Sequence[str], custom: Sequence[str] = ()) -> str:
    """The file that both this tool and slspack read; `custom` are lines for its map of that name."""
    lines = [
        f"service: {service.name}",
        "frameworkVersion: '3'",
        "provider:",
        "  name: aws",
        f"  runtime: {RUNTIME}",
        "package:",
        "  individually: true",
        "  patterns:",
        "    - '!node_modules/**'",
        *(["plugins:", *(f"  - {plugin}" for plugin in plugins)] if plugins else []),
        "custom:",
        "  pythonRequirements:",
        "    dockerizePip: false",
        f"    pythonBin: {RUNTIME}",
        *custom,
        "functions:",
    ]
    for function in service.functions:
        lines += [f"  {function.name}:", f"    handler: {function.handler}"]
    return "\n".join(lines) + "\n"


class ServerlessPythonRequirements(Tool):
    """A single requirements file, so every function is given all of it: it offers no other way with shared code."""

    name = "spr"
    title = "serverless v3"
    outputs = (".serverless",)

    def install(self, home: Path) -> str:
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("Node.js with npm is needed")
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "node_modules" / "serverless").exists():
            run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), *_PACKAGES])
        return ", ".join(_PACKAGES)

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        return {"serverless.yml": serverless_yml(service, ["serverless-python-requirements"])}

    def prepare(self, site: Site) -> None:
        super().prepare(site)
        link = site.root / "node_modules"
        if not link.is_symlink():
            link.symlink_to(site.home / "node_modules", target_is_directory=True)

    def command(self, site: Site) -> Sequence[str]:
        return (str(site.home / "node_modules" / ".bin" / "serverless"), "package")

    def environment(self, site: Site) -> dict[str, str]:
        return {
            **super().environment(site),
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "SLS_TELEMETRY_DISABLED": "1",
            "SLS_NOTIFICATIONS_MODE": "off",
            "CI": "1",
        }

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        return {
            function.name: Artifact(site.root / ".serverless" / f"{function.name}.zip", function.handler)
            for function in service.functions
        }
