"""The Internet Archive's copies of pages: https://archive.org/help/wayback_api.php."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from enrich.limits import split_url
from enrich.model import Found, Outcome, Unknown
from enrich.sources import Lookup, NoAnswerError, UnreadableError, by, clean, load_json, not_json, read_text, usable
from enrich.web import Pace, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

NAME = "archive"
SERVICE = "The Internet Archive"
BASE = "https://archive.org"

# No limit is published; users meet refusals beyond 15 a minute: https://github.com/edgi-govdata-archiving/wayback/issues/137
PACES: Mapping[str, Pace] = {"archive.org": Pace(interval=1.0, concurrency=1)}
MOST = 15
"""Pages that one run may ask about: a minute's worth. What was found stays known, so the next run asks about others."""

_COPY = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z_]+)?/.+")


@dataclass(frozen=True, slots=True)
class Lost:
    """A page that is gone, and a day on which it was there (None: any copy is as good)."""

    url: str
    day: date | None = None


def parse(body: bytes) -> str | None:
    """The address of the copy that an answer names; None where it names none that shows the page.

    Raises:
        UnreadableError: the body is no answer of the Archive.
    """
    value = load_json(body)
    snapshots = value.get("archived_snapshots") if isinstance(value, dict) else None
    if not isinstance(snapshots, dict):
        raise UnreadableError("the reply holds no archived_snapshots")
    closest = snapshots.get("closest")
    if not isinstance(closest, dict) or closest.get("available") is not True or closest.get("status") != "200":
        return None
    url = clean(closest.get("url"))
    return re.sub(r"^http:", "https:", url) if url and _COPY.fullmatch(url) else None


async def look_up(wanted: Sequence[Lost], web: Web, *, base: str = BASE) -> dict[Lost, Outcome[str]]:
    """The copy of each page that is nearest to its day; one request each, at most `MOST` of them.

    An answer without a copy is Unknown, never Missing: a throttled service answers the same.
    """
    known: Lookup[Lost, str] = Lookup(
        service=NAME,
        kind=NAME,
        ask=partial(_ask, web=web, base=base),
        read=read_text,
        batches=by(1),
        key=lambda lost: lost.url,
    )
    return await known.outcomes(wanted[:MOST], web)


async def _ask(batch: Sequence[Lost], *, web: Web, base: str) -> AsyncIterator[Mapping[Lost, Outcome[str]]]:
    for lost in batch:
        parts = split_url(lost.url)
        # Credentials in a link are nobody else's business.
        params = {"url": parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()}
        if lost.day:
            params["timestamp"] = f"{lost.day:%Y%m%d}"
        reply = await web.fetch(f"{base}/wayback/available", params=params, accept=not_json, tries=1, timeout=10.0)
        if reply.status == 429:
            raise NoAnswerError(f"{SERVICE} has too many requests to serve now (HTTP 429)", status=429, final=True)
        copy = parse(usable(reply, SERVICE).body)
        yield {lost: Found(copy, at=reply.at) if copy else Unknown("no copy named", at=reply.at)}
