"""What was once forgotten or trusted too much: each sequence of edits gave other artifacts than a fresh build."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.engine.inputs import compare
from slspack.errors import SlspackError
from slspack.model import ArtifactFormat
from slspack.stamps import SLOWEST_CLOCK, Stamp
from tests.support.index import package_index
from tests.support.twins import Twins, rewrite_in_place
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from slspack.engine import Engine

SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions: {api: {handler: app.handler}}
"""
APP = "VALUE = 1\ndef handler(event, context): return VALUE\n"
OTHER = APP.replace("1", "2")
OPTIONAL = f"try:\n    import alpha\nexcept ImportError:\n    pass\n{APP}"


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "alpha")
        make_wheel(index.folder, "beta")
        service = Twins(tmp_path, index)
        service.write({"serverless.yml": SERVICE, "app.py": APP})
        yield service


class Interfering:
    """A listener that does something when a stage begins, once."""

    def __init__(self, stage: str, act: Callable[[], None]) -> None:
        self._stage = stage
        self._act: Callable[[], None] | None = act

    def stage(self, name: str) -> None:
        act = self._act
        if name == self._stage and act is not None:
            self._act = None
            act()

    def transfer(self, done: int, total: int) -> None:
        """Nothing to do."""


def interfered(twins: Twins, stage: str, act: Callable[[], None]) -> Engine:
    """An engine during whose first build something happens."""
    engine = twins.engine()
    engine._progress = Interfering(stage, act)
    return engine


def settle(root: Path, seconds: int = 3600) -> None:
    """Make all files look older than any clock's tick; only their time of change stays what it is."""
    for path in root.rglob("*"):
        if ".slspack" not in path.parts:
            time = path.stat().st_mtime_ns - seconds * 10**9
            os.utime(path, ns=(time, time))


def test_an_artifact_in_another_folder_is_of_its_own_time(twins: Twins, tmp_path: Path) -> None:
    twins.check(out=tmp_path / "one")
    twins.write({"app.py": OTHER})
    twins.check(out=tmp_path / "two")
    twins.check(out=tmp_path / "one")


def test_a_zip_from_before_folders_were_built(twins: Twins) -> None:
    twins.check()
    twins.write({"app.py": OTHER})
    twins.check(format=ArtifactFormat.DIRECTORY)
    twins.check()


def test_output_of_its_own_is_no_change(twins: Twins) -> None:
    engine = twins.engine(format=ArtifactFormat.DIRECTORY)
    twins.check(engine, format=ArtifactFormat.DIRECTORY)
    assert engine.inputs is not None
    assert compare(engine.inputs, twins.root, twins.environment).changes is None


def test_builds_of_two_outputs_in_turn_have_nothing_to_do(twins: Twins, tmp_path: Path) -> None:
    for _ in range(2):
        for name in ("one", "two"):
            twins.build(out=tmp_path / name)
    assert set(twins.build(out=tmp_path / "one").manifest.record["timings"]) == {"check"}


def test_another_process_built_while_this_one_waited(twins: Twins) -> None:
    watching = twins.engine()
    twins.check(watching)
    twins.write({"app.py": OTHER})
    twins.check()
    twins.write({"app.py": APP})
    twins.check(watching)


def test_one_function_was_built_in_between(twins: Twins) -> None:
    twins.check()
    twins.write({"app.py": OTHER})
    twins.check(names=("api",))
    twins.write({"app.py": APP})
    twins.check()


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        ("trace", {"serverless.yml": SERVICE.replace("api", "web")}),
        ("bundle", {"serverless.yml": SERVICE.replace("api", "web")}),
        ("bundle", {"requirements.txt": "beta\n"}),
        ("bundle", {"shared.py": ""}),
        ("bundle", {"notes/b.txt": ""}),
    ],
)
def test_an_edit_during_a_build_counts_for_the_next(twins: Twins, stage: str, files: dict[str, str]) -> None:
    twins.write({"requirements.txt": "alpha\n", "app.py": OPTIONAL, "notes/a.txt": ""})
    twins.write({"serverless.yml": SERVICE + "custom: {slspack: {patterns: ['notes/**']}}\n"})
    interfered(twins, stage, lambda: twins.write(files)).build()
    twins.check()


def test_an_edit_between_planning_and_writing_is_no_artifact_of_both(twins: Twins) -> None:
    twins.check()
    twins.write({"app.py": OTHER})
    with pytest.raises(SlspackError, match="changed"):
        interfered(twins, "bundle", lambda: twins.write({"app.py": APP + "# 3\n"})).build()
    twins.check()


