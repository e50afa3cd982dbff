"""Which imports of a source count, and how."""

from __future__ import annotations

import textwrap

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.trace import SourceFacts, scan_source
from slspack.trace.scan import scan_imports
from tests.support.tracing import target


def scan(source: str, runtime: str = "python3.13") -> SourceFacts:
    content = textwrap.dedent(source).encode()
    found = scan_source(content, "app.py", target(runtime))
    assert scan_imports(content, "app.py", target(runtime)) == found.imports
    return found


def imported(source: str, runtime: str = "python3.13") -> list[str]:
    return ["." * fact.level + fact.module for fact in scan(source, runtime).imports]


def required(source: str) -> dict[str, bool]:
    return {fact.module: not fact.optional for fact in scan(source).imports}


def test_every_form_of_import_statement_is_read() -> None:
    facts = scan("import a.b, c as d\nfrom e import f, g as h\nfrom . import i\nfrom ..j import *\n")
    assert [(fact.module, fact.level, fact.names) for fact in facts.imports] == [
        ("a.b", 0, ()),
        ("c", 0, ()),
        ("e", 0, ("f", "g")),
        ("", 1, ("i",)),
        ("j", 2, ("*",)),
    ]


def test_imports_know_their_line_and_column() -> None:
    facts = scan("x = 1\nif x:\n    import a, b\n")
    assert [(fact.line, fact.column) for fact in facts.imports] == [(3, 12), (3, 15)]


def test_every_compound_statement_is_entered() -> None:
    source = """
        for _ in x: import a1
        else: import a2
        while y: import b1
        else: import b2
        with z: import c
        match q:
            case 1: import d1
            case _: import d2
        class K:
            import e
            def m(self): import f
        async def g():
            async for _ in x: import h
            async with z: import i
        try: import j
        except KeyError: import k
        else: import l
        finally: import m
        """
    assert imported(source) == ["a1", "a2", "b1", "b2", "c", "d1", "d2", "e", "f", "h", "i", "j", "k", "l", "m"]


def test_imports_in_functions_are_deferred() -> None:
    facts = scan("import a\ndef f():\n    import b\nclass C:\n    import c\n")
    assert {fact.module: fact.deferred for fact in facts.imports} == {"a": False, "b": True, "c": False}


@pytest.mark.parametrize(
    "guard",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:",
        "import typing\nif typing.TYPE_CHECKING:",
        "import typing as t\nif t.TYPE_CHECKING:",
        "from typing import TYPE_CHECKING as CHECKING\nif CHECKING:",
        "from typing_extensions import TYPE_CHECKING as TC\nif TC or False:",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:",
        "if False:",
        "if 0:",
        "while False:",
        'if __name__ == "__main__":',
        'if "__main__" == __name__:',
        'if not __name__ != "__main__":',
    ],
)
def test_what_never_runs_does_not_count(guard: str) -> None:
    names = imported(f"{guard}\n    import dead\nelse:\n    import live\n")
    assert "dead" not in names
    assert "live" in names


@pytest.mark.parametrize(
    "clause",
    [
        "except ImportError:",
        "except ModuleNotFoundError as e:",
        "except Exception:",
        "except BaseException:",
        "except:",
    ],
)
def test_an_import_whose_failure_is_caught_is_optional_and_so_is_its_fallback(clause: str) -> None:
    assert required(f"try:\n    import orjson\n{clause}\n    import json\n") == {"orjson": False, "json": False}


def test_a_tuple_of_exceptions_catches_if_one_does() -> None:
    assert required("try: import a\nexcept (KeyError, builtins.ImportError): pass\n") == {"a": False}


def test_exception_groups_catch_too() -> None:
    assert required("try: import a\nexcept* ImportError: pass\n") == {"a": False}


def test_other_exceptions_do_not_make_an_import_optional() -> None:
    assert required("try: import a\nexcept (KeyError, OSError): import b\n") == {"a": True, "b": True}


