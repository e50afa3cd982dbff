"""Runs on the first of each month, and names the payslip archives that are older than the law asks to keep."""

import os
from typing import Any

from payroll.schedule import due_day

PREFIX = "payslips/{year:04}/{month:02}/"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    years = int(os.environ.get("KEEP_YEARS", "6"))
    today = due_day(event)
    expired = [PREFIX.format(year=today.year - years - 1, month=month) for month in range(1, 13)]
    expired += [PREFIX.format(year=today.year - years, month=month) for month in range(1, today.month)]
    return {"keep_years": years, "expired": expired}
