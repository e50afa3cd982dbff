"""Layers in the real Framework: slspack's own are declared and given, its own folders are zipped by slspack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy.serverless.framework import Framework, code_hash, make_framework
from tests.deploy.serverless.stub_aws import PLUGIN, stub_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

pytestmark = pytest.mark.node

SERVICE = """\
service: shop
configValidationMode: error
plugins: [serverless-slspack, ./stub.js]
provider: {name: aws, runtime: python3.13, architecture: arm64}
package: {individually: true}
custom:
%s
functions:
  api: {handler: api.handler, layers: [%s, {Ref: ToolsLambdaLayer}]}
  tools: {handler: cron.handler}
layers:
  tools: {path: shared, description: Tools}
"""
NAMED = SERVICE % ("  slspack: {layers: {greek: {distributions: [alpha], description: Letters, retain: true}}}", "%s")


@pytest.fixture
def framework(bench: Bench, plugin: Path) -> Iterator[Framework]:
    """The Framework asks AWS for what the last deployment has had of layers."""
    bench.write({"stub.js": PLUGIN, "shared/python/tool.py": "VALUE = 1\n"})
    with stub_aws() as aws:
        yield make_framework(bench.root, plugin, {**bench.variables, "STUB_AWS": aws.url})


def layers(framework: Framework) -> dict[str, dict[str, object]]:
    resources = framework.template().items()
    return {name: one["Properties"] for name, one in resources if one["Type"] == "AWS::Lambda::LayerVersion"}


def stored(framework: Framework, layer: dict[str, object]) -> str:
    content = layer["Content"]
    assert isinstance(content, dict)
    name: str = content["S3Key"].rpartition("/")[2]
    return name


def referred(framework: Framework, function: str) -> list[str]:
    references = [one["Ref"] for one in framework.functions()[function].get("Layers", [])]
    assert set(references) <= framework.template().keys()
    return [one.partition("LambdaLayer")[0] for one in references]


def test_a_layer_that_the_functions_refer_to(bench: Bench, framework: Framework) -> None:
    bench.write(
        {"serverless.yml": SERVICE % ("  pythonRequirements: {layer: true}", "{Ref: PythonRequirementsLambdaLayer}")}
    )
    framework.done("package")
    found = layers(framework)
    ours = next(one for one in found.values() if one["LayerName"] == "shop-dev-python-requirements")
    assert (ours["CompatibleRuntimes"], ours["CompatibleArchitectures"]) == (["python3.13"], ["arm64"])
    assert "python/alpha/__init__.py" in framework.names_in(stored(framework, ours))
    assert framework.names_in("api.zip") == ["api.py"]
    assert referred(framework, "api") == ["PythonRequirements", "Tools"]
    assert referred(framework, "tools") == []


def test_named_layers_are_given_to_who_needs_them_and_stay_what_they_are(bench: Bench, framework: Framework) -> None:
    text = NAMED.replace("%s, ", "")
    bench.write({"serverless.yml": text})
    framework.done("package")
    assert referred(framework, "api") == ["Tools", "Greek"]
    assert referred(framework, "tools") == []
    first = {name: (one["LayerName"], stored(framework, one)) for name, one in layers(framework).items()}
    names = {name for name, _ in first.values()}
    assert names == {"shop-dev-greek", "tools"}
    assert framework.names_in("layer-tools.zip") == ["python/tool.py"]
    assert framework.names_in("tools.zip") == ["cron.py"]
    hashes = {path.name: code_hash(path.read_bytes()) for path in (bench.root / ".serverless").glob("*.zip")}
    output = framework.done("package", "--verbose")
    assert "0 built, 4 unchanged" in output
    assert {path.name: code_hash(path.read_bytes()) for path in (bench.root / ".serverless").glob("*.zip")} == hashes
    assert {name: (one["LayerName"], stored(framework, one)) for name, one in layers(framework).items()} == first
