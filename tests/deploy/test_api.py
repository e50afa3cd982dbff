"""`import slspack`: building and watching from Python."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import slspack
from tests.support.bench import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.bench import Bench

HANDLER = "def handler(event, context): ...\n"


@pytest.fixture
def service(bench: Bench) -> Bench:
    configuration = "runtime: python3.13\nfunctions: {a: a.handler, b: b.handler}\n"
    bench.write({"slspack.yml": configuration, "a.py": HANDLER, "b.py": HANDLER})
    return bench


def test_build_gives_the_manifest(service: Bench) -> None:
    manifest = slspack.build(service.root, environment=service.variables)
    record = manifest.record["functions"]["a"]
    artifact = service.root / record["artifact"]
    assert hashlib.sha256(artifact.read_bytes()).hexdigest() == record["sha256"]
    assert service.build()["functions"]["a"]["cached"]


def test_it_takes_what_the_command_takes(service: Bench, tmp_path: Path) -> None:
    options: dict[str, str] = {"stage": "prod"}
    manifest = slspack.build(
        str(service.root),
        functions=["a"],
        out=tmp_path / "out",
        format="dir",
        environment=service.variables,
        stage=options["stage"],
        config="slspack.yml",
        individually=True,
    )
    assert (tmp_path / "out/a/a.py").is_file()
    assert (manifest.record["stage"], list(manifest.record["functions"])) == ("prod", ["a"])


def test_what_is_wrong_is_raised_with_its_findings(service: Bench) -> None:
    service.write({"a.py": f"import nowhere\n{HANDLER}"})
    with pytest.raises(slspack.SlspackError) as caught:
        slspack.build(service.root, environment=service.variables)
    assert [finding.code.id for finding in caught.value.findings] == ["SLS0401"]
    with pytest.raises(slspack.ConfigError):
        slspack.build(service.root, config="nowhere.yml", environment=service.variables)


def test_watch_tells_of_each_build_until_it_is_interrupted(service: Bench) -> None:
    heard: list[tuple[str, tuple[str, ...]]] = []

    def hear(event: slspack.Started | slspack.Built | slspack.Failed) -> None:
        if isinstance(event, slspack.Built):
            heard.append(("built", event.functions))
            if not event.first:
                raise KeyboardInterrupt
            service.write({"b.py": f"import json\n{HANDLER}"})

    with pytest.raises(KeyboardInterrupt):
        slspack.watch(service.root, hear, environment=service.variables)
    assert heard == [("built", ("a", "b")), ("built", ("b",))]


def test_importing_slspack_loads_nothing_of_it() -> None:
    program = "import sys, slspack; print(*sorted(name for name in sys.modules if name.startswith('slspack')))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["slspack", "slspack.lazy"]


def test_every_public_name_is_there() -> None:
    for name in slspack.__all__:
        assert getattr(slspack, name) is not None
