"""The protocol of `slspack hook serverless`, without the Framework."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import slspack
from slspack.deploy.serverless.service import narrowed
from slspack.keys import digest_file
from tests.support.bench import REPOSITORY
from tests.support.hook import ask, request, watching

if TYPE_CHECKING:
    from tests.support.bench import Bench

Service = dict[str, Any]

YAML = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions: {api: {handler: api.handler}, cron: {handler: cron.handler}}
"""


def shop(**more: object) -> Service:
    """What the Framework makes of `YAML`."""
    return {
        "service": "shop",
        "provider": {"name": "aws", "runtime": "python3.13", "stage": "dev"},
        "package": {"individually": True},
        "functions": {
            "api": {"handler": "api.handler", "name": "shop-dev-api", "events": []},
            "cron": {"handler": "cron.handler", "name": "shop-dev-cron", "events": []},
        },
        **more,
    }


def test_the_artifacts_are_those_of_a_build(bench: Bench) -> None:
    told = ask(bench, request(bench, "build", shop()))
    assert told.events[0] == {"event": "hello", "protocol": 1, "slspack": slspack.__version__}
    assert set(told.answer) == {"event", "functions", "layers", "manifest", "text"}
    assert told.answer["functions"]["api"] == {
        "artifact": ".slspack/dist/api.zip",
        "individually": True,
        "sha256": digest_file(bench.artifact("api")),
        "bytes": bench.artifact("api").stat().st_size,
        "unzipped_bytes": told.answer["functions"]["api"]["unzipped_bytes"],
        "cached": False,
    }
    assert told.answer["manifest"] == str(bench.root / ".slspack/dist/manifest.json")
    assert told.answer["text"].startswith("function  target")
    bench.write({"serverless.yml": YAML})
    built = bench.build("--out", str(bench.root / "elsewhere"))["functions"]
    assert {name: one["sha256"] for name, one in built.items()} == {
        name: one["sha256"] for name, one in told.answer["functions"].items()
    }


def test_progress_is_told(bench: Bench) -> None:
    stages = [event["stage"] for event in ask(bench, request(bench, "build", shop())).all_of("progress")]
    assert stages[0] == "load"
    assert stages[-1] == "bundle"


def test_nothing_to_do_is_not_done(bench: Bench) -> None:
    ask(bench, request(bench, "build", shop()))
    service = shop(timestamp=17, resources={"secret": "s3cret"})
    service["functions"]["api"]["environment"] = {"TOKEN": "t0ken"}
    again = ask(bench, request(bench, "build", service))
    assert all(one["cached"] for one in again.answer["functions"].values())
    assert again.all_of("progress") == []
    assert not [path for path in bench.root.rglob("*.db") if b"t0ken" in path.read_bytes()]


def test_whatever_the_reader_asks_of_a_function_is_handed_on(bench: Bench) -> None:
    sources = [(REPOSITORY / f"slspack/config/{name}.py").read_text("utf-8") for name in ("serverless", "functions")]
    asked = re.findall(r'(?:value|function)\.(?:get|peek)\("(\w+)"|_inherited\(value, "(\w+)"\)', "".join(sources))
    keys = {key for pair in asked for key in pair if key} - {"name"}
    assert keys >= {"handler", "vendor", "package"}
    handed = narrowed({"functions": {"api": {key: {} for key in keys}}})["functions"]
    assert isinstance(handed, dict)
    assert set(handed["api"]) == keys


def test_a_change_of_the_service_is_seen(bench: Bench) -> None:
    ask(bench, request(bench, "build", shop()))
    service = shop(custom={"slspack": {"excludeDistributions": ["alpha"], "missingImports": "ignore"}})
    assert ask(bench, request(bench, "build", service)).answer
    assert bench.names_in("api") == ["api.py"]


def test_some_functions_only(bench: Bench) -> None:
    told = ask(bench, request(bench, "build", shop(), functions=["cron"]))
    assert list(told.answer["functions"]) == ["cron"]
    assert not bench.artifact("api").exists()


def test_a_shared_package(bench: Bench) -> None:
    told = ask(bench, request(bench, "build", shop(package={"individually": False})))
    assert {one["artifact"] for one in told.answer["functions"].values()} == {".slspack/dist/shop.zip"}
    assert {one["individually"] for one in told.answer["functions"].values()} == {False}


def test_folders_to_run(bench: Bench) -> None:
    told = ask(bench, request(bench, "build", shop(), local=True))
    assert told.answer["functions"]["cron"]["artifact"] == "slspack_dist/cron"
    assert told.answer["functions"]["cron"]["sha256"] is None
    assert (bench.root / ".slspack/live/cron.py").is_file()


def test_what_is_not_python_is_left_alone(bench: Bench) -> None:
    service = shop(provider={"name": "aws"})
    service["functions"]["api"]["runtime"] = "python3.13"
    service["functions"]["web"] = {"handler": "web.handler", "runtime": "nodejs20.x"}
    told = ask(bench, request(bench, "build", service))
    assert list(told.answer["functions"]) == ["api"]
    assert [(one["code"], one["severity"], one["message"]) for one in told.all_of("finding")] == [
        ("SLS0114", "notice", "function `cron` is left alone: runtime nodejs"),
        ("SLS0114", "notice", "function `web` is left alone: runtime nodejs20.x"),
    ]


