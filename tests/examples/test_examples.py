"""What every example has, whether or not it can be built here."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from slspack.config import LoadOptions, load_service
from tests.support.example_services import EXAMPLES, NAMES

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = sorted(EXAMPLES.glob("*/requirements.txt"))
EVENTS = sorted(EXAMPLES.glob("*/events/*.json"))
SOURCES = sorted(
    path for path in EXAMPLES.rglob("*.py") if not {".slspack", "slspack_dist", "node_modules"} & set(path.parts)
)


def test_these_are_all_the_examples() -> None:
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/README.md")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_readme_that_says_how_to_build_it(name: str) -> None:
    readme = (EXAMPLES / name / "README.md").read_text("utf-8")
    assert readme.startswith(f"# {name}\n")
    assert re.search(r"^    slspack build( --individually| --sam)?$", readme, re.MULTILINE)


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.parent.name)
def test_compiled_requirements_are_pinned_and_hashed_and_name_no_address(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    entries = re.split(r"\n(?=\S)", "\n".join(lines))
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+( ; .+?)? \\\n", entry), entry
        assert "--hash=sha256:" in entry
    assert "://" not in text


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.parent.name)
def test_every_name_of_the_input_is_pinned(path: Path) -> None:
    pins = set(re.findall(r"^([a-z0-9-]+)==", path.read_text("utf-8"), re.MULTILINE))
    wanted = set(path.with_suffix(".in").read_text("utf-8").split())
    assert wanted
    assert wanted <= pins


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_events_are_as_json_writes_them(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_bytes(), feature_version=(3, 13))
    assert ast.get_docstring(tree)


FUNCTIONS = {
    "cdk-moods": {"diary": "functions/diary.handler on python3.13 x86_64"},
    "flask-api": {"web": "lambda_handler.handler on python3.13 arm64"},
    "flask-dynamodb": {"web": "guestbook.app.handler on python3.13 arm64"},
    "http-api": {"isbn": "isbn.handler on python3.13 arm64"},
    "orders": {
        "authorise": "handlers/authorise.handler on python3.13 arm64",
        "catalogue": "handlers.catalogue.handler on python3.13 x86_64",
        "confirm": "handlers.confirm.handler on python3.13 arm64",
        "health": "handlers/health.handler on python3.13 arm64",
        "payments": "handlers/payments.handler on python3.13 arm64",
        "quote": "handlers/quote.handler on python3.13 arm64",
        "report": "handlers/report.handler on python3.13 x86_64",
        "track": "handlers/track-shipments.handler on python3.13 arm64",
    },
    "sam-greetings": {
        "Api": "app.handler on python3.13 arm64",
        "Card": "card.handler on python3.13 arm64",
    },
    "scheduled-cron": {
        "payday": "payroll.payday.handler on python3.13 arm64",
        "retention": "payroll.retention.handler on python3.13 arm64",
    },
    "terraform-invoices": {
        "total": "src/invoices.total on python3.13 arm64",
        "check": "src/check.iban on python3.13 arm64",
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_its_configuration_declares_these_functions(name: str) -> None:
    service = load_service(EXAMPLES / name, LoadOptions())
    assert {each.name: f"{each.handler.text} on {each.target}" for each in service.functions} == FUNCTIONS[name]
    assert service.skipped == ()
    assert service.findings == ()


def test_the_local_stage_of_orders_is_all_for_one_architecture() -> None:
    service = load_service(EXAMPLES / "orders", LoadOptions(stage="local"))
    assert {str(function.target) for function in service.functions} == {"python3.13 x86_64"}
