"""The sum of an invoice's lines, in cents, so that nothing is rounded twice."""

from decimal import ROUND_HALF_UP, Decimal


def total(event, context):
    net = sum(Decimal(line["price"]) * line["count"] for line in event["lines"])
    tax = (net * Decimal(event["tax"]) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"net": str(net), "tax": str(tax), "total": str(net + tax)}
