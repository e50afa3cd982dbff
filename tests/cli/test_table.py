"""The table for people: whole in a pipe, and within a terminal's width."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from slspack.report.manifest import Manifest
from slspack.report.table import print_table

if TYPE_CHECKING:
    import pytest

    from tests.support.bench import Bench

LONG = "the-function-that-reconciles-every-invoice-of-the-month"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def service(bench: Bench) -> None:
    bench.write(
        {
            "slspack.yml": f"runtime: python3.13\nfunctions:\n  {LONG}: app.handler\n  api: app.handler\n",
            "app.py": "def handler(event, context): ...\n",
        }
    )


def test_nothing_is_cut_off_in_a_pipe(bench: Bench) -> None:
    service(bench)
    lines = bench.slspack("build").err.splitlines()
    assert lines[0].split() == ["function", "target", "zip", "unzipped", "files", "wheels", "left", "out"]
    assert lines[1].split() == f"{LONG} python3.13 x86_64 143 B 33 B 1 0 0 B built".split()
    assert lines[2].split()[0] == "api"
    assert lines[3].startswith("2 built in ")
    again = bench.slspack("build").err.splitlines()
    assert again[1].split()[-1] == "unchanged"
    assert again[3].startswith("0 built, 2 unchanged in ")


def test_it_is_no_wider_than_a_terminal_and_cuts_no_word(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    service(bench)
    manifest = Manifest(bench.build())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    print_table(manifest, stream)
    text = stream.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert "python3.13" in text
    assert text.count(" built") == 3
    folded = "".join(line[: len(line) - len(line.lstrip()) or 200].split(" ")[0] for line in text.splitlines()[1:-1])
    assert LONG in folded
