"""`GET /cards`: the names of all cards."""

import json

from cards import CARDS


def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(sorted(CARDS))}
