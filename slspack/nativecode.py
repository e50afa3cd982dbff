"""The native code of all artifacts, gathered for whoever checks it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.analysis import raise_errors
from slspack.model import ArchivePath
from slspack.segmenting import made_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slspack.analysis import Analysis
    from slspack.check import NativeFiles, NativePart
    from slspack.edges import Edges
    from slspack.model import Finding, Plan, PlannedLayer
    from slspack.plugins import Host
    from slspack.segmenting import Segments

_LAYER = "python/"


def check_native_code(
    plans: Iterable[Plan],
    layers: tuple[PlannedLayer, ...],
    segments: Segments,
    analysis: Analysis,
    edges: Edges,
    host: Host,
) -> tuple[Finding, ...]:
    """What is wrong with native code, before anything is written. Raises SlspackError where some cannot be loaded.

    An artifact that stays as it is passed when it was written: where the store no longer knows the native code of its
    wheels, that is enough.
    """
    from slspack.check import NativeArtifact, NativeFiles, NativePart

    native = NativeFiles(edges.store, analysis.tree)
    opaque = {f.name for f in analysis.service.functions if f.opaque_layers or (f.image and f.image.base)}
    by_name = {function.name: function for function in analysis.service.functions}
    found: list[NativeArtifact] = []
    for plan in plans:
        if plan.target is None:
            continue
        parts = [NativePart(None, native.of_plan(plan))]
        for part in plan.all_wheels:
            parts.append(NativePart(part.distribution, native.of_part(part, segments.get(made_of(part))) or ()))
        parts += _beside(plan, layers, segments, native)
        unknown = not opaque.isdisjoint(plan.functions)
        whose = plan.functions or (plan.name,)
        ignored = tuple(one for name in plan.functions or by_name for one in by_name[name].native_ignore)
        found.append(NativeArtifact(whose, plan.target, tuple(p for p in parts if p.files), unknown, ignored))
    findings = host.check_native(tuple(found))
    raise_errors(findings)
    return findings


def _beside(
    plan: Plan, layers: Iterable[PlannedLayer], segments: Segments, native: NativeFiles
) -> Iterator[NativePart]:
    """The files of a function's layers as if they stood in the artifact: the loader has both in one process."""
    from slspack.check import NativePart

    for layer in layers:
        if set(plan.functions).isdisjoint(layer.functions):
            continue
        for part in layer.plan.wheels:
            files = native.of_part(part, segments.get(made_of(part))) or ()
            named = (replace(file, name=ArchivePath(file.name.removeprefix(_LAYER))) for file in files)
            yield NativePart(part.distribution, tuple(named))
