"""What the command line has to say about a configuration."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from slspack.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A service that a deploy tool has read and resolved itself: no file is read for it, and it has no variables left.

    `file` is the name of the file that the tool read, relative to the service: where findings are said to be.
    """

    file: str
    text: str
    """A JSON object in the form of a `serverless.yml`, with nothing in it but what slspack reads."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the command line and the process give: nothing else of the machine is looked at.

    `config` names the file instead of looking for one (relative to the service); `options` answers `${opt:…}`,
    `params` answers `${param:…}`, `environment` answers `${env:…}`. `individually` overrides the configuration's own
    choice for every function; None leaves it. `handed_over` stands for the configuration's files.
    """

    config: Path | None = None
    stage: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    individually: bool | None = None
    handed_over: HandedOver | None = None

    @property
    def all_options(self) -> Mapping[str, str]:
        """`options`, the stage among them."""
        return {**self.options, "stage": self.stage} if self.stage else self.options
