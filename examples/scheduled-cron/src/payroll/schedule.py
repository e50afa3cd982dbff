"""When a run was due, as EventBridge says it: a run that starts late still works for its own day."""

from datetime import date, datetime
from typing import Any


def due_day(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["time"]).date()
