"""Guesses between modules and distributions that no wheel at hand can confirm."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data
from typing import TYPE_CHECKING

from slspack.model import DistName, dist_name

if TYPE_CHECKING:
    from collections.abc import Iterator


WRITTEN_BY_PLUGINS = {
    "unzip_requirements": (
        "serverless-python-requirements writes that module for `zip: true`; slspack's artifacts have nothing to unzip: "
        "remove the import, or put it in `try` … `except ImportError: pass`"
    ),
    "wsgi_handler": (
        "serverless-wsgi writes that module while the Framework packages, which slspack does not: name a handler of "
        "your own that returns `serverless_wsgi.handle_request(app, event, context)`"
    ),
}
"""Modules that no distribution holds, since plugins of the Serverless Framework write them: what to do instead."""


def likely_distributions(module: str) -> tuple[DistName, ...]:
    """What a distribution that holds a module is probably called, the likeliest first."""
    return tuple(dict.fromkeys(_guesses(module)))


def _guesses(module: str) -> Iterator[DistName]:
    parents = [module]
    while "." in parents[-1]:
        parents.append(parents[-1].rpartition(".")[0])
    for parent in parents:
        if parent in _known():
            yield DistName(_known()[parent])
    yield from (dist_name(parent) for parent in reversed(parents))


@cache
def _known() -> dict[str, str]:
    table: dict[str, str] = json.loads(get_data(__name__, "known_names.json") or b"")
    return table
