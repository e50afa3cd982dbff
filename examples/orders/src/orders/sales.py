"""Sales figures, by pandas."""

from io import BytesIO
from typing import Any

import pandas as pd

DIMENSIONS = ("sku", "country", "day")
COLUMNS = {"placed": "string", "sku": "string", "country": "string", "quantity": "int64", "unit_price": "float64"}


class BadSalesFile(ValueError):
    """The file is not what we expect; the message says why."""


def read_sales(content: bytes) -> pd.DataFrame:
    try:
        sales = pd.read_csv(BytesIO(content), usecols=list(COLUMNS), dtype=COLUMNS, parse_dates=["placed"])
    except ValueError as error:
        raise BadSalesFile(str(error)) from error
    return sales.assign(
        day=sales["placed"].dt.strftime("%Y-%m-%d"),
        revenue=sales["quantity"] * sales["unit_price"],
    )


def totals(sales: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    summed = sales.groupby(by, as_index=False)[["quantity", "revenue"]].sum().sort_values(by)
    return [
        {by: str(row[by]), "quantity": int(row["quantity"]), "revenue": round(float(row["revenue"]), 2)}
        for row in summed.to_dict("records")
    ]
