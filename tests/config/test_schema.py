"""The schema that editors use says what the reader takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from slspack.config import load_service
from slspack.config.schema import schema, schema_text
from slspack.errors import ConfigError
from slspack.options import LoadOptions
from tests.support.bench import REPOSITORY, write_files

if TYPE_CHECKING:
    from pathlib import Path

VALIDATOR = jsonschema.Draft202012Validator(schema())

GOOD = [
    "runtime: python3.13\nfunctions:\n  api: app.handler\n",
    "runtime: python3.13\nprune: off\nsource-roots: [src]\nfunctions:\n  api: {handler: app.handler, groups: web}\n",
    "functions: {a: {handler: b.c, runtime: python3.12, optionalImports: {default: never, a -> b: listed}}}\n",
    "runtime: python3.12\nfunctions: {a: {handler: b.c, distributionPatterns: {pandas: ['!tests/**']}}}\n",
    "runtime: python3.13\nwatch: {debounce: 10, ignore: [notes]}\ncacheMaxSize: 5GB\nfunctions: {a: b.c}\n",
]
BAD = [
    "runtime: python3.13\nprune: nearly\nfunctions: {a: b.c}\n",
    "runtime: python3.13\nprunes: off\nfunctions: {a: b.c}\n",
    "runtime: python3.13\nfunctions: {a: {handler: b.c, architecture: sparc}}\n",
    "runtime: python3.13\nwatch: {poll: soon}\nfunctions: {a: b.c}\n",
]


def _read(folder: Path, text: str) -> None:
    write_files(folder, {"slspack.yml": text, "app.py": "", "src/x.py": ""})
    load_service(folder, LoadOptions())


@pytest.mark.parametrize("text", GOOD)
def test_what_is_read_is_valid(tmp_path: Path, text: str) -> None:
    _read(tmp_path, text)
    VALIDATOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize("text", BAD)
def test_what_is_refused_is_not_valid(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        _read(tmp_path, text)
    assert not VALIDATOR.is_valid(yaml.safe_load(text))


def test_every_example_is_valid() -> None:
    """Their settings stand in each kind of place; variables of a serverless.yml stand for anything."""
    parts = {"custom": 0, "customFunction": 0, "service": 0}
    for path in sorted((REPOSITORY / "examples").glob("*/s*.yml")):
        document = yaml.load(path.read_text("utf-8"), _Lenient)
        if path.name == "slspack.yml":
            _valid("service", document, parts)
        declared = document.get("functions")
        functions = [each for each in declared.values() if isinstance(each, dict)] if isinstance(declared, dict) else []
        settings = [("custom", (document.get("custom") or {}).get("slspack"))]
        settings += [("customFunction", function.get("slspack")) for function in functions]
        for part, value in settings:
            if value is not None and path.name.startswith("serverless"):
                _valid(part, value, parts)
    assert parts["custom"] + parts["customFunction"] > 0


def test_the_published_file_is_up_to_date() -> None:
    published = (REPOSITORY / "docs/schema/slspack.schema.json").read_text("utf-8")
    assert published == schema_text(), "run `python -m slspack.config.schema > docs/schema/slspack.schema.json`"
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


class _Lenient(yaml.SafeLoader):
    """Reads CloudFormation's tags as if they were not there."""


_Lenient.add_multi_constructor("!", lambda _loader, _suffix, node: node.value)


def _valid(part: str, value: object, parts: dict[str, int]) -> None:
    of_part = {"$defs": schema()["$defs"], "$ref": f"#/$defs/{part}"}
    jsonschema.Draft202012Validator(of_part).validate(value)
    parts[part] += 1
