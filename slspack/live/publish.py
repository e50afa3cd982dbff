"""What a local emulator's Python needs to serve functions from their trees: `.slspack/live/`, for its PYTHONPATH.

It holds the runner, a module under the name of each handler's (which is what the emulator imports) that hands over to
the runner, and a record of each function in `.functions/`. The record is replaced after the function's tree was
updated: it is what tells a process that there is something new. What plugins want to be in the functions' environment
is in `.variables.json`, which only its owner may read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.bundle.output import beside, reported
from slspack.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.model import Artifact, Function, Service

LIVE_FOLDER = ".slspack/live"
RUNNER = "slspack_live"
VARIABLES = ".variables.json"

_STUB = '''"""Hands the emulator's calls over to the function's own tree. Made by slspack."""

import {runner}

globals().update({runner}.serve({attributes}))
'''


def publish(
    service: Service,
    functions: Iterable[Function],
    artifacts: Mapping[str, Artifact],
    variables: Mapping[str, str] | None = None,
) -> None:
    """Tell the processes that serve these functions of their trees, which `artifacts` has by the functions' names.

    `variables` are for their environment, as far as it does not have them. Call it when the trees are complete. Records
    of functions that the service no longer has are removed. Raises SLS0603 if `.slspack/live/` cannot be written.
    """
    from importlib.resources import files

    folder = service.root / LIVE_FOLDER
    names = {function.name for function in service.functions}
    records = folder / ".functions"
    with reported(folder):
        records.mkdir(parents=True, exist_ok=True)
        for path in records.glob("*.json"):
            if path.stem not in names:
                path.unlink()
        _write_variables(folder / VARIABLES, variables or {})
        for function in functions:
            text = json.dumps(_record(function, artifacts[function.name]), ensure_ascii=False, indent=1)
            _write(records / f"{function.name}.json", text)
        _write(folder / f"{RUNNER}.py", files("slspack.live").joinpath("runner.py").read_text("utf-8"))
        _write_stubs(folder, [json.loads(path.read_bytes()) for path in sorted(records.glob("*.json"))])


def _record(function: Function, artifact: Artifact) -> Mapping[str, object]:
    plan = artifact.plan
    return {
        "name": function.name,
        "module": function.handler.module,
        "attribute": function.handler.attribute,
        "python": list(function.target.python),
        "tree": str(artifact.path),
        "fingerprint": plan.fingerprint,
        "packages": key_of("live packages", plan.wheels),
        "own": [entry.name for entry in plan.entries],
    }


def _write_stubs(folder: Path, records: Iterable[Mapping[str, str]]) -> None:
    """A module for each handler's, and the packages that these are in. Those of handlers that are gone are removed."""
    handlers: dict[str, dict[str, list[str]]] = {}
    for record in records:
        handlers.setdefault(record["module"], {}).setdefault(record["attribute"], []).append(record["name"])
    packages = {module.rpartition(".")[0] for module in handlers} - {""}
    packages |= {package[:at] for package in packages for at, char in enumerate(package) if char == "."}
    wanted = {folder / f"{RUNNER}.py"}
    for module in {*handlers, *packages}:
        path = folder.joinpath(*module.split("."))
        path = path / "__init__.py" if module in packages else path.with_name(f"{path.name}.py")
        attributes = handlers.get(module)
        _write(path, _STUB.format(runner=RUNNER, attributes=repr(attributes)) if attributes else "")
        wanted.add(path)
    for path in folder.rglob("*.py"):
        if path not in wanted:
            path.unlink()


def _write_variables(path: Path, variables: Mapping[str, str]) -> None:
    """Replace the file of variables, which may be secrets; without any there is none."""
    if variables:
        _write(path, json.dumps(dict(sorted(variables.items())), indent=1), mode=0o600)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str, mode: int = 0o666) -> None:
    """Replace a file, unless it has that text already. It has its mode, less the umask, before anything is in it."""
    try:
        if path.read_text("utf-8") == text:
            return
    except OSError:
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    try:
        temporary.touch(mode, exist_ok=False)
        temporary.write_text(text, "utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
