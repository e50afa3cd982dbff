"""The real frameworks behind the real adapters: artifacts that an interpreter of their own calls with real events."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import Bench
from tests.support.example_services import slspack
from tests.support.gateway import ENDPOINT, FUNCTION_URL, balancer_event, http_event, rest_event, url_event
from tests.support.lambda_host import run

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.registry

CONFIG = """\
service: shop
runtime: python{}.{}
plugins: [wsgi, asgi]
functions:
  flask: {{handler: wsgi.app}}
  fastapi: {{handler: api.app}}
  starlette: {{handler: star.app}}
  django: {{handler: project.wsgi.application}}
  django-asgi: {{handler: project.asgi.application}}
  plain: {{handler: plain.handler}}
""".format(*sys.version_info)
FILES: Mapping[str, str] = {
    "slspack.yml": CONFIG,
    "requirements.txt": "flask\nfastapi\nstarlette\ndjango\n",
    "plain.py": "def handler(event, context): return 1\n",
    "wsgi.py": "from shop import create_app\napp = create_app()\n",
    "shop/__init__.py": """
from flask import Flask, Response
def create_app():
    app = Flask(__name__)
    from .views import bp
    app.register_blueprint(bp)
    return app
""",
    "shop/views.py": """
from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for
bp = Blueprint("shop", __name__)
@bp.route("/orders/<name>", methods=["GET", "POST"])
def order(name):
    from wsgi import app
    assert isinstance(app, Flask) and app == current_app and current_app == app
    with app.test_client() as client:
        assert client.get("/picture").data == b"\\x89PNG"
    link = url_for("shop.order", name="x", _external=True)
    return jsonify(name=name, q=request.args.getlist("q"), link=link, body=request.get_data(as_text=True))
@bp.route("/picture")
def picture():
    return Response(b"\\x89PNG", mimetype="image/png")
""",
    "api.py": """
from contextlib import asynccontextmanager
from fastapi import FastAPI, Query, Request, Response
@asynccontextmanager
async def lifespan(app):
    yield {"began": "yes"}
app: FastAPI = FastAPI(lifespan=lifespan)
@app.api_route("/orders/{name}", methods=["GET", "POST"])
async def order(name: str, request: Request, q: list[str] = Query([])):
    from api import app as late
    assert isinstance(late, FastAPI) and late == request.app and late.state is app.state
    link = str(request.url_for("order", name="x"))
    body = (await request.body()).decode()
    return {"name": name, "q": q, "link": link, "body": body, "began": request.state.began}
@app.get("/picture")
def picture():
    return Response(b"\\x89PNG", media_type="image/png")
""",
    "star.py": """
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
async def order(request):
    link = str(request.url_for("order", name="x"))
    body = (await request.body()).decode()
    return JSONResponse({"name": request.path_params["name"], "q": request.query_params.getlist("q"), "link": link,
                         "body": body})
async def picture(request):
    return Response(b"\\x89PNG", media_type="image/png")
app = Starlette(routes=[Route("/orders/{name}", order, methods=["GET", "POST"]), Route("/picture", picture)])
app = GZipMiddleware(app)
""",
    "project/__init__.py": "",
    "project/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'project.urls'\nALLOWED_HOSTS = ['*']\n"
    "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n",
    "project/urls.py": """
from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
def order(request, name):
    link = request.build_absolute_uri(reverse("order", args=["x"]))
    return JsonResponse({"name": name, "q": request.GET.getlist("q"), "link": link, "body": request.body.decode()})
def picture(request):
    return HttpResponse(b"\\x89PNG", content_type="image/png")
urlpatterns = [path("orders/<name>", order, name="order"), path("picture", picture)]
""",
    **{
        f"project/{kind}.py": f"""
import os
from django.core.{kind} import get_{kind}_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_{kind}_application()
"""
        for kind in ("wsgi", "asgi")
    },
}
HANDLERS = {
    "flask": ("wsgi.app", "apig-wsgi"),
    "fastapi": ("api.app", "mangum"),
    "starlette": ("star.app", "mangum"),
    "django": ("project.wsgi.application", "apig-wsgi"),
    "django-asgi": ("project.asgi.application", "mangum"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Mapping[str, Any]]:
    folder = tmp_path_factory.mktemp("frameworks")
    bench = Bench(folder / "service", folder / "store")
    bench.write(FILES)
    built = slspack("build", "--json", folder=bench.root, environment={"SLSPACK_CACHE_DIR": str(bench.store)})
    manifest = json.loads(built.stdout)
    assert manifest["warnings"] == []
    return bench, manifest["functions"]


@pytest.mark.parametrize("name", HANDLERS)
def test_a_framework_answers_every_kind_of_event(built: tuple[Bench, Mapping[str, Any]], name: str) -> None:
    bench, functions = built
    handler, adapter = HANDLERS[name]
    adapters = {one["name"] for one in functions[name]["distributions"]} & {"apig-wsgi", "mangum"}
    assert (functions[name]["handler"], adapters) == (handler, {adapter})
    events = [
        rest_event("/orders/a", method="GET"),
        http_event("/orders/a", method="GET"),
        http_event("/dev/orders/a", "dev"),
        url_event("/orders/a"),
        balancer_event("/orders/a"),
        http_event("/picture"),
        {"source": "serverless-plugin-warmup"},
    ]
    answers = run(bench.artifact(name), handler, events, Path(sys.executable))
    *pages, picture, warming = answers.results
    assert [page["statusCode"] for page in pages] == [200] * 5
    bodies = [json.loads(page["body"]) for page in pages]
    assert [body["name"] for body in bodies] == ["a"] * 5
    assert [body["q"] for body in bodies] == [["1", "2"]] * 4 + [["2"]]
    assert [body["link"] for body in bodies] == [
        f"https://{ENDPOINT}/dev/orders/x",
        f"https://{ENDPOINT}/orders/x",
        f"https://{ENDPOINT}/dev/orders/x",
        f"https://{FUNCTION_URL}/orders/x",
        "http://balancer.example/orders/x",
    ]
    assert picture["isBase64Encoded"] is True
    assert base64.b64decode(picture["body"]) == b"\x89PNG"
    assert warming == {}
    assert "Traceback" not in answers.stderr


@pytest.mark.parametrize("name", ["flask", "fastapi", "starlette"])
def test_a_body_reaches_the_application(built: tuple[Bench, Mapping[str, Any]], name: str) -> None:
    bench, _ = built
    events = [rest_event("/orders/a", method="POST", body="ä"), http_event("/orders/a", method="POST", body="ö")]
    results = run(bench.artifact(name), HANDLERS[name][0], events, Path(sys.executable)).results
    assert [json.loads(one["body"])["body"] for one in results] == ["ä", "ö"]


def test_functions_that_are_no_applications_get_nothing(built: tuple[Bench, Mapping[str, Any]]) -> None:
    bench, functions = built
    assert functions["plain"]["distributions"] == []
    assert bench.names_in("plain") == ["plain.py"]
