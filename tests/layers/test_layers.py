"""Layers: what they hold, what functions then leave out, and what a build does with them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from slspack.model import Selection, logical_id
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = """\
import numpad, flasky


def handler(event, context):
    return [numpad.VALUE, flasky.VALUE, numpad.__file__]
"""
WEB = """\
import flasky


def handler(event, context):
    return flasky.VALUE
"""
FUNCTIONS = {"api.py": API, "web.py": WEB, "requirements.txt": "numpad\nflasky\n"}
OWN = """\
service: shop
runtime: python3.11
functions: {api: api.handler, web: web.handler}
"""
FRAMEWORK = """\
service: shop
provider: {name: aws, runtime: python3.11}
package: {individually: true}
custom: {pythonRequirements: {layer: true}}
functions:
  api: {handler: api.handler, layers: [{Ref: PythonRequirementsLambdaLayer}]}
  web: {handler: web.handler}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "blas", files={"blas/__init__.py": "VALUE = 'blas'\n", "blas.libs/lib.txt": "x"})
        numpad = {"numpad/__init__.py": "import blas\nVALUE = 'numpad on ' + blas.VALUE\n", "LICENSE": "numpad"}
        make_wheel(index.folder, "numpad", files=numpad, requires=["blas"])
        make_wheel(index.folder, "flasky", files={"flasky/__init__.py": "VALUE = 'flasky'\n", "LICENSE": "flasky"})
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        service.write(FUNCTIONS)
        yield service


def layer_names(bench: Bench, name: str) -> list[str]:
    with zipfile.ZipFile(bench.root / f".slspack/dist/layers/{name}.zip") as archive:
        return archive.namelist()


def modules(names: list[str]) -> set[str]:
    return {name for name in names if name.endswith(".py")}


