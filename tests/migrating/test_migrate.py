"""`slspack migrate` on the command line: what it says, the patch it prints, and what `--write` does."""

from __future__ import annotations

import json
import stat
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

SERVERLESS = """\
# The shop
service: shop
provider:
  name: aws
  runtime: python3.13  # the newest
plugins:
  - serverless-python-requirements  # bundles
  - serverless-offline
package:
  individually: true
custom:
  pythonRequirements:
    # for pyenv
    pythonBin: /opt/python3.13/bin/python
    fileName: requirements-prod.txt
    usePyProject: true
    noDeploy:
      - boto3
    dockerizePipp: true
  stage: ${opt:stage, 'dev'}
functions:
  api:
    handler: app.handler
  jobs:
    module: jobs
    handler: work.run
"""
PATCH = """\
--- a/serverless.yml
+++ b/serverless.yml
@@ -4,16 +4,14 @@
   name: aws
   runtime: python3.13  # the newest
 plugins:
-  - serverless-python-requirements  # bundles
+  - serverless-slspack  # bundles
   - serverless-offline
 package:
   individually: true
 custom:
   pythonRequirements:
     # for pyenv
-    pythonBin: /opt/python3.13/bin/python
     fileName: requirements-prod.txt
-    usePyProject: true
     noDeploy:
       - boto3
     dockerizePipp: true
"""


@pytest.fixture
def shop(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path / "shop", tmp_path / "store")
    bench.write(
        {
            "serverless.yml": SERVERLESS,
            "requirements-prod.txt": "",
            "app.py": "try:\n  import unzip_requirements\nexcept ImportError:\n  pass\n\n\ndef handler(e, c): ...\n",
            "jobs/work.py": "def run(e, c): ...\n",
            "jobs/requirements-prod.txt": "",
            "package.json": '{\n  "devDependencies": {\n    "serverless-python-requirements": "^6.0.0"\n  }\n}\n',
            ".requirements/left.py": "import unzip_requirements\n",
            "requirements.zip": b"",
        }
    )
    return bench


def functions(bench: Bench) -> list[tuple[str, object]]:
    result = bench.slspack("config", "--json")
    assert result.status == 0, result.err
    return [(each["name"], each["handler"]) for each in json.loads(result.out)["functions"]]


def test_each_option_the_leftovers_and_a_patch_are_printed(shop: Bench) -> None:
    result = shop.slspack("migrate")
    assert (result.status, result.out) == (0, PATCH)
    assert result.err.splitlines() == [
        "serverless.yml:7:5: `serverless-python-requirements` becomes `serverless-slspack`",
        "serverless.yml:14:5: `pythonBin` is taken out: no Python of the runtime's version is run",
        "serverless.yml:15:5: `fileName` stays: the requirements file, in each `module`'s folder too",
        "serverless.yml:16:5: `usePyProject` is taken out: it asks for nothing",
        "serverless.yml:17:5: `noDeploy` stays: these distributions stay out, with what only they need",
        (
            "serverless.yml:19:5: `dockerizePipp` is no option of serverless-python-requirements, and stays "
            "without effect: did you mean `dockerizePip`?"
        ),
        "serverless.yml:25:5: `functions.jobs.module` stays: the function's own folder: its root, and its requirements",
        ".requirements: `.requirements` is left over from serverless-python-requirements: remove it",
        "requirements.zip: `requirements.zip` is left over from serverless-python-requirements: remove it",
        "app.py:2:3: `unzip_requirements` unpacks nothing any more: remove the import, and the `try` around it",
        "package.json:3:5: `package.json` replace this line by one for `serverless-slspack`",
    ]
    assert (shop.root / "serverless.yml").read_text() == SERVERLESS


def test_write_edits_and_leaves_the_functions_as_they_are(shop: Bench) -> None:
    before = functions(shop)
    path = shop.root / "serverless.yml"
    path.chmod(0o640)
    result = shop.slspack("migrate", "--write")
    assert result.err.endswith("serverless.yml: written\n")
    assert "serverless-python-requirements" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in shop.root.iterdir() if each.name.startswith(".")) == [".requirements"]
    assert functions(shop) == before
    assert [name for name, _ in before] == ["api", "jobs"]
    again = shop.slspack("migrate", "--write")
    assert (again.out, "written" in again.err) == ("", False)


def test_git_takes_the_patch(shop: Bench) -> None:
    patch = shop.slspack("migrate").out.encode()
    subprocess.run(["git", "apply", "-"], cwd=shop.root, input=patch, check=True)
    assert "  - serverless-slspack  # bundles\n" in (shop.root / "serverless.yml").read_text()
    assert shop.slspack("migrate").out == ""


def test_the_helper_of_zip_is_of_use_while_zip_is_on(shop: Bench) -> None:
    shop.write({"serverless.yml": SERVERLESS.replace("usePyProject: true", "zip: true")})
    shown = shop.slspack("migrate").err
    assert "`zip` stays: the same archive" in shown
    assert "unpacks nothing" not in shown


