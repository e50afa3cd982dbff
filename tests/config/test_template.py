"""Templates of AWS SAM and CloudFormation as services: what is read, what functions in them come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slspack.config import LoadOptions
from tests.support.services import config_errors, load

if TYPE_CHECKING:
    from slspack.model import Function, Service

HEAD = "Transform: AWS::Serverless-2016-10-31\n"
CODE = {"src/api/app.py": "", "src/api/requirements.txt": "", "requirements.txt": ""}


def one(root: Path, template: str, options: LoadOptions | None = None) -> Function:
    """The only function of a template."""
    (function,) = load(root, {"template.yaml": HEAD + template, **CODE}, options).functions
    return function


def of(root: Path, properties: str, before: str = "", options: LoadOptions | None = None) -> Function:
    """The function with these properties, and a handler and a runtime beside them."""
    defaults = {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "src/api"}
    given = [line.partition(":")[0] for line in properties.splitlines()]
    lines = [f"{name}: {value}" for name, value in defaults.items() if name not in given] + properties.splitlines()
    body = "\n".join(f"      {line}" for line in lines)
    template = f"{before}\nResources:\n  Api:\n    Type: AWS::Serverless::Function\n    Properties:\n{body}\n"
    return one(root, template, options)


def test_code_uri_is_the_source_root_and_its_requirements_are_the_functions(tmp_path: Path) -> None:
    function = of(tmp_path, "Architectures: [arm64]")
    assert (function.name, function.handler.text) == ("Api", "app.handler")
    assert str(function.target) == "python3.13 arm64"
    assert function.source_roots == ("src/api",)
    assert function.requirements.folder == "src/api"
    assert function.location is not None
    assert str(function.location).startswith("template.yaml:")


def test_requirements_are_looked_for_from_the_code_upward(tmp_path: Path) -> None:
    files = {"src/jobs/app.py": "", "src/requirements.txt": "", "src/jobs/inner/app.py": ""}
    template = """
    Resources:
      Near: {Type: AWS::Lambda::Function, Properties: {Code: src/jobs/inner, Handler: app.h, Runtime: python3.12}}
      Top: {Type: AWS::Lambda::Function, Properties: {Code: other, Handler: app.h, Runtime: python3.12}}
    """
    service = load(tmp_path, {"template.yaml": template, **files, "other/app.py": "", "requirements.txt": ""})
    assert [function.requirements.folder for function in service.functions] == ["src", "."]


def test_without_code_uri_the_code_is_in_the_templates_folder(tmp_path: Path) -> None:
    template = """
Resources:
  Api: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13}}
"""
    assert one(tmp_path, template).source_roots == (".", "src")


def test_globals_stand_for_serverless_functions_that_say_nothing(tmp_path: Path) -> None:
    template = """
Globals:
  Function: {Runtime: python3.11, Handler: app.handler, CodeUri: src/api, Architectures: [arm64], Layers: [arn:aws:x]}
Resources:
  Own: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Architectures: [x86_64]}}
  Inherited: {Type: AWS::Serverless::Function, Properties: {}}
  Raw: {Type: AWS::Lambda::Function, Properties: {Code: src/api, Handler: app.handler, Runtime: python3.13}}
"""
    functions = load(tmp_path, {"template.yaml": template, **CODE}).functions
    assert [str(function.target) for function in functions] == [
        "python3.12 x86_64",
        "python3.11 arm64",
        "python3.13 x86_64",
    ]
    assert [function.opaque_layers for function in functions] == [True, True, False]


@pytest.mark.parametrize(
    "code",
    [
        "!Ref Folder",
        "{Ref: Folder}",
        "!Sub src/${Leaf}",
        "!Sub ['${Up}/${Leaf}', {Up: src}]",
        "{Fn::Sub: 'src/${Leaf}'}",
        "!Join ['/', [src, !Ref Leaf]]",
        "!Select [1, [no, src/api]]",
        "!Select ['1', !Split [',', 'no,src/api']]",
        "!FindInMap [Folders, !Ref 'AWS::Region', api]",
        "!FindInMap [Folders, nowhere, api, {DefaultValue: src/api}]",
        "!If [IsProd, src/api, no]",
        "!If [IsNot, no, src/api]",
        "!If [Both, src/api, no]",
        "!If [Either, src/api, no]",
        "!Select [0, !Ref Several]",
    ],
)
def test_intrinsic_functions_are_evaluated_where_a_value_is_needed(code: str, tmp_path: Path) -> None:
    before = """
