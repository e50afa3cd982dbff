"""Runs every morning, and says whether today is payday: the last working day of the month in the country."""

import os
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from holidays import country_holidays

from payroll.schedule import due_day


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    country = os.environ.get("COUNTRY", "DE")
    today = due_day(event)
    payday = last_working_day(today.year, today.month, country)
    return {"country": country, "today": today.isoformat(), "payday": payday.isoformat(), "run": today == payday}


def last_working_day(year: int, month: int, country: str) -> date:
    public_holidays = country_holidays(country, years=year)
    day = date(year, month, monthrange(year, month)[1])
    while not public_holidays.is_working_day(day):
        day -= timedelta(days=1)
    return day
