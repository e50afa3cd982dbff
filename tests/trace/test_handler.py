"""Where a function begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import ExternalImport, Finding, ModuleName
from tests.support.tracing import HANDLER_AT, archives, function, trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.model import Function

HANDLER = "def handler(event, context): ...\n"


def error(root: Path, files: Mapping[str, str], made: Function) -> Finding:
    with pytest.raises(SlspackError) as caught:
        trace(root, files, made)
    (finding,) = caught.value.findings
    assert finding.at == HANDLER_AT
    assert finding.function == "f"
    return finding


@pytest.mark.parametrize(
    ("handler", "path"),
    [
        ("app.handler", "app.py"),
        ("src/my-lambda.handler", "src/my-lambda.py"),
        ("app.pkg.main.handler", "app/pkg/main.py"),
        ("pkg/mod.handler", "pkg/mod.py"),
        ("pkg.handler", "pkg/__init__.py"),
    ],
)
def test_handlers_are_named_as_lambda_reads_them(tmp_path: Path, handler: str, path: str) -> None:
    assert path in archives(trace(tmp_path, {path: HANDLER}, function(handler)))


def test_the_packages_around_the_handler_are_imported_first(tmp_path: Path) -> None:
    files = {"app/__init__.py": "", "app/pkg/__init__.py": "", "app/pkg/main.py": HANDLER}
    graph = trace(tmp_path, files, function("app/pkg/main.handler"))
    assert [module.archive for module in graph.modules] == ["app/__init__.py", "app/pkg/__init__.py", "app/pkg/main.py"]


def test_a_misspelt_module_is_told_with_what_was_tried(tmp_path: Path) -> None:
    finding = error(tmp_path, {"orders/handler.py": HANDLER}, function("orders/handlr.handler"))
    assert finding.code is Code.HANDLER_NOT_FOUND
    assert finding.message == (
        "no module for `orders/handlr.handler` of function `f`: "
        "there is no `orders/handlr.py` or `orders/handlr/__init__.py`"
    )
    assert finding.hint == "did you mean `orders.handler`?"


def test_a_misspelt_module_at_the_root_is_not_taken_for_a_distributions(tmp_path: Path) -> None:
    finding = error(tmp_path, {"handler.py": HANDLER}, function("hanlder.handler"))
    assert finding.code is Code.HANDLER_NOT_FOUND
    assert finding.hint == "did you mean `handler`?"


def test_a_handler_that_begins_above_its_source_root_is_told_how_to_begin(tmp_path: Path) -> None:
    finding = error(tmp_path, {"src/app.py": HANDLER}, function("src/app.handler", source_roots=("src",)))
    assert finding.message == (
        "no module for `src/app.handler` of function `f`: there is no `src/src/app.py` or `src/src/app/__init__.py`"
    )
    assert finding.hint == "names begin at the source root `src`: write `app.handler`"


def test_a_missing_attribute_is_told_with_the_nearest(tmp_path: Path) -> None:
    finding = error(tmp_path, {"app.py": HANDLER}, function("app.handle"))
    assert finding.code is Code.HANDLER_ATTRIBUTE
    assert finding.message == "`app.py` defines no `handle`, which function `f` names"
    assert finding.hint == "did you mean `handler`?"


@pytest.mark.parametrize("source", ["from json import *\n", "def __getattr__(name): ...\n", "import shop as handler\n"])
def test_attributes_that_may_be_there_are_no_error(tmp_path: Path, source: str) -> None:
    assert trace(tmp_path, {"app.py": source, "shop.py": ""}, function("app.handler")).findings == ()


def test_a_handler_in_a_distribution_is_an_import_from_elsewhere(tmp_path: Path) -> None:
    graph = trace(tmp_path, {"app.py": HANDLER}, function("datadog_lambda.handler.handler"))
    name = ModuleName("datadog_lambda.handler")
    assert graph.modules == ()
    assert graph.external == (ExternalImport(name, ("handler",), False, name, HANDLER_AT),)


@pytest.mark.parametrize("entrypoint", ["src/app.py", "src.app", "src.app.handler", "src/app.handler"])
def test_the_services_own_code_is_named_by_entry_points(tmp_path: Path, entrypoint: str) -> None:
    files = {"src/app.py": "import shop\n" + HANDLER, "shop.py": ""}
    made = function("datadog_lambda.handler.handler", entrypoints=(entrypoint,))
    graph = trace(tmp_path, files, made)
    assert archives(graph) == {"src/app.py", "shop.py"}
    assert [found.module for found in graph.external] == ["datadog_lambda.handler"]


def test_entry_points_come_in_beside_a_handler_of_ones_own(tmp_path: Path) -> None:
    files = {"app.py": HANDLER, "plugins/one.py": ""}
    assert archives(trace(tmp_path, files, function("app.handler", entrypoints=("plugins.one",)))) == set(files)


def test_a_missing_entry_point_is_an_error(tmp_path: Path) -> None:
    made = function("datadog_lambda.handler.handler", entrypoints=("src/ap.py",))
    finding = error(tmp_path, {"src/app.py": HANDLER}, made)
    assert finding.code is Code.HANDLER_NOT_FOUND
    assert finding.message == "no module for `src/ap.py` of function `f`: there is no `src/ap.py`"


def test_a_missing_attribute_of_an_entry_point_is_an_error(tmp_path: Path) -> None:
    made = function("datadog_lambda.handler.handler", entrypoints=("app.handle",))
    assert error(tmp_path, {"app.py": HANDLER}, made).code is Code.HANDLER_ATTRIBUTE
