"""What a handler is, as its source tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.looks import Looks
from slspack.model import Function, Handler, ModuleName
from slspack.plugins import OwnFiles
from slspack.plugins.shipped.applications import Judgement, Kind, Sources, judge
from slspack.tree import ServiceTree
from tests.support.bench import write_files
from tests.support.bundles import TARGET

if TYPE_CHECKING:
    from pathlib import Path


def judged(root: Path, files: dict[str, str], handler: str = "app.app", roots: tuple[str, ...] = (".",)) -> Judgement:
    write_files(root, files)
    module, _, attribute = handler.rpartition(".")
    function = Function("api", Handler(handler, ModuleName(module), attribute), TARGET, source_roots=roots)
    return judge(function, Sources(OwnFiles(ServiceTree(root), Looks(), {})))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("from flask import Flask\napp = Flask(__name__)", Kind.WSGI),
        ("import flask as f\napp = f.Flask(__name__)", Kind.WSGI),
        ("import django.core.wsgi\napp = django.core.wsgi.get_wsgi_application()", Kind.WSGI),
        ("from fastapi import FastAPI as Api\napp: Api = Api()", Kind.ASGI),
        ("from fastapi import FastAPI\nfrom shop import make\napp: FastAPI = make()", Kind.ASGI),
        ("try:\n    import starlette.applications as s\nfinally: pass\nif 1:\n    app = s.Starlette()", Kind.ASGI),
        ("from falcon import App\napp = App()", Kind.WSGI),
        ("import falcon.asgi\napp = falcon.asgi.App()", Kind.ASGI),
        ("def make():\n    from flask import Flask\n    return 1\napp = make()", None),
        ("import flask\ndef make():\n    app = flask.Flask('x')\n    return app\napp = make()", Kind.WSGI),
        ("import flask\ndef make(x=1) -> flask.Flask: ...\napp = make()", Kind.WSGI),
        ("from flask import Flask\nclass Shop(Flask): ...\nclass Mine(Shop): ...\napp = Mine('x')", Kind.WSGI),
        ("class App:\n    async def __call__(self, scope, receive, send): ...\napp = App()", Kind.ASGI),
        ("def app(environ, start_response): ...", Kind.WSGI),
        ("async def app(scope, receive, send): ...", Kind.ASGI),
        ("def app(event, context): ...", Kind.OTHER),
        ("class app: ...", Kind.OTHER),
        ("import fastapi\nfrom starlette.middleware.gzip import GZip as G\napp = G(fastapi.FastAPI())", Kind.ASGI),
        ("from asgiref.wsgi import WsgiToAsgi\nfrom flask import Flask\napp = WsgiToAsgi(Flask('x'))", Kind.ASGI),
        ("from pyramid.config import Configurator\napp = Configurator().make_wsgi_app()", Kind.WSGI),
        ("from flask import Flask\ninner = Flask('x')\napp = inner", Kind.WSGI),
        ("app = lambda event, context: 1", None),
        ("app = app", None),
        ("from app import app", None),
        ("def make(): return make()\napp = make()", None),
        ("class A(A): ...\napp = A()", None),
        ("app = 1 +", None),
        ("other = 1", None),
    ],
)  # fmt: skip
def test_what_one_source_tells(tmp_path: Path, source: str, kind: Kind | None) -> None:
    assert judged(tmp_path, {"app.py": source}).kind is kind


def test_names_are_followed_through_modules(tmp_path: Path) -> None:
    files = {
        "src/shop/__init__.py": "from .factory import create as make",
        "src/shop/factory.py": "from . import kinds\ndef create():\n    return kinds.Shop('x')\n",
        "src/shop/kinds.py": "from flask import Flask\nclass Shop(Flask): ...\n",
        "src/app.py": "import shop\napp = shop.make()\n",
        "src/entry.py": "from app import app as application",
        "src/direct.py": "import app\nhandler = app.app",
    }
    assert judged(tmp_path, files, "app.app", ("src",)).kind is Kind.WSGI
    assert judged(tmp_path, {}, "entry.application", ("src",)).kind is Kind.WSGI
    assert judged(tmp_path, {}, "direct.handler", ("src",)).kind is Kind.WSGI
    assert judged(tmp_path, {}, "nowhere.handler", ("src",)) == Judgement(None)


def test_a_framework_that_is_imported_makes_what_is_unknown_suspect(tmp_path: Path) -> None:
    wrapped = "from flask import Flask\nfrom acme import wrap\napp = wrap(Flask('x'))"
    assert judged(tmp_path, {"app.py": wrapped}) == Judgement(None, frozenset({Kind.WSGI}))
    adapted = "from fastapi import FastAPI\nfrom mangum import Mangum\napp = Mangum(FastAPI())"
    assert judged(tmp_path, {"app.py": adapted}) == Judgement(None)
    assert judged(tmp_path, {"app.py": "from acme import wrap\napp = wrap(1)"}) == Judgement(None)
