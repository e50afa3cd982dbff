"""How large the store may grow, in sizes and ages as people write them."""

from __future__ import annotations

import re

from slspack.frozen import dataclass

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?)b?|b)?", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
_AGE = re.compile(r"(\d+)\s*([mhdw])", re.IGNORECASE)
_SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


@dataclass(frozen=True, slots=True)
class Limits:
    """What may stay: so many bytes, what was used within so many seconds, the outputs of so many requirement sets.

    None means no limit.
    """

    max_size: int | None = None
    max_age: int | None = None
    max_versions: int | None = None


def parse_size(text: str) -> int | None:
    """Bytes: `5GB`, `500 MB` (powers of 1,000), `2GiB` (of 1,024), `1000000`; None for `none`, no limit.

    Raises ValueError for anything else.
    """
    if text.strip().lower() == "none":
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"`{text}` is not a size such as `5GB`, nor `none`")
    number, unit, binary = match.groups()
    base = 1024 if binary else 1000
    return int(float(number) * base ** _POWERS[unit.lower()]) if unit else int(float(number))


def parse_age(text: str) -> int:
    """Seconds: `30d`, `12h`, `2w`, `90m`. Raises ValueError for anything else."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"`{text}` is not an age such as `30d` or `12h`")
    return int(match[1]) * _SECONDS[match[2].lower()]
