"""Which files are read, and what they list."""

from __future__ import annotations

import pytest

from slspack.codes import Code
from slspack.errors import ConfigError, SlspackError
from slspack.model import RequirementSet
from slspack.resolve import LockFileUse
from slspack.resolve.files import ServiceFiles
from slspack.resolve.locks import lock_format
from slspack.resolve.reading import as_listed, inputs_digest, read_development, read_source, wanted_for
from slspack.resolve.sources import Source, find_source
from slspack.tree import ServiceTree
from tests.support.resolving import target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from slspack.resolve.written import Written

PROJECT = '[project]\nname = "app"\nversion = "1"\ndependencies = ["a>=1"]\n'


def folder_with(root: Path, *names: str, **contents: str) -> ServiceFiles:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROJECT if name.endswith("pyproject.toml") else "")
    for name, content in contents.items():
        (root / ".".join(name.rsplit("_", 1))).write_text(content)
    return ServiceFiles(ServiceTree(root))


def found(files: ServiceFiles, asked: RequirementSet | None = None, use: LockFileUse = LockFileUse.READ) -> Source:
    return find_source(asked or RequirementSet(), files, use)


def runtime(files: ServiceFiles, asked: RequirementSet) -> Written:
    return read_source(found(files, asked), asked, files, {})


def names(written: Written) -> list[str]:
    return [one.text for one in written.requirements]


@pytest.mark.parametrize(
    ("present", "lock", "read", "noticed"),
    [
        ([], None, (), False),
        (["requirements.txt"], None, ("requirements.txt",), False),
        (["requirements.in"], None, ("requirements.in",), False),
        (["requirements.txt", "requirements.in"], None, ("requirements.txt",), False),
        (["pyproject.toml"], None, ("pyproject.toml",), False),
        (["requirements.txt", "pyproject.toml"], None, ("requirements.txt",), True),
        (["requirements.in", "pyproject.toml"], None, ("requirements.in",), True),
        (["pylock.toml"], "pylock.toml", (), False),
        (["pylock.toml", "requirements.txt"], "pylock.toml", ("requirements.txt",), False),
        (["pylock.toml", "requirements.txt", "pyproject.toml"], "pylock.toml", ("requirements.txt",), True),
    ],
)
def test_the_order(tmp_path: Path, present: list[str], lock: str | None, read: tuple[str, ...], noticed: bool) -> None:
    source = found(folder_with(tmp_path, *present))
    assert (source.lock, source.files, bool(source.findings)) == (lock, read, noticed)


def test_the_notice_names_both(tmp_path: Path) -> None:
    (notice,) = found(folder_with(tmp_path, "requirements.txt", "pyproject.toml")).findings
    assert notice.code is Code.SEVERAL_SOURCES
    assert notice.message == "requirements are read from `requirements.txt`, not from `pyproject.toml` beside it"


def test_a_pyproject_that_says_nothing_of_dependencies_is_no_source(tmp_path: Path) -> None:
    files = folder_with(tmp_path, "requirements.txt", pyproject_toml="[tool.ruff]\nline-length = 100\n")
    assert found(files).findings == ()
    (tmp_path / "requirements.txt").unlink()
    assert found(ServiceFiles(ServiceTree(tmp_path))) == Source()


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("functions/orders", ("functions/orders/requirements.txt",)),
        ("functions/orders/deep/er", ("functions/orders/requirements.txt",)),
        ("functions/users", ("pyproject.toml",)),
        (".", ("pyproject.toml",)),
    ],
)
def test_the_nearest_folder_upwards_counts(tmp_path: Path, folder: str, expected: tuple[str, ...]) -> None:
    files = folder_with(tmp_path, "functions/orders/requirements.txt", "pyproject.toml", "functions/users/app.py")
    assert found(files, RequirementSet(folder=folder)).files == expected


