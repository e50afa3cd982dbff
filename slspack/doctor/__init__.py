"""What is amiss with a machine and a project before a build meets it: `slspack doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.doctor.examination import examine
    from slspack.doctor.symptom import State, Symptom

__all__ = ["State", "Symptom", "examine"]

__getattr__ = exports(__name__, {"examination": ("examine",), "symptom": ("State", "Symptom")})
