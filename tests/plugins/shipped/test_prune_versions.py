"""The plugin `prune-versions`, against an account that moto plays."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given
from hypothesis import strategies as st

from slspack.plugins.shipped.prune_versions.choosing import Version, choose
from slspack.plugins.shipped.prune_versions.cloud import Cloud
from tests.support.aws import REGION, code, deployed
from tests.support.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.aws import Account
    from tests.support.bench import Result

SERVERLESS = """\
service: shop
provider: {name: aws, runtime: python3.12, region: eu-west-1, stage: "${opt:stage, 'dev'}"}
functions:
  api: {handler: app.handler}
  jobs: {handler: app.handler, name: "the-jobs-${sls:stage}"}
  page: {handler: index.handler, runtime: nodejs22.x}
layers:
  tools: {path: tools}
  named: {path: tools, name: other-tools}
"""
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: app.handler, CodeUri: .}
  Jobs:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: app.handler, CodeUri: ., FunctionName: told-jobs}
"""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with deployed() as made:
        yield made


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "service", tmp_path / "store")
    made.write({"serverless.yml": SERVERLESS, "app.py": "def handler(event, context): ...\n", "tools/a.txt": "a"})
    return made


def prune(bench: Bench, *arguments: str) -> Result:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    return bench.slspack("-p prune-versions prune-versions", *arguments, **keys)


def test_old_versions_go(bench: Bench, account: Account) -> None:
    account.deploy("shop-dev-api", 5)
    account.deploy("the-jobs-dev", 2)
    account.deploy("shop-dev-page", 4)
    account.deploy("shop-prod-api", 5)
    account.publish_layer("tools", 3)
    result = prune(bench, "-n", "3")
    assert result.status == 0, result.err
    assert account.versions("shop-dev-api") == ["$LATEST", "3", "4", "5"]
    assert account.versions("the-jobs-dev") == ["$LATEST", "1", "2"]
    assert account.versions("shop-dev-page") == ["$LATEST", "2", "3", "4"]
    assert account.versions("shop-prod-api") == ["$LATEST", "1", "2", "3", "4", "5"]
    assert account.layer_versions("tools") == [1, 2, 3]
    assert result.out.splitlines() == [
        "shop-dev-api: deleting 1, 2 (0.0 MB); kept 3",
        "the-jobs-dev: nothing to delete; kept 2",
        "shop-dev-page: deleting 1 (0.0 MB); kept 3",
        "3 versions deleted, 0.0 MB",
    ]


def test_what_aliases_lead_to_stays_and_does_not_count(bench: Bench, account: Account) -> None:
    account.deploy("shop-dev-api", 6)
    account.client.create_alias(FunctionName="shop-dev-api", Name="live", FunctionVersion="2")
    weights = {"AdditionalVersionWeights": {"3": 0.1}}
    account.client.create_alias(FunctionName="shop-dev-api", Name="canary", FunctionVersion="6", RoutingConfig=weights)
    result = prune(bench, "-n", "1", "-f", "api")
    assert account.versions("shop-dev-api") == ["$LATEST", "2", "3", "5", "6"]
    assert "shop-dev-api: deleting 1, 4 (0.0 MB); kept 4, 2, 3, 6 by aliases" in result.out


def test_nothing_but_the_latest_is_left_of_zero(bench: Bench, account: Account) -> None:
    account.deploy("shop-dev-api", 2)
    assert prune(bench, "-n", "0", "-f", "api").status == 0
    assert account.versions("shop-dev-api") == ["$LATEST"]


def test_a_dry_run_deletes_nothing(bench: Bench, account: Account) -> None:
    account.deploy("shop-dev-api", 3)
    account.publish_layer("tools", 2)
    result = prune(bench, "-n", "1", "--dry-run", "--layers")
    assert account.versions("shop-dev-api") == ["$LATEST", "1", "2", "3"]
    assert account.layer_versions("tools") == [1, 2]
    assert "shop-dev-api: would delete 1, 2 (0.0 MB); kept 1" in result.out
    assert "the-jobs-dev: not deployed" in result.out
    assert "tools: would delete 1; kept 1" in result.out
    assert "3 versions would be deleted, 0.0 MB" in result.out


