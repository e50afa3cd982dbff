"""A service in a folder of a test's own, with a store and an index of its own, and what a build makes of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Unpack

from slspack.frozen import dataclass
from slspack.targets import runtime_names
from slspack.testing.surroundings import clean_environment, write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.api import Options
    from slspack.report import Manifest
    from slspack.testing.artifacts import BuiltArtifact, BuiltLayer
    from slspack.testing.index import PackageIndex


@dataclass(frozen=True, slots=True)
class ServiceBuilder:
    """Writes a service below a folder, and builds it as `slspack build` does, but in this process."""

    folder: Path
    """Holds the service, the store, and whatever else a build keeps."""
    index: PackageIndex
    """The only index that builds know of."""

    @property
    def root(self) -> Path:
        """The service's folder."""
        return self.folder / "service"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that a build sees: of this machine's hardly any."""
        return clean_environment(self.folder / "store", self.index)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files of the service, by POSIX path."""
        write_files(self.root, files)

    def configure(
        self,
        functions: Mapping[str, object],
        *,
        requirements: Iterable[str] = (),
        plugins: Iterable[str | Mapping[str, object]] = (),
        **settings: object,
    ) -> None:
        """Write `slspack.yml` and `requirements.txt`.

        `functions` is `{"api": "app.handler"}`, or has each function's settings in place of its handler. `plugins` are
        names, files, or `{"use": …, "options": {…}}`, as the setting of that name has them. `settings` are any others
        of the configuration; without `runtime` it is that of the Python that runs the test, where Lambda has it, so
        that artifacts can be called.
        """
        known = {"runtime": _this_runtime(), "functions": functions, "plugins": list(plugins)}
        # Any JSON is YAML.
        self.write({"slspack.yml": json.dumps(known | settings, indent=2), "requirements.txt": _lines(requirements)})

    def build(self, **options: Unpack[Options]) -> BuiltService:
        """Build, by `slspack.build`, which takes the same options; `environment` is added to the service's own.

        Raises SlspackError where the build fails: what a plugin has against a service can be read from its findings.
        """
        from slspack.api import build

        environment = {**self.environment, **options.get("environment", {})}
        asked: Options = {**options, "environment": environment}
        return BuiltService(self, options, build(self.root, **asked))

    def elsewhere(self, name: str) -> ServiceBuilder:
        """The same service, as somebody has it who never built it: in another folder, with an empty store."""
        import shutil

        copy = ServiceBuilder(self.folder / name, self.index)
        shutil.rmtree(copy.folder, ignore_errors=True)
        shutil.copytree(self.root, copy.root, symlinks=True, ignore=shutil.ignore_patterns(".slspack", "slspack_dist"))
        return copy


@dataclass(frozen=True, slots=True)
class BuiltService:
    """What a build came to."""

    service: ServiceBuilder
    options: Options
    """What the build was asked for."""
    manifest: Manifest

    @property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions."""
        return tuple(self.manifest.record["functions"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """`CODE: message` of each warning."""
        return tuple(f"{one['code']}: {one['message']}" for one in self.manifest.record["warnings"])

    def artifact(self, function: str) -> BuiltArtifact:
        """The artifact of a function. Raises KeyError for one that the service has not."""
        from slspack.testing.artifacts import BuiltArtifact

        return BuiltArtifact(self, function, self.manifest.record["functions"][function])

    def layer(self, name: str) -> BuiltLayer:
        """The artifact of a layer. Raises KeyError for one that the service does not build."""
        from slspack.testing.artifacts import BuiltLayer

        return BuiltLayer(self, name, self.manifest.record["layers"][name])

    @property
    def artifacts(self) -> tuple[BuiltArtifact | BuiltLayer, ...]:
        """Those of all functions, then those of all layers."""
        functions = map(self.artifact, self.functions)
        return (*functions, *map(self.layer, self.manifest.record["layers"]))


def _this_runtime() -> str:
    mine = f"python{sys.version_info.major}.{sys.version_info.minor}"
    names = [name for name in runtime_names() if name.startswith("python")]
    return mine if mine in names else names[-1]


def _lines(requirements: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in requirements)
