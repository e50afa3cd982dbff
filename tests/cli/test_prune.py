"""Which files of distributions end in artifacts, by the settings of the service and of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

SERVICE = """
runtime: python3.13
distributionPatterns:
  frames: ['!samples/**']
functions:
  plain: plain.handler
  whole:
    handler: plain.handler
    prune: off
  sampled:
    handler: plain.handler
    distributionPatterns:
      frames: ['samples/a.csv']
  tester: tester.handler
"""
FILES = {
    "frames/__init__.py": "",
    "frames/core.pyi": "",
    "frames/samples/a.csv": "1",
    "frames/samples/b.csv": "2",
    "frames/tests/__init__.py": "",
    "frames/tests/test_frames.py": "CASES = []\n",
}


@pytest.fixture
def frames(bench: Bench) -> Bench:
    assert bench.index
    make_wheel(bench.index.folder, "frames", "1.0", FILES)
    bench.write(
        {
            "slspack.yml": SERVICE,
            "requirements.txt": "frames\n",
            "plain.py": "import frames\n\n\ndef handler(event, context): ...\n",
            "tester.py": "from frames.tests.test_frames import CASES\n\n\ndef handler(event, context): ...\n",
        }
    )
    return bench


def _frames(bench: Bench, function: str) -> list[str]:
    return [name.removeprefix("frames/") for name in bench.names_in(function) if name.startswith("frames/")]


def test_what_each_function_takes(frames: Bench) -> None:
    frames.build()
    assert _frames(frames, "plain") == ["__init__.py", "tests/__init__.py"]
    assert _frames(frames, "whole") == ["__init__.py", "core.pyi", "tests/__init__.py", "tests/test_frames.py"]
    assert _frames(frames, "sampled") == ["__init__.py", "samples/a.csv", "tests/__init__.py"]


def test_a_function_that_imports_tests_gets_them(frames: Bench) -> None:
    frames.build()
    assert _frames(frames, "tester") == ["__init__.py", "core.pyi", "tests/__init__.py", "tests/test_frames.py"]


def test_explain_says_that_a_file_was_left_out(frames: Bench) -> None:
    asked = frames.slspack("explain", "plain", "frames/tests/test_frames.py")
    assert asked.out.splitlines()[-1].strip() == "it is left out by `prune: safe` or by `distributionPatterns`"


def test_a_distribution_that_is_not_there_is_named(frames: Bench) -> None:
    frames.write({"slspack.yml": SERVICE.replace("\n  frames: ['!samples", "\n  framse: ['!samples")})
    said = frames.slspack("build").err
    assert "`distributionPatterns` names `framse`, which is not in the lock" in said


def test_a_changed_setting_reaches_only_what_it_changes(frames: Bench) -> None:
    frames.build()
    frames.write({"slspack.yml": SERVICE.replace("samples/a.csv", "samples/b.csv")})
    records = frames.build()["functions"]
    assert [name for name, record in records.items() if not record["cached"]] == ["sampled"]
