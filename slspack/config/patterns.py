"""The rules of `package`, put into the one order in which the Framework applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.config.settings import setting
from slspack.model import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slspack.config.value import Value


def framework_patterns(service: Value | None, function: Value | None) -> tuple[Pattern, ...]:
    """The rules of the service's `package` and a function's.

    First every `exclude`, the service's before the function's; then what adds again, for the service and then for the
    function, its `include` before its `patterns`. A rule that is written twice counts where it stands first. The last
    rule that matches a file decides (https://www.serverless.com/framework/docs/providers/aws/guide/packaging).
    """
    excludes = [*_rules(service, "exclude"), *_rules(function, "exclude")]
    includes = [rule for level in (service, function) for key in ("include", "patterns") for rule in _rules(level, key)]
    return (
        *(Pattern(rule.glob, not rule.include, rule.location) for rule in _first_of_each(excludes)),
        *_first_of_each(includes),
    )


def own_patterns(settings: Value | None) -> tuple[Pattern, ...]:
    """The rules of slspack's own `patterns`."""
    return tuple(_read(setting(settings, "patterns")))


def _rules(package: Value | None, key: str) -> tuple[Pattern, ...]:
    return tuple(_read(package.get(key) if package else None))


def _read(value: Value | None) -> Iterable[Pattern]:
    """A leading `!` negates; a leading `./` means nothing."""
    for element in value.elements() if value else ():
        text = element.text()
        if text:
            glob = text.removeprefix("!").removeprefix("./")
            yield Pattern(glob, not text.startswith("!"), element.at)


def _first_of_each(rules: Iterable[Pattern]) -> tuple[Pattern, ...]:
    first: dict[tuple[str, bool], Pattern] = {}
    for rule in rules:
        first.setdefault((rule.glob, rule.include), rule)
    return tuple(first.values())
