"""Project files without a lock, which file is taken of several, and locks without their project."""

from __future__ import annotations

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import RequirementSet, Severity, Tool
from slspack.resolve import LockFileUse
from slspack.resolve.reading import read_source
from slspack.resolve.sources import find_source
from tests.support.index import package_index
from tests.support.lock_projects import PROJECTS
from tests.support.lock_tools import INDEX, fill_index
from tests.support.resolving import ServiceFolder, pins, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.model import Finding
    from tests.support.index import PackageIndex

BY_NAME = {project.name: project for project in PROJECTS}
NOT_LOCKED = "its requirements are resolved anew where nothing is kept"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("index")
    fill_index(folder)
    with package_index(folder) as running:
        yield running


def refused(service: ServiceFolder, **asked: object) -> list[Finding]:
    with pytest.raises(SlspackError) as caught:
        service.resolve(**asked)  # type: ignore[arg-type]
    return list(caught.value.findings)


@pytest.mark.parametrize("name", ["uv", "poetry", "poetry-own", "poetry-1.1", "pdm", "pdm-2.7", "pipenv", "uv-script"])
def test_a_project_without_a_lock_is_resolved_with_a_warning(tmp_path: Path, index: PackageIndex, name: str) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    project = BY_NAME[name]
    (path,) = project.files
    service.put(path, project.files[path].replace(INDEX, index.url.rstrip("/")))
    asked = {"files": (path,)} if name == "uv-script" else {}
    lock = service.resolve(target_of("python3.11"), **asked)  # type: ignore[arg-type]
    expected = {"backport==1.0", "leaf==2.0", "native==3.1", "web-app==1.2"}
    assert expected <= set(pins(lock))
    assert {"devtool==1.0", "storage==1.0", "worker==1.0"}.isdisjoint(pins(lock))
    (finding,) = lock.findings
    assert (finding.code, finding.severity) == (Code.NOT_LOCKED, Severity.WARNING)
    assert finding.message == f"`{path}` has no lock file beside it: {NOT_LOCKED}"
    assert [one.name for one in service.root.iterdir() if one.name != ".slspack"] == [path]
    (required,) = refused(service, require_lock=True, **asked)
    assert (required.code, required.severity) == (Code.NOT_LOCKED, Severity.ERROR)
    assert required.message == f"`{path}` has no lock file beside it, and one is required"


@pytest.mark.parametrize(
    ("name", "group", "development"), [("poetry-own", "worker", ["devtool"]), ("pipenv", "worker", ["devtool"])]
)
def test_groups_of_projects_without_a_lock(
    tmp_path: Path, index: PackageIndex, name: str, group: str, development: list[str]
) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    (path,) = BY_NAME[name].files
    service.put(path, BY_NAME[name].files[path].replace(INDEX, index.url.rstrip("/")))
    lock = service.resolve(groups=(group,))
    assert "worker==1.0" in pins(lock)
    assert [one.group for one in lock.listed if one.name == "worker"] == ["worker"]
    assert [one.name for one in lock.development] == development
    assert pins(service.resolve(only_groups=(group,))) == ["worker==1.0"]
    (finding,) = refused(service, groups=("wroker",))
    assert finding.code is Code.NO_SUCH_GROUP
    assert finding.hint == "did you mean `worker`?"


POETRY = """\
[tool.poetry.dependencies]
python = "^3.11"
leaf = "^1.0 || ^2.0"
forked = { version = "*", source = "company" }

[[tool.poetry.source]]
name = "compony"
url = "https://index.example/simple"
priority = "explicit"
"""


def test_what_only_a_lock_can_express(tmp_path: Path) -> None:
    bound, ranges = sorted(
        refused(ServiceFolder.make(tmp_path, None).write(pyproject_toml=POETRY)), key=lambda one: one.message
    )
    assert (bound.code, ranges.code) == (Code.UNKNOWN_INDEX, Code.NEEDS_LOCK)
    assert (bound.at and bound.at.line, ranges.at and ranges.at.line) == (4, 3)
    assert bound.message == "`forked` may only come from the index `company`, which `pyproject.toml` does not name"
    assert ranges.message.startswith("`leaf` may be `>=1.0,<2` or `>=2.0,<3`, which no resolver")


