"""Projects of each tool, equal in what they need, and the lock files that the tools write for them.

`python -m tests.support.lock_projects FOLDER [PROJECT]...` runs the tools (FOLDER/NAME/bin/TOOL) and records what they
write.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.index import package_index
from tests.support.lock_tools import INDEX, fill_index, proxied, run_tool

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDED = Path(__file__).parents[1] / "resolve" / "locks" / "recorded"


@dataclass(frozen=True)
class LockProject:
    """A project as a user has it, and the command that locks it."""

    name: str
    tool: str
    """The environment of the tool, and its requirement on the registry."""
    command: tuple[str, ...]
    lock: str
    files: Mapping[str, str] = field(repr=False)
    then: tuple[str, ...] = ()
    """A second command."""

    @property
    def recorded(self) -> Path:
        """Where what the tool wrote is kept."""
        return RECORDED / self.name / self.lock


TOOLS = {
    "uv": "uv",
    "poetry": "poetry>=2.1",
    "poetry1": "poetry==1.8.5",
    "poetry14": "poetry==1.4.2",
    "poetry11": "poetry==1.1.15 setuptools<70",
    "pdm": "pdm[locked]",
    "pdm27": "pdm==2.7.4 unearth<0.10",
    "pipenv": "pipenv",
    "pip-tools": "pip-tools",
}
"""What is installed into an environment of each name, separated by spaces."""

_PEP_621 = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = [
    "Web.App[fast]>=1",
    "native",
    "forked==1.0; python_version < '3.12'",
    "forked==2.0; python_version >= '3.12'",
]

[project.optional-dependencies]
storage = ["storage"]

[dependency-groups]
dev = ["devtool"]
worker = ["worker"]
"""
_UV = f'[[tool.uv.index]]\nname = "local"\nurl = "{INDEX}"\ndefault = true\n'
_UV_PROJECT = f"{_PEP_621}\n[tool.uv]\npackage = false\n\n{_UV}"
_PDM = (
    f'\n[tool.pdm]\ndistribution = false\n\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{INDEX}"\nverify_ssl = false\n'
)
_POETRY_SOURCE = f'\n[[tool.poetry.source]]\nname = "local"\nurl = "{INDEX}/"\npriority = "primary"\n'
_POETRY = """\
[tool.poetry]
name = "shop"
version = "1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.11"
"Web.App" = { version = "^1", extras = ["fast"] }
native = "*"
forked = [
    { version = "1.0", python = "<3.12" },
    { version = "2.0", python = ">=3.12" },
]
storage = { version = "~1.0", optional = true }

[tool.poetry.extras]
storage = ["storage"]

[tool.poetry.group.dev.dependencies]
devtool = "*"

[tool.poetry.group.worker]
optional = true

[tool.poetry.group.worker.dependencies]
worker = "^1.0"
"""
_OWN_POETRY = _POETRY + _POETRY_SOURCE
_OLDEST_GROUPS = """\
[tool.poetry.group.worker]
optional = true

[tool.poetry.group.worker.dependencies]
worker = "^1.0"
"""
_OLD_POETRY = (
    _POETRY.replace("authors = []", 'authors = ["A <a@b.example>"]').replace(
        "[tool.poetry.group.dev.dependencies]", "[tool.poetry.dev-dependencies]"
    )
    + f'\n[[tool.poetry.source]]\nname = "local"\nurl = "{INDEX}/"\ndefault = true\n'
)
_PIPFILE = f"""\
[[source]]
url = "{INDEX}"
verify_ssl = false
name = "local"

[packages]
"Web.App" = {{ version = ">=1", extras = ["fast"] }}
native = "*"

[dev-packages]
devtool = "*"

[worker]
worker = "*"
"""
_WORKSPACE = {
    "pyproject.toml": '[project]\nname = "whole"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = []\n\n'
    f'[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n\n{_UV}',
    "services/orders/pyproject.toml": '[project]\nname = "orders"\nversion = "0"\nrequires-python = ">=3.11"\n'
    'dependencies = ["leaf<2"]\n\n[project.optional-dependencies]\nfast = ["web-app[fast]"]\n',
    "services/users/pyproject.toml": '[project]\nname = "users"\nversion = "0"\nrequires-python = ">=3.11"\n'
    'dependencies = ["native", "core"]\n\n[tool.uv.sources]\ncore = { workspace = true }\n',
    "libs/core/pyproject.toml": '[project]\nname = "core"\nversion = "0"\nrequires-python = ">=3.11"\n'
    'dependencies = ["storage"]\n\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "libs/core/core/__init__.py": "",
}
_CONFLICTS = f"""\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["native"]

[project.optional-dependencies]
old = ["leaf==1.0"]
new = ["leaf==2.0"]

[tool.uv]
package = false
conflicts = [[{{ extra = "old" }}, {{ extra = "new" }}]]

{_UV}"""
_SCRIPT = f"""\
# /// script
# requires-python = ">=3.11"
# dependencies = ["web-app>=1", "native"]
#
# [[tool.uv.index]]
# url = "{INDEX}"
# default = true
# ///
import native


def handler(event, context):
    return native.__name__
"""
_EXPLICIT = (
    _UV_PROJECT.replace('    "native",\n', '    "native",\n    "core",\n    "storage",\n')
    + '\n[tool.uv.sources]\ncore = { path = "libs/core" }\nstorage = { path = "wheels/storage-1.0-py3-none-any.whl" }\n'
)
_NO_FORK = "".join(line for line in _PEP_621.splitlines(keepends=True) if "forked" not in line)
_PDM_LOCK = ("pdm", "lock", "-q", "-G", ":all")
_UV_LOCK = ("uv", "lock", "--python", sys.executable)

