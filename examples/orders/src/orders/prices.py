"""The price list, as the people of the shop write it."""

from typing import Any

import yaml


class BadPriceList(ValueError):
    """The list cannot be published; the message says why."""


def read_price_list(content: bytes) -> dict[str, str]:
    """Prices by SKU, with two decimals."""
    try:
        document: Any = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise BadPriceList(f"not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("prices"), dict):
        raise BadPriceList("a list has a map of `prices`")
    wrong = [sku for sku, price in document["prices"].items() if not isinstance(price, int | float) or price <= 0]
    if wrong:
        raise BadPriceList(f"no price: {', '.join(map(str, wrong))}")
    return {str(sku): f"{price:.2f}" for sku, price in document["prices"].items()}
