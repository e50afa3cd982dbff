"""Terraform's and OpenTofu's `external` data source: a JSON object of strings in, a flat one out.

Source: https://github.com/hashicorp/terraform-provider-external/blob/main/docs/data-sources/external.md
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.report import Manifest

_NAMES = ("config", "folder", "function", "out", "params", "stage")


@dataclass(frozen=True, slots=True)
class Query:
    """What the data source asks for. Paths are relative to the folder in which Terraform runs the program."""

    folder: Path
    config: Path | None
    stage: str | None
    params: Mapping[str, str]
    function: str | None
    out: Path | None


def read_query(text: str) -> Query:
    """The query on standard input; an empty string counts as nothing. Raises SLS0131."""
    try:
        values = json.loads(text or "{}")
    except ValueError as error:
        raise _wrong(f"the query on standard input is not JSON: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise _wrong("the query on standard input is not an object of strings")
    unknown = sorted(values.keys() - set(_NAMES))
    if unknown:
        raise _wrong(f"the query has `{unknown[0]}`, which `slspack hook terraform` does not know")
    config, out = values.get("config"), values.get("out")
    return Query(
        folder=Path(values.get("folder") or "."),
        config=Path(config) if config else None,
        stage=values.get("stage") or None,
        params=_params(values.get("params") or "{}"),
        function=values.get("function") or None,
        out=Path(out) if out else None,
    )


def answer(manifest: Manifest, service: Path, function: str | None, working: Path) -> str:
    """The JSON text for standard output.

    For one function its `filename`, `source_code_hash`, `handler`, `runtime` and `architecture`; for all of them the
    same below `NAME.`, and `functions`, their names with commas between. File names are relative to the folder
    `working`, so that they are the same on every machine.
    """
    flat: dict[str, str] = {}
    for name, record in manifest.record["functions"].items():
        before = "" if function else f"{name}."
        digest = bytes.fromhex(record["sha256"] or "")
        artifact = os.path.relpath(service / record["artifact"], working).replace(os.sep, "/")
        flat |= {
            f"{before}filename": artifact,
            f"{before}source_code_hash": base64.b64encode(digest).decode(),
            f"{before}handler": record["handler"],
            f"{before}runtime": record["runtime"],
            f"{before}architecture": record["architecture"],
        }
    if function is None:
        flat["functions"] = ",".join(manifest.record["functions"])
    return json.dumps(flat, indent=2, ensure_ascii=False) + "\n"


def _params(text: str) -> Mapping[str, str]:
    try:
        params = json.loads(text)
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise _wrong("`params` in the query is not a JSON object: write `params = jsonencode({…})`")
    return {str(name): value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}


def _wrong(message: str) -> ConfigError:
    names = ", ".join(f"`{name}`" for name in _NAMES[:-1])
    error = ConfigError.of(Code.TOOL_QUERY, message, hint=f"it takes {names} and `{_NAMES[-1]}`")
    assert isinstance(error, ConfigError)  # noqa: S101
    return error
