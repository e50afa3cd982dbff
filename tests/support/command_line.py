"""The page of the command line, made of what click knows of it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from slspack.cli.main import cli
from slspack.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Command line

<!-- Written by `python -m tests.support.reference`; edit `slspack/cli/`. -->

`python -m slspack` is the same as `slspack`. What is for people goes to standard error, except where it is what the
command was asked for (`plan`, `explain`); `--json` puts JSON, and nothing else, on standard output.
"""

_STATUSES = {
    ExitStatus.DONE: "done; warnings don't change it",
    ExitStatus.BUILD_FAILED: "the build failed: a missing requirement, a wrong hash, a size over its limit",
    ExitStatus.WRONG_USAGE: "the command line or a configuration file is wrong",
    ExitStatus.MACHINE_LACKS: "the machine lacks something: the network, an index, a resolver",
    ExitStatus.INTERRUPTED: "interrupted (Ctrl-C); nothing half-written is left in place",
}

_TAIL = """\
`slspack explain` ends with 1 where the name is not in the function.

## Errors and warnings

Each has a code with a [page of its own](../errors/index.md). An error fails the command; all of one kind are
shown together. A warning is counted in the table and stands in the manifest; a notice is only said. `-q` leaves out
everything but errors.

## Environment variables

| name | meaning |
| --- | --- |
| `SLSPACK_CACHE_DIR` | the folder of [the store](../concepts/store.md) |
| `SLSPACK_CACHE_MAX_SIZE` | overrides the setting `cacheMaxSize`: `5GB` |
| `NO_COLOR` | no colours, if it is not empty |
| `PIP_…`, `UV_…`, `NETRC` and the like | which [indexes](../guides/indexes-and-credentials.md) are asked, and how |

A `serverless.yml` may read others with `${env:NAME}`.
"""


def commands() -> dict[str, click.Context]:
    """The context of every command by its words (`build`, `cache info`), in the order in which `--help` lists them."""
    return {
        context.command_path.partition(" ")[2]: context for context in _leaves(click.Context(cli, info_name="slspack"))
    }


def _leaves(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield from _leaves(click.Context(command, info_name=name, parent=context))


def command_line_page() -> str:
    """The whole page, in Markdown."""
    lines = [_HEAD, "| command | |", "| --- | --- |"]
    lines += [
        f"| [`{name}`](#slspack-{name.replace(' ', '-')}) | {one.command.get_short_help_str(100)} |"
        for name, one in commands().items()
    ]
    for name, context in commands().items():
        lines += ["", *_section(name, context)]
    lines += ["", "## Exit status", "", "| status | meaning |", "| --- | --- |"]
    lines += [f"| {status.value} | {_STATUSES[status]} |" for status in ExitStatus]
    return "\n".join([*lines, "", _TAIL])


def _section(name: str, context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"## slspack {name}"
    yield ""
    yield f"    slspack {name} {' '.join(command.collect_usage_pieces(context))}"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    yield "| option | meaning |"
    yield "| --- | --- |"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            names, meaning = (" ".join(text.replace("|", "\\|").split()) for text in record)
            yield f"| `{names}` | {meaning} |"
