"""Opens the store that a service's settings and the environment name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.store.kind import DERIVED, DOWNLOADS, OUTPUTS
from slspack.store.limits import Limits, parse_size
from slspack.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import CacheSettings

LOCATION_VARIABLE = "SLSPACK_CACHE_DIR"
SIZE_VARIABLE = "SLSPACK_CACHE_MAX_SIZE"


def default_location(environment: Mapping[str, str]) -> Path:
    """The store's folder: `SLSPACK_CACHE_DIR`, or `slspack` in the user's cache folder."""
    chosen = environment.get(LOCATION_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("slspack", appauthor=False)


def location_of(settings: CacheSettings, root: Path, environment: Mapping[str, str]) -> Path:
    """The store's folder for a service at `root`: what the environment says counts before what the service says."""
    if settings.location is None or environment.get(LOCATION_VARIABLE):
        return default_location(environment)
    return Path(os.path.normpath(root / Path(settings.location).expanduser()))


def open_store(settings: CacheSettings, root: Path, environment: Mapping[str, str]) -> Store:
    """The store for a service at `root`."""
    unkept = (frozenset() if settings.keep_downloads else DOWNLOADS) | (
        frozenset() if settings.keep_outputs else OUTPUTS
    )
    renewed = DERIVED if settings.invalidate else frozenset()
    return Store(location_of(settings, root, environment), unkept=unkept, renewed=renewed)


def limits_of(settings: CacheSettings, environment: Mapping[str, str]) -> Limits:
    """The bounds for automatic pruning. Raises ConfigError if `SLSPACK_CACHE_MAX_SIZE` is not a size."""
    written = environment.get(SIZE_VARIABLE)
    try:
        max_size = parse_size(written) if written else settings.max_size
    except ValueError as error:
        raise ConfigError.of(Code.BAD_VALUE, f"the environment variable `{SIZE_VARIABLE}`: {error}") from error
    return Limits(max_size=max_size, max_versions=settings.max_versions or None)
