"""What people read, and what tools do."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.model import Finding, Location, Severity
from slspack.watching.events import Built, Failed, Product, Started, to_json
from slspack.watching.frame import WIDTH, code_frame
from slspack.watching.listeners import Everybody, People, Tools, built_line, failed_line
from tests.support.watching import ROOT, digest

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = ROOT / ".slspack" / "dist" / "manifest.json"
ERROR = Finding(Code.SYNTAX_ERROR, Severity.ERROR, "`api.py` cannot be parsed", Location("api.py", 2, 5), "mend it")
WARNING = Finding(Code.NOT_USED, Severity.WARNING, "`x` is listed and not used")


def product(name: str) -> Product:
    return Product(name, f".slspack/dist/{name}.zip", digest("plan"), digest(name), 1024)


BUILT = Built(
    number=2,
    first=False,
    changed=(ROOT / "src" / "db.py",),
    missing=(),
    rebuilt=(product("api"), product("job")),
    total=3,
    kept=0,
    removed=(),
    stale=(),
    mended=False,
    findings=(WARNING,),
    new_findings=(WARNING,),
    seconds=0.0414,
)
FAILED = Failed(3, first=False, changed=(ROOT / "api.py",), missing=(), findings=(ERROR, WARNING), seconds=1.26)


def test_the_line_of_the_first_build() -> None:
    first = replace(BUILT, first=True, changed=())
    assert built_line(first, ROOT) == f"built 3 functions, in 41 ms; watching {ROOT}, Ctrl-C ends it"
    kept = replace(first, kept=1, seconds=2.04)
    assert (
        built_line(kept, ROOT) == f"built 3 functions, 1 of them as before, in 2.0 s; watching {ROOT}, Ctrl-C ends it"
    )


def test_the_line_of_a_rebuild_says_which_why_and_how_long() -> None:
    assert built_line(BUILT, ROOT) == "rebuilt api, job in 41 ms: src/db.py changed"
    both = replace(BUILT, rebuilt=(product("api"),), removed=("old",), changed=(ROOT / "a", ROOT / "b"))
    assert built_line(both, ROOT) == "rebuilt api and removed old in 41 ms: a, b changed"
    many = replace(
        BUILT,
        rebuilt=tuple(product(f"f{number}") for number in range(1200)),
        changed=tuple(ROOT / f"{number}.py" for number in range(5000)),
    )
    assert built_line(many, ROOT) == (
        "rebuilt f0, f1, f2, f3, f4 and 1,195 more in 41 ms: 5,000 files (0.py, 1.py, …) changed"
    )


def test_editors_temporary_files_are_not_named_and_removed_sources_are() -> None:
    saved = replace(BUILT, changed=(ROOT / "tmp1", ROOT / "a.py"), missing=(ROOT / "tmp1",))
    assert built_line(saved, ROOT) == "rebuilt api, job in 41 ms: a.py changed"
    removed = replace(BUILT, changed=(ROOT / "a.py",), missing=(ROOT / "a.py",))
    assert built_line(removed, ROOT) == "rebuilt api, job in 41 ms: a.py removed"


def test_a_change_without_effect_is_no_line_unless_it_mends() -> None:
    nothing = replace(BUILT, rebuilt=())
    assert built_line(nothing, ROOT) is None
    mended = replace(nothing, mended=True)
    assert built_line(mended, ROOT) == "mended (every artifact as before) in 41 ms: src/db.py changed"


def test_the_line_of_a_failure_says_what_stays() -> None:
    assert failed_line(FAILED, ROOT) == (
        "failed in 1.3 s: api.py changed; the last good artifacts stay; waiting for a change"
    )
    assert failed_line(replace(FAILED, first=True, changed=()), ROOT) == "failed in 1.3 s; waiting for a change"


def test_people_see_an_error_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "api.py").write_text("def handler(event):\n    x = )\n", "utf-8")
    stream = io.StringIO()
    failed = replace(FAILED, changed=(tmp_path / "api.py",))
    People(tmp_path, stream).hear(failed)
    assert stream.getvalue() == (
        "warning[SLS0403]: `x` is listed and not used\n"
        "error[SLS0303]: `api.py` cannot be parsed\n"
        "  --> api.py:2:5\n"
        "  hint: mend it\n"
        "    1 | def handler(event):\n"
        "  > 2 |     x = )\n"
        "      |     ^\n"
        "failed in 1.3 s: api.py changed; the last good artifacts stay; waiting for a change\n"
    )


def test_quiet_people_see_errors_only() -> None:
    stream = io.StringIO()
    people = People(ROOT, stream, quiet=True)
    for event in (Started(2, ()), BUILT, FAILED):
        people.hear(event)
    people.say("`x` ended with status 1")
    assert stream.getvalue().splitlines()[0] == "error[SLS0303]: `api.py` cannot be parsed"
    assert "rebuilt" not in stream.getvalue()
    assert "ended" not in stream.getvalue()


def test_tools_get_a_line_of_json_for_each_event() -> None:
    machine, person = io.StringIO(), io.StringIO()
    everybody = Everybody((Tools(ROOT, MANIFEST, machine), People(ROOT, person)))
    for event in (Started(2, (ROOT / "src" / "db.py",)), replace(BUILT, rebuilt=(product("api"),)), FAILED):
        everybody.hear(event)
    everybody.say("a word")
    assert [json.loads(line) for line in machine.getvalue().splitlines()] == [
        {"schema": "slspack-watch/1", "event": "started", "build": 2, "changed": ["src/db.py"]},
        {
            "schema": "slspack-watch/1",
            "event": "built",
            "build": 2,
            "first": False,
            "changed": ["src/db.py"],
            "functions": [
                {
                    "name": "api",
                    "artifact": ".slspack/dist/api.zip",
                    "fingerprint": digest("plan"),
                    "sha256": digest("api"),
                    "bytes": 1024,
                }
            ],
            "removed": [],
            "manifest": ".slspack/dist/manifest.json",
            "warnings": [
                {
                    "code": "SLS0403",
                    "message": "`x` is listed and not used",
                    "file": None,
                    "line": None,
                    "column": None,
                    "hint": None,
                    "function": None,
                }
            ],
            "seconds": 0.0414,
        },
        {
            "schema": "slspack-watch/1",
            "event": "failed",
            "build": 3,
            "changed": ["api.py"],
            "errors": [
                {
                    "code": "SLS0303",
                    "message": "`api.py` cannot be parsed",
                    "file": "api.py",
                    "line": 2,
                    "column": 5,
                    "hint": "mend it",
                    "function": None,
                }
            ],
            "seconds": 1.26,
        },
    ]
    assert person.getvalue().endswith("a word\n")


def test_to_json_is_one_line() -> None:
    assert "\n" not in to_json(Started(1, (ROOT / "a\nb",)), ROOT, MANIFEST)


def test_a_frame_keeps_tabs_and_shows_the_place_of_a_long_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"\tx = )\n{'x' * 300}!\n", "utf-8")
    assert code_frame(tmp_path, Location("a.py", 1, 6)) == "> 1 | \tx = )\n    | \t    ^"
    frame = code_frame(tmp_path, Location("a.py", 2, 301))
    assert frame is not None
    _, line, mark = frame.splitlines()
    assert line.endswith("!")
    assert len(line) == len(mark) == WIDTH + len("> 2 | ")
    assert code_frame(tmp_path, Location("a.py", 2)) == f"  1 | \tx = )\n> 2 | {'x' * WIDTH}"


@pytest.mark.parametrize(
    "at", [None, Location("a.py"), Location("a.py", 9), Location("gone.py", 1), Location("requirements.txt", 1, 1)]
)
def test_no_frame_where_there_is_nothing_to_show_or_it_may_be_secret(tmp_path: Path, at: Location | None) -> None:
    for name in ("a.py", "requirements.txt"):
        (tmp_path / name).write_text("one\n", "utf-8")
    assert code_frame(tmp_path, at) is None
