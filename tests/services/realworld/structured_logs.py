# requirements: structlog python-json-logger
# returns: ["{\"event\": \"x\"}", true]
import structlog, logging
from pythonjsonlogger import json as j


def handler(event, context):
    return [structlog.processors.JSONRenderer()(None, "", {"event": "x"}), j.JsonFormatter is not None]
