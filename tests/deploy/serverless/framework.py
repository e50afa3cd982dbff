"""A service with the plugin, its own slspack in a virtual environment, and the real Framework."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.bench import REPOSITORY, write_files
from tests.support.serverless import give_node_modules, serverless

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

TEMPLATE = "cloudformation-template-update-stack.json"


@dataclass(frozen=True)
class Framework:
    """Runs `serverless` in a service."""

    root: Path
    variables: Mapping[str, str]

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return serverless(self.root, *arguments, **{**self.variables, **variables})

    def done(self, *arguments: str, **variables: str) -> str:
        """Run a command that must succeed without a warning; what it printed."""
        process = self(*arguments, **variables)
        output = process.stdout + process.stderr
        assert process.returncode == 0, output
        assert "warning" not in output.lower(), output
        return output

    def failed(self, *arguments: str, **variables: str) -> str:
        """Run a command that must fail; what it printed."""
        process = self(*arguments, **variables)
        assert process.returncode == 1, process.stdout + process.stderr
        return process.stdout + process.stderr

    def template(self) -> dict[str, Any]:
        """The resources of the template that was packaged."""
        resources: dict[str, Any] = json.loads((self.root / ".serverless" / TEMPLATE).read_bytes())["Resources"]
        return resources

    def functions(self) -> dict[str, Any]:
        """The properties of the functions in it, by their logical names."""
        resources = self.template()
        return {
            name.removesuffix("LambdaFunction").lower(): one["Properties"]
            for name, one in resources.items()
            if one["Type"] == "AWS::Lambda::Function"
        }

    def artifacts(self) -> dict[str, str]:
        """The base64 sha256 of the zip that each function of the template has for its code."""
        keys = {name: one["Code"]["S3Key"].rpartition("/")[2] for name, one in self.functions().items()}
        return {name: code_hash((self.root / ".serverless" / key).read_bytes()) for name, key in keys.items()}

    def code_hashes(self) -> set[str]:
        """What the template says that the functions' code hashes are."""
        versions = [one for one in self.template().values() if one["Type"] == "AWS::Lambda::Version"]
        return {one["Properties"]["CodeSha256"] for one in versions}

    def names_in(self, artifact: str) -> list[str]:
        """The files in a zip."""
        with zipfile.ZipFile(self.root / ".serverless" / artifact) as archive:
            return archive.namelist()


def code_hash(content: bytes) -> str:
    """A hash as Lambda says it."""
    return b64encode(hashlib.sha256(content).digest()).decode()


def make_framework(root: Path, plugin: Path, variables: Mapping[str, str]) -> Framework:
    """Give a service what it needs to be packaged."""
    give_node_modules(root, plugin)
    give_slspack(root)
    return Framework(root, {name: value for name, value in variables.items() if name != "PYTHONPATH"})


def give_slspack(root: Path) -> None:
    """A command `slspack` where the service's virtual environment would have it."""
    give_command(root, f'PYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m slspack "$@"')


def give_command(root: Path, line: str) -> None:
    """A command `slspack` that is a line of shell."""
    write_files(root, {".venv/bin/slspack": f"#!/bin/sh\n{line}\n"})
    (root / ".venv/bin/slspack").chmod(0o755)
