"""`.aws-sam/build/template.yaml`: the template as `sam build` leaves it, with each function's code at its artifact.

`sam local`, `sam package` and `sam deploy` read it in place of the template beside it. They take a zip as well as a
folder: `sam local` unpacks one, `sam package` uploads it as it is, so that its hash is the artifact's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config import TEMPLATES
from slspack.config.template import CODE, open_stacks
from slspack.deploy.sam.rewriting import TemplateText
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.config.template import Stack
    from slspack.options import LoadOptions
    from slspack.report import Manifest

BUILD_FOLDER = Path(".aws-sam") / "build"


def find_template(root: Path, options: LoadOptions) -> Path:
    """The template of a service, relative to it: the one that `--config` names, else the first of the known names.

    Raises SLS0101 where there is none.
    """
    if options.config is not None:
        return options.config
    name = next((name for name in TEMPLATES if (root / name).is_file()), None)
    if name is None:
        names = ", ".join(f"`{name}`" for name in TEMPLATES)
        message = f"no template of AWS SAM in `{root.name}`: looked for {names}"
        raise ConfigError.of(
            Code.CONFIG_NOT_FOUND, message, hint="name the folder with `-C` or the file with `--config`"
        )
    return Path(name)


def write_built_templates(root: Path, options: LoadOptions, manifest: Manifest, target: Path) -> Path:
    """Write the built template, and those nested in it, below the folder `target`; return its path.

    A file whose text would not change is left as it is. `options.config` names the template.
    """
    assert options.config is not None, "`find_template` comes first"  # noqa: S101
    file = os.path.relpath(root / options.config, root).replace(os.sep, "/")
    stack = open_stacks(root, file, options)
    artifacts = {name: root / record["artifact"] for name, record in manifest.record["functions"].items()}
    for each in stack.all():
        _write(each, root, artifacts, target)
    return _built_path(stack, target)


def _built_path(stack: Stack, target: Path) -> Path:
    return target.joinpath(*stack.path, "template.yaml")


def _write(stack: Stack, root: Path, artifacts: Mapping[str, Path], target: Path) -> None:
    destination = _built_path(stack, target)
    text = TemplateText((root / stack.file).read_text("utf-8-sig"), is_json=stack.file.endswith(".json"))
    text.rebase(root / stack.folder, destination.parent)
    for name, _, kind in stack.resources():
        artifact = artifacts.get(stack.name_of(name))
        if kind in CODE and artifact is not None:
            text.set_property(name, CODE[kind], _relative(artifact, destination.parent))
        elif name in stack.nested:
            text.set_template(name, _relative(_built_path(stack.nested[name], target), destination.parent))
    _replace(destination, text.written())


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _replace(destination: Path, text: str) -> None:
    content = text.encode()
    if destination.is_file() and destination.read_bytes() == content:
        return
    destination.parent.mkdir(parents=True, exist_ok=True)
    temporary = destination.with_name(f".{destination.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
