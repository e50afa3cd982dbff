"""Why a locked distribution is not in a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import OptionalImports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import DistName
    from slspack.trace.needs import Needs
    from slspack.trace.optionaledges import OptionalChoice
    from slspack.trace.owners import OwnerIndex


class Absences:
    """The reasons for one lock: what is listed in it, and where `includeDistributions` puts things."""

    def __init__(
        self,
        listed: frozenset[DistName],
        placed: Mapping[DistName, tuple[str, ...]],
        index: OwnerIndex,
        needs: Needs,
    ) -> None:
        self._listed = listed
        self._placed = placed
        self._index = index
        self._needs = needs

    def reason(self, name: DistName, choice: OptionalChoice) -> str:
        """One sentence, to be read after the distribution's name."""
        if name in choice.excluded:
            return "`excludeDistributions` leaves it out"
        if name in choice.barred:
            return "the runtime provides it, and `runtimeProvided` is `exclude`"
        if name in self._listed and self._index.wheel(name).is_stub_only:
            return "it holds only type stubs, which nothing imports at run time"
        if name in self._placed:
            return f"`includeDistributions` places it in {_quoted(self._placed[name])}, and nothing here imports it"
        if name not in self._listed:
            return self._of_unlisted(name)
        if choice.default is OptionalImports.LISTED:
            return "nothing that this function imports or needs names it"
        return f"nothing that this function needs requires it, and `optionalImports` is `{choice.default.value}`"

    def _of_unlisted(self, name: DistName) -> str:
        dependants = self._needs.dependants.get(name, ())
        if not dependants:
            return "it is not listed, and nothing in the lock requires it"
        return f"only {_quoted(dependants)} require{'s' if len(dependants) == 1 else ''} it, and not for this function"


def _quoted(names: tuple[str, ...], most: int = 3) -> str:
    """The first few names, as a phrase."""
    shown = [f"`{name}`" for name in names[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
