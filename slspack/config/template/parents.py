"""`BuildProperties: ParentPackageMode`: what stands for the artifact's root where `CodeUri` is inside a package.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-lambda-python.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Leaf

if TYPE_CHECKING:
    from slspack.config.value import Value


def parent_packages(resource: Value, handler: Value | None, folder: str) -> str:
    """The root: `folder`, or the folder that holds the packages which `folder` is in."""
    properties = resource.peek("Metadata", "BuildProperties")
    mode = properties.peek("ParentPackageMode") if properties else None
    if properties is None or mode is None:
        return folder
    match mode.text():
        case "explicit":
            packages = properties.peek("ParentPackages")
            parts = (packages.text() or "").split(".") if packages else []
        case "auto":
            parts = _overlap(handler, folder)
        case _:
            mode.error(Code.BAD_VALUE, f"`{mode.path}` must be `auto` or `explicit`")
            return folder
    path = folder.split("/")
    if parts and path[-len(parts) :] != parts:
        message = f"`{mode.path}`: `{folder}` does not end with the packages `{'.'.join(parts)}`"
        mode.error(Code.BAD_VALUE, message, "name the last folders of `CodeUri`, with dots between them")
        return folder
    return "/".join(path[: len(path) - len(parts)]) or "."


def _overlap(handler: Value | None, folder: str) -> list[str]:
    """The last folders of `folder` with which the handler's module begins, as many as there are."""
    text = handler.node.value if handler is not None and isinstance(handler.node, Leaf) else None
    module = text.replace("/", ".").split(".")[:-2] if isinstance(text, str) else []
    path = folder.split("/")
    counts = range(min(len(module), len(path)), 0, -1)
    return next((module[:count] for count in counts if path[-count:] == module[:count]), [])
