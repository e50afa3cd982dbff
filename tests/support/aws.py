"""An account of AWS, played by moto in this process."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"


class Account:
    """What is deployed."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("lambda", region_name=REGION)
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
        made = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
        self.role = made["Role"]["Arn"]

    def deploy(self, name: str, versions: int) -> None:
        self.client.create_function(
            FunctionName=name, Runtime="python3.12", Role=self.role, Handler="app.handler", Code={"ZipFile": code(0)}
        )
        for number in range(versions):
            self.client.update_function_code(FunctionName=name, ZipFile=code(number + 1))
            self.client.publish_version(FunctionName=name)

    def publish_layer(self, name: str, versions: int) -> None:
        for number in range(versions):
            self.client.publish_layer_version(LayerName=name, Content={"ZipFile": code(number)})

    def versions(self, name: str) -> list[str]:
        found = self.client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        return [one["Version"] for page in found for one in page["Versions"]]

    def layer_versions(self, name: str) -> list[int]:
        return sorted(one["Version"] for one in self.client.list_layer_versions(LayerName=name)["LayerVersions"])


def code(number: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.py", f"# {number}\n" * 1000)
    return out.getvalue()


@contextmanager
def deployed() -> Iterator[Account]:
    """An account with nothing in it, until the block ends."""
    with mock_aws():
        yield Account()
