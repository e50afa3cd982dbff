"""The page of the documentation that says, row by row, what stands here in the place of other tools' options."""

from __future__ import annotations

from tests.parity import (
    test_esbuild,
    test_framework,
    test_offline,
    test_other_systems,
    test_python_requirements_docker,
    test_weaknesses,
    test_webpack,
)

_HEAD = """# What other tools have, and what is here

<!-- Written by `python -m tests.support.reference`; each row is a test in `tests/parity/`. -->

For whoever comes from another tool and looks for what they know. Each row below is a test of slspack's. The options of
serverless-python-requirements stand in [a table of their own](../guides/migrating.md); what it has besides comes first
here.

A setting of serverless-webpack or serverless-esbuild among slspack's own is an error whose hint says what to use
instead ([SLS0103](../errors/SLS0103.md)). Under `custom.webpack` and `custom.esbuild` they are for the JavaScript
functions of the service, and slspack looks at neither.
"""
_TABLES = (
    test_python_requirements_docker,
    test_webpack,
    test_esbuild,
    test_offline,
    test_framework,
    test_other_systems,
)
_WEAKNESSES = """## Weaknesses of other tools

What other tools admit to, and what is here instead.
"""


def parity_page() -> str:
    """The tables of the rows, and what users of other tools complain of."""
    tables = [module.ROWS.table() for module in _TABLES]
    pains = [f"- {here[:1].upper()}{here[1:]}." for here in dict.fromkeys(test_weaknesses.ROWS.here.values())]
    return "\n".join([_HEAD, *tables, _WEAKNESSES, *pains, ""])
