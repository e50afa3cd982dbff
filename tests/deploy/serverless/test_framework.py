"""The plugin in the real Framework, version 3: what is packaged, beside which plugins, and what goes wrong how."""

from __future__ import annotations

import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

import slspack
from slspack.keys import digest_file
from tests.deploy.serverless.framework import code_hash, give_command
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deploy.serverless.framework import Framework
    from tests.support.bench import Bench

pytestmark = pytest.mark.node

PLUGINS = (
    "serverless-slspack",
    "serverless-offline",
    "serverless-prune-plugin",
    "serverless-dotenv-plugin",
    "serverless-iam-roles-per-function",
    "serverless-step-functions",
    "serverless-domain-manager",
    "serverless-esbuild",
)
SERVICE = """\
service: shop
configValidationMode: error
plugins: [{plugins}]
provider: {{name: aws, runtime: python3.13, architecture: arm64}}
package: {{individually: true, patterns: ['!secrets/**']}}
custom:
  slspack: {{runtimeProvided: exclude, optional-imports: never}}
  pythonRequirements: {{dockerizePip: true}}
{custom}
functions:
  api:
    handler: api.handler
    module: .
    entrypoint: cron.handler
    slspack: {{includeDistributions: [alpha]}}
  cron: {{handler: cron.handler}}
{functions}
"""
SHOP = SERVICE.format(plugins="serverless-slspack", custom="", functions="")
MIXED = """\
  web:
    handler: web.handler
    runtime: nodejs20.x
    iamRoleStatements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
stepFunctions:
  stateMachines:
    flow: {definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt CronLambdaFunction.Arn, End: true}}}}
"""
NODE = {
    "web.js": "import { word } from './word.js';\nexport const handler = () => word;\n",
    "word.js": "export const word = 'w0rd';\n",
}


@pytest.mark.parametrize("plugins", [PLUGINS, tuple(reversed(PLUGINS))], ids=["first", "last"])
def test_beside_other_plugins(bench: Bench, framework: Framework, plugins: tuple[str, ...]) -> None:
    custom = "  customDomain: {domainName: shop.example, enabled: false}\n  prune: {automatic: true, number: 3}"
    text = SERVICE.format(plugins=", ".join(plugins), custom=custom, functions=MIXED)
    # serverless-esbuild insists that the provider's runtime is Node.js.
    text = text.replace("runtime: python3.13, arch", "runtime: nodejs20.x, arch")
    text = text.replace("handler: api.handler", "handler: api.handler\n    runtime: python3.13")
    text = text.replace("{handler: cron.handler}", "{handler: cron.handler, runtime: python3.13}")
    bench.write({"serverless.yml": text, "package.json": '{"private": true}', ".env": "TOKEN=1", **NODE})
    output = framework("package")
    assert output.returncode == 0, output.stdout + output.stderr
    assert "Invalid configuration" not in output.stderr
    assert {name: one["Runtime"] for name, one in framework.functions().items()} == {
        "api": "python3.13",
        "cron": "python3.13",
        "web": "nodejs20.x",
    }
    assert framework.names_in("web.zip") == ["web.js"]
    assert framework.names_in("cron.zip") == ["cron.py"]
    assert "alpha/__init__.py" in framework.names_in("api.zip")
    resources = framework.template()
    assert resources["WebIamRoleLambdaExecution"]["Type"] == "AWS::IAM::Role"
    assert any(one["Type"] == "AWS::StepFunctions::StateMachine" for one in resources.values())


WEBPACK = """\
const slsw = require('serverless-webpack');
const output = { libraryTarget: 'commonjs2', path: `${__dirname}/.webpack`, filename: '[name].js' };
module.exports = { entry: slsw.lib.entries, mode: 'production', target: 'node', output };
"""


@pytest.mark.parametrize(
    "plugins", ["serverless-slspack, serverless-webpack", "serverless-webpack, serverless-slspack"]
)
def test_node_functions_are_serverless_webpacks(bench: Bench, framework: Framework, plugins: str) -> None:
    web = "  web: {handler: web.handler, runtime: nodejs20.x}\n"
    text = SERVICE.format(plugins=plugins, custom="  webpack: {webpackConfig: webpack.config.js}", functions=web)
    bench.write({"serverless.yml": text, "package.json": '{"private": true}', "webpack.config.js": WEBPACK, **NODE})
    output = framework("package")
    assert output.returncode == 0, output.stdout + output.stderr
    assert "Invalid configuration" not in output.stderr
    assert framework.names_in("web.zip") == ["web.js"]
    with zipfile.ZipFile(framework.root / ".serverless/web.zip") as archive:
        assert b"w0rd" in archive.read("web.js")
    assert framework.names_in("cron.zip") == ["cron.py"]
    assert "alpha/__init__.py" in framework.names_in("api.zip")
    framework("package")
    assert framework.code_hashes() >= set(framework.artifacts().values())


def test_the_zips_are_those_of_slspack_and_stay_what_they_are(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP})
    framework.done("package")
    first = framework.artifacts()
    assert first == {name: code_hash(bench.artifact(name).read_bytes()) for name in ("api", "cron")}
    assert framework.code_hashes() == set(first.values())
    out = bench.root / "out"
    built = bench.build("--out", str(out))["functions"]
    assert {name: one["sha256"] for name, one in built.items()} == {
        name: digest_file(bench.root / f".serverless/{name}.zip") for name in ("api", "cron")
    }
    zipped = sorted(path.name for path in (bench.root / ".serverless").glob("*.zip"))
    assert zipped == ["api.zip", "cron.zip"], "the Framework has nothing left to zip"
    output = framework.done("package", "--verbose", "--package", "packaged")
    assert "0 built, 2 unchanged" in output
    assert code_hash((bench.root / "packaged/api.zip").read_bytes()) == first["api"]
    state = json.loads((bench.root / "packaged/serverless-state.json").read_bytes())
    assert state["service"]["functions"]["api"]["package"]["artifact"] == ".serverless/api.zip"


