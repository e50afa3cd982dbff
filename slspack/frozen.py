"""Frozen dataclasses with slots, made in a tenth of the time: a build makes more than a hundred classes of them.

The standard library writes and compiles six methods a class, which takes longer than all else that importing slspack's
modules does. Here one is compiled, `__init__`, when the first value is made, and the others are shared. `fields` and
`replace` take these classes as any: what they go by is made by the standard library when they ask for it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fields = Mapping[str, dataclasses.Field[object]]

Class = TypeVar("Class", bound=type)
_Values = tuple[object, ...]
_FIELDS = "__dataclass_fields__"


def _make(cls: Class, *, shown: bool) -> Class:
    namespace = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    namespace["__doc__"] = cls.__doc__ = cls.__doc__ or cls.__name__  # or its signature would be spelled out
    fields = {name: _field(namespace.pop(name, MISSING)) for name in cls.__annotations__}
    namespace["__slots__"] = tuple(fields)
    names = tuple(name for name, field in fields.items() if field.init)
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    values = _getter([*fields])
    compared = _getter([name for name, field in fields.items() if field.compare])
    ours = {
        **_methods(values, compared, shown=shown, reduced=len(names) == len(fields)),
        "__match_args__": names,
        "__init__": _Late(made, "__init__", lambda: _init(made, fields)),
        _FIELDS: _Late(made, _FIELDS, lambda: _standard_fields(cls)),
    }
    for name, attribute in ours.items():
        if namespace.get(name) is None:
            setattr(made, name, attribute)
    return made


class _Late:
    """An attribute of a class that is made when somebody asks for it."""

    __slots__ = ("_home", "_make", "_name")

    def __init__(self, home: type, name: str, make: Callable[[], object]) -> None:
        self._home, self._name, self._make = home, name, make

    def __get__(self, instance: object, owner: type) -> object:
        attribute = self._make()
        setattr(self._home, self._name, attribute)
        bind = getattr(attribute, "__get__", None)
        return bind(instance, owner) if bind else attribute


def _field(value: object) -> dataclasses.Field[object]:
    field = value if isinstance(value, dataclasses.Field) else dataclasses.field(default=value)
    return cast("dataclasses.Field[object]", field)


def _standard_fields(cls: type) -> object:
    """What `dataclasses` makes of the class as it was written."""
    return getattr(dataclasses.dataclass(init=False, repr=False, eq=False)(cls), _FIELDS)


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
        **({"__repr__": _repr} if shown else {}),
        **({"__reduce__": __reduce__} if reduced else {}),
    }


def _refuse(_self: object, name: str, _value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _repr(self: object) -> str:
    shown = (field.name for field in dataclasses.fields(self) if field.repr)  # type: ignore[arg-type]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _init(made: type, fields: Fields) -> Callable[..., None]:
    known: dict[str, object] = {"_unset": MISSING}
    taken, lines = ["self"], []
    for name, field in fields.items():
        value = name
        if field.default_factory is not MISSING:
            known[f"_new_{name}"] = field.default_factory
            value = f"_new_{name}() if {name} is _unset else {name}" if field.init else f"_new_{name}()"
            taken += [f"{name}=_unset"] if field.init else []
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            taken.append(f"{name}=_default_{name}")
        else:
            taken.append(name)
        known[f"_set_{name}"] = getattr(made, name).__set__  # the slot itself: quicker than `object.__setattr__`
        lines.append(f" _set_{name}(self, {value})")
    body = [*lines, *([" self.__post_init__()"] if hasattr(made, "__post_init__") else []), " return None"]
    exec(f"def __init__({', '.join(taken)}):\n" + "\n".join(body), known)  # noqa: S102 (as the standard library does)
    init = cast("Callable[..., None]", known["__init__"])
    init.__qualname__, init.__module__ = f"{made.__qualname__}.__init__", made.__module__
    return init


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, repr: bool = True) -> Callable[[Class], Class]:  # noqa: A002
        """A decorator, for the standard library's of the same name where frozen and slotted classes are meant."""
        if not (frozen and slots):
            raise TypeError("only for frozen classes with slots")
        return lambda cls: _make(cls, shown=repr)


__all__ = ["dataclass"]
