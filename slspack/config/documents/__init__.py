"""Documents: the text of a YAML, JSON or TOML file, turned into nodes that know their place."""

from __future__ import annotations

from slspack.config.documents.files import Files, relative_name
from slspack.config.documents.syntax import DocumentError

__all__ = ["DocumentError", "Files", "relative_name"]
