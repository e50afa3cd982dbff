"""Layers of AWS SAM's templates: what slspack builds of them, and what functions then leave to them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from slspack.config import load_service
from slspack.options import LoadOptions
from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.projects import project_files
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, Layers: [!Ref Common]}
Parameters:
  Traced: {Type: String, Default: 'no'}
Conditions:
  IsTraced: !Equals [!Ref Traced, 'yes']
Resources:
  Common:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/common, CompatibleRuntimes: [python3.13]}
  Data:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: layers/data}
  Made:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: layers/made}
  Api:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/api}
  Jobs:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/jobs
      Layers:
        - !Ref Data
        - !If [IsTraced, !Ref Made, !Ref AWS::NoValue]
"""
API = "import flasky\nimport numpad\nimport shared.words\n\ndef handler(event, context): ...\n"
JOBS = "import numpad\nimport unheard\n\ndef handler(event, context): ...\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "blas", files={"blas/__init__.py": ""})
        make_wheel(index.folder, "numpad", files={"numpad/__init__.py": ""}, requires=["blas"])
        make_wheel(index.folder, "numpad", "2.0", files={"numpad/__init__.py": "NEW = 1\n"}, requires=["blas"])
        make_wheel(index.folder, "flasky", files={"flasky/__init__.py": ""})
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        service.write(
            {
                "template.yaml": TEMPLATE,
                "layers/common/requirements.txt": "numpad==1.0\n",
                "layers/common/shared/__init__.py": "",
                "layers/common/shared/words.py": "WORDS = 1\n",
                "layers/data/words/english.txt": "hello",
                "layers/made/Makefile": "",
                "src/api/requirements.txt": "flasky\nblas\n",
                "src/api/app.py": API,
                "src/jobs/app.py": JOBS,
            }
        )
        yield service


def names_in(bench: Bench, name: str) -> list[str]:
    with zipfile.ZipFile(bench.root / f".aws-sam/build/{name}.zip") as archive:
        return sorted(name for name in archive.namelist() if ".dist-info/" not in name)


def built(bench: Bench, *path: str) -> dict[str, Any]:
    """The built template's resources, a `Ref` by its short tag as by its long name."""
    text = bench.root.joinpath(".aws-sam/build", *path, "template.yaml").read_text("utf-8")

    class Reader(yaml.SafeLoader):
        """Takes `!Ref`."""

    Reader.add_multi_constructor("!", lambda loader, tag, node: {tag: node.value} if tag == "Ref" else tag)
    resources: dict[str, Any] = yaml.load(text, Reader)["Resources"]
    return resources


def build(bench: Bench, *arguments: str) -> None:
    result = bench.slspack("build", "--sam", *arguments)
    assert result.status == 0, result.err


def test_a_layer_with_a_build_method_holds_its_requirements_and_its_files(bench: Bench) -> None:
    result = bench.slspack("build", "--sam", "--json")
    assert result.status == 0, result.err
    common = ["python/blas/__init__.py", "python/numpad/__init__.py"]
    assert names_in(bench, "layers/Common") == [*common, "python/shared/__init__.py", "python/shared/words.py"]
    record = result.manifest["layers"]["Common"]
    assert record["functions"] == ["Api", "Jobs"]
    assert (record["path"], record["runtime"], record["architecture"]) == ("layers/common", "python3.13", "x86_64")
    assert [(one["name"], one["version"]) for one in record["distributions"]] == [("blas", "1.0"), ("numpad", "1.0")]
    assert built(bench)["Common"]["Properties"]["ContentUri"] == "layers/Common.zip"


def test_one_without_is_zipped_as_it_is_and_a_makefile_is_sams(bench: Bench) -> None:
    result = bench.slspack("build", "--sam")
    assert names_in(bench, "layers/Data") == ["words/english.txt"]
    assert built(bench)["Data"]["Properties"]["Content"] == "layers/Data.zip"
    assert built(bench)["Made"]["Properties"]["ContentUri"] == "../../layers/made"
    assert "layer `Made` is left alone: BuildMethod makefile" in result.err


