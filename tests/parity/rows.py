"""Rows of what users of another tool have: what stands here in the place of each, and the test that shows it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Shown = Callable[[Bench], None]
    ShownByName = Callable[[Bench, str], None]


@dataclass(frozen=True)
class Rows:
    """The rows of one tool, in the order of the documentation's table."""

    title: str
    here: dict[str, str] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)

    def row(self, name: str, here: str) -> Callable[[Shown], None]:
        """Let a function be the test of a row."""

        def note(test: Shown) -> None:
            assert name not in self.shown, name
            self.here[name], self.shown[name] = here, test

        return note

    def alike(self, here: str, *names: str) -> Callable[[ShownByName], None]:
        """Let a function be the test of several rows, of which it is given the name."""
        return self.each(dict.fromkeys(names, here))

    def each(self, here: Mapping[str, str]) -> Callable[[ShownByName], None]:
        """The same for rows of which each has its own words."""

        def note(test: ShownByName) -> None:
            for name, words in here.items():
                self.row(name, words)(lambda bench, name=name: test(bench, name))  # type: ignore[misc]

        return note

    def table(self) -> str:
        """The rows as the documentation shows them."""
        lines = [f"| {name} | {here} |" for name, here in self.here.items()]
        return "\n".join([f"## {self.title}", "", "| there | here |", "| --- | --- |", *lines, ""])


@contextmanager
def shop(folder: Path) -> Iterator[Bench]:
    """A service whose function imports `web`, which requires `core`; `jobs` and `tools` are there to be had."""
    with package_index(folder / "index") as index:
        make_wheel(index.folder, "web", requires=["core"])
        for name in ("core", "jobs", "tools"):
            make_wheel(index.folder, name)
        bench = Bench(folder / "service", folder / "store", index)
        bench.write({"app.py": "import web\n\n\ndef handler(event, context): ...\n", "requirements.txt": "web\n"})
        configure(bench)
        yield bench


API = "  api: {handler: app.handler}\n"


def configure(
    bench: Bench,
    functions: str = API,
    *,
    custom: str = "",
    package: str = "individually: true",
    provider: str = "",
    more: str = "",
) -> None:
    """Write the service's `serverless.yml`; `custom`, `package` and `provider` are the inside of maps."""
    provider = f"name: aws, runtime: python3.13{provider and ', ' + provider}"
    bench.write(
        {
            "serverless.yml": f"service: shop\nprovider: {{{provider}}}\n"
            f"package: {{{package}}}\ncustom: {{{custom}}}\n{more}functions:\n{functions}"
        }
    )


def distributions(bench: Bench, function: str = "api") -> list[str]:
    """What a build puts into a function."""
    return [each["name"] for each in bench.build()["functions"][function]["distributions"]]


def refused(bench: Bench, *arguments: str) -> str:
    """What a build says that ends with an error."""
    result = bench.slspack("build", *arguments)
    assert result.status in {1, 2, 3}, result.err
    return result.err


def sha256(bench: Bench, function: str = "api") -> str:
    """A function's artifact, as a build makes it."""
    digest = bench.build()["functions"][function]["sha256"]
    assert digest is not None
    return digest
