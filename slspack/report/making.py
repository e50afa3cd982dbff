"""From a finished build to its manifest."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from slspack.model import BuiltLayer, ClosureMember, FolderLayer, Severity, logical_id
from slspack.report.manifest import Manifest
from slspack.report.records import (
    SCHEMA,
    BuiltRecord,
    DistributionRecord,
    ExcludedRecord,
    FunctionRecord,
    ImageLayerRecord,
    ImageRecord,
    LayerRecord,
    ManifestRecord,
    WarningRecord,
)
from slspack.report.text import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.model import (
        Artifact,
        Closure,
        ContainerImage,
        Finding,
        Function,
        ModuleGraph,
        Plan,
        PlannedLayer,
        Provenance,
        Service,
        WheelPart,
    )


def make_manifest(
    service: Service,
    functions: Iterable[Function],
    artifacts: Mapping[str, Artifact],
    graphs: Mapping[str, ModuleGraph],
    closures: Mapping[str, Closure],
    findings: Iterable[Finding],
    timings: Mapping[str, float],
    layers: Mapping[str, tuple[PlannedLayer, Artifact]] | None = None,
) -> Manifest:
    """The record of a build. The mappings are by the function's name, but `layers`; `timings` are seconds by stage."""
    from slspack import __version__

    layers = layers or {}
    return Manifest(
        ManifestRecord(
            schema=SCHEMA,
            slspack=__version__,
            service=service.name,
            stage=service.stage,
            functions={
                function.name: _function_record(
                    service,
                    function,
                    artifacts[function.name],
                    graphs[function.name],
                    closures[function.name],
                    [name for name, (layer, _) in layers.items() if function.name in layer.functions],
                )
                for function in functions
            },
            layers={name: _layer_record(service, layer, artifact) for name, (layer, artifact) in layers.items()},
            warnings=[
                _warning_record(finding) for finding, _ in merge(findings) if finding.severity is Severity.WARNING
            ],
            timings={stage: round(seconds, 6) for stage, seconds in timings.items()},
        )
    )


def _function_record(
    service: Service,
    function: Function,
    artifact: Artifact,
    graph: ModuleGraph,
    closure: Closure,
    layers: list[str],
) -> FunctionRecord:
    plan = artifact.plan
    sizes = {part.distribution.name: part.unzipped_bytes for part in plan.all_wheels}
    return FunctionRecord(
        artifact=relative_path(artifact.path, service.root),
        sha256=artifact.sha256,
        bytes=artifact.bytes,
        unzipped_bytes=plan.unzipped_bytes,
        entries=_count(plan),
        fingerprint=plan.fingerprint,
        handler=dict(plan.handlers).get(function.name, function.handler.text),
        runtime=function.target.runtime,
        architecture=function.target.architecture.value,
        modules=sorted(module.path for module in graph.modules),
        distributions=[
            _distribution_record(member, sizes.get(member.distribution.name, 0)) for member in closure.members
        ],
        excluded=ExcludedRecord(files=plan.excluded_files, bytes=plan.excluded_bytes),
        image=_image_record(artifact.image) if artifact.image else None,
        cached=artifact.cached,
        layers=layers,
    )


def _count(plan: Plan) -> int:
    return len(plan.entries) + sum(part.entries for part in plan.wheels) + bool(plan.nested)


def _layer_record(service: Service, layer: PlannedLayer, artifact: Artifact) -> LayerRecord:
    plan, said = layer.plan, layer.layer.description
    target = plan.target
    return LayerRecord(
        artifact=relative_path(artifact.path, service.root),
        sha256=artifact.sha256,
        bytes=artifact.bytes,
        unzipped_bytes=plan.unzipped_bytes,
        entries=_count(plan),
        fingerprint=plan.fingerprint,
        runtime=target.runtime if target else None,
        architecture=target.architecture.value if target else None,
        path=layer.layer.path if isinstance(layer.layer, (FolderLayer, BuiltLayer)) else None,
        distributions=[_held_record(part) for part in plan.wheels],
        functions=[*layer.functions],
        logical_id=logical_id(layer.name),
        name=said.title,
        description=said.text,
        compatible_runtimes=[*said.runtimes] or ([target.runtime] if target else []),
        compatible_architectures=[*said.architectures] or ([target.architecture.value] if target else []),
        license_info=said.license,
        allowed_accounts=[*said.accounts],
        retain=said.retain,
        cached=artifact.cached,
    )


def _image_record(image: ContainerImage) -> ImageRecord:
    return ImageRecord(
        reference=image.reference,
        digest=image.digest,
        base=image.base,
        base_digest=image.base_digest,
        layers=[ImageLayerRecord(holds=one.holds, digest=one.digest, bytes=one.bytes) for one in image.layers],
    )


def _held_record(part: WheelPart) -> DistributionRecord:
    """A distribution of a layer, which nobody there wants for a reason of his own."""
    member = ClosureMember(part.distribution, direct=False, reasons=())
    return _distribution_record(member, part.unzipped_bytes)


def _distribution_record(member: ClosureMember, unzipped_bytes: int) -> DistributionRecord:
    distribution = member.distribution
    return DistributionRecord(
        name=distribution.name,
        version=distribution.version,
        wheel=distribution.wheel.filename,
        sha256=distribution.wheel.sha256,
        bytes=unzipped_bytes,
        direct=member.direct,
        via=list(dict.fromkeys(reason.source or reason.kind.value for reason in member.reasons)),
        built=_built_record(distribution.built) if distribution.built else None,
    )


def _built_record(built: Provenance) -> BuiltRecord:
    return BuiltRecord(builder=built.builder, source=built.source, image=built.image, compiler=built.compiler)


def _warning_record(finding: Finding) -> WarningRecord:
    at = finding.at
    return WarningRecord(
        code=finding.code.id,
        message=finding.message,
        file=at.path if at else None,
        line=at.line if at and at.line else None,
    )


def relative_path(path: Path, root: Path) -> str:
    """A path as the manifest has it: relative to the service with `/`, or absolute where it is on another drive."""
    try:
        return PurePath(os.path.relpath(path, root)).as_posix()
    except ValueError:
        return path.as_posix()
