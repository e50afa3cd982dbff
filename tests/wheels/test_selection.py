"""The best wheel for a target, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.codes import Code
from slspack.model import Architecture, Digest, Location, Target, dist_name
from slspack.registry import IndexFile
from slspack.targets import marker_environment, parse_target
from slspack.wheels import explain_misfit, no_fitting_wheel, select_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence


def target(runtime: str = "python3.13", architecture: str = "arm64") -> Target:
    found = parse_target(runtime, architecture)
    assert found is not None
    return found


def wheels(*tags: str, version: str = "1.0") -> list[IndexFile]:
    return [IndexFile(f"alpha-{version}-{tag}.whl", f"https://index.example/{tag}", None) for tag in tags]


def chosen(files: Sequence[IndexFile], wanted: Target | None = None) -> str | None:
    found = select_wheel(files, wanted or target())
    return found.filename.removeprefix("alpha-1.0-").removesuffix(".whl") if found else None


PATCH = marker_environment(target())["python_full_version"]

SIX_OF_NINE = ", ".join(f"`cp3{minor}-cp3{minor}`" for minor in range(1, 7))
BEST_FIRST = [
    "cp313-cp313-manylinux_2_34_aarch64",
    "cp313-cp313-manylinux_2_28_aarch64.manylinux_2_27_aarch64",
    "cp313-cp313-manylinux2014_aarch64",
    "cp313-abi3-manylinux_2_28_aarch64",
    "cp38-abi3-manylinux_2_17_aarch64",
    "py3-none-manylinux_2_17_aarch64",
    "py3-none-any",
]
NEVER = [
    "cp313-cp313-manylinux_2_35_aarch64",
    "cp313-cp313-manylinux_2_28_x86_64",
    "cp313-cp313-musllinux_1_2_aarch64",
    "cp313-cp313-macosx_11_0_arm64",
    "cp313-cp313-win_arm64",
    "cp312-cp312-manylinux_2_28_aarch64",
    "cp313-cp313t-manylinux_2_28_aarch64",
    "cp314-abi3-manylinux_2_28_aarch64",
]


@given(files=st.lists(st.sampled_from(BEST_FIRST + NEVER), unique=True))
def test_the_best_fitting_one_whatever_the_order(files: list[str]) -> None:
    fitting = [tag for tag in BEST_FIRST if tag in files]
    assert chosen(wheels(*files)) == (fitting[0] if fitting else None)


def test_the_whole_ladder_up_to_the_runtimes_glibc() -> None:
    """Not one floor: Amazon Linux 2 has 2.26, and takes what needs just that."""
    files = wheels("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_26_x86_64")
    newer = wheels("cp311-cp311-manylinux_2_27_x86_64")
    assert chosen([*newer, *files], target("python3.11", "x86_64")) == "cp311-cp311-manylinux_2_26_x86_64"
    assert chosen(newer, target("python3.11", "x86_64")) is None


def test_the_highest_build_of_equal_tags_then_the_first() -> None:
    files = wheels("py3-none-any", "2-py3-none-any", "10-py3-none-any", "10a-py2.py3-none-any")
    assert chosen(files) == "10a-py2.py3-none-any"
    assert chosen(files[:3]) == "10-py3-none-any"
    same = [IndexFile("alpha-1.0-py3-none-any.whl", url, None) for url in ("https://a.example/", "https://b.example/")]
    assert select_wheel(same, target()) == same[0]


def test_requires_python_is_of_the_targets_whole_version() -> None:
    def needs(python: str) -> IndexFile:
        return IndexFile("alpha-1.0-py3-none-any.whl", "", None, requires_python=python)

    assert select_wheel([needs(">=3.13,!=3.14.*")], target()) is not None
    assert select_wheel([needs("<3.13")], target()) is None
    assert select_wheel([needs("whatever")], target()) is not None  # what cannot be understood forbids nothing


def test_yanked_only_where_pinned() -> None:
    yanked = IndexFile("alpha-1.0-py3-none-any.whl", "", None, yanked="")
    assert select_wheel([yanked], target()) is None
    assert select_wheel([yanked], target(), pinned=True) == yanked


def test_only_files_of_the_locked_hashes() -> None:
    one = IndexFile("alpha-1.0-cp313-cp313-manylinux_2_28_aarch64.whl", "", Digest("1" * 64))
    two = IndexFile("alpha-1.0-py3-none-any.whl", "", Digest("2" * 64))
    unstated = IndexFile("alpha-1.0-py2.py3-none-any.whl", "", None)
    assert select_wheel([one, two], target(), hashes={Digest("2" * 64)}) == two
    assert select_wheel([one, two], target(), hashes={Digest("3" * 64)}) is None
    assert select_wheel([one, unstated], target(), hashes={Digest("3" * 64)}) == unstated


def test_sdists_and_strange_names_are_no_wheels() -> None:
    files = [IndexFile(name, "", None) for name in ("alpha-1.0.tar.gz", "alpha.whl", "alpha-x-py3-none-any.whl")]
    assert select_wheel(files, target()) is None


def test_a_newer_glibc_is_said_first() -> None:
    files = [*wheels(*NEVER), IndexFile("alpha-1.0.tar.gz", "", None)]
    assert explain_misfit(files, target()) == (
        "its wheels are for glibc 2.35, where python3.13 has 2.34 (`manylinux_2_35_aarch64`); "
        "for another Python than python3.13 (`cp312-cp312`, `cp313-cp313t`, `cp314-abi3`); "
        "for another architecture than arm64 (`manylinux_2_28_x86_64`); "
        "for another C library than glibc (`musllinux_1_2_aarch64`); "
        "for another operating system (`macosx_11_0_arm64`, `win_arm64`); "
        "beside them is a source distribution, which would have to be built"
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "there are no files"),
        (
            [IndexFile("alpha-1.0.zip", "", None)],
            "there is only a source distribution, which would have to be built",
        ),
        (
            [IndexFile("alpha-1.0-py3-none-any.whl", "", None, requires_python=">=3.14")],
            f"its wheels are not for Python {PATCH} by their Requires-Python (`>=3.14`)",
        ),
        (
            [IndexFile("alpha-1.0-py3-none-any.whl", "", None, yanked="bad")],
            "its wheels are yanked (`alpha-1.0-py3-none-any.whl`)",
        ),
        (
            wheels(*(f"cp3{minor}-cp3{minor}-manylinux_2_17_aarch64" for minor in range(1, 10))),
            f"its wheels are for another Python than python3.13 ({SIX_OF_NINE} and 3 more)",
        ),
    ],
)
def test_each_reason(files: list[IndexFile], said: str) -> None:
    wanted = Target((3, 13), Architecture.ARM64, (2, 34))
    assert explain_misfit(files, wanted) == said


def test_the_error_says_what_would_help() -> None:
    files = wheels("cp313-cp313-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_aarch64")
    error = no_fitting_wheel(dist_name("alpha"), "1.0", files, target(), Location("requirements.txt", 3))
    (finding,) = error.findings
    assert finding.code is Code.NO_FITTING_WHEEL
    assert finding.message.startswith("`alpha` 1.0 has no wheel for python3.13 arm64: its wheels are for another")
    assert finding.hint == (
        "there is a wheel for `python3.12 arm64`, `python3.13 x86_64`; otherwise choose another version"
    )
    assert finding.at == Location("requirements.txt", 3)
    (only_source,) = no_fitting_wheel(dist_name("alpha"), "1.0", [], target()).findings
    assert only_source.hint == (
        "choose a version that has a wheel for python3.13 arm64, or build one and name its folder with `--find-links`"
    )
