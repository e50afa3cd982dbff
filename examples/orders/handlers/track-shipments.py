"""Every quarter of an hour: which shipments are late?"""

import os
from datetime import datetime
from typing import Any

from orders.carrier import Carrier
from orders.log import log


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    now = datetime.fromisoformat(event["time"])
    shipments = Carrier(os.environ["CARRIER_URL"]).in_transit()
    late = [shipment for shipment in shipments if shipment.due < now]
    for shipment in late:
        log("shipment late", order=shipment.order, hours=round((now - shipment.due).total_seconds() / 3600, 1))
    return {"checked": len(shipments), "late": sorted(shipment.order for shipment in late)}
