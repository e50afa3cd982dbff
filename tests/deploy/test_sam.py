"""`slspack build --sam` and `slspack hook sam`, without SAM itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.bench import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.bench import Bench

HANDLER = "def handler(event, context): ...\n"
TEMPLATE = """\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Metadata:
  AWS::ServerlessRepo::Application: {LicenseUrl: LICENSE.txt, ReadmeUrl: https://example.com/readme}
Globals:
  Function: {CodeUri: src/api, Runtime: python3.13, Handler: app.handler}
Parameters:
  Folder: {Type: String, Default: src/jobs}
Resources:
  Api: # inherits everything
    Type: AWS::Serverless::Function
  Jobs:
    Type: AWS::Serverless::Function
    Properties: &jobs
      CodeUri: !Ref Folder
      Environment: {Variables: {ANSWER: "yes", TABLE: !Sub "${Table}-x", SWITCH: on}}
  Twin:
    Type: AWS::Serverless::Function
    Properties: *jobs
  Raw:
    Type: AWS::Lambda::Function
    Properties: {Code: src/api, Handler: app.handler, Runtime: python3.12, Role: !GetAtt Role.Arn}
  Node:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, CodeUri: web}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: flow.json}
  Table: {Type: AWS::DynamoDB::Table}
  Etl: {Type: AWS::Glue::Job, Properties: {Command: {Name: x, ScriptLocation: etl.py}}}
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: shop/template.yaml, Parameters: {Runtime: python3.11}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      DefinitionBody: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: api.yaml}}}
"""
SHOP = """\
Parameters: {Runtime: {Type: String}}
Resources:
  Cart: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: cart.handler, Runtime: !Ref Runtime}}
"""


@pytest.fixture
def service(bench: Bench) -> Bench:
    bench.write(
        {
            "template.yaml": TEMPLATE,
            "shop/template.yaml": SHOP,
            "shop/cart.py": HANDLER,
            "src/api/app.py": f"import helper\n{HANDLER}",
            "src/api/helper.py": "",
            "src/jobs/app.py": HANDLER,
            "web/index.js": "",
        }
    )
    return bench


def built(service: Bench, *path: str) -> dict[str, dict[str, object]]:
    """The built template's resources' properties, as SAM's reader of YAML has them."""
    text = service.root.joinpath(".aws-sam/build", *path, "template.yaml").read_text("utf-8")

    class Reader(yaml.SafeLoader):
        """Takes CloudFormation's tags for what they stand before."""

    Reader.add_multi_constructor("!", lambda loader, tag, node: {tag: loader.construct_scalar(node)})
    document = yaml.load(text, Reader)
    return {name: resource.get("Properties", {}) for name, resource in document["Resources"].items()}


def test_the_built_template_has_artifacts_for_code_and_keeps_everything_else(service: Bench) -> None:
    result = service.slspack("build", "--sam", "--json")
    assert result.status == 0, result.err
    properties = built(service)
    folder = service.root / ".aws-sam/build"
    for name, uri in {"Api": "Api.zip", "Jobs": "Jobs.zip", "Twin": "Twin.zip"}.items():
        assert properties[name]["CodeUri"] == uri
        assert (folder / uri).is_file()
        assert result.manifest["functions"][name]["artifact"] == f".aws-sam/build/{uri}"
    assert properties["Raw"]["Code"] == "Raw.zip"
    assert properties["Node"]["CodeUri"] == "../../web"
    assert properties["Flow"]["DefinitionUri"] == "../../flow.json"
    assert properties["Etl"]["Command"] == {"Name": "x", "ScriptLocation": "../../etl.py"}
    assert properties["Rest"]["DefinitionBody"] == {
        "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "../../api.yaml"}}
    }
    assert properties["Shop"] == {"Location": "Shop/template.yaml", "Parameters": {"Runtime": "python3.11"}}
    assert built(service, "Shop")["Cart"]["CodeUri"] == "../Shop-Cart.zip"
    assert properties["Jobs"]["Environment"] == {
        "Variables": {"ANSWER": "yes", "TABLE": {"Sub": "${Table}-x"}, "SWITCH": True}
    }
    written = (folder / "template.yaml").read_text("utf-8")
    assert "LicenseUrl: ../../LICENSE.txt" in written
    assert "https://example.com/readme" in written


def test_folders_are_artifacts_too(service: Bench) -> None:
    result = service.slspack("build", "--sam", "--format", "dir")
    assert result.status == 0, result.err
    assert built(service)["Api"]["CodeUri"] == "Api"
    assert sorted(path.name for path in (service.root / ".aws-sam/build/Api").iterdir()) == ["app.py", "helper.py"]


def test_artifacts_may_be_elsewhere(service: Bench) -> None:
    assert service.slspack("build", "--sam", "--out", str(service.root / "out")).status == 0
    assert built(service)["Api"]["CodeUri"] == "../../out/Api.zip"
    assert built(service, "Shop")["Cart"]["CodeUri"] == "../../../out/Shop-Cart.zip"


def test_a_json_template_is_built_too(bench: Bench) -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src", "Handler": "a.handler"}}
    document = {"Globals": {"Function": {"Runtime": "python3.13"}}, "Resources": {"A": function}}
    bench.write({"template.json": json.dumps(document, indent="\t"), "src/a.py": HANDLER})
    assert bench.slspack("build", "--sam").status == 0
    assert built(bench)["A"] == {"CodeUri": "A.zip", "Handler": "a.handler"}


