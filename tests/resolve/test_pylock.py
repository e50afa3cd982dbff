"""pylock.toml: written, read back, and refused."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import pytest
from packaging.pylock import Pylock

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import RequirementSet
from slspack.registry import uv_executable
from slspack.resolve import LockFileUse, write_pylock
from tests.support.index import package_index
from tests.support.resolving import ServiceFolder, pins, target_of, wheels
from tests.support.wheels import make_wheel, sha256_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.model import Finding, Target
    from tests.support.index import PackageIndex

TARGETS = [
    target_of("python3.13", "arm64"), target_of("python3.13", "x86_64"), target_of("python3.11", "x86_64"),
]  # fmt: skip


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    folder = tmp_path / "index"
    make_wheel(
        folder, "app", "1.0", requires=["native", "backport; python_version<'3.12'", "arm; platform_machine=='aarch64'"]
    )
    make_wheel(folder, "backport", "1.0")
    make_wheel(folder, "arm", "1.0")
    for python, machine, glibc in (("cp311", "x86_64", 17), ("cp313", "x86_64", 28), ("cp313", "aarch64", 28)):
        make_wheel(folder, "native", "1.0", tag=f"{python}-{python}-manylinux_2_17_{machine}")
        make_wheel(folder, "native", f"1.{glibc}", tag=f"{python}-{python}-manylinux_2_{glibc}_{machine}")
    with package_index(folder) as running:
        yield running


def write(service: ServiceFolder, targets: list[Target], asked: RequirementSet | None = None) -> str:
    context = service.context(lock_file=LockFileUse.IGNORE)
    asked = asked or RequirementSet()
    from slspack.resolve import resolve

    return write_pylock([resolve(asked, target, context) for target in targets], asked, context)


def refused(service: ServiceFolder, target: Target | None = None) -> list[Finding]:
    with pytest.raises(SlspackError) as caught:
        service.resolve(target)
    return list(caught.value.findings)


def test_what_is_written_reads_back_the_same_for_each_target(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    resolved = [service.resolve(target) for target in TARGETS]
    text = write(service, TARGETS)
    service.write(pylock_toml=text)
    offline = ServiceFolder.make(tmp_path, None)
    for target, before in zip(TARGETS, resolved, strict=True):
        after = offline.resolve(target)
        assert after.distributions == before.distributions
        assert after.listed == before.listed
        assert after.sources == ("pylock.toml", "requirements.txt")
        assert after.findings == ()


def test_the_text_is_of_the_standard_and_always_the_same(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    text = write(service, TARGETS)
    assert text == write(service, TARGETS[::-1])
    lock = Pylock.from_dict(tomllib.loads(text))
    shown = [(package.name, str(package.version), str(package.marker or "")) for package in lock.packages]
    assert shown == [
        ("app", "1.0", ""),
        ("arm", "1.0", 'platform_machine == "aarch64"'),
        ("backport", "1.0", 'python_version == "3.11"'),
        ("native", "1.17", 'python_version == "3.11"'),
        ("native", "1.28", 'python_version == "3.13"'),
    ]
    assert [len(package.wheels or ()) for package in lock.packages] == [1, 1, 1, 1, 2]
    assert str(lock.requires_python) == ">=3.11"
    assert lock.environments is not None
    assert len(lock.environments) == 3


def test_uv_can_install_from_it(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    file = service.put("pylock.toml", write(service, TARGETS))
    command = [uv_executable(), "pip", "install", "--no-config", "--target", str(tmp_path / "out"), "-r", str(file)]
    command += ["--python-platform", "x86_64-manylinux_2_34", "--python-version", "3.13", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--preview", "--no-python-downloads"], env=dict(service.environment), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").glob("*.dist-info")) == [
        "app-1.0.dist-info", "native-1.28.dist-info",
    ]  # fmt: skip


def test_wheels_in_the_service_are_written_as_paths(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None).write(requirements_txt="./wheels/ours-1.0-py3-none-any.whl")
    make_wheel(service.root / "wheels", "ours")
    text = write(service, TARGETS)
    assert 'path = "wheels/ours-1.0-py3-none-any.whl"' in text
    assert str(tmp_path) not in text
    service.write(pylock_toml=text)
    assert pins(service.resolve()) == ["ours==1.0"]


def test_a_lock_of_changed_requirements_is_stale(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    service.write(pylock_toml=write(service, TARGETS), requirements_txt="# only a comment\napp\n")
    service.resolve()
    for changed, reason in (
        ("app\nfresh", "`fresh` is not locked"),
        ("app>1", "`app` is locked at 1.0, and `app>1` is wanted"),
        ("app\nnative", "they were changed since"),
    ):
        (finding,) = refused(service.write(requirements_txt=changed))
        assert finding.code is Code.LOCK_STALE
        assert finding.message == f"`pylock.toml` does not match `requirements.txt`: {reason}"
        assert finding.hint == "`slspack lock` makes it anew"


def test_without_the_requirements_the_lock_says_what_was_listed(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    service.write(pylock_toml=write(service, TARGETS))
    (service.root / "requirements.txt").unlink()
    assert [one.name for one in service.resolve().listed] == ["app"]


def test_another_target_is_not_served(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    service.write(pylock_toml=write(service, TARGETS))
    (finding,) = refused(service, target_of("python3.12"))
    assert finding.code is Code.LOCK_INVALID
    assert finding.message.startswith("`pylock.toml` does not serve python3.12 x86_64: ")


def test_a_lock_that_uv_wrote(tmp_path: Path, index: PackageIndex) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app\n")
    command = [uv_executable(), "pip", "compile", "--no-config", "--universal", "--python-version", "3.11", "-o"]
    command += ["pylock.toml", "requirements.txt", "--default-index", index.url, "--python", sys.executable]
    subprocess.run(
        [*command, "--no-python-downloads"], cwd=service.root, env=dict(service.environment), check=True,
        capture_output=True,
    )  # fmt: skip
    lock = service.resolve(target_of("python3.13", "arm64"))
    assert [one.name for one in lock.distributions] == ["app", "arm", "native"]
    assert wheels(lock)[2] == "native-1.28-cp313-cp313-manylinux_2_28_aarch64.whl"
    assert [one.name for one in lock.listed] == ["app"]


def lock_of(*packages: str, head: str = "") -> str:
    return "\n".join(['lock-version = "1.0"', 'created-by = "test"', head, *packages])


def test_wheels_by_name_alone_are_looked_up(tmp_path: Path, index: PackageIndex) -> None:
    file = index.folder / "backport-1.0-py3-none-any.whl"
    entry = (
        "[[packages]]\nname = 'backport'\nversion = '1.0'\nwheels = [{{ name = '{0}', hashes = {{ sha256 = '{1}' }} }}]"
    )
    service = ServiceFolder.make(tmp_path, index.url)
    lock = service.write(pylock_toml=lock_of(entry.format(file.name, sha256_of(file)))).resolve()
    assert lock.distributions[0].wheel.url == index.file_url(file.name)
    (finding,) = refused(service.write(pylock_toml=lock_of(entry.format(file.name, "0" * 64))))
    assert finding.code is Code.HASH_MISMATCH
    (finding,) = refused(service.write(pylock_toml=lock_of(entry.format("backport-2-py3-none-any.whl", "0" * 64))))
    assert finding.code in (Code.NOT_IN_INDEX, Code.LOCK_INVALID)


ZEROS = "0" * 64
CONDITIONS = {
    "always": "", "f": "'fast' in extras", "w": "'web' in dependency_groups", "m": "'main' in dependency_groups",
    "n": "os_name == 'nt'",
}  # fmt: skip
GROUPS = lock_of(
    *(
        f"[[packages]]\nname = '{name}'\nversion = '1'\n"
        + (condition and f"marker = {json.dumps(condition)}\n")
        + f"wheels = [{{ url = 'https://index.example/{name}-1-py3-none-any.whl', hashes = {{ sha256 = '{ZEROS}' }} }}]"
        for name, condition in CONDITIONS.items()
    ),
    head="extras = ['fast']\ndependency-groups = ['web', 'main']\ndefault-groups = ['main']",
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["always", "m"]),
        ({"extras": ("fast",)}, ["always", "f", "m"]),
        ({"groups": ("web",)}, ["always", "m", "w"]),
    ],
)
def test_extras_groups_and_markers_of_a_lock(tmp_path: Path, asked: dict[str, object], expected: list[str]) -> None:
    service = ServiceFolder.make(tmp_path, None).write(pylock_toml=GROUPS)
    lock = service.resolve(**asked)  # type: ignore[arg-type]
    assert [one.name for one in lock.distributions] == expected
    assert [one.name for one in lock.listed] == expected


PLAIN = "[[packages]]\nname = '{0}'\nversion = '1'\n{1}"
WHEEL = "wheels = [{{ url = 'https://index.example/{0}-1-{1}.whl', hashes = {{ sha256 = '" + "0" * 64 + "' }} }}]"


@pytest.mark.parametrize(
    ("text", "code", "message", "line"),
    [
        ("lock-version = x", Code.LOCK_INVALID, "it is not TOML: invalid value", 1),
        ("created-by = 'x'\npackages = []", Code.LOCK_INVALID, "lock-version", 0),
        ("lock-version = '2.0'\ncreated-by = 'x'\npackages = []", Code.LOCK_INVALID, "version 2.0 is not supported", 0),
        (lock_of(PLAIN.format("a", "")), Code.LOCK_INVALID, "", 4),
        (lock_of(PLAIN.format("a", "wheels = [{ url = 'https://index.example/a-1-py3-none-any.whl', hashes = {} }]")),
         Code.LOCK_INVALID, "hash", 4),
        (lock_of(PLAIN.format("a", "directory = { path = 'lib' }")), Code.SOURCE_UNAVAILABLE,
         "there is no folder `lib`", 5),
        (lock_of(PLAIN.format("a", WHEEL.format("a", "py3-none-any")),
                 PLAIN.format("b", WHEEL.format("b", "cp313-cp313-win_amd64"))),
         Code.NO_FITTING_WHEEL, "`b` 1 has no wheel for python3.13 x86_64", 9),
    ],
)  # fmt: skip
def test_locks_that_do_not_serve(tmp_path: Path, text: str, code: Code, message: str, line: int) -> None:
    (finding,) = refused(ServiceFolder.make(tmp_path, None).write(pylock_toml=text))
    assert finding.code is code
    assert message in finding.message
    assert finding.at is not None
    assert (finding.at.path, finding.at.line) == ("pylock.toml", line)


def test_every_distribution_without_a_fitting_wheel_is_named(tmp_path: Path) -> None:
    text = lock_of(*(PLAIN.format(name, WHEEL.format(name, "cp313-cp313-win_amd64")) for name in ("a", "b")))
    findings = refused(ServiceFolder.make(tmp_path, None).write(pylock_toml=text))
    assert [finding.code for finding in findings] == [Code.NO_FITTING_WHEEL] * 2


def test_a_named_lock_for_one_function(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None)
    service.put("locks/pylock.api.toml", lock_of(PLAIN.format("a", WHEEL.format("a", "py3-none-any"))))
    assert pins(service.resolve(files=("locks/pylock.api.toml",))) == ["a==1"]
