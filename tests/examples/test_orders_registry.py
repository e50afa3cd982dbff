"""`examples/orders`, built from the real index and run: eight functions, each with what it needs and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.archives import assert_read_by_info_zip, elf_architectures
from tests.support.cloud import loopback_cloud
from tests.support.example_services import Built, build, slspack
from tests.support.lambda_host import Run, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.registry, pytest.mark.interpreters]

CRYPTOGRAPHY = {"cffi", "cryptography", "pycparser"}
DISTRIBUTIONS = {
    "authorise": {"pyjwt"} | CRYPTOGRAPHY,
    "catalogue": {
        "boto3",
        "botocore",
        "jmespath",
        "python-dateutil",
        "pyyaml",
        "s3transfer",
        "six",
        "urllib3",
    },
    "confirm": {"jinja2", "markupsafe"},
    "health": set(),
    "payments": CRYPTOGRAPHY,
    "quote": {"annotated-types", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection"},
    "report": {"numpy", "pandas", "python-dateutil", "six"},
    "track": {"certifi", "charset-normalizer", "idna", "requests", "urllib3"},
}
FIRST_PARTY = {
    "authorise": {"handlers/authorise.py", "orders/__init__.py", "orders/log.py", "orders/tokens.py"},
    "catalogue": {"handlers/catalogue.py", "orders/__init__.py", "orders/log.py", "orders/prices.py"},
    "confirm": {
        "handlers/confirm.py",
        "legal/terms.txt",
        "orders/__init__.py",
        "orders/emails/__init__.py",
        "orders/emails/templates/confirmation.html.j2",
        "orders/emails/templates/confirmation.txt.j2",
        "orders/emails/templates/layout.html.j2",
        "orders/log.py",
        "orders/mail.py",
        "orders/queues.py",
    },
    "health": {"handlers/health.py", "orders/__init__.py", "orders/http.py"},
    "payments": {
        "handlers/payments.py",
        "orders/__init__.py",
        "orders/http.py",
        "orders/log.py",
        "orders/signatures.py",
    },
    "quote": {"handlers/quote.py", "orders/__init__.py", "orders/http.py", "orders/models.py", "orders/pricing.py"},
    "report": {"handlers/report.py", "orders/__init__.py", "orders/http.py", "orders/sales.py"},
    "track": {"handlers/track-shipments.py", "orders/__init__.py", "orders/carrier.py", "orders/log.py"},
}
NATIVE = {
    "authorise": {"arm64"},
    "catalogue": {"x86_64"},
    "confirm": {"arm64"},
    "health": set(),
    "payments": {"arm64"},
    "quote": {"arm64"},
    "report": {"x86_64"},
    "track": {"arm64"},
}
FUNCTIONS = sorted(DISTRIBUTIONS)
FOLDERS = ("handlers/", "legal/", "orders/")


@pytest.fixture(scope="module")
def mixed(build_example: Callable[..., Built]) -> Built:
    """As it is deployed: arm64 and x86_64."""
    return build_example("orders")


@pytest.fixture(scope="module")
def local(build_example: Callable[..., Built]) -> Built:
    """All for x86_64, so that the tests' machine can run it."""
    return build_example("orders", "--stage", "local")


@pytest.fixture(scope="module")
def call(local: Built, python313: Path) -> Callable[..., Run]:
    """Call a function with events named after their files."""

    def call_function(function: str, *events: str, **environment: str) -> Run:
        known = local.event("environment")
        return run(
            local.artifact(function),
            local.functions[function]["handler"],
            [local.event(event) for event in events],
            python313,
            environment={**known, **environment},
        )

    return call_function


def body(response: Any) -> Any:
    return json.loads(response["body"])


# What goes in


