"""A compiled file pins everything; only what somebody wrote down is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.model import RequirementSet, Target
from slspack.resolve.annotations import transitive_lines
from slspack.resolve.files import ServiceFiles
from slspack.resolve.reading import as_listed, read_source
from slspack.resolve.sources import LockFileUse, find_source
from slspack.targets import parse_target
from slspack.tree import ServiceTree
from tests.support.bench import write_files

if TYPE_CHECKING:
    from pathlib import Path

SPLIT = """\
certifi==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via requests
flask==3.0
    # via -r requirements.in
idna==3.0
    # via
    #   -r requirements.in
    #   requests
requests==2.0  # via -r requirements.in
urllib3==2.0
    # via
    #   Botocore
    #   requests
botocore==1.0
# a remark of the user's
plain==1.0
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (SPLIT, {1, 12}),
        ("a==1  # via b\nb==1  # via -r x.in\n", {1}),
        ("a==1  # via b, c\nb==1\nc==1\n", {1}),
        ("a==1  # via myproject\n", set()),
        ("a==1\nb==1\n", set()),
        ("a==1  # viable\nviable==1\n", set()),
        ("", set()),
    ],
)
def test_lines_that_only_other_lines_want(text: str, lines: set[int]) -> None:
    assert transitive_lines(text) == lines


def listed(root: Path) -> list[str]:
    files = ServiceFiles(ServiceTree(root))
    asked = RequirementSet()
    target = parse_target("python3.13")
    assert isinstance(target, Target)
    written = read_source(find_source(asked, files, LockFileUse.READ), asked, files, {})
    return [one.name for one in as_listed(one for one in written.requirements if one.holds_for(target))]


def test_annotated_pins_are_not_listed(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "requirements.txt": SPLIT.replace("sha256:aa", f"sha256:{'a' * 64}").replace(
                "sha256:bb", f"sha256:{'b' * 64}"
            )
        },
    )
    assert listed(tmp_path) == ["botocore", "flask", "idna", "plain", "requests"]


def test_without_annotations_the_file_beside_says_what_is_listed(tmp_path: Path) -> None:
    write_files(tmp_path, {"requirements.txt": "a==1\nb==1\nc>=1\n", "requirements.in": "a\n"})
    assert listed(tmp_path) == ["a", "c"]


def test_without_either_everything_is_listed(tmp_path: Path) -> None:
    write_files(tmp_path, {"requirements.txt": "a==1\nb==1\n"})
    assert listed(tmp_path) == ["a", "b"]
