"""A configuration as grown services have it: 300 lines, includes, variables of every kind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slspack.config import LoadOptions, load_service

if TYPE_CHECKING:
    from slspack.model import Service

SHOP = Path(__file__).parent / "shop"
RUN = ["create", "list", "reserve", "release", "charge", "refund", "health", "report", "traced"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    shutil.copytree(SHOP, root)
    (root / "dotenv").rename(root / ".env")
    return root


def handlers(service: Service) -> dict[str, str]:
    return {function.name: function.handler.text for function in service.functions}


def test_the_service(shop: Path) -> None:
    service = load_service(shop, LoadOptions())
    assert (service.name, service.stage) == ("acme-shop-orders", "dev")
    assert handlers(service) == {
        "create": "src/orders/create.handler",
        "list": "src/orders/list.handler",
        "reserve": "src.tasks.reserve",
        "release": "src.tasks.release",
        "charge": "src/payments/charge.handler",
        "refund": "src/payments/refund.handler",
        "health": "src/health.handler",
        "report": "app.main",
        "traced": "datadog_lambda.handler.handler",
    }
    assert [(each.name, each.reason) for each in service.skipped] == [
        ("thumbnail", "runtime nodejs20.x"),
        ("render", "image"),
        ("legacy", "package.artifact"),
    ]
    assert {note.code.id for note in service.findings} == {"SLS0114"}


def test_only_what_is_needed_is_read(shop: Path) -> None:
    """The resources are not read: one file of them does not even exist."""
    assert set(load_service(shop, LoadOptions()).config_files) == {
        "serverless.yml",
        ".env",
        "config/shared.yml",
        "functions/orders.yml",
        "functions/payments.yml",
    }


def test_the_functions_in_detail(shop: Path) -> None:
    functions = {function.name: function for function in load_service(shop, LoadOptions()).functions}
    assert list(functions) == RUN
    assert str(functions["create"].target) == "python3.12 arm64"
    assert str(functions["report"].target) == "python3.13 x86_64"
    report = functions["report"]
    assert (report.source_roots, report.requirements.folder, report.opaque_layers) == (
        ("reports", "."),
        "reports",
        True,
    )
    assert [str(pair.choice.value) for pair in report.policy.optional_pairs] == ["listed"]
    assert report.policy.include_distributions == ("openpyxl",)
    assert functions["traced"].entrypoints == ("src/traced.handler",)
    assert [("" if each.include else "!") + each.glob for each in report.patterns] == [
        "!**/*.ipynb",
        "!**",
        "src/**/*.py",
        "src/templates/**",
        "!**/test_*.py",
        "reports/**/*.sql",
        "!reports/drafts/**",
    ]
    assert functions["charge"].policy.runtime_provided.value == "exclude"
    assert str(functions["release"].handler.location) == "functions/orders.yml:19:12"
    assert functions["create"].source_roots == (".", "src")


def test_another_stage_and_environment(shop: Path) -> None:
    options = LoadOptions(
        stage="prod",
        params={"runtime": "python3.11"},
        environment={"SHOP_PREFIX": "other", "INDIVIDUALLY": "1"},
    )
    service = load_service(shop, options)
    assert (service.name, service.stage) == ("other-orders", "prod")
    assert str(service.functions[0].target) == "python3.11 arm64"
    from_environment = load_service(shop, LoadOptions(environment={"SHOP_STAGE": "staging"}))
    assert from_environment.stage == "staging"


def test_reading_twice_gives_the_same(shop: Path) -> None:
    assert load_service(shop, LoadOptions()) == load_service(shop, LoadOptions())
