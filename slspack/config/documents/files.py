"""The files of a configuration: read once each, by their name relative to the service, and remembered in order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from slspack.config.documents.syntax import DocumentError
from slspack.config.nodes import Leaf
from slspack.looks import Looks
from slspack.model import Location
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.config.nodes import Node

YAML_SUFFIXES = frozenset({".yml", ".yaml"})
JSON_SUFFIXES = frozenset({".json", ".tfstate"})


def relative_name(root: Path, path: Path) -> str:
    """The name of `path`, POSIX and relative to `root`; it may lead up (`../shared/x.yml`)."""
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # on another drive of Windows
        return path.as_posix()


class Files:
    """Reads the documents below (or beside) one service's root, and notes in `looks` what it has looked at."""

    def __init__(self, root: Path, looks: Looks | None = None) -> None:
        self.root = root
        self.tree = ServiceTree(root)
        """What else the configuration asks of the service's files: which names there are."""
        self._looks = looks or Looks()
        self._documents: dict[str, Node | DocumentError | None] = {}
        self._names: list[str] = []
        self._absent: dict[str, None] = {}

    @property
    def absent(self) -> tuple[str, ...]:
        """Every file that was looked for and is not there."""
        return tuple(self._absent)

    @property
    def names(self) -> tuple[str, ...]:
        """Every file that was read, in that order."""
        return tuple(self._names)

    def document(self, name: str) -> Node | None:
        """The content of a file by what its suffix says it is, any other suffix as a string; None if there is none.

        Raises DocumentError.
        """
        if name not in self._documents:
            self._documents[name] = self._load(name)
        document = self._documents[name]
        if isinstance(document, DocumentError):
            raise document
        return document

    def text(self, name: str) -> str | None:
        """The text of a file; None if there is none. Raises DocumentError."""
        try:
            text = self._looks.read(name, self.root / name).decode("utf-8-sig")
        except FileNotFoundError:
            self._absent[name] = None
            return None
        except UnicodeDecodeError:
            raise DocumentError("the file is not UTF-8", Location(name)) from None
        except OSError as error:
            raise DocumentError(f"the file cannot be read: {error.strerror}", Location(name)) from None
        self.note(name)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def note(self, name: str) -> None:
        """Count a file as read that somebody else has read."""
        if name not in self._names:
            self._names.append(name)

    def _load(self, name: str) -> Node | DocumentError | None:
        try:
            text = self.text(name)
            return None if text is None else _parse(text, name)
        except DocumentError as error:
            return error
        except RecursionError:
            return DocumentError("the document is nested too deeply", Location(name))


def _parse(text: str, name: str) -> Node:
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, not a path of this machine
    if suffix in YAML_SUFFIXES:
        from slspack.config.documents.yaml_text import read_yaml

        return read_yaml(text, name)
    if suffix in JSON_SUFFIXES:
        from slspack.config.documents.json_text import read_json

        return read_json(text, name)
    if suffix == ".toml":
        from slspack.config.documents.toml_text import read_toml

        return read_toml(text, name)
    return Leaf(text, Location(name, 1, 1))
