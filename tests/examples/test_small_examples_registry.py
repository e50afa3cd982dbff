"""The small examples, built from the real index, read back and run by the interpreter of their runtime."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.archives import assert_read_by_info_zip, elf_architectures
from tests.support.cloud import loopback_cloud
from tests.support.example_services import NAMES, Built, build, copy_example
from tests.support.lambda_host import Run, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.registry, pytest.mark.interpreters]

FLASK = {"apig-wsgi", "blinker", "click", "flask", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}
AWS_SDK = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
SMALL = sorted(set(NAMES) - {"orders"})


@pytest.fixture(scope="module")
def built(build_example: Callable[..., Built]) -> dict[str, Built]:
    return {name: build_example(name) for name in SMALL}


@pytest.fixture(scope="module")
def call(built: dict[str, Built], python313: Path) -> Callable[..., Run]:
    """Call a function of an example with events named after their files."""

    def call_function(example: str, function: str, *events: str, **environment: str) -> Run:
        service = built[example]
        return run(
            service.artifact(function),
            service.functions[function]["handler"],
            [service.event(event) for event in events],
            python313,
            environment=environment,
        )

    return call_function


def body(response: Any) -> Any:
    return json.loads(response["body"])


def own_files(service: Built, function: str, *folders: str) -> set[str]:
    """The files in it that no distribution brought, as far as `folders` tell them."""
    return {name for name in service.files(function) if name.startswith(folders)}


@pytest.mark.parametrize("example", SMALL)
def test_the_manifest_says_what_the_artifacts_are(built: dict[str, Built], example: str) -> None:
    service = built[example]
    assert service.manifest["schema"] == "slspack-manifest/1"
    assert json.loads((service.root / ".slspack" / "dist" / "manifest.json").read_text("utf-8")) == service.manifest
    for name, function in service.functions.items():
        artifact = service.artifact(name)
        with zipfile.ZipFile(artifact) as archive:
            members = archive.infolist()
        assert function["artifact"] == f".slspack/dist/{name}.zip"
        assert function["sha256"] == hashlib.sha256(artifact.read_bytes()).hexdigest()
        assert function["bytes"] == artifact.stat().st_size
        assert function["entries"] == len(members)
        assert function["unzipped_bytes"] == sum(member.file_size for member in members)
        assert function["runtime"] == "python3.13"
        assert function["architecture"] == ("x86_64" if example == "cdk-moods" else "arm64")


@pytest.mark.parametrize("example", SMALL)
def test_the_artifacts_are_read_by_info_zip(built: dict[str, Built], example: str) -> None:
    for name in built[example].functions:
        assert_read_by_info_zip(built[example].artifact(name))


@pytest.mark.parametrize("example", SMALL)
def test_native_code_is_of_the_target(built: dict[str, Built], example: str) -> None:
    for name in built[example].functions:
        assert elf_architectures(built[example].artifact(name)) <= {"arm64"}


@pytest.mark.parametrize("example", SMALL)
def test_an_example_builds_without_a_warning(built: dict[str, Built], example: str) -> None:
    codes = [warning["code"] for warning in built[example].manifest["warnings"]]
    # A project without a lock, which a build says each time.
    assert codes == (["SLS0212"] if example == "scheduled-cron" else [])


@pytest.mark.parametrize("example", SMALL)
def test_a_second_build_changes_no_byte(built: dict[str, Built], example: str, store: dict[str, str]) -> None:
    before = {name: built[example].artifact(name).read_bytes() for name in built[example].functions}
    again = build(built[example].root, environment=store)
    assert {name: again.artifact(name).read_bytes() for name in again.functions} == before


def test_http_api_is_one_file(built: dict[str, Built], call: Callable[..., Run]) -> None:
    assert built["http-api"].files("isbn") == ["isbn.py"]
    good, wrong = call("http-api", "isbn", "isbn", "isbn-wrong").results
    assert body(good) == {"valid": True, "isbn13": "9783161484100", "isbn10": "316148410X"}
    assert wrong["statusCode"] == 422
    assert body(wrong) == {"valid": False, "reason": "the check digit is 1, but should be 0"}


def test_flask_api_has_its_package_data(built: dict[str, Built]) -> None:
    assert built["flask-api"].distributions("web") == FLASK
    assert own_files(built["flask-api"], "web", "bookshelf/", "lambda_handler") == {
        "bookshelf/__init__.py",
        "bookshelf/books.json",
        "bookshelf/catalogue.py",
        "bookshelf/templates/index.html",
        "bookshelf/templates/layout.html",
        "bookshelf/views.py",
        "lambda_handler.py",
    }


def test_flask_api_answers(call: Callable[..., Run]) -> None:
    page, found, not_found = call("flask-api", "web", "index", "search", "not-found").results
    assert page["statusCode"] == 200
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "<title>4 books</title>" in page["body"]
    assert '<a href="/api/books/9783518366684">Solaris</a>, Stanisław Lem (1961)' in page["body"]
    assert [book["title"] for book in body(found)] == ["The Left Hand of Darkness", "The Dispossessed"]
    assert not_found["statusCode"] == 404
    assert body(not_found) == {"error": "there is no book with the ISBN 9780000000000"}


def test_flask_dynamodb_has_the_sdk_that_it_lists(built: dict[str, Built]) -> None:
    service = built["flask-dynamodb"]
    assert service.distributions("web") == FLASK | AWS_SDK
    assert own_files(service, "web", "guestbook/") == {
        "guestbook/__init__.py",
        "guestbook/app.py",
        "guestbook/entries.py",
    }


def test_flask_dynamodb_keeps_what_visitors_write(call: Callable[..., Run]) -> None:
    with loopback_cloud() as cloud:
        cloud.tables["guestbook-test"] = []
        signed, refused, read = call(
            "flask-dynamodb",
            "web",
            "sign",
            "sign-empty",
            "read",
            ENTRIES_TABLE="guestbook-test",
            **cloud.environment,
        ).results
    assert signed["statusCode"] == 201
    assert refused["statusCode"] == 422
    assert body(refused) == {"error": "a name and a message are needed"}
    assert body(read) == [body(signed)]
    assert body(signed).items() >= {"name": "Ada", "message": "It computes!"}.items()


def test_the_sdk_of_the_runtime_can_be_relied_on_as_the_readme_says(tmp_path: Path, store: dict[str, str]) -> None:
    root = copy_example("flask-dynamodb", tmp_path / "guestbook")
    file = root / "serverless.yml"
    setting = "custom:\n  slspack:\n    runtimeProvided: exclude\n"
    file.write_text(file.read_text("utf-8").replace("custom:\n", setting, 1), "utf-8")
    assert build(root, environment=store).distributions("web") == FLASK


def test_scheduled_cron_gives_holidays_to_the_function_that_asks_for_them(built: dict[str, Built]) -> None:
    service = built["scheduled-cron"]
    assert service.distributions("payday") == {"holidays", "python-dateutil", "six"}
    assert service.distributions("retention") == set()
    assert set(service.files("retention")) == {"payroll/__init__.py", "payroll/retention.py", "payroll/schedule.py"}


def test_scheduled_cron_runs_by_the_day_that_the_event_names(call: Callable[..., Run]) -> None:
    payday, other = call("scheduled-cron", "payday", "payday", "not-payday").results
    assert payday == {"country": "DE", "today": "2026-12-31", "payday": "2026-12-31", "run": True}
    assert other == {"country": "DE", "today": "2026-05-31", "payday": "2026-05-29", "run": False}
    (retention,) = call("scheduled-cron", "retention", "retention", KEEP_YEARS="1").results
    assert retention["expired"][:2] == ["payslips/2024/01/", "payslips/2024/02/"]
    assert retention["expired"][-2:] == ["payslips/2025/01/", "payslips/2025/02/"]
