"""Reads how closures are to be drawn, for the service and on top of it for a function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from packaging.utils import InvalidName, canonicalize_name

from slspack.codes import Code
from slspack.config.nodes import Table
from slspack.config.settings import setting
from slspack.model import (
    DistName,
    ImportPolicy,
    MissingImports,
    MissingRule,
    ModuleName,
    ModuleOwner,
    OptionalImports,
    OptionalPair,
    RuntimeProvided,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

    from slspack.config.value import Value

_Choice = TypeVar("_Choice", bound="Enum")
_Key = TypeVar("_Key")


def read_policy(settings: Value | None, base: ImportPolicy) -> ImportPolicy:
    """What `settings` say, and for what they don't say, `base`."""
    optional, pairs = _choices(settings, "optionalImports", OptionalImports, _pair)
    missing, rules = _choices(settings, "missingImports", MissingImports, _module)
    provided = setting(settings, "runtimeProvided")
    all_pairs = {(pair.importer, pair.imported): pair.choice for pair in base.optional_pairs} | pairs
    all_rules = {rule.module: rule.choice for rule in base.missing_rules} | rules
    owners = {owner.module: owner.distribution for owner in base.owners} | _owners(settings)
    include = _distributions(setting(settings, "includeDistributions"))
    exclude = _distributions(setting(settings, "excludeDistributions"))
    return ImportPolicy(
        optional=optional or base.optional,
        optional_pairs=tuple(OptionalPair(*pair, choice) for pair, choice in sorted(all_pairs.items(), key=_first)),
        missing=missing or base.missing,
        missing_rules=tuple(MissingRule(module, choice) for module, choice in sorted(all_rules.items(), key=_first)),
        runtime_provided=(provided.choice(RuntimeProvided) if provided else None) or base.runtime_provided,
        owners=tuple(ModuleOwner(module, owner) for module, owner in sorted(owners.items())),
        include_distributions=tuple(sorted(set(base.include_distributions) - exclude | include)),
        exclude_distributions=tuple(sorted(set(base.exclude_distributions) - include | exclude)),
    )


def without_deploying(inherited: Value | None) -> ImportPolicy:
    """The policy that serverless-python-requirements' `noDeploy` asks for: what it names stays out of every function.

    Whoever wrote it may have pinned a version or asked for extras: only the name counts.
    """
    value = inherited.get("noDeploy") if inherited else None
    names: set[DistName] = set()
    for element in value.elements() if value else ():
        text = element.text()
        name = read_distribution(re.split(r"[\s\[(<>=!~;]", text, maxsplit=1)[0], element) if text else None
        if name:
            names.add(name)
    return ImportPolicy(exclude_distributions=tuple(sorted(names)))


def _first(item: tuple[_Key, object]) -> _Key:
    return item[0]


def _choices(
    settings: Value | None,
    name: str,
    kind: type[_Choice],
    read_key: Callable[[str, Value], _Key | None],
) -> tuple[_Choice | None, dict[_Key, _Choice]]:
    """A word for all, or a map in which `default` is for all and each other key for what it names."""
    value = setting(settings, name)
    if value is None:
        return None, {}
    if not isinstance(value.node, Table):
        return value.choice(kind), {}
    default: _Choice | None = None
    choices: dict[_Key, _Choice] = {}
    for key, _, item in value.pairs():
        choice = item.choice(kind)
        if key == "default":
            default = choice
            continue
        parsed = read_key(key, item)
        if parsed is not None and choice is not None:
            choices[parsed] = choice
    return default, choices


def _pair(key: str, value: Value) -> tuple[DistName, DistName] | None:
    importer, arrow, imported = (part.strip() for part in key.partition("->"))
    if not arrow:
        hint = "write `default`, or a pair such as `pandas -> pyarrow`: what the first imports of the second"
        value.error(Code.BAD_VALUE, f"`{value.path}` is not a pair of distributions", hint)
        return None
    names = read_distribution(importer, value), read_distribution(imported, value)
    return (names[0], names[1]) if names[0] and names[1] else None


def _module(key: str, value: Value) -> ModuleName | None:
    if all(part and not part.isspace() for part in key.split(".")):
        return ModuleName(key)
    value.error(Code.BAD_VALUE, f"`{value.path}`: `{key}` is not a module's name", "write it as `package.module`")
    return None


def _owners(settings: Value | None) -> dict[ModuleName, DistName]:
    value = setting(settings, "modules")
    owners: dict[ModuleName, DistName] = {}
    for key, _, item in value.pairs() if value else ():
        module, owner = _module(key, item), item.text()
        distribution = read_distribution(owner, item) if owner is not None else None
        if module and distribution:
            owners[module] = distribution
    return owners


def _distributions(value: Value | None) -> set[DistName]:
    found: set[DistName] = set()
    for element in value.elements() if value else ():
        text = element.text()
        name = read_distribution(text, element) if text is not None else None
        if name:
            found.add(name)
    return found


def read_distribution(text: str, value: Value) -> DistName | None:
    try:
        return DistName(canonicalize_name(text, validate=True))
    except InvalidName:
        hint = "write its name alone, without a version or extras"
        value.error(Code.BAD_VALUE, f"`{value.path}`: `{text}` is not the name of a distribution", hint)
        return None
