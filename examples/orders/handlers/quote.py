"""POST /quotes: what a basket costs, tax and shipping included."""

from typing import Any

from pydantic import ValidationError

from orders.http import body_of, respond
from orders.models import Basket
from orders.pricing import quote


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    try:
        basket = Basket.model_validate_json(body_of(event))
    except ValidationError as error:
        return respond(422, {"errors": error.errors(include_url=False, include_context=False, include_input=False)})
    lines = [(line.unit_price, line.quantity) for line in basket.lines]
    return respond(200, quote(lines, basket.customer.country))