def test_one_package_for_all(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP.replace("individually: true", "individually: false")})
    framework.done("package")
    keys = {one["Code"]["S3Key"].rpartition("/")[2] for one in framework.functions().values()}
    assert keys == {"shop.zip"}
    assert {"alpha/__init__.py", "api.py", "cron.py"} <= set(framework.names_in("shop.zip"))
    assert framework.code_hashes() == {code_hash((bench.root / ".slspack/dist/shop.zip").read_bytes())}


@pytest.mark.parametrize(
    "order", ["serverless-slspack, serverless-plugin-datadog", "serverless-plugin-datadog, serverless-slspack"]
)
def test_datadogs_handler_leads_to_the_own_one(bench: Bench, framework: Framework, order: str) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "datadog-lambda", files={"datadog_lambda/handler.py": "handler = None\n"})
    custom = "  datadog: {addExtension: false, addLayers: false, testingMode: true, integrationTesting: true}"
    bench.write(
        {
            "serverless.yml": SERVICE.format(plugins=order, custom=custom, functions=""),
            "requirements.txt": "alpha==1.0\ndatadog-lambda==1.0\n",
        }
    )
    output = framework("package")
    assert output.returncode == 0, output.stdout + output.stderr
    assert "SLS0403" not in output.stderr
    cron = framework.functions()["cron"]
    assert cron["Handler"] == "datadog_lambda.handler.handler"
    assert cron["Environment"]["Variables"]["DD_LAMBDA_HANDLER"] == "cron.handler"
    assert {"cron.py", "datadog_lambda/handler.py"} <= set(framework.names_in("cron.zip"))


def test_an_error_is_one_message_and_leaves_what_was_there(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP})
    framework.done("slspack", "build")
    before = bench.artifact("api").read_bytes()
    bench.write({"api.py": "import nowhere\ndef handler(event, context): return 1\n"})
    failed = framework.failed("package")
    assert "error[SLS0401]: `api` imports `nowhere`, which no requirement provides\n  --> api.py:1:8" in failed
    assert "hook.js" not in failed
    assert "Traceback" not in failed
    assert bench.artifact("api").read_bytes() == before
    assert "Traceback (most recent call last):" in framework.failed("package", "--debug=plugin:slspack")


def test_the_commands(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP})
    assert "alpha 1.0" in framework.done("slspack", "analyze", "-f", "api")
    assert "api.py" in framework.done("slspack", "explain", "-f", "api", "-n", "alpha")
    assert framework("slspack", "explain", "-f", "cron", "-n", "alpha").returncode == 1
    assert "1 distributions are in" in framework.done("requirements", "install")
    assert not bench.artifact("api").exists()
    assert "2 built" in framework.done("slspack", "build")
    assert f"removed {bench.root / '.slspack'}\n" in framework.done("slspack", "clean")


def test_serverless_python_requirements_may_stand_beside_it(bench: Bench, framework: Framework) -> None:
    bench.write(
        {"serverless.yml": SHOP.replace("[serverless-slspack]", "[serverless-python-requirements, serverless-slspack]")}
    )
    framework.done("slspack", "build")


def bare(tmp_path: Path) -> str:
    """A PATH with Node.js, and nothing that could start slspack."""
    node = shutil.which("node")
    assert node
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/node").symlink_to(node)
    return str(tmp_path / "bin")


def test_without_slspack_it_says_what_to_install(bench: Bench, framework: Framework, tmp_path: Path) -> None:
    bench.write({"serverless.yml": SHOP})
    shutil.rmtree(bench.root / ".venv")
    failed = framework.failed("package", PATH=bare(tmp_path), VIRTUAL_ENV="")
    assert f"pip install 'slspack[watch]=={slspack.__version__}'" in failed


def test_the_named_command_counts(bench: Bench, framework: Framework, tmp_path: Path) -> None:
    (bench.root / "tools").mkdir()
    (bench.root / ".venv/bin/slspack").rename(bench.root / "tools/pack")
    bench.write({"serverless.yml": SHOP.replace("slspack: {", "slspack: {command: ./tools/pack, ", 1)})
    assert "2 built" in framework.done("slspack", "build")


def test_a_stranger_is_told_from_slspack(bench: Bench, framework: Framework) -> None:
    bench.write({"serverless.yml": SHOP})
    give_command(bench.root, "echo 'no such command: hook' >&2; exit 2")
    failed = framework.failed("package")
    assert "does not know `hook serverless`: it is not slspack, or too old.\nno such command: hook\nInstall" in failed
    give_command(bench.root, """read -r request; echo '{"event": "hello", "protocol": 9, "slspack": "9.0.0"}'""")
    failed = framework.failed("package")
    assert "is slspack 9.0.0, which this version" in failed


def test_a_service_without_python_needs_no_slspack(bench: Bench, framework: Framework) -> None:
    text = "service: shop\nplugins: [serverless-slspack]\nprovider: {name: aws, runtime: nodejs20.x}\n"
    bench.write({"serverless.yml": f"{text}functions: {{web: {{handler: web.handler}}}}\n", **NODE})
    give_command(bench.root, "exit 1")
    framework.done("package")
    assert "web.js" in framework.names_in("shop.zip")
