# requirements: python-dateutil pytz tzdata arrow pendulum
# returns: ["in einem Tag", "Europe/Berlin", "2020-01-01T00:00:00+01:00", "2020-01-02T00:00:00", "Europe/Berlin"]
import zoneinfo

import arrow
import pendulum
import pytz
from dateutil import parser


def handler(event, context):
    return [
        arrow.get("2020-01-02").humanize(arrow.get("2020-01-01"), locale="de"),
        str(pytz.timezone("Europe/Berlin")),
        pendulum.datetime(2020, 1, 1, tz="Europe/Paris").isoformat(),
        parser.parse("2 Jan 2020").isoformat(),
        zoneinfo.ZoneInfo("Europe/Berlin").key,
    ]
