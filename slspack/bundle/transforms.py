"""What may be done to the files of a wheel on their way into its segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from slspack.frozen import dataclass
from slspack.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slspack.bundle.layouts import WheelLayout
    from slspack.model import ArchivePath, WheelMember


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """One file with its content."""

    name: ArchivePath
    content: bytes
    executable: bool = False


@runtime_checkable
class WheelTransform(Protocol):
    """Changes, adds, renames or drops files of a wheel. The same wheel and key must always give the same files."""

    @property
    def key(self) -> str:
        """All that the outcome depends on, besides the wheel and the plugin's code and options: `python3.13`."""

    def names(self, name: ArchivePath) -> tuple[ArchivePath, ...] | None:
        """What a file may become, told by its name alone, since a plan is made before a wheel is there.

        None: nothing is done to it, and it is copied as it is in the wheel. Empty: it is dropped.
        """

    def files(self, files: Sequence[SegmentFile]) -> Iterable[SegmentFile]:
        """What becomes of all files of a wheel of which `names` says that something is done to them.

        Any of the names that it stated may be missing; others are an error (SLS0806).
        """


@dataclass(frozen=True, slots=True)
class Transforms:
    """What is done to a wheel, one after the other, and the key of all of it. Nothing: the wheel as it is."""

    key: str = ""
    chain: tuple[WheelTransform, ...] = ()

    @classmethod
    def of(cls, keyed: Sequence[tuple[str, WheelTransform]]) -> Transforms:
        """Of transforms, each with its whole key."""
        return cls(key_of("transforms", [key for key, _ in keyed]), tuple(t for _, t in keyed)) if keyed else cls()

    def layout(self, layout: WheelLayout) -> WheelLayout:
        """The files that may come of a layout. Sizes are those of what they are made of, until the segment is there."""
        if not self.chain:
            return layout
        from slspack.bundle.layouts import Names, WheelLayout

        members: dict[ArchivePath, WheelMember] = {}
        made_of: dict[ArchivePath, ArchivePath] = {}
        for name, member in layout.members.items():
            for outcome in self._outcomes((name,)):
                members.setdefault(outcome, member)
                if outcome != name:
                    made_of.setdefault(outcome, name)
        return WheelLayout(Names.of(members), members, layout.bytes, made_of)

    def _outcomes(self, names: tuple[ArchivePath, ...]) -> tuple[ArchivePath, ...]:
        for transform in self.chain:
            became = [(name, transform.names(name)) for name in names]
            names = tuple(new for name, news in became for new in ((name,) if news is None else news))
        return names


NO_TRANSFORMS = Transforms()
