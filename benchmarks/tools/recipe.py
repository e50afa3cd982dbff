"""Install into a folder, add the sources, zip: what people write where no tool does it for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchmarks.tools.base import Artifact, Site, Tool, make_environment, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.services import BenchService, State

# Every platform tag of Amazon Linux 2023 that the service's wheels carry: pip takes what it is told, and nothing older.
_PIP_PLATFORMS = (
    "--platform manylinux_2_34_x86_64 --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64"
    " --platform manylinux_2_24_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64"
)


class Recipe(Tool):
    """A shell script with a few lines for each function; requirements and folders per function are kept by hand."""

    outputs = ("build", "dist")
    installing: ClassVar[str]

    def files(self, service: BenchService, state: State) -> Mapping[str, str]:
        requirements = {
            f"{function.folder}/requirements.txt": service.requirements_of(function, state)
            for function in service.functions
            if function.needs
        }
        return {**requirements, "build.sh": self.script(service)}

    def script(self, service: BenchService) -> str:
        """The script: the same for every state of the service."""
        lines = ["set -e", "rm -rf build dist", "mkdir -p build dist"]
        for function in service.functions:
            tree = f"build/{function.name}"
            lines.append(f"mkdir {tree}")
            if function.needs:
                lines.append(f"{self.installing} --target {tree} -r {function.folder}/requirements.txt")
            lines.append(f"cp -r --parents {' '.join(function.folders)} {function.folder}/handler.py {tree}")
            lines.append(f"(cd {tree} && zip -q -r ../../dist/{function.name}.zip .)")
        return "\n".join(lines) + "\n"

    def command(self, site: Site) -> Sequence[str]:
        return ("bash", "build.sh")

    def artifacts(self, service: BenchService, site: Site) -> Mapping[str, Artifact]:
        return {
            function.name: Artifact(site.root / "dist" / f"{function.name}.zip", function.handler)
            for function in service.functions
        }


class UvRecipe(Recipe):
    """uv's own guide for Lambda."""

    name = "uv"
    title = "uv + zip"
    installing = (
        "uv pip install --quiet --no-installer-metadata --no-compile-bytecode"
        " --python-platform x86_64-manylinux_2_34 --python-version 3.13 --only-binary :all:"
    )

    def install(self, home: Path) -> str:
        make_environment(home, "uv==0.13.8")
        return run([str(home / "bin" / "uv"), "--version"]).split()[1]


class PipRecipe(Recipe):
    """The recipe of AWS's own documentation."""

    name = "pip"
    title = "pip + zip"
    installing = f"pip install --quiet --no-compile --python-version 3.13 --only-binary :all: {_PIP_PLATFORMS}"

    def install(self, home: Path) -> str:
        make_environment(home, "pip==25.3")
        return run([str(home / "bin" / "pip"), "--version"]).split()[1]
