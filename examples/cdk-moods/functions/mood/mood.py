"""The mood of a text, by the words in it."""

import os

from words import CHEERFUL, GLOOMY


def handler(event, context):
    words = event["text"].lower().split()
    score = sum(word in CHEERFUL for word in words) - sum(word in GLOOMY for word in words)
    return {"mood": "happy" if score > 0 else "sad" if score < 0 else os.environ.get("DEFAULT_MOOD", "calm")}
