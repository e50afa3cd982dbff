"""Results: kept in a file, merged, and shown as tables."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.measure import Outcome
from benchmarks.results import Measurement, Phase, Results, describe_machine, read_results, write_results
from benchmarks.table import grids_of, markdown, page

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = {"slspack": "slspack", "uv": "uv + zip", "sam": "sam build"}
SERVICES = {"flask-1": "1 Flask function", "light-100": "100 light functions"}


def _measured(tool: str, phase: Phase, seconds: float, **changes: object) -> Measurement:
    measurement = Measurement(
        tool=tool,
        service="flask-1",
        phase=phase,
        outcome=Outcome.DONE,
        version="1.0",
        date="2026-01-02",
        functions=4,
        rounds=3,
        seconds=seconds,
        cpu_seconds=seconds / 2,
        peak_bytes=50_000_000,
        zipped_bytes=8_000_000,
        unzipped_bytes=20_000_000,
        asked=2,
        right=2,
    )
    return replace(measurement, **changes)  # type: ignore[arg-type]


def _results(*measurements: Measurement) -> Results:
    return Results("2 cores", measurements)


def _seconds(results: Results) -> str:
    return markdown(grids_of(results, "flask-1", TOOLS)[0])


def test_written_results_are_read_again(tmp_path: Path) -> None:
    results = _results(
        _measured("slspack", Phase.COLD, 1.5, identical=True),
        _measured("uv", Phase.BUMP, 600.0, outcome=Outcome.TIMED_OUT, peak_bytes=None, note="stopped"),
    )
    write_results(results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == results


def test_no_file_is_no_results(tmp_path: Path) -> None:
    assert read_results(tmp_path / "none.json") == Results(describe_machine())


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"schema": "other/1"}))
    with pytest.raises(ValueError, match=r"`other\.json` is no slspack-benchmarks/1"):
        read_results(tmp_path / "other.json")


def test_a_partial_rerun_replaces_only_what_it_measured() -> None:
    cold, nothing = _measured("uv", Phase.COLD, 9.0), _measured("uv", Phase.NOTHING, 3.0)
    again = _measured("uv", Phase.COLD, 7.0)
    merged = _results(cold, nothing).merged([again])
    assert set(merged.measurements) == {again, nothing}


def test_seconds_stand_under_their_phase_with_the_ratio_to_the_fastest_peer() -> None:
    results = _results(
        _measured("slspack", Phase.NOTHING, 0.2),
        _measured("uv", Phase.NOTHING, 3.0),
        _measured("sam", Phase.NOTHING, 5.0),
        _measured("uv", Phase.COLD, 12.0),
    )
    assert _seconds(results).splitlines() == [
        "**Wall seconds**",
        "",
        "|  | cold | nothing changed |",
        "| --- | ---: | ---: |",
        "| slspack | - | 0.20 |",
        "| uv + zip | 12.0 | 3.00 |",
        "| sam build | - | 5.00 |",
        "| fastest of the others ÷ slspack | - | 15.0 x |",
    ]


def test_cpu_is_compared_with_the_thriftiest_which_need_not_be_the_fastest() -> None:
    results = _results(
        _measured("slspack", Phase.COLD, 2.0, cpu_seconds=0.5),
        _measured("uv", Phase.COLD, 4.0, cpu_seconds=9.0),
        _measured("sam", Phase.COLD, 8.0, cpu_seconds=3.0),
    )
    wall, cpu, *_ = grids_of(results, "flask-1", TOOLS)
    assert wall.rows[-1] == ("fastest of the others ÷ slspack", "2.00 x")
    assert cpu.rows[-1] == ("thriftiest of the others ÷ slspack", "6.00 x")


def test_what_failed_or_was_stopped_is_said_and_is_no_rival() -> None:
    results = _results(
        _measured("slspack", Phase.COLD, 2.0),
        _measured("uv", Phase.COLD, 600.2, outcome=Outcome.TIMED_OUT),
        _measured("sam", Phase.COLD, 1.0, outcome=Outcome.FAILED),
    )
    text = _seconds(results)
    assert "| uv + zip | stopped after 600 |" in text
    assert "| sam build | failed |" in text
    assert "| fastest of the others ÷ slspack | - |" in text


def test_a_tool_whose_artifacts_are_wrong_is_no_rival() -> None:
    results = _results(_measured("slspack", Phase.COLD, 2.0), _measured("uv", Phase.COLD, 1.0, right=1))
    assert "| fastest of the others ÷ slspack | - |" in _seconds(results)
    assert "| uv + zip | 2,000 | 5,000 | - | 1 of 2 |" in markdown(grids_of(results, "flask-1", TOOLS)[3])


def test_artifacts_are_told_per_function() -> None:
    results = _results(
        _measured("slspack", Phase.COLD, 2.0),
        _measured("slspack", Phase.WARM, 1.0, identical=True),
        _measured("uv", Phase.COLD, 2.0),
        _measured("uv", Phase.WARM, 1.0, identical=False),
        _measured("sam", Phase.COLD, 2.0, zipped_bytes=None),
    )
    rows = markdown(grids_of(results, "flask-1", TOOLS)[3]).splitlines()
    assert rows[4:] == [
        "| slspack | 2,000 | 5,000 | yes | yes |",
        "| uv + zip | 2,000 | 5,000 | no | yes |",
        "| sam build | - | 5,000 | - | yes |",
    ]


def test_memory_that_is_not_known_is_not_invented() -> None:
    results = _results(_measured("uv", Phase.COLD, 2.0, peak_bytes=None), _measured("sam", Phase.COLD, 2.0))
    assert markdown(grids_of(results, "flask-1", TOOLS)[2]).splitlines()[4:] == [
        "| uv + zip | - |",
        "| sam build | 50 |",
    ]


def test_the_page_has_machine_dates_versions_and_only_measured_services() -> None:
    results = _results(
        _measured("slspack", Phase.COLD, 2.0),
        _measured("uv", Phase.COLD, 3.0, date="2026-01-04", version="0.9", note="handler: said no"),
    )
    text = page(results, SERVICES, TOOLS)
    assert "Machine: 2 cores. Measured 2026-01-02 to 2026-01-04." in text
    assert "## 1 Flask function (`flask-1`)" in text
    assert "light-100" not in text
    assert "- uv + zip, cold: handler: said no" in text
    assert text.endswith("## Versions\n\n- slspack: 1.0\n- uv + zip: 0.9\n")


def test_a_page_of_nothing_says_so() -> None:
    assert "Nothing has been measured yet" in page(_results(), SERVICES, TOOLS)


def test_the_machine_is_described_without_its_name() -> None:
    import platform

    assert "cores" in describe_machine()
    assert platform.node() not in describe_machine()
