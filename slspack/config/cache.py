"""Reads how a service uses the store: slspack's own settings, and those of serverless-python-requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Leaf
from slspack.config.settings import setting
from slspack.model import CacheSettings
from slspack.store.limits import parse_size

if TYPE_CHECKING:
    from slspack.config.value import Value


def read_cache(settings: Value | None, python_requirements: Value | None = None) -> CacheSettings:
    """What `settings` say; where they say nothing, what `custom.pythonRequirements` does."""

    def inherited(key: str) -> Value | None:
        return python_requirements.peek(key) if python_requirements else None

    location = setting(settings, "cacheLocation") or inherited("cacheLocation")
    versions, invalidate = inherited("staticCacheMaxVersions"), inherited("invalidateCaches")
    return CacheSettings(
        location=location.text() if location else None,
        max_size=_size(setting(settings, "cacheMaxSize")),
        keep_downloads=_is_on(inherited("useDownloadCache")),
        keep_outputs=_is_on(inherited("useStaticCache")),
        max_versions=_count(versions) if versions else 0,
        invalidate=bool(invalidate and invalidate.flag()),
    )


def _is_on(value: Value | None) -> bool:
    return value is None or value.flag() is not False


def _size(value: Value | None) -> int | None:
    default = CacheSettings().max_size
    if value is None:
        return default
    number = value.node.value if isinstance(value.node, Leaf) else None
    text = str(number) if isinstance(number, int) and not isinstance(number, bool) else value.text()
    try:
        return default if text is None else parse_size(text)
    except ValueError as error:
        value.error(Code.BAD_VALUE, f"`{value.path}`: {error}")
        return default


def _count(value: Value) -> int:
    number = value.node.value if isinstance(value.node, Leaf) else None
    if isinstance(number, str) and number.isdecimal():
        return int(number)
    if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
        return number
    value.wrong("a number, 0 or more")
    return 0
