"""arXiv's query API: https://info.arxiv.org/help/api/user-manual.html."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from lxml import etree

from enrich import identifiers
from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
    rank_by_shared_words,
)
from enrich.cleaning.withdrawals import withdrawal
from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme
from enrich.services import ARXIV
from enrich.sources.asking.batches import batches_of, batches_within_chars, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup, candidates, now
from enrich.sources.asking.replies import TOO_LONG_STATUSES, NoAnswerError, UnreadableError, require_status
from enrich.sources.asking.stored import RECORD, RECORDS
from enrich.text.dates import checked_year, iso_date
from enrich.web import Terms, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import arxiv
    import requests

NAME, BASE = ARXIV.name, ARXIV.base

# Its edge uses 406 where the API uses 429 or 503, and it is as temporary.
_REFUSALS = (406,)

_BATCH = 100  # longer lists have met 414: https://github.com/lukasschwab/arxiv.py/issues/15
_ROOM = 4_000  # characters of a query: lists of 300 ids are as long, and queries above 6,600 have met 414
_TITLES = 40  # in one query
_CANDIDATES = 10  # results requested for each title
_FEW = 10  # absent IDs that are requested one by one at once

# It logs warnings about odd feeds, which Python would print to standard error without a handler.
logging.getLogger("arxiv").addHandler(logging.NullHandler())

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_ID = re.compile(rf"{identifiers.ARXIV_NEW}|{identifiers.ARXIV_OLD}")
_MALFORMED = re.compile(r"incorrect[_ ]id[_ ]format[_ ]for[_ ](\S+)")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def parse(body: bytes) -> list[Record]:
    """Return the papers of an Atom feed, without errors and stubs for unknown IDs.

    Raises:
        UnreadableError: the body is not a well-formed Atom feed.
    """
    return _read(_feed(body))


def _feed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("the response is not well-formed XML") from error
    if root.tag != f"{_ATOM}feed" or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("the response is not an Atom feed")
    return root


def _read(root: etree._Element) -> list[Record]:
    """Drop entries that arxiv.py cannot handle, so that it reads the rest."""
    papers = 0
    for entry in root.findall(f"{_ATOM}entry"):
        if _is_paper(entry):
            papers += 1
        else:
            root.remove(entry)
    for total in root.findall(_TOTAL):  # otherwise it requests the next page
        total.text = str(papers)
    # Imported late: arxiv.py takes 60 ms to import, with requests.
    package = import_module("arxiv")
    client = package.Client(page_size=max(papers, 1), delay_seconds=0, num_retries=0)
    # arxiv.py only reads feeds while fetching them: its session returns the feed that is already here.
    client._session.trust_env = False
    client._session.mount("https://", _Served(etree.tostring(root)))
    return [_record(result) for result in client.results(package.Search(max_results=max(papers, 1)))]


class _Served:
    """Answers every request of arxiv.py with one body; used instead of an adapter of requests."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Return the body, with status 200."""
        response: requests.Response = import_module("requests").Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        response.raw = BytesIO(self.body)
        return response

    def close(self) -> None:
        """Do nothing, as nothing is open."""


def _is_paper(entry: etree._Element) -> bool:
    """Errors have the id `…/api/errors#…`; ids that do not exist gave entries without id and title in 2025."""
    if not _arxiv_id(entry.findtext(f"{_ATOM}id") or "") or entry.find(f"{_ATOM}title") is None:
        return False
    moments = [(entry.findtext(f"{_ATOM}{name}") or "").strip() for name in ("published", "updated")]
    try:
        return all(_MOMENT.fullmatch(moment) and datetime.fromisoformat(moment).astimezone(UTC) for moment in moments)
    except (ValueError, OverflowError):
        return False


def _arxiv_id(url: str) -> str | None:
    return next((found.value for found in identifiers.of_url(url) if found.scheme is Scheme.ARXIV), None)


