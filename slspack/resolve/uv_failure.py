"""What uv says when it fails, in words that help a user of slspack."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.model import dist_name
from slspack.resolve.problem import Unsolvable

if TYPE_CHECKING:
    from slspack.model import DistName
    from slspack.resolve.problem import Problem

_NO_SOLUTION = "No solution found when resolving dependencies"
_UNREACHABLE = re.compile(
    r"error sending request|dns error|tcp connect error|operation timed out|network was disabled|"
    r"HTTP status server error|Could not connect|Request failed after|client error \(Connect\)|"
    r"connection (?:closed|reset|refused)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b(401 Unauthorized|403 Forbidden)\b|authentication credentials", re.IGNORECASE)
_NO_WHEEL = re.compile(
    r"\b([A-Za-z0-9][\w.-]*?)(?:\{[^}]*\})?(?:[<>=!~]=?[^\s]*)? "
    r"has no (?:usable wheels|wheels with a matching|compatible)"
)
_WITHOUT_WHEELS = re.compile(r"^hint: Wheels are (?:required|available) for `([\w.-]+)`", re.MULTILINE)
_ADDRESS = re.compile(r"\b(https?://)([^\s/@`'\"]+@)?([^\s`'\"()<>]+)")
_MOST_LINES = 24


def explain(stderr: str, problem: Problem) -> Unsolvable | SlspackError:
    """The error for uv's failure: an Unsolvable with uv's own explanation, or the index's trouble in our words."""
    text = redacted(stderr)
    if _NO_SOLUTION in text and not _REFUSED.search(text) and "network was disabled" not in text:
        return Unsolvable(_trimmed(text), _without_wheel(text))
    if _REFUSED.search(text):
        return SlspackError.of(
            Code.INDEX_FORBIDDEN,
            f"the package index {_index_in(text)} refused the request (it wants other credentials)",
            hint="give the credentials as for pip: in netrc, in the keyring, or in the address in PIP_INDEX_URL",
        )
    if _UNREACHABLE.search(text):
        return MachineError.of(
            Code.INDEX_UNREACHABLE,
            f"the package index {_index_in(text)} cannot be used: {_deepest_cause(text)}",
            hint="check the network, the proxy and the index's address (`pip config list`)",
        )
    return Unsolvable(_trimmed(text))


def redacted(text: str) -> str:
    """The text without user names, passwords and queries in addresses."""
    return _ADDRESS.sub(lambda match: f"{match[1]}{match[3].partition('?')[0]}", text)


def _trimmed(text: str) -> str:
    """uv's explanation alone: no warnings, no hints (they advise on options of uv's that slspack does not take)."""
    kept: list[str] = []
    skipping = False
    for line in text.splitlines():
        if line.startswith(("warning:", "hint:")):
            skipping = True
        elif line.startswith("error:"):
            skipping = False
            kept.append(line.removeprefix("error:").strip())
        elif line.startswith("  cause:"):
            if not skipping:
                kept.append(line.removeprefix("  cause:").strip())
        elif not skipping and line.strip():
            kept.append(line.rstrip())
    lines = [line for line in kept if line != _NO_SOLUTION]
    explanation = textwrap.dedent("\n".join(["", *lines[1:]])).strip("\n")
    whole = [*lines[:1], *explanation.splitlines()]
    if len(whole) > _MOST_LINES:
        whole = [*whole[: _MOST_LINES - 1], f"… and {len(whole) - _MOST_LINES + 1} more lines"]
    return "\n".join(whole).rstrip(".")


def _without_wheel(text: str) -> tuple[DistName, ...]:
    names = [*_NO_WHEEL.findall(text), *_WITHOUT_WHEELS.findall(text)]
    return tuple(dict.fromkeys(dist_name(name) for name in names))


def _index_in(text: str) -> str:
    match = _ADDRESS.search(text)
    if match is None:
        return "that is configured"
    parts = urlsplit(f"{match[1]}{match[3]}")
    return f"at `{parts.netloc}`"


def _deepest_cause(text: str) -> str:
    if "network was disabled" in text:
        return "the network is switched off by UV_OFFLINE"
    causes = [line.partition("cause:")[2].strip() for line in text.splitlines() if line.lstrip().startswith("cause:")]
    cause = causes[-1] if causes else "no answer"
    return _lower(cause).rstrip(".")


def _lower(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
