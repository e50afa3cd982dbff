"""pex: a PEX for Lambda's platform for each function, made into a flat zip."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.services import RUNTIME
from benchmarks.tools.base import Artifact, Site, Tool, make_environment, run
from slspack.targets import compatible_tags, marker_environment, parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService, State


class Pex(Tool):
    """The two commands that Pants runs, in a script; requirements and folders per function are kept by hand."""

    name = "pex"
    title = "pex"
    outputs = ("build", "dist")

    def install(self, home: Path) -> str:
        make_environment(home, "pex==2.105.2")
        return run([str(home / "bin" / "pex"), "--version"])

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        requirements = {
            f"{function.folder}/requirements.txt": service.requirements_of(function, state)
            for function in service.functions
        }
        return {**requirements, "platform.json": _platform(), "build.sh": self.script(service)}

    def script(self, service: BenchService) -> str:
        """The script: the same for every state of the service."""
        lines = ["set -e", "rm -rf build dist", "mkdir -p build dist"]
        for function in service.functions:
            name, tree = function.name, f"build/{function.name}"
            lines += [
                f"mkdir {tree}",
                f"cp -r --parents {' '.join(function.folders)} {function.folder}/handler.py {tree}",
                (
                    f"pex -D {tree} -r {function.folder}/requirements.txt --complete-platform platform.json"
                    f" --no-build --layout packed -o {tree}.pex"
                ),
                (
                    f"pex3 venv create --pex-repository {tree}.pex --complete-platform platform.json"
                    f" --layout flat-zipped -d dist/{name}"
                ),
            ]
        return "\n".join(lines) + "\n"

    def command(self, site: Site) -> Sequence[str]:
        return ("bash", "build.sh")

    def environment(self, site: Site) -> dict[str, str]:
        return {**super().environment(site), "PEX_ROOT": str(site.caches / "pex")}

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        return {
            function.name: Artifact(site.root / "dist" / f"{function.name}.zip", function.handler)
            for function in service.functions
        }


def _platform() -> str:
    """What pex calls a complete platform: the target's markers and tags."""
    target = parse_target(RUNTIME)
    if target is None:
        raise LookupError(RUNTIME)
    tags = [str(tag) for tag in compatible_tags(target)]
    return json.dumps({"marker_environment": marker_environment(target), "compatible_tags": tags}, indent=1) + "\n"
