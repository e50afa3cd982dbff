"""The Python of the image that a target's wheels are built in: it compiles where this machine has none of the minor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slspack.errors import MachineError
from slspack.keys import digest_file, key_of
from slspack.model import ImageSettings
from slspack.plugins.shipped.bytecode.interpreters import Interpreter, who_is
from slspack.plugins.shipped.bytecode.running import WORKER, ImageRunner
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Digest, Service, Target
    from slspack.store import Store


def find_in_image(target: Target, service: Service, store: Store, environment: Mapping[str, str]) -> Interpreter | str:
    """The interpreter of the service's image, else of the runtime's build image; or why there is none.

    What it says of itself is asked once for an image: a container is started for it, and for what is to be compiled.
    Raises SlspackError where a Dockerfile is none or the image holds no Python.
    """
    from slspack.builds.image import ImagePython, open_image_builder

    given = service.build.image
    # Nothing else of the settings: no network, no mounts, no variables of the user's.
    settings = ImageSettings(given.image, given.file, given.build_arguments, build_options=given.build_options)
    try:
        image = ImagePython(open_image_builder(settings, service.root, environment), target)
        runner = ImageRunner(image, image.identity, service, environment)
        found = _known(runner, store)
    except MachineError as problem:
        return "; ".join(finding.message for finding in problem.findings)
    if found is None or found.minor != target.python:
        return f"`{runner.named}` {f'has CPython {found.version}' if found else 'has no released CPython'}"
    return found


def _known(runner: ImageRunner, store: Store) -> Interpreter | None:
    key: Digest = key_of("python of an image", runner.identity, digest_file(WORKER))
    kept = store.read(Kind.BUILD, key)
    if kept is not None:
        return Interpreter(runner, *json.loads(kept))
    found = who_is(runner)
    if found is not None:
        store.write(Kind.BUILD, key, json.dumps([found.version, found.magic]).encode())
    return found
