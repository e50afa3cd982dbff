"""Laws that every closure keeps, over generated locks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.model import Closure, ImportPolicy, Lock, OptionalImports, ReasonKind
from slspack.trace.closure import draw_closures
from tests.support.worlds import World, imports

NAMES = [f"d{number}" for number in range(8)]
_subsets = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to eight distributions that require and import each other at will, and up to three functions."""
    world = World().lists(*draw(_subsets), *draw(_subsets))
    for name in NAMES:
        code = "".join(f"import {other}\n" for other in draw(_subsets))
        world.wheel(name, {f"{name}.py": code}, draw(_subsets))
    for number in range(draw(st.integers(1, 3))):
        policy = ImportPolicy(optional=draw(st.sampled_from(OptionalImports)))
        world.function(f"f{number}", *(imports(name) for name in draw(_subsets)), policy=policy)
    return world


def names(closure: Closure) -> set[str]:
    return {str(member.distribution.name) for member in closure.members}


@given(worlds())
def test_closed_under_requirements_and_complete(world: World) -> None:
    for name, closure in world.draw().closures.items():
        members = names(closure)
        assert all(needed in members for one in members for needed in world.requires[one])  # type: ignore[index]
        assert {one.module for one in world.graphs[name].external} <= members
        assert members | {str(one.distribution.name) for one in closure.left_out} == set(NAMES)
        assert len(closure.members) + len(closure.left_out) == len(NAMES)


@given(worlds())
def test_every_listed_distribution_is_somewhere(world: World) -> None:
    held = set().union(*(names(closure) for closure in world.draw().closures.values()))
    assert {one.name for one in world.listed} <= held


@given(worlds())
def test_every_reason_is_a_true_one_and_the_first_leads_to_the_handler(world: World) -> None:
    for closure in world.draw().closures.values():
        members = {member.distribution.name: member for member in closure.members}
        inner = (ReasonKind.REQUIRES, ReasonKind.OPTIONAL_IMPORT)
        for member in closure.members:
            assert member.reasons
            assert all(reason.source in members for reason in member.reasons if reason.kind in inner)
            steps = 0
            while member.reasons[0].kind in inner:
                member = members[member.reasons[0].source]  # type: ignore[index]
                steps += 1
                assert steps <= len(NAMES)


@given(worlds())
def test_what_a_wheel_imports_of_listed_ones_is_there(world: World) -> None:
    listed = {str(one.name) for one in world.listed}
    for function in world.functions:
        members = names(world.draw().closures[function.name])
        if function.policy.optional is OptionalImports.LISTED:
            imported = {line.split()[1] for one in members for line in world.files[one][f"{one}.py"].splitlines()}  # type: ignore[index]
            assert imported & listed <= members


@given(worlds(), st.sampled_from(NAMES))
def test_one_more_import_takes_nothing_away(world: World, name: str) -> None:
    before = world.draw().closures["f0"]
    kept = {m.distribution.name for m in before.members if m.reasons[0].kind is not ReasonKind.UNREFERENCED}
    spare = {m.distribution.name for m in before.members} - kept
    graph = world.graphs["f0"]
    world.graphs["f0"] = replace(graph, external=(*graph.external, imports(name)))
    after = world.draw().closures["f0"]
    if not spare:
        assert kept <= {member.distribution.name for member in after.members}
        assert name in names(after)


@settings(max_examples=50)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_means_nothing(world: World, random: Any) -> None:
    expected = world.draw()
    lock = world.lock
    pins, functions, facts = list(lock.distributions), list(world.functions), list(world.facts.items())
    for part in (pins, functions, facts):
        random.shuffle(part)
    other = Lock(lock.target, tuple(pins), lock.listed)
    drawn = draw_closures(functions, world.graphs, other, dict(facts), world)
    assert drawn.findings == expected.findings
    for name, closure in expected.closures.items():
        assert drawn.closures[name].members == closure.members
        assert drawn.closures[name].findings == closure.findings
        assert set(drawn.closures[name].left_out) == set(closure.left_out)


def test_the_wheels_are_read_no_more_often_for_many_functions() -> None:
    """By counting how often any wheel's METADATA or file list is looked at."""
    looks = 0

    class Counting(tuple[Any, ...]):
        def __iter__(self) -> Any:
            nonlocal looks
            looks += 1
            return super().__iter__()

        def __getitem__(self, key: Any, /) -> Any:
            nonlocal looks
            looks += 1
            return super().__getitem__(key)

    def counted(functions: int) -> int:
        nonlocal looks
        world = World().lists(*(f"w{number}" for number in range(30)))
        for number in range(30):
            world.wheel(f"w{number}", requires=[f"w{other}" for other in range(number + 1, min(number + 4, 30))])
        for number in range(functions):
            world.function(f"f{number}", *(imports(f"w{(number * step) % 30}") for step in range(1, 6)))
        facts = {
            name: replace(one, requires_dist=Counting(one.requires_dist), members=Counting(one.members))
            for name, one in world.facts.items()
        }
        looks = 0
        drawn = draw_closures(world.functions, world.graphs, world.lock, facts, world)
        assert len(drawn.closures) == functions
        return looks

    few, many = counted(30), counted(600)
    assert few > 0
    assert many == few
