"""A plugin changes each step once: as a package that was installed from an index, and as a file of the service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from slspack.plugins.hookspecs import HOOKS
from tests.plugins.everything import SOURCE
from tests.support.bench import REPOSITORY, Bench
from tests.support.index import package_index
from tests.support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Result

UNFIT = "cp313-cp313-macosx_11_0_arm64"
WATCH = """
import os, pathlib
from slspack.options import LoadOptions
from slspack.progress import Silence
from slspack.request import BuildRequest
from slspack.watching.building import EngineRebuilder
from slspack.watching.command import Nothing
from slspack.watching.listeners import Plugins
from slspack.watching.restart import RestartPoints
from slspack.watching.session import Session
from slspack.watching.stream import Burst

class Once:
    bursts = [Burst(frozenset())]
    def next(self): return self.bursts.pop() if self.bursts else None
    def pending(self): return False
    def follow(self, inputs): pass
    def close(self): pass

load = LoadOptions(environment=dict(os.environ), plugins={plugins!r})
points = RestartPoints(Silence())
rebuilder = EngineRebuilder(BuildRequest(pathlib.Path({root!r}), load), points)
Session(rebuilder, Once(), Plugins(lambda: rebuilder.host), Nothing(), points).run()
"""
APP = """\
import alpha, crafted, held, nowhere, layered, unwanted, outside
# uses: hidden
NAME = __name__
def handler(event, context): return [event, NAME]
"""


@dataclass
class Shop:
    """A service with a plugin that does everything."""

    bench: Bench
    site: Path | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The plugins that the command line has to name."""
        return ()

    @property
    def python_path(self) -> str:
        """The folder that the plugin is installed into is on `sys.path`."""
        return os.pathsep.join(str(one) for one in (REPOSITORY, self.site) if one)

    def run(self, command: str, *arguments: str) -> Result:
        """A process of its own, as a user has it."""
        named = [word for name in self.named for word in ("-p", name)]
        return self.bench.spawn(command, *named, *arguments, PYTHONPATH=self.python_path, PYTHONDONTWRITEBYTECODE="1")

    def greet(self) -> str:
        """What the plugin's own command prints."""
        named = [word for name in self.named for word in ("-p", name)]
        done = subprocess.run(
            [sys.executable, "-m", "slspack", *named, "greet"],
            env=self.bench.variables | {"PYTHONPATH": self.python_path},
            cwd=self.bench.root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def build(self, *arguments: str) -> Result:
        """Build, and insist that it succeeds."""
        result = self.run("build", "--json", *arguments)
        assert result.status == 0, result.err
        return result


def write_service(bench: Bench, wheels: Path, plugins: str) -> None:
    """A service of which each file is there for one hook."""
    bench.write(
        {
            "lambdas.json": '{"service": "shop", "runtime": "python3.13", "patterns": ["words.txt", "a.secret"],'
            ' "functions": {"api": "app.handler", "plain": "plain.handler"}' + plugins + "}",
            "deps.txt": "alpha\nheld\nhidden\nsomewhere\nunwanted\noutside==1.0\ncrafted\n",
            "app.py": APP,
            "plain.py": "import alpha\ndef handler(event, context): return event\n",
            "words.txt": "words",
            "a.secret": "secret",
        }
    )
    folder = bench.index.folder if bench.index else wheels
    make_wheel(folder, "alpha", files={"alpha/__init__.py": "", "alpha/spare/t.py": "", "alpha/a.txt": "text"})
    for version in ("1.0", "2.0"):
        make_wheel(folder, "held", version)
    for name in ("brought", "hidden", "somewhere", "unwanted"):
        make_wheel(folder, name)
    make_sdist(folder, "crafted", files={"setup.py": "raise SystemExit('nobody runs this')"})
    make_wheel(folder, "outside", tag=UNFIT)
    make_wheel(wheels, "outside")


@pytest.fixture(params=["installed", "file"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with package_index(tmp_path / "index") as index:
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        bench.root.mkdir()
        wheels = tmp_path / "wheels"
        options = '{"use": "%s", "options": {"wheels": "%s"}}'
        if request.param == "file":
            write_service(bench, wheels, "")
            bench.write({"everything.py": SOURCE.replace('wheels: str = ""', f'wheels: str = "{wheels}"')})
            yield FileShop(bench)
            return
        write_service(bench, wheels, ', "plugins": [%s]' % (options % ("everything", wheels)))
        make_wheel(
            index.folder,
            "acme-slspack",
            files={"acme_slspack/__init__.py": "", "acme_slspack/plugin.py": SOURCE},
            entry_points="[slspack.plugins]\neverything = acme_slspack.plugin\n",
        )
        site = tmp_path / "site"
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--index-url", index.url, "--target", str(site)]
        subprocess.run([*install, "acme-slspack"], env=bench.variables, check=True, capture_output=True)
        yield Shop(bench, site)


@dataclass
class FileShop(Shop):
    """The same with a file, named on the command line."""

    @property
    def named(self) -> tuple[str, ...]:
        return (str(self.bench.root / "everything.py"),)


def test_each_step_is_changed_once(shop: Shop) -> None:
    result = shop.build()
    record = result.manifest
    assert record["service"] == "shop-amended"
    functions = record["functions"]
    held = {one["name"]: one["version"] for one in functions["api"]["distributions"]}
    assert held == {
        "alpha": "1.0",
        "brought": "1.0",
        "crafted": "1.0",
        "held": "1.0",
        "hidden": "1.0",
        "outside": "1.0",
        "somewhere": "1.0",
    }
    assert [one["name"] for one in functions["plain"]["distributions"]] == ["alpha"]
    (built,) = (one["built"] for one in functions["api"]["distributions"] if one["name"] == "crafted")
    assert built == {"builder": "everything/craft", "source": "crafted-1.0.tar.gz", "image": None, "compiler": None}
    assert shop.bench.read_from("api", "crafted.py") == b"BY = 'craft'"
    names = shop.bench.names_in("api")
    assert {"stamp.txt", "loud-words.txt", "alpha/a.txt", "alpha/a.txt.loud"} <= set(names)
    assert not {"a.secret", "alpha/spare/t.py"} & set(names)
    assert shop.bench.read_from("api", "stamp.txt") == b"built"
    assert shop.bench.read_from("api", "loud-words.txt") == b"WORDS"
    assert shop.bench.read_from("api", "alpha/a.txt.loud") == b"TEXT"
    assert {one["message"] for one in record["warnings"] if one["code"] == "SLS0807"} == {
        "`api` was looked at", "`plain` was looked at", "`api` has True bytes", "`plain` has True bytes",
        "native code of api, plain",
    }  # fmt: skip
    assert (shop.bench.root / ".slspack/dist/api.zip.signature").read_text() == functions["api"]["sha256"]
    assert (shop.bench.root / ".slspack/dist/report.txt").read_text() == "shop-amended\n"


def test_the_wrapped_handler_is_called_under_its_own_name(shop: Shop, tmp_path: Path) -> None:
    functions = shop.build().manifest["functions"]
    assert functions["api"]["handler"] == "app.handler"
    assert call(shop.bench, "api", "app.handler", tmp_path / "run") == "['wrapped', [{}, 'app']]"
    assert call(shop.bench, "plain", "plain.handler", tmp_path / "run") == "{}"
    assert "slspack_original_app.py" in shop.bench.names_in("api")
    assert not [name for name in shop.bench.names_in("plain") if name.startswith("slspack_")]


def call(bench: Bench, function: str, handler: str, folder: Path) -> str:
    """What a handler of an artifact returns, called as Lambda does."""
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(bench.artifact(function)) as archive:
        archive.extractall(folder)
    stubs = "; ".join(f"sys.modules['{name}'] = type(sys)('{name}')" for name in ("nowhere", "layered", "unwanted"))
    module, _, attribute = handler.rpartition(".")
    code = f"import sys; {stubs}; import importlib; "
    code += f"print(getattr(importlib.import_module('{module}'), '{attribute}')({{}}, None))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_second_build_does_nothing_but_report(shop: Shop) -> None:
    shop.build()
    again = shop.build().manifest
    assert [one["cached"] for one in again["functions"].values()] == [True, True]
    assert (shop.bench.root / ".slspack/dist/report.txt").read_text() == "shop-amended\n" * 2


def test_what_a_plugin_has_read_is_looked_at_again(shop: Shop) -> None:
    shop.build()
    shop.bench.write({"words.txt": "other"})
    shop.build()
    assert shop.bench.read_from("api", "loud-words.txt") == b"OTHER"


def test_commands_and_options(shop: Shop) -> None:
    assert shop.greet() == "hello\n"
    shop.build("--stamp", "given")
    assert shop.bench.read_from("api", "stamp.txt") == b"given"
    assert "--stamp" in shop.run("build", "--help").out
    shop.build()
    assert shop.bench.read_from("api", "stamp.txt") == b"built"


def test_variables_of_local_runs(shop: Shop) -> None:
    shop.build("--format", "dir", "--live")
    assert json.loads((shop.bench.root / ".slspack/live/.variables.json").read_text()) == {"STAMP": "built"}


def test_events_of_watching(shop: Shop, tmp_path: Path) -> None:
    code = WATCH.format(root=str(shop.bench.root), plugins=shop.named)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=shop.bench.variables | {"PYTHONPATH": shop.python_path},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "events.txt").read_text() == "Started 1\nBuilt 1\nStarted 2\nBuilt 2\n"


def test_every_hook_is_implemented_by_the_plugin() -> None:
    assert [hook for hook in HOOKS if f"def {hook}(" not in SOURCE] == []
