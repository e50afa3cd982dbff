"""What plugins have to say of the files of one artifact."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slspack.bundle.transforms import NO_TRANSFORMS, Transforms
from slspack.bundle.wrapping import Wrapped, wrap_handlers
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.bundle.layouts import WheelLayout
    from slspack.model import ArchivePath, ArtifactDraft, Entry, Finding, LockedDistribution
    from slspack.plugins import Host, PluginFiles


@dataclass(frozen=True, slots=True)
class Plugged:
    """The plugins, for one artifact."""

    host: Host
    draft: ArtifactDraft
    files: PluginFiles

    def entries(self, own: tuple[Entry, ...]) -> Wrapped:
        """The service's own and generated files, amended last of all. Raises SLS0808 for a handler that cannot be
        wrapped.
        """
        host, draft = self.host, self.draft
        wrapped = Wrapped((*own, *host.collect_entries(draft, self.files)))
        if host.has("slspack_wrap_handler"):
            entries = wrapped.entries
            wrapped = wrap_handlers(draft, entries, lambda one, graph: host.wrap_handler(one, graph, self.files))

        entries = host.amend_entries(draft, wrapped.entries, self.files)
        return replace(wrapped, entries=tuple(sorted(entries, key=lambda entry: entry.name.encode())))

    def transforms(self, distribution: LockedDistribution) -> Transforms:
        """What is done to the files of a wheel."""
        if not self.host.has("slspack_transform_wheel"):
            return NO_TRANSFORMS
        return Transforms.of(self.host.transform_wheel(self.draft, distribution))

    def pruned(self, distribution: LockedDistribution, layout: WheelLayout) -> frozenset[ArchivePath]:
        """The files of a wheel that the artifact does without."""
        if not self.host.has("slspack_prune_wheel"):
            return frozenset()
        return self.host.prune_wheel(self.draft, distribution, tuple(layout.members), self.files)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What they have said of the artifact while its files were chosen."""
        return tuple(self.files.findings)

    @property
    def finishing(self) -> str:
        """The key of those who may change the artifact once it is written."""
        return self.host.key_for("slspack_finish_artifact")

    @property
    def made_of(self) -> tuple[str, ...]:
        """The files of the service that they have read."""
        return tuple(sorted(self.files.read_paths))
