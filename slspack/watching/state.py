"""The core of watching, without a file system: what a burst asks for, and what a build's end means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.watching.events import Built, Failed, Product, Started

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from slspack.model import Finding
    from slspack.request import BuildResult
    from slspack.watching.stream import Burst

RESTARTS = 3
"""How often in a row an edit restarts a build; the next one runs to its end, or a busy folder would never be built."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known between two builds."""

    number: int = 0
    """Of the last build; the first is 1."""
    good: Mapping[str, Product] | None = None
    """What the last good build left for each function, by its name; None before there was one."""
    said: frozenset[Finding] = frozenset()
    """What the last good build had to say."""
    failing: bool = False
    changed: frozenset[Path] | None = None
    """What has changed since the last good build began; None: everything may have."""
    causes: frozenset[Path] = frozenset()
    """What has changed since a build ended, good or not."""
    missing: frozenset[Path] = frozenset()
    """Those of `causes` that are no longer there."""
    restarts: int = 0

    @property
    def may_restart(self) -> bool:
        """Whether an edit may still restart the build that begins."""
        return self.restarts < RESTARTS


def start(state: State, burst: Burst | None) -> tuple[State, Started]:
    """A build begins, because of a burst, or because it is the first."""
    if burst is None:
        begun = replace(state, number=state.number + 1, changed=None)
    else:
        total = burst.complete and state.changed is not None
        begun = replace(
            state,
            number=state.number + 1,
            changed=(state.changed or frozenset()) | burst.paths if total else None,
            causes=state.causes | burst.paths,
            missing=(state.missing - burst.paths) | burst.missing,
        )
    return begun, Started(begun.number, _sorted(begun.causes), _sorted(begun.missing))


def overtaken(state: State) -> State:
    """An edit came before the build was done: what it was to build is still to be built."""
    return replace(state, restarts=state.restarts + 1)


def succeed(state: State, result: BuildResult, seconds: float) -> tuple[State, Built]:
    """The build is good."""
    records = result.manifest.record["functions"]
    products = {
        name: Product(name, one["artifact"], one["fingerprint"], one["sha256"], one["bytes"])
        for name, one in records.items()
    }
    old = state.good or {}
    event = Built(
        number=state.number,
        first=state.good is None,
        changed=_sorted(state.causes),
        missing=_sorted(state.missing),
        rebuilt=tuple(one for name, one in products.items() if _differs(one, old.get(name))),
        total=len(products),
        kept=sum(one["cached"] for one in records.values()),
        removed=tuple(sorted(old.keys() - products.keys())),
        stale=tuple(sorted({one.artifact for one in old.values()} - {one.artifact for one in products.values()})),
        mended=state.failing,
        findings=result.findings,
        new_findings=tuple(one for one in result.findings if one not in state.said),
        seconds=seconds,
    )
    good = State(number=state.number, good=products, said=frozenset(result.findings), changed=frozenset())
    return good, event


def fail(state: State, findings: Sequence[Finding], seconds: float) -> tuple[State, Failed]:
    """The build is not good: the artifacts of the last good one stay, and what changed is remembered."""
    event = Failed(
        number=state.number,
        first=state.good is None,
        changed=_sorted(state.causes),
        missing=_sorted(state.missing),
        findings=tuple(findings),
        seconds=seconds,
    )
    nothing: frozenset[Path] = frozenset()
    return replace(state, failing=True, causes=nothing, missing=nothing, restarts=0), event


def _differs(product: Product, before: Product | None) -> bool:
    return before is None or (before.fingerprint, before.artifact) != (product.fingerprint, product.artifact)


def _sorted(paths: frozenset[Path] | set[Path]) -> tuple[Path, ...]:
    return tuple(sorted(paths))
