"""How plugins are found, loaded, given their options, and named where they fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 (an option's type)
from typing import TYPE_CHECKING, Literal

import pytest

from slspack.errors import ConfigError
from slspack.model import Location, PluginUse
from slspack.plugins.installed import take_census
from slspack.plugins.options import option_names, read_options
from tests.support.bench import Bench, write_files
from tests.support.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.bench import Result

HANDLER = "def handler(event, context): return 1\n"
COLLECTING = """\
from slspack.model import ArchivePath, Entry, GeneratedSource
from slspack.plugins import hookimpl
slspack_interface = 1
@hookimpl
def slspack_collect_entries(draft):
    return [Entry(ArchivePath("stamp.txt"), False, GeneratedSource(b"one"), "")]
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "service", tmp_path / "store")
    made.write({"app.py": HANDLER})
    return made


def build(bench: Bench, plugins: str, files: Mapping[str, str], *arguments: str) -> Result:
    text = f"runtime: python3.13\nplugins: {plugins}\nfunctions: {{api: app.handler}}\n"
    bench.write({"slspack.yml": text, **files})
    return bench.slspack("build", *arguments)


def test_a_file_of_the_service(bench: Bench) -> None:
    assert build(bench, "[./p.py]", {"p.py": COLLECTING}).status == 0
    assert bench.read_from("api", "stamp.txt") == b"one"
    assert "p.py" not in bench.names_in("api")
    assert not (bench.root / "__pycache__").exists()


@pytest.mark.parametrize(
    ("plugins", "source", "expected"),
    [
        ("[nothing]", "", "SLS0801]: there is no plugin `nothing`\n  --> slspack.yml:2:11"),
        ("[./none.py]", "", "SLS0801]: there is no file `./none.py`, named as a plugin\n  --> slspack.yml:2:11"),
        ("['!quiet']", "", "SLS0801]: there is no plugin `quiet`\n  --> slspack.yml:2:11"),
        ("[./p.py]", "import nowhere", "SLS0802]: the plugin `./p.py` cannot be loaded: ModuleNotFoundError"),
        ("[./p.py]", "def (", "SLS0802]: the plugin `./p.py` cannot be loaded: invalid syntax\n  --> "),
        ("[./p.py]", "slspack_interface = 1", "SLS0802]: the plugin `p` implements no hook"),
        ("[./p.py]", "x = 1", "SLS0803]: the plugin `p` does not say for which version of the interface"),
        (
            "[./p.py]",
            COLLECTING.replace("interface = 1", "interface = 2"),
            "is written for version 2 of the interface, and this slspack",
        ),
        (
            "[./p.py]",
            COLLECTING.replace("collect_entries", "collect_entry"),
            "SLS0804]: `slspack_collect_entry` of the plugin `p` is no hook",
        ),
        ("[./p.py]", COLLECTING.replace("@hookimpl", ""), "is not marked as an implementation"),
        ("[./p.py]", COLLECTING.replace("(draft)", "(draught)"), "takes `draught`, which that hook is not given"),
        (
            "[./p.py]",
            COLLECTING.replace("@hookimpl", "@hookimpl(wrapper=True)").replace("collect", "amend"),
            "is a wrapper, where each implementation is given what the one before gave",
        ),
        ("[./p.py]", COLLECTING.replace("return [", "return 1 / 0 or ["), "SLS0805]: the plugin `p` failed in"),
        ("[./p.py]", COLLECTING.replace("return [", "return ['x', "), "SLS0806]: `slspack_collect_entries` of the"),
        ("[./p.py]", COLLECTING.replace("return [", "return 'x' #"), "gave a `str`, where several `Entry` are wanted"),
        (
            "[{use: ./p.py, options: {a: 1}}]",
            COLLECTING,
            "SLS0103]: the plugin `p` takes no options\n  --> slspack.yml",
        ),
        ("[{use: ./p.py, opts: {}}]", COLLECTING, "SLS0103]: `plugins.0.opts` is not a setting of a plugin"),
        ("[{options: {}}]", COLLECTING, "SLS0116]: `plugins.0` names no plugin"),
        ("[./p.py, ./q/p.py]", COLLECTING, "SLS0802]: two plugins are named `p`"),
    ],
)
def test_what_is_wrong_with_a_plugin_is_said_in_words(bench: Bench, plugins: str, source: str, expected: str) -> None:
    result = build(bench, plugins, {"p.py": source, "q/p.py": source})
    assert result.status in (1, 2)
    assert f"{expected}" in result.err
    assert "Traceback" not in result.err


