"""`sam build`: a template, a folder with requirements for each function, a layer for what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.services import PACKAGE, RUNTIME
from benchmarks.tools.base import Artifact, Site, Tool, make_environment, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService, State


class Sam(Tool):
    """Folders, not zips: what `sam package` would still have to pack is not counted."""

    name = "sam"
    title = "sam build"
    outputs = (".aws-sam", "layer")

    def install(self, home: Path) -> str:
        make_environment(home, "aws-sam-cli==1.170.0")
        return run([str(home / "bin" / "sam"), "--version"]).split()[-1]

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        requirements = {
            f"{function.folder}/requirements.txt": service.requirements_of(function, state)
            for function in service.functions
        }
        return {
            **requirements,
            "template.yaml": self.template(service),
            # The layer's folder must hold the package itself; the first step of the build brings it up to date.
            "build.sh": f"set -e\nmkdir -p layer\nrm -rf layer/{PACKAGE}\ncp -r {PACKAGE} layer/\n"
            "touch layer/requirements.txt\nsam build --cached --parallel\n",
        }

    def template(self, service: BenchService) -> str:
        """The SAM template."""
        lines = [
            "AWSTemplateFormatVersion: '2010-09-09'",
            "Transform: AWS::Serverless-2016-10-31",
            "Resources:",
            "  Shared:",
            "    Type: AWS::Serverless::LayerVersion",
            "    Properties:",
            "      ContentUri: layer",
            f"      CompatibleRuntimes: [{RUNTIME}]",
            "    Metadata:",
            f"      BuildMethod: {RUNTIME}",
        ]
        for function in service.functions:
            lines += [
                f"  {_logical(function.name)}:",
                "    Type: AWS::Serverless::Function",
                "    Properties:",
                f"      CodeUri: {function.folder}",
                "      Handler: handler.handler",
                f"      Runtime: {RUNTIME}",
                "      Layers: [!Ref Shared]",
            ]
        return "\n".join(lines) + "\n"

    def command(self, site: Site) -> Sequence[str]:
        return ("bash", "build.sh")

    def environment(self, site: Site) -> dict[str, str]:
        return {
            **super().environment(site),
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(site.caches / "sam"),
        }

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        built = site.root / ".aws-sam" / "build"
        return {
            function.name: Artifact(
                built / _logical(function.name), "handler.handler", layers=(built / "Shared" / "python",)
            )
            for function in service.functions
        }


def _logical(name: str) -> str:
    """The resource's name in the template."""
    return f"Function{name.capitalize()}"