def _record(result: arxiv.Result) -> Record:
    published = result.published
    doi = doi_in(result.doi)
    return Record(
        source=NAME,
        title=clean_title(result.title),
        authors=author_names(author.name for author in result.authors),
        abstract=plain_text(result.summary, LONGEST_ABSTRACT),
        year=checked_year(published.year),
        published=iso_date(published.year, published.month, published.day),
        venue=plain_text(result.journal_ref),
        doi=None if doi and doi.startswith("10.48550/") else doi,
        arxiv_id=_arxiv_id(result.entry_id),
        url=one_line(result.entry_id),
        comment=one_line(result.comment),
        withdrawn=withdrawal(one_line(result.comment), one_line(result.summary)),
    )


async def look_up(
    wanted: Sequence[Identifier], web: Web, *, base: str = BASE, version: int | None = None
) -> dict[Identifier, Outcome[Record]]:
    """Ask arXiv for each paper (scheme ARXIV), in its latest version or an earlier one.

    An ID is Missing only if it was absent from two well-formed feeds, one of them for this ID alone.
    """
    able, others = split_supported((Scheme.ARXIV,), wanted)
    suffix = f"v{version}" if version else ""
    lookup: Lookup[Identifier, Record] = Lookup(
        service=NAME,
        kind=NAME,
        ask=partial(_ask_in_parts, web=web, url=f"{base}/api/query", suffix=suffix),
        form=RECORD,
        batches=batches_of(_BATCH),
        key=lambda identifier: f"{identifier}{suffix}",
    )
    return {**await lookup.outcomes(able, web), **others}


async def _ask_in_parts(
    batch: Sequence[Identifier], *, web: Web, url: str, suffix: str
) -> AsyncIterator[Mapping[Identifier, Outcome[Record]]]:
    """Yield the answers for a batch, in halves if the list is too long for a server on the way."""
    try:
        async for answers in _ask(batch, web=web, url=url, suffix=suffix):
            yield answers
    except NoAnswerError as error:
        if error.status not in TOO_LONG_STATUSES or len(batch) == 1:
            raise
    else:
        return
    for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
        async for answers in _ask_in_parts(half, web=web, url=url, suffix=suffix):
            yield answers


async def _ask(
    batch: Sequence[Identifier], *, web: Web, url: str, suffix: str
) -> AsyncIterator[Mapping[Identifier, Outcome[Record]]]:
    good = [identifier for identifier in batch if _ID.fullmatch(identifier.value)]
    yield {identifier: Missing("not an arXiv ID", at=now(web)) for identifier in batch if identifier not in good}
    if not good:
        return
    answers, absent = await _page(good, web, url, suffix)
    yield answers
    # A valid feed may be empty though there are results: https://groups.google.com/g/arxiv-api/c/DYHxWrtBgbo
    if len(absent) > _FEW or len(absent) == len(good) > 1:
        answers, absent = await _page(absent, web, url, suffix)
        yield answers
    if len(absent) > _FEW and len(absent) == len(good):
        raise NoAnswerError(f"sent an empty feed for all of {len(absent)} IDs, twice")
    for identifier in absent:
        answers, still = await _page([identifier], web, url, suffix)
        yield {identifier: Missing("not found", status=200, at=now(web)) for identifier in still}
        yield answers


