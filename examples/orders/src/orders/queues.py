"""Batches from SQS, of which one bad message fails alone."""

from collections.abc import Callable
from typing import Any

from orders.log import log


def each_record(event: dict[str, Any], work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        try:
            work(record)
        except Exception as error:  # whatever it is, the other messages are not to be lost for it
            log("message failed", id=record["messageId"], error=f"{type(error).__name__}: {error}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