def test_properties_that_are_merged_into_several_resources_stay_apart(bench: Bench) -> None:
    template = """\
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: &defaults {CodeUri: src, Handler: a.handler, Runtime: python3.13}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      <<: *defaults
      Handler: b.handler
"""
    bench.write({"template.yaml": template, "src/a.py": HANDLER, "src/b.py": HANDLER})
    assert bench.slspack("build", "--sam").status == 0
    assert [built(bench)[name]["CodeUri"] for name in ("One", "Other")] == ["One.zip", "Other.zip"]


def test_a_second_build_writes_nothing_and_a_changed_template_is_seen(service: Bench) -> None:
    assert service.slspack("build", "--sam").status == 0
    template = service.root / ".aws-sam/build/template.yaml"
    before = template.stat().st_mtime_ns, template.stat().st_ino
    again = service.slspack("build", "--sam", "--json")
    assert {record["cached"] for record in again.manifest["functions"].values()} == {True}
    assert list(again.manifest["timings"]) == ["check"]
    assert (template.stat().st_mtime_ns, template.stat().st_ino) == before
    service.write({"shop/template.yaml": SHOP.replace("!Ref Runtime", "python3.12")})
    changed = service.slspack("build", "--sam", "--json")
    assert changed.manifest["functions"]["Shop-Cart"]["runtime"] == "python3.12"


def test_a_build_that_fails_leaves_what_was_built_in_place(service: Bench) -> None:
    assert service.slspack("build", "--sam").status == 0
    before = _contents(service.root / ".aws-sam")
    service.write({"src/api/app.py": "import nowhere\n" + HANDLER, "template.yaml": TEMPLATE + "Outputs: {}\n"})
    result = service.slspack("build", "--sam")
    assert result.status == 1
    assert result.err.startswith("error[SLS0401]: ")
    assert _contents(service.root / ".aws-sam") == before


def test_the_template_counts_where_there_is_a_serverless_yml_too(service: Bench) -> None:
    service.write({"serverless.yml": "service: s\nprovider: {name: aws}\nfunctions: {}\n"})
    assert "Api" in service.slspack("build", "--sam", "--json").manifest["functions"]


def test_without_a_template_the_error_says_so(bench: Bench) -> None:
    result = bench.slspack("build", "--sam")
    assert result.status == 2
    assert result.err == (
        "error[SLS0101]: no template of AWS SAM in `service`: looked for `template.yaml`, `template.yml`, "
        "`template.json`\n  hint: name the folder with `-C` or the file with `--config`\n"
    )


def test_one_template_is_for_all_functions(service: Bench) -> None:
    result = service.slspack("build", "--sam", "-f", "Api")
    assert result.status == 2
    assert "--sam writes one template for all functions: it does not go with -f" in result.err


def test_the_makefile_rule_builds_into_the_folder_that_sam_names(service: Bench, tmp_path: Path) -> None:
    """As `sam build` calls it: by its Makefile's place, in a copy of the function's folder."""
    makefile = service.root / "src/api/Makefile"
    makefile.write_text(_hook(service, "--makefile", "-f", "Api"))
    copy = tmp_path / "scratch"
    shutil.copytree(service.root / "src/api", copy)
    artifacts = tmp_path / "artifacts/Api"
    artifacts.mkdir(parents=True)
    (artifacts / "old.py").write_text("")
    command = f"{sys.executable} -m slspack"
    done = subprocess.run(
        ["make", "--makefile", makefile, "build-Api", f"SLSPACK={command}"],
        cwd=copy,
        env={**service.variables, "ARTIFACTS_DIR": str(artifacts), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in artifacts.iterdir()) == ["app.py", "helper.py"]


def test_there_is_a_makefile_for_each_folder(service: Bench) -> None:
    printed = _hook(service, "--makefile")
    assert [line for line in printed.splitlines() if line.endswith("/Makefile")] == [
        "# src/api/Makefile",
        "# src/jobs/Makefile",
        "# shop/Makefile",
    ]
    assert "build-Cart:" in printed
    assert '--config template.yaml -f Shop-Cart --artifacts "$(ARTIFACTS_DIR)"' in printed
    result = service.slspack("hook sam", "--makefile", "-f", "Cart")
    assert (result.status, result.err.partition("\n")[0]) == (2, "error[SLS0108]: no function `Cart` in the service")


def test_executables_stay_executable_in_that_folder(service: Bench, tmp_path: Path) -> None:
    service.write({"src/api/run.sh": "#!/bin/sh\n"})
    (service.root / "src/api/run.sh").chmod(0o755)
    template = TEMPLATE.replace(
        "Api: # inherits everything\n", "Api:\n    Metadata: {slspack: {patterns: [src/api/*.sh]}}\n"
    )
    service.write({"template.yaml": template})
    _hook(service, "-f", "Api", "--artifacts", str(tmp_path / "built"))
    assert os.access(tmp_path / "built/run.sh", os.X_OK)
    assert not os.access(tmp_path / "built/app.py", os.X_OK) or os.name == "nt"


def test_the_hook_fails_in_words_and_leaves_the_folder(service: Bench, tmp_path: Path) -> None:
    artifacts = tmp_path / "built"
    _hook(service, "-f", "Api", "--artifacts", str(artifacts))
    before = _contents(artifacts)
    service.write({"src/api/app.py": "import nowhere\n" + HANDLER})
    result = service.slspack("hook sam", "-f", "Api", "--artifacts", str(artifacts))
    assert result.status == 1
    assert result.err.startswith("error[SLS0401]: ")
    assert _contents(artifacts) == before
    assert "name the function with -f" in service.slspack("hook sam").err


def _hook(service: Bench, *words: str) -> str:
    result = service.slspack("hook sam", *words)
    assert result.status == 0, result.err
    return result.out


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
