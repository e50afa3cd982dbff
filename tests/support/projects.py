"""Python projects that build themselves: their backend lies in them, so that nothing has to be installed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# A PEP 517 backend in a file: it packs the .py files beside it, and does what `[tool.backend]` says.
BACKEND = """\
import os, pathlib, sys, time, tomllib, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    document = tomllib.loads(pathlib.Path("pyproject.toml").read_text("utf-8"))
    project, tool = document["project"], document.get("tool", {}).get("backend", {})
    print("backend of", project["name"], "at work")
    if "fail" in tool:
        sys.exit(tool["fail"])
    if tool.get("compiles") and os.system(os.environ.get("CC", "cc") + " --version"):
        sys.exit("no compiler")
    if "wait" in tool:
        pathlib.Path(tool["wait"]).write_text(str(os.getpid()))
        time.sleep(60)
    version = project.get("version", "1.0")
    tag = tool.get("tag", "py3-none-any")
    stem = project["name"].replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: {version}\\n"
    metadata += "".join(f"Requires-Dist: {one}\\n" for one in project.get("dependencies", []))
    for extra, needs in project.get("optional-dependencies", {}).items():
        metadata += f"Provides-Extra: {extra}\\n"
        metadata += "".join(f"Requires-Dist: {one} ; extra == '{extra}'\\n" for one in needs)
    name = f"{stem}-{version}-{tag}.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nGenerator: b\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
        wheel.writestr(f"{info}/METADATA", metadata)
        for path in sorted(pathlib.Path(".").rglob("*.py"), reverse=True):
            if path.name != "backend.py":
                wheel.writestr(path.as_posix().removeprefix("src/"), path.read_bytes())
        if tool.get("restless"):
            wheel.writestr(f"{stem}_built.py", f"AT = {time.time_ns()}\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


def project_files(
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    files: Mapping[str, str] | None = None,
    **backend: object,
) -> dict[str, str]:
    """The files of a project (without `files`: one module of its name). Further keywords are for its backend."""
    module = name.replace("-", "_")
    said = "".join(f"{key} = {_toml(value)}\n" for key, value in backend.items())
    named = "".join(f"{extra} = {_toml(list(needs))}\n" for extra, needs in (extras or {}).items())
    return {
        "pyproject.toml": (
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {_toml(list(requires))}\n'
            f"[project.optional-dependencies]\n{named}[tool.backend]\n{said}"
        ),
        "backend.py": BACKEND,
        **(files if files is not None else {f"{module}.py": f"WHO = '{name}'\n"}),
    }


def write_project(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a project's files into a folder."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, "utf-8")
    return folder


def write_sdist(folder: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """Write a project as `NAME-VERSION.tar.gz`."""
    stem = f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, content in files.items():
            entry = tarfile.TarInfo(f"{stem}/{member}")
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))
    return path


class Repository:
    """A git repository on this machine."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        """What goes behind `git+`."""
        return self.folder.as_uri()

    def commit(self, files: Mapping[str, str]) -> str:
        """Commit these files beside those that are there."""
        write_project(self.folder, files)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "a change")
        return self._git("rev-parse", "HEAD")

    def tag(self, name: str) -> None:
        """Give HEAD an annotated tag."""
        self._git("tag", "--annotate", "--message", name, name)

    def submodule(self, other: Repository, place: str) -> str:
        """Commit another repository's HEAD as a submodule."""
        self._git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.url, place)
        self._git("commit", "--quiet", "--message", "a submodule")
        return self._git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """Begin a branch at HEAD, and stand on it."""
        self._git("checkout", "--quiet", "-b", name)

    def _git(self, *arguments: str) -> str:
        settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *settings, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
