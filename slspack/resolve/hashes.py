"""The hashes that users list: which files they allow, and where every distribution must have some (pip's rules)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.frozen import dataclass
from slspack.model import Digest, Finding, Severity
from slspack.resolve.written import BY_PLUGINS, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slspack.model import DistName, LockedDistribution
    from slspack.resolve.written import WrittenRequirement


@dataclass(frozen=True, slots=True)
class AllowedHashes:
    """The sha256 of each file that may be taken, by distribution, and whether every distribution must have some."""

    by_name: Mapping[DistName, frozenset[Digest]]
    required: bool


def allowed_hashes(
    requirements: Sequence[WrittenRequirement], constraints: Sequence[WrittenRequirement], *, required: bool
) -> AllowedHashes:
    """Gather the hashes. One requirement that has `--hash` makes them required of all, as for pip.

    Raises SLS0206 for requirements that then have none or are not pinned, SLS0205 where none of the hashes is a sha256.
    """
    both = (*requirements, *constraints)
    by_name: dict[DistName, frozenset[Digest]] = {}
    for one in both:
        stated = frozenset(Digest(text.removeprefix("sha256:")) for text in one.hashes if text.startswith("sha256:"))
        if stated:
            by_name[one.name] = by_name.get(one.name, frozenset()) | stated
    strict = required or any(one.hashes and one.origin is Origin.INDEX for one in requirements)
    problems = [_weak(one) for one in both if one.hashes and one.name not in by_name]
    if strict:
        pinned = {one.name for one in both if one.pinned}
        problems += [_missing(one) for one in requirements if not one.hashes and one.name not in by_name]
        problems += [_not_pinned(one) for one in requirements if one.name in by_name and one.name not in pinned]
    if problems:
        raise SlspackError(problems)
    return AllowedHashes(by_name, strict)


def check_hashes(distributions: Iterable[LockedDistribution], hashes: AllowedHashes) -> None:
    """Where hashes are required, dependencies that no line lists must have them, too. Raises SLS0206."""
    if not hashes.required:
        return
    bare = [one for one in distributions if one.name not in hashes.by_name]
    if bare:
        raise SlspackError(
            Finding(
                Code.HASH_REQUIRED,
                Severity.ERROR,
                f"`{one.name}` {one.version} is needed by a requirement, but is not listed with a hash",
                None,
                "where one requirement has a hash, list all with theirs: `pip-compile --generate-hashes`",
            )
            for one in bare
        )


def _missing(one: WrittenRequirement) -> Finding:
    message = f"`{one.text}` has no hash, and others have"
    if one.location.path == BY_PLUGINS:
        hint = "a plugin brings it: list it with its hash, as `pip-compile --generate-hashes` or `uv pip compile` does"
        return Finding(Code.HASH_REQUIRED, Severity.ERROR, message, None, hint)
    return Finding(Code.HASH_REQUIRED, Severity.ERROR, message, one.location, "add `--hash=sha256:…` to it")


def _not_pinned(one: WrittenRequirement) -> Finding:
    message = f"`{one.text}` has a hash, but is not pinned to one version"
    return Finding(Code.HASH_REQUIRED, Severity.ERROR, message, one.location, "pin it with `==`")


def _weak(one: WrittenRequirement) -> Finding:
    message = f"`{one.text}` has no sha256 among its hashes"
    return Finding(Code.UNSUPPORTED_REQUIREMENT, Severity.ERROR, message, one.location, "add `--hash=sha256:…` to it")