def test_uv_s_sources_are_not_looked_up_in_an_index(tmp_path: Path) -> None:
    text = '[project]\nname = "a"\nversion = "1"\ndependencies = ["core", "tools"]\n[tool.uv.sources]\n'
    service = ServiceFolder.make(tmp_path, None)
    service.write(pyproject_toml=f'{text}core = {{ path = "libs/core" }}\ntools = {{ path = "tools" }}\n')
    assert [one.message for one in refused(service)] == ["there is no folder `libs/core`", "there is no folder `tools`"]
    service.write(pyproject_toml=f'{text}core = {{ index = "company" }}\n')
    assert [one.code for one in refused(service)] == [Code.UNKNOWN_INDEX]
    service.write(pyproject_toml=f"{text}core = {{ workspace = true }}\n")
    (member,) = refused(service)
    assert member.code is Code.NEEDS_LOCK
    assert member.message == "`core` is a member of a uv workspace, and only the workspace's lock tells where that lies"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('[tool.poetry.dependencies]\na = "latest"\n', "`a`: `latest` is not a constraint on versions", 2),
        ("[tool.poetry.dependencies]\na = 1\n", "`a` is not given a version or a table", 2),
    ],
)
def test_what_poetry_could_not_read(tmp_path: Path, text: str, message: str, line: int) -> None:
    (finding,) = refused(ServiceFolder.make(tmp_path, None).write(pyproject_toml=text))
    assert (finding.message, finding.at and finding.at.line) == (message, line)


LOCKS = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
PROJECT = '[project]\nname = "a"\nversion = "1"\ndependencies = []\n[tool.poetry.dependencies]\n'


@pytest.mark.parametrize("first", LOCKS)
def test_the_order_of_locks(tmp_path: Path, first: str) -> None:
    service = ServiceFolder.make(tmp_path, None).write(pyproject_toml=PROJECT)
    names = (*LOCKS[LOCKS.index(first) :], "requirements.txt", "requirements.in", "Pipfile")
    for name in names:
        service.put(name, "")
    source = find_source(RequirementSet(), service.context().files, LockFileUse.READ)
    assert source.lock == first
    others = [name for name in (*names, "pyproject.toml") if name != first]
    said = " ".join(finding.message for finding in source.findings)
    assert said.startswith(f"requirements are read from `{first}`, not from `{others[0]}`")
    assert all(finding.code is Code.SEVERAL_SOURCES for finding in source.findings)


@pytest.mark.parametrize(
    ("present", "ignored", "lock", "files"),
    [
        (("poetry.lock", "pyproject.toml", "requirements.txt"), (Tool.POETRY,), None, ("requirements.txt",)),
        (("Pipfile.lock", "Pipfile", "requirements.txt"), (Tool.PIPENV,), None, ("requirements.txt",)),
        (("Pipfile.lock", "Pipfile", "requirements.txt"), (), "Pipfile.lock", ("Pipfile",)),
        (("Pipfile", "requirements.txt"), (), None, ("requirements.txt",)),
        (("Pipfile",), (), None, ("Pipfile",)),
        (("Pipfile.lock",), (), "Pipfile.lock", ()),
        (("uv.lock",), (), None, ()),
    ],
)
def test_what_counts(
    tmp_path: Path, present: tuple[str, ...], ignored: tuple[Tool, ...], lock: str | None, files: tuple[str, ...]
) -> None:
    service = ServiceFolder.make(tmp_path, None)
    for name in present:
        service.put(name, '[tool.poetry.dependencies]\na = "1"\n' if name == "pyproject.toml" else "")
    source = find_source(RequirementSet(ignored_tools=ignored), service.context().files, LockFileUse.READ)
    assert (source.lock, source.files) == (lock, files)


@pytest.mark.parametrize(
    ("path", "text", "message", "line"),
    [
        ("uv.lock", "version = 2\n", "it is of version 2, and this release knows version 1", 0),
        ("uv.lock", "version = \n", "it is not TOML: invalid value", 1),
        ("poetry.lock", '[metadata]\nlock-version = "3.0"\n', "its format 3.0 is none that this release knows", 0),
        ("poetry.lock", '[metadata]\nlock-version = "2.0"\n', "its format does not say what is listed", 0),
        ("pdm.lock", '[metadata]\nlock_version = "5.0"\n', "its format 5.0 is none that this release knows", 0),
        ("pdm.lock", '[metadata]\nlock_version = "4.5"\n', "it does not say what is listed", 0),
        ("Pipfile.lock", "[]", "it is not a JSON object", 0),
        ("Pipfile.lock", "{,}", "it is not JSON: expecting property name", 1),
        ("Pipfile.lock", "{}", "it is of specification None, and this release knows 6", 0),
        (
            "Pipfile.lock",
            '{"_meta": {"pipfile-spec": 6},\n "default": {\n "a": {"version": "==1", "hashes": ["md5:1"]}}}',
            "`a` has no sha256 among its hashes",
            3,
        ),
    ],
)
def test_locks_that_cannot_be_read(tmp_path: Path, path: str, text: str, message: str, line: int) -> None:
    service = ServiceFolder.make(tmp_path, None)
    service.put(path, text)
    (finding,) = refused(service, files=(path,))
    assert finding.code is Code.LOCK_INVALID
    assert finding.message.startswith(f"`{path}` cannot be read: {message}")
    assert (finding.at and finding.at.line) == line


