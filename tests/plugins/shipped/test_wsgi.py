"""The plugin `wsgi`: a WSGI application as a handler."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bench import Bench
from tests.support.gateway import make_adapters, rest_event
from tests.support.index import package_index
from tests.support.lambda_host import invoke

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PYTHON = "python{}.{}".format(*sys.version_info)
CONFIG = """\
service: shop
runtime: {python}
plugins: [{plugin}]
functions:
  api: {{handler: app.app}}
  job: {{handler: job.handler}}
"""
APP = "from flask import Flask\napp = Flask('shop')\n"
JOB = "def handler(event, context): return 'done'\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_adapters(index.folder)
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        configure(made)
        made.write({"app.py": APP, "job.py": JOB, "requirements.txt": "flask\n"})
        yield made


def configure(bench: Bench, options: str = "") -> None:
    plugin = f"{{use: wsgi, options: {{{options}}}}}" if options else "wsgi"
    bench.write({"slspack.yml": CONFIG.format(python=PYTHON, plugin=plugin)})


def distributions(bench: Bench, function: str) -> list[str]:
    return [one["name"] for one in bench.build()["functions"][function]["distributions"]]


def call(bench: Bench, event: Mapping[str, object], handler: str = "app.app", function: str = "api") -> Any:
    return invoke(bench.artifact(function), handler, event, Path(sys.executable))


def test_an_application_becomes_a_handler_of_the_same_name(bench: Bench) -> None:
    record = bench.build()["functions"]
    assert record["api"]["handler"] == "app.app"
    assert [one["name"] for one in record["api"]["distributions"]] == ["apig-wsgi", "flask"]
    assert record["job"]["distributions"] == []
    assert call(bench, rest_event("/orders"))["body"] == "shop /dev|/orders"
    assert call(bench, {}, "job.handler", "job") == "done"


def test_what_it_asks_for_is_explained(bench: Bench) -> None:
    explained = bench.slspack("explain", "api", "apig-wsgi")
    assert explained.status == 0, explained.err
    assert "a plugin asks for apig-wsgi" in explained.out


def test_its_own_modules_get_the_application(bench: Bench) -> None:
    bench.write({
        "app.py": "from flask import Flask\nimport views\napp = Flask('shop')\nviews.register()\n",
        "views.py": "def register():\n    from app import app\n    app.seen.append('early')\n"
        "def seen():\n    from app import app, Flask\n    app.seen.append('late')\n"
        "    return [isinstance(app, Flask), *app.seen]\n",
        "job.py": "import views, app\ndef handler(event, context): return [views.seen(), app.app.name]\n",
    })  # fmt: skip
    bench.build()
    # In the artifact of `api`, as a module of it would.
    assert call(bench, {}, "job.handler", "job") == [[True, "early", "late"], "shop"]
    bench.write({"app.py": APP + "def seen(event, context):\n    import views\n    return views.seen()\n"})
    bench.build()
    assert call(bench, {}, "app.seen") == [True, "late"]


def test_what_other_plugins_put_around_a_handler_goes_around_a_handler(bench: Bench) -> None:
    bench.write({
        "slspack.yml": CONFIG.format(python=PYTHON, plugin="./outer.py, wsgi"),
        "outer.py": "from slspack.model import HandlerWrapper\nfrom slspack.plugins import hookimpl\n"
        "slspack_interface = 1\n@hookimpl\ndef slspack_wrap_handler():\n"
        "    return HandlerWrapper('def wrap(handler): return lambda *given: [handler(*given)]')\n",
    })  # fmt: skip
    bench.build()
    [answer] = call(bench, rest_event("/orders"))
    assert answer["body"] == "shop /dev|/orders"
    assert call(bench, {}, "job.handler", "job") == ["done"]


def test_a_service_of_the_framework(bench: Bench) -> None:
    (bench.root / "slspack.yml").unlink()
    bench.write({
        "serverless.yml": f"service: shop\nprovider: {{name: aws, runtime: {PYTHON}}}\n"
        "custom:\n  slspack:\n    plugins: [{use: wsgi, options: {functions: [api]}}]\n"
        "functions: {api: {handler: src/app.app}}\n",
        "src/app.py": APP,
    })  # fmt: skip
    assert bench.build()["functions"]["api"]["handler"] == "src/app.app"
    assert call(bench, rest_event("/"), "src/app.app", "shop")["body"] == "shop /dev|/"


def test_options(bench: Bench) -> None:
    configure(bench, "apiGatewayBasePath: /v1/, textMimeTypes: [application/x-yaml], binarySupport: true")
    bench.build()
    answer = call(bench, rest_event("/v1/orders", domain="shop.example"))
    assert (answer["body"], answer["binary"]) == ("shop /v1|/orders", True)
    assert answer["prefixes"][-1] == "application/x-yaml"
    configure(bench, "stripStagePath: true")
    bench.build()
    answer = call(bench, rest_event("/orders"))
    assert (answer["body"], answer["binary"]) == ("shop |/orders", None)


def test_what_a_source_does_not_tell_is_asked_and_can_be_said(bench: Bench) -> None:
    bench.write({"app.py": "from flask import Flask\ndef same(app): return app\napp = [Flask('shop')][0]\n"})
    result = bench.slspack("build", "--json")
    assert result.status == 0
    assert "slspack.yml:5" in result.err
    assert "`app` of `app` may be a WSGI application, and its source does not tell" in result.err
    assert "hint: name `api` in `functions` of the plugin `wsgi`, or in its `exclude`" in result.err
    assert distributions(bench, "api") == ["flask"]
    configure(bench, "functions: [a*]")
    assert distributions(bench, "api") == ["apig-wsgi", "flask"]
    assert call(bench, rest_event("/"))["body"] == "shop /dev|/"
    configure(bench, "exclude: [api]")
    result = bench.slspack("build", "--json")
    assert result.manifest["warnings"] == []
    assert [one["name"] for one in result.manifest["functions"]["api"]["distributions"]] == ["flask"]


def test_a_function_that_is_not_there_is_an_error(bench: Bench) -> None:
    configure(bench, "functions: [apy], exclude: [other-*]")
    result = bench.slspack("build")
    assert result.status == 1
    assert "the plugin `wsgi` is told of `apy`, and no function is named so\n  hint: did you mean `api`?" in result.err
    assert "is told of `other-*`, and no function is named so\n  hint: there are `api`, `job`" in result.err


def test_what_the_user_lists_counts_in_place_of_the_adapter(bench: Bench) -> None:
    bench.write({"requirements.txt": "flask\napig-wsgi==2.0\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "apig-wsgi" in result.err
    bench.write({"requirements.txt": "flask\napig-wsgi==1.0\n"})
    assert distributions(bench, "api") == ["apig-wsgi", "flask"]
    assert distributions(bench, "job") == []


def test_the_adapter_can_be_pinned(bench: Bench) -> None:
    configure(bench, "adapter: apig-wsgi<1.0")
    result = bench.slspack("build")
    assert result.status == 1
    assert "apig-wsgi<1.0" in result.err


def test_a_lock_of_another_tool_has_to_be_told(bench: Bench) -> None:
    bench.write({
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask"]\n'
        'requires-python = ">=3.11"\n',
        "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
    })  # fmt: skip
    (bench.root / "requirements.txt").unlink()
    result = bench.slspack("build")
    assert result.err == (
        "error[SLS0208]: a plugin brings `apig-wsgi`, and `pyproject.toml` does not list it: "
        "`uv.lock` was made without it\n  --> pyproject.toml\n"
        "  hint: add `apig-wsgi` to the requirements in `pyproject.toml`, then `uv lock`\n"
    )


def test_requirements_with_hashes_have_to_list_it(bench: Bench) -> None:
    bench.write({"requirements.txt": f"flask==1.0 --hash=sha256:{'0' * 64}\n"})
    result = bench.slspack("build")
    assert "error[SLS0206]: `apig-wsgi` has no hash, and others have\n  hint: a plugin brings it: list it" in result.err


def test_slspack_lock_locks_the_adapter_too(bench: Bench) -> None:
    locked = bench.slspack("lock")
    assert locked.status == 0, locked.err
    assert 'name = "apig-wsgi"' in (bench.root / "pylock.toml").read_text()
    assert distributions(bench, "api") == ["apig-wsgi", "flask"]


@pytest.mark.parametrize("named", ["configuration", "command line"])
def test_an_edit_that_makes_it_an_application_or_none_is_noticed(bench: Bench, named: str) -> None:
    words: tuple[str, ...] = ()
    if named == "command line":
        bench.write({"slspack.yml": CONFIG.format(python=PYTHON, plugin="")})
        words = ("-p", "wsgi")

    def built() -> list[str]:
        record = bench.build(*words)["functions"]["api"]
        assert bench.build(*words)["functions"]["api"]["cached"]
        return [one["name"] for one in record["distributions"]]

    assert built() == ["apig-wsgi", "flask"]
    bench.write({"app.py": "import flask\ndef app(event, context): return 'mine'\n"})
    assert built() == ["flask"]
    assert call(bench, {}) == "mine"
    bench.write({"app.py": "import factory\napp = factory.make()\n", "factory.py": "def make(): return print\n"})
    assert built() == ["flask"]
    bench.write({"factory.py": APP + "def make() -> Flask:\n    return app\n"})
    assert built() == ["apig-wsgi", "flask"]
    assert call(bench, rest_event("/"))["body"] == "shop /dev|/"


def test_the_copied_source_stands_alone(bench: Bench) -> None:
    bench.build()
    [wrapper] = [name for name in bench.names_in("api") if name.startswith("slspack_wrap_wsgi_")]
    tree = ast.parse(bench.read_from("api", wrapper))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"__future__", "collections.abc", "typing", "apig_wsgi"}
