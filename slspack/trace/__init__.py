"""Source -> module graph -> closure: what a function's handler reaches, told from the source (no import is run)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.lazy import exports

if TYPE_CHECKING:
    from slspack.trace.closure import LockShare, SharedClosures, draw_closures, draw_together
    from slspack.trace.explanation import Explanation, explain
    from slspack.trace.facts import ImportFact, Remark, SourceFacts
    from slspack.trace.finder import Finder
    from slspack.trace.inlayers import LayerModules
    from slspack.trace.optional import StoredWheelImports
    from slspack.trace.required import with_requirements
    from slspack.trace.scan import scan_source
    from slspack.trace.scanner import Amendment, Scanner
    from slspack.trace.superset import scan_imports_superset
    from slspack.trace.walk import trace_function

__all__ = [
    "Amendment",
    "Explanation",
    "Finder",
    "ImportFact",
    "LayerModules",
    "LockShare",
    "Remark",
    "Scanner",
    "SharedClosures",
    "SourceFacts",
    "StoredWheelImports",
    "draw_closures",
    "draw_together",
    "explain",
    "scan_imports_superset",
    "scan_source",
    "trace_function",
    "with_requirements",
]

__getattr__ = exports(
    __name__,
    {
        "closure": (
            "LockShare",
            "SharedClosures",
            "draw_closures",
            "draw_together",
        ),
        "explanation": (
            "Explanation",
            "explain",
        ),
        "facts": (
            "ImportFact",
            "Remark",
            "SourceFacts",
        ),
        "finder": ("Finder",),
        "inlayers": ("LayerModules",),
        "optional": ("StoredWheelImports",),
        "required": ("with_requirements",),
        "scan": ("scan_source",),
        "scanner": (
            "Amendment",
            "Scanner",
        ),
        "superset": ("scan_imports_superset",),
        "walk": ("trace_function",),
    },
)
