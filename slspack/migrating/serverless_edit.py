"""The smallest edit of a `serverless.yml` that has it deployed by slspack's plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from slspack.codes import Code
from slspack.config.documents import DocumentError
from slspack.config.documents.yaml_text import read_yaml
from slspack.config.nodes import Items, Leaf, Table, Tagged
from slspack.errors import ConfigError
from slspack.migrating.yaml_edits import EntangledError, apply, composed, entry, exchanged, keys, taken_out
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from slspack.config.nodes import Node
    from slspack.migrating.yaml_edits import Edit

FORMER = "serverless-python-requirements"
PLUGIN = "serverless-slspack"


def edited(text: str, name: str, dropped: AbstractSet[str]) -> str:
    """The text with slspack's plugin in the former one's place, and without the `dropped` options.

    Raises ConfigError where more than that would change.
    """
    root = composed(text)
    if root is None:
        return text
    try:
        after = apply(text, [*_plugins(text, root), *_options(text, root, dropped)])
        same = _plain(read_yaml(after, name)) == _wanted(_plain(read_yaml(text, name)), dropped)
    except (EntangledError, DocumentError):
        same = False
    if not same:
        parts = [f"list `{PLUGIN}` in `plugins`"]
        parts += [f"take out {', '.join(f'`{each}`' for each in sorted(dropped))}"] if dropped else []
        message = f"`{name}` cannot be edited without changing more of it"
        raise ConfigError.of(
            Code.NOT_MIGRATED, message, at=Location(name), hint=f"edit it by hand: {', and '.join(parts)}"
        )
    return after


def _plugins(text: str, root: MappingNode) -> list[Edit]:
    plugins = entry(root, "plugins")
    listed = entry(plugins, "modules") or plugins
    if not isinstance(listed, SequenceNode):
        return []
    former = {place for place, item in enumerate(listed.value) if _is_named(item, FORMER)}
    if any(_is_named(item, PLUGIN) for item in listed.value):
        return taken_out(text, listed, former) if former else []
    return [exchanged(text, listed.value[place], PLUGIN) for place in former]


def _is_named(item: object, name: str) -> bool:
    return isinstance(item, ScalarNode) and item.value == name


def _options(text: str, root: MappingNode, dropped: AbstractSet[str]) -> list[Edit]:
    """Take the options out, and with the last entry of a map the map."""
    custom = entry(root, "custom")
    options = entry(custom, "pythonRequirements")
    if not isinstance(custom, MappingNode) or not isinstance(options, MappingNode):
        return []
    places = {place for place, key in enumerate(keys(options)) if key in dropped}
    if not places:
        return []
    if len(places) < len(options.value):
        return taken_out(text, options, places)
    if len(custom.value) > 1:
        return taken_out(text, custom, {keys(custom).index("pythonRequirements")})
    return taken_out(text, root, {keys(root).index("custom")})


def _plain(node: Node) -> object:
    match node:
        case Table():
            return {key: _plain(each) for key, each in node.entries.items()}
        case Items():
            return [_plain(each) for each in node.items]
        case Tagged():
            return (node.tag, _plain(node.inner))
        case Leaf():
            return node.value
        case _:
            return node


def _wanted(document: object, dropped: AbstractSet[str]) -> object:
    """What the document has to come to: the same but for the plugin and the options."""
    if not isinstance(document, dict):
        return document
    wanted = dict(document)
    plugins = wanted.get("plugins")
    if isinstance(plugins, dict) and isinstance(plugins.get("modules"), list):
        wanted["plugins"] = {**plugins, "modules": _exchanged(plugins["modules"])}
    elif isinstance(plugins, list):
        wanted["plugins"] = _exchanged(plugins)
    custom = wanted.get("custom")
    options = custom.get("pythonRequirements") if isinstance(custom, dict) else None
    if isinstance(custom, dict) and isinstance(options, dict) and dropped & options.keys():
        kept = {key: value for key, value in options.items() if key not in dropped}
        wanted["custom"] = {**custom, "pythonRequirements": kept}
        if not kept:
            del wanted["custom"]["pythonRequirements"]
        if not wanted["custom"]:
            del wanted["custom"]
    return wanted


def _exchanged(listed: list[object]) -> list[object]:
    if PLUGIN in listed:
        return [each for each in listed if each != FORMER]
    return [PLUGIN if each == FORMER else each for each in listed]
