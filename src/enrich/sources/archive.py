"""The Internet Archive's copies of pages: https://archive.org/help/wayback_api.php."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from enrich.cleaning.texts import one_line
from enrich.model import Found, Outcome, Unknown, Unreachable
from enrich.services import ARCHIVE
from enrich.sources.asking.batches import batches_of
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import NoAnswerError, UnreadableError, load_json, not_json, require_status
from enrich.sources.asking.stored import TEXT
from enrich.text.urls import split_url
from enrich.web import Terms, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

NAME, BASE = ARCHIVE.name, ARCHIVE.base
MOST, MOST_IN_INDEX = 10, 5
"""Pages that a run may ask about, and those it may also look up in the index of copies: 15 requests, a minute's worth.

What was found stays known, so the next run asks about others.
"""

NO_COPY = "no copy found"
"""The reason of an inconclusive answer: a throttled Archive answers the same."""

_TERMS = Terms(accept=not_json, tries=1, timeout=10.0)
_WEB = "https://web.archive.org/web/"
_MOMENT = re.compile(r"[0-9]{4,14}")
_COPY = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z_]+)?/.+")


@dataclass(frozen=True, slots=True)
class Lost:
    """A page that is gone, and a day on which it existed (None: any copy is as good)."""

    url: str
    day: date | None = None


def parse(body: bytes) -> str | None:
    """Return the address of the copy in an answer; None if none shows the page.

    Raises:
        UnreadableError: the body is not an answer of the Archive.
    """
    value = load_json(body)
    snapshots = value.get("archived_snapshots") if isinstance(value, dict) else None
    if not isinstance(snapshots, dict):
        raise UnreadableError("the response has no archived_snapshots")
    closest = snapshots.get("closest")
    if not isinstance(closest, dict) or closest.get("available") is not True or closest.get("status") != "200":
        return None
    url = one_line(closest.get("url"))
    return re.sub(r"^http:", "https:", url) if url and _COPY.fullmatch(url) else None


async def look_up(wanted: Sequence[Lost], web: Web, *, base: str = BASE) -> dict[Lost, Outcome[str]]:
    """Ask for the copy of each page nearest to its day, for at most `MOST` pages, with at most 15 requests.

    An answer without a copy is Unknown, never Missing: a throttled service answers the same.
    """
    known: Lookup[Lost, str] = Lookup(
        service=NAME,
        kind=NAME,
        ask=partial(_ask, web=web, base=base, in_index=iter(range(MOST_IN_INDEX))),
        form=TEXT,
        batches=batches_of(1),
        key=lambda lost: lost.url,
    )
    return await known.outcomes(wanted[:MOST], web)


async def _ask(
    batch: Sequence[Lost], *, web: Web, base: str, in_index: Iterator[int]
) -> AsyncIterator[Mapping[Lost, Outcome[str]]]:
    for lost in batch:
        parts = split_url(lost.url)
        # Credentials in a link are not sent.
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
        # With its scheme a page that has copies may be said to have none: https://github.com/internetarchive/wayback/issues/296
        params = {"url": address.partition("://")[2]}
        if lost.day:
            params["timestamp"] = f"{lost.day:%Y%m%d}"
        reply = await web.fetch(f"{base}/wayback/available", _TERMS, params=params)
        if reply.status == 429:
            raise NoAnswerError("rate limited (HTTP 429)", status=429, final=True)
        copy = parse(require_status(reply).body)
        moment = copy.removeprefix(_WEB).partition("/")[0] if copy else None
        if not moment and next(in_index, None) is not None:
            moment = await _in_index(params, web, base)
        found = f"{_WEB}{moment}/{address}"
        yield {lost: Found(found, at=reply.at) if moment else Unknown(NO_COPY, at=reply.at)}


async def _in_index(asked: Mapping[str, str], web: Web, base: str) -> str | None:
    """Return the time of a copy by the index of all copies (CDX); None if it has none, or does not answer.

    https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
    """
    params = {"url": asked["url"], "output": "json", "fl": "timestamp", "filter": "statuscode:200", "limit": "-1"}
    if day := asked.get("timestamp"):
        params |= {"closest": day, "sort": "closest", "limit": "1"}
    index = f"{_WEB.removesuffix('/web/') if base == BASE else base}/cdx/search/cdx"
    try:
        reply = await web.fetch(index, _TERMS, params=params)
        rows = load_json(reply.body) if reply.status == 200 else None
    except (Unreachable, UnreadableError):
        return None
    row = rows[-1] if isinstance(rows, list) and len(rows) > 1 else None  # the first row has the names of the columns
    moment = row[0] if isinstance(row, list) and row else None
    return moment if isinstance(moment, str) and _MOMENT.fullmatch(moment) else None
