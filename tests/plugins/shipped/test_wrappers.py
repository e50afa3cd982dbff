"""`datadog`, `powertools` and `sentry` on whole services, with small libraries that note what is done with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.lambda_host import run
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

DATADOG = {
    "datadog_lambda/__init__.py": "import builtins\nbuiltins.order = ['datadog_lambda']\n",
    "datadog_lambda/wrapper.py": "def datadog_lambda_wrapper(handler):\n"
    "    return lambda event, context: ['datadog', handler(event, context)]\n",
}
SENTRY = {
    "sentry_sdk/__init__.py": "import builtins\n"
    "def init(**options):\n"
    "    options['integrations'] = [one.timeout_warning for one in options['integrations']]\n"
    "    builtins.order = ['init', options]\n",
    "sentry_sdk/integrations/__init__.py": "",
    "sentry_sdk/integrations/aws_lambda.py": "class AwsLambdaIntegration:\n"
    "    def __init__(self, timeout_warning): self.timeout_warning = timeout_warning\n",
}
POWERTOOLS = {
    "aws_lambda_powertools/__init__.py": """\
class Logger:
    def __init__(self, **made): self.made = made
    def _around(self, handler, **given):
        return lambda event, context: [type(self).__name__, self.made, given, handler(event, context)]
    inject_lambda_context = capture_lambda_handler = log_metrics = _around
class Tracer(Logger): pass
class Metrics(Logger): pass
"""
}
HANDLER = """\
import builtins
getattr(builtins, "order", []).append("handler's module")

def handler(event, context):
    return getattr(builtins, "order", [])
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service of two functions, and an index with all the libraries."""
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "datadog-lambda", files=DATADOG)
        make_wheel(index.folder, "sentry-sdk", files=SENTRY)
        make_wheel(index.folder, "aws-lambda-powertools", "3.0", files=POWERTOOLS)
        make_wheel(index.folder, "aws-xray-sdk")
        make_wheel(index.folder, "other")
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        files = {"requirements.txt": "other\n", "app.py": f"import other\n{HANDLER}", "plain.py": HANDLER}
        bench.write(files)
        yield bench


def configure(bench: Bench, plugin: str, options: str = "{}") -> None:
    """Have a plugin at work."""
    use = f"{{use: {plugin}, options: {options}}}"
    functions = "functions:\n  api:\n    handler: app.handler\n  plain:\n    handler: plain.handler\n"
    bench.write({"slspack.yml": f"runtime: python3.13\nplugins: [{use}]\n{functions}"})


def distributions(bench: Bench, *arguments: str) -> dict[str, list[str]]:
    """Build, and say which distributions each function has."""
    functions = bench.build(*arguments)["functions"]
    return {name: [one["name"] for one in function["distributions"]] for name, function in functions.items()}


def call(bench: Bench, name: str, **environment: str) -> object:
    """What a function's handler gives."""
    module = "app" if name == "api" else name
    done = run(bench.artifact(name), f"{module}.handler", [{}], Path(sys.executable), environment=environment)
    return done.results[0]


def test_datadog_is_imported_first_and_wraps_the_handler(bench: Bench) -> None:
    configure(bench, "datadog", "{functions: [api]}")
    assert distributions(bench) == {"api": ["datadog-lambda", "other"], "plain": []}
    assert call(bench, "api") == ["datadog", ["datadog_lambda", "handler's module"]]
    assert call(bench, "plain") == []


def test_sentry_is_initialised_before_the_handlers_module_is_imported(bench: Bench) -> None:
    configure(bench, "sentry", "{functions: ['a*'], tracesSampleRate: 0.5, timeoutWarning: false}")
    assert distributions(bench) == {"api": ["other", "sentry-sdk"], "plain": []}
    told = {"dsn": "https://key@sentry.example/1", "integrations": [False], "traces_sample_rate": 0.5}
    assert call(bench, "api", SENTRY_DSN=str(told["dsn"])) == ["init", told, "handler's module"]
    silent = {"dsn": None, "integrations": [False], "traces_sample_rate": 0.25}
    assert call(bench, "api", SENTRY_TRACES_SAMPLE_RATE="0.25") == ["init", silent, "handler's module"]
    assert call(bench, "plain") == []


def test_sentry_as_it_is_without_options(bench: Bench) -> None:
    configure(bench, "sentry")
    assert distributions(bench) == {"api": ["other", "sentry-sdk"], "plain": ["sentry-sdk"]}
    told = {"dsn": None, "integrations": [True], "traces_sample_rate": None}
    assert call(bench, "plain") == ["init", told, "handler's module"]