def test_asked_for_groups_requirements_files_are_passed_over(tmp_path: Path) -> None:
    files = folder_with(tmp_path, "requirements.txt", "pyproject.toml")
    assert found(files, RequirementSet(groups=("x",))).files == ("pyproject.toml",)


def test_a_lock_is_ignored_to_write_a_new_one(tmp_path: Path) -> None:
    source = found(folder_with(tmp_path, "pylock.toml", "requirements.txt"), use=LockFileUse.IGNORE)
    assert (source.lock, source.files) == (None, ("requirements.txt",))


def test_named_files_that_are_not_there_are_all_reported(tmp_path: Path) -> None:
    files = folder_with(tmp_path, "requirements-prod.txt", "requirements.txt")
    with pytest.raises(ConfigError) as caught:
        found(files, RequirementSet(files=("requirement-prod.txt", "requirements.txt", "x/none.txt")))
    assert [finding.code for finding in caught.value.findings] == [Code.REQUIREMENTS_NOT_FOUND] * 2
    assert caught.value.findings[0].message == "there is no requirements file `requirement-prod.txt`"
    assert "`requirements-prod.txt`" in (caught.value.findings[0].hint or "")


def test_several_named_files_are_joined(tmp_path: Path) -> None:
    files = folder_with(tmp_path, "pyproject.toml", base_txt="b", more_txt="c")
    asked = RequirementSet(files=("base.txt", "pyproject.toml", "more.txt"))
    assert names(runtime(files, asked)) == ["b", "c", "a>=1"]


def test_groups_cannot_come_from_a_requirements_file(tmp_path: Path) -> None:
    files = folder_with(tmp_path, base_txt="b")
    with pytest.raises(ConfigError, match=r"the group `web` cannot come from `base\.txt`"):
        runtime(files, RequirementSet(files=("base.txt",), groups=("web",)))


@pytest.mark.parametrize(("name", "lock"), [
    ("pylock.toml", True), ("deep/pylock.dev.toml", True), ("pylock.a.b.toml", False), ("my-pylock.toml", False),
])  # fmt: skip
def test_names_of_lock_files(name: str, lock: bool) -> None:
    assert (lock_format(name) is not None) is lock


FULL = """\
[project]
name = "My.App"
version = "1"
dependencies = [
    "a>=1",
    'b ; sys_platform == "win32"',
]

[project.optional-dependencies]
s3 = ["boto3"]
all = ["my-app[s3,Web]", "c"]
web = ["flask"]
dev = ["tox"]

[dependency-groups]
test = ["pytest", { include-group = "Shared_Things" }]
shared-things = ["d"]
worker = [{ include-group = "shared-things" }, "e"]
"""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (RequirementSet(), ["a>=1", 'b ; sys_platform == "win32"']),
        (RequirementSet(extras=("s3",)), ["a>=1", 'b ; sys_platform == "win32"', "boto3"]),
        (RequirementSet(extras=("ALL",)), ["a>=1", 'b ; sys_platform == "win32"', "c", "boto3", "flask"]),
        (RequirementSet(groups=("worker",)), ["a>=1", 'b ; sys_platform == "win32"', "d", "e"]),
        (RequirementSet(groups=("Shared.Things",)), ["a>=1", 'b ; sys_platform == "win32"', "d"]),
    ],
)
def test_pyproject(tmp_path: Path, asked: RequirementSet, expected: list[str]) -> None:
    assert names(runtime(folder_with(tmp_path, pyproject_toml=FULL), asked)) == expected


def test_requirements_in_pyproject_have_a_place(tmp_path: Path) -> None:
    written = runtime(folder_with(tmp_path, pyproject_toml=FULL), RequirementSet(groups=("worker",)))
    assert [str(one.location) for one in written.requirements] == [
        "pyproject.toml:5:5", "pyproject.toml:6:5", "pyproject.toml:17:18", "pyproject.toml:18:48",
    ]  # fmt: skip


