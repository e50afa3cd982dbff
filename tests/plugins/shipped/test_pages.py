"""The pages of shipped plugins name the options that there are."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from slspack.plugins.options import option_names
from tests.support.bench import REPOSITORY


@pytest.mark.parametrize("plugin", ["asgi", "dotenv", "wsgi"])
def test_a_page_has_every_option(plugin: str) -> None:
    page = (REPOSITORY / f"docs/plugins/{plugin}.md").read_text("utf-8")
    table = page.partition("## Options")[2].partition("\n## ")[0]
    options = import_module(f"slspack.plugins.shipped.{plugin}").Options
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(option_names(options))
