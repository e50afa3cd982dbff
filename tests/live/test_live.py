"""The long-lived process of an emulator: what it serves after its tree has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slspack.bundle.directory import write_directory
from slspack.bundle.segments import segment_for
from slspack.live import publish
from slspack.model import Check, Function, Handler, ModuleName, Selection, Service, Target
from slspack.store import Store
from slspack.tree import ServiceTree
from tests.support.bundles import TARGET, facts_of, generated, part_of, plan_of
from tests.support.live import EMULATOR
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.bundle.segments import Segment
    from slspack.model import DistName, WheelPart

HERE: Target = replace(TARGET, python=(sys.version_info[0], sys.version_info[1]))


class Shop:
    """Functions whose trees are written and published as a watched build does it, and the processes that serve them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live = folder / ".slspack/live"
        self._functions: dict[str, Function] = {}
        self._processes: list[subprocess.Popen[str]] = []

    def write(
        self,
        files: Mapping[str, str],
        handler: str = "app.handler",
        name: str = "api",
        target: Target = HERE,
        wheel: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        parts: list[WheelPart] = []
        segments: dict[DistName, Segment] = {}
        if wheel is not None:
            made = make_wheel(self.folder / "wheels", "lib", files=dict(wheel))
            facts = facts_of(made)
            segments[facts.name] = segment_for(made, facts, Selection(), Store(self.folder / "store"))
            parts.append(part_of(facts))
        plan = plan_of([generated(path, text.encode()) for path, text in files.items()], parts, name)
        artifact = write_directory(
            plan, segments, ServiceTree(self.folder), self.folder / "slspack_dist" / name, Check.FOLDERS
        )
        module, _, attribute = handler.rpartition(".")
        self._functions[name] = Function(
            name, Handler(handler, ModuleName(module.replace("/", ".")), attribute), target
        )
        publish(self._service(), [self._functions[name]], {name: artifact}, variables)

    def _service(self) -> Service:
        return Service("shop", "dev", self.folder, tuple(self._functions.values()))

    def remove(self, name: str) -> None:
        del self._functions[name]
        publish(self._service(), [], {})

    def start(self, handler: str = "app.handler", **environment: str) -> Process:
        path, _, attribute = handler.rpartition(".")
        emulator = self.folder / "emulator/invoke.py"
        emulator.parent.mkdir(exist_ok=True)
        emulator.write_text(EMULATOR)
        process = subprocess.Popen(
            [sys.executable, "-u", emulator, path, attribute],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": ".slspack/live", "_HANDLER": handler, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return Process(process)

    def stop(self) -> None:
        for process in self._processes:
            process.communicate()


class Process:
    """A process of the emulator."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, event: object = None) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"event": event, "context": {"awsRequestId": "r-1"}})
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["__offline_payload__"]

    def errors(self) -> str:
        """What it printed for people; it has ended then."""
        return self._process.communicate()[1]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "service")
    made.folder.mkdir()
    yield made
    made.stop()


def test_the_next_call_gets_the_new_code(service: Shop) -> None:
    service.write({"app.py": "def handler(event, context): return {'answer': 1}"})
    process = service.start()
    assert process.call() == {"answer": 1}
    service.write({"app.py": "def handler(event, context): return {'answer': 2}"})
    assert process.call() == {"answer": 2}


STATE = """
import json, lib, os
from orders import counter
calls = 0
def handler(event, context):
    global calls
    calls += 1
    counter.count += 1
    return [calls, counter.count, lib.loaded, os.getpid(), counter.VERSION, __name__]
"""
LIB = {"lib/__init__.py": "import os\nloaded = os.urandom(8).hex()"}


def test_first_party_state_is_made_anew_and_that_of_distributions_is_kept(service: Shop) -> None:
    def files(version: int) -> dict[str, str]:
        return {
            "handlers/api.py": STATE,
            "orders/__init__.py": "",
            "orders/counter.py": f"VERSION = {version}\ncount = 0",
        }

    service.write(files(1), "handlers/api.handler", wheel=LIB)
    process = service.start("handlers/api.handler")
    _, _, loaded, pid, _, _ = process.call()
    assert process.call() == [2, 2, loaded, pid, 1, "handlers.api"]
    service.write(files(2), "handlers/api.handler", wheel=LIB)
    # `handlers/api.py` itself did not change: what it refers to did.
    assert process.call() == [1, 1, loaded, pid, 2, "handlers.api"]
    assert process.call() == [2, 2, loaded, pid, 2, "handlers.api"]


def test_a_changed_distribution_starts_the_process_anew_with_the_call_that_waits(service: Shop) -> None:
    app = "import lib\ndef handler(event, context): return [event, context.awsRequestId, lib.V, lib.loaded]"
    service.write({"app.py": app}, wheel={**LIB, "lib/__init__.py": LIB["lib/__init__.py"] + "\nV = 1"})
    process = service.start()
    first = process.call({"é": [1, None]})
    assert first[:3] == [{"é": [1, None]}, "r-1", 1]
    service.write({"app.py": app}, wheel={**LIB, "lib/__init__.py": LIB["lib/__init__.py"] + "\nV = 2"})
    second = process.call({"b": "\n"})
    assert second[:3] == [{"b": "\n"}, "r-1", 2]
    assert second[3] != first[3]
    assert process.call("again")[:3] == ["again", "r-1", 2]


def test_the_process_can_be_started_anew_for_every_change(service: Shop) -> None:
    app = "import lib\ndef handler(event, context): return [lib.loaded, {}]"
    service.write({"app.py": app.format(1)}, wheel=LIB)
    process = service.start(SLSPACK_LIVE_RELOAD="process")
    loaded = process.call()[0]
    assert process.call() == [loaded, 1]
    service.write({"app.py": app.format(2)}, wheel=LIB)
    again = process.call()
    assert again[1] == 2
    assert again[0] != loaded


def test_what_a_handler_raises_is_answered_and_the_next_call_works(service: Shop) -> None:
    service.write(
        {"app.py": "def handler(event, context):\n    if event: raise KeyError(event)\n    return {'fine': True}"}
    )
    process = service.start()
    answer = process.call("gone")
    assert (answer["errorType"], answer["errorMessage"], answer["statusCode"]) == ("KeyError", "'gone'", 502)
    assert json.loads(answer["body"])["stackTrace"] == answer["stackTrace"]
    [frame] = answer["stackTrace"]
    assert "slspack_dist/api/app.py" in frame
    assert process.call() == {"fine": True}
    assert process.errors().rstrip().endswith("KeyError: 'gone'")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import nowhere", "ModuleNotFoundError"),
        ("1/0", "ZeroDivisionError"),
        ("import sys; sys.exit(3)", "SystemExit"),
    ],
)
def test_a_module_that_fails_recovers_with_the_next_change(service: Shop, code: str, kind: str) -> None:
    good = "import part\ndef handler(event, context): return {'part': part.value}"
    service.write({"app.py": good, "part.py": code})
    process = service.start()
    assert process.call()["errorType"] == kind
    assert process.call()["errorType"] == kind
    service.write({"app.py": good, "part.py": "value = 1"})
    assert process.call() == {"part": 1}
    service.write({"app.py": good, "part.py": code})
    assert process.call()["errorType"] == kind
    service.write({"app.py": good, "part.py": "value = 2"})
    assert process.call() == {"part": 2}


def test_it_sees_its_tree_and_neither_the_service_nor_the_emulator(service: Shop) -> None:
    (service.folder / "left_out.py").write_text("")
    code = """
import importlib.util, os, pathlib
def handler(event, context):
    specs = map(importlib.util.find_spec, ["left_out", "invoke", "slspack_live_stub", "app"])
    return {
        "found": [spec.name for spec in specs if spec and "site-packages" not in spec.origin],
        "folder": os.getcwd(), "root": os.environ["LAMBDA_TASK_ROOT"], "path": os.environ.get("PYTHONPATH"),
        "data": pathlib.Path("terms.txt").read_text(),
    }
"""
    service.write({"app.py": code, "terms.txt": "ours"})
    tree = str(service.folder / "slspack_dist/api")
    assert service.start().call() == {"found": ["app"], "folder": tree, "root": tree, "path": None, "data": "ours"}


def test_a_new_file_a_removed_one_and_a_package_in_place_of_a_module(service: Shop) -> None:
    app = "from {} import value\ndef handler(event, context): return {{'value': value}}"
    service.write({"app.py": app.format("one"), "one.py": "value = 1"})
    process = service.start()
    assert process.call() == {"value": 1}
    service.write({"app.py": app.format("two"), "two.py": "value = 2"})
    assert process.call() == {"value": 2}
    service.write(
        {"app.py": app.format("two"), "two/__init__.py": "from .three import value", "two/three.py": "value = 3"}
    )
    assert process.call() == {"value": 3}
    service.write({"app.py": app.format("one"), "two.py": "value = 2"})
    assert process.call()["errorType"] == "ModuleNotFoundError"


def test_a_namespace_that_a_distribution_shares(service: Shop) -> None:
    app = "import acme.lib.deep\nfrom acme import own\n"
    app += "def handler(event, context): return [acme.lib.deep.loaded, own.value]"
    lib = {"acme/lib/__init__.py": "", "acme/lib/deep.py": LIB["lib/__init__.py"]}
    service.write({"app.py": app, "acme/own.py": "value = 1"}, wheel=lib)
    process = service.start()
    loaded, value = process.call()
    assert value == 1
    service.write({"app.py": app, "acme/own.py": "value = 2"}, wheel=lib)
    assert process.call() == [loaded, 2]


def test_functions_of_one_module_and_of_one_handler(service: Shop) -> None:
    code = "def create(event, context): return '{0} create'\ndef delete(event, context): return '{0} delete'"
    service.write({"app.py": code.format("a")}, "app.create", "a")
    service.write({"app.py": code.format("b")}, "app.delete", "b")
    service.write({"app.py": code.format("c")}, "app.delete", "c")
    service.write(
        {"app/sub.py": "def handler(event, context): return 'sub'", "app/__init__.py": ""}, "app/sub.handler", "d"
    )
    assert service.start("app.create").call() == "a create"
    assert service.start("app.delete", AWS_LAMBDA_FUNCTION_NAME="shop-dev-b").call() == "b delete"
    assert service.start("app.delete", AWS_LAMBDA_FUNCTION_NAME="shop-dev-c").call() == "c delete"
    assert service.start("app/sub.handler").call() == "sub"


def test_a_function_that_is_gone_leaves_nothing(service: Shop) -> None:
    service.write({"old/app.py": "def handler(event, context): return 1"}, "old/app.handler", "old")
    service.write({"app.py": "def handler(event, context): return 1"})
    service.remove("old")
    names = sorted(path.relative_to(service.live).as_posix() for path in service.live.rglob("*") if path.is_file())
    assert names == [".functions/api.json", "app.py", "slspack_live.py"]


def test_publishing_the_same_again_touches_nothing(service: Shop) -> None:
    files = {"app.py": "def handler(event, context): return 1"}
    service.write(files)
    before = {path: path.stat().st_mtime_ns for path in service.live.rglob("*") if path.is_file()}
    service.write(files)
    assert {path: path.stat().st_mtime_ns for path in service.live.rglob("*") if path.is_file()} == before


def other_python(folder: Path, body: str) -> str:
    """A PATH on which `python3.99` is a script."""
    folder.mkdir()
    script = folder / "python3.99"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


FUTURE: Target = replace(TARGET, python=(3, 99))


def test_another_minor_is_said(service: Shop, tmp_path: Path) -> None:
    service.write({"app.py": "def handler(event, context): return 1"}, target=FUTURE)
    # As pyenv has it: a python3.99 that only says that it cannot run.
    process = service.start(
        PATH=other_python(tmp_path / "bin", "echo 'pyenv: python3.99: command not found' >&2; exit 127")
    )
    assert process.call() == 1
    assert process.call() == 1
    here = "{}.{}".format(*sys.version_info)
    assert (
        process.errors()
        == f"slspack: `api` is built for python3.99 and runs on Python {here}: put python3.99 on PATH\n"
    )


def test_the_minor_of_the_runtime_is_taken_if_it_is_on_the_path(service: Shop, tmp_path: Path) -> None:
    code = "import os\ndef handler(event, context): return os.environ['TAKEN']"
    service.write({"app.py": code}, target=FUTURE)
    body = f"""case "$1" in -c) echo 3 99;; *) TAKEN=python3.99 exec {sys.executable} "$@";; esac"""
    assert service.start(PATH=other_python(tmp_path / "bin", body)).call() == "python3.99"


VARIABLES = """
import os
SEEN = os.environ.get("A")
def handler(event, context):
    return [SEEN, *(os.environ.get(name) for name in "BC"), os.getpid()]
"""


def test_variables_of_plugins_start_the_process_anew_when_they_change(service: Shop) -> None:
    service.write({"app.py": VARIABLES}, variables={"A": "1", "B": "1"})
    process = service.start(B="the emulator's")
    *seen, pid = process.call()
    assert seen == ["1", "the emulator's", None]
    assert process.call() == [*seen, pid]
    service.write({"app.py": VARIABLES}, variables={"A": "2", "C": "2"})
    assert process.call() == ["2", "the emulator's", "2", pid]
    service.write({"app.py": VARIABLES})
    assert process.call() == [None, "the emulator's", None, pid]
    assert not (service.live / ".variables.json").exists()
