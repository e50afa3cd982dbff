"""Which distributions hold a module."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.model import DistName, ModuleName, WheelFacts, WheelMember
from slspack.targets import parse_target
from slspack.trace.owners import OwnerIndex
from tests.support.worlds import TARGET, facts_of

ARM = parse_target("python3.13", "arm64")
assert ARM is not None


def index(*facts: WheelFacts) -> OwnerIndex:
    return OwnerIndex({one.name: one for one in facts}, TARGET)


def owners(found: OwnerIndex, module: str) -> tuple[str, tuple[str, ...]] | None:
    match = found.match(ModuleName(module))
    return None if match is None else (match.module, tuple(str(name) for name in match.distributions))


CLOUD = (
    facts_of("google-auth", {"google/auth/__init__.py": "", "google/auth/transport/requests.py": ""}),
    facts_of("google-cloud-storage", {"google/cloud/storage/__init__.py": "", "google/cloud/storage/blob.py": ""}),
    facts_of("google-cloud-core", {"google/cloud/client/__init__.py": "", "google/cloud/version.py": ""}),
)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("google.cloud.storage", ("google.cloud.storage", ("google-cloud-storage",))),
        ("google.cloud.storage.blob", ("google.cloud.storage.blob", ("google-cloud-storage",))),
        ("google.cloud.storage.nothing", ("google.cloud.storage", ("google-cloud-storage",))),
        ("google.cloud.version", ("google.cloud.version", ("google-cloud-core",))),
        ("google.cloud", ("google.cloud", ("google-cloud-core", "google-cloud-storage"))),
        ("google", ("google", ("google-auth", "google-cloud-core", "google-cloud-storage"))),
        ("google.cloud.bigquery", None),
        ("google.auth.transport.requests", ("google.auth.transport.requests", ("google-auth",))),
        ("googlex", None),
    ],
)
def test_namespace_packages_are_told_apart_by_the_longest_path(
    module: str, expected: tuple[str, tuple[str, ...]] | None
) -> None:
    assert owners(index(*CLOUD), module) == expected


def test_a_portion_of_a_namespace_is_not_a_file() -> None:
    found = index(*CLOUD)
    assert found.match(ModuleName("google.cloud")).is_namespace  # type: ignore[union-attr]
    assert not found.match(ModuleName("google.auth")).is_namespace  # type: ignore[union-attr]
    assert found.exact(ModuleName("google.auth.nothing")) is None


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("single.py", "single"),
        ("fast.cpython-313-x86_64-linux-gnu.so", "fast"),
        ("stable.abi3.so", "stable"),
        ("plain.so", "plain"),
        ("pkg/_c.cpython-313-x86_64-linux-gnu.so", "pkg._c"),
        ("pkg/__init__.abi3.so", "pkg"),
        ("dist-1.0.data/purelib/moved/__init__.py", "moved"),
        ("dist-1.0.data/platlib/moved.so", "moved"),
    ],
)
def test_every_kind_of_file_that_the_target_imports(file: str, module: str) -> None:
    match = index(facts_of("dist", {file: ""})).match(ModuleName(module))
    assert match is not None
    assert match.distributions == ("dist",)
    assert match.files[0].path == file.removeprefix("dist-1.0.data/purelib/").removeprefix("dist-1.0.data/platlib/")


@pytest.mark.parametrize(
    "file",
    [
        "pkg/_c.cpython-312-x86_64-linux-gnu.so",
        "pkg/_c.cpython-313-aarch64-linux-gnu.so",
        "pkg/_c.pyi",
        "pkg/_c.pyd",
        "dist-1.0.data/scripts/_c.py",
    ],
)
def test_files_that_the_target_cannot_import_hold_nothing(file: str) -> None:
    found = index(facts_of("dist", {file: "", "pkg/__init__.py": ""}))
    assert owners(found, "pkg._c") == ("pkg", ("dist",))


def test_extension_modules_are_those_of_the_target_architecture() -> None:
    wheel = facts_of("dist", {"fast.cpython-313-aarch64-linux-gnu.so": ""})
    assert ARM is not None
    assert OwnerIndex({wheel.name: wheel}, ARM).match(ModuleName("fast")) is not None
    assert index(wheel).match(ModuleName("fast")) is None


def test_what_is_not_an_import_name_is_no_top_level_module() -> None:
    wheel = facts_of(
        "numpy",
        {"numpy/__init__.py": "", "numpy.libs/libopenblas.so": "", "numpy-stubs/__init__.pyi": "", "LICENSE": ""},
    )
    assert set(index(wheel).top_level) == {"numpy"}


def test_folders_without_any_module_hold_nothing() -> None:
    wheel = facts_of("dist", {"dist/__init__.py": "", "share/man/dist.1": ""})
    assert index(wheel).match(ModuleName("share")) is None


def test_a_wheel_of_stubs_only() -> None:
    found = index(
        facts_of("types-x", {"x-stubs/__init__.pyi": ""}),
        facts_of("meta", {}),
        facts_of("typed", {"t.py": "", "t.pyi": ""}),
    )
    assert {name: found.wheel(DistName(name)).is_stub_only for name in ("types-x", "meta", "typed")} == {
        "types-x": True,
        "meta": False,
        "typed": False,
    }


def test_entrances_are_the_outermost_modules_with_a_file() -> None:
    wheel = facts_of(
        "many",
        {
            "a/__init__.py": "",
            "a/b.py": "",
            "ns/x/__init__.py": "",
            "ns/deep/y.py": "",
            "ns/data.json": "",
            "one.py": "",
        },
    )
    assert index(wheel).wheel(DistName("many")).entrances == ("a", "ns.deep.y", "ns.x", "one")


_names = st.sampled_from(["a", "b", "c", "ab", "a_b"])


@given(st.lists(st.lists(_names, min_size=1, max_size=4), min_size=1, max_size=12))
def test_every_module_file_is_found_by_its_own_name(paths: list[list[str]]) -> None:
    files = {"/".join(parts) + ".py": "" for parts in paths}
    found = index(facts_of("dist", {**files, "zzz/data.txt": ""}))
    for parts in paths:
        match = found.exact(ModuleName(".".join(parts)))
        assert match is not None
        assert not match.is_namespace
        assert match.distributions == ("dist",)


def test_the_index_reads_little_of_long_file_lists() -> None:
    """By counting: finding one module in a wheel of 4,096 files looks at some dozens of names."""
    looks = 0

    class Counting(tuple[WheelMember, ...]):
        def __getitem__(self, key: Any, /) -> Any:
            nonlocal looks
            looks += 1
            return super().__getitem__(key)

    facts = facts_of("big", {f"big/part{number:04}/__init__.py": "" for number in range(4096)})
    counted = WheelFacts(facts.sha256, facts.name, facts.version, (), Counting(facts.members))
    assert owners(index(counted), "big.part2000") == ("big.part2000", ("big",))
    assert 0 < looks < 400
