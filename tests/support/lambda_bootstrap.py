"""Runs one handler as Lambda would. `lambda_host` starts this file with `-I -S`; it imports nothing of the project's.

Arguments: the task's folder, the handler, a file that holds the events, a file for the outcomes, the deadline in ms.
It is kept to what Python 3.8 can run.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """What a handler may ask of its invocation, under the names that Lambda uses."""

    function_name = "function"
    function_version = "$LATEST"
    memory_limit_in_mb = "1024"
    log_group_name = "/aws/lambda/function"
    log_stream_name = "2026/09/24/[$LATEST]0123456789abcdef0123456789abcdef"
    identity = None
    client_context = None

    def __init__(self, number: int, milliseconds: int) -> None:
        self.aws_request_id = f"00000000-0000-4000-8000-{number:012}"
        self.invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
        self._end = time.monotonic() + milliseconds / 1000

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - time.monotonic()) * 1000))


def load(handler: str) -> Any:
    """As the runtime interface client does it: a `/` in the module's name means `.`."""
    module, attribute = handler.rsplit(".", 1)
    return getattr(importlib.import_module(module.replace("/", ".")), attribute)


def call(function: Any, event: object, context: Context) -> dict[str, Any]:
    try:
        return {"value": json.loads(json.dumps(function(event, context)))}
    except Exception as error:
        return failure(error)


def failure(error: Exception) -> dict[str, Any]:
    return {"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}


def main() -> None:
    task, handler, events, outcomes, milliseconds = sys.argv[1:]
    sys.path.insert(0, task)
    todo = json.loads(Path(events).read_text(encoding="utf-8"))
    try:
        function = load(handler)
    except Exception as error:
        done = [failure(error)]
    else:
        done = [call(function, event, Context(number, int(milliseconds))) for number, event in enumerate(todo)]
    report = {"outcomes": done, "modules": sorted(sys.modules), "path": sys.path}
    Path(outcomes).write_text(json.dumps(report), encoding="utf-8")


main()
