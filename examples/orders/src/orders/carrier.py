"""The carrier's web service."""

from dataclasses import dataclass
from datetime import datetime

import requests

TIMEOUT = 5


@dataclass(frozen=True, slots=True)
class Shipment:
    order: str
    due: datetime


class Carrier:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()

    def in_transit(self) -> list[Shipment]:
        answer = self._session.get(f"{self._url}/v1/shipments", params={"status": "in-transit"}, timeout=TIMEOUT)
        answer.raise_for_status()
        return [Shipment(row["reference"], datetime.fromisoformat(row["due"])) for row in answer.json()["shipments"]]
