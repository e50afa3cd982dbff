"""The table that people see at the end of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from slspack.report.manifest import FunctionRecord, Manifest

_MANY = 60
"""From so many functions on, those that did not change have no row."""
_NO_EDGE = 10_000
"""Columns of a table that goes into a file or a log, where nothing says how wide it may be."""
_UNITS = ("B", "kB", "MB", "GB")


def print_table(manifest: Manifest, stream: TextIO) -> None:
    """Print one row a function: what it weighs, what it holds, what was left out, whether it was built again."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("function", overflow="fold")
    table.add_column("target", style="dim", min_width=10)
    for heading in ("zip", "unzipped", "files", "wheels", "left out", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, record in _shown(manifest).items():
        table.add_row(
            name,
            f"{record['runtime']} {record['architecture']}",
            human_size(record["bytes"]) if record["sha256"] else "-",
            human_size(record["unzipped_bytes"]),
            str(record["entries"]),
            str(len(record["distributions"])),
            human_size(record["excluded"]["bytes"]),
            "unchanged" if record["cached"] else "built",
        )
    console = Console(file=stream, highlight=False, width=None if stream.isatty() else _NO_EDGE)
    console.print(table)
    console.print(_summary(list(manifest.record["functions"].values()), manifest))


def _shown(manifest: Manifest) -> Mapping[str, FunctionRecord]:
    """The rows: of a service with very many functions only those that were built."""
    functions = manifest.record["functions"]
    if len(functions) <= _MANY:
        return functions
    return {name: record for name, record in functions.items() if not record["cached"]}


def human_size(size: int) -> str:
    """A size in bytes for people, in powers of 1,000: `874 B`, `1.2 MB`."""
    value = float(size)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable: the last unit always returns")


def _summary(records: list[FunctionRecord], manifest: Manifest) -> str:
    built = len({r["artifact"] for r in records if not r["cached"]})
    kept = len({r["artifact"] for r in records if r["cached"]})
    seconds = sum(manifest.record["timings"].values())
    warnings = len(manifest.record["warnings"])
    words = [f"{built} built", f"{kept} unchanged"] if kept else [f"{built} built"]
    if warnings:
        words.append(f"{warnings} warning{'s' if warnings > 1 else ''}")
    return f"{', '.join(words)} in {seconds:.2f} s"


def print_timings(manifest: Manifest, stream: TextIO) -> None:
    """Print how long each stage took, in the order in which they ended first."""
    for stage, seconds in manifest.record["timings"].items():
        print(f"  {stage:<10} {seconds:8.3f} s", file=stream)


def print_reasons(reasons: Mapping[str, Sequence[str]], stream: TextIO) -> None:
    """Print for each artifact why it was written again, or why it was not."""
    for name, lines in reasons.items():
        print(f"{name}:", file=stream)
        for line in lines:
            print(f"  {line}", file=stream)