def test_functions_do_not_carry_what_their_layers_hold(bench: Bench) -> None:
    result = bench.slspack("build", "--sam", "--json")
    functions = result.manifest["functions"]
    assert (functions["Api"]["layers"], functions["Jobs"]["layers"]) == (["Common"], ["Common", "Data"])
    assert names_in(bench, "Api") == ["app.py", "flasky/__init__.py"]


def test_what_a_function_requires_in_another_version_it_carries(bench: Bench) -> None:
    bench.write({"src/api/requirements.txt": "flasky\nnumpad==2.0\n"})
    build(bench)
    assert names_in(bench, "Api") == ["app.py", "flasky/__init__.py", "numpad/__init__.py"]


def test_imports_of_what_layers_hold_are_no_findings_and_others_are(bench: Bench) -> None:
    result = bench.slspack("build", "--sam")
    assert "shared" not in result.err
    assert "numpad" not in result.err
    # Jobs has a layer of which slspack does not know what imports find there; Api has none.
    assert "`app` imports `unheard`, which no requirement provides; one of the function's layers may" in result.err
    bench.write({"src/api/app.py": f"import nowhere\n{API}"})
    result = bench.slspack("build", "--sam")
    assert result.status == 1
    assert "error[SLS0401]: `app` imports `nowhere`, which no requirement provides\n" in result.err


def test_a_module_that_leaves_a_layer_is_missed(bench: Bench) -> None:
    build(bench)
    (bench.root / "layers/common/shared/words.py").unlink()
    assert "`app` imports `shared.words`, which no requirement provides" in bench.slspack("build", "--sam").err


def test_a_layer_follows_its_files_and_requirements_and_nothing_else(bench: Bench) -> None:
    build(bench)
    layer = bench.root / ".aws-sam/build/layers/Common.zip"
    before = layer.read_bytes()
    bench.write({"src/api/app.py": f"{API}\nX = 1\n"})
    build(bench)
    assert layer.read_bytes() == before
    bench.write({"layers/common/shared/words.py": "WORDS = 22\n"})
    build(bench)
    edited = layer.read_bytes()
    assert edited != before
    bench.write({"layers/common/requirements.txt": "numpad==2.0\n"})
    build(bench)
    assert layer.read_bytes() not in (before, edited)
    again = bench.slspack("build", "--sam", "--json")
    assert again.manifest["layers"]["Common"]["cached"]


@pytest.mark.parametrize("given", ["yes", "no"])
def test_conditions_choose_layers(bench: Bench, given: str) -> None:
    bench.write({"src/jobs/app.py": "def handler(event, context): ...\n"})
    result = bench.slspack("plan", "--json", "--param", f"Traced={given}")
    assert result.status == 0, result.err
    build(bench, "--param", f"Traced={given}")
    layers = built(bench)["Jobs"]["Properties"]["Layers"]
    assert layers == [{"Ref": "Data"}, "If"], "what a deployment decides stays as it was written"


def test_a_function_whose_condition_is_false_is_built(bench: Bench) -> None:
    template = TEMPLATE.replace(
        "Properties: {CodeUri: src/api}", "Condition: IsTraced\n    Properties: {CodeUri: src/api}"
    )
    bench.write({"template.yaml": template})
    build(bench)
    assert built(bench)["Api"]["Properties"]["CodeUri"] == "Api.zip"


NESTED = """\
Parameters: {Words: {Type: String}}
Resources:
  Own:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13, BuildArchitecture: arm64}
    Properties: {ContentUri: ../layers/common}
  Cart:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: cart.handler
      Runtime: python3.13
      Architectures: [arm64]
      Layers: [!Ref Own, !Ref Words]
"""


def test_nested_applications_have_layers_of_their_own_and_of_those_above(bench: Bench) -> None:
    shop = """\
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: shop/template.yaml, Parameters: {Words: !Ref Data}}
"""
    cart = "import numpad\n\ndef handler(event, context): ...\n"
    bench.write({"template.yaml": TEMPLATE + shop, "shop/template.yaml": NESTED, "shop/cart.py": cart})
    result = bench.slspack("build", "--sam", "--json")
    assert result.status == 0, result.err
    assert result.manifest["functions"]["Shop-Cart"]["layers"] == ["Shop-Own", "Data"]
    assert result.manifest["layers"]["Shop-Own"]["architecture"] == "arm64"
    assert built(bench, "Shop")["Own"]["Properties"]["ContentUri"] == "../layers/Shop-Own.zip"


