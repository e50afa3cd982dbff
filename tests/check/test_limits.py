from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from slspack.check.limits import UNZIPPED_LIMIT, UPLOAD_LIMIT, check_limits, check_unzipped
from slspack.codes import Code
from slspack.model import (
    ArchivePath,
    Artifact,
    Digest,
    DistName,
    Entry,
    FileSource,
    LockedDistribution,
    Plan,
    Severity,
    WheelFile,
    WheelPart,
)
from tests.support.bundles import plan_of

if TYPE_CHECKING:
    from pathlib import Path

MB = 1 << 20
NO_DIGEST = Digest("0" * 64)


def plan(own: int, **distributions: int) -> Plan:
    """A plan with so many bytes of first-party files and of each distribution."""
    parts = [
        WheelPart(LockedDistribution(DistName(name), "1.0", WheelFile("", "", NO_DIGEST)), 1, size)
        for name, size in distributions.items()
    ]
    return plan_of([Entry(ArchivePath("model.bin"), False, FileSource("model.bin", NO_DIGEST, own))], parts)


def artifact(folder: Path, size: int) -> Artifact:
    return Artifact(plan(0, numpy=1, pandas=1), folder / "orders.zip", NO_DIGEST, size, cached=False)


ZIPPED = {DistName("numpy"): 30 * MB, DistName("pandas"): 10 * MB}


def test_the_limits_are_those_of_aws() -> None:
    assert (UNZIPPED_LIMIT, UPLOAD_LIMIT) == (262_144_000, 52_428_800)


def test_small_artifacts_are_no_news(tmp_path: Path) -> None:
    assert check_limits(artifact(tmp_path, 45 * MB - 1), ZIPPED.__getitem__) == ()
    assert check_unzipped(plan(225 * MB - 1)) == ()


def test_too_large_unzipped() -> None:
    [finding] = check_unzipped(plan(10 * MB, numpy=100 * MB, pandas=140 * MB, six=1))
    assert (finding.code, finding.severity, finding.function) == (Code.UNZIPPED_TOO_LARGE, Severity.ERROR, "orders")
    assert finding.message == (
        "`orders` is 250.1 MB unzipped, Lambda takes at most 250 MB: "
        "pandas 140.0 MB, numpy 100.0 MB, first-party files 10.0 MB, six 0.1 MB"
    )
    assert finding.hint is not None
    assert "container image" in finding.hint


@pytest.mark.parametrize("size", [225 * MB, 250 * MB])
def test_near_the_unzipped_limit(size: int) -> None:
    [finding] = check_unzipped(plan(0, numpy=size))
    assert (finding.code, finding.severity) == (Code.NEAR_LIMIT, Severity.WARNING)
    assert finding.message == (
        f"`orders` is {size / MB} MB unzipped, close to Lambda's limit of 250 MB: numpy {size / MB} MB"
    )


def test_too_large_for_a_direct_upload(tmp_path: Path) -> None:
    [finding] = check_limits(artifact(tmp_path, 50 * MB + 1), ZIPPED.__getitem__)
    assert (finding.code, finding.severity) == (Code.ZIPPED_TOO_LARGE, Severity.WARNING)
    assert finding.message == (
        "`orders` is 50.1 MB zipped, a direct upload takes at most 50 MB: "
        "numpy 30.0 MB, first-party files 10.1 MB, pandas 10.0 MB"
    )
    assert finding.hint == "upload it by way of S3, as the deploy tools do by themselves"


@pytest.mark.parametrize("size", [45 * MB, 50 * MB])
def test_near_the_limit_of_a_direct_upload(tmp_path: Path, size: int) -> None:
    [finding] = check_limits(artifact(tmp_path, size), ZIPPED.__getitem__)
    assert (finding.code, finding.severity) == (Code.NEAR_LIMIT, Severity.WARNING)
    assert finding.message.startswith(f"`orders` is {size / MB} MB zipped, close to the limit of 50 MB for a direct")


def test_both_limits_at_once(tmp_path: Path) -> None:
    both = dataclasses.replace(artifact(tmp_path, 60 * MB), plan=plan(0, numpy=200 * MB, pandas=100 * MB))
    assert [finding.code for finding in check_limits(both, ZIPPED.__getitem__)] == [
        Code.UNZIPPED_TOO_LARGE,
        Code.ZIPPED_TOO_LARGE,
    ]


def test_a_service_s_artifact_is_of_no_one_function() -> None:
    of_two = dataclasses.replace(plan(300 * MB), functions=("a", "b"))
    assert [finding.function for finding in check_unzipped(of_two)] == [None]


def test_only_the_largest_five_are_named() -> None:
    names = {f"d{number}": (40 + number) * MB for number in range(7)}
    [finding] = check_unzipped(plan(0, **names))
    assert finding.message.endswith(": d6 46.0 MB, d5 45.0 MB, d4 44.0 MB, d3 43.0 MB, d2 42.0 MB")
