"""What calls the handler in an image: the base's entry point, else AWS's runtime interface client.

AWS's own bases have both (https://docs.aws.amazon.com/lambda/latest/dg/python-image.html); for another, AWS says to
install `awslambdaric` and to make it the entry point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.container.layers import TASK_ROOT
from slspack.errors import SlspackError
from slspack.model import dist_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from slspack.builds.image.daemon import BaseFacts
    from slspack.model import DistName, Function

_CLIENT = dist_name("awslambdaric")
_ROOT_VARIABLE = "LAMBDA_TASK_ROOT"


def image_settings(
    base: BaseFacts, reference: str, packaged: Collection[DistName], function: Function
) -> Mapping[str, object]:
    """The base's settings, with an entry point where it has none.

    Raises SLS0715 where neither the base nor what is packaged calls the handler.
    """
    settings = dict(base.config)
    settings.pop("Image", None)
    settings["Cmd"] = [function.handler.text]
    if settings.get("Entrypoint"):
        settings["WorkingDir"] = settings.get("WorkingDir") or f"/{TASK_ROOT}"
        return settings
    if _CLIENT not in packaged:
        raise SlspackError.of(
            Code.IMAGE_WITHOUT_CLIENT,
            f"nothing in the image of `{function.name}` would call its handler: the base `{reference}` has no entry "
            f"point, and `{_CLIENT}` is not among what is packaged",
            at=function.location,
            hint=f"add `{_CLIENT}` to the requirements, and `includeDistributions: [{_CLIENT}]`, for nothing imports "
            "it; or stand on AWS's own image, by leaving `base` out",
        )
    major, minor = function.target.python
    settings["Entrypoint"] = [f"python{major}.{minor}", "-m", str(_CLIENT)]
    settings["WorkingDir"] = f"/{TASK_ROOT}"  # it imports the handler from where it is started
    listed = settings.get("Env")
    variables = [str(one) for one in listed] if isinstance(listed, list) else []
    if not any(one.startswith(f"{_ROOT_VARIABLE}=") for one in variables):
        variables.append(f"{_ROOT_VARIABLE}=/{TASK_ROOT}")
    settings["Env"] = variables
    return settings
