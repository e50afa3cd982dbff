"""Reads which indexes a service names and what counts there: slspack's own settings, and `pipCmdExtraArgs`."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Leaf
from slspack.config.policy import read_distribution
from slspack.config.settings import setting
from slspack.model import (
    BoundName,
    BuilderChoice,
    BuilderRule,
    BuildSettings,
    DistName,
    IndexLogin,
    IndexSettings,
    dist_name,
)
from slspack.model.indexes import split_address

if TYPE_CHECKING:
    from slspack.config.value import Value

ALL, NONE = ":all:", ":none:"
_SHORT = {"-i": "--index-url", "-f": "--find-links", "--pypi-url": "--index-url"}
_HONOURED = frozenset({
    "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "--no-binary", "--only-binary",
})  # fmt: skip
_IDLE = frozenset({
    "--compile", "--no-compile", "--no-cache-dir", "--no-cache", "-q", "-qq", "-qqq", "--quiet", "-v", "-vv", "-vvv",
    "--verbose", "--disable-pip-version-check", "--no-input", "--no-color", "--no-warn-script-location",
    "--no-warn-conflicts", "--no-python-version-warning", "--prefer-binary", "--upgrade", "-U", "--force-reinstall",
    "--ignore-installed", "-I", "--use-pep517", "--debug",
})  # fmt: skip
_IDLE_WITH_VALUE = frozenset({
    "--cache-dir", "--log", "--progress-bar", "--root-user-action", "--exists-action", "--use-feature",
    "--use-deprecated", "--upgrade-strategy",
})  # fmt: skip
_INSTEAD = {
    "--no-deps": "list what is not wanted under `excludeDistributions`",
    "--platform": "the platform follows from the function's `runtime` and `architecture`",
    "--python-version": "the version follows from the function's `runtime`",
    "--implementation": "the interpreter follows from the function's `runtime`",
    "--abi": "the interpreter follows from the function's `runtime`",
    "--target": "slspack writes artifacts itself: see `--out` of `slspack build`",
    "--constraint": "write `-c FILE` into the requirements file",
    "-c": "write `-c FILE` into the requirements file",
    "--requirement": "name the file in `requirements`",
    "-r": "name the file in `requirements`",
    "--cert": "set PIP_CERT, or `cert` in pip's configuration",
    "--client-cert": "set PIP_CLIENT_CERT, or `client-cert` in pip's configuration",
    "--proxy": "set PIP_PROXY, or `proxy` in pip's configuration",
    "--timeout": "set PIP_DEFAULT_TIMEOUT",
    "--retries": "set PIP_RETRIES",
    "--require-hashes": "write `--require-hashes` into the requirements file",
}


class _Gathered:
    """What was said so far, the later on top."""

    def __init__(self) -> None:
        self.settings = IndexSettings()
        self.logins: list[IndexLogin] = []
        self.only_binary: tuple[str, ...] = ()

    def address(self, text: str, value: Value) -> str:
        try:
            clean, login = split_address(text.strip())
        except ValueError:
            # Not quoted: it may hold a password.
            value.error(Code.BAD_VALUE, f"`{value.path}`: the address of an index is not valid")
            return ""
        if login is not None:
            self.logins.append(login)
        return clean

    def take(self, option: str, text: str, value: Value) -> None:
        """One of pip's options: the index is replaced, lists are added to."""
        now = self.settings
        match option:
            case "--index-url":
                self.settings = replace(now, index_url=self.address(text, value) or None)
            case "--extra-index-url":
                self.settings = replace(now, extra_index_urls=(*now.extra_index_urls, self.address(text, value)))
            case "--find-links":
                self.settings = replace(now, find_links=(*now.find_links, self.address(text, value)))
            case "--trusted-host":
                self.settings = replace(now, trusted_hosts=(*now.trusted_hosts, text))
            case "--no-binary":
                self.settings = replace(now, no_binary=_joined(now.no_binary, text.split(",")))
            case _:
                self.only_binary = _joined(self.only_binary, text.split(","))

    def result(self) -> IndexSettings:
        return replace(self.settings, logins=tuple(self.logins))