def test_what_is_not_asked_for_is_development(tmp_path: Path) -> None:
    files = folder_with(tmp_path, pyproject_toml=FULL, requirements_dev_txt="")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\nmypy\n")
    (tmp_path / "requirements.txt").write_text("a\n")
    (tmp_path / "test-requirements.txt").write_text("broken=1\n")
    asked = RequirementSet(groups=("worker",))
    source = Source(files=("requirements.txt",))
    development = read_development(source, asked, ServiceFiles(ServiceTree(tmp_path)), {})
    assert [(one.name, one.group) for one in development.requirements] == [
        ("mypy", None), ("d", "shared-things"), ("pytest", "test"), ("d", "test"), ("tox", "dev"),
    ]  # fmt: skip
    assert files.is_file("requirements-dev.txt")


@pytest.mark.parametrize(
    ("text", "asked", "code", "message", "hint"),
    [
        (FULL, RequirementSet(groups=("tets",)), Code.NO_SUCH_GROUP,
         "`pyproject.toml` has no dependency group `tets`", "did you mean `test`?"),
        (FULL, RequirementSet(extras=("zzz",)), Code.NO_SUCH_GROUP, "`pyproject.toml` has no extra `zzz`",
         "there are `all`, `dev`, `s3`, `web`"),
        ("[project\n", RequirementSet(), Code.REQUIREMENT_SYNTAX, "`pyproject.toml` is not TOML: expected ']'", None),
        ('[project]\nname="a"\ndynamic = ["dependencies"]\n', RequirementSet(), Code.UNSUPPORTED_REQUIREMENT,
         "`dependencies` is dynamic", "under `[project] dependencies`"),
        ('[project]\nname="a"\ndependencies = ["x=1"]\n', RequirementSet(), Code.REQUIREMENT_SYNTAX,
         "`x=1` is not a requirement", "`==`"),
        ('[dependency-groups]\na = [{include-group="b"}]\nb = [{include-group="a"}]\n', RequirementSet(groups=("a",)),
         Code.REQUIREMENT_SYNTAX, "the dependency group `a` cannot be read: cyclic", None),
        ("project = 1\n", RequirementSet(), Code.REQUIREMENT_SYNTAX, "`project` in `pyproject.toml` is not a", None),
    ],
)  # fmt: skip
def test_errors_in_pyproject(
    tmp_path: Path, text: str, asked: RequirementSet, code: Code, message: str, hint: str | None
) -> None:
    with pytest.raises(SlspackError) as caught:
        runtime(folder_with(tmp_path, pyproject_toml=text), asked)
    finding = caught.value.findings[0]
    assert finding.code is code
    assert message in finding.message
    assert hint is None or hint in (finding.hint or "")
    assert finding.at is not None
    assert finding.at.path == "pyproject.toml"


def test_what_must_be_built_is_wanted_only_where_its_marker_holds(tmp_path: Path) -> None:
    asked = RequirementSet()
    files = folder_with(tmp_path, requirements_txt="a\n./other ; python_version < '3.12'\n")
    assert [one.reference for one in wanted_for(runtime(files, asked), target_of("python3.11"))] == ["", "other"]
    assert [one.name for one in as_listed(wanted_for(runtime(files, asked), target_of("python3.13")))] == ["a"]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("a\nb\n", "# x\nb\n\na\n", True),
        ("a", "A", True),
        ("a", "a==1", False),
        ("a", "a[x]", False),
        ("a", "a ; os_name=='nt'", False),
        ("a", "a\n-c c.txt", False),
        ("a", "--pre\na", False),
        ("a==1", "a==1 --hash=sha256:" + "0" * 64, False),
    ],
)
def test_the_digest_of_what_was_asked_for(tmp_path: Path, before: str, after: str, same: bool) -> None:
    asked = RequirementSet(files=("r.txt",))
    first = inputs_digest(runtime(folder_with(tmp_path, r_txt=before), asked))
    second = inputs_digest(runtime(folder_with(tmp_path, r_txt=after, c_txt="a<9"), asked))
    assert (first == second) is same
