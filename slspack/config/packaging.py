"""Reads what functions are deployed as."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Table
from slspack.config.places import Place
from slspack.config.settings import check_keys, setting
from slspack.model import ImagePackage

if TYPE_CHECKING:
    from slspack.config.value import Value

_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*")


class _Type(Enum):
    ZIP = "zip"
    IMAGE = "image"


def read_package(settings: Value | None, inherited: ImagePackage | None) -> ImagePackage | None:
    """What `package` says: an image, or None for a zip; what is inherited where it says nothing."""
    value = setting(settings, "package")
    if value is None:
        return inherited
    if not isinstance(value.node, Table):
        value.wrong("a map")
        return inherited
    check_keys(value, Place.PACKAGE)
    kind, base, name = (setting(value, one, Place.PACKAGE) for one in ("type", "base", "name"))
    chosen = kind.choice(_Type) if kind else None
    if chosen is _Type.ZIP or (chosen is None and inherited is None):
        if chosen is None and (base or name):
            value.error(Code.BAD_VALUE, f"`{value.path}` is of an image, and does not say so", "add `type: image`")
        return None
    package = inherited or ImagePackage()
    text = name.text() if name else None
    if name and text and not _REPOSITORY.fullmatch(text):
        name.error(Code.BAD_VALUE, f"`{name.path}`: `{text}` is no name of an image", "it has lower-case letters only")
    return ImagePackage((base.text() if base else None) or package.base, text)
