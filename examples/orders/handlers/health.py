"""GET /health: for the load balancer. It needs nothing, so its artifact holds nothing but this and what it imports."""

import os
from typing import Any

from orders.http import respond


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return respond(200, {"status": "ok", "stage": os.environ.get("STAGE", "unknown")})