def read_indexes(
    settings: Value | None, build: BuildSettings, python_requirements: Value | None = None
) -> tuple[IndexSettings, BuildSettings]:
    """What `pipCmdExtraArgs` and then `settings` say of indexes, and of who is never built."""
    gathered = _Gathered()
    arguments = python_requirements.peek("pipCmdExtraArgs") if python_requirements else None
    if arguments is not None:
        _take_arguments(arguments, gathered)
    for value, option in (
        (setting(settings, "indexUrl"), "--index-url"),
        (setting(settings, "extraIndexUrls"), "--extra-index-url"),
        (setting(settings, "findLinks"), "--find-links"),
        (setting(settings, "noBinary"), "--no-binary"),
        (setting(settings, "onlyBinary"), "--only-binary"),
    ):
        for one in value.elements() if value else ():
            text = one.text()
            if text is not None:
                gathered.take(option, text, one)
    bound = setting(settings, "indexes")
    names = []
    for key, _, item in bound.pairs() if bound else ():
        distribution, text = read_distribution(key, item), item.text()
        if distribution is not None and text is not None:
            names.append(BoundName(distribution, gathered.address(text, item)))
    newer = setting(settings, "excludeNewer")
    moment = _moment(newer) if newer else None
    found = replace(gathered.result(), bound=tuple(sorted(names, key=lambda one: one.name)), exclude_newer=moment)
    return found, _without_building(build, gathered.only_binary)


def _take_arguments(value: Value, gathered: _Gathered) -> None:
    """Each element may be an option, its value, or both in one string."""
    words = []
    for element in value.elements():
        text = element.text()
        try:
            words += [(word, element) for word in shlex.split(text or "")]
        except ValueError as error:
            element.error(Code.PIP_ARGUMENT, f"`{element.path}` cannot be parsed: {str(error).lower()}")
    rest = iter(words)
    for word, element in rest:
        name, equals, joined = word.partition("=")
        option = _SHORT.get(name, name)
        if option in ("--pre", "--no-index"):
            flag = {"prereleases": True} if option == "--pre" else {"no_index": True}
            gathered.settings = replace(gathered.settings, **flag)  # type: ignore[arg-type]
        elif option in _HONOURED | _IDLE_WITH_VALUE:
            given = joined if equals else next(rest, ("", element))[0]
            if not given:
                element.error(Code.PIP_ARGUMENT, f"`{element.path}`: `{option}` needs a value")
            elif option in _HONOURED:
                gathered.take(option, given, element)
        elif option not in _IDLE:
            _refuse(option, element)


def _refuse(option: str, element: Value) -> None:
    shown = option if option.startswith("-") else "a word that is no option"
    shown = f"`{option}`" if shown == option else shown
    hint = _INSTEAD.get(option, "remove it: slspack does not run `pip install`, and follows options on indexes only")
    element.error(Code.PIP_ARGUMENT, f"`{element.path}`: {shown} has no meaning for slspack", hint)


def _joined(before: tuple[str, ...], names: list[str]) -> tuple[str, ...]:
    """pip's rule: `:none:` takes back what was said before it."""
    found = list(before)
    for name in (one.strip() for one in names):
        if name == NONE:
            found = []
        elif name:
            found.append(name if name == ALL else dist_name(name))
    return tuple(dict.fromkeys(found))


def _without_building(build: BuildSettings, names: tuple[str, ...]) -> BuildSettings:
    """The settings with nobody to build these."""
    if ALL in names:
        build = replace(build, builder=BuilderChoice.NONE)
    ruled = {rule.name for rule in build.rules}
    added = tuple(
        BuilderRule(DistName(name), BuilderChoice.NONE) for name in names if name != ALL and name not in ruled
    )
    return replace(build, rules=tuple(sorted((*build.rules, *added), key=lambda rule: rule.name)))


def _moment(value: Value) -> str | None:
    """A day, which counts whole, or a moment; in UTC where no zone is given."""
    node = value.node
    text = node.value.isoformat() if isinstance(node, Leaf) and isinstance(node.value, date) else value.text()
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("2025-01-31"):
            moment += timedelta(days=1)
    except ValueError:
        message = f"`{value.path}`: `{text}` is neither a day nor a moment"
        value.error(Code.BAD_VALUE, message, "write `2025-01-31` or `2025-01-31T12:00:00Z`")
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
