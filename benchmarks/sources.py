"""The text of the generated modules and handlers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.services import BenchFunction

# The module by which each listed distribution is imported.
_MODULES = {
    "Flask": "flask",
    "Jinja2": "jinja2",
    "Pillow": "PIL.Image",
    "PyJWT": "jwt",
    "SQLAlchemy": "sqlalchemy",
    "attrs": "attr",
    "python-dateutil": "dateutil.parser",
}


def settings(revision: int) -> str:
    """The first-party module that every function reaches."""
    return f'"""Settings of the whole shop."""\n\nREVISION = {revision}\n'


def module(name: str, imports: Sequence[str], lines: int) -> str:
    """A module of about `lines` lines that imports others and adds up their weights when it is imported."""
    text = [f'"""{name}: generated."""', "", *(f"import {imported}" for imported in imports), ""]
    for number in range(max(1, lines // 6)):
        salt = hashlib.sha256(f"{name}/{number}".encode()).hexdigest()
        text += [
            "",
            f"def step_{number}(order, quantity={int(salt[:2], 16)}):",
            f'    """Rule {salt[:24]}."""',
            f"    if quantity > {int(salt[2:5], 16)}:",
            f'        return {{**order, "rule": "{salt[24:40]}", "quantity": quantity - 1}}',
            f'    return {{**order, "rule": "{salt[40:]}"}}',
            "",
        ]
    return "\n".join(text).rstrip("\n") + "\n"


def handler(function: BenchFunction, revision: int) -> str:
    """A handler that imports what the function needs and answers with what it finds at run time."""
    imported = [*(_MODULES.get(need, need) for need in function.needs), *function.modules]
    return "\n".join(
        [
            f'"""Handler of {function.name}."""',
            "",
            "from importlib.metadata import version",
            "",
            *(f"import {name}" for name in dict.fromkeys(imported)),
            "from shop import settings",
            "",
            f"NEEDS = {list(function.needs)!r}",
            "",
            "",
            "def handler(event, context):",
            f'    """Revision {revision}."""',
            *_answer(function, revision),
            "",
        ]
    )


def flask_handler(function: BenchFunction, revision: int) -> str:
    """A handler whose answer goes through a Flask application."""
    return "\n".join(
        [
            f'"""Handler of {function.name}."""',
            "",
            "from importlib.metadata import version",
            "",
            "from flask import Flask",
            "",
            *(f"import {name}" for name in function.modules),
            "from shop import settings",
            "",
            f"NEEDS = {list(function.needs)!r}",
            "app = Flask(__name__)",
            "",
            "",
            '@app.get("/")',
            "def index():",
            f'    """Revision {revision}."""',
            *_answer(function, revision),
            "",
            "",
            "def handler(event, context):",
            '    """Ask the application."""',
            '    return app.test_client().get("/").get_json()',
            "",
        ]
    )


def _answer(function: BenchFunction, revision: int) -> list[str]:
    return [
        "    return {",
        f'        "function": {function.name!r},',
        f'        "revision": {revision},',
        '        "shared": settings.REVISION,',
        '        "versions": {need: version(need) for need in NEEDS},',
        "    }",
    ]
