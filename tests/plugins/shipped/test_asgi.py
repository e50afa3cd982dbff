"""The plugin `asgi`: an ASGI application as a handler."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import Bench
from tests.support.gateway import http_event, make_adapters, rest_event
from tests.support.index import package_index
from tests.support.lambda_host import invoke

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONFIG = """\
service: shop
runtime: python%s.%s
plugins: [{use: asgi, options: {%s}}, wsgi]
functions:
  api: {handler: src/app.app}
  page: {handler: page.app}
"""
APP = "from fastapi import FastAPI\ndef make() -> FastAPI: return FastAPI()\napp = make()\n"
PAGE = "from flask import Flask\napp = Flask('page')\n"


def config(options: str = "") -> str:
    return CONFIG % (*sys.version_info[:2], options)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_adapters(index.folder)
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        made.write({"src/app.py": APP, "page.py": PAGE, "requirements.txt": "flask\nfastapi\n"})
        made.write({"slspack.yml": config()})
        yield made


def call(bench: Bench, event: Mapping[str, object], function: str = "api") -> Any:
    handler = {"api": "src.app.app", "page": "page.app"}[function]
    return invoke(bench.artifact(function), handler, event, Path(sys.executable))


def test_each_kind_gets_its_own_adapter(bench: Bench) -> None:
    functions = bench.build()["functions"]
    held = {name: [one["name"] for one in record["distributions"]] for name, record in functions.items()}
    assert held == {"api": ["fastapi", "mangum"], "page": ["apig-wsgi", "flask"]}
    assert call(bench, rest_event("/orders"))["body"] == "api /dev|/dev/orders"
    assert call(bench, rest_event("/orders"), "page")["body"] == "page /dev|/orders"


def test_options(bench: Bench) -> None:
    options = "lifespan: 'off', textMimeTypes: [application/yaml], excludeHeaders: [Server], apiGatewayBasePath: v1"
    bench.write({"slspack.yml": config(options)})
    bench.build()
    answer = call(bench, rest_event("/v1/orders", domain="shop.example"))
    assert answer["body"] == "api /v1|/v1/orders"
    assert (answer["lifespan"], answer["exclude_headers"]) == ("off", ["Server"])
    assert answer["text_mime_types"][-1] == "application/yaml"
    bench.write({"slspack.yml": config("stripStagePath: true")})
    bench.build()
    assert call(bench, {**http_event("/dev/orders", "dev"), "path": "/dev/orders"})["body"] == "api |/orders"


def test_a_root_path_of_fastapis_own_counts(bench: Bench) -> None:
    bench.write({"src/app.py": APP.replace("FastAPI()\n", "FastAPI(root_path='/mine')\n")})
    bench.build()
    assert call(bench, rest_event("/orders"))["body"] == "api |/orders"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("lifespan: never", "must be `auto` or `on` or `off`, and is `never`"),
        ("binarySupport: true", "`binarySupport` is no option of the plugin `asgi`"),
    ],
)
def test_options_are_checked(bench: Bench, options: str, message: str) -> None:
    bench.write({"slspack.yml": config(options)})
    result = bench.slspack("build")
    assert result.status == 2
    assert message in result.err
    assert "slspack.yml:3" in result.err
