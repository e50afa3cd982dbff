"""serverless-offline, row by row: its options stay its own, and it finds what slspack has built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.parity.rows import API, Rows, configure, distributions, sha256, shop
from tests.support.bench import REPOSITORY
from tests.support.live import EMULATOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

ROWS = Rows("serverless-offline")
OPTIONS = (
    "corsAllowHeaders corsAllowOrigin corsDisallowCredentials corsExposedHeaders disableCookieValidation dockerHost "
    "dockerHostServicePath dockerNetwork dockerReadOnly enforceSecureCookies host httpPort httpsProtocol "
    "ignoreJWTSignature lambdaPort layersDir localEnvironment noAuth noPrependStageInUrl noTimeout prefix "
    "reloadHandler resourceRoutes terminateIdleLambdaTime useDocker useInProcess webSocketHardTimeout "
    "webSocketIdleTimeout websocketPort"
)
PLUGIN = (REPOSITORY / "deploy/serverless-slspack/index.js").read_text("utf-8")
GUIDE = (REPOSITORY / "docs/guides/local-emulators.md").read_text("utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


@ROWS.alike(
    "the emulator's own: not looked at, and changes nothing of an artifact", *(f"`{one}`" for one in OPTIONS.split())
)
def _(bench: Bench, name: str) -> None:
    before = sha256(bench)
    configure(bench, custom=f"serverless-offline: {{{name.strip('`')}: x}}")
    assert sha256(bench) == before
    assert "SLS0103" not in bench.slspack("build").err


@ROWS.row("restart needed", "not for slspack: `watch` reads a changed `serverless.yml`, too")
def _(bench: Bench) -> None:
    distributions(bench)
    configure(bench, API + "  more: {handler: app.handler}\n")
    assert set(bench.build()["functions"]) == {"api", "more"}


@ROWS.alike(
    "the emulator's own: slspack has no part in requests",
    "content types",
    "API keys",
    "custom authorizers",
    "own auth strategy",
    "identity overrides",
    "CORS, `{proxy+}`, ANY",
    "response parameters",
    "WebSocket",
    "credentials",
)
def _(bench: Bench, _: str) -> None:
    before = sha256(bench)
    events = "events: [{http: {path: '{proxy+}', method: any, cors: true, private: true, authorizer: {name: auth}}}]"
    configure(
        bench,
        f"  api: {{handler: app.handler, {events}}}\n",
        custom="offline: {customAuthenticationProvider: ./auth}",
    )
    assert sha256(bench) == before


def invoked(bench: Bench, **variables: str) -> object:
    """What the handler returns to a child process that has the folder of live modules on its path."""
    bench.write(
        {"app.py": "import os, web\n\ndef handler(event, context):\n    return os.environ.get('IS_OFFLINE', '')\n"}
    )
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    emulator = bench.root.parent / "emulator/invoke.py"
    emulator.parent.mkdir()
    emulator.write_text(EMULATOR)
    done = subprocess.run(
        [sys.executable, "-u", emulator, "app", "handler"],
        cwd=bench.root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".slspack/live", "_HANDLER": "app.handler", **variables},
        input='{"event": {}, "context": {}}\n',
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["__offline_payload__"]


@ROWS.alike(
    "each function is served in the child process that is started for it",
    "run modes (Node)",
    "run mode (Python, Ruby, Go, Java)",
)
def _(bench: Bench, _: str) -> None:
    assert invoked(bench) == ""


@ROWS.row("function names", "kept: an artifact is called as the function's key, whatever its deployed `name`")
def _(bench: Bench) -> None:
    configure(bench, "  hello-world: {handler: app.handler, name: shop-hello}\n")
    bench.build()
    assert bench.artifact("hello-world").is_file()


@ROWS.alike("the emulator's own, which serves what slspack has built", "invoke API", "debug")
def _(_: Bench, __: str) -> None:
    assert "'offline:start:end'" in PLUGIN


@ROWS.row("`IS_OFFLINE`", "a handler sees it, as all of the environment that the emulator gives it")
def _(bench: Bench) -> None:
    assert invoked(bench, IS_OFFLINE="true") == "true"


@ROWS.row(
    "layers", "a layer's folder may be on the path of local runs; imports it provides are said by `missingImports`"
)
def _(bench: Bench) -> None:
    bench.write({"app.py": "import web, from_layer\n\ndef handler(e, c): ...\n"})
    layered = "  api: {handler: app.handler, layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:x:1']}\n"
    configure(bench, layered)
    assert "SLS0407" in bench.slspack("build").err
    configure(bench, layered, custom="slspack: {missingImports: {from_layer: ignore}}")
    assert "SLS0407" not in bench.slspack("build").err


@ROWS.row("Velocity", "`*.req.vm` and `*.res.vm` beside the code stay out of artifacts")
def _(bench: Bench) -> None:
    bench.write({"app.req.vm": "", "app.res.vm": ""})
    bench.build()
    assert not [name for name in bench.names_in("api") if name.endswith(".vm")]


@ROWS.row("fidelity", "what runs is what is deployed, on the runtime's minor if it is on the path, else a warning")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "--format", "dir", "--live").status == 0
    assert "PATH" in GUIDE
    assert os.fspath(bench.folder("api"))


@ROWS.row("hooks", "`serverless offline start` and plain `serverless offline` both build")
def _(_: Bench) -> None:
    assert "'before:offline:start':" in PLUGIN
    assert "'before:offline:start:init':" in PLUGIN


@ROWS.row("plugin order", "slspack may stand before or after it")
def _(bench: Bench) -> None:
    before = sha256(bench)
    configure(bench, more="plugins: [serverless-offline, serverless-slspack]\n")
    assert sha256(bench) == before


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_row(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
