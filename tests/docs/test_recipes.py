"""The recipes for continuous integration: documents of the services' own, with the store where it is kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support import markdown
from tests.support.markdown import REPOSITORY

GUIDE = REPOSITORY / "docs/guides/ci.md"
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(REPOSITORY)}-{number}")
    for page in markdown.pages()
    for number, block in enumerate(markdown.fenced(page.read_text("utf-8"), "yaml"))
]


class Reader(yaml.SafeLoader):
    """Takes CloudFormation's tags for what stands after them."""


Reader.add_multi_constructor("!", lambda loader, tag, node: tag)


def recipes() -> list[dict[str, Any]]:
    return [yaml.safe_load(block) for block in markdown.fenced(GUIDE.read_text("utf-8"), "yaml")]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_yaml(block: str) -> None:
    assert yaml.load(block, Reader) is not None


def test_github_actions_keep_the_store_between_runs() -> None:
    github, _ = recipes()
    (job,) = github["jobs"].values()
    assert all(
        len(step.keys() & {"uses", "run"}) == 1 and step.keys() <= {"uses", "run", "with"} for step in job["steps"]
    )
    (kept,) = (step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/cache@"))
    assert job["env"] == {"SLSPACK_CACHE_DIR": f"${{{{ github.workspace }}}}/{kept['path']}"}
    assert kept["key"].startswith(kept["restore-keys"])
    assert [step["run"] for step in job["steps"] if "run" in step][:2] == ["pip install slspack", "slspack build"]
    (uploaded,) = (step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@"))
    assert (uploaded["path"], uploaded["include-hidden-files"]) == (".slspack/dist/", True), "a hidden folder"


def test_gitlab_keeps_the_store_between_pipelines() -> None:
    _, gitlab = recipes()
    (job,) = gitlab.values()
    (kept,) = job["cache"]["paths"]
    assert job["variables"] == {"SLSPACK_CACHE_DIR": f"$CI_PROJECT_DIR/{kept}"}
    assert job["script"][:2] == ["pip install slspack", "slspack build"]
    assert job["artifacts"]["paths"] == [".slspack/dist"]
