"""`slspack config`: what the configuration comes to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.bench import Bench

SERVERLESS = """
service: shop
provider: {name: aws, runtime: python3.13, architecture: arm64}
custom:
  size: ${file(sizes.yml):${sls:stage}}
package:
  individually: true
  patterns: ['terms/${self:custom.size}.txt', '!**/*.md']
functions:
  api: {handler: app.handler}
  page: {handler: page.handler, runtime: nodejs20.x}
"""


def _service(bench: Bench) -> None:
    files = {"serverless.yml": SERVERLESS, "sizes.yml": "dev: small\nprod: large\n", "app.py": "handler = print\n"}
    bench.write(files)


def test_it_prints_the_functions_with_variables_resolved(bench: Bench) -> None:
    _service(bench)
    asked = bench.slspack("config", "--stage", "prod")
    assert asked.status == 0
    assert asked.out.splitlines()[1:] == [
        "read from serverless.yml, sizes.yml",
        "",
        "api: app.handler on python3.13 arm64",
        '  patterns: ["terms/large.txt", "!**/*.md"]',
        '  source_roots: ["."]',
        "",
        "page: left alone, runtime nodejs20.x",
    ]


def test_json_holds_every_setting(bench: Bench) -> None:
    _service(bench)
    service = json.loads(bench.slspack("config", "--json").out)
    assert service["functions"][0]["target"] == "python3.13 arm64"
    assert service["functions"][0]["patterns"][0]["glob"] == "terms/small.txt"
    assert service["functions"][0]["selections"] == {
        "prune": "safe",
        "patterns": [],
        "everywhere": [],
        "strip": False,
    }
    assert service["skipped"] == [{"name": "page", "reason": "runtime nodejs20.x"}]


def test_what_is_wrong_is_said_as_by_a_build(bench: Bench) -> None:
    bench.write({"slspack.yml": "runtime: python3.13\nfunctions: {api: nothing}\n"})
    asked = bench.slspack("config")
    assert (asked.status, asked.out) == (2, "")
    assert "error[SLS0111]" in asked.err
