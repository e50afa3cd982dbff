"""The links of an HTML page."""

from __future__ import annotations

from html.parser import HTMLParser

Attributes = dict[str, "str | None"]


def read_anchors(page: str) -> tuple[str | None, list[Attributes]]:
    """The address that `<base>` gives, if any, and the attributes of every `<a>` that has a target."""
    parser = _Anchors()
    parser.feed(page)
    parser.close()
    return parser.base, parser.anchors


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base: str | None = None
        self.anchors: list[Attributes] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "base" and self.base is None:
            self.base = attributes.get("href")
        elif tag == "a" and attributes.get("href"):
            self.anchors.append(attributes)
