"""What `slspack.testing` gives to the authors of plugins: it says what is right, and notices what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.errors import SlspackError
from slspack.testing import HandlerError, assert_artifact, assert_reproducible

if TYPE_CHECKING:
    from slspack.testing import BuiltArtifact, PackageIndex, ServiceBuilder

PLUGIN = """\
import itertools, os, pathlib, time
from slspack.codes import Code
from slspack.model import ArchivePath, Entry, Finding, GeneratedSource, HandlerWrapper, Severity
from slspack.plugins import hookimpl
slspack_interface = 1
counter = itertools.count()

@hookimpl
def slspack_collect_entries(draft):
    return [Entry(ArchivePath("stamp.txt"), False, GeneratedSource({content}), "the stamp")]

@hookimpl
def slspack_wrap_handler(function):
    wrap = "def wrap(handler):\\n    return lambda event, context: ['wrapped', handler(event, context)]\\n"
    return HandlerWrapper(wrap)

@hookimpl
def slspack_check_plan(plan):
    yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, f"`{{plan.name}}` was looked at")
"""
APP = "import json, alpha\ndef handler(event, context): return [event, alpha.NAME, context.function_name]\n"


def stamped(service: ServiceBuilder, content: str = "draft.name.encode()") -> BuiltArtifact:
    """A service with a distribution and a plugin, built."""
    service.index.add("alpha", files={"alpha/__init__.py": "NAME = 'alpha'\n"})
    service.write({"app.py": APP, "p.py": PLUGIN.format(content=content)})
    service.configure({"api": "app.handler"}, requirements=["alpha"], plugins=["./p.py"])
    return service.build().artifact("api")


def test_an_artifact_that_is_right(slspack_service: ServiceBuilder) -> None:
    artifact = stamped(slspack_service)
    assert_artifact(
        artifact,
        names=["app.py", "alpha/__init__.py"],
        without=["p.py", "slspack.yml"],
        contents={"stamp.txt": "api", "alpha/__init__.py": b"NAME = 'alpha'\n"},
        imports=["app", "alpha"],
    )
    assert artifact.call({"a": 1}) == ["wrapped", [{"a": 1}, "alpha", "api"]]
    assert artifact.built.warnings == ("SLS0807: `api` was looked at",)


def test_a_folder_is_asked_the_same(slspack_service: ServiceBuilder) -> None:
    stamped(slspack_service)
    artifact = slspack_service.build(format="dir").artifact("api")
    assert artifact.path.is_dir()
    assert_artifact(artifact, contents={"stamp.txt": "api"}, imports=["app"])
    assert artifact.call() == ["wrapped", [None, "alpha", "api"]]


def test_everything_that_is_wrong_is_told_at_once(slspack_service: ServiceBuilder) -> None:
    artifact = stamped(slspack_service)
    with pytest.raises(AssertionError) as caught:
        assert_artifact(
            artifact,
            names=["none.py"],
            without=["app.py"],
            contents={"stamp.txt": "other", "no.txt": "", "app.py": APP},
        )
    text = str(caught.value)
    assert text.startswith(
        "the artifact of `api`: `none.py` is missing; `app.py` should not be there; "
        "`stamp.txt` is b'api', not b'other'; `no.txt` is missing; `app.py` is "
    )
    assert "app.py, " in text.partition("It holds ")[2]


def test_a_module_that_only_the_test_has_is_not_found(slspack_service: ServiceBuilder) -> None:
    artifact = stamped(slspack_service)
    with pytest.raises(HandlerError, match="No module named 'pytest'"):
        assert_artifact(artifact, imports=["pytest"])


def test_a_handler_that_fails_is_told_with_its_traceback(slspack_service: ServiceBuilder) -> None:
    slspack_service.write({"app.py": "import os\ndef handler(event, context): return os.environ['STAGE']\n"})
    slspack_service.configure({"api": "app.handler"})
    artifact = slspack_service.build().artifact("api")
    assert artifact.call(environment={"STAGE": "dev"}) == "dev"
    with pytest.raises(HandlerError, match=r"(?s)the artifact of `api` failed:\nTraceback.*KeyError: 'STAGE'"):
        artifact.call()


@pytest.mark.parametrize(
    ("content", "build"),
    [
        ("str(time.time_ns()).encode()", "a build that had only the store"),
        ("str(pathlib.Path(__file__).parent.parent).encode()", "a build from nothing"),
        ("str(hash('same')).encode()", "a build from nothing"),
    ],
)
def test_a_plugin_that_depends_on_more_than_it_is_given_is_found_out(
    slspack_service: ServiceBuilder, content: str, build: str
) -> None:
    artifact = stamped(slspack_service, content)
    with pytest.raises(AssertionError) as caught:
        assert_artifact(artifact, names=["app.py"])
    assert str(caught.value) == f"{build} made the artifact of `api` another one: `stamp.txt` has other content"


def test_a_service_that_has_changed_is_another_one(slspack_service: ServiceBuilder) -> None:
    built = stamped(slspack_service).built
    slspack_service.write({"app.py": "def handler(event, context): return 1\n"})
    with pytest.raises(AssertionError, match="a second build, with nothing changed, made the artifact of `api`"):
        assert_reproducible(built)


def test_a_build_that_fails_tells_its_findings(slspack_service: ServiceBuilder) -> None:
    slspack_service.write({"app.py": APP})
    slspack_service.configure({"api": "app.handler"})
    with pytest.raises(SlspackError) as caught:
        slspack_service.build()
    assert [one.code.id for one in caught.value.findings] == ["SLS0401"]


def test_plugins_of_one_build_and_options(slspack_service: ServiceBuilder) -> None:
    slspack_service.write({"app.py": "def handler(event, context): return 1\n"})
    slspack_service.write({"p.py": PLUGIN.format(content="b'one'")})
    slspack_service.configure({"api": {"handler": "app.handler"}}, individually=False)
    assert "stamp.txt" not in slspack_service.build().artifact("api").names
    built = slspack_service.build(plugins=[str(slspack_service.root / "p.py")])
    assert_artifact(built.artifact("api"), contents={"stamp.txt": "one"})


def test_only_the_index_of_the_test_is_asked(slspack_service: ServiceBuilder, slspack_index: PackageIndex) -> None:
    stamped(slspack_service)
    assert slspack_service.environment["PIP_INDEX_URL"] == slspack_index.url
    assert any("/simple/alpha" in request.path for request in slspack_index.requests)


def test_a_layer_is_asked_the_same_and_is_there_when_a_function_is_called(slspack_service: ServiceBuilder) -> None:
    stamped(slspack_service)
    layers = {"shared": {"distributions": ["alpha"]}}
    slspack_service.configure({"api": "app.handler"}, requirements=["alpha"], plugins=["./p.py"], layers=layers)
    built = slspack_service.build()
    artifact, layer = built.artifact("api"), built.layer("shared")
    assert_artifact(artifact, without=["alpha/__init__.py"], imports=["app", "alpha"])
    assert artifact.call(1) == ["wrapped", [1, "alpha", "api"]]
    assert_artifact(layer, contents={"python/alpha/__init__.py": "NAME = 'alpha'\n"})
    with pytest.raises(AssertionError, match=r"the layer `shared`: `app\.py` is missing\. It holds python/"):
        assert_artifact(layer, names=["app.py"])
    with pytest.raises(TypeError, match="the layer `shared` is imported by functions alone"):
        assert_artifact(layer, imports=["alpha"])