def test_what_looks_like_a_variable_is_text(bench: Bench) -> None:
    service = shop(custom={"slspack": {"patterns": ["${self:never}/*.txt"]}})
    (warning,) = ask(bench, request(bench, "build", service)).all_of("finding")
    assert (warning["code"], warning["file"], warning["line"]) == ("SLS0605", "serverless.yml", None)
    assert "${self:never}" in warning["message"]


def test_errors_are_told_and_artifacts_stay(bench: Bench) -> None:
    assert ask(bench, request(bench, "build", shop())).answer
    before = bench.artifact("api").read_bytes()
    bench.write({"api.py": "import nowhere\ndef handler(event, context): return 1\n"})
    told = ask(bench, request(bench, "build", shop()))
    (error,) = told.errors
    assert (told.status, error["code"], error["file"], error["line"], error["functions"]) == (
        1,
        "SLS0401",
        "api.py",
        1,
        ["api"],
    )
    assert error["text"].startswith(
        "error[SLS0401]: `api` imports `nowhere`, which no requirement provides\n  --> api.py"
    )
    assert bench.artifact("api").read_bytes() == before
    assert told.err == ""
    assert "Traceback" in ask(bench, request(bench, "build", shop()), "--debug").err


def test_errors_of_the_configuration_name_its_file(bench: Bench) -> None:
    service = shop(custom={"slspack": {"pattern": []}})
    told = ask(bench, request(bench, "build", service, configurationFile="serverless.ts"))
    (error,) = told.errors
    assert (told.status, error["code"], error["file"], error["line"]) == (2, "SLS0103", "serverless.ts", None)
    assert error["hint"] == "did you mean `patterns`?"


def test_the_tables(bench: Bench) -> None:
    analysed = ask(bench, request(bench, "analyze", shop(), functions=["api"])).answer
    assert analysed["text"].splitlines()[1].split()[:4] == ["alpha", "1.0", "3", "files"]
    assert not bench.artifact("api").exists()
    explained = ask(bench, request(bench, "explain", shop(), functions=["api"], name="alpha")).answer
    assert explained["present"] is True
    assert "api.py" in explained["text"]
    absent = ask(bench, request(bench, "explain", shop(), functions=["cron"], name="alpha")).answer
    assert absent["present"] is False


def test_requirements_come_and_go(bench: Bench) -> None:
    installed = ask(bench, request(bench, "requirements install", shop())).answer
    assert installed["text"] == f"1 distributions are in {bench.store}\n"
    assert not bench.artifact("api").exists()
    built = ask(bench, request(bench, "build", shop())).answer
    assert built["functions"]["api"]["cached"] is False
    cleaned = ask(bench, request(bench, "requirements clean", shop())).answer
    assert str(bench.root / ".slspack/locks") in cleaned["removed"]
    assert bench.artifact("api").exists()
    emptied = ask(bench, request(bench, "requirements cleanCache", shop())).answer
    assert emptied["text"].startswith("removed ")
    assert not list(bench.store.rglob("*.segment"))
    gone = ask(bench, request(bench, "clean", shop())).answer
    assert gone["removed"] == [str(bench.root / ".slspack")]


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        ("", "SLS0120", "standard input is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "SLS0120", "standard input is not a JSON object"),
        ({"protocol": 2}, "SLS0121", f"the plugin speaks protocol 2, slspack {slspack.__version__} speaks 1"),
        ({"protocol": 1}, "SLS0120", "`action` is missing"),
        ({"protocol": 1, "action": 3}, "SLS0120", "`action` is not a string"),
        (
            {"protocol": 1, "action": "build", "servicePath": "here"},
            "SLS0120",
            "`servicePath` is `here`, which is not ",
        ),
    ],
)
def test_what_is_no_request(bench: Bench, document: object, code: str, message: str) -> None:
    (error,) = ask(bench, document).errors
    assert error["code"] == code
    assert error["message"].startswith(message)
    assert error["hint"]


def test_an_action_that_is_none_is_told_with_all_that_are(bench: Bench) -> None:
    (error,) = ask(bench, request(bench, "bundle", shop())).errors
    assert error["message"].startswith("`action` is `bundle`, and must be one of `build`, `watch`, `analyze`, ")


def test_a_request_may_have_lines(bench: Bench) -> None:
    text = json.dumps(request(bench, "clean", shop()), indent=2)
    assert ask(bench, text).answer["removed"] == []


def test_watching_ends_with_standard_input(bench: Bench) -> None:
    with watching(bench, request(bench, "watch", shop(), local=True)) as (process, events):
        first = next(event for event in events if event["event"] == "built")
        assert first["first"] is True
        assert sorted(first["functions"]) == ["api", "cron"]
        bench.write({"cron.py": "def handler(event, context): return 3\n"})
        again = next(event for event in events if event["event"] == "built")
        assert (again["functions"], again["outdated"]) == (["cron"], False)
        assert again["text"].startswith("rebuilt cron in ")
        bench.write({"cron.py": "def handler(\n"})
        failed = next(event for event in events if event["event"] == "failed")
        assert [error["code"] for error in failed["errors"]] == ["SLS0303"]
        assert next(events)["event"] == "waiting"
        assert process.stdin
        process.stdin.close()
        assert [event["event"] for event in events][-1] == "done"
        assert process.wait(60) == 0
