"""The two terminals of `docs/guides/local-emulators.md`, with the real serverless-offline and without the plugin."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.example_services import REPOSITORY, copy_example
from tests.support.serverless import install_serverless, serverless_offline
from tests.support.watching import Watching, rebuilt

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

QUOTE = json.dumps({"customer": {"country": "DE"}, "lines": []})


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_example("orders", tmp_path / "orders")
    edit(root / "serverless.yml", "  - serverless-slspack\n", "")
    (root / "node_modules").symlink_to(install_serverless())
    return root


@pytest.fixture
def path(tmp_path: Path, python313: Path) -> str:
    """A PATH on which `python3` is whichever it was, and the runtime's interpreter has its own name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3.13").symlink_to(python313)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.node
@pytest.mark.registry
def test_a_saved_edit_shows_in_the_next_response(root: Path, path: str, store: dict[str, str], tmp_path: Path) -> None:
    offline_options = ("--stage=local", "--noAuth")
    live = {"PATH": path, "PYTHONPATH": ".slspack/live"}
    scratch = tmp_path / "watch"
    scratch.mkdir()
    with (
        Watching(root, scratch, "--stage", "local", "--format", "dir", "--live", **store) as watching,
        contextlib.ExitStack() as second_terminal,
    ):
        watching.until(lambda event: event["event"] == "built")
        offline = second_terminal.enter_context(serverless_offline(root, *offline_options, **live))
        assert offline.get("/health") == (200, '{"status": "ok", "stage": "local"}')
        status, body = offline.post("/quotes", QUOTE)
        assert (status, json.loads(body)["errors"][0]["loc"]) == (422, ["customer", "name"])

        edit(root / "handlers/health.py", '"ok"', '"edited"')
        saved = time.perf_counter()
        watching.until(rebuilt("health"))
        built = time.perf_counter()
        assert offline.get("/health") == (200, '{"status": "edited", "stage": "local"}')
        answered = time.perf_counter()
        _log.info("saved to built %.3f s, built to answered %.3f s", built - saved, answered - built)

        # A module that both functions share.
        edit(root / "src/orders/http.py", "json.dumps(", "'shared ' + json.dumps(")
        watching.until_each_of("health", "quote")
        assert offline.get("/health") == (200, 'shared {"status": "edited", "stage": "local"}')
        assert offline.post("/quotes", QUOTE)[1].startswith('shared {"errors"')

        # A function that fails is mended by the next edit, and by nothing else.
        edit(root / "handlers/health.py", "    return respond(", "    raise LookupError(3)\n    return respond(")
        watching.until(rebuilt("health"))
        status, body = offline.get("/health")
        assert (status, json.loads(body)["errorType"], json.loads(body)["errorMessage"]) == (502, "LookupError", "3")
        edit(root / "handlers/health.py", "    raise LookupError(3)\n", "")
        watching.until(rebuilt("health"))
        assert offline.get("/health")[0] == 200
        assert "LookupError: 3" in offline.log.read_text("utf-8")


def test_the_guide_has_the_recipe() -> None:
    guide = (REPOSITORY / "docs/guides/local-emulators.md").read_text("utf-8")
    assert re.search(r"^    slspack watch --format dir --live$", guide, re.MULTILINE)
    assert re.search(r"^    PYTHONPATH=\.slspack/live npx serverless offline$", guide, re.MULTILINE)