SETTINGS = """\
Metadata:
  slspack:
    layers: {scientific: {distributions: [numpad], name: science, allowedAccounts: ['*']}}
"""


def test_slspacks_own_layers_become_resources_and_functions_get_them(bench: Bench) -> None:
    template = SETTINGS + TEMPLATE.replace(", Layers: [!Ref Common]", "")
    bench.write({"template.yaml": template, "src/api/requirements.txt": "numpad\nflasky\n"})
    bench.write({"src/api/app.py": "import flasky, numpad\n\ndef handler(event, context): ...\n"})
    bench.write({"src/jobs/app.py": "def handler(event, context): ...\n"})
    build(bench)
    resources = built(bench)
    assert resources["ScientificLambdaLayer"] == {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {
            "LayerName": "science",
            "ContentUri": "layers/scientific.zip",
            "CompatibleRuntimes": ["python3.13"],
            "CompatibleArchitectures": ["x86_64"],
            "RetentionPolicy": "Delete",
        },
    }
    assert resources["ScientificLambdaLayerPermission0"]["Properties"] == {
        "Action": "lambda:GetLayerVersion",
        "LayerVersionArn": {"Ref": "ScientificLambdaLayer"},
        "Principal": "*",
    }
    assert resources["Api"]["Properties"]["Layers"] == [{"Ref": "ScientificLambdaLayer"}]
    assert resources["Jobs"]["Properties"]["Layers"] == [{"Ref": "Data"}, "If"]
    assert names_in(bench, "Api") == ["app.py", "flasky/__init__.py"]


def test_without_sams_transform_they_are_cloudformations(bench: Bench) -> None:
    function = "{Code: src/api, Handler: app.handler, Runtime: python3.13, Layers: ['arn:aws:lambda:::layer:x:1']}"
    resource = f"  Api: {{Type: 'AWS::Lambda::Function', Properties: {function}}}"
    bench.write({"template.yaml": f"{SETTINGS}Resources:\n{resource}\n", "src/api/requirements.txt": "numpad\n"})
    bench.write({"src/api/app.py": "import numpad\n\ndef handler(event, context): ...\n"})
    build(bench)
    resources = built(bench)
    assert resources["ScientificLambdaLayer"]["Type"] == "AWS::Lambda::LayerVersion"
    assert resources["ScientificLambdaLayer"]["Properties"]["Content"] == "layers/scientific.zip"
    assert resources["Api"]["Properties"]["Layers"] == ["arn:aws:lambda:::layer:x:1", {"Ref": "ScientificLambdaLayer"}]


def test_layers_that_nothing_can_be_added_to_are_an_error(bench: Bench) -> None:
    layers = "Layers: !If [IsTraced, [!Ref Data], !Ref AWS::NoValue]"
    template = SETTINGS + TEMPLATE.replace("{CodeUri: src/api}", f"{{CodeUri: src/api, {layers}}}")
    bench.write({"template.yaml": template.replace(", Layers: [!Ref Common]", "")})
    bench.write({"src/api/requirements.txt": "numpad\n", "src/api/app.py": "import numpad\ndef handler(e, c): ...\n"})
    result = bench.slspack("build", "--sam")
    assert result.status == 2
    assert result.err.splitlines()[-3:] == [
        "error[SLS0161]: `Api` uses layers that slspack makes, which cannot be added to its `Layers`: no list",
        "  --> template.yaml:24:5",
        "  hint: write `Layers` as a list, with `!If` in its elements, or give the function `layers: []` of slspack's",
    ]


def test_the_makefile_rule_builds_functions_whole(bench: Bench, tmp_path: Path) -> None:
    bench.write({"template.yaml": SETTINGS + TEMPLATE, "src/api/requirements.txt": "numpad\nflasky\n"})
    result = bench.slspack("hook sam", "-f", "Api", "--artifacts", str(tmp_path / "Api"))
    assert result.status == 0, result.err
    assert {"app.py", "flasky", "numpad", "blas"} <= {path.name for path in (tmp_path / "Api").iterdir()}


