"""Our frozen dataclasses are the standard library's to whoever uses them, and no more than that."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field, fields, is_dataclass, replace

import pytest

from slspack import frozen


@frozen.dataclass(frozen=True, slots=True)
class Ours:
    """Documented."""

    name: str
    parts: tuple[int, ...] = ()
    noted: dict[str, int] = field(default_factory=dict, compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """Documented."""

    name: str
    parts: tuple[int, ...] = ()
    noted: dict[str, int] = field(default_factory=dict, compare=False, repr=False)


@frozen.dataclass(frozen=True, slots=True)
class Derived:
    """A class whose fields are not all given, and that has a say in what it is."""

    name: str
    length: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.length.append(len(self.name))

    def __repr__(self) -> str:
        return "mine"


@frozen.dataclass(frozen=True, slots=True)
class Longer(Ours):
    """One field more."""

    last: str = ""


@frozen.dataclass(frozen=True, slots=True)
class Empty:
    """Nothing."""


def test_as_the_standard_library_has_it() -> None:
    ours, theirs = Ours("a", (1,), {"b": 1}), Theirs("a", (1,), {"b": 1})
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert hash(ours) == hash(theirs)
    assert [one.name for one in fields(ours)] == [one.name for one in fields(theirs)]
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert Ours.__match_args__ == Theirs.__match_args__ == ("name", "parts", "noted")
    assert Ours.__slots__ == Theirs.__slots__
    assert [*inspect.signature(Ours).parameters] == [*inspect.signature(Theirs).parameters]
    assert is_dataclass(Ours)
    assert not hasattr(ours, "__dict__")


def test_equality() -> None:
    assert Ours("a", noted={"b": 1}) == Ours("a")
    assert Ours("a") != Ours("b")
    other: object = Theirs("a")
    assert Ours("a") != other
    assert Empty() == Empty()
    assert len({Empty(), Empty(), Ours("a"), Ours("a")}) == 2
    assert Ours("a").noted is not Ours("a").noted


def test_values_do_not_change() -> None:
    ours = Ours("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        ours.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del ours.name
    assert replace(ours, name="b") == Ours("b")


@pytest.mark.parametrize("value", [Ours("a", (1,), {"b": 1}), Empty()])
def test_copies(value: Ours | Empty) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value


def test_what_a_class_says_itself_counts() -> None:
    assert Derived("abc").length == [3]
    assert repr(Derived("abc")) == "mine"


def test_a_derived_class_has_the_fields_of_both() -> None:
    longer = Longer("a", (1,), last="z")
    assert repr(longer) == "Longer(name='a', parts=(1,), last='z')"
    assert [one.name for one in fields(Longer)] == ["name", "parts", "noted", "last"]
    assert longer == replace(Longer("a", last="z"), parts=(1,)) != Longer("a", (1,))
    assert [*vars(Longer)["__slots__"]] == ["last"]
    other: object = Ours("a")
    assert Longer("a") != other


def test_nothing_is_compiled_before_it_is_used() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Fresh:
        name: str = "a"

    asked = ("__init__", "__dataclass_fields__", "__dataclass_params__")
    assert {type(vars(Fresh)[name]).__name__ for name in asked} == {"_Later"}
    assert Fresh() == Fresh("a")
    assert is_dataclass(Fresh)
    assert inspect.isfunction(vars(Fresh)["__init__"])
    assert isinstance(vars(Fresh)["__dataclass_fields__"], dict)


def test_what_it_does_not_do() -> None:
    with pytest.raises(TypeError, match="name"):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="only for frozen classes with slots"):
        frozen.dataclass(frozen=True, slots=False)
