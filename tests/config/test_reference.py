"""The documentation of the configuration is the one that the code gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slspack.codes import Code
from slspack.config.reference import reference_page
from slspack.config.settings import kebab, spellings
from slspack.config.table import SETTINGS

ROOT = Path(__file__).parents[2]
CODES = [code for code in Code if code.id.startswith("SLS01")]


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")
    assert page == reference_page(), "run `python -m slspack.config.reference > docs/reference/configuration.md`"


def test_every_setting_is_read() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "slspack" / "config").rglob("*.py"))
    for setting in SETTINGS:
        assert re.search(rf'(?:\.get|setting\(\w+,|\(\w+,|_texts\(\w+,|_flag\(\w+,) ?\(?"{setting.name}"', sources), (
            setting.name
        )


def test_spellings() -> None:
    roots = next(setting for setting in SETTINGS if setting.name == "sourceRoots")
    service = next(setting for setting in SETTINGS if setting.name == "service")
    assert kebab("includeDistributions") == "include-distributions"
    assert spellings(roots) == ("sourceRoots", "source-roots")
    assert spellings(service) == ("service", "name")


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_every_error_of_the_configuration_has_its_page(code: Code) -> None:
    page = (ROOT / "docs" / "errors" / f"{code.id}.md").read_text("utf-8")
    assert page.startswith(f"# {code.id}: {code.title}\n")
