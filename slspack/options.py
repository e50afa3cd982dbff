"""What the command line has to say about a configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the command line and the process give: nothing else of the machine is looked at.

    `config` names the file instead of looking for one (relative to the service); `options` answers `${opt:…}`,
    `params` answers `${param:…}`, `environment` answers `${env:…}`. `individually` overrides the configuration's own
    choice for every function; None leaves it.
    """

    config: Path | None = None
    stage: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    individually: bool | None = None

    @property
    def all_options(self) -> Mapping[str, str]:
        """`options`, the stage among them."""
        return {**self.options, "stage": self.stage} if self.stage else self.options