@pytest.mark.parametrize(("name", "listed"), [("poetry", 5), ("pdm", 4), ("pipenv", 4)])
def test_a_lock_without_its_project_lists_all_that_it_holds(
    tmp_path: Path, index: PackageIndex, name: str, listed: int
) -> None:
    service = ServiceFolder.make(tmp_path, INDEX, PIP_PROXY=index.root)
    service.put(BY_NAME[name].lock, BY_NAME[name].recorded.read_bytes())
    lock = service.resolve(files=(BY_NAME[name].lock,))
    assert len(lock.listed) == len(lock.distributions) == listed


def test_a_file_that_the_index_has_otherwise(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, INDEX, PIP_PROXY=index.root)
    for name in ("poetry", "pipenv"):
        lock = BY_NAME[name].lock
        text = BY_NAME[name].recorded.read_text()
        digest = text.partition("leaf")[2].partition("sha256:")[2][:64]
        service.put(lock, text.replace(digest, "0" * 64))
        (finding,) = refused(service, files=(lock,))
        assert finding.code is Code.HASH_MISMATCH
        start = f"the index has another `leaf-2.0-py3-none-any.whl` than `{lock}` names: sha256:{digest}"
        assert finding.message == start
    text = BY_NAME["poetry"].recorded.read_text().replace("leaf-2.0-py3", "leaf-2.0-py2.py3")
    service.put("poetry.lock", text)
    (finding,) = refused(service, files=("poetry.lock",))
    assert finding.code is Code.NOT_IN_INDEX
    assert finding.message.startswith(f"the index `{INDEX}` has no `leaf-2.0-py2.py3-none-any.whl`")


def test_a_package_bound_to_an_index_is_looked_up_there_alone(tmp_path: Path, index: PackageIndex) -> None:
    project = BY_NAME["poetry"]
    service = ServiceFolder.make(
        tmp_path, "http://other.example/simple", PIP_PROXY=index.root, PIP_EXTRA_INDEX_URL="http://third.example/simple"
    )
    service.put("pyproject.toml", project.files["pyproject.toml"])
    service.put("poetry.lock", project.recorded.read_bytes())
    before = len(index.requests)
    service.resolve()
    asked = {request.path for request in index.requests[before:]}
    assert asked
    assert all(path.startswith("http://packages.example/") for path in asked)


def test_a_login_in_a_lock_s_index_is_used_and_never_shown(tmp_path: Path, index: PackageIndex) -> None:
    address = INDEX.replace("://", "://${USER_NAME}:${PASS_WORD}@")
    lock = BY_NAME["pipenv"].recorded.read_text().replace(INDEX, address)
    variables = {"USER_NAME": "me", "PASS_WORD": "s3cr3t-word"}
    service = ServiceFolder.make(tmp_path, None, PIP_PROXY=index.root, **variables)
    service.put("Pipfile.lock", lock)
    before = len(index.requests)
    assert "leaf==2.0" in pins(service.resolve())
    assert {request.authorization for request in index.requests[before:]} == {"Basic bWU6czNjcjN0LXdvcmQ="}
    index.settings.refusing["leaf"] = 404
    try:
        service.put("Pipfile.lock", lock.replace("==2.0", "==1.5"))
        findings = refused(service, files=("Pipfile.lock",))
    finally:
        index.settings.refusing.clear()
    assert findings
    assert all("s3cr3t" not in f"{finding}" for finding in findings)
    kept = [path.read_text() for path in (service.root / ".slspack").rglob("*.json")]
    assert kept
    assert all("s3cr3t" not in text for text in kept)


def test_variables_in_the_sources_of_a_pipfile(tmp_path: Path, index: PackageIndex) -> None:
    text = '[[source]]\nname = "own"\nurl = "${SCHEME}://packages.example/simple"\n\n[packages]\nleaf = "<2"\n'
    context = ServiceFolder.make(tmp_path, None, SCHEME="http").context()
    service = ServiceFolder.make(tmp_path, None, SCHEME="http")
    service.put("Pipfile", text)
    source = find_source(RequirementSet(), context.files, LockFileUse.READ)
    written = read_source(source, RequirementSet(), context.files, context.variables)
    assert written.options.index_url == "http://packages.example/simple"
    assert "SCHEME" in context.looks.variables
