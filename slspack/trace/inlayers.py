"""Which modules functions find in layers that are built of folders with requirements of their own."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.model import Provided
from slspack.trace.owners import OwnerIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slspack.model import BuiltLayer, DistName, Function, ModuleName, WheelFacts
    from slspack.tree import ServiceTree


class LayerModules:
    """The modules that functions find in their layers."""

    def __init__(
        self, layers: Sequence[BuiltLayer], facts: Mapping[str, Mapping[DistName, WheelFacts]], tree: ServiceTree
    ) -> None:
        self._layers = {layer.name: layer for layer in layers}
        self._facts = facts
        self._tree = tree
        self._indexes: dict[str, OwnerIndex] = {}

    def provided(self, function: Function, module: ModuleName) -> Provided | None:
        """Which of the function's layers has a module."""
        for name in function.folder_layers:
            if name in self._layers and (self._in_folder(name, module) or self._in_wheels(name, module)):
                return Provided(f"in the layer `{name}`")
        return None

    def _in_folder(self, name: str, module: ModuleName) -> bool:
        path = posixpath.normpath(f"{self._layers[name].path}/{module.replace('.', '/')}")
        return self._tree.is_file(f"{path}.py") or self._tree.is_folder(path)

    def _in_wheels(self, name: str, module: ModuleName) -> bool:
        if name not in self._facts:
            return False
        if name not in self._indexes:
            self._indexes[name] = OwnerIndex(self._facts[name], self._layers[name].target)
        return self._indexes[name].match(module) is not None
