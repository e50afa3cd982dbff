"""slspack itself, installed from this repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from benchmarks.tools.base import REPOSITORY, Artifact, Site, Tool, make_environment, run
from benchmarks.tools.serverless import serverless_yml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService, State


_OPTIONAL = ("pandas -> sqlalchemy", "requests -> cryptography", "pillow -> numpy")
"""Imports between listed distributions that notices of slspack tell of, and that the author knows to be idle."""


class Slspack(Tool):
    """One serverless.yml, one requirements.txt, and a line for each notice of an optional import that is not needed."""

    name = "slspack"
    title = "slspack"
    outputs = (".slspack",)

    def install(self, home: Path) -> str:
        make_environment(home, "--reinstall-package", "slspack", str(REPOSITORY))
        return run([str(home / "bin" / "slspack"), "--version"]).split()[-1]

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        listed = {name.lower() for name in service.pins}
        pairs = [pair for pair in _OPTIONAL if listed.issuperset(pair.split(" -> "))]
        settings = ["  slspack:", "    optionalImports:", *(f"      {pair}: never" for pair in pairs)] if pairs else []
        return {"serverless.yml": serverless_yml(service, [], settings)}

    def command(self, site: Site) -> Sequence[str]:
        return (str(site.home / "bin" / "slspack"), "build", "--individually")

    def environment(self, site: Site) -> dict[str, str]:
        environment = {**super().environment(site), "SLSPACK_CACHE_DIR": str(site.caches / "slspack")}
        # Nothing of the target is needed to build for it, so no interpreter of it is offered.
        environment["PATH"] = os.pathsep.join([str(site.home / "bin"), os.environ.get("PATH", os.defpath)])
        return environment

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        return {
            function.name: Artifact(site.root / ".slspack" / "dist" / f"{function.name}.zip", function.handler)
            for function in service.functions
        }
