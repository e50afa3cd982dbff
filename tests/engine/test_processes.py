"""Several processes, and folders that cannot be written to."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slspack.engine.database import VERSION, Database
from slspack.keys import digest_file
from tests.support.bench import REPOSITORY, Bench
from tests.support.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions: {api: {handler: app.handler}, web: {handler: app.handler}}
"""
APP = "import shared\ndef handler(event, context): return 1\n"


def write(root: Path) -> None:
    """A small service."""
    Twins(root.parent).write({"serverless.yml": SERVICE, "app.py": APP, "shared.py": ""})


def test_processes_that_build_the_same_service_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "service", tmp_path / "store")
    write(bench.root)
    command = [sys.executable, "-m", "slspack", "build", "--json", "-C", str(bench.root)]
    variables = bench.variables | {"PYTHONPATH": str(REPOSITORY)}
    for content in ("", "VALUE = 1\n"):
        (bench.root / "shared.py").write_text(content)
        running = [
            subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        results = [(*process.communicate(), process.returncode) for process in running]
        assert [status for _, _, status in results] == [0] * 4, results
        artifact = bench.root / ".slspack/dist/api.zip"
        said = {json.loads(out)["functions"]["api"]["sha256"] for out, _, _ in results}
        assert said == {digest_file(artifact)}
    assert [path.name for path in (bench.root / ".slspack/dist").iterdir() if path.name.startswith(".")] == []
    bench.build()
    assert set(bench.build()["timings"]) == {"check"}


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE kept RENAME TO else_where")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()


def _other_columns(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE kept")
    connection.execute("CREATE TABLE kept (other)")
    connection.commit()
    connection.close()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a newer version": _newer,
    "other columns": _other_columns,
    "a folder": _folder,
    "noise": lambda path: path.write_bytes(b"noise" * 1000),
    "nothing": lambda path: path.write_bytes(b""),
    "half of it": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "holes": lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_database_that_is_none_of_ours(tmp_path: Path, damage: str) -> None:
    twins = Twins(tmp_path)
    write(twins.root)
    twins.check()
    DAMAGES[damage](twins.root / ".slspack/state.db")
    for source in (APP, f"{APP}# 2\n", f"{APP}# 2\n"):
        twins.write({"app.py": source})
        twins.check()
    timings = twins.build().manifest.record["timings"]
    assert (set(timings) == {"check"}) is (damage not in ("a folder", "other columns"))


def test_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """A file stands where slspack's folder would be: the strongest way of refusing, for the superuser, too."""
    twins = Twins(tmp_path)
    write(twins.root)
    (twins.root / ".slspack").write_text("")
    for _ in range(2):
        assert not twins.check(out=tmp_path / "out").failed


def test_a_database_that_somebody_else_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slspack.engine.database._PATIENCE", 0.01)
    twins = Twins(tmp_path)
    write(twins.root)
    twins.check()
    holder = sqlite3.connect(twins.root / ".slspack/state.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    twins.write({"app.py": f"{APP}# 2\n"})
    twins.check()
    holder.execute("ROLLBACK")
    holder.close()
    twins.check()


def test_all_is_kept_or_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep/state.db")
    assert database.get("a", "b") is None
    database.put([("a", "b", b"1"), ("a", "c", b"2")])

    def failing() -> object:
        yield ("a", "b", b"3")
        raise OSError

    database.put(failing())  # type: ignore[arg-type]
    assert (database.get("a", "b"), database.get("a", "c"), database.get("x", "b")) == (b"1", b"2", None)
    database.close()
    assert Database(tmp_path / "deep/state.db").get("a", "b") == b"1"


def test_a_service_under_two_names(tmp_path: Path) -> None:
    twins = Twins(tmp_path / "real")
    write(twins.root)
    (tmp_path / "link").symlink_to("real")
    linked = Twins(tmp_path / "link")
    for source in (APP, f"{APP}# 2\n", APP):
        twins.write({"app.py": source})
        twins.check()
        linked.check()
        linked.check()
    twins.root.rename(tmp_path / "real/moved")
    (tmp_path / "real/moved").rename(twins.root)
    twins.check()


def test_a_service_that_was_moved_or_copied(tmp_path: Path) -> None:
    twins = Twins(tmp_path / "one")
    write(twins.root)
    twins.check()
    (tmp_path / "two").mkdir()
    twins.root.rename(tmp_path / "two/service")
    moved = Twins(tmp_path / "two")
    moved.check()
    moved.write({"app.py": f"{APP}# 2\n"})
    moved.check()
