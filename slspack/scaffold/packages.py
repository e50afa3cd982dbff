"""The files of a new package: the templates beside this module, with the name that somebody has chosen."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from slspack import __version__
from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.plugins import INTERFACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_SUFFIX = ".in"
_MODULE = "MODULE"
_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")


def plugin_package(name: str) -> Mapping[str, str]:
    """The text of each file, by POSIX path, of a distribution of that name with a plugin of that name.

    Raises SLS0850 for a name that cannot be a distribution's (PyPA's "Names and normalization") and a module's at once.
    """
    module = name.replace("-", "_")
    _check(name, module)
    values = {"name": name, "module": module, "version": __version__, "interface": str(INTERFACE)}
    return {
        path.replace(_MODULE, module): Template(text).substitute(values)
        for path, text in sorted(_templates(files(__package__) / "plugin", ""))
    }


def _templates(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _templates(one, f"{prefix}{one.name}/")
        elif one.name.endswith(_SUFFIX):
            yield prefix + one.name.removesuffix(_SUFFIX), one.read_text("utf-8")


def _check(name: str, module: str) -> None:
    if not _NAME.fullmatch(name):
        why, hint = "is no name of a package", "use lower-case letters, digits and `-`, beginning with a letter"
    elif keyword.iskeyword(module) or module in sys.stdlib_module_names or module == "slspack":
        why, hint = f"would be the module `{module}`, which is taken", f"name it `slspack-{name}`, say"
    else:
        return
    raise ConfigError.of(Code.INIT_NAME, f"`{name}` {why}", hint=hint)
