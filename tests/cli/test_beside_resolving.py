"""Tracing goes on beside resolving, in a thread of its own."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from slspack import analysis
from tests.support.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_no_garbage_is_looked_for_while_two_threads_make_syntax_trees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: list[tuple[str, bool]] = []
    trace = analysis._trace

    def noting(*arguments: object) -> object:
        traced.append((threading.current_thread().name, gc.isenabled()))
        return trace(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(analysis, "_trace", noting)
    bench = Bench(tmp_path / "service", tmp_path / "store", None)
    bench.write({
        "slspack.yml": "service: shop\nruntime: python3.13\nfunctions: {api: {handler: app.handler}}\n",
        "app.py": "def handler(event, context): pass\n",
    })  # fmt: skip
    result = bench.slspack("plan")
    assert result.status == 0, result.err
    assert traced == [("trace_0", False)]
    assert gc.isenabled()
