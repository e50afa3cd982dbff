"""What stands beside the artifacts of an image: which one it is, and what it is made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.model import ContainerImage, ImageLayer

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "slspack-image/1"


def image_json(image: ContainerImage) -> bytes:
    """An image as text, the same wherever it is made."""
    record = {
        "schema": SCHEMA,
        "reference": image.reference,
        "digest": image.digest,
        "base": image.base,
        "base_digest": image.base_digest,
        "command": list(image.command),
        "layers": [{"holds": one.holds, "digest": one.digest, "bytes": one.bytes} for one in image.layers],
    }
    return f"{json.dumps(record, indent=2)}\n".encode()


def read_image(path: Path) -> ContainerImage:
    """What `image_json` wrote. Raises ValueError for anything else, OSError where nothing can be read."""
    record = json.loads(path.read_bytes())
    try:
        if record["schema"] != SCHEMA:
            raise ValueError(f"not of the schema {SCHEMA}")
        layers = tuple(ImageLayer(one["holds"], one["digest"], one["bytes"]) for one in record["layers"])
        return ContainerImage(
            record["reference"],
            record["digest"],
            record["base"],
            record["base_digest"],
            tuple(record["command"]),
            layers,
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not the record of an image") from error
