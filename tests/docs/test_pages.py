"""What the pages show is what there is: command lines parse, links lead somewhere, generated pages are current."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, get_type_hints

import click
import pytest

from slspack.looks import Looks
from slspack.options import LoadOptions
from slspack.plugins import Census, open_host
from slspack.report import plans, records
from tests.support import command_line, markdown
from tests.support.markdown import REPOSITORY
from tests.support.reference import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

READ = {page.relative_to(REPOSITORY).as_posix(): page.read_text("utf-8") for page in markdown.pages()}
TYPED = sorted(
    (page, command)
    for page, text in READ.items()
    if page != "docs/reference/cli.md"
    for command in markdown.commands(text)
)


@pytest.mark.parametrize(("path", "page"), PAGES.items(), ids=lambda value: getattr(value, "name", ""))
def test_a_generated_page_is_current(path: Path, page: Callable[[], str]) -> None:
    assert path.read_text("utf-8") == page(), "run `python -m tests.support.reference`"


def test_every_command_is_in_the_reference() -> None:
    assert set(command_line.commands()) >= {"build", "cache info", "clean", "explain", "lock", "plan"}
    assert "| `-f, --function NAME` |" in command_line.command_line_page()


def test_the_pages_show_commands() -> None:
    assert {page for page, _ in TYPED} >= {"README.md", "docs/tutorial.md", "examples/orders/README.md"}


@pytest.mark.parametrize(("page", "command"), TYPED)
def test_a_command_line_parses(page: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert parses(command), page


@pytest.mark.parametrize("command", ["slspack explain invoice", "slspack build --format tar", "slspack clean now"])
def test_a_command_line_that_is_wrong_does_not(command: str) -> None:
    with pytest.raises(click.UsageError):
        parses(command)


@pytest.mark.parametrize("command", ["slspack rebuild", "slspack cache empty", "slspack rebuild --all"])
def test_a_command_that_is_not_there_does_not(command: str) -> None:
    assert not parses(command)


_NO_BRACKETS = str.maketrans("[]", "  ")


def commands_of_plugins() -> Mapping[str, click.Command]:
    """The commands of the plugins that slspack brings."""
    host = open_host(REPOSITORY, LoadOptions(plugins=("prune-versions",)), (), Looks(), Census({}))
    return {str(command.name): command for command in host.commands()}


def parses(command: str) -> bool:
    """Whether there is such a command. Raises click.UsageError if click does not take its arguments.

    What stands in brackets may be left out, and is taken here.
    """
    words = shlex.split(re.split(r" [|>&]", command)[0].translate(_NO_BRACKETS), comments=True)[1:]
    if words[0] == "-p":
        words = words[2:]
    if words[0] in ("-h", "--help", "--version"):
        return len(words) == 1
    of_plugins = commands_of_plugins()
    if words[0] in of_plugins:
        of_plugins[words[0]].make_context(words[0], words[1:]).close()
        return True
    known = command_line.commands()
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in known), None)
    if name is None:  # a group of commands is only named, or there is no such thing
        return any(one.split()[:1] == words for one in known)
    arguments = words[len(name.split()) :]
    if not arguments:  # the command is only named
        return True
    wanted = known[name].command
    with wanted.make_context(name, arguments) as context:
        return context.command is wanted


def test_links_into_the_repository_lead_somewhere() -> None:
    broken = []
    for page, text in READ.items():
        folder = (REPOSITORY / page).parent
        for path, heading in markdown.links(text):
            target = folder / path if path else REPOSITORY / page
            if not target.exists() or (heading and heading not in markdown.headings(target.read_text("utf-8"))):
                broken.append((page, path, heading))
    assert broken == []


def test_the_documentation_can_be_reached_from_its_map() -> None:
    docs = REPOSITORY / "docs"
    reached, waiting = set(), [docs / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = ((page.parent / path).resolve() for path, _ in markdown.links(page.read_text("utf-8")) if path)
            waiting += [target for target in targets if target.suffix == ".md" and target.is_relative_to(docs)]
    assert reached == set(docs.rglob("*.md"))


RECORDS = {
    "The manifest": records.ManifestRecord,
    "A function": records.FunctionRecord,
    "A layer": records.LayerRecord,
    "A distribution": records.DistributionRecord,
    "What was left out": records.ExcludedRecord,
    "A warning": records.WarningRecord,
    "An artifact of a plan": plans.PlanRecord,
    "A file": plans.EntryRecord,
    "A wheel": plans.WheelRecord,
}


@pytest.mark.parametrize(("title", "record"), RECORDS.items(), ids=RECORDS)
def test_every_field_of_a_record_is_documented(title: str, record: type) -> None:
    page = READ["docs/reference/manifest.md"]
    section = re.search(rf"^##+ {title}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    assert section
    assert re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE) == list(get_type_hints(record))


def test_the_schemas_are_named() -> None:
    page = READ["docs/reference/manifest.md"]
    assert f"`{records.SCHEMA}`" in page
    assert f"`{plans.SCHEMA}`" in page