def test_a_handler_that_raises_again_leaves_the_import_required() -> None:
    source = 'try: import a\nexcept ImportError as e: raise RuntimeError("install a") from e\n'
    assert required(source) == {"a": True}


def test_in_a_function_raising_again_may_be_caught_by_the_caller() -> None:
    source = """
        def export():
            try:
                import a
            except ImportError:
                raise NoExport
        """
    assert required(source) == {"a": False}


def test_handlers_of_a_body_that_imports_nothing_keep_their_place() -> None:
    assert required("try: run()\nexcept Exception: import traceback_tool\n") == {"traceback_tool": True}


def test_what_follows_a_caught_import_is_as_optional() -> None:
    assert required("try: import a\nexcept ImportError: pass\nelse: import b\nfinally: import c\n") == {
        "a": False,
        "b": False,
        "c": True,
    }


@pytest.mark.parametrize(
    "context",
    [
        "import contextlib\nwith contextlib.suppress(ImportError):",
        "from contextlib import suppress\nwith suppress(KeyError, ImportError):",
        "from contextlib import suppress as quiet\nwith lock, quiet(ModuleNotFoundError):",
    ],
)
def test_suppressing_import_errors_makes_an_import_optional(context: str) -> None:
    assert required(f"{context}\n    import a\n")["a"] is False


def test_suppressing_other_errors_does_not() -> None:
    assert required("from contextlib import suppress\nwith suppress(OSError):\n    import a\n")["a"] is True


@pytest.mark.parametrize(
    ("call", "module", "level"),
    [
        ('import importlib\nimportlib.import_module("a.b")', "a.b", 0),
        ('import importlib as i\ni.import_module(name="a.b")', "a.b", 0),
        ('from importlib import import_module\nx = [import_module("a.b")]', "a.b", 0),
        ('from importlib import import_module as load\nload("a.b")', "a.b", 0),
        ('import importlib\nimportlib.import_module(".b", "a")', "a.b", 0),
        ('import importlib\nimportlib.import_module("..c", package="a.b")', "a.c", 0),
        ('import importlib\nimportlib.import_module(".b", __package__)', "b", 1),
        ('__import__("a.b")', "a.b", 0),
        ('__import__("b", globals(), locals(), ["c"], 1)', "b", 1),
        ('import importlib\nclass A(importlib.import_module("a.b").B): pass', "a.b", 0),
        ('import importlib\n@importlib.import_module("a.b").wrap\ndef f(): pass', "a.b", 0),
        ('def f():\n    return importlib.import_module("a.b")\nimport importlib', "a.b", 0),
    ],
)
def test_import_calls_with_literals_count(call: str, module: str, level: int) -> None:
    facts = scan(call)
    assert (module, level) in {(fact.module, fact.level) for fact in facts.imports}
    assert facts.dynamic == ()


def test_import_calls_keep_their_place() -> None:
    source = """
        import importlib
        try:
            importlib.import_module("a")
        except ImportError:
            pass
        if False:
            importlib.import_module("dead")
        """
    assert required(source) == {"importlib": True, "a": False}


def test_import_calls_without_a_literal_are_remarked() -> None:
    facts = scan("from importlib import import_module\ndef f(x):\n    return import_module(f'plugins.{x}').run\n")
    assert [(remark.line, remark.column, remark.text) for remark in facts.dynamic] == [
        (3, 12, "import_module(f'plugins.{x}')")
    ]


def test_other_functions_of_that_name_do_not_import() -> None:
    facts = scan('loader.import_module(x)\nfrom mine import import_module\nimport_module("a")\n')
    assert [fact.module for fact in facts.imports] == ["mine"]
    assert facts.dynamic == ()


@pytest.mark.parametrize(
    "source",
    [
        'from importlib.resources import files\nfiles("shop.sql")',
        'from importlib import resources\nresources.files("shop.sql")',
        'import importlib.resources as r\nr.read_text("shop.sql", "a.sql")',
        'import pkgutil\npkgutil.get_data("shop.sql", "a.sql")',
        'from jinja2 import PackageLoader\nPackageLoader("shop.sql")',
    ],
)
def test_packages_whose_data_is_read_are_imported(source: str) -> None:
    assert required(source)["shop.sql"] is False


