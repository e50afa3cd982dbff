"""The process's environment, with a note of which variables were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class NotedEnvironment(Mapping[str, str]):
    """The same variables; `asked` are the names that somebody looked up, set or not.

    Going through all names notes nothing by itself: those who do so look up what they take.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.asked: set[str] = set()
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self.asked.add(name)
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
