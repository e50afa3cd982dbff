"""Pages that an index lets be kept, in the user's store, as pip and uv keep them in their caches (RFC 9111)."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.registry.session import Answer
from slspack.store import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.model import Digest
    from slspack.registry.session import RegistrySession
    from slspack.store import Store

_KEPT_HEADERS = ("Content-Type", "Cache-Control", "ETag", "Last-Modified")


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    asked: float
    """When the index last vouched for it, in seconds since the epoch."""

    @property
    def is_fresh(self) -> bool:
        """Whether the index said that it need not be asked for so long."""
        return 0 <= time.time() - self.asked < _lifetime(self.answer.headers)


class KeptPages:
    """Asks an index only for what it does not let be taken for granted, and for no body that is here already."""

    def __init__(self, session: RegistrySession, store: Store, *, ask_again: bool = False) -> None:
        """With `ask_again`, every page is asked for, whatever was said of it."""
        self._session = session
        self._store = store
        self._ask_again = ask_again

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """As `RegistrySession.get`, of which an answer may be kept."""
        key = key_of("index-page/1", url, sorted(headers.items()), self._session.user_for(url))
        kept = self._read(key)
        if kept is not None and kept.is_fresh and not self._ask_again:
            return kept.answer
        answer = self._session.get(url, {**headers, **_conditions(kept)})
        if kept is not None and answer.status == HTTPStatus.NOT_MODIFIED:
            stated = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
            answer = Answer(kept.answer.status, kept.answer.url, {**kept.answer.headers, **stated}, kept.answer.body)
        if answer.status == HTTPStatus.OK and _may_be_kept(answer.headers):
            self._write(key, answer)
        return answer

    def _read(self, key: Digest) -> _Kept | None:
        head, _, body = (self._store.read(Kind.PAGE, key) or b"").partition(b"\n")
        try:
            stated = json.loads(head)
            return _Kept(Answer(HTTPStatus.OK, stated["url"], stated["headers"], body), float(stated["asked"]))
        except (ValueError, KeyError, TypeError):
            return None

    def _write(self, key: Digest, answer: Answer) -> None:
        headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        asked = time.time() - _number(answer.headers.get("Age", ""))
        head = json.dumps({"url": answer.url, "asked": asked, "headers": headers})
        # Where nothing can be written, nothing is kept.
        with suppress(OSError):
            self._store.write(Kind.PAGE, key, head.encode() + b"\n" + answer.body)


def _conditions(kept: _Kept | None) -> Mapping[str, str]:
    """What makes an index answer that nothing changed (RFC 9110, section 13)."""
    if kept is None:
        return {}
    headers = kept.answer.headers
    named = {"If-None-Match": headers.get("ETag"), "If-Modified-Since": headers.get("Last-Modified")}
    return {name: value for name, value in named.items() if value}


def _may_be_kept(headers: Mapping[str, str]) -> bool:
    marked = "ETag" in headers or "Last-Modified" in headers
    return "no-store" not in _directives(headers) and (marked or _lifetime(headers) > 0)


def _lifetime(headers: Mapping[str, str]) -> float:
    """The seconds for which an answer may be taken for granted; none where the index does not say so."""
    directives = _directives(headers)
    return 0 if "no-cache" in directives else _number(directives.get("max-age", ""))


def _directives(headers: Mapping[str, str]) -> Mapping[str, str]:
    stated = (one.strip().lower().partition("=") for one in headers.get("Cache-Control", "").split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in stated}


def _number(text: str) -> float:
    return float(text) if text.strip().isdecimal() else 0.0