def test_a_traceback_is_shown_to_who_asks(bench: Bench) -> None:
    result = build(bench, "[./p.py]", {"p.py": COLLECTING.replace("return [", "return 1 / 0 or [")}, "--debug")
    assert "ZeroDivisionError" in result.err
    assert "p.py" in result.err
    assert "Traceback" in result.err


@dataclass(frozen=True)
class Depth:
    size: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    level: Literal["low", "high"] = "low"
    log_level: str | None = None
    ratio: float = 1.0
    flag: bool = False
    deep: Depth = Depth(1)
    by_name: dict[str, int] | None = None
    place: Path | None = None


def use(options: str, **places: tuple[int, int]) -> PluginUse:
    at = tuple((path, Location("slspack.yml", *place)) for path, place in places.items())
    return PluginUse("acme", False, options, at, Location("slspack.yml", 1, 1))


def test_options_fill_the_dataclass() -> None:
    written = '{"logLevel": "info", "ratio": 2, "deep": {"size": 3, "names": ["a"]}, "by-name": {"x": 1}}'
    made = read_options(Schema, use(written), {"flag": "true", "level": "high"})
    assert made == Schema("high", "info", 2, True, Depth(3, ("a",)), {"x": 1})
    assert option_names(Schema) == ("level", "logLevel", "ratio", "flag", "deep", "byName", "place")


def test_every_mistake_in_options_is_told_with_its_place() -> None:
    written = '{"levle": 1, "level": "mid", "flag": 3, "deep": {"names": [1]}}'
    given = use(written, levle=(3, 5), level=(4, 5), flag=(5, 5), **{"deep.names.0": (6, 20), "deep": (6, 5)})
    with pytest.raises(ConfigError) as caught:
        read_options(Schema, given, {})
    assert [f"{one.code.id} {one.at}: {one.message}" for one in caught.value.findings] == [
        "SLS0103 slspack.yml:3:5: `levle` is no option of the plugin `acme`",
        "SLS0104 slspack.yml:4:5: the option `level` of the plugin `acme` must be `low` or `high`, and is `mid`",
        "SLS0104 slspack.yml:5:5: the option `flag` of the plugin `acme` must be `true` or `false`, and is a number",
        "SLS0104 slspack.yml:6:20: the option `deep.names.0` of the plugin `acme` must be a string, and is a number",
        "SLS0116 slspack.yml:6:5: the option `size` of the plugin `acme` is missing",
    ]
    assert caught.value.findings[0].hint == "did you mean `level`?"


def installed(site: Path, name: str, source: str, version: str = "1.0") -> None:
    write_files(
        site,
        {
            f"{name}.py": source,
            f"{name}-{version}.dist-info/entry_points.txt": f"[other]\nx = y\n[slspack.plugins]\n{name} = {name}\n",
            f"{name}-{version}.dist-info/METADATA": f"Name: {name}\nVersion: {version}\n",
        },
    )


def test_installed_plugins_are_found_in_the_folders_of_the_path(tmp_path: Path) -> None:
    installed(tmp_path / "a", "one", "")
    installed(tmp_path / "b", "one", "", "2.0")
    installed(tmp_path / "b", "two_parts", "")
    census = take_census([str(tmp_path / place) for place in ("a", "b", "missing")])
    assert census.plugins == (("one", "one", "one", "1.0"), ("two_parts", "two_parts", "two-parts", "1.0"))