@pytest.mark.parametrize(
    ("replaced", "by", "said"),
    [
        ("BuildMethod: python3.13", "BuildMethod: python2.7", "the layer's runtime `python2.7` is not supported"),
        ("BuildMethod: python3.13", "BuildMethod: python3.13, BuildArchitecture: mips", "the layer's `BuildArch"),
        ("layers/common,", "layers/gone,", "there is no folder `layers/gone`"),
        ("layers/common,", "../elsewhere,", "the layer `Common` is left to SAM: `../elsewhere` lies outside"),
    ],
)
def test_what_is_wrong_with_a_layer_is_said(bench: Bench, replaced: str, by: str, said: str) -> None:
    bench.write({"template.yaml": TEMPLATE.replace(replaced, by)})
    assert said in bench.slspack("build", "--sam").err


def test_a_layer_is_built_for_the_runtime_that_it_names_with_uv(bench: Bench) -> None:
    bench.write({"template.yaml": TEMPLATE.replace("BuildMethod: python3.13", "BuildMethod: python-uv")})
    assert bench.slspack("build", "--sam", "--json").manifest["layers"]["Common"]["runtime"] == "python3.13"


def test_a_template_may_have_layers_only(bench: Bench) -> None:
    bench.write({"template.yaml": TEMPLATE[: TEMPLATE.index("  Api:")]})
    build(bench)
    assert "python/numpad/__init__.py" in names_in(bench, "layers/Common")


def test_an_empty_layer_is_an_error(bench: Bench) -> None:
    for path in ("requirements.txt", "shared/words.py", "shared/__init__.py"):
        (bench.root / "layers/common" / path).unlink()
    bench.write({"src/api/app.py": "def handler(event, context): ...\n"})
    result = bench.slspack("build", "--sam")
    assert result.status == 1
    assert result.err.startswith("error[SLS0613]: the layer `Common` would hold nothing")


def test_layers_are_folders_where_functions_are(bench: Bench) -> None:
    build(bench, "--format", "dir")
    assert built(bench)["Common"]["Properties"]["ContentUri"] == "layers/Common"
    assert (bench.root / ".aws-sam/build/layers/Common/python/numpad/__init__.py").is_file()


def test_a_second_build_looks_and_does_nothing(bench: Bench) -> None:
    build(bench)
    again = bench.slspack("build", "--sam", "--json")
    assert list(again.manifest["timings"]) == ["check"]
    bench.write({"layers/common/shared/more.py": ""})
    build(bench)
    assert "python/shared/more.py" in names_in(bench, "layers/Common")


def test_a_layers_requirements_are_locked_beside_them(bench: Bench) -> None:
    result = bench.slspack("lock")
    assert result.status == 0, result.err
    assert "numpad" in (bench.root / "layers/common/pylock.toml").read_text("utf-8")
    build(bench)
    assert "python/pylock.toml" not in names_in(bench, "layers/Common")
    assert "python/numpad/__init__.py" in names_in(bench, "layers/Common")


def test_a_project_that_a_layer_requires_is_built_into_it(bench: Bench) -> None:
    bench.write({f"libs/ours/{path}": text for path, text in project_files("ours").items()})
    bench.write({"layers/common/requirements.txt": "numpad==1.0\n../../libs/ours\n"})
    bench.write({"src/jobs/app.py": "import ours\n\ndef handler(event, context): ...\n"})
    build(bench)
    assert "python/ours.py" in names_in(bench, "layers/Common")
    assert names_in(bench, "Jobs") == ["app.py"]


@pytest.mark.parametrize(("size", "megabytes"), [("1024", 1024), ("!GetAtt Common.Size", 512)])
def test_what_a_nested_archive_may_unpack_to_is_the_templates(bench: Bench, size: str, megabytes: int) -> None:
    function = f"{{CodeUri: src/api, EphemeralStorage: {{Size: {size}}}}}"
    settings = "Metadata: {slspack: {zip: true}}\n"
    bench.write({"template.yaml": settings + TEMPLATE.replace("{CodeUri: src/api}", function)})
    build(bench)
    assert ".requirements.zip" in names_in(bench, "Api")
    api, _ = load_service(bench.root, LoadOptions()).functions
    assert (api.zipped, api.ephemeral_storage) == (True, megabytes)