def test_layers_go_where_it_is_asked(bench: Bench, account: Account) -> None:
    account.publish_layer("tools", 3)
    account.publish_layer("other-tools", 3)
    plugins = "custom: {slspack: {plugins: [{use: prune-versions, options: {number: 1, includeLayers: true}}]}}\n"
    bench.write({"serverless.yml": SERVERLESS + plugins})
    assert prune(bench, "--no-layers").status == 0
    assert account.layer_versions("tools") == [1, 2, 3]
    assert prune(bench).status == 0
    assert (account.layer_versions("tools"), account.layer_versions("other-tools")) == ([3], [3])


def test_the_settings_of_serverless_prune_plugin_are_defaults(bench: Bench, account: Account) -> None:
    bench.write({"serverless.yml": SERVERLESS + "custom: {keep: 2, prune: {number: ABOUT, includeLayers: true}}\n"})
    text = (bench.root / "serverless.yml").read_text()
    bench.write({"serverless.yml": text.replace("ABOUT", '"${self:custom.keep}"')})
    account.deploy("shop-dev-api", 5)
    account.publish_layer("tools", 3)
    assert prune(bench, "-n", "4", "--no-layers").status == 0
    assert account.versions("shop-dev-api") == ["$LATEST", "2", "3", "4", "5"]
    assert account.layer_versions("tools") == [1, 2, 3]
    assert prune(bench).status == 0
    assert account.versions("shop-dev-api") == ["$LATEST", "4", "5"]
    assert account.layer_versions("tools") == [2, 3]
    plugins = "slspack: {plugins: [{use: prune-versions, options: {number: 1, includeLayers: false}}]}, keep: 2"
    bench.write({"serverless.yml": text.replace("ABOUT", "2").replace("keep: 2", plugins)})
    assert prune(bench).status == 0
    assert account.versions("shop-dev-api") == ["$LATEST", "5"]
    assert account.layer_versions("tools") == [2, 3]
    bench.write({"serverless.yml": text.replace("ABOUT", "many")})
    result = prune(bench, "-n", "1")
    assert (result.status, "`custom.prune.number` must be a whole number of at least 0" in result.err) == (2, True)


def test_the_stage_and_the_region_are_those_that_are_asked_for(bench: Bench, account: Account) -> None:
    account.deploy("shop-prod-api", 2)
    assert "shop-prod-api: not deployed" in prune(bench, "-n", "1", "-s", "prod", "--region", "us-east-2").out
    assert "shop-prod-api: deleting 1 " in prune(bench, "-n", "1", "-s", "prod").out