def test_names_defined_at_the_top_level() -> None:
    source = """
        import a.b, c as d
        from e import f as g
        h, (i, *j) = 1, (2, 3)
        k: int = 1
        for l in (): m = 1
        with x as n: pass
        def o(): inner = 1
        class p: inner = 1
        try: q = 1
        except KeyError as r: pass
        match s:
            case [t, *u]: pass
            case {"v": v, **w}: pass
        if (y := 1): pass
        def z():
            global aa
            aa = 1
        if TYPE_CHECKING: dead = 1
        """
    names = scan(source).names
    assert names == frozenset("adghijklmnopqrtuvwyz") | {"aa"}


@pytest.mark.parametrize(
    "source",
    [
        "from a import *",
        "def __getattr__(name): ...",
        "globals()['x'] = 1",
        "import sys\nsys.modules[__name__] = x",
        "exec(code)",
    ],
)
def test_names_are_unknown_where_they_are_made_at_run_time(source: str) -> None:
    assert scan(source).names is None


def test_methods_called_exec_and_getattr_of_classes_leave_names_known() -> None:
    assert scan("session.exec(query)\nclass A:\n    def __getattr__(self, n): ...\n").names == frozenset({"A"})


def test_dunder_all_is_read_as_far_as_it_is_literal() -> None:
    source = '__all__ = ["a", "b"] + other.__all__\n__all__ += ("c",)\n__all__.extend(["d"])\n__all__.append("e")\n'
    assert scan(source).exports == ("a", "b", "c", "d", "e")


def test_encodings_and_byte_order_marks() -> None:
    latin = "# -*- coding: latin-1 -*-\nimport caf\xe9\n".encode("latin-1")
    assert [fact.module for fact in scan_source(latin, "app.py", target()).imports] == ["café"]
    marked = b"\xef\xbb\xbfimport a\r\nimport b\r\n"
    assert [fact.module for fact in scan_source(marked, "app.py", target()).imports] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "reason", "at"),
    [
        (b"import a\nx = '\xff'\n", "it is not utf-8", "app.py:2"),
        (b"import a\n\0", "it contains a null byte", "app.py:2"),
        (b"# coding: klingon\n", "unknown encoding: klingon", "app.py:1"),
    ],
)
def test_what_is_not_text_is_an_error(content: bytes, reason: str, at: str) -> None:
    with pytest.raises(SlspackError) as caught:
        scan_source(content, "app.py", target())
    (finding,) = caught.value.findings
    assert finding.code is Code.UNREADABLE_SOURCE
    assert finding.message == f"`app.py` cannot be read as Python source: {reason}"
    assert str(finding.at) == at


def test_a_syntax_error_has_line_and_column() -> None:
    with pytest.raises(SlspackError) as caught:
        scan("import a\ndef f(:\n    pass\n")
    (finding,) = caught.value.findings
    assert finding.code is Code.SYNTAX_ERROR
    assert finding.message.startswith("`app.py` cannot be parsed: ")
    assert str(finding.at) == "app.py:2:7"


def test_syntax_that_the_target_lacks_is_an_error() -> None:
    with pytest.raises(SlspackError) as caught:
        scan("match x:\n    case 1: pass\n", "python3.9")
    assert caught.value.findings[0].code is Code.SYNTAX_ERROR


def test_sources_that_warn_are_read_without_a_warning() -> None:
    assert imported('import re\nx = "\\d"\n1 is 1\n') == ["re"]


@pytest.mark.parametrize("call", ['__import__("")', 'import importlib\nimportlib.import_module(".", "a")'])
def test_import_calls_of_no_module(call: str) -> None:
    assert {fact.module for fact in scan(call).imports} <= {"importlib", "a"}
