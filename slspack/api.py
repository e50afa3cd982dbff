"""Building and watching from Python, for deploy scripts. `import slspack` gives what is here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from slspack.frozen import dataclass
from slspack.model import ArtifactFormat, Check, PluginUse
from slspack.options import LoadOptions
from slspack.request import BuildRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Unpack

    from slspack.report import Manifest
    from slspack.watching.listeners import Event


class Options(TypedDict, total=False):
    """What `slspack build` takes as options, under the same names."""

    config: str | os.PathLike[str]
    """The configuration file, relative to the service's folder, if it is not one of the known names."""
    stage: str
    params: Mapping[str, str]
    """Values of `${param:…}`, or of a template's parameters."""
    options: Mapping[str, str]
    """Values of `${opt:…}`."""
    functions: Iterable[str]
    """Only these; all, if there are none."""
    plugins: Iterable[str]
    """As `-p`: names of plugins, or their files; relative to the process's folder."""
    individually: bool
    out: str | os.PathLike[str]
    """Where artifacts and `manifest.json` go; relative to the process's folder."""
    format: Literal["zip", "dir"]
    live: bool
    whole: bool
    """Whether functions hold what their layers would, for a tool that attaches none."""
    environment: Mapping[str, str]
    """What stands for the process's environment."""


def build(folder: str | os.PathLike[str] = ".", **options: Unpack[Options]) -> Manifest:
    """Build the service in a folder, as `slspack build` does, and return its manifest.

    `Manifest.record` is the manifest as JSON has it: `build().record["functions"]["api"]["sha256"]`. Nothing is
    printed. Raises SlspackError, whose `findings` say what is wrong, where, and what to do; the artifacts of the last
    good build then stay in place.
    """
    from slspack.engine import Engine
    from slspack.progress import Silence

    return Engine(_request(folder, Check.FILES, options), Silence()).build().manifest


def watch(folder: str | os.PathLike[str], hear: Callable[[Event], None], **options: Unpack[Options]) -> None:
    """Build, and build again whenever something is saved, as `slspack watch` does, until it is interrupted.

    `hear` is called with each `Started`, `Built` and `Failed`, in this thread, between builds. Raises KeyboardInterrupt
    on Ctrl-C, whatever `hear` raises, and SLS0906 where the extra `watch` is not installed.
    """
    from slspack.progress import Silence
    from slspack.watching.building import EngineRebuilder
    from slspack.watching.command import Nothing
    from slspack.watching.extra import require_extra
    from slspack.watching.restart import RestartPoints
    from slspack.watching.session import Session

    require_extra()
    from slspack.watching.files import FileChanges
    from slspack.watching.listeners import Everybody, Plugins

    points = RestartPoints(Silence())
    rebuilder = EngineRebuilder(_request(folder, Check.FOLDERS, options), points)
    listener = Everybody((_Listener(hear), Plugins(lambda: rebuilder.host)))
    Session(rebuilder, FileChanges(rebuilder.inputs(), None, None), listener, Nothing(), points).run()


@dataclass(frozen=True, slots=True)
class _Listener:
    """The caller's function, as a session's listener."""

    hear: Callable[[Event], None]

    def say(self, line: str) -> None:
        """What is only for people is not for a script."""


def _request(folder: str | os.PathLike[str], check: Check, options: Options) -> BuildRequest:
    stage, config, out = options.get("stage"), options.get("config"), options.get("out")
    given = dict(options.get("options", {}))
    load = LoadOptions(
        config=Path(config) if config is not None else None,
        stage=stage,
        options=given if stage is None else {**given, "stage": stage},
        params=dict(options.get("params", {})),
        environment=dict(options.get("environment", os.environ)),
        individually=options.get("individually"),
        plugins=tuple(str(_absolute(one)) if PluginUse(one).is_file else one for one in options.get("plugins", ())),
    )
    return BuildRequest(
        folder=_absolute(folder),
        load=load,
        names=tuple(options.get("functions", ())),
        out=_absolute(out) if out is not None else None,
        format=ArtifactFormat(options.get("format", "zip")),
        check=check,
        live=options.get("live", False),
        whole=options.get("whole", False),
    )


def _absolute(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links out of the user's paths
