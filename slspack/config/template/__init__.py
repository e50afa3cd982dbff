"""AWS SAM and CloudFormation templates: their functions, nested applications and layers."""

from __future__ import annotations

from slspack.config.template.reader import read_template
from slspack.config.template.stacks import CODE, LAYERS, NESTED, Stack, open_stacks

__all__ = ["CODE", "LAYERS", "NESTED", "Stack", "open_stacks", "read_template"]
