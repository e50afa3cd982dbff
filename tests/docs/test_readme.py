"""The README's commands are the ones that CI runs, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text("utf-8")
CI = (REPOSITORY / ".ci" / "run").read_text("utf-8")


def shell_blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_screen_has_the_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:25])
    build, tests = shell_blocks()[:2]
    assert build in first_screen
    assert tests in first_screen
    assert build.endswith("slspack build --individually -C examples/orders\n")
    assert tests.endswith("-m pytest\n")


def test_ci_runs_these_two_commands() -> None:
    pattern = re.search(r"grep '\^(.*?)' README\.md", CI)
    assert pattern
    assert [line for line in README.splitlines() if line.startswith(pattern[1])] == [
        block.rstrip("\n") for block in shell_blocks()[:2]
    ]
    assert "readme_command 1\n" in CI
    assert "readme_command 2\n" in CI


def test_links_into_the_repository_lead_somewhere() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)", README) if "://" not in target]
    assert targets
    assert [target for target in targets if not (REPOSITORY / target).exists()] == []
