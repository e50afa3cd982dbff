"""Whatever is edited between builds, an incremental build gives what a build from nothing gives."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slspack.model import ArtifactFormat
from tests.support.edits import CONFIGURED, FUNCTIONS, HANDLER, LISTED, Configuration, lock_text, make_wheels, sources
from tests.support.index import package_index
from tests.support.twins import Twins, replace_by_rename, rewrite_in_place

if TYPE_CHECKING:
    from slspack.engine import Engine
    from tests.support.index import PackageIndex

CODE = (
    "app.py", "other.py", "jobs/main.py", "shared/__init__.py", "shared/a.py", "shared/b.py", "ns/part.py",
    "ns/two/x.py", "src/deep.py", "jobs/local.py", "deep.py", "src/__init__.py", "shared.py",
)  # fmt: skip
DATA = ("shared/data.json", "data.json", "jobs/data.json", "templates/page.html", "notes/a.txt", "notes/b.txt")
OTHER = (".env", "requirements.txt", "requirements.in", "requirements-dev.txt", "pyproject.toml")
GOOD = {
    "app.py": f"import shared.a, ns.part, alpha\n{HANDLER}",
    "other.py": f"from shared import b\nimport deep\n{HANDLER}",
    "jobs/main.py": f"import local\nopen('data.json')\n{HANDLER}",
    "jobs/local.py": "import beta\n",
    "shared/__init__.py": "VALUE = 1\n",
    "shared/a.py": "VALUE = 1\n",
    "shared/b.py": "VALUE = 2\n",
    "ns/part.py": "",
    "ns/two/x.py": "VALUE = 1\n",
    "deep.py": "# 1\n",
    "shared/data.json": "1",
    "data.json": "2",
    "notes/a.txt": "1",
}
FILES = CODE + DATA + OTHER
FOLDERS = ("shared", "ns", "ns/two", "jobs", "src", "notes", "templates")
files = st.sampled_from(FILES)
places = st.sampled_from(FILES + FOLDERS)


class EditedService(RuleBasedStateMachine):
    """A service under an editor that does anything, built now by this process and now by a new one."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        scratch = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._twins = Twins(scratch, _INDEX)
        (scratch / "store").symlink_to(_STORE)
        self._configuration = Configuration()
        self._distributions = {"alpha": "1.0"}
        self._saved: dict[str, bytes] = {}
        self._watching: Engine | None = None
        self._elsewhere = scratch / "elsewhere"
        self._failed = False

    @property
    def _root(self) -> Path:
        return self._twins.root

    @initialize(text=sources(), other=sources())
    def begin(self, text: str, other: str) -> None:
        """Write a service that builds."""
        self.repair()
        self._twins.write({"app.py": text, "other.py": other})
        (self._twins.scratch / "outside").mkdir()
        (self._twins.scratch / "outside/far.txt").write_text("far")
        (self._twins.scratch / "outside/far.py").write_text("import alpha\n")
        self.build()

    @precondition(lambda self: self._failed)
    @rule()
    def repair(self) -> None:
        """Mend what keeps the service from being built."""
        for name in OTHER:
            self._free(self._root / name)
            (self._root / name).unlink(missing_ok=True)
        for name in GOOD:
            self._free(self._root / name)
        self._twins.write(GOOD)
        self._configuration.switched -= {"broken", "escaping"}
        self._distributions = {"alpha": "1.0", "beta": "1.0"}
        self._configure()
        self._lock()

    @precondition(lambda self: self._failed)
    @rule()
    def mend(self) -> None:
        """The same, once more, so that it is chosen more often."""
        self.repair()

    def _configure(self) -> None:
        self._twins.write({"serverless.yml": self._configuration.text()})

    def _lock(self) -> None:
        self._twins.write({"pylock.toml": lock_text(self._distributions, _INDEX)})

    def _free(self, path: Path) -> None:
        """Make room for a file, unless the service itself would go."""
        for above in reversed(path.relative_to(self._root).parents):
            place = self._root / above
            if place != self._root and (place.is_symlink() or place.is_file()):
                place.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)

    @rule(name=files, text=sources(), way=st.sampled_from(["write", "write", "rename", "in place"]))
    def edit(self, name: str, text: str, way: str) -> None:
        """Write a file, new or not, in one of the ways of editors."""
        path = self._root / name
        self._free(path)
        if path.is_file():
            self._saved[name] = path.read_bytes()
        if way == "in place" and path.is_file():
            rewrite_in_place(path, text.encode())
        elif way == "rename":
            replace_by_rename(path, text.encode())
        else:
            path.write_text(text)

    @rule(name=st.sampled_from(sorted(GOOD)), number=st.integers(1, 9))
    def edit_line(self, name: str, number: int) -> None:
        """Change a line of a file that is there: no name comes or goes."""
        path = self._root / name
        if path.is_file():
            head, _, tail = path.read_text().partition("\n")
            path.write_text(f"# {number}\n{tail}" if head.startswith("# ") else f"# {number}\n{head}\n{tail}")

    @rule(name=st.sampled_from(sorted(GOOD)), number=st.integers(1, 9))
    def edit_another_line(self, name: str, number: int) -> None:
        """The same, once more, so that it is chosen more often."""
        self.edit_line(name, number)

    @rule(name=st.sampled_from(OTHER), lines=st.lists(st.sampled_from(LISTED), max_size=2))
    def list_requirements(self, name: str, lines: list[str]) -> None:
        """Write what the lock was made from, or variables."""
        self._free(self._root / name)
        (self._root / name).write_text("\n".join(lines) + "\n")

    @rule(version=st.sampled_from(["1.0", "2.0"]))
    def lock_job(self, version: str) -> None:
        """Give one function a lock of its own."""
        path = self._root / "jobs/pylock.toml"
        self._free(path)
        path.write_text(lock_text({"alpha": version}, _INDEX))

    @rule(name=files)
    def restore(self, name: str) -> None:
        """Undo the last edit of a file."""
        if name in self._saved:
            self._free(self._root / name)
            (self._root / name).write_bytes(self._saved[name])

    @rule(name=files, at=st.sampled_from([0, 10**18, 4 * 10**18]))
    def touch(self, name: str, at: int) -> None:
        """Change a file's times alone."""
        path = self._root / name
        if path.is_file():
            os.utime(path, ns=(at, at))

    @rule(name=files, digit=st.sampled_from("123"))
    def change_a_byte(self, name: str, digit: str) -> None:
        """Change a content, but not its size or times."""
        path = self._root / name
        if path.is_file() and path.stat().st_size:
            content = path.read_bytes()
            rewrite_in_place(path, content.replace(b"1", digit.encode()).replace(b"2", digit.encode()))

    @rule(name=files, mode=st.sampled_from([0o644, 0o755]))
    def chmod(self, name: str, mode: int) -> None:
        """Change who may execute a file."""
        if (self._root / name).is_file():
            (self._root / name).chmod(mode)

    @rule(place=places)
    def delete(self, place: str) -> None:
        """Delete a file, a link or a folder."""
        path = self._root / place
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)

    @rule(source=places, goal=places)
    def rename(self, source: str, goal: str) -> None:
        """Move a file or a folder to where another may be."""
        before, after = self._root / source, self._root / goal
        if before.exists() and source not in goal and goal not in source:
            self._free(after)
            if before.exists() and not after.exists():
                before.rename(after)

    @rule(name=files)
    def make_folder(self, name: str) -> None:
        """Put a folder where a file was."""
        path = self._root / name
        self._free(path)
        path.unlink(missing_ok=True)
        path.mkdir()

    @rule(place=places, to=st.sampled_from([*CODE, *DATA, *FOLDERS, "outside", "outside/far.txt", "outside/far.py"]))
    def link(self, place: str, to: str) -> None:
        """Put a symbolic link somewhere, inward or out."""
        path = self._root / place
        self._free(path)
        path.unlink(missing_ok=True)
        base = self._twins.scratch if to.startswith("outside") else self._root
        path.symlink_to(os.path.relpath(base / to, path.parent))

    @rule(change=st.sampled_from(CONFIGURED))
    def configure(self, change: str) -> None:
        """Change something in serverless.yml."""
        self._configuration.change(change)
        self._configure()

    @rule(
        name=st.sampled_from(["NOTES", "SHOP_TABLE", "UNUSED"]), value=st.sampled_from(["notes/a.txt", "notes/**", ""])
    )
    def set_variable(self, name: str, value: str) -> None:
        """Set a variable of the environment; it reaches the process that watches only when it is started again."""
        self._twins.variables[name] = value
        self._watching = None

    @rule(name=st.sampled_from(["alpha", "beta", "gamma"]), version=st.sampled_from(["1.0", "2.0", None]))
    def require(self, name: str, version: str | None) -> None:
        """Pin a distribution, or another version, or none."""
        self._distributions.pop(name, None)
        if version is not None:
            self._distributions[name] = version
        self._lock()

    @rule(way=st.sampled_from(["delete", "alter", "truncate"]))
    def damage_artifact(self, way: str) -> None:
        """Do something to the artifacts, the manifest among them."""
        for path in sorted((self._root / ".slspack/dist").glob("*.*")):
            if way == "delete":
                path.unlink()
            else:
                content = path.read_bytes()
                rewrite_in_place(path, content[:-9] if way == "truncate" else b"#" + content[1:])

    @rule(way=st.sampled_from(["delete", "garble", "truncate", "other version", "clean"]))
    def damage_database(self, way: str) -> None:
        """Do something to what slspack remembers."""
        self._watching = None
        self._twins.last.clear()
        path = self._root / ".slspack/state.db"
        if not path.is_file():
            return
        if way == "clean":
            shutil.rmtree(path.parent)
        elif way == "delete":
            path.unlink()
        elif way == "other version":
            with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.DatabaseError):
                connection.execute("PRAGMA user_version = 99")
        else:
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2] if way == "truncate" else b"#" * 5000)

    @rule(
        fields=st.sampled_from(
            [
                {"names": ("api",)},
                {"names": ("api", "job")},
                {"individually": False},
                {"individually": True},
                {"format": ArtifactFormat.DIRECTORY},
                {"stage": "prod"},
                {"out": "elsewhere"},
            ]
        )
    )
    def build_otherwise(self, fields: dict[str, object]) -> None:
        """Build with options of the command line in between."""
        if "out" in fields:
            fields = {"out": self._elsewhere}
        if "names" not in fields or all(name in self._configuration.functions for name in FUNCTIONS):
            self._twins.check(**fields)

    @rule()
    def build_twice(self) -> None:
        """Build once more: nothing is left to do."""
        self.build()
        self.build()

    @rule()
    def watch(self) -> None:
        """Build in the process that has built before."""
        if self._watching is None:
            self._watching = self._twins.engine()
        self._failed = self._twins.check(self._watching).failed

    @rule()
    def build(self) -> None:
        """Build in a new process."""
        self._failed = self._twins.check().failed

    def teardown(self) -> None:
        """Forget the service."""
        self._stack.close()


_INDEX: PackageIndex
_STORE: Path


def test_edit_sequences(tmp_path: Path) -> None:
    global _INDEX, _STORE
    _STORE = tmp_path / "store"
    _STORE.mkdir()
    with package_index(tmp_path / "index") as _INDEX:
        make_wheels(_INDEX.folder)
        deep = bool(os.environ.get("SLSPACK_DEEP_TESTS"))
        run_state_machine_as_test(
            EditedService,
            settings=settings(
                max_examples=1500 if deep else 50,
                stateful_step_count=60 if deep else 30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
