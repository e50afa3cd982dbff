"""Values of the model to bytes and back, for the database of a service."""

from __future__ import annotations

import importlib
import io
import pickle
from pathlib import Path
from typing import TypeVar

from slspack.keys import digest_bytes

Value = TypeVar("Value")

_MODULES = ("slspack.model.", "slspack.trace.facts.", "slspack.codes.", "slspack.memory.")
_BUILTINS = frozenset({"frozenset", "set"})
_DIGEST = 64


class NotOursError(ValueError):
    """The bytes were not written by `encode`, or by another version of it."""


def encode(value: object) -> bytes:
    """A value of frozen dataclasses, enums, named tuples, tuples, mappings and plain values, with its own digest."""
    content = pickle.dumps(value, protocol=5)
    return digest_bytes(content).encode() + content


def decode(content: bytes, kind: type[Value]) -> Value:
    """What `encode` was given. Raises NotOursError for anything else.

    Nothing but the inert classes of slspack's own model can come of it, whatever the bytes are: a database that came
    with somebody's checkout runs no code.
    """
    body = content[_DIGEST:]
    if digest_bytes(body).encode() != content[:_DIGEST]:
        raise NotOursError("altered")
    try:
        value = _Restricted(io.BytesIO(body)).load()
    except Exception as error:
        raise NotOursError(str(error)) from error
    if not isinstance(value, kind):
        raise NotOursError(f"a {type(value).__name__}")
    return value


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if module == "builtins" and name in _BUILTINS:
            return frozenset if name == "frozenset" else set
        if module.partition(".")[0] == "pathlib" and name in ("PosixPath", "WindowsPath"):
            return Path
        if "." not in name and f"{module}.".startswith(_MODULES):
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of slspack's")
