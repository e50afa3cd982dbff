"""Changing any field of any input type changes its key, and what an engine was asked for is never confused."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Mapping
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, get_args, get_origin, get_type_hints

import pytest

import slspack.model
from slspack.codes import Code
from slspack.engine import Engine
from slspack.keys import key_of
from slspack.model import ArtifactFormat
from slspack.options import HandedOver, LoadOptions
from slspack.progress import Silence
from slspack.request import BuildRequest
from tests.support.twins import Twins

if TYPE_CHECKING:
    from slspack.model import Digest

Values = tuple[object, object]
SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true, patterns: ["notes/${env:NOTES, 'x'}.txt"]}
functions: {api: {handler: app.handler}, web: {handler: other.handler}}
"""


def nouns() -> list[type]:
    """Every dataclass of the model."""
    parts = [
        importlib.import_module(f"slspack.model.{part.name}") for part in pkgutil.iter_modules(slspack.model.__path__)
    ]
    found = {one for part in parts for one in vars(part).values() if isinstance(one, type)}
    ours = (one for one in found if dataclasses.is_dataclass(one) and one.__module__.startswith("slspack.model"))
    return sorted(ours, key=lambda one: one.__qualname__)


def hints_of(noun: type) -> dict[str, object]:
    """The types of a noun's fields; those that its module imports for type checking only are found by their names."""
    names = {one.__name__: one for one in nouns()}
    for part in pkgutil.iter_modules(slspack.model.__path__):
        module = importlib.import_module(f"slspack.model.{part.name}")
        names |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return get_type_hints(noun, localns={**names, "Code": Code, "Path": Path, "Mapping": Mapping})


def two_of(hint: object) -> Values:
    """Two different values of a type."""
    if isinstance(hint, typing.NewType):
        return two_of(hint.__supertype__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        one = next(argument for argument in arguments if argument is not type(None))
        return (None, two_of(one)[0]) if type(None) in arguments else (two_of(one)[0], two_of(arguments[1])[1])
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return (), (two_of(arguments[0])[0],)
        return tuple(two_of(a)[0] for a in arguments), tuple(two_of(a)[1] for a in arguments)
    if origin is frozenset:
        return frozenset(), frozenset({two_of(arguments[0])[0]})
    if origin is Mapping:
        return {}, {two_of(arguments[0])[0]: two_of(arguments[1])[0]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        first, second, *_ = hint
        return first, second
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return sample(hint), next(other for _, other in mutations(hint))
    plain: dict[object, Values] = {str: ("a", "b"), int: (1, 2), bool: (False, True), bytes: (b"a", b"b")}
    if hint is Path:
        return PurePosixPath("/a"), PurePosixPath("/b")
    return plain[hint]


def sample(noun: type) -> object:
    """A value of a noun."""
    return noun(**{name: two_of(hint)[0] for name, hint in hints_of(noun).items()})


def mutations(noun: type) -> list[tuple[str, object]]:
    """For each field a value that differs from the sample in that field alone."""
    start = sample(noun)
    assert dataclasses.is_dataclass(start)
    assert not isinstance(start, type)
    return [(name, dataclasses.replace(start, **{name: two_of(hint)[1]})) for name, hint in hints_of(noun).items()]


def keyed(value: object) -> Digest:
    """A key over a value; paths of this machine, which no key may hold, as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        if any(isinstance(one, PurePosixPath) for one in fields.values()):
            texts = {name: str(one) if isinstance(one, PurePosixPath) else one for name, one in fields.items()}
            return key_of("test", type(value).__name__, texts)
    return key_of("test", value)


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.__name__)
def test_every_field_of_every_noun_counts(noun: type) -> None:
    values = [sample(noun), *(value for _, value in mutations(noun))]
    assert len({keyed(value) for value in values}) == len(values) == 1 + len(dataclasses.fields(noun))


def test_the_nouns_are_found() -> None:
    names = {noun.__name__ for noun in nouns()}
    assert names >= {
        "Service",
        "Function",
        "Pattern",
        "ImportPolicy",
        "Lock",
        "WheelFacts",
        "ModuleGraph",
        "Closure",
        "Plan",
    }
    assert len(names) > 25


OTHER_LOAD: Mapping[str, object] = {
    "config": Path("None"),
    "stage": "prod",
    "options": {"region": "x"},
    "params": {"size": "x"},
    "individually": False,
    "environment": {"SHOP": "x"},
    "handed_over": HandedOver("serverless.yml", "{}"),
    "plugins": ("x",),
    "plugin_options": {"x.y": "z"},
}
"""For each field of LoadOptions another value than its default."""
OTHER_REQUEST: Mapping[str, object] = {
    "names": ("api",),
    "out": Path("/elsewhere"),
    "format": ArtifactFormat.DIRECTORY,
    "folder": Path("/other"),
    "whole": True,
    "load": LoadOptions(stage="prod"),
}
FOR_FOLDERS = {"check", "live", "runs"}
"""What is about folders, into which every build looks anew, whatever it remembers, and about what runs from them."""
COMPARED = {"environment"}
"""What an engine compares by itself, variable by variable: those that somebody has asked for."""


def keys_of(request: BuildRequest) -> tuple[object, ...]:
    """Under which an engine remembers."""
    engine = Engine(request, Silence())
    return engine._database._path, engine._kept.whole.memory, engine._kept.whole.outcome


def test_whatever_was_asked_for_is_remembered_under_a_key_of_its_own() -> None:
    assert OTHER_LOAD.keys() == {field.name for field in dataclasses.fields(LoadOptions)}
    assert OTHER_REQUEST.keys() | FOR_FOLDERS == {field.name for field in dataclasses.fields(BuildRequest)}
    base = BuildRequest(Path("/service"), LoadOptions(individually=None))
    loads = [dataclasses.replace(base.load, **{n: v}) for n, v in OTHER_LOAD.items() if n not in COMPARED]  # type: ignore[arg-type]
    loads += [LoadOptions(individually=True), LoadOptions(config=Path("b.yml")), LoadOptions(params={"region": "x"})]
    requests = [base, *(dataclasses.replace(base, load=load) for load in loads)]
    memories = [keys_of(request)[1] for request in requests]
    assert len(set(memories)) == len(memories)
    outcomes = [keys_of(dataclasses.replace(base, **{n: v})) for n, v in OTHER_REQUEST.items() if n != "names"]  # type: ignore[arg-type]
    outcomes.append(keys_of(base))
    assert len({(outcome[0], outcome[2]) for outcome in outcomes}) == len(outcomes)


def test_a_build_of_some_functions_is_not_remembered_as_one_of_all(tmp_path: Path) -> None:
    twins = Twins(tmp_path)
    source = "def handler(event, context): return 1\n"
    twins.write({"app.py": source, "other.py": source, "serverless.yml": SERVICE})
    twins.build(names=("api",))
    assert set(twins.check().functions) == {"api", "web"}
    assert set(twins.check(names=("web",)).functions) == {"web"}


def test_variables_that_were_asked_for_count_and_others_do_not(tmp_path: Path) -> None:
    twins = Twins(tmp_path)
    source = "def handler(event, context): return 1\n"
    twins.write({"app.py": source, "other.py": source, "serverless.yml": SERVICE, "notes/x.txt": "", "notes/y.txt": ""})
    for name, value, changes in (
        ("OTHER", "1", False),
        ("NOTES", "x", True),
        ("NOTES", "y", True),
        ("NOTES", "y", False),
    ):
        twins.build()
        twins.variables[name] = value
        result = twins.build()
        assert (set(result.manifest.record["timings"]) != {"check"}) is changes
        twins.check()
