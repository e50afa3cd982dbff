"""What a session does with bursts and the ends of builds: no file system, no clock."""

from __future__ import annotations

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity
from slspack.watching.events import Built, Failed
from slspack.watching.state import RESTARTS
from tests.support.watching import ROOT, FakeStream, burst, result, watch

BROKEN = SlspackError.of(Code.SYNTAX_ERROR, "`api.py` cannot be parsed", at=Location("../lib/api.py", 2, 5))
WARNING = Finding(Code.NOT_USED, Severity.WARNING, "`x` is listed and not used")


def last_built(event: object) -> Built:
    assert isinstance(event, Built)
    return event


def test_the_first_build_looks_at_everything_and_counts_every_function_as_changed() -> None:
    heard, rebuilder = watch(FakeStream(), result({"api": "1", "job": "1"}, cached=["job"]))
    assert heard.kinds() == ["Started", "Built"]
    built = last_built(heard.events[1])
    assert (built.first, built.functions, built.total) == (True, ("api", "job"), 2)
    assert built.kept == 1
    assert rebuilder.changed == [None]
    assert heard.ran == [built]
    assert heard.ended


def test_a_change_rebuilds_what_differs() -> None:
    stream = FakeStream(burst("api.py"))
    heard, rebuilder = watch(stream, result({"api": "1", "job": "1"}), result({"api": "2", "job": "1"}))
    built = last_built(heard.events[-1])
    assert (built.number, built.first, built.functions) == (2, False, ("api",))
    assert built.changed == (ROOT / "api.py",)
    assert rebuilder.changed == [None, {ROOT / "api.py"}]
    assert stream.closed


def test_a_touch_changes_nothing_and_runs_nothing() -> None:
    heard, _ = watch(FakeStream(burst("api.py")), result({"api": "1"}), result({"api": "1"}))
    built = last_built(heard.events[-1])
    assert (built.functions, built.removed, built.mended) == ((), (), False)
    assert len(heard.ran) == 1


def test_what_runs_with_another_environment_is_run_anew() -> None:
    heard, _ = watch(FakeStream(burst(".env")), result({"api": "1"}), result({"api": "1"}), outdated=True)
    assert [built.functions for built in heard.ran] == [("api",), ()]


def test_what_changed_is_remembered_until_a_build_is_good() -> None:
    stream = FakeStream(burst("api.py"), burst("job.py"), burst("db.py"))
    heard, rebuilder = watch(stream, result({"api": "1"}), BROKEN, result({"api": "2"}), result({"api": "3"}))
    assert heard.kinds() == ["Started", "Built", "Started", "Failed", "Started", "Built", "Started", "Built"]
    api, job = ROOT / "api.py", ROOT / "job.py"
    assert rebuilder.changed[1:] == [frozenset({api}), frozenset({api, job}), frozenset({ROOT / "db.py"})]
    assert heard.events[5] == last_built(heard.events[5])
    assert last_built(heard.events[5]).mended
    assert last_built(heard.events[5]).changed == (ROOT / "job.py",), "what a failure was told for is not told again"


def test_a_failed_first_build_waits_for_a_mend_that_looks_at_everything() -> None:
    heard, rebuilder = watch(FakeStream(burst("api.py")), BROKEN, result({"api": "1"}))
    failed, built = heard.events[1], last_built(heard.events[3])
    assert isinstance(failed, Failed)
    assert failed.first
    assert (built.first, built.mended) == (True, True)
    assert rebuilder.changed == [None, None]


def test_the_file_of_an_error_is_watched_wherever_it_is() -> None:
    stream = FakeStream()
    watch(stream, BROKEN)
    assert ROOT.parent / "lib" / "api.py" in stream.followed[-1].files


def test_an_incomplete_burst_looks_at_everything() -> None:
    stream = FakeStream(burst("a.py"), burst("b.py", complete=False), burst("c.py"))
    _, rebuilder = watch(stream, *[result({"api": "1"})] * 4)
    assert rebuilder.changed == [None, {ROOT / "a.py"}, None, {ROOT / "c.py"}]


def test_an_edit_restarts_the_build_and_no_end_of_it_is_told() -> None:
    stream = FakeStream(burst("b.py"), overtaking=(True,))
    heard, rebuilder = watch(stream, result({"api": "1"}))
    assert heard.kinds() == ["Started", "Started", "Built"]
    assert rebuilder.changed == [None, None]
    assert last_built(heard.events[-1]).first


def test_a_restarted_build_builds_what_the_one_before_it_was_to_build() -> None:
    stream = FakeStream(burst("a.py"), burst("b.py"), overtaking=(False, True))
    heard, rebuilder = watch(stream, result({"api": "1"}), result({"api": "2"}))
    assert heard.kinds() == ["Started", "Built", "Started", "Started", "Built"]
    assert rebuilder.changed == [None, {ROOT / "a.py"}, {ROOT / "a.py", ROOT / "b.py"}]
    assert last_built(heard.events[-1]).changed == (ROOT / "a.py", ROOT / "b.py")


def test_a_folder_that_never_rests_is_built_all_the_same() -> None:
    stream = FakeStream(*[burst("a.py")] * RESTARTS, overtaking=(True,) * 100)
    heard, _ = watch(stream, result({"api": "1"}))
    assert heard.kinds() == ["Started"] * (RESTARTS + 1) + ["Built"]


def test_a_failure_that_an_edit_has_overtaken_is_not_told() -> None:
    heard, _ = watch(
        FakeStream(burst("api.py"), overtaking=(False, True)), FileNotFoundError("gone"), result({"api": "1"})
    )
    assert heard.kinds() == ["Started", "Started", "Built"]


def test_a_bug_is_told_and_survived() -> None:
    heard, _ = watch(FakeStream(burst("a.py")), ZeroDivisionError("division by zero"), result({"api": "1"}))
    failed = heard.events[1]
    assert isinstance(failed, Failed)
    (finding,) = failed.findings
    assert finding.code is Code.INTERNAL
    assert finding.message.startswith("slspack itself failed: ZeroDivisionError: division by zero (watching.py:")
    assert heard.kinds()[-1] == "Built"


def test_ctrl_c_ends_what_runs_and_stops_watching() -> None:
    class Interrupted(FakeStream):
        def next(self) -> None:
            raise KeyboardInterrupt

    stream = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        watch(stream, result({"api": "1"}))
    assert stream.closed


def test_a_new_function_and_one_that_goes() -> None:
    stream = FakeStream(burst("slspack.yml"), burst("slspack.yml"))
    heard, _ = watch(stream, result({"a": "1"}), result({"a": "1", "b": "1"}), result({"b": "1"}))
    added, removed = last_built(heard.events[3]), last_built(heard.events[5])
    assert (added.functions, added.removed, added.stale) == (("b",), (), ())
    assert (removed.functions, removed.removed, removed.stale) == ((), ("a",), ("out/a.zip",))
    assert heard.ran[-1] is removed


def test_a_warning_is_news_once() -> None:
    stream = FakeStream(burst("a.py"), burst("a.py"))
    plain, warned = result({"a": "1"}), result({"a": "1"}, [WARNING])
    heard, _ = watch(stream, plain, warned, warned)
    assert last_built(heard.events[3]).new_findings == (WARNING,)
    assert last_built(heard.events[5]).new_findings == ()
    assert last_built(heard.events[5]).findings == (WARNING,)
