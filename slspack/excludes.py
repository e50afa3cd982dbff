"""What is never taken from a service unless a reached import or a pattern names it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from slspack.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Exclude:
    """A name, as a glob over one part of a path, and why it stays out. Documented in `docs/reference/excludes.md`."""

    glob: str
    reason: str


FOLDERS = (
    Exclude(".aws-sam", "output of SAM"),
    Exclude(".build", "output of bundlers"),
    Exclude(".eggs", "build tool's cache"),
    Exclude(".esbuild", "output of serverless-esbuild"),
    Exclude(".git", "version control"),
    Exclude(".github", "continuous integration"),
    Exclude(".hg", "version control"),
    Exclude(".hypothesis", "test cache"),
    Exclude(".idea", "editor settings"),
    Exclude(".mypy_cache", "type checker's cache"),
    Exclude(".nox", "test environments"),
    Exclude(".pytest_cache", "test cache"),
    Exclude(".requirements", "output of serverless-python-requirements"),
    Exclude(".ruff_cache", "linter's cache"),
    Exclude(".serverless", "output of the Serverless Framework"),
    Exclude(".serverless-offline", "output of serverless-offline"),
    Exclude(".serverless_plugins", "the Serverless Framework's plugins"),
    Exclude(".slspack", "slspack's own output"),
    Exclude(".svn", "version control"),
    Exclude(".terraform", "Terraform's cache"),
    Exclude(".tox", "test environments"),
    Exclude(".venv", "virtual environment"),
    Exclude(".vscode", "editor settings"),
    Exclude(".webpack", "output of serverless-webpack"),
    Exclude("*.egg-info", "build metadata"),
    Exclude("__pycache__", "byte code of the machine that builds"),
    Exclude("cdk.out", "output of the CDK"),
    Exclude("htmlcov", "coverage report"),
    Exclude("node_modules", "Node.js packages"),
    Exclude("slspack_dist", "slspack's own output"),
    Exclude("test", "tests"),
    Exclude("tests", "tests"),
    Exclude("venv", "virtual environment"),
)

FILES = (
    Exclude(".DS_Store", "file manager's metadata"),
    Exclude(".coverage", "coverage data"),
    Exclude(".coverage.*", "coverage data"),
    Exclude(".env", "secrets"),
    Exclude(".env.*", "secrets"),
    Exclude(".gitattributes", "version control"),
    Exclude(".gitignore", "version control"),
    Exclude(".netrc", "secrets"),
    Exclude(".npmrc", "secrets"),
    Exclude(".pypirc", "secrets"),
    Exclude(".requirements.zip", "output of serverless-python-requirements"),
    Exclude("*.key", "private key"),
    Exclude("*.p12", "private key"),
    Exclude("*.pem", "private key"),
    Exclude("*.pfx", "private key"),
    Exclude("*.re[qs].vm", "templates of serverless-offline"),
    Exclude("*.py[co]", "byte code of the machine that builds"),
    Exclude("*.swp", "editor's temporary file"),
    Exclude("*~", "editor's backup"),
    Exclude("Thumbs.db", "file manager's metadata"),
    Exclude("conftest.py", "tests"),
    Exclude("id_dsa", "private key"),
    Exclude("id_ecdsa", "private key"),
    Exclude("id_ed25519", "private key"),
    Exclude("id_rsa", "private key"),
    Exclude("npm-debug.log", "Node.js tool's log"),
    Exclude("requirements.zip", "output of serverless-python-requirements"),
    Exclude("serverless.json", "the deploy tool's configuration"),
    Exclude("serverless.y*ml", "the deploy tool's configuration"),
    Exclude("slspack.y*ml", "slspack's configuration"),
    Exclude("yarn-*.log", "Node.js tool's log"),
)

PROJECT_FILES = (
    Exclude(".dockerignore", "container build"),
    Exclude(".editorconfig", "editor settings"),
    Exclude(".pre-commit-config.yaml", "development tool's settings"),
    Exclude(".python-version", "development tool's settings"),
    Exclude("CHANGELOG*", "documentation"),
    Exclude("Dockerfile*", "container build"),
    Exclude("LICENSE*", "documentation"),
    Exclude("MANIFEST.in", "packaging settings"),
    Exclude("Makefile*", "development tool's settings"),
    Exclude("Pipfile*", "requirements"),
    Exclude("README*", "documentation"),
    Exclude("docker-compose*.y*ml", "container build"),
    Exclude("package-lock.json", "Node.js packages"),
    Exclude("package.json", "Node.js packages"),
    Exclude("pdm.lock", "requirements"),
    Exclude("pnpm-lock.yaml", "Node.js packages"),
    Exclude("poetry.lock", "requirements"),
    Exclude("py.typed", "type information"),
    Exclude("pylock*.toml", "requirements"),
    Exclude("pyproject.toml", "packaging settings"),
    Exclude("pytest.ini", "development tool's settings"),
    Exclude("requirements*.in", "requirements"),
    Exclude("requirements*.txt", "requirements"),
    Exclude("samconfig.*", "deploy tool's settings"),
    Exclude("serverless*.json", "deploy tool's settings"),
    Exclude("serverless*.y*ml", "deploy tool's settings"),
    Exclude("setup.cfg", "packaging settings"),
    Exclude("slspack.y*ml", "slspack's settings"),
    Exclude("template.y*ml", "deploy tool's settings"),
    Exclude("tox.ini", "development tool's settings"),
    Exclude("uv.lock", "requirements"),
    Exclude("yarn.lock", "Node.js packages"),
)
"""Files that steer a project and are not read at run time: data only where a reached module names one exactly."""


@lru_cache(maxsize=1 << 16)
def excluded_folder(name: str) -> Exclude | None:
    """The rule by which a folder of that name stays out, if any. Names are compared exactly, case included."""
    return _first_match(FOLDERS, name)


@lru_cache(maxsize=1 << 16)
def excluded_file(name: str) -> Exclude | None:
    """The rule by which a file of that name stays out, if any."""
    return _first_match(FILES, name)


def project_file(name: str) -> Exclude | None:
    """The rule by which a file of that name is taken for one that steers the project, if any."""
    return _first_match(PROJECT_FILES, name)


def _first_match(rules: tuple[Exclude, ...], name: str) -> Exclude | None:
    return next((rule for rule in rules if fnmatchcase(name, rule.glob)), None)
