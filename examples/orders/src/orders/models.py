"""What customers send us."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-\d{4}$")]
Country = Literal["AT", "DE", "FR", "NL"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(Strict):
    sku: Sku
    quantity: int = Field(ge=1, le=99)
    unit_price: Decimal = Field(gt=0, decimal_places=2)


class Customer(Strict):
    name: str = Field(min_length=1)
    country: Country


class Basket(Strict):
    customer: Customer
    lines: list[Line] = Field(min_length=1)
