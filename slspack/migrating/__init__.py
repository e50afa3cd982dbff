"""What a project that another tool has bundled so far has to change: `slspack migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.migrating.migration import migration_of, write
    from slspack.migrating.remarks import Migration, Remark

__all__ = ["Migration", "Remark", "migration_of", "write"]

__getattr__ = exports(__name__, {"migration": ("migration_of", "write"), "remarks": ("Migration", "Remark")})
