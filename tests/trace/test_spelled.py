"""Modules that only strings name: settings, middleware, apps, loggers' formatters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.model import Location
from tests.support.tracing import archives, function, trace
from tests.support.worlds import World, imports

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = "\ndef handler(event, context): ...\n"
SITE = {
    "app.py": "from site1.wsgi import application\n" + HANDLER,
    "site1/__init__.py": "",
    "site1/wsgi.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = 1\n",
    "site1/settings.py": (
        "ROOT_URLCONF = 'site1.urls'\nMIDDLEWARE = ['site1.timing.Timing']\nLOCAL_APPS = ['polls', 'shop.apps.Shop']\n"
    ),
    "site1/urls.py": "",
    "site1/timing.py": "class Timing: ...\n",
    "site1/unused.py": "",
    "polls/__init__.py": "",
    "polls/models.py": "import money\n",
    "polls/migrations/0001_initial.py": "",
    "polls/tests.py": "import factory\n",
    "polls/tests/test_models.py": "import factory\n",
    "polls/templates/polls/index.html": "",
    "shop/__init__.py": "",
    "shop/apps.py": "class Shop: ...\n",
    "shop/admin.py": "",
    "money.py": "",
    "other/__init__.py": "",
}


def test_a_django_site_is_followed_from_its_settings(tmp_path: Path) -> None:
    graph = trace(tmp_path, SITE, function("app.handler"))
    assert archives(graph) == SITE.keys() - {
        "site1/unused.py",
        "polls/tests.py",
        "polls/tests/test_models.py",
        "polls/templates/polls/index.html",
        "other/__init__.py",
    }
    assert [data.archive for data in graph.data] == ["polls/templates/polls/index.html"]
    assert graph.findings == ()
    settings = next(module for module in graph.modules if module.name == "site1.settings")
    assert (settings.importer, settings.location) == ("site1.wsgi", Location("site1/wsgi.py", 2, 49))


@pytest.mark.parametrize(
    "line",
    [
        "path = 'shop.models'",
        "call(f, name='shop.models.Order')",
        "x = {'class': ['shop.models.Order']}",
        "def f(x='shop.models'): ...",
    ],
)
def test_a_string_may_name_a_module_or_what_one_defines(tmp_path: Path, line: str) -> None:
    files = {"app.py": line + HANDLER, "shop/__init__.py": "", "shop/models.py": "class Order: ...\n"}
    assert "shop/models.py" in archives(trace(tmp_path, files, function("app.handler")))


@pytest.mark.parametrize(
    "line",
    [
        "path = 'shop'",
        "path = 'shop.models.Missing'",
        "path = 'shop.models.Order.name'",
        "path = 'shop/models.py'",
        "'shop.models'",
        "order: 'shop.models.Order' = None",
        "def f(order: 'list[shop.models.Order]') -> 'shop.models.Order': ...",
        "from typing import cast\norder = cast('shop.models.Order', None)",
        "path = f'shop.models{1}'",
        "# 'shop.models'",
    ],
)
def test_other_strings_name_nothing(tmp_path: Path, line: str) -> None:
    files = {"app.py": line + HANDLER, "shop/__init__.py": "", "shop/models.py": "class Order: ...\n"}
    graph = trace(tmp_path, files, function("app.handler"))
    assert archives(graph) == {"app.py"}
    assert graph.findings == ()


@pytest.mark.parametrize("name", ["logs.jsonlogger.JsonFormatter", "logs.jsonlogger", "logs.Formatter"])
def test_a_distribution_that_a_string_names_goes_in(name: str) -> None:
    assert _named(name).members() == {"json-logs"}
    assert _named(name).members("g") == set()
    assert _named(name).draw().findings == ()


@pytest.mark.parametrize("name", ["logs.level", "logs.jsonlogger.a.B", "elsewhere.Thing"])
def test_a_likeness_is_no_reason_and_no_error(name: str) -> None:
    world = _named(name).function("h", imports("logs"))
    assert (world.members(), world.members("h")) == (set(), {"json-logs"})
    assert world.draw().closures["f"].findings == ()


def _named(name: str) -> World:
    world = World().lists("json-logs").wheel("json-logs", {"logs/__init__.py": "", "logs/jsonlogger.py": ""})
    return world.function("f", replace(imports(name, optional=True), spelled=True)).function("g")


def test_apps_of_distributions_are_imports_that_may_fail(tmp_path: Path) -> None:
    files = {
        "app.py": "from django.conf import settings\nsettings.configure(INSTALLED_APPS=('rest_framework',))" + HANDLER
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert [(one.module, one.optional, one.spelled) for one in graph.external] == [
        ("django.conf", False, False),
        ("rest_framework", True, False),
    ]
