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
from slspack.config.template import CODE, LAYERS, open_stacks
from slspack.deploy.sam.rewriting import TemplateText
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from slspack.config.template import Stack
    from slspack.options import LoadOptions
    from slspack.report import Manifest
    from slspack.report.records import LayerRecord, ManifestRecord

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
    for each in stack.all():
        _write(each, root, manifest.record, target)
    return _built_path(stack, target)


def _built_path(stack: Stack, target: Path) -> Path:
    return target.joinpath(*stack.path, "template.yaml")


def _write(stack: Stack, root: Path, record: ManifestRecord, target: Path) -> None:
    destination = _built_path(stack, target)

    def beside(path: Path) -> str:
        return os.path.relpath(path, destination.parent).replace(os.sep, "/")

    text = TemplateText((root / stack.file).read_text("utf-8-sig"), is_json=stack.file.endswith(".json"))
    text.rebase(root / stack.folder, destination.parent)
    resources = list(stack.resources())
    own = {stack.name_of(name) for name, _, kind in resources if kind in LAYERS}
    added: dict[str, LayerRecord] = {}
    for name, resource, kind in resources:
        full = stack.name_of(name)
        if kind in CODE and full in record["functions"]:
            function = record["functions"][full]
            text.set_property(name, CODE[kind], beside(root / function["artifact"]))
            # Layers of the templates it names itself; those of slspack's settings are not among its resources.
            used = [record["layers"][layer] for layer in function["layers"] if _is_added(record["layers"][layer])]
            added |= {one["logical_id"]: one for one in used}
            text.attach(name, [one["logical_id"] for one in used], resource.at)
        elif full in own and full in record["layers"]:
            text.set_property(name, LAYERS[kind], beside(root / record["layers"][full]["artifact"]))
        elif name in stack.nested:
            text.set_template(name, beside(_built_path(stack.nested[name], target)))
    for logical, layer in added.items():
        text.add_layer(logical, layer, beside(root / layer["artifact"]))
    _replace(destination, text.written())


def _is_added(layer: LayerRecord) -> bool:
    """Whether a layer is one of distributions, which slspack's settings declare: of a folder, a template does."""
    return layer["path"] is None


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
