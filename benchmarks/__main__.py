"""`python -m benchmarks`: install the tools, measure them, print the tables, write results.json and results.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.results import Phase, Results, read_results, write_results
from benchmarks.services import SERVICES
from benchmarks.session import Session
from benchmarks.table import grids_of, page, terminal
from benchmarks.tools import TOOLS
from benchmarks.tools.base import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from benchmarks.tools.base import Tool

_HERE = Path(__file__).parent
_TITLES = {name: tool.title for name, tool in TOOLS.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is selected; 3 if a tool could not be installed."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    results_file: Path = options.results
    results = read_results(results_file)
    wanted = () if options.report_only else tuple(options.tools)
    versions = {name: version for name in wanted if (version := _installed(TOOLS[name], options.work, console))}
    # What is compared is measured one after another, so that a machine that is busy for a while is so for all.
    for service in options.services:
        for name, version in versions.items():
            results = _measure(TOOLS[name], version, service, options, results, console)
    _report(results, options.services, results_file.with_suffix(".md"), console)
    return 3 if len(versions) < len(wanted) else 0


def _installed(tool: Tool, work: Path, console: Console) -> str | None:
    """The tool's version; None, and a line that says why, where it could not be installed."""
    try:
        return tool.install(work.absolute() / "tools" / tool.name)
    except (OSError, subprocess.CalledProcessError) as error:
        console.print(f"{tool.name}: not installed: {error}", style="red", highlight=False)
        return None


def _measure(
    tool: Tool, version: str, service: str, options: argparse.Namespace, results: Results, console: Console
) -> Results:
    """The results with what this tool does on this service; kept in the file after every phase."""
    work: Path = options.work.absolute()
    site = Site(
        home=work / "tools" / tool.name,
        root=work / "services" / tool.name / service,
        caches=work / "caches" / tool.name / service,
    )
    session = Session(tool, SERVICES[service](), site, version, options.timeout)
    for measurement in session.measure([Phase(phase) for phase in options.phases]):
        shown = f"{measurement.seconds:9.3f} s  {measurement.outcome.value}  {measurement.note}"
        console.print(f"{tool.name:8} {service:10} {measurement.phase.value:22} {shown}", highlight=False)
        results = results.merged([measurement])
        write_results(results, options.results)
    return results


def _report(results: Results, services: Sequence[str], path: Path, console: Console) -> None:
    for service in services:
        if any(one.service == service for one in results.measurements):
            console.rule(service)
            for grid in grids_of(results, service, _TITLES):
                console.print(terminal(grid))
    path.write_text(page(results, {name: make().summary for name, make in SERVICES.items()}, _TITLES), "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    phases = [phase.value for phase in Phase]
    parser.add_argument("--tools", type=_names(TOOLS), default=list(TOOLS), help=f"of: {', '.join(TOOLS)}")
    parser.add_argument("--services", type=_names(SERVICES), default=list(SERVICES), help=f"of: {', '.join(SERVICES)}")
    parser.add_argument("--phases", type=_names(phases), default=phases, help=f"of: {', '.join(phases)}")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for one build (600)")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "slspack-benchmarks",
        help="where tools, services and caches go; kept, so that the tools are installed once",
    )
    parser.add_argument("--results", type=Path, default=_HERE / "results.json", help="the file that is added to")
    parser.add_argument("--report-only", action="store_true", help="measure nothing; write the tables again")
    return parser


def _names(known: Collection[str]) -> Callable[[str], list[str]]:
    """A parser of names with commas between them, each of which must be known; they are put into the known order."""

    def parse(text: str) -> list[str]:
        wanted = [name.strip() for name in text.split(",")]
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)} (known: {', '.join(known)})")
        return [name for name in known if name in wanted]

    return parse


if __name__ == "__main__":
    sys.exit(main())
