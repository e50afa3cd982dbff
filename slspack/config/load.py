"""Finds the configuration of a service and reads it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from slspack.codes import Code
from slspack.config.documents import DocumentError, Files, relative_name
from slspack.config.findings import Findings
from slspack.config.nodes import Table
from slspack.frozen import dataclass
from slspack.looks import Looks
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slspack.config.nodes import Node
    from slspack.model import Service
    from slspack.options import HandedOver, LoadOptions

_Read: TypeAlias = "Callable[[Node, Files, LoadOptions, Findings], Service | None]"


@dataclass(frozen=True, slots=True)
class ServiceReader:
    """A kind of configuration: the names that are looked for, what must be in the document, and who reads it."""

    names: tuple[str, ...]
    mark: tuple[str, ...]
    """A path of keys: a document of another name that has it is of this kind."""
    read: _Read
    mark_required: bool = False
    """Whether a file of the right name without the mark is none of ours."""


def _read_serverless(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    from slspack.config.serverless import read_serverless

    return read_serverless(document, files, options, findings)


def _read_slspack(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    from slspack.config.own import read_slspack

    return read_slspack(document, files, options, findings)


def _read_pyproject(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    from slspack.config.own import read_pyproject

    return read_pyproject(document, files, options, findings)


def _read_template(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    from slspack.config.template import read_template

    return read_template(document, files, options, findings)


def _read_resolved(files: Files, handed: HandedOver, options: LoadOptions, findings: Findings) -> Service:
    from slspack.config.resolved import resolved_document
    from slspack.config.serverless import read_resolved

    files.note(handed.file)
    return read_resolved(resolved_document(handed), files, options, findings)


TEMPLATES = ("template.yaml", "template.yml", "template.json")
"""The names of AWS SAM's templates."""

FRAMEWORK = ServiceReader(("serverless.yml", "serverless.yaml", "serverless.json"), ("provider",), _read_serverless)
TEMPLATE = ServiceReader(TEMPLATES, ("Resources",), _read_template, mark_required=True)
_READERS = (
    FRAMEWORK,
    ServiceReader(("slspack.yml", "slspack.yaml"), ("functions",), _read_slspack),
    ServiceReader(("pyproject.toml",), ("tool", "slspack"), _read_pyproject, mark_required=True),
    TEMPLATE,
)
"""In the order in which a service's folder is searched."""

_SCRIPTS = ("serverless.ts", "serverless.js", "serverless.cjs", "serverless.mjs")


def own_readers() -> tuple[ServiceReader, ...]:
    """slspack's own kinds of configuration."""
    return _READERS


def load_service(
    root: Path,
    options: LoadOptions,
    looks: Looks | None = None,
    readers: Sequence[ServiceReader] = _READERS,
) -> Service:
    """The service whose files stand in `root`. What is looked at for it is noted in `looks`.

    Raises ConfigError with every error that was found, sorted by place.
    """
    looks = looks or Looks()
    files = Files(Path(os.path.abspath(root)), looks)  # noqa: PTH100 - `resolve` would follow links out of the user's paths
    findings = Findings()
    service = _load(files, replace(options, environment=looks.environment(options.environment)), findings, readers)
    looks.folders.update(files.tree.seen_folders)
    if service is not None and not service.functions:
        message = f"`{files.names[0]}` declares no Python function to bundle"
        findings.warning(Code.NO_FUNCTIONS, message, Location(files.names[0]))
    noted = findings.finish()
    if service is None:  # pragma: no cover - a reader that gives nothing has noted why
        raise AssertionError("no service and no error")
    return replace(service, config_files=files.names, config_absent=files.absent, findings=noted)


def _load(files: Files, options: LoadOptions, findings: Findings, readers: Sequence[ServiceReader]) -> Service | None:
    if options.handed_over is not None:
        return _read_resolved(files, options.handed_over, options, findings)
    try:
        if options.config is not None:
            name = relative_name(files.root, files.root / options.config)
            document = files.document(name)
            if document is None:
                findings.error(
                    Code.CONFIG_NOT_FOUND, f"there is no file `{name}`", None, "check the path of `--config`"
                )
                return None
            return _reader_of(name, document, readers).read(document, files, options, findings)
        for reader in readers:
            for name in reader.names:
                document = files.document(name)
                if document is not None and (_has(document, reader.mark) or not reader.mark_required):
                    return reader.read(document, files, options, findings)
    except DocumentError as error:
        findings.error(Code.CONFIG_SYNTAX, error.message, error.at)
        return None
    _not_found(files, findings, readers)
    return None


def _reader_of(name: str, document: Node, readers: Sequence[ServiceReader]) -> ServiceReader:
    """The reader for a file that was named explicitly: by its name, else by what is in it, else slspack's own."""
    file_name = name.rpartition("/")[2]
    by_name = (reader for reader in readers if file_name in reader.names)
    by_mark = (reader for reader in readers if _has(document, reader.mark))
    return next(by_name, None) or next(by_mark, None) or _READERS[1]


def _has(document: Node, path: tuple[str, ...]) -> bool:
    node: Node | None = document
    for key in path:
        node = node.entries.get(key) if isinstance(node, Table) else None
    return node is not None


def _title(reader: ServiceReader, name: str) -> str:
    """The name of a file that is looked for, and the table that a TOML file must have."""
    return f"`{name}` with `[{'.'.join(reader.mark)}]`" if name.endswith(".toml") else f"`{name}`"


def _not_found(files: Files, findings: Findings, readers: Sequence[ServiceReader]) -> None:
    names = [_title(reader, name) for reader in readers for name in reader.names]
    message = f"no configuration in `{files.root.name}`: looked for {', '.join(names[:-1])} and {names[-1]}"
    script = next((name for name in _SCRIPTS if (files.root / name).is_file()), None)
    hint = (
        "write a `slspack.yml` with `runtime` and `functions`, or name the folder with `-C` or the file with `--config`"
    )
    if script:
        hint = f"slspack runs no JavaScript, so it cannot read `{script}`: write a `slspack.yml`"
    findings.error(Code.CONFIG_NOT_FOUND, message, None, hint)
