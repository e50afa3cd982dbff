"""A handler's own metadata (PEP 723) is found by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

SERVICE = "functions:\n  api: src/api.handler\n  job: src/job.handler\nruntime: python3.13\n"
BLOCK = "# /// script\n# dependencies = ['{}']\n# ///\n"
HANDLER = "import {}\n\ndef handler(event, context): ...\n"


def held(bench: Bench) -> dict[str, list[str]]:
    built = bench.slspack("build", "--json")
    assert built.status == 0, built.err
    functions = built.manifest["functions"].items()
    return {
        name: [f"{one['name']} {one['version']}" for one in function["distributions"]] for name, function in functions
    }


def test_a_block_counts_where_nothing_names_requirements(bench: Bench) -> None:
    assert bench.index is not None
    for version in ("1.0", "2.0"):
        make_wheel(bench.index.folder, "web", version)
    bench.write(
        {
            "slspack.yml": SERVICE,
            "requirements.in": "web\n",
            "src/api.py": BLOCK.format("web<2") + HANDLER.format("web"),
            "src/job.py": HANDLER.format("web"),
        }
    )
    assert held(bench) == {"api": ["web 1.0"], "job": ["web 2.0"]}
    # It is noticed where one comes, changes or goes, though the configuration has not changed.
    bench.write({"src/job.py": BLOCK.format("web==1.0") + HANDLER.format("web")})
    assert held(bench) == {"api": ["web 1.0"], "job": ["web 1.0"]}
    bench.write({"src/job.py": BLOCK.format("web==2.0") + HANDLER.format("web")})
    assert held(bench) == {"api": ["web 1.0"], "job": ["web 2.0"]}
    bench.write({"src/api.py": HANDLER.format("web")})
    assert held(bench) == {"api": ["web 2.0"], "job": ["web 2.0"]}


def test_what_is_named_counts_more(bench: Bench) -> None:
    assert bench.index is not None
    for version in ("1.0", "2.0"):
        make_wheel(bench.index.folder, "web", version)
    bench.write(
        {
            "slspack.yml": f"{SERVICE}requirements: requirements.in\n",
            "requirements.in": "web\n",
            "src/api.py": BLOCK.format("web<2") + HANDLER.format("web"),
            "src/job.py": HANDLER.format("web"),
        }
    )
    assert held(bench) == {"api": ["web 2.0"], "job": ["web 2.0"]}
