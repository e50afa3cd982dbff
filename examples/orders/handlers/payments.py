"""POST /webhooks/payments: what the payment provider tells us, believed only with its signature."""

import json
import os
from typing import Any

from orders.http import body_of, respond
from orders.log import log
from orders.signatures import BadSignature, verify

STATUS = {"payment.succeeded": "paid", "payment.failed": "unpaid", "refund.succeeded": "refunded"}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    body = body_of(event)
    try:
        verify(body, event["headers"].get("x-signature", ""), os.environ["PAYMENTS_PUBLIC_KEY"])
    except BadSignature as error:
        log("webhook refused", reason=str(error), ip=event["requestContext"]["http"]["sourceIp"])
        return respond(401, {"error": str(error)})
    message = json.loads(body)
    status = STATUS.get(message["type"])
    if status is None:
        return respond(202, {"ignored": message["type"]})
    log("order changed", order=message["data"]["order"], status=status)
    return respond(200, {"order": message["data"]["order"], "status": status})
