"""What the readers of all formats share: the place of an offset, and the error for a text that cannot be parsed."""

from __future__ import annotations

from bisect import bisect_right

from slspack.model import Location


class DocumentError(Exception):
    """A document that cannot be read or parsed: what is wrong with it, and where."""

    def __init__(self, message: str, at: Location) -> None:
        self.message = message
        self.at = at
        super().__init__(f"{at}: {message}")


class Lines:
    """The place, as line and column, of each offset into a text."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def at(self, offset: int) -> Location:
        """The location of the character at `offset`, counted from 0."""
        line = bisect_right(self._starts, offset)
        return Location(self._name, line, offset - self._starts[line - 1] + 1)
