"""`botocore-data`: an artifact holds the models of those AWS services that its code uses.

botocore brings the models of more than four hundred services, tens of megabytes of which a function uses one or two.
`slspack_amend_entries` sees the artifact's own sources, `slspack_prune_wheel` says which files of a wheel stay out.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.model import FileSource, Finding, GeneratedSource, Location, ModuleName, Severity, dist_name
from slspack.plugins import INTERFACE, hookimpl
from slspack.plugins.shipped.botocore_names import SDK, service_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slspack.model import ArchivePath, ArtifactDraft, Entry, LockedDistribution
    from slspack.plugins import PluginFiles
    from slspack.plugins.shipped.botocore_names import OpenName

slspack_interface = INTERFACE

FOLDERS = ("botocore/data/", "boto3/data/")
CREDENTIALS = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""What botocore's own code asks for: the providers in `botocore/credentials.py` and `botocore/tokens.py`."""
ALIASES = {"runtime.sagemaker": "sagemaker-runtime"}
"""`SERVICE_NAME_ALIASES` of `botocore/utils.py`."""
_MACHINERY = frozenset(map(dist_name, ("aioboto3", "aiobotocore", "boto3", "botocore", "s3transfer")))
"""They make clients of whatever name they are given."""


@dataclass(frozen=True, slots=True)
class Options:
    """The plugin's options."""

    services: tuple[str, ...] = ()
    """More services to keep. With it, names that are no literals are taken for some of these."""


@dataclass(frozen=True, slots=True)
class _Own:
    """One of the service's own sources."""

    path: str
    content: bytes


class BotocoreData:
    """The plugin."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._own: WeakKeyDictionary[PluginFiles, tuple[Entry, ...]] = WeakKeyDictionary()
        self._kept: WeakKeyDictionary[PluginFiles, frozenset[str] | None] = WeakKeyDictionary()

    @hookimpl(trylast=True)
    def slspack_amend_entries(self, entries: tuple[Entry, ...], files: PluginFiles) -> None:
        """Remember the artifact's own sources, traced or added by patterns, as others left them."""
        self._own[files] = tuple(entry for entry in entries if entry.name.endswith(".py"))

    @hookimpl
    def slspack_prune_wheel(
        self, draft: ArtifactDraft, names: tuple[ArchivePath, ...], files: PluginFiles
    ) -> Iterable[ArchivePath]:
        """The models of services that nobody names."""
        services = {name: service for name in names if (service := _service(name))}
        if not services:
            return ()
        if files not in self._kept:
            self._kept[files] = self._used(draft, files)
        kept = self._kept[files]
        if any(name.startswith(FOLDERS[0]) for name in services):
            self._check(frozenset(services.values()))
        return () if kept is None else [name for name, service in services.items() if service not in kept]

    def _used(self, draft: ArtifactDraft, files: PluginFiles) -> frozenset[str] | None:
        """The services that an artifact uses; None, and a warning, where that cannot be told."""
        members = [member.distribution for closure in draft.closures.values() for member in closure.members]
        others = [one for one in dict.fromkeys(members) if one.name not in _MACHINERY]
        sources: dict[str, bytes] = {}
        owners: dict[str, LockedDistribution] = {}
        for one in files.importing(others, [ModuleName(module) for module in SDK]):
            brought = _python_sources(files.wheel(one))
            sources |= brought
            owners |= dict.fromkeys(brought, one)
        names = set(self._options.services)
        warnings: dict[Finding, None] = {}
        for own in self._programs(draft, files):
            contents = {name: one.content for name, one in own.items()}
            found = service_names(sources | contents, contents.keys(), draft.target.python)
            names |= found.names
            for place in found.open:
                path = own[place.path].path if place.path in own else place.path
                warnings[_warning(place, path, owners.get(place.path))] = None
        if warnings and not self._options.services:
            for warning in warnings:
                files.say(warning)
            return None
        return frozenset(ALIASES.get(name, name) for name in names) | CREDENTIALS

    def _programs(self, draft: ArtifactDraft, files: PluginFiles) -> list[dict[str, _Own]]:
        """The service's own sources by their names in the artifact; of a layer's users, each one's apart."""
        entries = self._own.get(files)
        if entries is not None:
            return [{entry.name: _own(entry, files) for entry in entries}]
        return [
            {module.archive: _Own(module.path, files.read(module.path)) for module in graph.modules}
            for graph in draft.graphs.values()
        ]

    def _check(self, known: frozenset[str]) -> None:
        """Raise SLS0104 for services of the options that botocore does not know."""
        from difflib import get_close_matches

        findings = []
        for name in self._options.services:
            if ALIASES.get(name, name) not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "it is the name that `boto3.client` takes"
                message = f"`services` of the plugin `botocore-data` has `{name}`, which botocore does not know"
                findings.append(Finding(Code.BAD_VALUE, Severity.ERROR, message, hint=hint))
        if findings:
            raise ConfigError(findings)


plugin = BotocoreData


def _service(name: str) -> str | None:
    """The service whose model a file belongs to; files beside the services' folders are everybody's."""
    for folder in FOLDERS:
        service, slash, _ = name.removeprefix(folder).partition("/")
        if name.startswith(folder) and slash:
            return service
    return None


def _own(entry: Entry, files: PluginFiles) -> _Own:
    match entry.source:
        case FileSource(path=path):
            return _Own(path, files.read(path))
        case GeneratedSource(content=content):
            return _Own(entry.name, content)
    return _Own(entry.name, b"")


@lru_cache(maxsize=64)
def _python_sources(wheel: Path) -> Mapping[str, bytes]:
    """The sources in a wheel of the store, where a path stands for one content."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".py")}


def _warning(place: OpenName, path: str, owner: LockedDistribution | None) -> Finding:
    where = f" in `{owner.name}`" if owner else ""
    return Finding(
        Code.PLUGIN_FINDING,
        Severity.WARNING,
        f"the models of all AWS services are packaged: which one `{place.text}`{where} means shows only at run time",
        Location(path, place.line, place.column),
        "name the services that it may be in the option `services` of the plugin `botocore-data`",
    )