PROJECTS = (
    LockProject("uv", "uv", _UV_LOCK, "uv.lock", {"pyproject.toml": _UV_PROJECT}),
    LockProject("uv-workspace", "uv", _UV_LOCK, "uv.lock", _WORKSPACE),
    LockProject("uv-conflicts", "uv", _UV_LOCK, "uv.lock", {"pyproject.toml": _CONFLICTS}),
    LockProject("uv-script", "uv", (*_UV_LOCK, "--script", "api.py"), "api.py.lock", {"api.py": _SCRIPT}),
    LockProject("uv-paths", "uv", _UV_LOCK, "uv.lock", {
        "pyproject.toml": _EXPLICIT,
        "libs/core/pyproject.toml": _WORKSPACE["libs/core/pyproject.toml"],
        "libs/core/core/__init__.py": "",
    }),
    LockProject(
        "uv-pylock", "uv", ("uv", "export", "-q", "--format", "pylock.toml", "--no-dev", "-o",
        "pylock.toml"), "pylock.toml", {"pyproject.toml": _UV_PROJECT},
    ),
    LockProject(
        "uv-requirements", "uv", ("uv", "export", "-q", "--no-dev", "-o", "requirements.txt"), "requirements.txt",
        {"pyproject.toml": _UV_PROJECT},
    ),
    LockProject("poetry", "poetry", ("poetry", "lock"), "poetry.lock", {
        "pyproject.toml": _PEP_621.replace(">=3.11", ">=3.11,<4") + "\n[tool.poetry]\npackage-mode = false\n"
        + _POETRY_SOURCE
    }),
    LockProject("poetry-own", "poetry", ("poetry", "lock"), "poetry.lock", {"pyproject.toml": _OWN_POETRY}),
    LockProject("poetry-1.8", "poetry1", ("poetry", "lock"), "poetry.lock", {"pyproject.toml": _OWN_POETRY}),
    LockProject("poetry-1.4", "poetry14", ("poetry", "lock"), "poetry.lock", {"pyproject.toml": _OLD_POETRY}),
    LockProject("poetry-1.1", "poetry11", ("poetry", "lock"), "poetry.lock", {
        "pyproject.toml": _OLD_POETRY.replace(_OLDEST_GROUPS, "")
    }),
    LockProject("pdm", "pdm", _PDM_LOCK, "pdm.lock", {"pyproject.toml": _NO_FORK + _PDM}),
    LockProject("pdm-static", "pdm", (
        *_PDM_LOCK, "-S", "static_urls", "-S", "no_inherit_metadata",
    ), "pdm.lock", {"pyproject.toml": _NO_FORK + _PDM}),
    LockProject("pdm-targets", "pdm", (*_PDM_LOCK, "--python", ">=3.12", "--platform", "linux"), "pdm.lock", {
        "pyproject.toml": _PEP_621 + _PDM
    }, then=(*_PDM_LOCK, "--append", "--python", "<3.12", "--platform", "linux")),
    LockProject("pdm-2.7", "pdm27", ("pdm", "lock", "-G", ":all"), "pdm.lock", {
        "pyproject.toml": _NO_FORK.replace("[dependency-groups]", "[tool.pdm.dev-dependencies]") + _PDM
    }),
    LockProject("pipenv", "pipenv", (
        "pipenv", "lock", "--categories", "packages dev-packages worker",
    ), "Pipfile.lock", {"Pipfile": _PIPFILE}),
    LockProject("pip-tools", "pip-tools", (
        "pip-compile", "-q", "--generate-hashes", "--no-emit-index-url", "--index-url", INDEX, "--trusted-host",
        "packages.example", "--no-emit-trusted-host", "requirements.in",
    ), "requirements.txt", {"requirements.in": "Web.App[fast]>=1\nnative\n"}),
)  # fmt: skip


def lock(project: LockProject, tools: Path, proxy: str, scratch: Path) -> Path:
    """Write the project into a folder, run the tool there, and return the folder."""
    folder = scratch / project.name
    for name, content in project.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    if project.name == "uv-paths":
        fill_index(folder / "wheels")
        for other in folder.glob("wheels/*"):
            if not other.name.startswith("storage"):
                other.unlink()
    for tool, *arguments in filter(None, (project.command, project.then)):
        run_tool([str(tools / project.tool / "bin" / tool), *arguments], folder, proxied(proxy, scratch / "home"))
    return folder


def main(tools: Path, *only: str) -> None:
    """Record the lock file of every project, or of those named."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        fill_index(scratch / "index")
        with package_index(scratch / "index") as index:
            for project in PROJECTS:
                if only and project.name not in only:
                    continue
                made = lock(project, tools, index.root, scratch / "projects")
                project.recorded.parent.mkdir(parents=True, exist_ok=True)
                project.recorded.write_bytes((made / project.lock).read_bytes())
                sys.stdout.write(f"{project.name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), *sys.argv[2:])
