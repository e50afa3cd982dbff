"""`Metadata: BuildMethod: makefile`: the rules by which `sam build` calls slspack.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-custom-runtimes.html
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from slspack.analysis import select_functions
from slspack.beginning import begin
from slspack.config.template import CODE, open_stacks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.options import LoadOptions


def makefiles(root: Path, options: LoadOptions, function: str | None = None) -> Mapping[str, str]:
    """The Makefile for each `CodeUri` that has functions of slspack's, by its name relative to the service.

    If one function is named, only the Makefile that has its rule. `options.config` names the template. Raises
    ConfigError.
    """
    assert options.config is not None, "`find_template` comes first"  # noqa: S101
    file = os.path.relpath(root / options.config, root).replace(os.sep, "/")
    service = begin(root, options).service
    ours = {each.name for each in service.functions}
    if function is not None:
        select_functions(service, (function,))
    folders: dict[str, dict[str, str]] = {}
    for stack in open_stacks(root, file, options).all():
        for logical, resource, kind in stack.resources():
            name = stack.name_of(logical)
            if kind in CODE and name in ours:
                code = stack.property(resource, kind, CODE[kind])
                folder = (stack.local(code) if code else None) or stack.folder
                folders.setdefault(folder, {})[logical] = name
    return {
        posixpath.join(folder, "Makefile"): _rules(names, folder, file)
        for folder, names in folders.items()
        if function is None or function in names.values()
    }


def _rules(functions: Mapping[str, str], folder: str, template: str) -> str:
    """The text of the Makefile for functions (slspack's names by the logical ones) whose `CodeUri` is `folder`.

    `sam build` runs the rules in a copy of the folder, so that they find the service by where the Makefile itself is.
    """
    up = posixpath.relpath(".", folder)
    lines = [
        "# The rules by which `sam build` calls slspack; `slspack hook sam --makefile` printed them.",
        f"SERVICE := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/{up})",
        "SLSPACK ?= slspack",
        "",
    ]
    for logical, name in functions.items():
        lines += [
            f".PHONY: build-{logical}",
            f"build-{logical}:",
            f'\t$(SLSPACK) hook sam -C "$(SERVICE)" --config {template} -f {name} --artifacts "$(ARTIFACTS_DIR)"',
            "",
        ]
    return "\n".join(lines)
