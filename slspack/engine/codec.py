"""Values of the model to bytes and back, for the database of a service."""

from __future__ import annotations

import importlib
import io
import pickle
from functools import cache
from pathlib import Path
from typing import TypeVar

from slspack.keys import digest_bytes

Value = TypeVar("Value")

_HOMES = (
    *(
        f"slspack.model.{part}"
        for part in (
            "build",
            "closure",
            "finding",
            "graph",
            "indexes",
            "layers",
            "lock",
            "plan",
            "plugin",
            "selection",
            "service",
            "target",
        )
    ),
    "slspack.codes",
    "slspack.memory",
    "slspack.stamps",
    "slspack.trace.facts",
)
_BUILTINS = frozenset({"frozenset", "set"})
_DIGEST = 64


class NotOursError(ValueError):
    """The bytes were not written by `encode`, or by another version of it."""


def encode(value: object) -> bytes:
    """A value of frozen dataclasses, enums, named tuples, tuples, mappings and plain values, with its own digest."""
    content = pickle.dumps(value, protocol=5)
    return digest_bytes(_shapes() + content).encode() + content


def decode(content: bytes, kind: type[Value]) -> Value:
    """What `encode` was given. Raises NotOursError for anything else.

    Nothing but the inert classes of slspack's own model can come of it, whatever the bytes are: a database that came
    with somebody's checkout runs no code.
    """
    body = content[_DIGEST:]
    if digest_bytes(_shapes() + body).encode() != content[:_DIGEST]:
        raise NotOursError("altered, or written when the model had other fields")
    try:
        value = _Restricted(io.BytesIO(body)).load()
    except Exception as error:
        raise NotOursError(str(error)) from error
    if not isinstance(value, kind):
        raise NotOursError(f"a {type(value).__name__}")
    return value


def digest_in(content: bytes) -> str:
    """The digest in what `encode` gave: of the same value, and of the same fields, it is the same."""
    return content[:_DIGEST].decode("ascii", "replace")


@cache
def _shapes() -> bytes:
    """The fields of every class that a value may be of: a value with other fields than today's is none."""
    homes = [importlib.import_module(name) for name in _HOMES]
    classes = {one for home in homes for one in vars(home).values() if isinstance(one, type)}
    ours = sorted((one for one in classes if one.__module__ in _HOMES), key=lambda one: (one.__module__, one.__name__))
    return "\n".join(f"{one.__module__}.{one.__name__}: {_fields(one)}" for one in ours).encode()


def _fields(one: type) -> str:
    said = (
        getattr(one, name, None) for name in ("__members__", "_fields", "__slots__")
    )  # an enum, a tuple, a dataclass
    return ", ".join(next((names for names in said if names is not None), ()))


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        return _class_of(module, name)


@cache
def _class_of(module: str, name: str) -> type:
    if module == "builtins" and name in _BUILTINS:
        return frozenset if name == "frozenset" else set
    if module.partition(".")[0] == "pathlib" and name in ("PosixPath", "WindowsPath"):
        return Path
    if "." not in name and module in _HOMES:
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, type) and found.__module__ == module:
            return found
    raise pickle.UnpicklingError(f"{module}.{name} is no value of slspack's")
