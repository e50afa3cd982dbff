"""What native code that cannot be loaded means: which of it is an error, and how it is said.

What is loaded when a module is imported has to load. A library that is opened by name, at run time, may be a variant,
or of use only beside a device: it is an error where nothing native of its distribution loads.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.check.loading import Fault, judge
from slspack.codes import Code
from slspack.frozen import dataclass
from slspack.model import ElfKind, Finding, Severity
from slspack.targets import device_drivers, runtime_libraries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from slspack.check.loading import Problem, Verdict
    from slspack.model import ElfFile, LockedDistribution, Target

_CODES = {
    Fault.DAMAGED: Code.NATIVE_DAMAGED,
    Fault.MISALIGNED: Code.NATIVE_DAMAGED,
    Fault.MACHINE: Code.NATIVE_MACHINE,
    Fault.PYTHON: Code.NATIVE_PYTHON,
    Fault.LOADER: Code.NATIVE_LIBRARY,
    Fault.LIBRARY: Code.NATIVE_LIBRARY,
    Fault.VERSION: Code.NATIVE_VERSION,
}
_NAMED = 3


@dataclass(frozen=True, slots=True)
class NativePart:
    """The ELF files that one wheel, or the service itself (None), brings into an artifact."""

    distribution: LockedDistribution | None
    files: tuple[ElfFile, ...]


@dataclass(frozen=True, slots=True)
class NativeArtifact:
    """All native code of one artifact."""

    functions: tuple[str, ...]
    target: Target
    parts: tuple[NativePart, ...]
    opaque_layers: bool = False
    """Whether a layer that slspack cannot look into may bring libraries."""
    ignored: tuple[str, ...] = ()
    """Distributions, libraries and files, by name or glob, of which nothing is said: the user knows better."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What findings of several files and artifacts have in common, so that they are one."""

    distribution: LockedDistribution | None
    target: Target
    severity: Severity
    fault: Fault
    what: str
    version: str


def check_native(artifacts: Iterable[NativeArtifact]) -> tuple[Finding, ...]:
    """SLS0710 to SLS0714 for everything that the dynamic loader or Python's import of a target would refuse."""
    problems: dict[_Key, dict[str, Problem]] = defaultdict(dict)
    functions: dict[_Key, dict[str, None]] = defaultdict(dict)
    for artifact in artifacts:
        files = [file for part in artifact.parts for file in part.files]
        if not files:
            continue
        verdict = judge(files, artifact.target)
        faulty = {str(problem.file.name): problem for problem in verdict.problems}
        if not faulty:
            continue
        for part in artifact.parts:
            for problem, severity in _weighed(part, artifact, verdict):
                key = _key(part, problem, severity, artifact.target)
                problems[key].setdefault(problem.file.name, problem)
                functions[key].update(dict.fromkeys(artifact.functions))
    return tuple(_finding(key, list(found.values()), list(functions[key])) for key, found in problems.items())


def _key(part: NativePart, problem: Problem, severity: Severity, target: Target) -> _Key:
    version = problem.want.version if problem.want else ""
    what = problem.what
    if severity is Severity.NOTICE:
        what = version = ""  # one notice for all that a distribution leaves out
    return _Key(part.distribution, target, severity, problem.fault, what, version)


def _weighed(part: NativePart, artifact: NativeArtifact, verdict: Verdict) -> list[tuple[Problem, Severity]]:
    """The problems of one part's files that are worth a word, and how much they matter."""
    own = {str(file.name) for file in part.files}
    problems = [problem for problem in verdict.problems if str(problem.file.name) in own]
    if not problems:
        return []
    part_view = _Part(part, verdict.broken, verdict.imported)
    weighed = [(problem, part_view.severity(problem)) for problem in problems]
    if artifact.opaque_layers:
        weighed = [(p, Severity.WARNING if s and p.fault is Fault.LIBRARY else s) for p, s in weighed]
    return [(p, severity) for p, severity in weighed if severity is not None and not _is_ignored(p, part, artifact)]


def _is_ignored(problem: Problem, part: NativePart, artifact: NativeArtifact) -> bool:
    names = [str(problem.file.name)]
    if problem.fault in (Fault.LIBRARY, Fault.VERSION):
        names.append(problem.what)
    if part.distribution is not None:
        names.append(part.distribution.name)
    return any(fnmatchcase(name, glob) for glob in artifact.ignored for name in names)


class _Part:
    """The files of one source, to weigh each problem against what else it brings."""

    def __init__(self, part: NativePart, broken: Collection[str], imported: Collection[str]) -> None:
        self._built = part.distribution is None or part.distribution.built is not None
        platform = part.distribution.wheel.filename.rpartition("-")[2] if part.distribution else ""
        self._portable = platform == "any.whl"
        self._repaired = "manylinux" in platform
        self._own = part.distribution is None
        self._imported = imported
        self._files = part.files
        good = [f for f in part.files if str(f.name) not in broken and f.kind in (ElfKind.LIBRARY, ElfKind.PROGRAM)]
        self._loads_any = bool(good)
        self._loads_module = any(file.module for file in good)
        self._good_modules = {_module(file) for file in good if file.module}
        self._good_names = {file.name.rpartition("/")[2] for file in good}

    def severity(self, problem: Problem) -> Severity | None:
        """How much a problem matters; None: not at all."""
        file = problem.file
        if file.module and (file.has_twin or _module(file) in self._good_modules) and _is_variant(problem):
            return None
        if file.kind is ElfKind.PROGRAM:
            return None if _is_variant(problem) and self._loads_any else Severity.WARNING
        if problem.fault is Fault.LIBRARY and problem.what in device_drivers():
            return None
        required = file.module or str(file.name) in self._imported
        if self._own:
            other = problem.fault is Fault.MACHINE and file.name.rpartition("/")[2] in self._good_names
            return None if other else Severity.ERROR
        if _is_variant(problem):
            return self._of_variant(required=required)
        if problem.fault is Fault.LIBRARY and self._repaired and not self._built:
            # Whoever repaired the wheel left the library out by intent: of use only where the user has it.
            left_out = self._loads_module if required else self._loads_any
            return Severity.NOTICE if left_out else Severity.ERROR
        return Severity.ERROR if required or not self._loads_any else Severity.WARNING

    def _of_variant(self, *, required: bool) -> Severity | None:
        """Of another machine or Python, with nothing in its place."""
        if not required and self._loads_any:
            return None
        return Severity.WARNING if self._portable else Severity.ERROR


