"""Which of the service's own files go into an artifact: what was traced, then what patterns add and take out."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from slspack.bundle.patterns import Rules
from slspack.bundle.routes import literal_lead
from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import ArchivePath, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.bundle.patterns import Front
    from slspack.model import FirstPartyModule, Function, ModuleGraph, Pattern
    from slspack.tree import ServiceTree


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the service that goes in, and why."""

    path: str
    archive: ArchivePath
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """The service's own files of one artifact, sorted by the bytes of their archive names, then by path."""

    files: tuple[OwnFile, ...]
    findings: tuple[Finding, ...] = ()


def collect(function: Function, graph: ModuleGraph, tree: ServiceTree) -> Collected:
    """Take the reached modules and their data, then let `function.patterns` take files out and add others.

    The tree is walked only where a pattern can add something. Raises SLS0602 if a pattern names a symbolic link that
    leads out of the service.
    """
    rules = Rules.of(function.patterns)
    kept: dict[str, OwnFile] = {}
    removed: dict[Pattern, list[FirstPartyModule]] = {}
    for module in graph.modules:
        deciding = rules.deciding(module.path)
        if deciding is None or deciding.include:
            kept[module.path] = OwnFile(module.path, module.archive, _module_reason(module))
        else:
            removed.setdefault(deciding, []).append(module)
    for data in graph.data:
        deciding = rules.deciding(data.path)
        if deciding is None or deciding.include:
            kept.setdefault(data.path, OwnFile(data.path, data.archive, data.reason))
    for path, pattern in _added(rules, tree):
        if path not in kept:
            archive = _archive_path(path, function.source_roots)
            kept[path] = OwnFile(path, archive, f"added by the pattern `{pattern.glob}`")
    files = sorted(kept.values(), key=lambda file: (_bytes(file.archive), _bytes(file.path)))
    return Collected(tuple(files), tuple(_removal(*item, function.name) for item in removed.items()))


def unused_patterns(functions: Iterable[Function], tree: ServiceTree) -> tuple[Finding, ...]:
    """A warning (SLS0605) for each pattern that adds nothing for any function, because it matches no file.

    Negated patterns are left in peace: users carry many from one service to the next.
    """
    patterns = dict.fromkeys(p for function in functions for p in function.patterns if p.include)
    unmatched = [p for p in patterns if next(_added(Rules.of((p,)), tree), None) is None]
    return tuple(
        Finding(
            Code.PATTERN_UNUSED,
            Severity.WARNING,
            f"the pattern `{pattern.glob}` matches no file",
            pattern.location,
            _unused_hint(pattern.glob, tree),
        )
        for pattern in unmatched
    )


def _unused_hint(glob: str, tree: ServiceTree) -> str:
    plain = glob.removeprefix("./").rstrip("/")
    if glob.startswith("/"):
        return f"patterns are relative to the service's folder: write `{glob.lstrip('/')}`"
    if glob.startswith("../"):
        return "only files of the service can be packaged; copy it into the service"
    if plain and tree.is_folder(plain):
        return f"`{plain}` is a folder: write `{plain}/**` for the files in it"
    return (
        "correct it, or remove it; a wildcard does not match what is excluded by default (`docs/reference/excludes.md`)"
    )


def _added(rules: Rules, tree: ServiceTree) -> Iterator[tuple[str, Pattern]]:
    """Every file that a pattern adds, and that pattern."""
    front = rules.front()
    if not front.tracks:
        return
    for rule in rules.rules:
        if rule.pattern.include:
            _refuse_escape(rule.pattern.glob, tree)
    yield from _walk(".", front, tree, frozenset({os.path.realpath(tree.root)}))


def _refuse_escape(glob: str, tree: ServiceTree) -> None:
    """Raise SLS0602 if a pattern spells a path through a link that leads out: listings do not show such links."""
    folder = "."
    for name in literal_lead(glob).split("/"):
        if name in ("", ".", ".."):
            return
        path = name if folder == "." else f"{folder}/{name}"
        if name not in tree.children(folder):
            tree.resolve(path)
            return
        folder = path


def _walk(folder: str, front: Front, tree: ServiceTree, above: frozenset[str]) -> Iterator[tuple[str, Pattern]]:
    for name, is_folder in tree.children(folder).items():
        path = name if folder == "." else f"{folder}/{name}"
        if not is_folder:
            pattern = front.adds(path, name)
            if pattern is not None:
                yield path, pattern
            continue
        inner = front.enter(path, name)
        if inner is not None:
            real = os.path.realpath(tree.root / path)
            if real not in above:  # a folder linked into itself
                yield from _walk(path, inner, tree, above | {real})


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _archive_path(path: str, source_roots: tuple[str, ...]) -> ArchivePath:
    """Relative to the first source root that the file lies under, since that root stands for the artifact's."""
    for root in source_roots:
        if root == ".":
            break
        if path.startswith(f"{root}/"):
            return ArchivePath(posixpath.relpath(path, root))
    return ArchivePath(path)


def _module_reason(module: FirstPartyModule) -> str:
    return "the handler's module" if module.importer is None else f"imported by `{module.importer}`"


def _removal(pattern: Pattern, modules: list[FirstPartyModule], function: str) -> Finding:
    names = [f"`{module.name}`" for module in modules]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Finding(
        Code.PATTERN_REMOVES_MODULE,
        Severity.WARNING,
        f"the pattern `!{pattern.glob}` takes out {shown}, which the handler of `{function}` reaches",
        pattern.location,
        "remove the pattern, or add the modules again with a pattern after it",
        function,
    )
