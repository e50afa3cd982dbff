"""In which order plugins are asked, and how builds follow what they are, read and make."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slspack.testing import assert_artifact, write_files
from slspack.testing.fixtures import slspack_index, slspack_service
from tests.plugins.test_loading import COLLECTING, HANDLER, installed
from tests.support.bench import REPOSITORY, Bench
from tests.support.watching import Watching, failed, rebuilt

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.testing import ServiceBuilder

__all__ = ["slspack_index", "slspack_service"]

NAMING = """\
from dataclasses import replace
from slspack.plugins import hookimpl
slspack_interface = 1
@hookimpl({when})
def slspack_amend_service(service):
    return replace(service, name=service.name + "-{name}")
"""
LOUD = """\
from dataclasses import dataclass, replace
from slspack.bundle import SegmentFile
from slspack.model import ArchivePath, GeneratedSource
from slspack.plugins import hookimpl
slspack_interface = 1

@dataclass(frozen=True)
class Options:
    mark: str = "!"

@dataclass(frozen=True)
class Marked:
    key: str
    def names(self, name):
        return (name,) if name.endswith(".txt") else None
    def files(self, files):
        return [replace(file, content=file.content + self.key.encode()) for file in files]

class Loud:
    def __init__(self, options):
        self.mark = options.mark

    @hookimpl
    def slspack_amend_entries(self, entries, files):
        return tuple(self.loud(one, files) if one.name.endswith(".txt") else one for one in entries)

    def loud(self, entry, files):
        content = files.read(entry.source.path).upper()
        return replace(entry, name=ArchivePath(f"loud/{entry.name}"), source=GeneratedSource(content))

    @hookimpl
    def slspack_transform_wheel(self, distribution):
        return Marked(self.mark) if distribution.name == "alpha" else None

plugin = Loud
"""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("", "", "shop-given-beta-file-alpha-gamma"),
        ("gamma", "", "shop-gamma-given-beta-file-alpha"),
        ("", "given", "shop-beta-file-alpha-gamma-given"),
    ],
)
def test_plugins_are_asked_in_order(tmp_path: Path, first: str, last: str, expected: str) -> None:
    def source(name: str) -> str:
        when = "tryfirst=True" if name == first else "trylast=True" if name == last else ""
        return NAMING.format(name=name, when=when)

    bench = Bench(tmp_path / "service", tmp_path / "store")
    for name in ("gamma", "beta", "alpha"):
        installed(tmp_path / "site", name, source(name))
    configuration = "service: shop\nruntime: python3.13\nplugins: [beta, ./file.py]\nfunctions: {api: app.handler}\n"
    files = {"slspack.yml": configuration, "app.py": HANDLER}
    bench.write({**files, "file.py": source("file"), "given.py": source("given")})
    path = os.pathsep.join(map(str, (REPOSITORY, tmp_path / "site")))
    result = bench.spawn("build", "--json", "-p", str(bench.root / "given.py"), PYTHONPATH=path)
    assert result.status == 0, result.err
    assert result.manifest["service"] == expected


def test_entries_are_renamed_and_transformed_and_wheels_files_too(slspack_service: ServiceBuilder) -> None:
    def build(mark: str) -> dict[str, bytes]:
        plugin = {"use": "./p.py", "options": {"mark": mark}}
        slspack_service.configure(
            {"api": "app.handler"}, requirements=["alpha"], plugins=[plugin], patterns=["words.txt"]
        )
        artifact = slspack_service.build().artifact("api")
        assert_artifact(artifact, names=["app.py"], without=["words.txt"])
        return artifact.files

    slspack_service.index.add("alpha", files={"alpha/__init__.py": "", "alpha/a.txt": "text"})
    slspack_service.write({"p.py": LOUD, "app.py": f"import alpha\n{HANDLER}", "words.txt": "words"})
    files = build("!")
    assert (files["loud/words.txt"], files["alpha/a.txt"]) == (b"WORDS", b"text!")
    slspack_service.write({"words.txt": "other"})
    files = build("?")
    assert (files["loud/words.txt"], files["alpha/a.txt"]) == (b"OTHER", b"text?")


@pytest.mark.parametrize("named", ["configured", "given"])
def test_watching_follows_the_file_of_a_plugin(tmp_path: Path, named: str) -> None:
    root = tmp_path / "service"
    plugins = "plugins: [./build_plugin.py]\n" if named == "configured" else ""
    configuration = f"runtime: python3.13\n{plugins}functions: {{api: app.handler}}\n"
    write_files(root, {"slspack.yml": configuration, "app.py": HANDLER, "build_plugin.py": COLLECTING})
    arguments = () if named == "configured" else ("-p", "./build_plugin.py")
    bench = Bench(root, tmp_path / "store")
    with Watching(root, tmp_path, *arguments) as events:
        events.until(rebuilt("api"))
        assert bench.read_from("api", "stamp.txt") == b"one"
        save(root, COLLECTING.replace('b"one"', 'b"two"'))
        assert events.until(rebuilt("api"))["changed"] == ["build_plugin.py"]
        assert bench.read_from("api", "stamp.txt") == b"two"
        save(root, COLLECTING.replace("return [", "return 1 / 0 or ["))
        (finding,) = findings_of(events.until(failed))
        assert finding["code"] == "SLS0805"
        save(root, COLLECTING)
        events.until(rebuilt("api"))
        assert bench.read_from("api", "stamp.txt") == b"one"
        events.end()


def findings_of(event: dict[str, object]) -> list[dict[str, str]]:
    """What a build that failed has found."""
    found = event["errors"]
    assert isinstance(found, list)
    return found


def save(root: Path, source: str) -> None:
    """Save the plugin's file at once, as editors do."""
    beside = root.parent / "saved"
    beside.write_text(source, "utf-8")
    beside.replace(root / "build_plugin.py")