def test_a_plugin_that_is_installed_is_loaded_until_it_is_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = Twins(tmp_path)
    text = "runtime: python3.13\nfunctions: {api: app.handler}\n"
    twins.write({"app.py": HANDLER, "slspack.yml": text})
    assert files(twins) == {"app.py"}
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    installed(tmp_path / "site", "stamping", COLLECTING)
    assert files(twins) == {"app.py", "stamp.txt"}
    twins.write({"slspack.yml": text + "plugins: ['!stamping']\n"})
    assert files(twins) == {"app.py"}
    installed(tmp_path / "site", "stamping", "raise SystemExit('broken')")
    assert files(twins) == {"app.py"}


def test_an_installed_plugins_code_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = Twins(tmp_path)
    twins.write({"app.py": HANDLER, "slspack.yml": "runtime: python3.13\nfunctions: {api: app.handler}\n"})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    source = "import followed.text\n" + COLLECTING.replace('b"one"', "followed.text.TEXT")
    installed(tmp_path / "site", "followed", "")
    (tmp_path / "site/followed.py").unlink()
    package = {"__init__.py": source, "text.py": "TEXT = b'one'\n"}
    write_files(tmp_path / "site/followed", package)
    assert stamp(twins) == b"one"
    write_files(tmp_path / "site/followed", {"text.py": "TEXT = b'another'\n"})
    assert stamp(twins) == b"another"


def test_a_changed_file_and_changed_options_make_everything_anew(tmp_path: Path) -> None:
    twins = Twins(tmp_path)
    source = COLLECTING.replace("def slspack", "def slspack").replace(
        "slspack_interface = 1\n",
        "from dataclasses import dataclass\nslspack_interface = 1\n@dataclass\nclass Options:\n    text: str = 'a'\n",
    )
    source = source.replace("@hookimpl\ndef", "class Plugin:\n  def __init__(self, o): self.o = o\n  @hookimpl\n  def")
    source = source.replace("(draft):\n    return", "(self, draft):\n      return").replace(
        'b"one"', "self.o.text.encode()"
    )
    source += "plugin = Plugin\n"
    config = "runtime: python3.13\nfunctions: {api: app.handler}\nplugins: [{use: ./p.py, options: {text: %s}}]\n"
    twins.write({"app.py": HANDLER, "p.py": source, "slspack.yml": config % "a"})
    assert stamp(twins) == b"a"
    twins.write({"slspack.yml": config % "b"})
    assert stamp(twins) == b"b"
    twins.write({"p.py": source.replace("self.o.text", "self.o.text.upper()")})
    assert stamp(twins) == b"B"
    twins.write({"p.py": source.replace("self.o.text", "self.o.text.title()")})
    assert stamp(twins) == b"B"
    twins.check()


def files(twins: Twins) -> set[str]:
    """The names in the artifact, after a build that gave what a build from nothing gives."""
    import zipfile

    twins.check()
    with zipfile.ZipFile(twins.root / ".slspack/dist/api.zip") as archive:
        return set(archive.namelist())


def stamp(twins: Twins) -> bytes:
    """What the plugin's file says, after a build that gave what a build from nothing gives."""
    import zipfile

    twins.check()
    with zipfile.ZipFile(twins.root / ".slspack/dist/api.zip") as archive:
        return archive.read("stamp.txt")


def test_the_list_of_plugins(bench: Bench) -> None:
    build(bench, "[./p.py]", {"p.py": COLLECTING})
    listed = bench.slspack("plugins")
    first, second, idle = listed.out.splitlines()
    assert first.startswith("p ")
    assert "(file: ./p.py; loaded in " in first
    assert first.endswith(" ms in the last build)")
    assert second == "  slspack_collect_entries"
    assert idle.startswith("to be had by name, from slspack itself: asgi, botocore-data, ")
    assert "bytecode" not in bench.slspack("plugins", "-p", "bytecode").out.splitlines()[-1]
    assert '"hooks": [\n        "slspack_collect_entries"\n      ]' in bench.slspack("plugins", "--json").out
