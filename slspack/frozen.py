"""Frozen dataclasses with slots, made in a third of the time: a build makes more than a hundred classes of them.

The standard library writes and compiles six methods a class, which takes longer than all else that importing slspack's
modules does. Here one is compiled, `__init__`; the others are shared. `fields` and `replace` take these classes as any.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Class = TypeVar("Class", bound=type)
_Values = tuple[object, ...]


def _make(cls: Class, *, shown: bool) -> Class:
    cls.__doc__ = cls.__doc__ or cls.__name__  # or the standard library spells the signature out
    make = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)
    made = cast("Class", make(cast("type[object]", cls)))
    fields = dataclasses.fields(made)
    values = _getter([field.name for field in fields])
    compared = _getter([field.name for field in fields if field.compare])
    own = {**vars(made)}
    for name, method in _methods(values, compared, shown=shown, reduced=all(field.init for field in fields)).items():
        if own.get(name) is None:
            setattr(made, name, method)
    init = _init(fields, after="__post_init__" in own)
    init.__qualname__ = f"{made.__qualname__}.__init__"
    init.__module__ = made.__module__
    setattr(made, "__init__", init)  # noqa: B010 (no type checker has a name for it)
    return made


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


def _init(fields: Iterable[dataclasses.Field[object]], *, after: bool) -> Callable[..., None]:
    known: dict[str, object] = {"_set": object.__setattr__, "_unset": dataclasses.MISSING}
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
        lines.append(f" _set(self, {name!r}, {value})")
    body = [*lines, *([" self.__post_init__()"] if after else []), " return None"]
    exec(f"def __init__({', '.join(taken)}):\n" + "\n".join(body), known)  # noqa: S102 (as the standard library does)
    return cast("Callable[..., None]", known["__init__"])


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, repr: bool = True) -> Callable[[Class], Class]:  # noqa: A002
        """A decorator, for the standard library's of the same name where frozen and slotted classes are meant."""
        if not (frozen and slots):
            raise TypeError("only for frozen classes with slots")
        return lambda cls: _make(cls, shown=repr)


__all__ = ["dataclass"]
