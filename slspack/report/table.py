"""The table that people see at the end of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from slspack.report.manifest import Manifest
    from slspack.report.records import FunctionRecord, LayerRecord

_MANY = 60
"""From so many functions on, those that did not change have no row."""
HEADINGS = ("function", "target", "zip", "unzipped", "files", "wheels", "left out", "")
_LEFT = 2
"""How many columns are aligned to the left."""
_UNITS = ("B", "kB", "MB", "GB")


def print_table(manifest: Manifest, stream: TextIO) -> None:
    """Print one row a function: what it weighs, what it holds, what was left out, whether it was built again."""
    rows = [_row(name, record) for name, record in _shown(manifest).items()]
    rows += [_layer_row(name, record) for name, record in manifest.record["layers"].items()]
    summary = _summary([*manifest.record["functions"].values(), *manifest.record["layers"].values()], manifest)
    images = [one["image"] for one in manifest.record["functions"].values()]
    summary = "\n".join([*(f"{one['reference']}  {one['digest']}" for one in images if one), summary])
    if not stream.isatty():
        # A file or a log has no width, and rich takes longer to load than a build with nothing to do.
        stream.writelines(f"{line}\n" for line in (*_aligned([HEADINGS, *rows]), summary))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(HEADINGS[0], overflow="fold")
    table.add_column(HEADINGS[1], style="dim", min_width=10)
    for heading in HEADINGS[_LEFT:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(file=stream, highlight=False)
    console.print(table)
    console.print(summary)


def _row(name: str, record: FunctionRecord) -> tuple[str, ...]:
    return (
        name,
        f"{record['runtime']} {record['architecture']}",
        human_size(record["bytes"]) if record["sha256"] else "-",
        human_size(record["unzipped_bytes"]),
        str(record["entries"]),
        str(len(record["distributions"])),
        human_size(record["excluded"]["bytes"]),
        "unchanged" if record["cached"] else "built",
    )


def _layer_row(name: str, record: LayerRecord) -> tuple[str, ...]:
    return (
        f"layer {name}",
        f"{record['runtime']} {record['architecture']}" if record["runtime"] else "-",
        human_size(record["bytes"]) if record["sha256"] else "-",
        human_size(record["unzipped_bytes"]),
        str(record["entries"]),
        str(len(record["distributions"])),
        "-",
        "unchanged" if record["cached"] else "built",
    )


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            text.ljust(width) if place < _LEFT else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


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


def _summary(records: Sequence[FunctionRecord | LayerRecord], manifest: Manifest) -> str:
    built = len({r["artifact"] for r in records if not r["cached"]})
    kept = len({r["artifact"] for r in records if r["cached"]})
    stages = manifest.record["timings"].items()
    seconds = sum(seconds for name, seconds in stages if not name.startswith("plugin "))  # they are within the stages
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