def test_powertools_injects_the_loggers_context_if_nothing_else_is_said(bench: Bench) -> None:
    configure(bench, "powertools")
    assert distributions(bench)["plain"] == ["aws-lambda-powertools"]
    given = {"log_event": False, "clear_state": False}
    assert call(bench, "plain") == ["Logger", {}, given, []]


def test_powertools_with_everything(bench: Bench) -> None:
    logger = "{logEvent: true, correlationIdPath: headers.id, clearState: true}"
    metrics = "{namespace: shop, captureColdStartMetric: true, raiseOnEmptyMetrics: true}"
    tracer = "{captureResponse: false}"
    options = f"{{service: orders, logger: {logger}, tracer: {tracer}, metrics: {metrics}, functions: [plain]}}"
    configure(bench, "powertools", options)
    assert distributions(bench)["plain"] == ["aws-lambda-powertools", "aws-xray-sdk"]
    service = {"service": "orders"}
    logged = {"log_event": True, "correlation_id_path": "headers.id", "clear_state": True}
    measured = {"capture_cold_start_metric": True, "raise_on_empty_metrics": True}
    assert call(bench, "plain") == [
        "Logger", service, logged, [
            "Tracer", service, {"capture_response": False}, [
                "Metrics", service | {"namespace": "shop"}, measured, [],
            ],
        ],
    ]  # fmt: skip


def test_powertools_with_nothing_leaves_the_handler_alone(bench: Bench) -> None:
    configure(bench, "powertools", "{logger: false}")
    bench.build()
    assert [name for name in bench.names_in("plain") if name.startswith("slspack_")] == []


@pytest.mark.parametrize(
    ("plugin", "module", "distribution"),
    [
        ("datadog", "ddtrace", "datadog-lambda"),
        ("powertools", "aws_lambda_powertools", "aws-lambda-powertools"),
        ("sentry", "sentry_sdk", "sentry-sdk"),
    ],
)
def test_a_layer_may_bring_the_library(bench: Bench, plugin: str, module: str, distribution: str) -> None:
    configure(bench, plugin, "{layer: true, functions: [plain]}")
    bench.write({"plain.py": f"import {module}\n{HANDLER}"})
    assert distributions(bench) == {"api": ["other"], "plain": []}
    assert [name for name in bench.names_in("plain") if name.startswith("slspack_wrap_")] != []
    configure(bench, plugin, "{layer: true, functions: [api]}")
    result = bench.slspack("build")
    assert result.status == 1
    assert f"`{module}`" in result.err


@pytest.mark.parametrize("plugin", ["datadog", "powertools", "sentry"])
def test_a_version_that_the_user_lists_counts(bench: Bench, plugin: str) -> None:
    assert bench.index
    name = {"datadog": "datadog-lambda", "powertools": "aws-lambda-powertools", "sentry": "sentry-sdk"}[plugin]
    files = {"datadog": DATADOG, "powertools": POWERTOOLS, "sentry": SENTRY}[plugin]
    make_wheel(bench.index.folder, name, "0.9", files=files)
    configure(bench, plugin)
    bench.write({"requirements.txt": f"other\n{name}==0.9\n"})
    found = bench.build()["functions"]["plain"]["distributions"]
    assert [(one["name"], one["version"]) for one in found] == [(name, "0.9")]


@pytest.mark.parametrize("plugin", ["datadog", "powertools", "sentry"])
def test_a_glob_that_names_no_function(bench: Bench, plugin: str) -> None:
    configure(bench, plugin, "{functions: [api, wokrer-*]}")
    result = bench.slspack("build")
    assert result.status == 2
    assert "`functions` of a plugin has `wokrer-*`, which no function is named" in result.err
    assert "the service has: api, plain" in result.err


def test_the_wrappers_go_together(bench: Bench) -> None:
    configure(bench, "datadog")
    content = (bench.root / "slspack.yml").read_text().replace("plugins: [", "plugins: [powertools, sentry, ")
    bench.write({"slspack.yml": content})
    bench.build()
    match call(bench, "plain"):
        case ["datadog", ["Logger", _, _, ["init", *_, "handler's module"]]]:
            return
        case other:
            pytest.fail(str(other))


def test_a_handler_of_a_distribution_has_its_early_wrapper_first(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "library", files={"library/__init__.py": "", "library/main.py": HANDLER})
    configure(bench, "sentry", "{functions: [lib]}")
    content = (bench.root / "slspack.yml").read_text()
    bench.write({"slspack.yml": f"{content}  lib:\n    handler: library.main.handler\n"})
    bench.write({"requirements.txt": "library\nother\n"})
    assert bench.build()["functions"]["lib"]["handler"] == "slspack_handler_lib.handler"
    done = run(bench.artifact("lib"), "slspack_handler_lib.handler", [{}], Path(sys.executable))
    assert done.results[0][0] == "init"
    assert done.results[0][-1] == "handler's module"
