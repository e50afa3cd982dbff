"""The HTTP API's authoriser: who sends this request, and may they?"""

import os
from typing import Any

from orders.log import log
from orders.tokens import BadToken, read_token


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    token = event["headers"].get("authorization", "").removeprefix("Bearer ")
    try:
        caller = read_token(token, os.environ["TOKEN_PUBLIC_KEY"], os.environ["TOKEN_AUDIENCE"])
    except BadToken as error:
        log("caller refused", reason=str(error), route=event["routeKey"])
        return {"isAuthorized": False}
    return {
        "isAuthorized": event["routeKey"] in caller.routes,
        "context": {"caller": caller.name, "routes": " | ".join(caller.routes)},
    }
