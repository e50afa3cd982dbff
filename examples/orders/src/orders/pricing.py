"""What things cost. Money is Decimal, to the cent."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

VAT = {"AT": Decimal("0.20"), "DE": Decimal("0.19"), "FR": Decimal("0.20"), "NL": Decimal("0.21")}
SHIPPING = Decimal("4.90")
FREE_SHIPPING_FROM = Decimal("50.00")
CENT = Decimal("0.01")


def quote(lines: Iterable[tuple[Decimal, int]], country: str) -> dict[str, Any]:
    goods = sum((price * quantity for price, quantity in lines), Decimal())
    shipping = Decimal() if goods >= FREE_SHIPPING_FROM else SHIPPING
    net = goods + shipping
    tax = (net * VAT[country]).quantize(CENT, ROUND_HALF_UP)
    amounts = {"goods": goods, "shipping": shipping, "tax": tax, "total": net + tax}
    return {"currency": "EUR", **{name: str(amount.quantize(CENT)) for name, amount in amounts.items()}}
