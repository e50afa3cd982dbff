"""GET /isbn/{isbn}: is this an ISBN, and what is its other form?"""

import json
from http import HTTPStatus
from typing import Any


class NotAnIsbn(ValueError):
    """The text is not an ISBN; the message says why."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    try:
        isbn13 = parse(event["pathParameters"]["isbn"])
    except NotAnIsbn as error:
        return respond(HTTPStatus.UNPROCESSABLE_ENTITY, {"valid": False, "reason": str(error)})
    return respond(HTTPStatus.OK, {"valid": True, "isbn13": isbn13, "isbn10": short_form(isbn13)})


def parse(text: str) -> str:
    """The thirteen digits of an ISBN in either form, with or without hyphens."""
    compact = text.replace("-", "").replace(" ", "").upper()
    body, check = compact[:-1], compact[-1:]
    if len(compact) not in (10, 13) or not (body.isascii() and body.isdecimal()):
        raise NotAnIsbn("an ISBN has 10 or 13 digits")
    expected = check10(body) if len(compact) == 10 else check13(body)
    if check != expected:
        raise NotAnIsbn(f"the check digit is {check}, but should be {expected}")
    return compact if len(compact) == 13 else f"978{body}{check13(f'978{body}')}"


def short_form(isbn13: str) -> str | None:
    """The ten digits of an ISBN-13; None for one that has no such form."""
    if not isbn13.startswith("978"):
        return None
    body = isbn13[3:12]
    return body + check10(body)


def check10(body: str) -> str:
    remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), body, strict=True)) % 11
    return "0123456789X"[-remainder % 11]


def check13(body: str) -> str:
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)


def respond(status: HTTPStatus, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