def test_what_is_refused_stays_and_says_what_to_do(shop: Bench) -> None:
    shop.write({"serverless.yml": SERVERLESS.replace("usePyProject: true", "usePyProject: false")})
    result = shop.slspack("migrate")
    assert "`usePyProject` cannot stay: name the file to read in `custom.slspack.requirements`\n" in result.err
    assert "-    usePyProject" not in result.out


def test_a_template_of_sam_needs_no_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path / "store")
    bench.write({"template.yaml": "Resources: {}\n"})
    result = bench.slspack("migrate", "--write")
    assert (result.status, result.out) == (0, "")
    assert "`sam build` becomes `slspack build --sam`" in result.err


def test_the_constructs_of_a_cdk_app_are_found(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path / "store")
    app = "def stack(scope):\n    return PythonFunction(scope, 'api', entry='api')\n"
    bench.write({"cdk.json": "{}", "stacks/app.py": app, "node_modules/x/y.ts": "new PythonFunction()", "b.ts": ""})
    result = bench.slspack("migrate")
    assert result.err.splitlines() == [
        "`requirements` add `slspack[cdk]` to those of the app",
        (
            "stacks/app.py:2:12: `PythonFunction` becomes `SlspackFunction` of `slspack.cdk`, "
            "which takes `entry`, `index`, `handler` and `runtime`, too"
        ),
    ]


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13}  # all of them
Resources:
  Card:
    Type: AWS::Serverless::Function  # cards
    Properties: {CodeUri: src/card/, Handler: card.handler, Role: !GetAtt Role.Arn}
  Plain:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties: {CodeUri: src/plain, Handler: plain.handler}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: shared}
  Tools:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: tools}
"""
TEMPLATE_PATCH = """\
--- a/template.yaml
+++ b/template.yaml
@@ -4,6 +4,8 @@
 Resources:
   Card:
     Type: AWS::Serverless::Function  # cards
+    Metadata:
+      slspack: {patterns: ['src/card/**']}
     Properties: {CodeUri: src/card/, Handler: card.handler, Role: !GetAtt Role.Arn}
   Plain:
     Type: AWS::Serverless::Function
"""


def test_data_beside_the_code_of_a_sam_function_stays_in_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path.parent / "store")
    bench.write(
        {
            "template.yaml": TEMPLATE,
            "samconfig.toml": "[default.build.parameters]\nuse_container = true\ncached = true\n",
            "src/card/card.py": "def handler(event, context): ...\n",
            "src/card/requirements.txt": "",
            "src/card/templates/card.html": "<p>",
            "src/plain/plain.py": "def handler(event, context): ...\n",
            "shared/shared.py": "",
        }
    )
    result = bench.slspack("migrate")
    assert result.out == TEMPLATE_PATCH
    assert result.err.splitlines()[2:] == [
        (
            "template.yaml:6:5: `Card` gets `Metadata` with `slspack: {patterns: ['src/card/**']}`: its folder has "
            "`templates/card.html`, which no import reaches and `sam build` packs"
        ),
        (
            "template.yaml:9:5: `Plain` is not built by `make` any more: its `BuildMethod` has no effect on "
            "`slspack build --sam`"
        ),
        (
            "template.yaml:17:5: `Tools` is not built by slspack (`BuildMethod: makefile`): let functions carry what "
            "they import, or list it under `layers`"
        ),
        (
            "samconfig.toml:2:1: `use_container` has no use for `slspack build`: what has no wheel is built in an "
            "image by itself"
        ),
        "samconfig.toml:3:1: `cached` has no use for `slspack build`: what has not changed is never built again",
    ]
    assert bench.slspack("migrate", "--write").status == 0
    assert bench.slspack("migrate").out == ""
    bench.build("--sam")
    with zipfile.ZipFile(tmp_path / ".aws-sam/build/Card.zip") as archive:
        assert set(archive.namelist()) == {"card.py", "requirements.txt", "templates/card.html"}


def test_what_cdks_construct_takes_and_slspacks_does_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path / "store")
    app = (
        "from aws_cdk.aws_lambda_python_alpha import PythonFunction, PythonLayerVersion\n"
        "def stack(scope):\n"
        "    PythonFunction(scope, 'api', entry='api', bundling=options)\n"
    )
    bench.write({"cdk.json": "{}", "app.py": app, "requirements.txt": "aws-cdk.aws-lambda-python-alpha==2.150\n"})
    places = [line.partition("` ")[0] for line in bench.slspack("migrate").err.splitlines()]
    assert places == [
        "`requirements",
        "app.py:3:5: `PythonFunction",
        "app.py:3:47: `bundling",
        "app.py:1:61: `PythonLayerVersion",
        "app.py:1:6: `aws_lambda_python_alpha",
        "requirements.txt:1:1: `aws-lambda-python-alpha",
    ]


def test_a_folder_without_any_of_these_is_an_error(tmp_path: Path) -> None:
    result = Bench(tmp_path, tmp_path / "store").slspack("migrate")
    assert result.status == 2
    assert "error[SLS0101]: nothing to migrate in" in result.err
