"""What a handler reaches, by which chain, and what is wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import (
    Finding,
    ImportPolicy,
    Location,
    MissingImports,
    MissingRule,
    ModuleName,
    Severity,
)
from slspack.trace import Remark, Scanner, SourceFacts, trace_function
from tests.support.tracing import archives, function, target, trace, write_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HANDLER = "\ndef handler(event, context): ...\n"


def errors(root: Path, files: Mapping[str, str], handler: str = "app.handler") -> list[Finding]:
    with pytest.raises(SlspackError) as caught:
        trace(root, files, function(handler))
    return list(caught.value.findings)


def test_only_what_is_reached_is_in(tmp_path: Path) -> None:
    files = {
        "app.py": "import shop.orders\n" + HANDLER,
        "shop/__init__.py": "",
        "shop/orders/__init__.py": "from . import models\n",
        "shop/orders/models.py": "from ..money import Money\n",
        "shop/money.py": "class Money: ...\n",
        "shop/unused.py": "",
        "other.py": "",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert [module.name for module in graph.modules] == [
        "app",
        "shop",
        "shop.orders",
        "shop.orders.models",
        "shop.money",
    ]


def test_each_module_knows_the_shortest_chain(tmp_path: Path) -> None:
    files = {
        "app.py": "import a\nimport b\n" + HANDLER,
        "a.py": "import long1\n",
        "long1.py": "import c\n",
        "b.py": "\n\nimport c\n",
        "c.py": "import app\n",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    by_name = {module.name: module for module in graph.modules}
    assert by_name[ModuleName("app")].importer is None
    assert by_name[ModuleName("b")].location == Location("app.py", 2, 8)
    assert by_name[ModuleName("c")].importer == "b"
    assert by_name[ModuleName("c")].location == Location("b.py", 3, 8)


def test_the_rest_is_the_standard_librarys_or_external(tmp_path: Path) -> None:
    source = (
        "import json, os.path\nfrom google.cloud import storage\ntry: import orjson\nexcept ImportError: import json\n"
    )
    graph = trace(tmp_path, {"app.py": source + HANDLER}, function("app.handler"))
    assert [found.module for found in graph.stdlib] == ["json", "os.path"]
    assert [(found.module, found.names, found.optional) for found in graph.external] == [
        ("google.cloud", ("storage",), False),
        ("orjson", (), True),
    ]
    assert graph.external[0].importer == "app"
    assert graph.external[0].location == Location("app.py", 2, 1)


def test_the_standard_library_is_the_targets(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"app.py": "import tomllib, cgi\n" + HANDLER})
    older = trace_function(function("app.handler", on=target("python3.10")), tree, Scanner())
    newer = trace_function(function("app.handler", on=target("python3.13")), tree, Scanner())
    assert [found.module for found in older.external] == ["tomllib"]
    assert [found.module for found in newer.external] == ["cgi"]


def test_star_imports_reach_the_submodules_that_all_names(tmp_path: Path) -> None:
    files = {
        "app.py": "from shop import *\n" + HANDLER,
        "shop/__init__.py": "__all__ = ['orders', 'VALUE']\nVALUE = 1\n",
        "shop/orders.py": "",
        "shop/unused.py": "",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert archives(graph) == {"app.py", "shop/__init__.py", "shop/orders.py"}


def test_source_roots_stand_for_the_artifacts_root(tmp_path: Path) -> None:
    files = {"src/app.py": "import shop.x, helpers\n" + HANDLER, "src/shop/x.py": "", "lib/helpers.py": ""}
    graph = trace(tmp_path, files, function("app.handler", source_roots=("src", "lib")))
    assert {module.path: module.archive for module in graph.modules} == {
        "src/app.py": "app.py",
        "src/shop/x.py": "shop/x.py",
        "lib/helpers.py": "helpers.py",
    }


def test_compiled_modules_go_in(tmp_path: Path) -> None:
    files = {"app.py": "from fast import core\n" + HANDLER, "fast/__init__.py": "", "fast/core.abi3.so": "\x7fELF"}
    assert "fast/core.abi3.so" in archives(trace(tmp_path, files, function("app.handler")))


def test_a_namespace_folder_does_not_capture_a_distributions_name(tmp_path: Path) -> None:
    files = {
        "app.py": "import google.cloud.storage\nfrom google import ours, auth\nimport data\nimport jobs\n" + HANDLER,
        "google/ours.py": "",
        "data/prices.csv": "",
        "jobs/run.py": "",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert archives(graph) == {"app.py", "google/ours.py"}
    assert [(found.module, found.names, found.optional) for found in graph.external] == [
        ("google.cloud.storage", (), False),
        ("google", ("auth",), False),
        ("data", (), False),
        ("jobs", (), True),
    ]


def test_a_package_that_extends_its_path_may_be_a_distributions_too(tmp_path: Path) -> None:
    extend = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
    files = {"app.py": "import acme.sdk\nfrom acme import auth\n" + HANDLER, "acme/__init__.py": extend}
    graph = trace(tmp_path, files, function("app.handler"))
    assert [(found.module, found.names) for found in graph.external] == [("acme.sdk", ()), ("acme", ("auth",))]


@pytest.mark.parametrize(
    ("statement", "message", "hint"),
    [
        ("import shop.order", "`shop.order` not found: `shop/__init__.py` has nothing of that name", "`orders`"),
        ("from shop import order", "`shop.order` not found: `shop/__init__.py` has nothing of that name", "`orders`"),
        ("from shop import VALEU", "`shop.VALEU` not found: `shop/__init__.py` has nothing of that name", "`VALUE`"),
        ("from shop.orders import x", "`shop.orders.x` not found: `shop/orders.py` has nothing of that name", None),
        ("import shop.orders.x.y", "`shop.orders.x` not found: `shop/orders.py` has nothing of that name", None),
        ("from shop.parts import on", "`shop.parts.on` not found: `shop/parts` has nothing of that name", "`one`"),
        ("def f(): import shop.zzz", "`shop.zzz` not found: `shop/__init__.py` has nothing of that name", None),
    ],
)
def test_a_first_party_import_that_must_fail_is_an_error(
    tmp_path: Path, statement: str, message: str, hint: str | None
) -> None:
    files = {
        "app.py": f"import json; {statement}\n" + HANDLER if not statement.startswith("def") else statement + HANDLER,
        "shop/__init__.py": "VALUE = 1\n",
        "shop/orders.py": "",
        "shop/parts/one.py": "",
    }
    (finding,) = errors(tmp_path, files)
    assert finding.code is Code.MODULE_NOT_FOUND
    assert finding.message == message
    assert finding.hint == (f"did you mean {hint}?" if hint else None)
    assert finding.at is not None
    assert (finding.at.path, finding.at.line) == ("app.py", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "try: import shop.nosuch\nexcept ImportError: pass",
        "from shop import VALUE, __doc__, __version__",
        "from shop.open import anything",
        "from shop.lazy import anything",
        "from shop.fast import anything",
        "from shop.fast.inner import anything",
    ],
)
def test_what_may_succeed_is_no_error(tmp_path: Path, statement: str) -> None:
    files = {
        "app.py": statement + HANDLER,
        "shop/__init__.py": "VALUE = 1\n__version__ = '1'\n",
        "shop/open.py": "from json import *\n",
        "shop/lazy.py": "def __getattr__(name): ...\n",
        "shop/fast.so": "\x7fELF",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert graph.findings == ()


def test_missing_imports_decides_what_a_missing_module_is(tmp_path: Path) -> None:
    files = {"app.py": "import shop.gone.deep, shop.lost\n" + HANDLER, "shop/__init__.py": ""}
    rules = (
        MissingRule(ModuleName("shop"), MissingImports.ERROR),
        MissingRule(ModuleName("shop.gone"), MissingImports.IGNORE),
    )
    lenient = ImportPolicy(missing=MissingImports.WARN)
    graph = trace(tmp_path, files, function("app.handler", policy=lenient))
    assert [(finding.severity, finding.code) for finding in graph.findings] == [
        (Severity.WARNING, Code.MODULE_NOT_FOUND),
        (Severity.WARNING, Code.MODULE_NOT_FOUND),
    ]
    with pytest.raises(SlspackError, match=r"^`shop\.lost` not found"):
        trace(tmp_path, files, function("app.handler", policy=ImportPolicy(missing_rules=rules)))


def test_a_relative_import_above_its_package_is_an_error_unless_caught(tmp_path: Path) -> None:
    files = {
        "app.py": "from . import a\nimport shop.deep\n" + HANDLER,
        "shop/__init__.py": "try: from .. import a\nexcept ImportError: a = None\n",
        "shop/deep.py": "def f():\n    from ..a import b\n",
        "a.py": "",
    }
    first, second = errors(tmp_path, files)
    assert first.code is second.code is Code.RELATIVE_IMPORT
    assert (first.message, str(first.at)) == ("`.` climbs above the package of `app`", "app.py:1:1")
    assert (second.message, str(second.at)) == ("`..a` climbs above the package of `shop.deep`", "shop/deep.py:2:5")


def test_all_errors_of_everything_reached_come_together(tmp_path: Path) -> None:
    files = {
        "app.py": "import a, b, c\n",
        "a.py": "def f(:\n",
        "b.py": "\udcff",
        "c.py": "from . import d\n",
    }
    found = errors(tmp_path, files)
    assert [finding.code for finding in found] == [
        Code.HANDLER_ATTRIBUTE,
        Code.SYNTAX_ERROR,
        Code.UNREADABLE_SOURCE,
        Code.RELATIVE_IMPORT,
    ]


def test_a_module_that_hides_the_standard_library_is_warned_about(tmp_path: Path) -> None:
    files = {
        "app.py": "import queue, abc\nfrom queue import Queue\nimport calendar.x\n" + HANDLER,
        "queue.py": "",
        "abc.py": "",
        "calendar/data.json": "",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert archives(graph) == {"app.py", "queue.py"}
    assert {(finding.code, finding.severity, finding.message) for finding in graph.findings} == {
        (
            Code.SHADOWS_STDLIB,
            Severity.WARNING,
            "`queue.py` hides the standard library's `queue` from everything in the function",
        ),
        (
            Code.SHADOWS_STDLIB,
            Severity.WARNING,
            "`abc.py` is never imported: Python takes the standard library's `abc`",
        ),
    }


def test_imports_of_unknown_names_are_warned_about(tmp_path: Path) -> None:
    source = "import importlib\ndef handler(event, context):\n    return importlib.import_module(event['x'])\n"
    graph = trace(tmp_path, {"app.py": source}, function("app.handler"))
    (finding,) = graph.findings
    assert (finding.code, finding.severity) == (Code.DYNAMIC_IMPORT, Severity.WARNING)
    assert finding.message == (
        "`importlib.import_module(event['x'])` imports a module whose name is known only at run time"
    )
    assert finding.at == Location("app.py", 3, 12)


def test_relative_import_calls_are_followed(tmp_path: Path) -> None:
    source = "import importlib\nimportlib.import_module('.b', __package__)\nimportlib.import_module('.c', 'p')\n"
    files = {"p/a.py": source + HANDLER, "p/b.py": "", "p/c.py": ""}
    assert archives(trace(tmp_path, files, function("p/a.handler"))) == {"p/a.py", "p/b.py", "p/c.py"}


class CountingMemo(dict):  # type: ignore[type-arg]
    """A memo that counts what is put into it."""

    puts = 0

    def __setitem__(self, key: object, value: object) -> None:
        self.puts += 1
        super().__setitem__(key, value)


def test_shared_sources_are_scanned_once_for_all_functions(tmp_path: Path) -> None:
    files = {f"app{number}.py": f"import shop\nN = {number}\n" + HANDLER for number in range(5)}
    tree = write_tree(tmp_path, {**files, "shop.py": "import json\n", "twin.py": "import json\n"})
    memo = CountingMemo()
    scanner = Scanner(memo)
    for number in range(5):
        trace_function(function(f"app{number}.handler"), tree, scanner)
    assert memo.puts == 6
    trace_function(function("twin.json"), tree, scanner)
    assert memo.puts == 6
    trace_function(function("app1.handler", on=target("python3.12")), tree, scanner)
    assert memo.puts == 8


def test_another_tree_is_looked_at_afresh(tmp_path: Path) -> None:
    scanner = Scanner()
    made = function("app.handler")
    trace_function(made, write_tree(tmp_path, {"app.py": HANDLER}), scanner)
    changed = write_tree(tmp_path, {"app.py": "import shop\n" + HANDLER, "shop.py": ""})
    assert archives(trace_function(made, changed, scanner)) == {"app.py", "shop.py"}


class FixedMemo(dict):  # type: ignore[type-arg]
    """A memo that knows the facts of every source."""

    def get(self, key: object, default: object = None) -> SourceFacts:
        lost = (Remark(2, 8, "__import__"),)
        return SourceFacts((), (), frozenset({"handler"}), (), frozenset(), open_path=False, given_up=lost)


def test_what_newer_syntax_hid_is_warned_about(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"app.py": HANDLER})
    (finding,) = trace_function(function("app.handler"), tree, Scanner(FixedMemo())).findings
    assert (finding.code, finding.severity) == (Code.NEWER_SYNTAX, Severity.WARNING)
    assert finding.message == (
        "`__import__` stands in a string that this Python cannot parse: what it imports is not seen"
    )
    assert finding.at == Location("app.py", 2, 8)


def test_an_import_of_a_module_beside_the_importer_leads_outside_but_knows_of_it(tmp_path: Path) -> None:
    files = {"tools/get-user/app.py": "import helper\nimport absent\n" + HANDLER, "tools/get-user/helper.py": ""}
    graph = trace(tmp_path, files, function("tools/get-user/app.handler"))
    assert archives(graph) == {"tools/get-user/app.py"}
    assert [(one.module, one.beside) for one in graph.external] == [
        ("helper", "tools/get-user/helper.py"),
        ("absent", ""),
    ]