def _is_variant(problem: Problem) -> bool:
    if problem.fault is Fault.LIBRARY:
        return "musl" in problem.what
    return problem.fault in (Fault.MACHINE, Fault.PYTHON, Fault.LOADER)


def _module(file: ElfFile) -> str:
    folder, _, name = file.name.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


def _finding(key: _Key, problems: Sequence[Problem], functions: Sequence[str]) -> Finding:
    first = problems[0]
    more = f" (nor {_count(len(problems) - 1, 'more file')} of it)" if len(problems) > 1 else ""
    whose = f" of `{key.distribution.name}` {key.distribution.version}" if key.distribution else ""
    verb = "run" if first.file.kind is ElfKind.PROGRAM else "be loaded"
    message = f"`{first.file.name}`{whose}{more} cannot {verb}{_listed(functions)}: {_reason(first, key.target)}"
    return Finding(
        _CODES[key.fault],
        key.severity,
        message,
        hint=_hint(key) + (_unless(key, first) if key.severity is Severity.ERROR else ""),
        function=functions[0] if len(functions) == 1 else None,
    )


def _reason(problem: Problem, target: Target) -> str:
    system = runtime_libraries(target).system
    match problem.fault:
        case Fault.DAMAGED:
            return "it begins as an ELF file, but cannot be read as one"
        case Fault.MISALIGNED:
            return "a load segment is not where its alignment wants it, as happens to a stripped or patched library"
        case Fault.MACHINE:
            return f"it is for {problem.what}, the function runs on {target.architecture.value}"
        case Fault.PYTHON:
            return f"its suffix `.{problem.what}.so` is not one that {_python(target)} imports"
        case Fault.LOADER:
            return f"its dynamic loader `{problem.what}` is not that of {system}"
        case Fault.LIBRARY:
            return f"it needs `{problem.what}`, which neither {system} nor the artifact has"
        case Fault.VERSION:
            return _too_new(problem, target)


def _too_new(problem: Problem, target: Target) -> str:
    runtime = runtime_libraries(target)
    want = problem.want
    if want is None:
        return f"it needs a newer `{problem.what}`"
    symbol = f" (for `{want.symbol}`)" if want.symbol else ""
    family = "GLIBC" if want.version.startswith("GLIBC_ABI") else want.version.rpartition("_")[0]
    newest = runtime.newest.get(family)
    if newest is None or want.library not in runtime.sonames:
        return f"it needs `{want.version}`{symbol} of `{want.library}`, which the artifact's `{want.library}` lacks"
    has = f"{family}_{'.'.join(map(str, newest))}"
    return f"it needs `{want.version}`{symbol} of `{want.library}`, {runtime.system} has up to `{has}`"


def _hint(key: _Key) -> str:
    target, distribution = key.target, key.distribution
    glibc = f"glibc {target.glibc[0]}.{target.glibc[1]}"
    if key.severity is Severity.NOTICE:
        return "nothing has to be done, unless the function uses that part of the distribution"
    if key.fault is Fault.LIBRARY and distribution is not None and distribution.built is None:
        return f"put `{key.what}` into `lib/` of the service, or build the wheel with it inside (`builder: docker`)"
    if distribution is None:
        return (
            f"build it on {target.architecture.value} for {_python(target)} and {glibc}, with its libraries beside it"
        )
    if distribution.built is not None:
        return "let it be built by `builder: docker` or `builder: cross`, which build for the runtime"
    wanted = f"{_python(target)} on {target.architecture.value}"
    return f"choose another version of `{distribution.name}`, or have it built for {wanted}"


def _unless(key: _Key, problem: Problem) -> str:
    """How to have it all the same."""
    if key.fault is Fault.LIBRARY or key.distribution is None:
        name = problem.what if key.fault is Fault.LIBRARY else str(problem.file.name)
    else:
        name = key.distribution.name
    return f"; if you know that it loads all the same: `native: {{ignore: ['{name}']}}`"


def _python(target: Target) -> str:
    return f"CPython {target.python[0]}.{target.python[1]}"


def _listed(functions: Sequence[str]) -> str:
    """Which functions it concerns; a single one stands in the finding itself."""
    if len(functions) == 1:
        return ""
    shown = " in " + ", ".join(f"`{name}`" for name in functions[:_NAMED])
    return shown + (f" and {_count(len(functions) - _NAMED, 'more function')}" if len(functions) > _NAMED else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
