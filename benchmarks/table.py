"""Results as tables: for a terminal and for a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.measure import Outcome
from benchmarks.results import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.table import Table

    from benchmarks.results import Measurement, Results

OURS = "slspack"
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before it looks like anything; the first column is text, the others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grids_of(results: Results, service: str, tools: Mapping[str, str]) -> list[Grid]:
    """What is known of one service: seconds, ratios, CPU, memory, artifacts. `tools` gives titles, in order."""
    measured = {
        (tool, phase): found for tool in tools for phase in Phase if (found := results.find(tool, service, phase))
    }
    present = {tool: title for tool, title in tools.items() if any(key[0] == tool for key in measured)}
    phases = tuple(phase for phase in Phase if any(key[1] is phase for key in measured))
    header = ("", *(phase.value for phase in phases))

    def grid(title: str, shown: Callable[[Measurement], str]) -> Grid:
        def cell(tool: str, phase: Phase) -> str:
            found = measured.get((tool, phase))
            return shown(found) if found else _NOTHING

        rows = ((name, *(cell(tool, phase) for phase in phases)) for tool, name in present.items())
        return Grid(title, header, tuple(rows))

    def compared(values: Grid, title: str, taken: Callable[[Measurement], float]) -> Grid:
        ratios = (_ratio(results, service, phase, tuple(tools), taken) for phase in phases)
        return replace(values, rows=(*values.rows, (title, *ratios)))

    cpu = grid("CPU seconds, all processes", lambda one: _if_done(one, _three_digits(one.cpu_seconds)))
    return [
        compared(grid("Wall seconds", _seconds), "fastest of the others ÷ slspack", lambda one: one.seconds),
        compared(cpu, "thriftiest of the others ÷ slspack", lambda one: one.cpu_seconds),
        grid("Peak memory, MB, all processes", _peak),
        _artifacts(measured, present),
    ]


def _seconds(one: Measurement) -> str:
    if one.outcome is Outcome.TIMED_OUT:
        return f"stopped after {one.seconds:.0f}"
    return _if_done(one, _three_digits(one.seconds))


def _peak(one: Measurement) -> str:
    return _NOTHING if one.peak_bytes is None else f"{one.peak_bytes / 1e6:.0f}"


def _if_done(one: Measurement, text: str) -> str:
    return text if one.outcome is Outcome.DONE else one.outcome.value


def _ratio(
    results: Results, service: str, phase: Phase, tools: Sequence[str], taken: Callable[[Measurement], float]
) -> str:
    """How many times as much the best peer takes, of those whose artifacts were right."""
    ours = results.find(OURS, service, phase)
    peers = [
        taken(found)
        for tool in tools
        if tool != OURS and (found := results.find(tool, service, phase)) and found.is_right
    ]
    if ours is None or not ours.is_right or not peers:
        return _NOTHING
    return f"{_three_digits(min(peers) / taken(ours))} x"


def _artifacts(measured: Mapping[tuple[str, Phase], Measurement], tools: Mapping[str, str]) -> Grid:
    """What the builds from nothing made, and whether every build made it right."""
    rows = []
    for tool, name in tools.items():
        of_tool = [one for (of, _), one in measured.items() if of == tool and one.outcome is Outcome.DONE]
        if not of_tool:
            rows.append((name, *[_NOTHING] * 4))
            continue
        first = of_tool[0]
        asked, right = sum(one.asked for one in of_tool), sum(one.right for one in of_tool)
        rows.append(
            (
                name,
                _per_function(first.zipped_bytes, first.functions),
                _per_function(first.unzipped_bytes, first.functions),
                _identity([one.identical for one in of_tool if one.identical is not None]),
                "yes" if asked == right else f"{right} of {asked}",
            )
        )
    header = ("", "kB per function, zipped", "kB per function, unzipped", "built twice, identical", "handlers answer")
    return Grid("Artifacts", header, tuple(rows))


def _per_function(size: int | None, functions: int) -> str:
    return _NOTHING if size is None else f"{size / functions / 1e3:,.0f}"


def _identity(known: Sequence[bool]) -> str:
    if not known:
        return _NOTHING
    return "yes" if all(known) else "no"


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def markdown(grid: Grid) -> str:
    """The grid as a table of GitHub's Markdown, under its title."""
    lines = [f"**{grid.title}**", "", _line(grid.header), _line(["---", *["---:"] * (len(grid.header) - 1)])]
    return "\n".join([*lines, *(_line(row) for row in grid.rows)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def terminal(grid: Grid) -> Table:
    """The grid for a terminal."""
    from rich.table import Table

    table = Table(title=grid.title, title_justify="left")
    for position, heading in enumerate(grid.header):
        table.add_column(heading, justify="right" if position else "left")
    for row in grid.rows:
        table.add_row(*row)
    return table


def page(results: Results, services: Mapping[str, str], tools: Mapping[str, str]) -> str:
    """The whole of results.md; `services` and `tools` give titles, in order."""
    dates = sorted({one.date for one in results.measurements})
    parts = [
        "# Results of `python -m benchmarks`\n",
        f"Machine: {results.machine}. Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))}.\n"
        if dates
        else "Nothing has been measured yet.\n",
        (
            "What is measured, and how to repeat it: [docs/benchmarks.md](../docs/benchmarks.md). Each number is the"
            " median of its rounds. Other work on the machine makes wall seconds worse for all: take the ratios.\n"
        ),
    ]
    for service, summary in services.items():
        if any(one.service == service for one in results.measurements):
            grids = grids_of(results, service, tools)
            parts += [f"## {summary} (`{service}`)\n", *(markdown(grid) for grid in grids)]
            parts += _notes(results, service, tools)
    versions = dict.fromkeys((tools[one.tool], one.version) for one in results.measurements if one.tool in tools)
    parts += ["## Versions\n", *(f"- {title}: {version}" for title, version in versions)]
    return "\n".join(parts) + "\n"


def _notes(results: Results, service: str, tools: Mapping[str, str]) -> list[str]:
    noted = [one for one in results.measurements if one.service == service and one.note and one.tool in tools]
    lines = [f"- {tools[one.tool]}, {one.phase.value}: {one.note}" for one in noted]
    return [*lines, ""] if lines else []
