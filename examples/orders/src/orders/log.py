"""One JSON object a line, as CloudWatch's queries like it."""

import json
import sys


def log(message: str, **fields: object) -> None:
    json.dump({"message": message, **fields}, sys.stdout, default=str)
    sys.stdout.write("\n")
