"""POST /reports/sales: a CSV of order lines in, sales by SKU, country or day out."""

from typing import Any

from orders.http import body_of, respond
from orders.sales import DIMENSIONS, BadSalesFile, read_sales, totals


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    by = event.get("queryStringParameters", {}).get("by", "sku")
    if by not in DIMENSIONS:
        return respond(400, {"error": f"sales can be summed by {', '.join(DIMENSIONS)}"})
    try:
        sales = read_sales(body_of(event))
    except BadSalesFile as error:
        return respond(422, {"error": str(error)})
    return respond(200, {"by": by, "rows": totals(sales, by)})
