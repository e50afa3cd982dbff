"""Builders that plugins bring: tried first, kept by the plugin's code, and named where they fail."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from slspack.builds import BuildPlace, BuildTask, StoppedError
from slspack.builds.builder import Workplace
from slspack.errors import SlspackError
from slspack.looks import Looks
from slspack.model import BuilderChoice, BuildSettings, PluginUse, dist_name
from slspack.plugins import Host, static_host
from slspack.plugins.finding import Wanted
from slspack.plugins.loading import load
from slspack.registry import load_index_configuration
from slspack.testing import assert_artifact
from slspack.testing.fixtures import slspack_index, slspack_service
from tests.support.bundles import TARGET
from tests.support.projects import project_files, write_sdist

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.testing import BuiltArtifact, ServiceBuilder

__all__ = ["slspack_index", "slspack_service"]

PLUGIN = """\
from pathlib import Path
from slspack.builds import BuiltWheel, OfferedBuilder, StoppedError
from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.keys import key_of
from slspack.plugins import hookimpl
from slspack.testing import make_wheel
slspack_interface = 1

class Farm:
    name = "farm"
    def identity(self, target):
        return key_of("farm")
    def build(self, task, into):
        {build}

@hookimpl
def slspack_builders(name, choice, compiles):
    return [OfferedBuilder("farm", lambda place: {opened})]
"""
MAKE = "return BuiltWheel(make_wheel(into, task.name, task.version, {'sourced/__init__.py': 'BY = \"farm\"'}))"
FAILED = "the plugin `p` failed in `slspack_builders`: ZeroDivisionError: division by zero"
WRONG = "`slspack_builders` of the plugin `p` gave a builder that gave a `str`, where a `BuiltWheel` is wanted"
OWN = "BY = 'its own build'\n"


def built(service: ServiceBuilder, build: str, opened: str = "Farm()", **settings: object) -> BuiltArtifact:
    """A service with a requirement that only has a source, and a plugin with a builder."""
    files = project_files("sourced", "1.0") | {"sourced/__init__.py": OWN}
    write_sdist(service.index.folder, "sourced", "1.0", files)
    service.write({"p.py": PLUGIN.format(build=build, opened=opened)})
    service.write({"app.py": "import sourced\ndef handler(event, context): return sourced.BY\n"})
    service.configure({"api": "app.handler"}, requirements=["sourced"], plugins=["./p.py"], **settings)
    return service.build().artifact("api")


def builder_of(artifact: BuiltArtifact) -> str | None:
    (one,) = artifact.record["distributions"]
    return one["built"]["builder"] if one["built"] else None


def test_a_plugins_builder_is_asked_first(slspack_service: ServiceBuilder) -> None:
    artifact = built(slspack_service, MAKE)
    assert builder_of(artifact) == "p/farm"
    assert artifact.call() == "farm"
    assert_artifact(artifact, imports=["sourced"])


def test_what_it_built_is_kept_until_the_plugin_changes(slspack_service: ServiceBuilder) -> None:
    assert built(slspack_service, MAKE).call() == "farm"
    assert built(slspack_service, MAKE.replace('"farm"', '"new farm"')).call() == "new farm"
    slspack_service.configure({"api": "app.handler"}, requirements=["sourced"])
    artifact = slspack_service.build().artifact("api")
    assert (builder_of(artifact), artifact.call()) == ("isolated", "its own build")


@pytest.mark.parametrize(
    ("build", "opened"),
    [("raise SlspackError.of(Code.BUILD_FAILED, 'the farm is closed')", "Farm()"), (MAKE, "None")],
)
def test_what_it_leaves_the_next_one_builds(slspack_service: ServiceBuilder, build: str, opened: str) -> None:
    artifact = built(slspack_service, build, opened)
    assert (builder_of(artifact), artifact.call()) == ("isolated", "its own build")


@pytest.mark.parametrize(
    ("build", "opened", "code", "message"),
    [
        (
            "1 / 0",
            "Farm()",
            "SLS0805",
            FAILED,
        ),
        (MAKE, "1 / 0", "SLS0805", FAILED),
        (
            "return str(into)",
            "Farm()",
            "SLS0806",
            WRONG,
        ),
    ],
)
def test_a_builder_that_is_broken_is_named_and_not_passed_over(
    slspack_service: ServiceBuilder, build: str, opened: str, code: str, message: str
) -> None:
    with pytest.raises(SlspackError) as caught:
        built(slspack_service, build, opened)
    assert [(one.code.id, one.message) for one in caught.value.findings] == [(code, message)]


def test_with_none_chosen_nobody_is_asked(slspack_service: ServiceBuilder) -> None:
    with pytest.raises(SlspackError) as caught:
        built(slspack_service, MAKE, builder="none")
    assert "which would have to be built" in caught.value.findings[0].message


def test_the_end_of_an_interrupted_build_is_no_failure_of_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PLUGIN.format(build="raise StoppedError", opened="Farm()"))
    host = Host([load(Wanted(PluginUse("./p.py")), tmp_path, {}, Looks())])
    offered, *own = host.builders(BuilderChoice.AUTO, dist_name("sourced"), compiles=False)
    assert offered.name == "p/farm"
    assert tuple(own) == static_host().builders(BuilderChoice.AUTO, dist_name("sourced"), compiles=False)
    workplace = Workplace(load_index_configuration({"PIP_CONFIG_FILE": os.devnull}, tmp_path), {})
    builder = offered.open(BuildPlace(tmp_path, BuildSettings(), workplace))
    assert builder is not None
    assert builder.name == "p/farm"
    name, log = dist_name("sourced"), tmp_path / "log"
    task = BuildTask(name, "1.0", "sourced 1.0", tmp_path, TARGET, lambda _, __: (), log, print, threading.Event())
    with pytest.raises(StoppedError):
        builder.build(task, tmp_path)