async def _page(
    ids: Sequence[Identifier], web: Web, url: str, suffix: str
) -> tuple[dict[Identifier, Outcome[Record]], list[Identifier]]:
    """Read one feed for these IDs, and the IDs that it does not have; malformed IDs are kept apart."""
    answers: dict[Identifier, Outcome[Record]] = {}
    while asked := [identifier for identifier in ids if identifier not in answers]:
        params = {"id_list": ",".join(f"{i.value}{suffix}" for i in asked), "max_results": str(len(asked))}
        reply = await web.fetch(url, _TERMS, params=params)
        malformed = set(_refused_ids(reply))
        if not malformed & {f"{i.value}{suffix}" for i in asked}:
            break
        for identifier in asked:
            if f"{identifier.value}{suffix}" in malformed:
                answers[identifier] = Missing("not a valid arXiv ID", status=reply.status, at=reply.at)
    else:
        return answers, []
    root = _feed(require_status(reply).body)
    shown, total = len(root.findall(f"{_ATOM}entry")), (root.findtext(_TOTAL) or "").strip()
    by_id = {_plain(record.arxiv_id or ""): record for record in _read(root)}
    absent = []
    for identifier in asked:
        if record := by_id.get(_plain(identifier.value)):
            answers[identifier] = Found(replace(record, asked_at=reply.at), at=reply.at)
        else:
            absent.append(identifier)
    if absent and len(asked) == 1 and total not in ("", "0") and not shown:
        raise NoAnswerError(f"incomplete response: {total} results announced, none sent")
    return answers, absent


def _plain(arxiv_id: str) -> str:
    """Old ids go with and without their subject class: `math.GT/0309136` is `math/0309136`."""
    return re.sub(r"\.[A-Z]{2}/", "/", arxiv_id)


def _not_atom(reply: Reply) -> str | None:
    """Return why a reply with status 200 is not a feed (`Rate exceeded.`, HTML, half a feed); None for a feed."""
    if reply.status != 200:
        return None
    try:
        _feed(reply.body)
    except UnreadableError as error:
        return str(error)
    return None


_TERMS = Terms(accept=_not_atom, refusals=_REFUSALS)


def _refused_ids(reply: Reply) -> list[str]:
    """Return the malformed ids in an error entry (with HTTP 400 today, with 200 in the documentation)."""
    if reply.status not in (200, 400):
        return []
    try:
        entries = _feed(reply.body).findall(f"{_ATOM}entry")
    except UnreadableError:
        return []
    texts = [entry.findtext(f"{_ATOM}summary") or "" for entry in entries if "/api/errors" in _id_text(entry)]
    return [match[1] for text in texts for match in _MALFORMED.finditer(text)]


def _id_text(entry: etree._Element) -> str:
    return entry.findtext(f"{_ATOM}id") or ""


async def search(titles: Sequence[str], web: Web, *, base: str = BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Return candidates for each title, the likeliest first, at most 5; several titles in one query.

    A Missing is weak: the latest title must contain the phrase word for word, and the number of results is limited.
    """
    lookup: Lookup[str, tuple[Record, ...]] = Lookup(
        service=NAME,
        kind="search",
        ask=lambda batch: retry_in_halves(batch, partial(_search, web=web, url=f"{base}/api/query"), TOO_LONG_STATUSES),
        form=RECORDS,
        batches=batches_within_chars(_ROOM, lambda title: len(quote_plus(_phrase(title))) + 4, _TITLES),
        key=lambda title: f"{NAME}:{title}",
    )
    return await lookup.outcomes(titles, web)


async def _search(titles: Sequence[str], *, web: Web, url: str) -> dict[str, Outcome[tuple[Record, ...]]]:
    phrases = [phrase for title in titles if (phrase := _phrase(title))]
    if not phrases:
        return {title: Missing("no words to search for", at=now(web)) for title in titles}
    params = {"search_query": " OR ".join(phrases), "max_results": str(_CANDIDATES * len(phrases))}
    reply = require_status(await web.fetch(url, _TERMS, params=params))
    records = parse(reply.body)
    return {title: candidates(rank_by_shared_words(title, records), reply) for title in titles}


def _phrase(title: str) -> str:
    """Quote the words of a title.

    A colon breaks the query, a hyphen negates the next word: https://github.com/arXiv/arxiv-search/issues/322.
    """
    words = re.findall(r"[^\W_]+", title[:1_000])
    while len(" ".join(words)) > 300:
        words.pop()
    return f'ti:"{" ".join(words)}"' if words else ""