def test_a_variable_in_a_requirements_file(twins: Twins) -> None:
    for name in ("a", "b"):
        make_wheel(twins.root / name, "gamma", files={"gamma.py": f"NAME = '{name}'\n"})
    twins.variables["FLAVOUR"] = "a"
    twins.write({"app.py": f"import gamma\n{APP}", "requirements.txt": "./${FLAVOUR}/gamma-1.0-py3-none-any.whl\n"})
    twins.check()
    twins.variables["FLAVOUR"] = "b"
    twins.check()


@pytest.mark.parametrize("reference", ["./wheels/{0}", "gamma @ file://{1}/wheels/{0}"])
def test_a_local_wheel_is_replaced(twins: Twins, reference: str) -> None:
    wheel = make_wheel(twins.root / "wheels", "gamma")
    line = reference.format(wheel.name, twins.root.as_posix())
    twins.write({"app.py": f"import gamma\n{APP}", "requirements.txt": f"{line}\n"})
    before = twins.build().manifest.record["functions"]["api"]["sha256"]
    make_wheel(twins.root / "wheels", "gamma", files={"gamma/__init__.py": "NEW = 1\n"})
    assert twins.build().manifest.record["functions"]["api"]["sha256"] != before


def test_a_pyproject_that_said_nothing_begins_to(twins: Twins) -> None:
    twins.write({"app.py": OPTIONAL, "pyproject.toml": "[tool.other]\n"})
    assert twins.check().functions["api"]["distributions"] == []  # type: ignore[index]
    twins.write({"pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['alpha']\n"})
    assert len(twins.check().functions["api"]["distributions"]) == 1  # type: ignore[index]


def test_requirements_appear_as_a_link_out_of_the_service(twins: Twins) -> None:
    twins.write({"app.py": OPTIONAL})
    (twins.scratch / "common.txt").write_text("alpha\n")
    twins.check()
    (twins.root / "requirements.txt").symlink_to("../common.txt")
    assert len(twins.check().functions["api"]["distributions"]) == 1  # type: ignore[index]
    (twins.scratch / "common.txt").write_text("beta\n")
    twins.check()


def test_what_stands_beside_requirements_elsewhere(twins: Twins) -> None:
    twins.write({"serverless.yml": f"{SERVICE}custom: {{slspack: {{requirements: needs/base.txt}}}}\n"})
    twins.write({"needs/base.txt": "alpha==1.0\nbeta==1.0\n"})
    twins.check()
    for name, content in (("base.in", "alpha\n"), ("requirements-dev.txt", "gamma\n"), ("base.in", "beta\n")):
        twins.write({f"needs/{name}": content})
        twins.check()


def test_requirements_outside_and_what_appears_beside_them(twins: Twins) -> None:
    twins.write({"serverless.yml": f"{SERVICE}custom: {{slspack: {{requirements: ../needs/base.txt}}}}\n"})
    (twins.scratch / "needs").mkdir()
    (twins.scratch / "needs/base.txt").write_text("alpha==1.0\nbeta==1.0\n")
    twins.check()
    (twins.scratch / "needs/base.in").write_text("alpha\n")
    twins.check()


def test_settings_of_pip_appear(twins: Twins) -> None:
    twins.write({"app.py": OPTIONAL, "requirements.txt": "alpha\n"})
    settings = twins.scratch / "home/.config/pip/pip.conf"
    twins.variables["PIP_CONFIG_FILE"] = ""
    twins.check()
    settings.parent.mkdir(parents=True)
    settings.write_text("[global]\nno-index = true\nfind-links = nothing\n")
    with pytest.raises(SlspackError, match="find-links"):
        twins.build()
    settings.unlink()
    assert not twins.check().failed


def test_of_two_files_under_one_name_the_one_left_out_changes(twins: Twins) -> None:
    patterns = "package: {patterns: [notes.txt, src/notes.txt]}"
    service = SERVICE.replace("{handler: app.handler}", f"{{handler: app.handler, {patterns}}}")
    twins.write({"serverless.yml": f"{service}custom: {{slspack: {{sourceRoots: [src]}}}}\n"})
    twins.write({"src/app.py": APP, "notes.txt": "same", "src/notes.txt": "same"})
    assert not twins.check().failed
    twins.write({"src/notes.txt": "else"})
    assert twins.check().failed
    twins.write({"src/notes.txt": "same"})
    assert not twins.check().failed
    twins.write({"notes.txt": "else"})
    assert twins.check().failed


