"""Finds settings in a configuration by the table of them, and notes what is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.findings import nearest
from slspack.config.places import EVERYWHERE, Place
from slspack.config.sections import (
    DOCKER_SETTINGS,
    HOOK_SETTINGS,
    LAYER_SETTINGS,
    NATIVE_SETTINGS,
    PACKAGE_SETTINGS,
    WATCH_SETTINGS,
)
from slspack.config.table import SETTINGS

if TYPE_CHECKING:
    from slspack.config.places import Setting
    from slspack.config.value import Value

ALL_SETTINGS = (
    *SETTINGS,
    *WATCH_SETTINGS,
    *DOCKER_SETTINGS,
    *HOOK_SETTINGS,
    *PACKAGE_SETTINGS,
    *LAYER_SETTINGS,
    *NATIVE_SETTINGS,
)

_FRAMEWORK_OWNS = {
    "functions": "write it at the top of the file",
    "runtime": "write it under `provider` or at the function",
    "architecture": "write it under `provider` or at the function",
    "service": "write it at the top of the file",
    "handler": "write it at the function",
    "module": "write it at the function",
    "entrypoint": "write it at the function",
}


def kebab(name: str) -> str:
    """The other spelling of a name: `source-roots` of `sourceRoots`."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: "-" + match[1].lower(), name)


def spellings(setting: Setting) -> tuple[str, ...]:
    """Every way in which the name of a setting may be written, the documented one first."""
    return tuple(dict.fromkeys((setting.name, kebab(setting.name), *setting.other_names)))


def check_keys(value: Value, place: Place) -> None:
    """Note every key of `value` that is no setting there, and every setting that is written twice."""
    known = {
        spelling: setting.name for setting in ALL_SETTINGS if place & setting.places for spelling in spellings(setting)
    }
    seen: dict[str, str] = {}
    for key, at in value.key_places():
        path = f"{value.path}.{key}" if value.path else key
        if key not in known:
            hint = _used_instead(key, place) or nearest(key, known)
            if place in Place.CUSTOM | Place.CUSTOM_FUNCTION:
                hint = _FRAMEWORK_OWNS.get(key, hint)
            value.findings.error(Code.UNKNOWN_KEY, f"`{path}` is not a setting of slspack", at, hint)
        elif known[key] in seen:
            message = f"`{path}` and `{seen[known[key]]}` are two spellings of one setting"
            value.findings.error(Code.BAD_VALUE, message, at, "keep one of them")
        else:
            seen[known[key]] = key


def _used_instead(key: str, place: Place) -> str | None:
    from slspack.config.elsewhere import used_instead
    from slspack.config.inherited import option_named

    if place is Place.CUSTOM and option_named(key) is not None:
        return "it is an option of serverless-python-requirements: write it under `custom.pythonRequirements`"
    return used_instead(key)


def setting(value: Value | None, name: str, place: Place = EVERYWHERE) -> Value | None:
    """The value of a setting that may stand there, however it is spelled; None where it is not set."""
    if value is None:
        return None
    described = next(each for each in ALL_SETTINGS if each.name == name and place & each.places)
    found = (value.get(spelling) for spelling in spellings(described))
    return next((each for each in found if each is not None), None)
