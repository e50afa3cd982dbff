"""What one source file says about imports and names: a pure function of its bytes and the target's Python."""

from __future__ import annotations

from slspack.frozen import dataclass

FACTS_VERSION = 2
"""Part of every key under which facts are kept; raised whenever the same source would give other facts."""


@dataclass(frozen=True, slots=True)
class ImportFact:
    """One import as written. `level` counts the leading dots of a relative one; lines and columns count from 1."""

    module: str
    """Without the leading dots; empty in `from . import x`."""
    level: int
    names: tuple[str, ...]
    """What a `from` import takes, `*` for all; empty for `import x` and `import_module("x")`."""
    optional: bool
    """Whether its failure is caught."""
    deferred: bool
    """Whether it stands in a function, so that importing the file does not yet import it."""
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A place in the source and what is to be said of it."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of one source file."""

    imports: tuple[ImportFact, ...]
    """In the order of the source, those that can't run on the target left out."""
    dynamic: tuple[Remark, ...]
    """Calls that import a module whose name is known only at run time, as written."""
    names: frozenset[str] | None
    """What the module defines at its top level; None where that can't be told (star import, `__getattr__`…)."""
    exports: tuple[str, ...]
    """The literal part of `__all__`."""
    literals: frozenset[str]
    """String literals that may be a relative path, or the name of a file or folder."""
    open_path: bool
    """Whether it may find its submodules elsewhere: it touches `__path__` or `sys.modules`."""
    given_up: tuple[Remark, ...] = ()
    """What syntax newer than the Python that runs slspack hid."""
    spelled: tuple[ImportFact, ...] = ()
    """Dotted names in strings, each of which may be a module's or an attribute's of one."""
    apps: tuple[ImportFact, ...] = ()
    """What stands in Django's lists of apps."""