Parameters:
  Folder: {Type: String, Default: src/api}
  Leaf: {Type: String, Default: api}
  Stage: {Type: String, Default: prod}
  Several: {Type: CommaDelimitedList, Default: 'src/api, other'}
Mappings:
  Folders: {us-east-1: {api: src/api}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNot: !Not [!Condition IsProd]
  Both: !And [{Condition: IsProd}, !Equals ['1', 1]]
  Either: {'Fn::Or': [!Condition IsNot, !Condition IsProd]}
"""
    assert of(tmp_path, f"CodeUri: {code}", before).source_roots == ("src/api",)


def test_param_overrides_a_default_and_region_is_an_option(tmp_path: Path) -> None:
    before = "Parameters:\n  Version: {Type: String, Default: python3.11}\n"
    options = LoadOptions(params={"Version": "python3.12"}, options={"region": "eu-west-1"})
    function = of(tmp_path, "Runtime: !Ref Version\nHandler: !Sub '${AWS::Region}.handler'", before, options)
    assert function.target.runtime == "python3.12"
    assert function.handler.text == "eu-west-1.handler"


def test_a_condition_does_not_keep_a_function_from_being_built(tmp_path: Path) -> None:
    template = """
Conditions: {Never: !Equals [a, b]}
Resources:
  Api:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties: {CodeUri: src/api, Handler: app.handler, Runtime: python3.13}
"""
    assert one(tmp_path, template).name == "Api"


def test_values_that_only_a_deployment_has_are_errors_where_they_are_needed(tmp_path: Path) -> None:
    template = """
    Parameters:
      Version: {Type: String}
      Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /runtime}
    Resources:
      Table: {Type: AWS::DynamoDB::Table}
      A: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: !Ref Version, Role: !GetAtt Table.Arn}}
      B: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: !Ref Stored}}
      C: {Type: AWS::Serverless::Function, Properties: {Handler: !GetAtt Table.Arn, Runtime: python3.13}}
      D: {Type: AWS::Serverless::Function, Properties: {Handler: !Sub '${Typo}.h', Runtime: python3.13}}
      E: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: !FindInMap [Not, there, x]}}
      F: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: !If [Gone, a, b]}}
    """
    assert config_errors(tmp_path, {"template.yaml": template}) == [
        (
            "SLS0106 template.yaml:2:12: `Resources.A.Properties.Runtime` depends on `!Ref Version`, "
            "but the parameter `Version` has no default"
        ),
        (
            "SLS0106 template.yaml:3:11: `Resources.B.Properties.Runtime` depends on `!Ref Stored`, "
            "which only a deployment can look up"
        ),
        (
            "SLS0106 template.yaml:8:62: `Resources.C.Properties.Handler` depends on `!GetAtt`, "
            "which only a deployment gives a value"
        ),
        (
            "SLS0104 template.yaml:9:62: `Resources.D.Properties.Handler` depends on `Typo`, "
            "but the template has no parameter or resource of that name"
        ),
        (
            "SLS0104 template.yaml:10:76: `Resources.E.Properties.Runtime` depends on `!FindInMap [Not, there, x]`, "
            "but `Mappings` does not have it"
        ),
        (
            "SLS0104 template.yaml:11:76: `Resources.F.Properties.Runtime` depends on `the condition Gone`, "
            "but `Conditions` does not have it"
        ),
    ]


def test_conditions_in_a_circle_are_told(tmp_path: Path) -> None:
    template = """
    Conditions:
      One: !Not [!Condition Other]
      Other: !Not [!Condition One]
    Resources:
      A: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: !If [One, python3.13, python3.12]}}
    """
    (error,) = config_errors(tmp_path, {"template.yaml": template})
    assert error.endswith("depends on `the condition One`, which leads back to itself: `One` → `Other` → `One`")


def test_what_is_left_alone_is_said(tmp_path: Path) -> None:
    template = """
    Resources:
      Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {DockerTag: v1}}
      Inline: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: index.h, Runtime: python3.13}}
      Zipped: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Handler: index.h, Runtime: python3.13}}
      Skipped: {Type: AWS::Serverless::Function, Metadata: {SkipBuild: true}, Properties: {CodeUri: x}}
      Bucket: {Type: AWS::Serverless::Function, Properties: {CodeUri: 's3://a/b', Handler: a.h, Runtime: python3.13}}
      Object: {Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: a, S3Key: b}, Runtime: python3.13}}
      Archive: {Type: AWS::Serverless::Function, Properties: {CodeUri: a.zip, Handler: a.h, Runtime: python3.13}}
      Node: {Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: a.h, Runtime: nodejs22.x}}
      Topic: {Type: AWS::SNS::Topic}
    """
    service = load(tmp_path, {"template.yaml": template, "src/index.js": ""})
    assert {skipped.name: skipped.reason for skipped in service.skipped} == {
        "Image": "PackageType: Image",
        "Inline": "its code stands in the template",
        "Zipped": "its code stands in the template",
        "Skipped": "SkipBuild",
        "Bucket": "its code is in S3",
        "Object": "its code is in S3",
        "Archive": "its code is an archive",
        "Node": "runtime nodejs22.x",
    }


def test_nested_applications_are_read_with_the_parameters_that_they_are_given(tmp_path: Path) -> None:
    files = {
        "template.yaml": """
        Parameters: {Version: {Type: String, Default: python3.12}}
        Resources:
          Shop:
            Type: AWS::Serverless::Application
            Properties: {Location: apps/shop/template.yaml, Parameters: {Runtime: !Ref Version}}
          Remote: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a}}}
          Raw: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://bucket/template.yaml}}
        """,
        "apps/shop/template.yaml": """
        Parameters: {Runtime: {Type: String, Default: python3.11}}
        Resources:
          Cart:
            Type: AWS::Serverless::Function
            Properties: {CodeUri: ./code, Handler: cart.handler, Runtime: !Ref Runtime}
          Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../inner.json}}
        """,
        "apps/inner.json": '{"Resources": {"Job": {"Type": "AWS::Lambda::Function", "Properties":'
        ' {"Code": "jobs", "Handler": "job.run", "Runtime": "python3.13"}}}}',
        "apps/shop/code/cart.py": "",
        "apps/jobs/job.py": "",
    }
    service = load(tmp_path, files)
    found = {f.name: (f.target.runtime, f.source_roots) for f in service.functions}
    assert found == {
        "Shop-Cart": ("python3.12", ("apps/shop/code",)),
        "Shop-Inner-Job": ("python3.13", ("apps/jobs",)),
    }
    assert service.config_files[-3:] == ("template.yaml", "apps/shop/template.yaml", "apps/inner.json")


def test_nested_applications_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    template = """
    Resources:
      Gone: {Type: AWS::Serverless::Application, Properties: {Location: gone.yaml}}
      Self: {Type: AWS::Serverless::Application, Properties: {Location: template.yaml}}
      Bad: {Type: AWS::Serverless::Application, Properties: {Location: bad.yaml}}
      List: {Type: AWS::Serverless::Application, Properties: {Location: list.yaml}}
    """
    assert config_errors(tmp_path, {"template.yaml": template, "bad.yaml": "a: [", "list.yaml": "- a"}) == [
        "SLS0102 bad.yaml:2:1: not valid YAML: did not find expected node content",
        "SLS0104 list.yaml:1:1: a template must be a map",
        "SLS0112 template.yaml:2:69: there is no template `gone.yaml`",
        "SLS0105 template.yaml:3:69: the template leads back to itself: `template.yaml` → `template.yaml`",
    ]


def test_settings_stand_under_metadata(tmp_path: Path) -> None:
    template = """
