"""`botocore-data` with the real boto3: what is left of it calls moto's server as the whole of it would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import write_files
from tests.support.example_services import build
from tests.support.lambda_host import HandlerError, invoke

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.registry

PYTHON = ".".join(map(str, sys.version_info[:2]))
SERVICE = f"""\
runtime: python{PYTHON}
architecture: x86_64
functions:
  calls:
    handler: calls.handler
  asks:
    handler: asks.handler
"""
PLUGIN = "plugins: [{use: botocore-data, options: {services: [s3]}}]\n"
CALLS = """\
import io
import boto3

QUEUES = "sqs"


def tables():
    table = boto3.resource("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    table.put_item(Item={"id": "1", "what": "tea"})
    return table.get_item(Key={"id": "1"})["Item"]["what"]


def files():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for name in ("a", "b", "c"):
        s3.upload_fileobj(io.BytesIO(name.encode()), "orders", name)
        s3.get_waiter("object_exists").wait(Bucket="orders", Key=name)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="orders", PaginationConfig={"PageSize": 2})
    return [one["Key"] for page in pages for one in page["Contents"]]


def queues():
    sqs = boto3.client(QUEUES)
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="tea")
    return sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"]


def handler(event, context):
    who = boto3.client("sts").get_caller_identity()["Account"]
    return [tables(), files(), queues(), who]
"""
ASKS = """\
import boto3


def handler(event, context):
    return boto3.client(event["service"]).meta.service_model.service_name
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The environment in which the SDK calls moto's server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "NO_PROXY": "127.0.0.1"}
    server.stop()


def test_what_is_left_of_the_sdk_works(tmp_path: Path, aws: dict[str, str]) -> None:
    files = {"requirements.txt": "boto3\n", "calls.py": CALLS, "asks.py": ASKS}
    store = {"SLSPACK_CACHE_DIR": str(tmp_path / "store")}
    whole = build(write_files(tmp_path / "whole", {"slspack.yml": SERVICE, **files}), environment=store)
    less = build(write_files(tmp_path / "less", {"slspack.yml": PLUGIN + SERVICE, **files}), environment=store)
    python = Path(sys.executable)
    done = invoke(less.artifact("calls"), "calls.handler", {}, python, environment=aws)
    assert done == ["tea", ["a", "b", "c"], "tea", "123456789012"]
    assert invoke(less.artifact("asks"), "asks.handler", {"service": "s3"}, python) == "s3"
    with pytest.raises(HandlerError, match="Unknown service: 'ec2'"):
        invoke(less.artifact("asks"), "asks.handler", {"service": "ec2"}, python)
    assert invoke(whole.artifact("asks"), "asks.handler", {"service": "ec2"}, python) == "ec2"
    saved = [_sizes(whole.manifest, name, "bytes") - _sizes(less.manifest, name, "bytes") for name in ("calls", "asks")]
    assert min(saved) > 10_000_000, saved


def _sizes(manifest: object, name: str, key: str) -> int:
    assert isinstance(manifest, dict)
    return int(manifest["functions"][name][key])
