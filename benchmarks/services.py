"""Services made by rule: the same arguments give the same files, byte for byte, on every machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

RUNTIME = "python3.13"
PACKAGE = "shop"


@dataclass(frozen=True, slots=True)
class State:
    """What has been edited so far; a tool's work in a phase is to follow from one state to the next."""

    handler_revision: int = 0
    shared_revision: int = 0
    bumped: bool = False


@dataclass(frozen=True, slots=True)
class BenchFunction:
    """One function: what its handler imports, and what its author would copy and list for it by hand."""

    name: str
    needs: tuple[str, ...]
    modules: tuple[str, ...]
    folders: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where its handler lies, from the service's folder."""
        return f"functions/{self.name}"

    @property
    def handler(self) -> str:
        """The handler as Lambda reads it."""
        return f"{self.folder}/handler.handler"


@dataclass(frozen=True, slots=True)
class BenchService:
    """A service: functions over one first-party package, requirements in a single file.

    `pins` gives the version of each listed distribution, `bump` the one that the last phase changes and to what;
    `library` the first-party package's files. The first function is the one whose handler is edited.
    """

    name: str
    summary: str
    functions: tuple[BenchFunction, ...]
    pins: Mapping[str, str]
    bump: tuple[str, str]
    library: Mapping[str, str]
    handler: Callable[[BenchFunction, int], str] = field(default=sources.handler)

    def pins_in(self, state: State) -> dict[str, str]:
        """The version of each listed distribution."""
        return {**self.pins, **({self.bump[0]: self.bump[1]} if state.bumped else {})}

    def requirements(self, state: State) -> str:
        """The service's one requirements.txt."""
        return _pinned(self.pins_in(state))

    def requirements_of(self, function: BenchFunction, state: State) -> str:
        """The requirements that the author of one function would keep for it by hand."""
        pins = self.pins_in(state)
        return _pinned({need: pins[need] for need in function.needs})

    def files(self, state: State) -> dict[str, str]:
        """Every file that all tools are given, by POSIX path."""
        files = {
            "requirements.txt": self.requirements(state),
            **self.library,
            f"{PACKAGE}/settings.py": sources.settings(state.shared_revision),
        }
        for position, function in enumerate(self.functions):
            revision = state.handler_revision if position == 0 else 0
            files[f"{function.folder}/handler.py"] = self.handler(function, revision)
        return files

    def expected(self, function: BenchFunction, state: State) -> dict[str, object]:
        """What the function's handler answers when its artifact is fresh and whole."""
        pins = self.pins_in(state)
        return {
            "function": function.name,
            "revision": state.handler_revision if function == self.functions[0] else 0,
            "shared": state.shared_revision,
            "versions": {need: pins[need] for need in function.needs},
        }

    def representatives(self) -> tuple[BenchFunction, ...]:
        """The edited function, and the first of each different set of needs: those whose artifacts are tried."""
        first: dict[tuple[str, ...], BenchFunction] = {}
        for function in self.functions:
            first.setdefault(function.needs, function)
        return tuple(dict.fromkeys((self.functions[0], *first.values())))


def flask_service() -> BenchService:
    """One function behind Flask."""
    return BenchService(
        name="flask-1",
        summary="1 Flask function",
        functions=(BenchFunction("api", ("Flask",), (f"{PACKAGE}.pricing",), (PACKAGE,)),),
        pins={"Flask": "3.1.1"},
        bump=("Flask", "3.1.2"),
        library=_package({f"{PACKAGE}/pricing.py": sources.module("pricing", [f"{PACKAGE}.settings"], lines=60)}),
        handler=sources.flask_handler,
    )


# What the handlers of the shared service need: two take nothing from the package index.
_NEEDS: tuple[tuple[str, ...], ...] = (
    ("PyJWT", "cryptography"),
    ("pandas", "numpy"),
    ("pydantic",),
    ("requests",),
    ("Jinja2",),
    (),
    ("pandas", "numpy", "pydantic"),
    ("SQLAlchemy", "pydantic"),
    ("Pillow",),
    ("numpy",),
)
_SHARED_PINS = {
    "Jinja2": "3.1.6",
    "Pillow": "12.0.0",
    "PyJWT": "2.9.0",
    "SQLAlchemy": "2.0.44",
    "cryptography": "46.0.3",
    "numpy": "2.3.4",
    "pandas": "2.3.3",
    "pydantic": "2.12.3",
    "requests": "2.32.5",
}


