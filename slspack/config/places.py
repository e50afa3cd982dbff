"""Where settings may stand, and what is known of one."""

from __future__ import annotations

from enum import Flag, auto

from slspack.frozen import dataclass


class Place(Flag):
    """Where a setting may stand."""

    CUSTOM = auto()
    """Under `custom.slspack` of a `serverless.yml`."""
    CUSTOM_FUNCTION = auto()
    """Under `slspack` of a function of a `serverless.yml`."""
    OWN = auto()
    """In `slspack.yml` or `[tool.slspack]`."""
    OWN_FUNCTION = auto()
    """In a function there."""
    WATCH = auto()
    """Under `watch`, wherever the service's settings stand."""
    DOCKER = auto()
    """Under `docker`, wherever the service's settings stand."""
    HOOKS = auto()
    """Under `hooks`, likewise."""
    PACKAGE = auto()
    """Under `package`, wherever settings of services and functions stand."""
    NATIVE = auto()
    """Under `native`, likewise."""
    LAYER = auto()
    """Under `layer`, and in each of `layers`."""
    NAMED_LAYER = auto()
    """In each of `layers` only."""


EVERYWHERE = Place.CUSTOM | Place.CUSTOM_FUNCTION | Place.OWN | Place.OWN_FUNCTION
SERVICES = Place.CUSTOM | Place.OWN
FUNCTIONS = Place.CUSTOM_FUNCTION | Place.OWN_FUNCTION


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `takes` and `default` are for the reader of the documentation, in Markdown."""

    name: str
    takes: str
    default: str
    meaning: str
    places: Place
    other_names: tuple[str, ...] = ()
