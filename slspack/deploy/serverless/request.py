"""What the plugin asks for, as it stands on standard input."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from slspack.codes import Code
from slspack.deploy.serverless.datadog import redirected
from slspack.deploy.serverless.service import narrowed
from slspack.errors import ConfigError, SlspackError
from slspack.frozen import dataclass
from slspack.options import HandedOver, LoadOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

PROTOCOL = 1
"""Raised when a plugin of before would no longer be understood, or would not understand."""

Json: TypeAlias = "dict[str, object]"
_Kind = TypeVar("_Kind", str, bool, list[object], dict[str, object])
_WORDS: Mapping[type, str] = {str: "a string", bool: "`true` or `false`", list: "a list", dict: "an object"}


class Action(Enum):
    """What is to be done."""

    BUILD = "build"
    WATCH = "watch"
    ANALYZE = "analyze"
    EXPLAIN = "explain"
    CLEAN = "clean"
    INSTALL_REQUIREMENTS = "requirements install"
    CLEAN_REQUIREMENTS = "requirements clean"
    CLEAN_CACHE = "requirements cleanCache"


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of the plugin. No `names` means every function that slspack bundles."""

    action: Action
    folder: Path
    load: LoadOptions
    names: tuple[str, ...]
    local: bool
    """Whether the functions are to be run on this machine, from folders, rather than deployed as zips."""
    explained: str
    """The name that is to be explained."""


def read_request(stream: TextIO) -> str:
    """The text of the request. Of a stream that stays open, which ends a watch by ending, it is one line."""
    text = stream.readline()
    try:
        json.loads(text)
    except ValueError:
        text += stream.read()
    return text


def parse_request(text: str, environment: Mapping[str, str]) -> HookRequest:
    """The request that the text stands for. Raises ConfigError (SLS0120, SLS0121)."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _wrong(f"standard input is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _wrong("standard input is not a JSON object")
    _check_protocol(document)
    words = [action.value for action in Action]
    word = _member(document, "action", str)
    if word not in words:
        raise _wrong(f"`action` is `{word}`, and must be one of {', '.join(f'`{each}`' for each in words)}")
    folder = Path(_member(document, "servicePath", str))
    if not folder.is_absolute() or not folder.is_dir():
        raise _wrong(f"`servicePath` is `{folder}`, which is not the absolute path of a folder")
    file = _member(document, "configurationFile", str, "serverless.yml")
    service = _member(document, "service", dict)
    local = _member(document, "local", bool, default=False)
    deployed = service if local else redirected(service)
    return HookRequest(
        Action(word),
        folder,
        LoadOptions(
            stage=_member(document, "stage", str, "dev"),
            environment=environment,
            handed_over=HandedOver(file, json.dumps(narrowed(deployed))),
        ),
        tuple(map(str, _member(document, "functions", list, []))),
        local,
        _member(document, "name", str, ""),
    )


def _check_protocol(document: Json) -> None:
    protocol = document.get("protocol")
    if protocol == PROTOCOL:
        return
    from slspack import __version__

    message = f"the plugin speaks protocol {protocol!r}, slspack {__version__} speaks {PROTOCOL}"
    hint = f"install the plugin of the same version: `npm install serverless-slspack@{__version__}`"
    raise ConfigError.of(Code.PLUGIN_VERSION, message, hint=hint)


def _member(document: Json, name: str, kind: type[_Kind], default: _Kind | None = None) -> _Kind:
    value = document.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind):
        raise _wrong(f"`{name}` is not {_WORDS[kind]}" if name in document else f"`{name}` is missing")
    return value


def _wrong(message: str) -> SlspackError:
    hint = "`slspack hook serverless` is for the plugin: `docs/reference/serverless-hook.md` has what it reads"
    return ConfigError.of(Code.HANDED_OVER, message, hint=hint)
