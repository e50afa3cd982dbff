"""AWS SAM: the built template that its commands read, and the rule by which `sam build` calls slspack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.deploy.sam.built import BUILD_FOLDER, find_template, write_built_templates
    from slspack.deploy.sam.makefile import makefiles

__all__ = ["BUILD_FOLDER", "find_template", "makefiles", "write_built_templates"]

__getattr__ = exports(
    __name__,
    {
        "built": ("BUILD_FOLDER", "find_template", "write_built_templates"),
        "makefile": ("makefiles",),
    },
)