def answer(function: Path, layer: Path, handler: str, folder: Path) -> object:
    """What a handler gives where function and layer lie as Lambda puts them."""
    for archive, place in ((function, folder / "task"), (layer, folder / "opt")):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(place)
    code = (
        f"import sys, json; sys.path[:0] = [{str(folder / 'task')!r}, {str(folder / 'opt/python')!r}]; "
        f"import {handler}; print(json.dumps({handler}.handler(None, None)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_functions_leave_out_what_a_named_layer_holds(bench: Bench, tmp_path: Path) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    manifest = bench.build()
    assert modules(layer_names(bench, "science")) == {"python/numpad/__init__.py", "python/blas/__init__.py"}
    assert modules(bench.names_in("api")) == {"api.py", "flasky/__init__.py"}
    assert modules(bench.names_in("web")) == {"web.py", "flasky/__init__.py"}
    functions, layer = manifest["functions"], manifest["layers"]["science"]
    assert (functions["api"]["layers"], functions["web"]["layers"], layer["functions"]) == (["science"], [], ["api"])
    assert (layer["artifact"], layer["logical_id"]) == (".slspack/dist/layers/science.zip", "ScienceLambdaLayer")
    assert (layer["compatible_runtimes"], layer["compatible_architectures"]) == (["python3.11"], ["x86_64"])
    assert [one["name"] for one in layer["distributions"]] == ["blas", "numpad"]
    given = answer(bench.artifact("api"), bench.root / layer["artifact"], "api", tmp_path / "unpacked")
    assert given == ["numpad on blas", "flasky", str(tmp_path / "unpacked/opt/python/numpad/__init__.py")]


def test_a_function_says_which_layers_it_uses(bench: Bench) -> None:
    own = OWN.replace("api: api.handler", "api: {handler: api.handler, layers: []}")
    bench.write({"slspack.yml": own + "layers: {science: {distributions: [numpad]}}\n"})
    result = bench.slspack("build")
    assert "SLS0612" in result.err
    assert "no function uses the layer `science`" in result.err
    assert "numpad/__init__.py" in bench.names_in("api")
    bench.write({"slspack.yml": own.replace("[]", "[science]") + "layers: {science: {distributions: [numpad]}}\n"})
    bench.build()
    assert "numpad/__init__.py" not in bench.names_in("api")


def test_a_function_cannot_name_a_layer_that_is_none(bench: Bench) -> None:
    own = OWN.replace("api: api.handler", "api: {handler: api.handler, layers: [sience]}")
    bench.write({"slspack.yml": own + "layers: {science: {distributions: [numpad]}}\n"})
    result = bench.slspack("build")
    assert result.status == 2
    assert "`functions.api.layers.0`: no layer `sience` in the service" in result.err
    assert "did you mean `science`?" in result.err


def test_the_services_layer_holds_what_no_other_does(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layer: true\nlayers: {science: {distributions: [numpad]}}\n"})
    manifest = bench.build()
    assert modules(layer_names(bench, "pythonRequirements")) == {"python/flasky/__init__.py"}
    assert manifest["functions"]["api"]["layers"] == ["science", "pythonRequirements"]
    assert bench.names_in("api") == ["api.py"]


def test_the_frameworks_users_refer_to_the_layer(bench: Bench) -> None:
    bench.write({"serverless.yml": FRAMEWORK})
    manifest = bench.build()
    assert list(manifest["layers"]) == ["pythonRequirements"]
    assert manifest["layers"]["pythonRequirements"]["logical_id"] == "PythonRequirementsLambdaLayer"
    assert bench.names_in("api") == ["api.py"]
    assert modules(bench.names_in("web")) == {"web.py", "flasky/__init__.py"}


def test_a_layer_that_nobody_refers_to_is_built_for_others(bench: Bench) -> None:
    bench.write({"serverless.yml": FRAMEWORK.replace(", layers: [{Ref: PythonRequirementsLambdaLayer}]", "")})
    result = bench.slspack("build")
    assert "give a function `layers: [{Ref: PythonRequirementsLambdaLayer}]`, or remove the layer" in result.err
    assert "python/numpad/__init__.py" in layer_names(bench, "pythonRequirements")
    assert "numpad/__init__.py" in bench.names_in("api")


def test_what_the_layers_map_says_is_in_the_manifest(bench: Bench) -> None:
    said = (
        "{name: shared, description: All of it, compatibleRuntimes: [python3.11, python3.12], licenseInfo: MIT, "
        "compatibleArchitectures: [x86_64], allowedAccounts: ['*'], retain: true}"
    )
    bench.write({"serverless.yml": FRAMEWORK.replace("layer: true", f"layer: {said}")})
    layer = bench.build()["layers"]["pythonRequirements"]
    assert (layer["name"], layer["description"], layer["license_info"]) == ("shared", "All of it", "MIT")
    assert (layer["compatible_runtimes"], layer["allowed_accounts"]) == (["python3.11", "python3.12"], ["*"])
    assert layer["retain"] is True


def test_each_target_has_its_own_layer(bench: Bench) -> None:
    own = OWN.replace("web: web.handler", "arm: {handler: api.handler, architecture: arm64}")
    bench.write({"slspack.yml": own + "layers: {science: {distributions: [numpad]}}\n"})
    manifest = bench.build()
    assert list(manifest["layers"]) == ["sciencePython311X8664", "sciencePython311Arm64"]
    assert manifest["functions"]["arm"]["layers"] == ["sciencePython311Arm64"]
    assert manifest["layers"]["sciencePython311Arm64"]["architecture"] == "arm64"


def test_an_edit_leaves_the_layer_alone(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    first = bench.build()["layers"]["science"]
    again = bench.build()
    assert (again["layers"]["science"]["cached"], list(again["timings"])) == (True, ["check"])
    bench.write({"api.py": API + "# edited\n"})
    edited = bench.build()
    assert (edited["functions"]["api"]["cached"], edited["layers"]["science"]["cached"]) == (False, True)
    assert edited["layers"]["science"]["sha256"] == first["sha256"]
    assert modules(bench.names_in("api")) == {"api.py", "flasky/__init__.py"}
    bench.write({"web.py": WEB.replace("import flasky", "import flasky, numpad")})
    assert bench.build()["functions"]["web"]["layers"] == ["science"]
    assert modules(bench.names_in("web")) == {"web.py", "flasky/__init__.py"}


def test_a_layer_that_is_gone_is_written_again(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    first = bench.build()["layers"]["science"]
    bench.root.joinpath(first["artifact"]).unlink()
    again = bench.build()["layers"]["science"]
    assert (again["cached"], again["sha256"]) == (False, first["sha256"])


def test_what_the_layers_change_in_the_settings_changes_the_functions(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    bench.build()
    bench.write({"slspack.yml": OWN})
    assert bench.build()["layers"] == {}
    assert "numpad/__init__.py" in bench.names_in("api")


def test_groups_make_layers_too(bench: Bench) -> None:
    project = (
        "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['flasky']\n"
        "[dependency-groups]\nscientific = ['numpad']\n"
        "[tool.slspack]\nruntime = 'python3.11'\ngroups = ['scientific']\n"
        "layers.science.groups = ['scientific']\n"
        "[tool.slspack.functions]\napi = 'api.handler'\nweb = 'web.handler'\n"
    )
    bench.root.joinpath("requirements.txt").unlink()
    bench.write({"pyproject.toml": project})
    bench.build()
    assert modules(layer_names(bench, "science")) == {"python/numpad/__init__.py", "python/blas/__init__.py"}
    assert modules(bench.names_in("api")) == {"api.py", "flasky/__init__.py"}


def test_a_layer_that_would_hold_nothing_is_an_error(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [scippy]}}\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "the layer `science` would hold nothing" in result.err
    assert "the layer `science` is to hold `scippy`, which no requirement brings" in result.err


def test_two_versions_in_one_layer_are_an_error(bench: Bench) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "numpad", "2.0", {"numpad/__init__.py": "VALUE = 2\n"})
    bench.write({"old.txt": "numpad==1.0\nflasky\n", "new.txt": "numpad==2.0\nflasky\n"})
    own = OWN.replace("api: api.handler", "api: {handler: api.handler, requirements: old.txt}")
    own = own.replace("web: web.handler", "web: {handler: api.handler, requirements: new.txt}")
    bench.write({"slspack.yml": own + "layers: {science: {distributions: [numpad]}}\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "the layer `science` would hold `numpad` 1.0 and 2.0: its functions do not share their requirements" in (
        result.err
    )


def test_a_function_has_five_layers_at_most(bench: Bench) -> None:
    arns = ", ".join(f"'arn:aws:lambda:eu-west-1:1:layer:l{n}:1'" for n in range(5))
    bench.write({"serverless.yml": FRAMEWORK.replace("[{Ref:", f"[{arns}, {{Ref:")})
    result = bench.slspack("build")
    assert result.status == 1
    expected = "`api` would have 6 layers, Lambda takes at most 5: `pythonRequirements` and 5 of others"
    assert expected in result.err


def test_a_layer_counts_to_the_unzipped_limit(bench: Bench) -> None:
    assert bench.index is not None
    megabytes = 1 << 20
    make_wheel(bench.index.folder, "vast", files={"vast/__init__.py": "", "vast/data.bin": bytes(260 * megabytes)})
    bench.write({"requirements.txt": "numpad\nflasky\nvast\n", "api.py": "import vast\n" + API})
    bench.write({"slspack.yml": OWN + "layers: {large: {distributions: [vast]}}\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "`api` with its layers is 260.1 MB unzipped, Lambda takes at most 250 MB: `layers/large` 260.1 MB" in (
        result.err
    )


def test_the_frameworks_folders_are_zipped_as_they_are(bench: Bench) -> None:
    text = FRAMEWORK.replace("custom: {pythonRequirements: {layer: true}}\n", "").replace(
        "PythonRequirementsLambdaLayer", "ToolsLambdaLayer"
    )
    text += "layers: {tools: {path: tools, description: Tools, package: {patterns: ['!**/*.md']}}}\n"
    bench.write({"tools/python/tool.py": "VALUE = 1\n", "tools/bin/run": "#!", "tools/README.md": "no"})
    bench.write({"tools/python/__pycache__/tool.pyc": "x", "serverless.yml": text})
    bench.root.joinpath("tools/bin/run").chmod(0o755)
    layer = bench.build()["layers"]["tools"]
    assert layer_names(bench, "tools") == ["bin/run", "python/tool.py"]
    assert (layer["path"], layer["runtime"], layer["functions"]) == ("tools", None, ["api"])
    assert "numpad/__init__.py" in bench.names_in("api")
    bench.write({"tools/python/tool.py": "VALUE = 2\n"})
    edited = bench.build()
    assert (edited["layers"]["tools"]["cached"], edited["functions"]["api"]["cached"]) == (False, True)
    assert bench.build()["layers"]["tools"]["cached"] is True


def test_a_folder_outside_is_left_to_the_framework(bench: Bench) -> None:
    bench.write({"serverless.yml": FRAMEWORK + "layers: {tools: {path: ../tools}}\n"})
    result = bench.slspack("build")
    assert result.status == 0
    assert "the layer `tools` is left to the Framework: `../tools` lies outside the service" in result.err


def test_one_package_in_function_and_layer_is_told(bench: Bench) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "num-extra", files={"numpad/extra.py": "", "num_extra.py": "import numpad\n"})
    bench.write({"requirements.txt": "numpad\nnum-extra\nflasky\n", "api.py": "import num_extra\n" + API})
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [num-extra]}}\n"})
    result = bench.slspack("build")
    assert "SLS0615" in result.err
    assert "`numpad` is in `api` and, with `num-extra`, in `layers/science`" in result.err


def test_plans_tell_of_layers(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    plans = json.loads(bench.slspack("plan --json").out)
    assert plans["layers"]["science"]["functions"] == ["api"]
    assert [wheel["name"] for wheel in plans["layers"]["science"]["wheels"]] == ["blas", "numpad"]
    assert "layers/science" in bench.slspack("plan").out
    assert plans["layers"]["science"]["fingerprint"] == bench.build()["layers"]["science"]["fingerprint"]
    assert "layer science" in bench.slspack("build").err


def test_folders_of_functions_have_their_layers_beside_them(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN + "layers: {science: {distributions: [numpad]}}\n"})
    manifest = bench.build("--format", "dir")
    layer = bench.root / manifest["layers"]["science"]["artifact"]
    assert layer.joinpath("python/numpad/__init__.py").is_file()
    assert not bench.folder("api").joinpath("numpad").exists()


def test_the_resources_name_is_the_frameworks() -> None:
    names = ("pythonRequirements", "my-layer", "a_b")
    expected = ["PythonRequirementsLambdaLayer", "MyDashlayerLambdaLayer", "AUnderscorebLambdaLayer"]
    assert [logical_id(name) for name in names] == expected


def test_a_prefix_is_part_of_a_selection() -> None:
    assert Selection() != Selection(prefix="python/")
