"""What each action does, and the answer that it gives."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from slspack.deploy.serverless.request import Action
from slspack.model import ArtifactFormat
from slspack.progress import Timings
from slspack.request import BuildRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from slspack.deploy.serverless.request import HookRequest
    from slspack.deploy.serverless.telling import Teller
    from slspack.report.records import FunctionRecord, LayerRecord, ManifestRecord

    Answer: TypeAlias = dict[str, object]


def answer(request: HookRequest, teller: Teller) -> None:
    """Do what is asked for, and tell. Raises SlspackError; then the artifacts of before are still in place."""
    if request.action is Action.WATCH:
        from slspack.deploy.serverless.watching import watch

        watch(build_request(request), teller)
        return
    teller.tell("done", _ACTIONS[request.action](request, teller))


def build_request(request: HookRequest) -> BuildRequest:
    """What is built for the request: zips to deploy, or folders to run."""
    return BuildRequest(
        folder=request.folder,
        load=request.load,
        names=request.names,
        format=ArtifactFormat.DIRECTORY if request.local else ArtifactFormat.ZIP,
        live=request.local,
    )


def _build(request: HookRequest, teller: Teller) -> Answer:
    from slspack.engine import Engine
    from slspack.report.table import print_table

    asked = build_request(request)
    result = Engine(asked, teller).build()
    teller.findings(result.findings)
    record = result.manifest.record
    text = io.StringIO()
    print_table(result.manifest, text)
    return {
        "functions": {name: _artifact(name, one) for name, one in record["functions"].items()},
        "layers": {name: _layer(name, one, record) for name, one in record["layers"].items()},
        "manifest": str(asked.output / "manifest.json"),
        "text": text.getvalue(),
    }


def _layer(name: str, record: LayerRecord, manifest: ManifestRecord) -> Answer:
    """A layer's artifact; `declaration` is what the Framework is told of one that it does not know, else null."""
    said = {
        "name": record["name"] or f"{manifest['service']}-{manifest['stage']}-{_kebab(name)}",
        "description": record["description"],
        "compatibleRuntimes": record["compatible_runtimes"],
        "compatibleArchitectures": record["compatible_architectures"],
        "licenseInfo": record["license_info"],
        "allowedAccounts": record["allowed_accounts"] or None,
        "retain": record["retain"] or None,
    }
    declaration = {key: value for key, value in said.items() if value is not None}
    return {
        **_artifact(name, record),
        "declaration": None if record["path"] else declaration,
        "reference": record["logical_id"],
        "functions": record["functions"],
    }


def _kebab(name: str) -> str:
    """`python-requirements` of `pythonRequirements`, as serverless-python-requirements names its layer in AWS."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()


def _artifact(name: str, record: FunctionRecord | LayerRecord) -> Answer:
    return {
        "artifact": record["artifact"],
        "individually": PurePosixPath(record["artifact"]).stem == name,
        "sha256": record["sha256"],
        "bytes": record["bytes"],
        "unzipped_bytes": record["unzipped_bytes"],
        "cached": record["cached"],
    }


def _analyze(request: HookRequest, teller: Teller) -> Answer:
    from slspack.pipeline import plan_artifacts
    from slspack.report.plans import print_plans

    planned = plan_artifacts(build_request(request), Timings(teller))
    teller.findings(planned.findings)
    text = io.StringIO()
    print_plans(planned.plans, text)
    return {"text": text.getvalue()}


def _explain(request: HookRequest, teller: Teller) -> Answer:
    from slspack.pipeline import explain_name

    explanation = explain_name(build_request(request), request.explained, Timings(teller))
    return {"present": explanation.present, "text": "".join(f"{line}\n" for line in explanation.lines())}


def _install(request: HookRequest, teller: Teller) -> Answer:
    """Everything that a build would fetch or make of requirements, and no artifact."""
    from slspack.output import Order, all_segments
    from slspack.pipeline import plan_artifacts

    timings = Timings(teller)
    asked = build_request(request)
    planned = plan_artifacts(asked, timings)
    teller.findings(planned.findings)
    order = Order(planned.plans, asked.output, asked.format, planned.layers)
    segments = all_segments(order, planned.analysis, planned.edges, timings, planned.begun.host)
    return {"text": f"{len(segments)} distributions are in {planned.edges.store.root}\n"}


def _clean(request: HookRequest, _teller: Teller) -> Answer:
    from slspack.cleaning import remove_outputs

    return _removed(remove_outputs(request.folder))


def _clean_requirements(request: HookRequest, _teller: Teller) -> Answer:
    from slspack.cleaning import forget_resolutions

    return _removed(forget_resolutions(request.folder))


def _removed(paths: tuple[Path, ...]) -> Answer:
    return {"removed": [str(path) for path in paths], "text": "".join(f"removed {path}\n" for path in paths)}


def _clean_cache(request: HookRequest, _teller: Teller) -> Answer:
    from slspack.beginning import begin
    from slspack.report.table import human_size
    from slspack.store import Limits, open_store
    from slspack.store.prune import prune

    store = open_store(begin(request.folder, request.load).service.cache, request.folder, request.load.environment)
    if not store.root.is_dir():
        return {"text": f"nothing in {store.root}\n"}
    pruning = prune(store, Limits(max_size=0))
    text = f"removed {len(pruning.removed)} objects, {human_size(pruning.removed_bytes)}, from {store.root}\n"
    return {"text": text}


_ACTIONS: Mapping[Action, Callable[[HookRequest, Teller], Answer]] = {
    Action.BUILD: _build,
    Action.ANALYZE: _analyze,
    Action.EXPLAIN: _explain,
    Action.CLEAN: _clean,
    Action.INSTALL_REQUIREMENTS: _install,
    Action.CLEAN_REQUIREMENTS: _clean_requirements,
    Action.CLEAN_CACHE: _clean_cache,
}
