"""Trees for a local emulator whose processes live long: they serve new code from the next call on."""

from __future__ import annotations

from slspack.live.publish import LIVE_FOLDER, publish

__all__ = ["LIVE_FOLDER", "publish"]