Metadata:
  slspack: {patterns: ['!**/*.md'], sourceRoots: [shared], cacheMaxSize: 1GB}
Resources:
  Api:
    Type: AWS::Serverless::Function
    Metadata: {slspack: {patterns: [data/**], includeDistributions: [tzdata]}}
    Properties: {CodeUri: src/api, Handler: app.handler, Runtime: python3.13}
"""
    (tmp_path / "shared").mkdir()
    function = one(tmp_path, template)
    assert [pattern.glob for pattern in function.patterns] == ["**/*.md", "data/**"]
    assert function.source_roots == ("src/api", "shared")
    assert function.policy.include_distributions == ("tzdata",)


@pytest.mark.parametrize(
    ("metadata", "handler", "root"),
    [
        ("{ParentPackageMode: explicit, ParentPackages: src.api}", "src.api.app.handler", "."),
        ("{ParentPackageMode: explicit, ParentPackages: api}", "api.app.handler", "src"),
        ("{ParentPackageMode: auto}", "src.api.app.handler", "."),
        ("{ParentPackageMode: auto}", "api/app.handler", "src"),
        ("{ParentPackageMode: auto}", "app.handler", "src/api"),
        ("{ParentPackageMode: auto}", "other.app.handler", "src/api"),
    ],
)
def test_parent_packages_move_the_root_up(metadata: str, handler: str, root: str, tmp_path: Path) -> None:
    template = f"""
Resources:
  Api:
    Type: AWS::Serverless::Function
    Metadata: {{BuildProperties: {metadata}}}
    Properties: {{CodeUri: src/api, Handler: {handler}, Runtime: python3.13}}
"""
    assert one(tmp_path, template).source_roots[0] == root


def test_wrong_paths_and_properties_are_told_at_once(tmp_path: Path) -> None:
    template = """
    Resources:
      Above: {Type: AWS::Serverless::Function, Properties: {CodeUri: ../x, Handler: a.h, Runtime: python3.13}}
      Gone: {Type: AWS::Serverless::Function, Properties: {CodeUri: nowhere, Handler: a.h, Runtime: python3.13}}
      Absolute: {Type: AWS::Serverless::Function, Properties: {CodeUri: /x, Handler: a.h, Runtime: python3.13}}
      Parent:
        Type: AWS::Serverless::Function
        Metadata: {BuildProperties: {ParentPackageMode: explicit, ParentPackages: other}}
        Properties: {CodeUri: src/api, Handler: a.h, Runtime: python3.13}
      Mode:
        Type: AWS::Serverless::Function
        Metadata: {BuildProperties: {ParentPackageMode: some}}
        Properties: {CodeUri: src/api, Handler: a.h, Runtime: python3.13}
      None: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/api}}
    """
    errors = config_errors(tmp_path, {"template.yaml": template, **CODE})
    assert [error.partition(": ")[2] for error in errors] == [
        "`Resources.Above.Properties.CodeUri`: `../x` is outside the service",
        "`Resources.Gone.Properties.CodeUri`: there is no folder `nowhere`",
        "`Resources.Absolute.Properties.CodeUri` must be the path of a folder below the template's, and is a string",
        (
            "`Resources.Parent.Metadata.BuildProperties.ParentPackageMode`: "
            "`src/api` does not end with the packages `other`"
        ),
        "`Resources.Mode.Metadata.BuildProperties.ParentPackageMode` must be `auto` or `explicit`",
        "function `None` has no `runtime`",
    ]


def test_a_serverless_yml_and_slspacks_own_file_come_first(tmp_path: Path) -> None:
    template = (
        HEAD + "Resources: {A: {Type: AWS::Serverless::Function, Properties: {Handler: a.h, Runtime: python3.13}}}"
    )
    own = "runtime: python3.13\nfunctions: {own: a.h}"
    framework = "service: s\nprovider: {name: aws, runtime: python3.13}\nfunctions: {framework: {handler: a.h}}"
    assert _names(load(tmp_path, {"template.yaml": template})) == ["A"]
    assert _names(load(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"})) == ["A"]
    assert _names(load(tmp_path, {"slspack.yml": own})) == ["own"]
    assert _names(load(tmp_path, {"serverless.yml": framework})) == ["framework"]
    assert _names(load(tmp_path, {}, LoadOptions(config=Path("template.yaml")))) == ["A"]


def test_any_file_with_resources_is_read_as_a_template_if_it_is_named(tmp_path: Path) -> None:
    properties = "{Code: ../src/api, Handler: app.h, Runtime: python3.13}"
    template = f"Resources: {{A: {{Type: AWS::Lambda::Function, Properties: {properties}}}}}"
    service = load(tmp_path, {"deploy/stack.yaml": template, **CODE}, LoadOptions(config=Path("deploy/stack.yaml")))
    assert service.functions[0].source_roots == ("src/api",)


def test_a_file_of_that_name_without_resources_is_none_of_ours(tmp_path: Path) -> None:
    (error,) = config_errors(tmp_path, {"template.yaml": "title: a letter"})
    assert error.startswith("SLS0101 None: no configuration in")
    assert error.endswith("`template.yaml`, `template.yml` and `template.json`")


def _names(service: Service) -> list[str]:
    return [function.name for function in service.functions]