def test_what_a_link_leads_to_turns_into_something_else(twins: Twins) -> None:
    twins.write({"serverless.yml": SERVICE + "custom: {slspack: {patterns: ['notes/**']}}\n"})
    twins.write({"notes/a.txt": "a", "far/away/b.txt": "b"})
    (twins.root / "notes/link").symlink_to("../far/away")
    place = twins.root / "far/away"
    twins.check()
    (place / "b.txt").unlink()
    place.rmdir()
    place.write_text("a file now")
    twins.check()
    place.unlink()
    twins.check()
    place.symlink_to("../..")
    twins.check()


def test_a_folder_that_was_a_root_by_its_name_becomes_a_package(twins: Twins) -> None:
    twins.write({"app.py": f"import deep\n{APP}", "src/deep.py": ""})
    assert not twins.check().failed
    twins.write({"src/__init__.py": ""})
    assert twins.check().failed


def test_a_module_is_looked_for_in_a_folder_that_was_not_there(twins: Twins) -> None:
    twins.write({"app.py": f"try:\n    import shared.a\nexcept ImportError:\n    pass\n{APP}"})
    twins.check()
    twins.write({"shared/a.py": ""})
    assert len(twins.check().functions["api"]["modules"]) == 2  # type: ignore[index]


def test_lines_that_only_move_are_told_right(twins: Twins) -> None:
    twins.write({"app.py": f"import alpha\n{APP}", "requirements.txt": "beta\n", "requirements-dev.txt": "alpha\n"})
    twins.write({"serverless.yml": SERVICE + "custom: {slspack: {missingImports: warn}}\n"})
    twins.check()
    twins.write({"app.py": f"\n\nimport alpha\n{APP}"})
    twins.check()
    twins.write({"requirements.txt": "\n\nbeta\n"})
    twins.check()


@pytest.mark.parametrize("name", ["app.py", "serverless.yml", "requirements.txt", "notes/a.txt", "shared/__init__.py"])
def test_a_content_of_the_same_size_with_the_times_of_before(twins: Twins, name: str) -> None:
    twins.write({"app.py": f"import shared\n{OPTIONAL}", "requirements.txt": "alpha  # 1\n", "notes/a.txt": "1"})
    twins.write({"shared/__init__.py": "VALUE = 1\n"})
    twins.write({"serverless.yml": SERVICE + "custom: {slspack: {patterns: ['notes/**']}}  # 1\n"})
    content = (twins.root / name).read_bytes()
    for digit in (b"2", b"1", b"3"):
        twins.check()
        rewrite_in_place(twins.root / name, content.replace(b"1", digit))
        twins.check()


@pytest.mark.parametrize(
    ("modified", "changed", "settled"),
    [
        (-SLOWEST_CLOCK, -SLOWEST_CLOCK, True),
        (100, 100 - SLOWEST_CLOCK, False),
        (100 - SLOWEST_CLOCK, 100, False),
        (99 - SLOWEST_CLOCK, 99 - SLOWEST_CLOCK, True),
        (100 - SLOWEST_CLOCK, 0, False),
        (200, 0, False),
    ],
)
def test_what_was_written_within_a_tick_is_not_trusted(modified: int, changed: int, settled: bool) -> None:
    assert Stamp(1, modified, changed, 1, 0o644).is_settled(100) is settled


def test_what_had_to_be_read_once_is_trusted_the_next_time(twins: Twins) -> None:
    engine = twins.engine()
    engine.build()
    inputs = engine.inputs
    assert inputs is not None
    settle(twins.root)
    later = inputs.seen_at + 10 * SLOWEST_CLOCK
    renewed = compare(inputs, twins.root, twins.environment)
    assert (renewed.changes, renewed.renewed) == (None, True)
    trusted = compare(replace(renewed.inputs, seen_at=later), twins.root, twins.environment)
    assert (trusted.changes, trusted.renewed) == (None, False)


def test_a_file_of_the_same_stamp_is_read_until_it_is_settled(twins: Twins) -> None:
    """A stamp that says nothing: as if the second content were written within the same tick as the first."""
    engine = twins.engine()
    engine.build()
    inputs = engine.inputs
    assert inputs is not None
    (twins.root / "app.py").write_text(OTHER)
    stamp = (twins.root / "app.py").stat()
    lying = inputs.files["app.py"]._replace(
        stamp=Stamp(stamp.st_size, stamp.st_mtime_ns, stamp.st_ctime_ns, stamp.st_ino, stamp.st_mode)
    )
    before = replace(inputs, files={**inputs.files, "app.py": lying})
    comparison = compare(before, twins.root, twins.environment)
    assert comparison.changes is not None
    assert comparison.changes.files.keys() == {"app.py"}
