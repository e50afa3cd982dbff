"""What a selection takes of a wheel: pruning, the globs on top of it, and what no glob removes by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.model import Prune, Selection
from slspack.wheels.selecting import selected_files
from tests.support.bundles import facts_of
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import WheelFacts

FILES = {
    "pandas/__init__.py": "",
    "pandas/core.pyi": "",
    "pandas/io/sql.py": "",
    "pandas/tests/__init__.py": "",
    "pandas/tests/test_frame.py": "",
    "pandas/tests/data.csv": "",
}


@pytest.fixture
def facts(tmp_path: Path) -> WheelFacts:
    return facts_of(make_wheel(tmp_path, "pandas", files=FILES))


def _code(facts: WheelFacts, selection: Selection) -> list[str]:
    return [file.archive for file in selected_files(facts, selection) if ".dist-info/" not in file.archive]


def test_safe_pruning_is_the_default(facts: WheelFacts) -> None:
    assert _code(facts, Selection()) == ["pandas/__init__.py", "pandas/io/sql.py", "pandas/tests/__init__.py"]


def test_without_pruning_everything_is_taken(facts: WheelFacts) -> None:
    assert _code(facts, Selection(Prune.OFF)) == sorted(FILES)


@pytest.mark.parametrize("glob", ["!tests/**", "!pandas/tests/**", "!**/tests/**"])
def test_a_glob_is_matched_inside_the_package_and_from_the_root(facts: WheelFacts, glob: str) -> None:
    assert _code(facts, Selection(globs=(glob,))) == ["pandas/__init__.py", "pandas/io/sql.py"]


def test_the_last_glob_that_matches_decides_over_pruning(facts: WheelFacts) -> None:
    assert "pandas/tests/test_frame.py" in _code(facts, Selection(globs=("tests/**",)))
    globs = ("!tests/**", "tests/*.csv")
    assert _code(facts, Selection(globs=globs)) == ["pandas/__init__.py", "pandas/io/sql.py", "pandas/tests/data.csv"]


def test_metadata_goes_only_where_a_glob_names_it(facts: WheelFacts) -> None:
    metadata = "pandas-1.0.dist-info/METADATA"
    assert metadata in [file.archive for file in selected_files(facts, Selection(globs=("!**",)))]
    named = selected_files(facts, Selection(globs=("!*.dist-info/**",)))
    assert metadata not in [file.archive for file in named]
