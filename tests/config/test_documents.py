"""YAML, JSON and TOML: the values, and where each stands."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slspack.config.documents import DocumentError, Files
from slspack.config.documents.json_text import read_json
from slspack.config.documents.toml_text import read_toml
from slspack.config.documents.yaml_text import FASTEST, PureLoader, plain_scalar, read_yaml
from slspack.config.nodes import Items, Leaf, Node, Table, Tagged
from slspack.model import Location

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = """\
service: shop   # a comment
provider: &p
  runtime: python3.12
  count: 3
  ratio: .5
  on: yes
  nothing: ~
  quoted: '3.12'
  arn: !Sub "arn:${AWS::Region}"
  att: !GetAtt Table.Arn
  join: !Join ["-", [a, !Ref B]]
  own: !Whatever {a: 1}
merged:
  <<: *p
  runtime: python3.13
list:
- a
- {b: c}
text: |
  two
  lines
explicit: !!str 5
"""


def plain(node: Node) -> object:
    """The value of a node, without places."""
    match node:
        case Leaf(value):
            return value
        case Table(entries):
            return {key: plain(value) for key, value in entries.items()}
        case Items(items):
            return [plain(item) for item in items]
        case Tagged(tag, inner):
            return {tag: plain(inner)}
    raise AssertionError(node)


def test_yaml_means_what_the_framework_reads() -> None:
    value = plain(read_yaml(SAMPLE, "x.yml"))
    provider = {
        "runtime": "python3.12",
        "count": 3,
        "ratio": 0.5,
        "on": "yes",
        "nothing": None,
        "quoted": "3.12",
        "arn": {"!Sub": "arn:${AWS::Region}"},
        "att": {"!GetAtt": "Table.Arn"},
        "join": {"!Join": ["-", ["a", {"!Ref": "B"}]]},
        "own": {"!Whatever": {"a": 1}},
    }
    assert value == {
        "service": "shop",
        "provider": provider,
        "merged": {**provider, "runtime": "python3.13"},
        "list": ["a", {"b": "c"}],
        "text": "two\nlines\n",
        "explicit": "5",
    }


def test_yaml_places_count_from_one() -> None:
    root = read_yaml(SAMPLE, "x.yml")
    assert isinstance(root, Table)
    assert root.keys["provider"] == Location("x.yml", 2, 1)
    assert root.entries["service"].at == Location("x.yml", 1, 10)
    merged, provider = root.entries["merged"], root.entries["provider"]
    assert isinstance(merged, Table)
    assert isinstance(provider, Table)
    assert merged.entries["runtime"].at == Location("x.yml", 15, 12)
    assert merged.entries["count"].at == provider.entries["count"].at == Location("x.yml", 4, 10)


def test_both_loaders_compose_the_same() -> None:
    assert FASTEST is not PureLoader
    assert read_yaml(SAMPLE, "x.yml", PureLoader) == read_yaml(SAMPLE, "x.yml", FASTEST)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(DOCUMENTS)
def test_both_loaders_agree_on_any_document(document: object) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    assert read_yaml(text, "x.yml", PureLoader) == read_yaml(text, "x.yml", FASTEST)


@given(DOCUMENTS)
def test_json_has_the_values_that_it_was_written_from(document: object) -> None:
    assert plain(read_json(json.dumps(document), "x.json")) == document
    assert plain(read_json(json.dumps(document, indent="\t", ensure_ascii=False), "x.json")) == document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("off", "off"),
        ("null", None),
        ("0x1F", 31),
        ("0o17", 15),
        ("-12", -12),
        ("1_000", "1_000"),
        ("010", 10),
        ("3.10", 3.1),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("3.10.1", "3.10.1"),
        ("2024-01-01", "2024-01-01"),
        ("_", "_"),
        ("1:30", "1:30"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


@pytest.mark.parametrize("loader", [PureLoader, FASTEST])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yml:3:1: not valid YAML: duplicated key `a`"),
        ("a: *nope\n", "x.yml:1:4: not valid YAML: found undefined alias"),
        ("a: &b [*b]\n", "x.yml:1:4: not valid YAML: an anchor contains its own alias"),
        ("? [a]\n: 1\n", "x.yml:1:3: not valid YAML: a map's key must be a single value"),
        ("<<: 3\n", "x.yml:1:5: not valid YAML: `<<` takes a map or a list of maps"),
        ("a: !!python/object:os.system x\n", "x.yml:1:4: not valid YAML: unknown tag `!!python/object:os.system`"),
        ("a: 1\n---\nb: 2\n", "x.yml:2:1: not valid YAML: but found another document"),
    ],
)
def test_yaml_errors_name_the_place(text: str, message: str, loader: type[PureLoader]) -> None:
    with pytest.raises(DocumentError) as caught:
        read_yaml(text, "x.yml", loader)
    assert message in str(caught.value)


def test_json_places_and_errors() -> None:
    root = read_json('{"a": [1,\n\t{"b": true}], "a ": "x"}', "x.json")
    assert isinstance(root, Table)
    items = root.entries["a"]
    assert isinstance(items, Items)
    inner = items.items[1]
    assert isinstance(inner, Table)
    assert (inner.at, inner.keys["b"], inner.entries["b"].at) == (
        Location("x.json", 2, 2),
        Location("x.json", 2, 3),
        Location("x.json", 2, 8),
    )
    with pytest.raises(DocumentError, match=r"x\.json:2:1: not valid JSON: expecting property name"):
        read_json('{"a": 1,\n}', "x.json")
    with pytest.raises(DocumentError, match=r"x\.json:1:2: not valid JSON: `NaN` is not a number"):
        read_json("[NaN]", "x.json")


TOML = '''\
# top
title = "x" # comment = [no]
[tool.slspack]
runtime = "python3.13"
"quoted key".sub = 'v'
text = """
[not.a.table]
key = 1
"""
patterns = [ # first
  "a",
  'b',  # ] not the end
]
functions = { api = "a.b", "c" = { handler = "d.e" } }
when = 2024-01-01
[[tool.slspack.rows]]
n = 1
[[tool.slspack.rows]]
n = 2
[tool.slspack.rows.deep]
x = [[1, 2], [3]]
'''


def test_toml_has_values_and_places() -> None:
    root = read_toml(TOML, "p.toml")
    expected = tomllib.loads(TOML)
    expected["tool"]["slspack"]["when"] = "2024-01-01"
    assert plain(root) == expected

    def at(*path: str | int) -> Location:
        node: Node = root
        for key in path:
            if isinstance(node, Items) and isinstance(key, int):
                node = node.items[key]
            elif isinstance(node, Table) and isinstance(key, str):
                node = node.entries[key]
        return node.at

    def line(text: str, column: int) -> Location:
        return Location("p.toml", TOML.split("\n").index(text) + 1, column)

    assert at("title") == Location("p.toml", 2, 9)
    assert at("tool", "slspack", "runtime") == Location("p.toml", 4, 11)
    assert at("tool", "slspack", "quoted key", "sub") == line("\"quoted key\".sub = 'v'", 20)
    assert at("tool", "slspack", "patterns", 1) == line("  'b',  # ] not the end", 3)
    row = 'functions = { api = "a.b", "c" = { handler = "d.e" } }'
    assert at("tool", "slspack", "functions", "c", "handler") == line(row, row.index('"d.e"') + 1)
    assert at("tool", "slspack", "rows", 1, "n") == line("n = 2", 5)
    assert at("tool", "slspack", "rows", 1, "deep", "x", 1, 0) == line("x = [[1, 2], [3]]", 15)


def test_toml_errors_name_the_place() -> None:
    with pytest.raises(DocumentError, match=r"^p\.toml:2:3: not valid TOML: expected '=' after a key"):
        read_toml("a = 1\nb c = 2\n", "p.toml")


def test_files_are_read_once_and_remembered_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("\ufeffa: 1\n", "utf-8")
    (tmp_path / "b.txt").write_text("${x}", "utf-8")
    files = Files(tmp_path)
    first = files.document("a.yml")
    assert files.document("a.yml") is first
    assert first is not None
    assert plain(first) == {"a": 1}
    assert files.document("b.txt") == Leaf("${x}", Location("b.txt", 1, 1))
    assert files.document("c.yml") is None
    assert files.names == ("a.yml", "b.txt")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"a: \xe9\n")
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "deep.yml").write_text("[" * 3_000, "utf-8")
    files = Files(tmp_path)
    with pytest.raises(DocumentError, match=r"^latin\.yml: the file is not UTF-8$"):
        files.document("latin.yml")
    with pytest.raises(DocumentError, match=r"^folder\.yml: the file cannot be read: "):
        files.document("folder.yml")
    for _ in range(2):
        with pytest.raises(DocumentError, match=r"^deep\.yml"):
            files.document("deep.yml")