def shared_service(functions: int = 20, modules: int = 60) -> BenchService:
    """Functions of ten different needs over a shared first-party package; a single requirements file for all."""
    names = [f"m{number:03}" for number in range(modules)]
    library = {f"{PACKAGE}/{name}.py": _chained(PACKAGE, names, number) for number, name in enumerate(names)}
    return BenchService(
        name=f"shared-{functions}",
        summary=f"{functions} functions over a shared package of {modules} modules, with pandas, NumPy, cryptography…",
        functions=tuple(
            BenchFunction(
                name=f"f{number:02}",
                needs=_NEEDS[number % len(_NEEDS)],
                modules=tuple(f"{PACKAGE}.{names[_choice(number, turn, modules)]}" for turn in range(3)),
                folders=(PACKAGE,),
            )
            for number in range(functions)
        ),
        pins=_SHARED_PINS,
        bump=("PyJWT", "2.10.1"),
        library=_package(library),
    )


_LIGHT_NEEDS: tuple[tuple[str, ...], ...] = (("attrs",), ("python-dateutil",), ("idna",), ())


def light_service(functions: int = 1000, files_per_function: int = 10) -> BenchService:
    """Many light functions; `files_per_function` first-party files for each, one of them in the shared core."""
    core = [f"c{number:04}" for number in range(functions - len(("settings", "shop", "core", "domains")))]
    library = {f"{PACKAGE}/core/__init__.py": "", f"{PACKAGE}/domains/__init__.py": ""}
    library |= {f"{PACKAGE}/core/{name}.py": _chained(f"{PACKAGE}.core", core, n) for n, name in enumerate(core)}
    made = []
    for number in range(functions):
        domain = f"{PACKAGE}.domains.d{number:04}"
        steps = [f"s{step}" for step in range(files_per_function - 3)]
        library |= _domain(domain, steps, f"{PACKAGE}.core.{core[_choice(number, 0, len(core))]}")
        made.append(
            BenchFunction(
                name=f"f{number:04}",
                needs=_LIGHT_NEEDS[number % len(_LIGHT_NEEDS)],
                modules=(f"{domain}.{steps[-1]}",),
                folders=(
                    f"{PACKAGE}/__init__.py",
                    f"{PACKAGE}/settings.py",
                    f"{PACKAGE}/core",
                    f"{PACKAGE}/domains/__init__.py",
                    f"{PACKAGE}/domains/d{number:04}",
                ),
            )
        )
    return BenchService(
        name=f"light-{functions}",
        summary=f"{functions:,} light functions over {functions * files_per_function:,} first-party files",
        functions=tuple(made),
        pins={"attrs": "25.3.0", "idna": "3.11", "python-dateutil": "2.9.0.post0"},
        bump=("attrs", "25.4.0"),
        library=_package(library),
    )


SERVICES: Mapping[str, Callable[[], BenchService]] = {
    "flask-1": flask_service,
    "shared-20": shared_service,
    "light-100": lambda: light_service(functions=100),
    "light-1000": light_service,
}


def write_changes(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Write below `root` the files that differ; a file that is no longer there is removed."""
    for name in before.keys() - after.keys():
        (root / name).unlink()
    for name, text in after.items():
        if before.get(name) != text:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def _package(library: Mapping[str, str]) -> dict[str, str]:
    return {f"{PACKAGE}/__init__.py": "", **library}


def _domain(package: str, steps: list[str], core: str) -> dict[str, str]:
    """One function's own modules, each importing the one before it."""
    folder = package.replace(".", "/")
    files = {f"{folder}/__init__.py": ""}
    before = core
    for step in steps:
        files[f"{folder}/{step}.py"] = sources.module(f"{package}.{step}", [before], lines=30)
        before = f"{package}.{step}"
    return files


def _chained(package: str, names: list[str], number: int) -> str:
    """A module that imports one before it in the list; the first of them imports the settings."""
    before = f"{package}.{names[_choice(number, 7, number)]}" if number else f"{PACKAGE}.settings"
    return sources.module(f"{package}.{names[number]}", [before], lines=40)


def _choice(number: int, turn: int, choices: int) -> int:
    """A fixed number below `choices` that looks like chance (no library's random numbers: those may change)."""
    return int.from_bytes(hashlib.sha256(f"{number}/{turn}".encode()).digest()[:8], "big") % choices


def _pinned(pins: Mapping[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))
