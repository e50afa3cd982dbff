"""API Gateway's payload 2.0: bodies in, responses out."""

import json
from base64 import b64decode
from typing import Any


def body_of(event: dict[str, Any]) -> bytes:
    body = event.get("body", "")
    return b64decode(body) if event.get("isBase64Encoded") else body.encode()


def respond(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body, default=str),
    }
