"""What runs functions here, or sends one of them to AWS: `invoke local`, `offline`, `deploy function`."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.deploy.serverless.stub_aws import PLUGIN, stub_aws
from tests.support.serverless import serverless_offline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deploy.serverless.framework import Framework
    from tests.support.bench import Bench

pytestmark = pytest.mark.node

PYTHON = "python{}.{}".format(*sys.version_info)
SHOP = f"""\
service: shop
configValidationMode: error
plugins: [serverless-slspack, serverless-offline]
provider: {{name: aws, runtime: {PYTHON}}}
package: {{individually: true}}
functions:
  api: {{handler: api.handler, events: [{{httpApi: GET /api}}]}}
  cron: {{handler: cron.handler}}
"""
ECHO = "import alpha\ndef handler(event, context): return {'statusCode': 200, 'body': 'first'}\n"
PATIENCE = 60


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    """A PATH on which the interpreter of these tests is first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python3", PYTHON):
        (folder / name).symlink_to(sys.executable)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}


def test_invoke_local_runs_what_is_bundled(bench: Bench, framework: Framework, here: dict[str, str]) -> None:
    bench.write({"serverless.yml": SHOP, "cron.py": "import alpha\ndef handler(event, context): return event\n"})
    output = framework("invoke", "local", "-f", "cron", "-d", '{"a": 1}', **here)
    assert json.loads(output.stdout) == {"a": 1}, output.stderr
    assert sorted(path.name for path in (bench.root / "slspack_dist").iterdir()) == [
        ".cron.tree",
        "cron",
        "manifest.json",
    ]
    bench.write({"cron.py": "def handler(event, context): raise LookupError(event)\n"})
    assert "LookupError: {'a': 2}" in framework.failed("invoke", "local", "-f", "cron", "-d", '{"a": 2}', **here)


def test_invoke_local_of_a_runtime_that_the_framework_does_not_know(
    bench: Bench, framework: Framework, here: dict[str, str]
) -> None:
    newer = SHOP.replace(PYTHON, "python3.14")
    bench.write({"serverless.yml": newer, "cron.py": "def handler(event, context): return context.function_name\n"})
    output = framework("invoke", "local", "-f", "cron", **here)
    assert output.returncode == 0, output.stdout + output.stderr
    assert '"shop-dev-cron"' in output.stdout


def test_offline_builds_serves_and_reloads(bench: Bench, framework: Framework, here: dict[str, str]) -> None:
    bench.write({"serverless.yml": SHOP, "api.py": ECHO, ".gitignore": "offline.log"})
    with serverless_offline(bench.root, **{**framework.variables, **here}) as offline:
        assert offline.get("/api") == (200, "first")
        bench.write({"api.py": ECHO.replace("first", "second")})
        until = time.monotonic() + PATIENCE
        while offline.get("/api") != (200, "second"):
            assert time.monotonic() < until, offline.log.read_text("utf-8")
        bench.write({"api.py": f"import nowhere\n{ECHO}"})
        while "SLS0401" not in offline.log.read_text("utf-8"):
            assert time.monotonic() < until, offline.log.read_text("utf-8")
            time.sleep(0.05)
        assert offline.get("/api") == (200, "second"), "the last good build stays"
    log = offline.log.read_text("utf-8")
    assert "slspack: built 2 functions" in log
    assert "slspack: rebuilt api in " in log
    assert "no longer" not in log


def test_offline_start_that_cannot_build_says_why_and_ends(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP, "api.py": "import nowhere\ndef handler(event, context): ...\n"})
    assert "`api` imports `nowhere`" in framework.failed("offline", "start")


def test_deploy_function_sends_the_one_artifact(bench: Bench, framework: Framework) -> None:
    plugins = SHOP.replace("serverless-offline]", "./stub.js]")
    bench.write({"serverless.yml": plugins, "stub.js": PLUGIN})
    with stub_aws() as aws:
        output = framework("deploy", "function", "-f", "cron", STUB_AWS=aws.url)
    assert output.returncode == 0, output.stdout + output.stderr
    path, body = aws.updates[0]
    assert path.endswith("/functions/shop-dev-cron/code")
    assert base64.b64decode(body["ZipFile"]) == bench.artifact("cron").read_bytes()
    assert not bench.artifact("api").exists()
