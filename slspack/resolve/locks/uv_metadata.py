"""Whether a project still asks for what uv locked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import dist_name
from slspack.resolve.locks.document import table, tables, text_of, texts
from slspack.resolve.locks.markers import holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.model import DistName, Target
    from slspack.resolve.groups import Chosen
    from slspack.resolve.locks.document import Table
    from slspack.resolve.written import Written

_ELSEWHERE = frozenset({"git", "url", "path", "directory", "editable", "virtual", "workspace"})
"""Sources for which the version that is written in the project does not count."""

_Asked = tuple["DistName", tuple[str, ...], str]
"""Name, extras, and canonical specifier; `@` in place of it for what comes from elsewhere than an index."""


def mismatch(metadata: Table, own: DistName, beside: Written, chosen: Chosen, target: Target) -> str:
    """Why the lock is stale; empty if it is not.

    uv writes the requirements down as it read them, but simplifies markers. So what counts is what holds on the
    target, of the groups and extras that are asked for.
    """
    locked = set(_locked(metadata, own, chosen, target))
    elsewhere = {name for name, _, specifier in locked if specifier == "@"}
    written = {
        (one.name, tuple(sorted(one.extras)), "@" if one.name in elsewhere or one.reference else one.specifier)
        for one in beside.requirements
        if one.holds_for(target)
    }
    for asked in sorted(written - locked):
        of_name = sorted(other for other in locked if other[0] == asked[0])
        if of_name:
            return f"`{_text(asked)}` is wanted, and it was made for `{_text(of_name[0])}`"
        return f"`{_text(asked)}` is wanted, and it was made without it"
    for gone in sorted(locked - written):
        return f"it was made for `{_text(gone)}`, which is no longer wanted"
    return ""


def _locked(metadata: Table, own: DistName, chosen: Chosen, target: Target) -> Iterator[_Asked]:
    active = frozenset(chosen.extras)
    listed = tables(metadata.get("requires-dist"))
    while True:
        # An extra may stand for others: `all = ["app[s3,web]"]`.
        holding = [one for one in listed if holds(text_of(one.get("marker")), target, active)]
        nested = {dist_name(e) for one in holding if _name(one) == own for e in texts(one.get("extras"))}
        if nested <= active:
            break
        active |= nested
    always = [one for one in listed if holds(text_of(one.get("marker")), target)]
    wanted = holding if chosen.main else [one for one in holding if one not in always]
    groups = {dist_name(name): value for name, value in table(metadata.get("requires-dev")).items()}
    for group in chosen.groups:
        wanted += [one for one in tables(groups.get(group)) if holds(text_of(one.get("marker")), target)]
    yield from (_asked(one) for one in wanted if not (own and _name(one) == own))


def _asked(one: Table) -> _Asked:
    from packaging.specifiers import SpecifierSet

    extras = tuple(sorted(dist_name(extra) for extra in texts(one.get("extras"))))
    return _name(one), extras, "@" if _ELSEWHERE & one.keys() else str(SpecifierSet(text_of(one.get("specifier"))))


def _name(one: Table) -> DistName:
    return dist_name(text_of(one.get("name")))


def _text(asked: _Asked) -> str:
    name, extras, specifier = asked
    listed = f"[{','.join(extras)}]" if extras else ""
    return f"{name}{listed}{'' if specifier == '@' else specifier}"
