"""What is wrong with an artifact before it is uploaded."""

from __future__ import annotations

from slspack.check.limits import check_limits, check_unzipped, check_upload

__all__ = ["check_limits", "check_unzipped", "check_upload"]
