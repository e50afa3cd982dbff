"""The resolved service, as JSON or as lines for people."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from slspack.model import Finding, Handler, Location, Pattern, Target

if TYPE_CHECKING:
    from collections.abc import Container

    from _typeshed import DataclassInstance

    from slspack.model import Function, Service

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
_Owner = TypeVar("_Owner")

_NOT_SHOWN = frozenset({"findings", "config_absent", "logins", "forgotten"})


def service_to_json(service: Service) -> str:
    """Everything that the later stages are given, as JSON text; paths are relative to the service's `root`."""
    return json.dumps(_value(service), indent=2, ensure_ascii=False) + "\n"


def service_lines(service: Service) -> tuple[str, ...]:
    """What was read, and for each function what is not as it would be without settings."""
    lines = [f"service {service.name}, stage {service.stage}, in {service.root}"]
    lines += [f"read from {', '.join(service.config_files)}"]
    for function in service.functions:
        lines += ["", f"{function.name}: {function.handler.text} on {function.target}"]
        lines += [f"  {name}: {_text(value)}" for name, value in _told(function).items()]
    lines += [f"\n{skipped.name}: left alone, {skipped.reason}" for skipped in service.skipped]
    return tuple(lines)


def _told(function: Function) -> dict[str, Json]:
    """The fields of a function that differ from their defaults; source roots always."""
    shown = _differing(function, ("name", "handler", "target", "location"))
    shown["source_roots"] = _value(function.source_roots)
    return dict(sorted(shown.items()))


def _differing(of: DataclassInstance, without: Container[str] = ()) -> dict[str, Json]:
    """The fields of a value that are not as they would be without settings, and so on in these."""
    found: dict[str, Json] = {}
    for field in dataclasses.fields(of):
        value = getattr(of, field.name)
        if field.repr and field.name not in without and value != _default(field):
            found[field.name] = _brief(value)
    return found


def _brief(value: object) -> Json:
    if isinstance(value, Pattern):
        return value.glob if value.include else f"!{value.glob}"
    if isinstance(value, tuple):
        return [_brief(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Location):
        return _differing(value, ("location",))
    return _value(value)


def _default(field: dataclasses.Field[_Owner]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _value(value: object) -> Json:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Location | Target | PurePath):
        return str(value)
    if isinstance(value, Handler):
        return value.text
    if isinstance(value, Finding):
        return value.message
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value) if field.name not in _NOT_SHOWN)
        return {name: _value(getattr(value, name)) for name in fields}
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a service")
