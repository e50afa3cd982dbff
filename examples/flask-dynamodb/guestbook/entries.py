"""The entries, in DynamoDB: one partition for the book, sorted by the time of signing."""

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Self

import boto3
from boto3.dynamodb.conditions import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

BOOK = "main"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    message: str
    signed: str

    @classmethod
    def now(cls, name: str, message: str) -> Self:
        return cls(name, message, datetime.now(UTC).isoformat(timespec="milliseconds"))


def add(entry: Entry) -> None:
    _table().put_item(Item={"book": BOOK, **asdict(entry)})


def latest(limit: int) -> list[Entry]:
    page = _table().query(KeyConditionExpression=Key("book").eq(BOOK), ScanIndexForward=False, Limit=limit)
    return [Entry(str(item["name"]), str(item["message"]), str(item["signed"])) for item in page["Items"]]


@cache
def _table() -> "Table":
    return boto3.resource("dynamodb").Table(os.environ["ENTRIES_TABLE"])