def test_names_come_from_a_stack(bench: Bench, account: Account) -> None:
    (bench.root / "serverless.yml").unlink()
    bench.write({"template.yaml": TEMPLATE})
    result = prune(bench, "-n", "1", "--region", REGION)
    assert result.status == 2
    assert "error[SLS0846]: the configuration does not tell as what `Api` is deployed" in result.err
    properties = {"Role": account.role, "Runtime": "python3.12", "Handler": "app.handler", "Code": {"ZipFile": "pass"}}
    stack = {"Resources": {"Api": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    cloudformation: Any = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(stack))
    told = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Api")
    name = told["StackResourceDetail"]["PhysicalResourceId"]
    for number in range(3):
        account.client.update_function_code(FunctionName=name, ZipFile=code(number))
        account.client.publish_version(FunctionName=name)
    result = prune(bench, "-n", "1", "--region", REGION, "--stack", "shop")
    assert result.status == 0, result.err
    assert account.versions(name) == ["$LATEST", "3"]
    assert "told-jobs: not deployed" in result.out


def test_names_are_told_by_the_options(bench: Bench, account: Account) -> None:
    (bench.root / "serverless.yml").unlink()
    options = "{number: 1, region: eu-west-1, names: {api: my-api}}"
    text = f"runtime: python3.12\nplugins: [{{use: prune-versions, options: {options}}}]\n"
    bench.write({"slspack.yml": text + "functions: {api: app.handler}\n"})
    account.deploy("my-api", 2)
    assert prune(bench).status == 0
    assert account.versions("my-api") == ["$LATEST", "2"]


def test_what_is_wrong_is_said(bench: Bench, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    result = prune(bench, "-n", "1", "-f", "nobody")
    assert (result.status, "error[SLS0108]: no function `nobody` in the service" in result.err) == (2, True)
    result = prune(bench)
    assert (result.status, "how many versions to keep is said neither by `-n` nor by" in result.err) == (2, True)
    assert prune(bench, "-n", "-1").status == 2
    result = prune(bench, "-n", "1", "--profile", "nobodys")
    assert (result.status, "error[SLS0845]: cannot open a session: The config profile" in result.err) == (3, True)
    result = prune(bench, "-n", "1", "--stack", "none")
    assert (result.status, "error[SLS0845]: cannot list the resources of the stack `none`: " in result.err) == (3, True)
    monkeypatch.setitem(sys.modules, "boto3", None)
    result = prune(bench, "-n", "1")
    assert (result.status, "error[SLS0906]: the plugin `prune-versions` needs `boto3`" in result.err) == (3, True)
    assert "pip install 'slspack[aws]'" in result.err


def refusing(cloud: Cloud, operation: str, code: str, message: str, times: int) -> list[str]:
    """Let AWS refuse the first calls of an operation; what is given back notes every one of them."""
    calls: list[str] = []

    def answer(request: Any, **_: object) -> AWSResponse | None:
        calls.append(request.url)
        if len(calls) > times:
            return None
        headers = {"x-amzn-ErrorType": code}
        raw = io.BytesIO(json.dumps({"message": message}).encode())
        raw.stream = lambda *_, **__: iter([raw.getvalue()])  # type: ignore[attr-defined]
        return AWSResponse(request.url, 429 if "Many" in code else 400, headers, raw)

    client: Any = cloud._lambda
    client.meta.events.register_first(f"before-send.lambda.{operation}", answer)
    return calls


def test_throttling_is_waited_for(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.deploy("busy", 2)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    cloud = Cloud(None, REGION)
    calls = refusing(cloud, "ListVersionsByFunction", "TooManyRequestsException", "Rate exceeded", 6)
    assert cloud.versions("busy") is not None
    assert len(calls) == 7


def test_what_the_edge_still_holds_stays(account: Account) -> None:
    account.deploy("edge", 2)
    cloud = Cloud(None, REGION)
    message = "Lambda was unable to delete edge:1 because it is a replicated function"
    refusing(cloud, "DeleteFunction", "InvalidParameterValueException", message, 1)
    assert [cloud.delete_version("edge", Version(number)) for number in (1, 2)] == [False, True]


def test_every_page_is_read(account: Account) -> None:
    account.deploy("many", 120)
    found = Cloud(None, REGION).versions("many")
    assert found is not None
    assert [version.number for version in found] == list(range(1, 121))


@given(st.frozensets(st.integers(1, 50)), st.frozensets(st.integers(1, 50)), st.integers(0, 60))
def test_the_newest_stay_and_those_that_are_pointed_at(
    numbers: frozenset[int], pointed: frozenset[int], keep: int
) -> None:
    choice = choose("f", [Version(number, 10) for number in sorted(numbers)], keep, pointed)
    deleted = [version.number for version in choice.deleted]
    left = numbers - set(deleted)
    assert deleted == sorted(deleted)
    assert pointed & numbers <= left
    assert len(left - pointed) == min(keep, len(numbers - pointed))
    assert all(max(deleted) < number for number in left - pointed if deleted)
    assert (choice.kept, choice.bytes) == (len(left), 10 * len(deleted))
