"""Handlers of tracers, which call the function's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.config import load_service
from slspack.model import MissingImports
from slspack.options import LoadOptions

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Function

TRACED = """\
service: shop
provider: {{name: aws, runtime: python3.13, environment: {{DD_LAMBDA_HANDLER: shared.handler}}}}
functions:
  api:
    handler: {handler}
    {more}
"""


def function(root: Path, handler: str, more: str = "memorySize: 128") -> Function:
    (root / "serverless.yml").write_text(TRACED.format(handler=handler, more=more))
    (one,) = load_service(root, LoadOptions()).functions
    return one


@pytest.mark.parametrize("handler", ["datadog_lambda.handler.handler", "datadog_lambda/handler.handler"])
def test_the_own_handler_is_traced_too(tmp_path: Path, handler: str) -> None:
    own = function(tmp_path, handler, "environment: {DD_LAMBDA_HANDLER: src/api.handler}")
    assert own.handler.module == "datadog_lambda.handler"
    assert own.entrypoints == ("src/api.handler",)
    assert own.policy.missing_rules == ()


def test_the_provider_names_it_for_all(tmp_path: Path) -> None:
    assert function(tmp_path, "datadog_lambda.handler.handler").entrypoints == ("shared.handler",)


def test_an_entry_point_that_is_written_down_counts(tmp_path: Path) -> None:
    assert function(tmp_path, "datadog_lambda.handler.handler", "entrypoint: src.api").entrypoints == ("src.api",)


def test_without_a_tracer_the_variable_means_nothing(tmp_path: Path) -> None:
    assert function(tmp_path, "src.api.handler").entrypoints == ()


def test_a_layer_may_have_the_tracer(tmp_path: Path) -> None:
    (rule,) = function(tmp_path, "datadog_lambda.handler.handler", "layers: [arn]").policy.missing_rules
    assert (rule.module, rule.choice) == ("datadog_lambda", MissingImports.IGNORE)
    said = "layers: [arn]\n    slspack: {missingImports: {datadog_lambda: error}}"
    (rule,) = function(tmp_path, "datadog_lambda.handler.handler", said).policy.missing_rules
    assert rule.choice is MissingImports.ERROR
