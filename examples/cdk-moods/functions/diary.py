"""One line of a diary."""

from datetime import UTC, datetime


def handler(event, context):
    return {"line": f"{datetime.fromisoformat(event['time']).astimezone(UTC):%d %B}: {event['text']}"}
