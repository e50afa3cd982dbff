"""Module graphs and a lock -> the closure of each function that shares the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.model import Closure, ClosureMember, LeftOut, OptionalImports, Reason, ReasonKind
from slspack.trace.diagnostics import Diagnostics, Drawn, lock_findings
from slspack.trace.leftout import Absences
from slspack.trace.needs import Needs, Node
from slspack.trace.optionaledges import OptionalChoice, OptionalEdges
from slspack.trace.owners import OwnerIndex
from slspack.trace.providers import Choice, Providers
from slspack.trace.reach import Walk, shortest_first
from slspack.trace.roots import Roots, roots_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from slspack.model import DistName, Finding, Function, Lock, ModuleGraph, WheelFacts
    from slspack.trace.reach import OptionalEdge, Reached
    from slspack.trace.roots import Ask
    from slspack.trace.wheelimports import WheelImports


@dataclass(frozen=True, slots=True)
class SharedClosures:
    """The closures of all functions that share one lock, by their names, and what is to be said once for all."""

    closures: Mapping[str, Closure]
    findings: tuple[Finding, ...] = ()


def draw_closures(
    functions: Sequence[Function],
    graphs: Mapping[str, ModuleGraph],
    lock: Lock,
    facts: Mapping[DistName, WheelFacts],
    wheel_imports: WheelImports,
) -> SharedClosures:
    """The part of a lock that each function needs, and why. `facts` is of every distribution in the lock.

    `functions` must be all that share the lock: what none of them uses is kept in each. What is wrong is a finding of
    severity ERROR, in the closure of its function or in the shared ones; nothing is raised.
    """
    return draw_together([LockShare(functions, lock, facts, wheel_imports)], graphs)


@dataclass(frozen=True, slots=True)
class LockShare:
    """The functions that share a lock, with what is known of its wheels."""

    functions: Sequence[Function]
    lock: Lock
    facts: Mapping[DistName, WheelFacts]
    wheel_imports: WheelImports
    ask: Ask | None = None
    """Who may know of an import that nothing in the lock provides."""


def draw_together(
    shares: Sequence[LockShare], graphs: Mapping[str, ModuleGraph], wanted: Collection[str] | None = None
) -> SharedClosures:
    """As `draw_closures`, for locks of the same requirements on several targets.

    What is listed is listed once for all of them: it is unreferenced only if no function on any target uses it. Where
    only some functions are `wanted`, the closures of the others may be incomplete: the wheels in them are looked into
    for optional imports (and so fetched) only if that decides whether something listed is unreferenced.
    """
    everyone = [function for share in shares for function in share.functions]
    placed = _placed(everyone)
    drawings = [_Drawing(share, graphs, placed) for share in shares]
    for drawing in drawings:
        drawing.settle(wanted)
    used = frozenset(placed).union(*(drawing.used for drawing in drawings))
    if wanted is not None and not all(used.issuperset(drawing.listed) for drawing in drawings):
        for drawing in drawings:
            drawing.settle()
        used = used.union(*(drawing.used for drawing in drawings))
    closures: dict[str, Closure] = {}
    findings: list[Finding] = []
    for share, drawing in zip(shares, drawings, strict=True):
        unreferenced = drawing.keep_unreferenced(used)
        closures |= {state.function.name: drawing.closure(state) for state in drawing.states}
        findings += lock_findings(share.functions, share.lock, unreferenced)
    return SharedClosures(closures, tuple(dict.fromkeys(findings)))


def _placed(functions: Sequence[Function]) -> Mapping[DistName, tuple[str, ...]]:
    """The distributions that `includeDistributions` places, each with the functions it is placed in."""
    placed: dict[DistName, tuple[str, ...]] = {}
    for function in functions:
        for name in function.policy.include_distributions:
            placed[name] = (*placed.get(name, ()), function.name)
    return placed


class _State:
    """One function while its closure grows."""

    def __init__(
        self, function: Function, graph: ModuleGraph, roots: Roots, choice: OptionalChoice, walk: Walk
    ) -> None:
        self.function, self.graph, self.roots = function, graph, roots
        self.distances = roots.distances
        self.choice, self.walk = choice, walk
        self.reached: Reached = {}
        self.names: frozenset[DistName] = frozenset()
        self.reachable: Mapping[DistName, tuple[OptionalEdge, ...]] = {}


class _Drawing:
    """The loop that ends when no wheel in any closure imports a listed distribution that is not in it."""

    def __init__(
        self, share: LockShare, graphs: Mapping[str, ModuleGraph], placed: Mapping[DistName, tuple[str, ...]]
    ) -> None:
        lock, facts = share.lock, share.facts
        self._ask = share.ask
        self._locked = {locked.name: locked for locked in lock.distributions}
        self._listed = {listed.name: listed for listed in reversed(lock.listed) if listed.name in self._locked}
        self._index = OwnerIndex(facts, lock.target)
        self._needs = Needs(lock, facts)
        self._edges = OptionalEdges(self._index, self._needs, self._locked, self._listed, share.wheel_imports)
        self._diagnostics = Diagnostics(lock, self._index, self._needs, graphs.values())
        self._providers: dict[Choice, Providers] = {}
        self._walks: dict[OptionalChoice, Walk] = {}
        self._plain: dict[frozenset[DistName], Walk] = {}
        self._left_out: dict[OptionalChoice, dict[DistName, LeftOut]] = {}
        self._absences = Absences(frozenset(self._listed), placed, self._index, self._needs)
        self.states = [self._begin(function, graphs[function.name]) for function in share.functions]

    def settle(self, wanted: Collection[str] | None = None) -> None:
        """Follow requirements, and optional imports of all or of the wanted functions, until nothing more is reached.

        Each round asks once for all wheels whose content is wanted, so that they can be fetched together.
        """
        asking = [state for state in self.states if wanted is None or state.function.name in wanted]
        while True:
            for state in self.states:
                state.reached = state.walk.reach(state.distances)
                state.names = frozenset(node.name for node in state.reached)
            if not self._learn(asking):
                return

    @property
    def listed(self) -> Collection[DistName]:
        """What the user listed, as far as it is in the lock."""
        return self._listed.keys()

    @property
    def used(self) -> frozenset[DistName]:
        """What any of the functions has reached so far."""
        return frozenset().union(*(state.names for state in self.states))

    def keep_unreferenced(self, used: Collection[DistName]) -> tuple[DistName, ...]:
        """Make listed distributions that are not among the used ones a root of each function, and name them.

        Of those that only collect others, a function that uses one of these gets all; they are not named.
        """
        spare = [n for n in self._listed if n not in used and not self._index.wheel(n).is_stub_only]
        collections = {name: parts for name in spare if (parts := self._parts(name) & set(used))}
        for name, parts in collections.items():
            reason = Reason(ReasonKind.COLLECTION, "", name, self._listed[name].location)
            self._add_root(name, reason, [state for state in self.states if parts & state.names])
        spare = [name for name in spare if name not in collections]
        kept = []
        for name in sorted(self._outermost(spare)):
            reason = Reason(ReasonKind.UNREFERENCED, "", name, self._listed[name].location)
            kept.extend([name] if self._add_root(name, reason, self.states) else [])
        if spare or collections:
            self.settle()
        return tuple(kept)

    def closure(self, state: _State) -> Closure:
        """A settled function's closure."""
        reasons = state.walk.reasons(state.reached)
        members = []
        for name in sorted(state.names):
            why = shortest_first([*state.roots.reasons.get(name, ()), *reasons.get(name, ())])
            members.append(ClosureMember(self._locked[name], name in self._listed, why))
        drawn = Drawn(
            function=state.function,
            graph=state.graph,
            roots=state.roots,
            members=tuple(members),
            unmet=state.walk.unmet(state.reached),
            only_optional=self._only_optional(state),
        )
        findings = self._diagnostics.findings(drawn)
        return Closure(state.function.name, drawn.members, tuple(self._left_out_of(state)), findings)

    def _add_root(self, name: DistName, reason: Reason, states: Iterable[_State]) -> bool:
        """Make a distribution a root of those functions that do not bar it; whether there are any."""
        takers = [state for state in states if name not in state.choice.barred]
        for state in takers:
            state.roots.add(name, 1, reason)
            state.distances = state.roots.distances
        return bool(takers)

    def _parts(self, name: DistName) -> frozenset[DistName]:
        """What a distribution without code of its own collects by requiring it; nothing for any other distribution."""
        if not self._index.wheel(name).has_no_code:
            return frozenset()
        extras = ("", *self._needs.listed_extras(name))
        return frozenset(need.name for extra in extras for need in self._needs.of(Node(name, extra)))

    def _begin(self, function: Function, graph: ModuleGraph) -> _State:
        excluded = frozenset(function.policy.exclude_distributions)
        choice = Choice.of(function.policy)
        if choice not in self._providers:
            self._providers[choice] = Providers(self._index, frozenset(self._listed), choice)
        roots = roots_of(function, graph, self._providers[choice], frozenset(self._locked) - excluded, self._ask)
        optional = OptionalChoice.of(function.policy)
        return _State(function, graph, roots, optional, self._without_optional(optional))

    def _learn(self, asking: Sequence[_State]) -> bool:
        """Make known what the wheels reached now import; whether that may have given any function a new edge."""
        wanted: set[DistName] = set()
        for state in asking:
            if not (state.names | state.choice.barred).issuperset(self._listed):
                wanted |= state.choice.whose(OptionalImports.LISTED, state.names)
        learned = self._edges.ask(wanted)
        if learned:
            self._walks.clear()
        for state in asking:
            learned |= self._learn_reachable(state)
        for state in self.states:
            state.walk = self._walk(state)
        return learned

    def _learn_reachable(self, state: _State) -> bool:
        if not state.choice.whose(OptionalImports.REACHABLE, state.names):
            return False
        before = state.reachable
        state.reachable = self._edges.reachable(state.choice, state.graph, state.names)
        return state.reachable != before

    def _walk(self, state: _State) -> Walk:
        if state.reachable:
            edges = dict(self._edges.listed(state.choice))
            for name, more in state.reachable.items():
                edges[name] = (*edges.get(name, ()), *more)
            return Walk(self._needs, self._present(state.choice), edges)
        if state.choice not in self._walks:
            edges = self._edges.listed(state.choice)
            self._walks[state.choice] = Walk(self._needs, self._present(state.choice), edges)
        return self._walks[state.choice]

    def _present(self, choice: OptionalChoice) -> frozenset[DistName]:
        return frozenset(self._locked) - choice.excluded

    def _without_optional(self, choice: OptionalChoice) -> Walk:
        if choice.excluded not in self._plain:
            self._plain[choice.excluded] = Walk(self._needs, self._present(choice), {})
        return self._plain[choice.excluded]

    def _only_optional(self, state: _State) -> frozenset[DistName]:
        if state.walk.is_plain:
            return frozenset()
        plain = self._without_optional(state.choice)
        return state.names - {node.name for node in plain.reach(state.distances)}

    def _outermost(self, names: Sequence[DistName]) -> Iterator[DistName]:
        """Those that none of the others requires; of a circle, the first by name."""
        walk = Walk(self._needs, frozenset(self._locked), {})
        brings = {name: {node.name for node in walk.reach({name: 0})} for name in names}
        for name in names:
            above = [other for other in names if other != name and name in brings[other]]
            if all(other in brings[name] and name < other for other in above):
                yield name

    def _left_out_of(self, state: _State) -> Iterator[LeftOut]:
        known = self._left_out.setdefault(state.choice, {})
        for name, locked in self._locked.items():
            if name not in state.names:
                if name not in known:
                    known[name] = LeftOut(locked, self._absences.reason(name, state.choice))
                yield known[name]
