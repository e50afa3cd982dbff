"""What the indexes and find-links places offer of a distribution."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.keys import digest_bytes, key_of
from slspack.registry.default_index import default_index_url
from slspack.registry.failures import Unreachable
from slspack.registry.folders import local_files, local_path
from slspack.registry.offers import FileList, Joined, Unread
from slspack.registry.pages import ACCEPT, NotAPage, parse_filename, parse_page
from slspack.registry.pool import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from slspack.model import DistName, Finding
    from slspack.registry.configuration import IndexConfiguration
    from slspack.registry.kept_pages import KeptPages
    from slspack.registry.offers import Offer
    from slspack.registry.pages import IndexFile, Page
    from slspack.registry.session import Answer, RegistrySession

_T = TypeVar("_T")
_LARGE = 256 << 10
"""Bytes of a page that takes longer to read than to find what was learnt of it before."""
_ABSENT = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class PackageIndexClient:
    """Asks every index once a run for each distribution, and keeps the answers in memory."""

    def __init__(self, session: RegistrySession, kept: KeptPages | None = None) -> None:
        """With `kept`, answers that an index lets be kept are kept beyond the run."""
        self._session = session
        self._get = kept.get if kept is not None else session.get
        self._answers: dict[tuple[str, DistName | None], Offer | None] = {}

    def files(self, name: DistName) -> tuple[IndexFile, ...]:
        """The files that the indexes offer, the first index's first.

        Raises SLS0507 if none has any, SLS0506 if an index cannot be reached, SLS0508 if it refuses the credentials.
        """
        return self.files_of([name])[name]

    def files_of(self, names: Iterable[DistName]) -> Mapping[DistName, tuple[IndexFile, ...]]:
        """The files of several distributions, asked for at the same time. Raises as `files`, with all that failed."""
        offers = self.offers_of(names)
        return _all_of({name: partial(self._files, name, offer) for name, offer in offers.items()})

    def offers_of(self, names: Iterable[DistName]) -> Mapping[DistName, Offer]:
        """As `files_of`, for who wants some of the files. What is wrong with a page, reading it may tell only."""
        wanted = tuple(dict.fromkeys(names))
        with asking(len(wanted)) as pool:
            return _all_of({name: pool.submit(self._offered, name, self._sources(name)).result for name in wanted})

    def _files(self, name: DistName, offer: Offer) -> tuple[IndexFile, ...]:
        if not offer.files:
            raise _in_no_index(name, self._sources(name))
        return offer.files

    def _offered(self, name: DistName, sources: tuple[tuple[str, ...], tuple[str, ...]]) -> Offer:
        indexes, places = sources
        found: list[Offer] = []
        refused: list[SlspackError] = []
        for source in (*indexes, *places):
            try:
                offer = self._from_index(source, name) if source in indexes else self._from_place(source, name)
            except _Refused as error:
                refused.append(error.error)
                continue
            if offer is not None and (offer.mark or offer.wheel_versions or offer.files):
                found.append(offer)
        if found:
            return self._counting(name, found[0] if len(found) == 1 else Joined(found))
        if refused:
            raise refused[0]
        raise _in_no_index(name, sources)

    @contextmanager
    def relayed(self) -> Iterator[IndexConfiguration]:
        """A configuration for a resolver that finds what this finds, and nothing else. Raises at the end as `files`."""
        if not self._session.configuration.needs_relay:
            yield self._session.configuration
            return
        from slspack.registry.relay import relayed

        with relayed(self, self._session) as configuration:
            yield configuration

    def _counting(self, name: DistName, offer: Offer) -> Offer:
        """What of an offer the rules let count. Raises SLS0507 if nothing does."""
        configuration = self._session.configuration
        if not configuration.no_binary and configuration.exclude_newer is None:
            return offer
        counting = [file for file in offer.files if self._counts(name, file)]
        if not counting:
            raise _nothing_counts(name, offer.files)
        return FileList(counting)

    def _counts(self, name: DistName, file: IndexFile) -> bool:
        configuration = self._session.configuration
        if file.is_wheel and {name, ":all:"} & set(configuration.no_binary):
            return False
        limit = configuration.exclude_newer
        return limit is None or (file.uploaded is not None and _moment(file.uploaded) < _moment(limit))

    def _sources(self, name: DistName) -> tuple[tuple[str, ...], tuple[str, ...]]:
        configuration = self._session.configuration
        bound = dict(configuration.bound)
        if name in bound:
            return (bound[name] or default_index_url(),), ()
        indexes: tuple[str, ...] = ()
        if not configuration.no_index:
            indexes = (configuration.index_url or default_index_url(), *configuration.extra_index_urls)
        return indexes, configuration.find_links

    def _from_index(self, index: str, name: DistName) -> Offer | None:
        key = (index, name)
        if key not in self._answers:
            folder = local_path(index)
            if folder is not None:
                self._answers[key] = _in_folder(folder, name)
            else:
                self._answers[key] = self._ask(index, f"{index.rstrip('/')}/{name}/")
        return self._answers[key]

    def _from_place(self, place: str, name: DistName) -> Offer | None:
        folder = local_path(place)
        if folder is not None:
            return _in_folder(folder, name)
        key = (place, None)
        if key not in self._answers:
            self._answers[key] = self._ask(place, place)
        offer = self._answers[key]
        files = offer.files if offer is not None else ()
        return FileList(file for file in files if (parsed := parse_filename(file.filename)) and parsed[0] == name)

    def _ask(self, index: str, url: str) -> Offer | None:
        try:
            answer = self._get(url, {"Accept": ACCEPT})
        except Unreachable as error:
            raise _unreachable(index, str(error)) from None
        if answer.status in _ABSENT:
            return None
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise _forbidden(index, answer.status)
        if answer.status == HTTPStatus.FORBIDDEN:
            # Indexes on object stores answer so for what they do not have: another index may still have it.
            raise _Refused(_forbidden(index, answer.status))
        if answer.status != HTTPStatus.OK:
            raise _unreachable(index, f"it answered with status {answer.status}")
        if len(answer.body) > _LARGE and b"@" not in answer.body:  # where no login stands in an address
            mark = key_of("index-page", answer.url, answer.content_type, digest_bytes(answer.body))
            return Unread(mark, partial(self._read, index, answer))
        return self._read(index, answer)

    def _read(self, index: str, answer: Answer) -> Page:
        try:
            page = parse_page(answer.content_type, answer.body, answer.url)
        except NotAPage as error:
            raise _unreachable(index, str(error)) from None
        for address, login in page.logins:
            self._session.learn(address, login)
        return page


def _all_of(asked: Mapping[DistName, Callable[[], _T]]) -> Mapping[DistName, _T]:
    """What each gives. Raises all that failed."""
    found: dict[DistName, _T] = {}
    findings: list[Finding] = []
    failure: type[SlspackError] = SlspackError
    for name, answer in asked.items():
        try:
            found[name] = answer()
        except SlspackError as error:
            findings += error.findings
            failure = type(error)
    if findings:
        raise failure(dict.fromkeys(findings))
    return found


def _in_no_index(name: DistName, sources: tuple[tuple[str, ...], tuple[str, ...]]) -> SlspackError:
    listed = ", ".join(f"`{source}`" for source in itertools.chain(*sources))
    return SlspackError.of(
        Code.NOT_IN_INDEX,
        f"`{name}` is in none of the indexes: {listed or 'no index, for `--no-index` is set'}",
        hint="check the spelling, or name the index that has it: `--extra-index-url`, PIP_EXTRA_INDEX_URL",
    )


def _in_folder(folder: Path, name: DistName) -> Offer | None:
    files = local_files(folder, name)
    return FileList(files) if files is not None else None


class _Refused(Exception):  # noqa: N818
    def __init__(self, error: SlspackError) -> None:
        super().__init__()
        self.error = error


def _nothing_counts(name: DistName, files: tuple[IndexFile, ...]) -> SlspackError:
    if any(file.uploaded is None for file in files):
        message = f"of `{name}` the index does not tell when its files were uploaded, which `excludeNewer` asks for"
        hint = "name an index that tells it, or do without `excludeNewer`"
    else:
        message = f"`{name}` has no file that counts: all are newer than `excludeNewer`, or wheels that `noBinary` bars"
        hint = "choose a later moment, or let its wheels count"
    return SlspackError.of(Code.NOT_IN_INDEX, message, hint=hint)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _unreachable(index: str, why: str) -> SlspackError:
    return MachineError.of(
        Code.INDEX_UNREACHABLE,
        f"the package index `{index}` cannot be used: {why}",
        hint="check the network, the proxy and the index's address (`pip config list`)",
    )


def _forbidden(index: str, status: int) -> SlspackError:
    return SlspackError.of(
        Code.INDEX_FORBIDDEN,
        f"the package index `{index}` refused the request (status {status})",
        hint="give the credentials as for pip: in netrc, in the keyring, or in the address in PIP_INDEX_URL",
    )
