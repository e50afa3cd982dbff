"""Placed orders from the queue: each gets its confirmation by mail."""

import json
import os
from pathlib import Path
from typing import Any

from orders.emails import confirmation
from orders.mail import send
from orders.queues import each_record

TERMS = Path(os.environ.get("LAMBDA_TASK_ROOT", "."), "legal", "terms.txt")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return each_record(event, confirm)


def confirm(record: dict[str, Any]) -> None:
    order = json.loads(record["body"])
    send(confirmation(order, sender=os.environ.get("MAIL_FROM", "shop@example.com"), terms=TERMS.read_text("utf-8")))