def test_every_function_gets_an_artifact(mixed: Built) -> None:
    assert sorted(mixed.functions) == FUNCTIONS
    assert sorted(path.name for path in (mixed.root / ".slspack" / "dist").glob("*.zip")) == [
        f"{name}.zip" for name in FUNCTIONS
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_the_distributions_that_it_needs(mixed: Built, function: str) -> None:
    assert mixed.distributions(function) == DISTRIBUTIONS[function]
    dist_infos = {name.split("/")[0] for name in mixed.files(function) if ".dist-info/" in name}
    assert len(dist_infos) == len(DISTRIBUTIONS[function])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_the_first_party_files_that_it_reaches(mixed: Built, function: str) -> None:
    assert {name for name in mixed.files(function) if name.startswith(FOLDERS)} == FIRST_PARTY[function]


def test_the_function_that_needs_nothing_holds_three_files(mixed: Built) -> None:
    assert set(mixed.files("health")) == FIRST_PARTY["health"]
    assert set(mixed.functions["health"]["modules"]) == {
        "handlers/health.py",
        "src/orders/__init__.py",
        "src/orders/http.py",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_services_other_files_stay_out(mixed: Built, function: str) -> None:
    names = mixed.files(function)
    assert not [name for name in names if name.startswith(("events/", "functions/", "src/", ".slspack/"))]
    assert not {"README.md", "requirements.in", "requirements.txt", "serverless.yml"} & set(names)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_native_code_is_of_the_functions_architecture(mixed: Built, function: str) -> None:
    assert elf_architectures(mixed.artifact(function)) == NATIVE[function]
    expected = "x86_64" if function in ("catalogue", "report") else "arm64"
    assert mixed.functions[function]["architecture"] == expected


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_stage_of_its_own_builds_all_for_this_machine(local: Built, function: str) -> None:
    assert local.functions[function]["architecture"] == "x86_64"
    assert elf_architectures(local.artifact(function)) <= {"x86_64"}
    assert local.distributions(function) == DISTRIBUTIONS[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_artifact_is_read_by_info_zip(mixed: Built, function: str) -> None:
    assert_read_by_info_zip(mixed.artifact(function))


def test_only_what_pyjwt_reaches_for_is_worth_a_word(mixed: Built) -> None:
    warnings = mixed.manifest["warnings"]
    assert {warning["code"] for warning in warnings} <= {"SLS0405"}
    assert all("cryptography" in warning["message"] for warning in warnings)


def test_a_second_build_changes_no_byte(
    build_example: Callable[..., Built], mixed: Built, store: dict[str, str]
) -> None:
    before = {name: mixed.artifact(name).read_bytes() for name in FUNCTIONS}
    again = build(mixed.root, environment=store)
    elsewhere = build_example("orders")
    for name in FUNCTIONS:
        assert again.artifact(name).read_bytes() == before[name], name
        assert elsewhere.artifact(name).read_bytes() == before[name], name


def test_explain_tells_the_way_from_the_handler_to_a_distribution(mixed: Built, store: dict[str, str]) -> None:
    explained = slspack("explain", "authorise", "cryptography", folder=mixed.root, environment=store).stdout
    steps = ["handlers/authorise.py", "src/orders/tokens.py", "jwt/"]
    places = [explained.find(step) for step in steps]
    assert -1 not in places, explained
    assert places == sorted(places), explained


# What runs


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_handler_can_be_imported(call: Callable[..., Run], function: str) -> None:
    assert call(function, CARRIER_URL="http://127.0.0.1:9").results == ()


def test_health(call: Callable[..., Run]) -> None:
    (response,) = call("health", "health").results
    assert response["statusCode"] == 200
    assert body(response) == {"status": "ok", "stage": "local"}


def test_quote(call: Callable[..., Run]) -> None:
    good, bad = call("quote", "quote", "quote-invalid").results
    assert good["statusCode"] == 200
    expected = {"currency": "EUR", "goods": "33.95", "shipping": "4.90", "tax": "7.38", "total": "46.23"}
    assert body(good) == expected
    assert bad["statusCode"] == 422
    assert [error["loc"] for error in body(bad)["errors"]] == [
        ["customer", "country"],
        ["lines", 0, "sku"],
        ["lines", 0, "quantity"],
    ]


def test_report(call: Callable[..., Run]) -> None:
    by_sku, by_day = call("report", "report", "report-by-day").results
    assert body(by_sku)["rows"] == [
        {"sku": "CU-0007", "quantity": 1, "revenue": 8.95},
        {"sku": "TE-0042", "quantity": 7, "revenue": 87.5},
    ]
    assert body(by_day)["rows"] == [
        {"day": "2026-09-22", "quantity": 4, "revenue": 46.45},
        {"day": "2026-09-23", "quantity": 4, "revenue": 50.0},
    ]


def test_payments(call: Callable[..., Run]) -> None:
    called = call("payments", "payments", "payments-forged")
    good, forged = called.results
    assert good["statusCode"] == 200
    assert body(good) == {"order": "A-1001", "status": "paid"}
    assert forged["statusCode"] == 401
    assert [line["message"] for line in called.logged()] == ["order changed", "webhook refused"]


def test_authorise(call: Callable[..., Run]) -> None:
    called = call("authorise", "authorise", "authorise-other-route", "authorise-expired")
    allowed, other_route, expired = called.results
    assert allowed == {"isAuthorized": True, "context": {"caller": "shop-frontend", "routes": "POST /quotes"}}
    assert other_route["isAuthorized"] is False
    assert expired == {"isAuthorized": False}
    assert [line["reason"] for line in called.logged()] == ["Signature has expired"]


def test_confirm(call: Callable[..., Run]) -> None:
    called = call("confirm", "confirm")
    assert called.results == ({"batchItemFailures": [{"itemIdentifier": "2e1424d4-f796-459a-8184-9c92662be6da"}]},)
    mail, failure = called.logged()
    assert mail["to"] == "ada@example.com"
    assert mail["subject"] == "Your order A-1001"
    assert "Tea, 250 g, 12.50 € each\n" in mail["text"]
    assert failure["error"] == "KeyError: 'customer'"


def test_catalogue(call: Callable[..., Run]) -> None:
    with loopback_cloud() as cloud:
        uploaded = b"valid_from: 2026-10-01\nprices:\n  TE-0042: 12.5\n  CU-0007: 9\n"
        cloud.objects["/orders-prices-dev/incoming/autumn 2026.yml"] = uploaded
        results = call("catalogue", "catalogue-test", "catalogue", **cloud.environment).results
    assert results == ({"published": 0, "refused": []}, {"published": 2, "refused": []})
    published = cloud.objects["/orders-prices-dev/published/prices.json"]
    assert json.loads(published) == {"CU-0007": "9.00", "TE-0042": "12.50"}


def test_catalogue_refuses_a_list_without_prices(call: Callable[..., Run]) -> None:
    with loopback_cloud() as cloud:
        cloud.objects["/orders-prices-dev/incoming/autumn 2026.yml"] = b"prices: [1, 2]\n"
        (result,) = call("catalogue", "catalogue", **cloud.environment).results
    assert result == {"published": 0, "refused": ["incoming/autumn 2026.yml"]}
    assert set(cloud.objects) == {"/orders-prices-dev/incoming/autumn 2026.yml"}


def test_track(call: Callable[..., Run]) -> None:
    shipments = {
        "shipments": [
            {"reference": "A-0998", "due": "2026-09-24T10:15:00Z"},
            {"reference": "A-1001", "due": "2026-09-26T18:00:00+02:00"},
        ]
    }
    with loopback_cloud() as cloud:
        cloud.objects["/v1/shipments"] = json.dumps(shipments).encode()
        called = call("track", "track", CARRIER_URL=cloud.url)
    assert called.results == ({"checked": 2, "late": ["A-0998"]},)
    assert called.logged() == [{"message": "shipment late", "order": "A-0998", "hours": 3.5}]
