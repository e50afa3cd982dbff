"""Imports inside wheels of other distributions that the user listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.model import (
    ArchivePath,
    DistName,
    ImportPolicy,
    Location,
    ModuleName,
    OptionalImports,
    OptionalPair,
    Reason,
    ReasonKind,
    RuntimeProvided,
    Severity,
)
from slspack.store import Store
from slspack.trace.optional import StoredWheelImports
from slspack.trace.wheelimports import is_test
from tests.support.wheels import make_wheel
from tests.support.worlds import TARGET, World, imports, locked, read_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.model import LockedDistribution

PANDAS = {
    "pandas/__init__.py": "from pandas import frame\n",
    "pandas/frame.py": "",
    "pandas/io/parquet.py": "def read(path):\n    import pyarrow\n    return pyarrow\n",
    "pandas/io/excel.py": "try:\n    import openpyxl\nexcept ImportError:\n    openpyxl = None\n",
}


def scientific(policy: ImportPolicy | None = None) -> World:
    world = (
        World()
        .lists("pandas", "pyarrow")
        .wheel("pandas", PANDAS)
        .wheel("pyarrow", {"pyarrow/__init__.py": "x" * 10**6})
    )
    return world.function("f", imports("pandas"), policy=policy).function("g", imports("pyarrow"))


def setting(choice: OptionalImports, *pairs: tuple[str, str, OptionalImports]) -> ImportPolicy:
    named = (OptionalPair(DistName(one), DistName(other), what) for one, other, what in pairs)
    return ImportPolicy(optional=choice, optional_pairs=tuple(named))


class TestEdges:
    def test_a_listed_distribution_that_another_imports_comes_along(self) -> None:
        world = scientific()
        closure = world.draw().closures["f"]
        assert world.members() == {"pandas", "pyarrow"}
        assert closure.members[1].reasons == (
            Reason(ReasonKind.OPTIONAL_IMPORT, "pandas", "import pyarrow", Location("pandas/io/parquet.py", 2)),
        )

    def test_the_build_says_so_with_size_and_place(self) -> None:
        (notice,) = scientific().draw().closures["f"].findings
        assert (notice.code, notice.severity, notice.function) == (Code.OPTIONAL_IMPORT_KEPT, Severity.NOTICE, "f")
        assert notice.message == (
            "kept only for imports that other distributions may make: `pyarrow` (1.0 MB; `pandas` at "
            "pandas/io/parquet.py:2); 1.0 MB unzipped with all that only these need"
        )
        assert notice.hint == (
            "to leave them out, set `optionalImports` to `reachable` or `never`, here or for a pair of names"
        )

    def test_what_is_only_in_the_lock_does_not(self) -> None:
        world = (
            World()
            .lists("pandas", "other")
            .wheel("pandas", PANDAS)
            .wheel("other", requires=["pyarrow"])
            .wheel("pyarrow")
        )
        world.function("f", imports("pandas")).function("g", imports("other"))
        assert world.members() == {"pandas"}

    def test_a_required_distribution_is_not_called_optional(self) -> None:
        world = World().lists("pandas", "pyarrow").wheel("pandas", PANDAS, ["pyarrow"]).wheel("pyarrow")
        world.function("f", imports("pandas")).function("g")
        closure = world.draw().closures["f"]
        assert [reason.kind for reason in closure.members[1].reasons] == [ReasonKind.REQUIRES]
        assert closure.findings == ()

    def test_rounds_follow_what_each_round_brings_and_ask_once_for_each_wheel(self) -> None:
        world = World().lists("a", "b", "c", "d").wheel("a", {"a.py": "import b"}).wheel("b", {"b.py": "import c"})
        world.wheel("c", {"c.py": ""}).wheel("d", {"d.py": "import a"})
        world.function("f", imports("a")).function("g", imports("d"))
        assert world.members() == {"a", "b", "c"}
        assert world.members("g") == {"a", "b", "c", "d"}
        world.asked.clear()
        world.draw()
        asked = [name for wheels, _ in world.asked for name in wheels]
        assert sorted(asked) == ["a", "b", "c", "d"]

    def test_no_wheel_is_asked_where_every_listed_distribution_is_in(self) -> None:
        world = World().lists("pandas", "pyarrow").wheel("pandas", PANDAS).wheel("pyarrow")
        world.function("f", imports("pandas"), imports("pyarrow"))
        assert world.members() == {"pandas", "pyarrow"}
        assert world.asked == []

    def test_a_distribution_that_only_an_unused_one_imports_is_referenced(self) -> None:
        world = (
            World().lists("server", "loop").wheel("server", {"server.py": "import loop"}).wheel("loop").function("f")
        )
        assert world.members() == {"server", "loop"}

    def test_portions_of_a_namespace_are_told_apart(self) -> None:
        world = World().lists("core", "cloud-a", "cloud-b").wheel("core", {"core.py": "from cloud import a"})
        world.wheel("cloud-a", {"cloud/a/__init__.py": ""}).wheel("cloud-b", {"cloud/b/__init__.py": ""})
        world.function("f", imports("core")).function("g", imports("cloud.b"))
        assert world.members() == {"core", "cloud-a"}

    def test_what_the_runtime_has_to_provide_is_not_brought_in(self) -> None:
        world = World().lists("tools", "boto3").wheel("tools", {"tools.py": "import boto3"}).wheel("boto3")
        world.function("f", imports("tools"), policy=ImportPolicy(runtime_provided=RuntimeProvided.EXCLUDE))
        assert world.members() == {"tools"}

    def test_excluded_distributions_are_not_brought_in(self) -> None:
        assert scientific(ImportPolicy(exclude_distributions=(DistName("pyarrow"),))).members() == {"pandas"}


class TestSettings:
    def test_never(self) -> None:
        world = scientific(setting(OptionalImports.NEVER))
        assert world.members() == {"pandas"}
        left = world.draw().closures["f"].left_out
        assert [(one.distribution.name, one.reason) for one in left] == [
            ("pyarrow", "nothing that this function needs requires it, and `optionalImports` is `never`")
        ]

    @pytest.mark.parametrize("default", [OptionalImports.NEVER, OptionalImports.REACHABLE])
    def test_a_pair_decides_before_the_function(self, default: OptionalImports) -> None:
        pair = ("pandas", "pyarrow", OptionalImports.LISTED)
        assert scientific(setting(default, pair)).members() == {"pandas", "pyarrow"}
        pair = ("pandas", "pyarrow", OptionalImports.NEVER)
        assert scientific(setting(OptionalImports.LISTED, pair)).members() == {"pandas"}

    def test_reachable_counts_only_what_the_functions_imports_lead_to(self) -> None:
        world = scientific(setting(OptionalImports.REACHABLE))
        assert world.members() == {"pandas"}
        assert "pandas/io/parquet.py" not in world.read
        policy = setting(OptionalImports.REACHABLE)
        world.function("h", imports("pandas.io", "parquet"), policy=policy)
        assert world.members("h") == {"pandas", "pyarrow"}

    def test_reachable_goes_from_wheel_to_wheel(self) -> None:
        world = World().lists("a", "c").wheel("a", {"a.py": "import b.used"}, ["b"]).wheel("c")
        world.wheel("b", {"b/__init__.py": "", "b/used.py": "import c", "b/spare.py": ""})
        world.function("f", imports("a"), policy=setting(OptionalImports.REACHABLE)).function("g", imports("c"))
        assert world.members() == {"a", "b", "c"}
        assert "b/spare.py" not in world.read


SOURCES = {
    "pandas/__init__.py": "",
    "pandas/compat.py": "# import pyarrow in a comment\n",
    "pandas/lib.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pyarrow\n",
    "pandas/io/old.py": "print 'import pyarrow'\n",
    "pandas/io/parquet.py": "from . import old\n\ndef read():\n    import pyarrow.parquet as pq\n    return pq\n",
    "pandas/tests/test_all.py": "import hypothesis_like\n",
    "pandas/conftest.py": "import hypothesis_like\n",
    "pandas/stubs.pyi": "import hypothesis_like\n",
    "pandas-1.0.data/purelib/extra/__init__.py": "import plotting\nfrom .. import above\n",
}


class TestStoredWheelImports:
    def _answers(self, tmp_path: Path) -> tuple[StoredWheelImports, LockedDistribution, list[str]]:
        wheel = make_wheel(tmp_path / "wheels", "pandas", files=SOURCES)
        facts = read_facts(wheel)
        fetched: list[str] = []

        def fetch(wheels: Sequence[LockedDistribution], /) -> Mapping[DistName, Path]:
            fetched.extend(one.name for one in wheels)
            return {one.name: wheel for one in wheels}

        answers = StoredWheelImports(fetch, {facts.name: facts}, Store(tmp_path / "store"), TARGET)
        return answers, locked("pandas", facts.sha256), fetched

    def test_the_first_real_import_is_found(self, tmp_path: Path) -> None:
        answers, pandas, fetched = self._answers(tmp_path)
        asked = [ModuleName(name) for name in ("pyarrow", "hypothesis_like", "plotting", "pandas", "absent")]
        found = answers.naming([pandas], asked)[pandas.name]
        assert {module: (str(one), one.path, one.line) for module, one in found.items()} == {
            "pyarrow": ("import pyarrow.parquet", "pandas/io/parquet.py", 4),
            "plotting": ("import plotting", "extra/__init__.py", 1),
        }
        assert fetched == ["pandas"]

    def test_answers_are_kept_by_the_wheels_hash(self, tmp_path: Path) -> None:
        answers, pandas, fetched = self._answers(tmp_path)
        asked = [ModuleName("pyarrow"), ModuleName("absent")]
        first = answers.naming([pandas], asked)
        assert fetched == ["pandas"]
        again, _, fetched = self._answers(tmp_path)
        assert again.naming([pandas], asked) == first
        assert fetched == []

    def test_a_new_question_reads_the_wheel_again_only_if_it_names_the_module(self, tmp_path: Path) -> None:
        answers, pandas, _ = self._answers(tmp_path)
        answers.naming([pandas], [ModuleName("pyarrow")])
        again, _, fetched = self._answers(tmp_path)
        assert again.naming([pandas], [ModuleName("absent")]) == {}
        assert fetched == []
        assert set(again.naming([pandas], [ModuleName("plotting")])) == {"pandas"}
        assert fetched == ["pandas"]

    def test_imports_of_one_source(self, tmp_path: Path) -> None:
        answers, pandas, _ = self._answers(tmp_path)
        asked = [ArchivePath(path) for path in ("pandas/io/parquet.py", "pandas/io/old.py", "extra/__init__.py")]
        found = answers.of_sources(pandas, asked)
        assert {path: [str(one) for one in found[path]] for path in asked} == {
            "pandas/io/parquet.py": ["from pandas.io import old", "import pyarrow.parquet"],
            "pandas/io/old.py": [],
            "extra/__init__.py": ["import plotting"],
        }
        again, _, fetched = self._answers(tmp_path)
        assert again.of_sources(pandas, asked) == found
        assert fetched == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pkg/tests/helpers.py", True),
        ("pkg/test/x.py", True),
        ("pkg/conftest.py", True),
        ("pkg/test_x.py", True),
        ("pkg/x_test.py", True),
        ("pkg/testing.py", False),
        ("pkg/latest.py", False),
        ("_pytest/python.py", False),
        ("pkg/contest.py", False),
    ],
)
def test_what_counts_as_a_test(path: str, expected: bool) -> None:
    assert is_test(path) is expected
