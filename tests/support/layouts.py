"""Projects laid out in every way that build backends know, each with where its modules should be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SYSTEMS = {
    "flit": '[build-system]\nrequires = ["flit_core>=3.2"]\nbuild-backend = "flit_core.buildapi"\n',
    "setuptools": '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n',
    "hatchling": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "poetry": '[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n',
    "pdm": '[build-system]\nrequires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n',
    "uv": '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n',
}
PROJECT = '[project]\nname = "common-lib"\nversion = "1.5"\ndescription = "shared"\ndependencies = ["base>=1"]\n'


@dataclass(frozen=True)
class LaidOut:
    """A project of one layout. Each Python file in it has its own path as content."""

    backend: str
    settings: str
    paths: tuple[str, ...]
    roots: tuple[tuple[str, tuple[str, ...]], ...]
    """The roots of imports with the modules in them; none where it has to be built."""
    project: str = PROJECT
    beyond: tuple[str, ...] = ()
    """Modules that would be traced if something imported them, and that no wheel holds."""

    @property
    def files(self) -> Mapping[str, str]:
        """What to write."""
        own = {"pyproject.toml": SYSTEMS[self.backend] + self.project + self.settings}
        return own | {path: f"'{path}'\n" for path in self.paths}


def _one(
    backend: str, settings: str, paths: str, root: str, modules: Iterable[str], beyond: Iterable[str] = ()
) -> LaidOut:
    return LaidOut(backend, settings, tuple(paths.split()), ((root, tuple(modules)),), beyond=tuple(beyond))


def _built(backend: str, settings: str, paths: str) -> LaidOut:
    return LaidOut(backend, settings, tuple(paths.split()), ())


_PACKAGE = "common_lib/__init__.py common_lib/inner/__init__.py common_lib/inner/deep.py"
_SOURCE = " ".join(f"src/{path}" for path in _PACKAGE.split())
_FIND = "[tool.setuptools.packages.find]\n"
_WHEEL = "[tool.hatch.build.targets.wheel]\n"
_UV = "[tool.uv.build-backend]\n"
_PDM = "[tool.pdm.build]\n"
_TWO_PORTIONS = "src/company/auth/__init__.py src/company/auth/inner.py src/company/tools.py"

LAYOUTS = {
    "flit, flat": _one("flit", "", _PACKAGE + " tests/x.py", ".", ["common_lib"]),
    "flit, src": _one("flit", "", _SOURCE, "src", ["common_lib"]),
    "flit, a module": _one("flit", "", "common_lib.py", ".", ["common_lib"]),
    "flit, another name": _one("flit", '[tool.flit.module]\nname = "other"\n', "other/__init__.py", ".", ["other"]),
    "flit, a namespace": _one(
        "flit", '[tool.flit.module]\nname = "company.auth"\n', "src/company/auth/__init__.py", "src", ["company.auth"]
    ),
    "setuptools, src": _one(
        "setuptools", "", _SOURCE + " src/single.py tests/x.py extra/y.py", "src", ["common_lib", "single"]
    ),
    "setuptools, flat": _one(
        "setuptools", "", _PACKAGE + " tests/__init__.py docs/conf.py helper.py", ".", ["common_lib"]
    ),
    "setuptools, a module": _one("setuptools", "", "common_lib.py", ".", ["common_lib"]),
    "setuptools, a namespace": _one("setuptools", "", _TWO_PORTIONS, "src", ["company.auth", "company.tools"]),
    "setuptools, find": _one(
        "setuptools",
        _FIND + 'where = ["lib"]\n',
        "lib/common_lib/__init__.py lib/plain/x.py lib/single.py",
        "lib",
        ["common_lib", "plain.x"],
    ),
    "setuptools, find some": _one(
        "setuptools",
        _FIND + 'include = ["common_lib*", "more"]\nexclude = ["*.inner*"]\n',
        _PACKAGE + " other/__init__.py more/__init__.py",
        ".",
        ["common_lib", "more"],
        ["common_lib/inner/__init__.py", "common_lib/inner/deep.py"],
    ),
    "setuptools, find no namespaces": _one(
        "setuptools",
        _FIND + 'where = ["src"]\nnamespaces = false\n',
        _SOURCE + " src/plain/x.py",
        "src",
        ["common_lib"],
    ),
    "setuptools, find in two": LaidOut(
        "setuptools",
        _FIND + 'where = ["one", "two"]\n',
        ("one/a/__init__.py", "two/b/__init__.py"),
        (("one", ("a",)), ("two", ("b",))),
    ),
    "setuptools, packages": _one(
        "setuptools",
        '[tool.setuptools]\npackages = ["common_lib", "common_lib.inner"]\n',
        _PACKAGE + " other/__init__.py",
        ".",
        ["common_lib"],
    ),
    "setuptools, py-modules": _one(
        "setuptools", '[tool.setuptools]\npy-modules = ["a", "b"]\n', "a.py b.py c.py", ".", ["a", "b"]
    ),
    "setuptools, both": _one(
        "setuptools",
        '[tool.setuptools]\npackages = ["common_lib"]\npy-modules = ["a"]\npackage-dir = {"" = "src"}\n',
        "src/common_lib/__init__.py src/a.py src/b.py",
        "src",
        ["a", "common_lib"],
    ),
    "setuptools, package-dir": _one(
        "setuptools", '[tool.setuptools.package-dir]\n"" = "lib"\n', "lib/a/__init__.py lib/b.py", "lib", ["a", "b"]
    ),
    "setuptools, package-dir by package": _one(
        "setuptools",
        '[tool.setuptools]\npackages = ["a"]\npackage-dir = {a = "lib/a"}\n',
        "lib/a/__init__.py",
        "lib",
        ["a"],
    ),
    "setuptools, renamed": _built(
        "setuptools", '[tool.setuptools]\npackages = ["a"]\npackage-dir = {a = "lib"}\n', "lib/__init__.py"
    ),
    "setuptools, setup.cfg": _built("setuptools", "", "lib/a/__init__.py setup.cfg"),
    "hatchling, flat": _one("hatchling", "", _PACKAGE + " tests/x.py", ".", ["common_lib"]),
    "hatchling, src": _one("hatchling", "", _SOURCE, "src", ["common_lib"]),
    "hatchling, a module": _one("hatchling", "", "common_lib.py", ".", ["common_lib"]),
    "hatchling, a namespace": _one(
        "hatchling", "", "company/common_lib/__init__.py company/common_lib/x.py", ".", ["company.common_lib"]
    ),
    "hatchling, packages": LaidOut(
        "hatchling",
        _WHEEL + 'packages = ["src/a", "b"]\n',
        ("src/a/__init__.py", "src/c.py", "b/__init__.py"),
        ((".", ("b",)), ("src", ("a",))),
    ),
    "hatchling, packages for all targets": _one(
        "hatchling", '[tool.hatch.build]\npackages = ["src/a"]\n', "src/a/__init__.py", "src", ["a"]
    ),
    "hatchling, only-include": _one(
        "hatchling",
        _WHEEL + 'only-include = ["src/a", "src/b.py"]\nsources = ["src"]\n',
        "src/a/__init__.py src/b.py src/c.py",
        "src",
        ["a", "b"],
    ),
    "hatchling, sources": _one(
        "hatchling",
        _WHEEL + 'only-include = ["src"]\n[tool.hatch.build.targets.wheel.sources]\n"src" = ""\n',
        "src/a/__init__.py src/b.py",
        "src",
        ["a", "b"],
    ),
    "hatchling, exclude": _one(
        "hatchling",
        _WHEEL + 'exclude = ["**/deep.py"]\n',
        _PACKAGE,
        ".",
        ["common_lib"],
        ["common_lib/inner/deep.py"],
    ),
    "hatchling, renamed": _built(
        "hatchling",
        _WHEEL + 'packages = ["src/a"]\n[tool.hatch.build.targets.wheel.sources]\n"src/a" = "b"\n',
        "src/a/__init__.py",
    ),
    "hatchling, forced": _built("hatchling", _WHEEL + 'force-include = {"a" = "b"}\n', _PACKAGE + " a/x.py"),
    "poetry, flat": _one("poetry", "", _PACKAGE, ".", ["common_lib"]),
    "poetry, src": _one("poetry", "", _SOURCE, "src", ["common_lib"]),
    "poetry, a module": _one("poetry", "", "common_lib.py", ".", ["common_lib"]),
    "poetry, packages": LaidOut(
        "poetry",
        '[tool.poetry]\npackages = [{include = "a", from = "lib"}, {include = "b"}'
        ', {include = "c", format = "sdist"}]\n',
        ("lib/a/__init__.py", "lib/a/x.py", "b/__init__.py", "c/__init__.py"),
        ((".", ("b",)), ("lib", ("a",))),
    ),
    "poetry, a namespace": _one(
        "poetry",
        '[tool.poetry]\npackages = [{include = "company/auth", from = "src"}]\n',
        "src/company/auth/__init__.py src/company/other/__init__.py",
        "src",
        ["company.auth"],
    ),
    "poetry, a glob": _one(
        "poetry", '[tool.poetry]\npackages = [{include = "a/**/*.py"}]\n', "a/__init__.py a/b/c.py", ".", ["a"]
    ),
    "poetry, elsewhere": _built(
        "poetry", '[tool.poetry]\npackages = [{include = "a", to = "b"}]\n', "a/__init__.py"
    ),
    "pdm, flat": _one("pdm", "", _PACKAGE + " other/__init__.py tests/__init__.py x.py", ".", ["common_lib", "other"]),
    "pdm, src": _one("pdm", "", _SOURCE + " src/x.py", "src", ["common_lib"]),
    "pdm, modules": _one("pdm", "", "a.py b.py", ".", ["a", "b"]),
    "pdm, package-dir": _one("pdm", _PDM + 'package-dir = "lib"\n', "lib/a/__init__.py", "lib", ["a"]),
    "pdm, includes": _one("pdm", _PDM + 'includes = ["src/a"]\n', "src/a/__init__.py src/b/__init__.py", "src", ["a"]),
    "uv, src": _one("uv", "", _SOURCE, "src", ["common_lib"]),
    "uv, flat": _one("uv", _UV + 'module-root = ""\n', _PACKAGE, ".", ["common_lib"]),
    "uv, a namespace": _one(
        "uv",
        _UV + 'module-name = "company.auth"\n',
        "src/company/auth/__init__.py src/company/other/__init__.py",
        "src",
        ["company.auth"],
    ),
    "uv, several": _one(
        "uv", _UV + 'module-name = ["a", "b"]\n', "src/a/__init__.py src/b/__init__.py", "src", ["a", "b"]
    ),
    "uv, a whole namespace": _one(
        "uv",
        _UV + 'module-name = "company"\nnamespace = true\n',
        _TWO_PORTIONS,
        "src",
        ["company.auth", "company.tools"],
    ),
}  # fmt: skip
