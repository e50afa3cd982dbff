"""Frozen dataclasses with slots that cost little until they are used: a build makes two hundred classes of them.

The standard library writes and compiles six methods a class, which takes longer than all else that importing slspack's
modules does. Here one is compiled, `__init__`, when a class gets its first value; the others are shared. What `fields`
and `replace` go by is the standard library's own, made for the first who asks.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Class = TypeVar("Class", bound=type)
_Values = tuple[object, ...]
_OF_THE_FIRST = frozenset({"__dict__", "__weakref__"})
"""What a class has of its own that one with the same content, but with slots, must not be given."""


class _Later:
    """An attribute of a class that is made when it is first asked for, and takes this one's place."""

    __slots__ = ("_home", "_make", "_name")

    def __init__(self, make: Callable[[type], object]) -> None:
        self._make = make

    def __set_name__(self, home: type, name: str) -> None:
        self._home, self._name = home, name

    def __get__(self, instance: object, owner: type) -> object:
        made = self._make(self._home)
        setattr(self._home, self._name, made)
        bind = getattr(made, "__get__", None)
        return bind(instance, owner) if bind else made


def _make(cls: Class, *, shown: bool) -> Class:
    own = {name: _field(name, vars(cls)) for name in cls.__annotations__}
    inherited = [getattr(base, "__dataclass_fields__", {}) for base in reversed(cls.__mro__[1:])]
    fields = {name: field for known in (*inherited, own) for name, field in known.items()}
    said = {name: it for name, it in vars(cls).items() if name not in own and name not in _OF_THE_FIRST}
    methods = _methods(
        _getter([*fields]),
        _getter([name for name, field in fields.items() if field.compare]),
        shown=shown,
        reduced=all(field.init for field in fields.values()),
    )
    body = {
        **said,
        "__doc__": cls.__doc__ or cls.__name__,  # or the standard library spells the signature out
        "__qualname__": cls.__qualname__,
        "__slots__": tuple(own),
        "__match_args__": tuple(name for name, field in fields.items() if field.init),
        "__init__": _Later(lambda made: _init(made, fields.values())),
        "__dataclass_fields__": _Later(lambda made: vars(_plain(made, own))["__dataclass_fields__"]),
        "__dataclass_params__": _Later(lambda made: vars(_plain(made, own))["__dataclass_params__"]),
        **{name: method for name, method in methods.items() if said.get(name) is None},
    }
    return type(cls)(cls.__name__, cls.__bases__, body)


def _field(name: str, said: Mapping[str, object]) -> dataclasses.Field[object]:
    default = said.get(name, dataclasses.MISSING)
    field = default if isinstance(default, dataclasses.Field) else _with_default(default)
    field.name = name
    return field


def _with_default(default: object) -> dataclasses.Field[object]:
    field: dataclasses.Field[object] = dataclasses.field()
    field.default = default
    return field


def _plain(cls: type, own: Mapping[str, dataclasses.Field[object]]) -> type:
    """What the standard library makes of a class of the same fields, without a method."""
    body = {"__doc__": cls.__doc__, "__module__": cls.__module__, "__annotations__": cls.__annotations__, **own}
    return dataclasses.dataclass(init=False, repr=False, eq=False)(type(cls.__name__, cls.__bases__, body))


def _getter(names: list[str]) -> Callable[[object], _Values]:
    if not names:
        return lambda _: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda value: (get(value),)


def _methods(
    values: Callable[[object], _Values], compared: Callable[[object], _Values], *, shown: bool, reduced: bool
) -> Mapping[str, object]:
    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(compared(self))

    def __reduce__(self: object) -> tuple[type, _Values]:  # noqa: N807
        return self.__class__, values(self)

    return {
        "__eq__": __eq__,
        "__hash__": __hash__,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__replace__": dataclasses.replace,
        **({"__repr__": _repr} if shown else {}),
        **({"__reduce__": __reduce__} if reduced else {}),
    }


def _refuse(_self: object, name: str, _value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _repr(self: object) -> str:
    shown = (field.name for field in dataclasses.fields(self) if field.repr)  # type: ignore[arg-type]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _init(made: type, fields: Iterable[dataclasses.Field[object]]) -> Callable[..., None]:
    known: dict[str, object] = {"_unset": dataclasses.MISSING}
    taken, lines = ["self"], []
    for field in fields:
        name, value = field.name, field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_new_{name}"] = field.default_factory
            value = f"_new_{name}() if {name} is _unset else {name}" if field.init else f"_new_{name}()"
            taken += [f"{name}=_unset"] if field.init else []
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            taken.append(f"{name}=_default_{name}")
        else:
            taken.append(name)
        known[f"_set_{name}"] = getattr(made, name).__set__  # the slot's own: quicker than `object.__setattr__`
        lines.append(f" _set_{name}(self, {value})")
    body = [*lines, *([" self.__post_init__()"] if hasattr(made, "__post_init__") else []), " return None"]
    exec(f"def __init__({', '.join(taken)}):\n" + "\n".join(body), known)  # noqa: S102 (as the standard library does)
    init = cast("Callable[..., None]", known["__init__"])
    init.__qualname__ = f"{made.__qualname__}.__init__"
    init.__module__ = made.__module__
    return init


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, repr: bool = True) -> Callable[[Class], Class]:  # noqa: A002
        """A decorator, for the standard library's of the same name where frozen and slotted classes are meant.

        Whatever is annotated is a field: there are no class variables, initial values or arguments by keyword alone.
        """
        if not (frozen and slots):
            raise TypeError("only for frozen classes with slots")
        return lambda cls: _make(cls, shown=repr)


__all__ = ["dataclass"]
