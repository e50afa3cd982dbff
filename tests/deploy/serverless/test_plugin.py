"""The plugin without the Framework: which slspack it starts, and what it does with answers that none gives yet."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import slspack
from tests.deploy.serverless.framework import give_command
from tests.support.bench import write_files

PLUGIN = Path(__file__).parents[3] / "deploy/serverless-slspack"
PACKAGE = json.loads((PLUGIN / "package.json").read_bytes())

FIND = "console.log(JSON.stringify(require(process.argv[1] + '/lib/find').findSlspack(JSON.parse(process.argv[2]))));"

# A Framework that is only what the plugin touches; it has no log API, as one before version 3.
HARNESS = """
const Plugin = require(process.argv[1]);
const service = JSON.parse(process.argv[2]);
const said = [];
const serverless = {
  serviceDir: process.cwd(),
  service: { ...service, getFunction: (name) => service.functions[name], getLayer: (name) => service.layers[name] },
  cli: { log: (text) => said.push(text) },
  version: process.argv[4],
};
const plugin = new Plugin(serverless, {});
plugin.hooks[process.argv[3]]().then(
  () => console.log(JSON.stringify({ said, service })),
  (error) => console.log(JSON.stringify({ said, error: error.message })),
);
"""


def test_plugin_and_slspack_are_released_together() -> None:
    assert PACKAGE["version"] == slspack.__version__
    assert "dependencies" not in PACKAGE


def test_the_schema_knows_every_spelling() -> None:
    settings = json.loads((PLUGIN / "lib/settings.json").read_bytes())
    assert {"command", "sourceRoots", "source-roots", "watch"} <= set(settings["service"]["properties"])
    assert "command" not in settings["function"]["properties"]
    watch = settings["service"]["properties"]["watch"]["anyOf"][-1]
    assert set(watch["properties"]) >= {"debounce", "ignore"}
    assert "$ref" not in (PLUGIN / "lib/settings.json").read_text("utf-8")


def node(script: str, *arguments: str, cwd: Path) -> Any:
    """What a script prints as JSON."""
    command = ["node", "-e", script, str(PLUGIN), *arguments]
    return json.loads(subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=True).stdout)


def executable(path: Path) -> str:
    write_files(path.parent, {path.name: "#!/bin/sh\n"})
    path.chmod(0o755)
    return str(path)


@pytest.mark.node
def test_the_nearest_slspack_is_found_first(tmp_path: Path) -> None:
    root = tmp_path / "repository/services/shop"
    root.mkdir(parents=True)
    (tmp_path / "repository/.git").mkdir()
    places = [
        root / ".venv/bin/slspack",
        tmp_path / "repository/.venv/bin/slspack",
        tmp_path / "active/bin/slspack",
        tmp_path / "path/slspack",
        tmp_path / "path/uvx",
        tmp_path / "path/pipx",
    ]
    executable(tmp_path / ".venv/bin/slspack")  # above the repository
    (tmp_path / "path").mkdir()
    variables = {
        "VIRTUAL_ENV": str(tmp_path / "active"),
        "PATH": f"{tmp_path / 'nowhere'}{os.pathsep}{tmp_path / 'path'}",
    }
    where: dict[str, object] = {"folder": str(root), "environment": variables}
    found = [executable(place) for place in places]
    for place in places:
        command = node(FIND, json.dumps(where), cwd=tmp_path)
        assert command["file"] == found.pop(0)
        place.unlink()
    asked = f"slspack[watch]=={slspack.__version__}"
    executable(tmp_path / "path/uvx")
    assert node(FIND, json.dumps(where), cwd=tmp_path)["args"] == ["--from", asked, "slspack"]
    (tmp_path / "path/uvx").unlink()
    executable(tmp_path / "path/pipx")
    assert node(FIND, json.dumps(where), cwd=tmp_path)["args"] == ["run", "--spec", asked, "slspack"]
    where["configured"] = "./tools/slspack --flag"
    named = node(FIND, json.dumps(where), cwd=tmp_path)
    assert named == {"file": str(root / "tools/slspack"), "args": ["--flag"]}


SERVICE: dict[str, Any] = {
    "service": "shop",
    "provider": {"name": "aws", "runtime": "python3.13"},
    "package": {},
    "functions": {"api": {"handler": "api.handler"}, "web": {"handler": "web.handler", "runtime": "nodejs20.x"}},
    "layers": {"deps": {"path": "layer"}},
}
HELLO = {"event": "hello", "protocol": 1, "slspack": slspack.__version__}
PACKAGED = "before:package:createDeploymentArtifacts"


def harness(root: Path, *events: object, status: int = 0) -> Any:
    """What the plugin does with these events of a command that ends with `status`."""
    lines = "\n".join(map(json.dumps, events))
    give_command(root, f"read -r request\ncat <<'END'\n{lines}\nEND\nexit {status}")
    return node(HARNESS, json.dumps(SERVICE), PACKAGED, cwd=root)


@pytest.mark.node
def test_artifacts_of_functions_and_layers_are_placed(tmp_path: Path) -> None:
    write_files(tmp_path, {".slspack/dist/api.zip": "api", ".slspack/dist/deps.zip": "deps"})
    built = {"sha256": "", "individually": True}
    functions = {"api": {"artifact": ".slspack/dist/api.zip", **built}}
    layers = {"deps": {"artifact": ".slspack/dist/deps.zip", **built}}
    result = harness(tmp_path, HELLO, {"event": "done", "functions": functions, "layers": layers, "text": ""})
    assert result["service"]["functions"]["api"]["package"] == {"artifact": ".serverless/api.zip", "individually": True}
    assert "package" not in result["service"]["functions"]["web"]
    assert result["service"]["layers"]["deps"]["package"] == {"artifact": ".serverless/layer-deps.zip"}
    assert (tmp_path / ".serverless/layer-deps.zip").read_text() == "deps"
    assert result["service"]["package"] == {}, "a function of Node.js shares what the Framework zips"


@pytest.mark.node
@pytest.mark.parametrize(
    ("version", "options", "is_refused"),
    [
        ("4.31.0", {"slim": True}, True),
        ("4.31.0", True, True),
        ("4.31.0", {"slim": True, "enabled": False}, False),
        ("4.31.0", False, False),
        ("4.31.0", None, False),
        ("3.40.0", {"slim": True}, False),
    ],
)
def test_what_version_4_would_package_twice_is_refused(
    tmp_path: Path, version: str, options: object, *, is_refused: bool
) -> None:
    """Where its own packaging is on, it rewrites the artifacts of other plugins."""
    lines = "\n".join(map(json.dumps, (HELLO, {"event": "done", "functions": {}, "text": ""})))
    give_command(tmp_path, f"read -r request\ncat <<'END'\n{lines}\nEND")
    service = {**SERVICE, "custom": {"pythonRequirements": options}}
    result = node(HARNESS, json.dumps(service), PACKAGED, version, cwd=tmp_path)
    assert ("error" in result) is is_refused, result
    if is_refused:
        assert "write `enabled: false` there" in result["error"]


@pytest.mark.node
def test_another_series_is_warned_of(tmp_path: Path) -> None:
    result = harness(tmp_path, {**HELLO, "slspack": "9.1.0"}, {"event": "done", "functions": {}, "text": ""})
    assert [text for text in result["said"] if "is slspack 9.1.0, and serverless-slspack is" in text]
    assert "error" not in result


@pytest.mark.node
@pytest.mark.parametrize(
    ("events", "status", "message"),
    [
        ([HELLO], 0, "ended without an answer."),
        ([HELLO, {"event": "failed", "errors": [{"code": "X", "text": "so it is"}]}], 1, "so it is"),
        ([HELLO, "noise"], 7, "ended with 7."),
        ([], 3, "does not know `hook serverless`"),
    ],
)
def test_a_process_that_fails_is_an_error(tmp_path: Path, events: list[object], status: int, message: str) -> None:
    assert message in harness(tmp_path, *events, status=status)["error"]
