"""A plugin's options: its dataclass filled with what the configuration says, every mistake told with its place."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Literal, Union, cast, get_args, get_origin, get_type_hints

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.model import Finding, Location, Severity

if TYPE_CHECKING:
    from slspack.model import PluginUse

_WORDS = {str: "a string", int: "a whole number", float: "a number", bool: "`true` or `false`"}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_options(schema: type, use: PluginUse, given: Mapping[str, str]) -> object:
    """An instance of a plugin's dataclass. `given` are values of the command line, which override, by option.

    Raises ConfigError with every unknown name (SLS0103) and every value of the wrong type (SLS0104).
    """
    reader = _Reader(use)
    written = cast("dict[str, object]", json.loads(use.options))
    for name, text in given.items():
        written = {key: value for key, value in written.items() if _field_name(key) != name} | {name: _Text(text)}
    value = reader.table(schema, written, "")
    if reader.findings:
        raise ConfigError(reader.findings)
    return value


def option_names(schema: type) -> tuple[str, ...]:
    """The options of a schema as a configuration spells them."""
    return tuple(_spelled(field.name) for field in dataclasses.fields(schema) if field.init)


class _Text(str):
    """A value of the command line: text that may mean a number or a truth."""

    __slots__ = ()


class _WrongError(Exception):
    """A value that has been found to be wrong."""


class _Reader:
    """Reads one plugin's options."""

    def __init__(self, use: PluginUse) -> None:
        self.findings: list[Finding] = []
        self._use = use
        self._places = dict(use.places)

    def table(self, schema: type, written: Mapping[str, object], path: str) -> object:
        fields = {field.name: field for field in dataclasses.fields(schema) if field.init}
        hints = get_type_hints(schema)
        values: dict[str, object] = {}
        for key, value in written.items():
            name, below = _field_name(key), f"{path}.{key}" if path else key
            if name not in fields:
                self._unknown(key, below, fields)
                continue
            try:
                values[name] = self._value(hints[name], value, below)
            except _WrongError:
                values[name] = None
        missing = [field for name, field in fields.items() if name not in values and _is_required(field)]
        for field in missing:
            message = f"the option `{_spelled(field.name)}` of the plugin `{self._use.name}` is missing"
            self._note(Code.REQUIRED_MISSING, message, path)
        return None if self.findings else schema(**values)

    def _value(self, hint: object, value: object, path: str) -> object:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self._union(hint, arguments, value, path)
        if origin is Literal:
            return self._one_of(arguments, value, path)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return hint(self._one_of([member.value for member in hint], value, path))
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return self.table(hint, self._map(value, path), path)
        if origin in (tuple, list, Sequence, frozenset, set):
            return self._items(origin, arguments[0], value, path)
        if origin in (dict, Mapping):
            pairs = self._map(value, path).items()
            return {key: self._value(arguments[1], one, f"{path}.{key}") for key, one in pairs}
        return self._plain(hint, value, path)

    def _union(self, hint: object, arguments: Sequence[object], value: object, path: str) -> object:
        if value is None and type(None) in arguments:
            return None
        choices = [argument for argument in arguments if argument is not type(None)]
        if len(choices) == 1:
            return self._value(choices[0], value, path)
        for choice in choices:
            trial = _Reader(self._use)
            try:
                found = trial._value(choice, value, path)
            except _WrongError:
                continue
            if not trial.findings:
                return found
        raise self._wrong(str(hint).replace(" | ", " or "), value, path)

    def _one_of(self, choices: Sequence[object], value: object, path: str) -> object:
        if value in choices:
            return value
        raise self._wrong(" or ".join(f"`{choice}`" for choice in choices), value, path)

    def _map(self, value: object, path: str) -> Mapping[str, object]:
        if isinstance(value, dict):
            return value
        raise self._wrong("a map", value, path)

    def _items(self, kind: object, hint: object, value: object, path: str) -> object:
        if isinstance(value, _Text):
            value = [_Text(part) for part in value.split(",")]
        if not isinstance(value, list):
            raise self._wrong("a list", value, path)
        items = [self._value(hint, one, f"{path}.{index}") for index, one in enumerate(value)]
        return frozenset(items) if kind in (set, frozenset) else tuple(items)

    def _plain(self, hint: object, value: object, path: str) -> object:
        if isinstance(value, _Text):
            value = _meant(value, hint)
        if hint is object or (hint is float and isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(hint, type) and isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
            return value
        raise self._wrong(_WORDS.get(cast("type", hint), str(hint)), value, path)

    def _wrong(self, expected: str, value: object, path: str) -> _WrongError:
        message = f"the option `{path}` of the plugin `{self._use.name}` must be {expected}, and is {_kind(value)}"
        self._note(Code.BAD_VALUE, message, path)
        return _WrongError()

    def _unknown(self, key: str, path: str, fields: typing.Iterable[str]) -> None:
        from difflib import get_close_matches

        known = [_spelled(name) for name in fields]
        near = get_close_matches(key, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"it has: {', '.join(f'`{name}`' for name in known) or 'none'}"
        self._note(Code.UNKNOWN_KEY, f"`{path}` is no option of the plugin `{self._use.name}`", path, hint)

    def _note(self, code: Code, message: str, path: str, hint: str | None = None) -> None:
        self.findings.append(Finding(code, Severity.ERROR, message, self._place(path), hint))

    def _place(self, path: str) -> Location | None:
        """Where an option stands, or the nearest thing around it."""
        while path not in self._places and path:
            path = path.rpartition(".")[0]
        return self._places.get(path, self._use.location)


def _field_name(key: str) -> str:
    """`binary_types` of `binaryTypes`, `binary-types` and itself."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in key).replace("-", "_").lstrip("_")


def _spelled(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _is_required(field: dataclasses.Field[object]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _meant(text: str, hint: object) -> object:
    if hint is bool:
        return _TRUTH.get(text.lower(), str(text))
    if hint in (int, float):
        try:
            return float(text) if hint is float else int(text)
        except ValueError:
            return str(text)
    return str(text)


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return "a number"
        case str():
            return f"`{value}`"
        case list():
            return "a list"
        case _:
            return "a map"
