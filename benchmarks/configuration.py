"""Loading a configuration of thousands of lines in a hundred files, beside what parsing its YAML alone takes.

    python -m benchmarks.configuration [ROUNDS]

prints the median of ROUNDS (15) of each, and the ratio.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from slspack.config import load_service
from slspack.config.documents.yaml_text import FASTEST, PureLoader
from slspack.options import LoadOptions
from tests.support.big_service import write_big_service

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(root: Path, lines: int, rounds: int) -> None:
    """Print the times for the service in `root`."""
    texts = [path.read_text("utf-8") for path in root.rglob("*.yml")]
    loading = _median(lambda: load_service(root, LoadOptions()), rounds)
    parsing = _median(lambda: [yaml.compose(text, Loader=FASTEST) for text in texts], rounds)
    slowly = _median(lambda: [yaml.compose(text, Loader=PureLoader) for text in texts], 1)
    functions = len(load_service(root, LoadOptions()).functions)
    print(f"{lines} lines in {len(texts)} files, {functions} functions")
    print(f"  load the service       {loading * 1000:7.1f} ms")
    print(f"  parse its YAML alone   {parsing * 1000:7.1f} ms   load / parse {loading / parsing:.2f}")
    print(f"  parse it without C     {slowly * 1000:7.1f} ms")


def _median(work: Callable[[], object], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="slspack-configuration-") as folder:
        measure(Path(folder), write_big_service(Path(folder)), int(sys.argv[1]) if len(sys.argv) > 1 else 15)
