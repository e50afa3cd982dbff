"""Handlers, as Lambda reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.model import Handler, ModuleName

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_handler(value: Value) -> Handler | None:
    """What stands before the last dot is the module, where `/` means `.`; what follows is its attribute.

    None, and an error, for anything that cannot name a module and an attribute. Whether they exist is not looked at.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html ("Naming").
    """
    text = value.text()
    if text is None:
        return None
    path, dot, attribute = text.rpartition(".")
    module = path.replace("/", ".")
    if not dot or not attribute.isidentifier() or not all(part.strip() for part in module.split(".")):
        hint = "write the module, a dot and the function's name: `src/app.handler` for `handler` in `src/app.py`"
        value.error(Code.BAD_HANDLER, f"`{value.path}`: `{text}` is not of the form `module.attribute`", hint)
        return None
    return Handler(text, ModuleName(module), attribute, value.at)
