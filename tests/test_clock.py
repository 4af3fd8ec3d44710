"""No input can stop the clock: neither a regular expression nor a whole reader takes long over hostile text."""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from enrich import catalog, history, links, lists, matching, settings
from enrich.identifiers import (
    arxiv_version,
    is_anthology_page,
    normalise_url,
    of_text,
    of_url,
    parse,
    repository_part,
)
from enrich.limits import CPU_TIMER, CpuLimit, OutOfTimeError
from enrich.model import EnrichError, Hop, Page, Reply
from enrich.pipeline.clues import presented_at
from enrich.rate_limits import read_refusal, seconds_until_reset
from enrich.report import as_json
from enrich.snapshots import arxiv as arxiv_dump
from enrich.snapshots import dblp
from enrich.sources import archive, arxiv, crossref, datacite, doi, github, landing_page, openalex, semantic_scholar
from enrich.sources.asking.replies import UnreadableError
from enrich.text.mdx import without_javascript
from enrich.text.redaction import redacted
from enrich.text.urls import host_of
from enrich.web.cookies import Cookies
from enrich.web.http11.body import Body, read_body
from enrich.web.http11.framing import Chunked
from enrich.web.http11.head import NotHttpError, read_head
from enrich.web.redirects import onward
from enrich.web.request import NotFetchableError, Request, to_url
from tests.patterns import Found, patterns, pumps

SHORT = 50  # repetitions: more than an exponential expression ever survives
LONG = 7_000  # characters, over which a linear expression takes less than a millisecond
SECONDS = 0.15  # of processor time for one match


SIZE = 250_000  # bytes
READING = 1.5  # seconds of processor time for all that one reader does with them: many times what the slowest takes

URL = "https://a.example/page"
HOSTS = (
    *(
        "https://a.example/",
        "https://a.example/?",
        "https://doi.org/10.1000/",
        "https://doi.org/",
        "https://arxiv.org/abs/",
    ),
    *("https://www.nature.com/articles/", "https://dl.acm.org/citation.cfm?", "https://github.com/"),
    *("https://ieeexplore.ieee.org/document/", "https://drops.dagstuhl.de/storage/", "https://papers.ssrn.com/sol3/"),
)
UNITS = (
    *(
        "[",
        "](",
        '"',
        "'",
        " ",
        "0",
        "error ",
        "<div>",
        "&amp;",
        "a",
        "- a\n",
        "\0",
        "😀",
        "<!--",
        "\\",
        "a@a.",
        "\u0300\u0316",
    ),
)
MORE_UNITS = (
    *("[a](", "![", "((", ")", "{", "}", "<", "<a ", "<b><i>", "</", "<p><a href=x>", "<title>", "<script>", "&", "&#"),
    *("<![CDATA[", "&#x41;", "` ", "`", "``a", "*", "**a", "_a", "~", "|", "|a", "> ", "\n", "a\n", "\r", "\t", "\xa0"),
    *(
        "1.",
        "10.1000.",
        "10.1000/",
        "1/",
        "the ",
        "not found ",
        "404 ",
        "aA",
        "Aa ",
        "a.",
        "a-",
        "/",
        "/a",
        "/abs",
        "é",
    ),
    *('\\"', "e\u0301", "中", "\u202e", "%", "%41", "?a=b&", "#", "https://a/", "arxiv:", "doi:", "charset=", "<meta "),
    *("<meta charset=", "id=", "id=a ", "name='", ", ", ";", "A. B, ", "and ", ":", "a: ", "x=1; ", "$a$", "{{", "[1,"),
    *(
        '{"a":',
        "[[",
        '"a",',
        'k = "a"\n',
        "[a]\n",
        "a = [",
        "Fri, ",
        "-1",
        "...",
        "=\n",
        "@a{",
        "<svg><math>",
        "v1",
        "ﷺ",
    ),
    *("<table><tr><td>", "<select><option>", "in 2020 ", "(2020) ", "&lt;!--", 'a="" ', "<a b='", "&a;", "\u2028"),
)


def longest(where: str) -> int:
    """Characters to attack a pattern with: fewer where it sees a title, or a line of a list, cut to size before."""
    return LONG // 5 if where.startswith(("enrich.matching", "enrich.lists")) else LONG


def seconds(work: Callable[[Any], object], given: object, limit: float = SECONDS) -> float:
    """The processor time that work takes, cut off at the limit; the best of five, where the first was too long."""
    took = limit
    for _ in range(5):
        start = time.thread_time()
        with suppress(OutOfTimeError), CpuLimit(limit):
            work(given)
        took = min(took, time.thread_time() - start)
        if took < limit:
            break
    return took


def attacks(found: Found) -> Iterator[tuple[Callable[[Any], object], Any, str]]:
    """The matches that keep a careless pattern busy: what is called, with what, and in words."""
    whole, anywhere = found.pattern.fullmatch, found.pattern.search if found.searches else found.pattern.fullmatch
    for before, piece in pumps(found.pattern):
        # Only a whole match makes the pattern try everything; only a search begins at every letter.
        for attack, times in ((whole, SHORT), (anywhere, longest(found.where) // len(piece))):
            text = before + piece * times + "\0"
            given = text if isinstance(found.pattern.pattern, str) else text.encode("latin-1", "replace")
            yield attack, given, f"{before!r} + {piece!r} * {times}"


def all_together(found: Found) -> None:
    for attack, given, _ in attacks(found):
        attack(given)


def slowest(found: Found) -> tuple[float, str]:
    """The most processor time that a match takes, and over what."""
    # To look at the clock takes longer than most matches.
    if (together := seconds(all_together, found)) < SECONDS:
        return together, "all"
    worst = (0.0, "")
    for attack, given, words in attacks(found):
        worst = max(worst, (seconds(attack, given), words))
        if worst[0] >= SECONDS:
            break
    return worst


def test_no_regular_expression_takes_long() -> None:
    with CPU_TIMER:
        slow = [f"{found.where}: {over}" for found in patterns() for took, over in [slowest(found)] if took >= SECONDS]
    assert not slow


def test_a_careless_expression_is_found() -> None:
    # A sign between two words belongs to the first or the second: twice as long with each word.
    assert slowest(Found(re.compile(r"(?:\W*oops\W*|error ?:? ?|status )*404"), ""))[0] >= SECONDS


def reply(text: str, status: int = 200, url: str = URL, **headers: str) -> Reply:
    given = {"content-type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Reply(url, status, given, text.encode("utf-8", "replace"), "2026-11-28T09:00:00Z")


def read_page(text: str) -> None:
    """All that is done with a page that came: its facts, its parts, the comparison with a made-up address beside it."""
    came = reply(f"<title>Not found</title>{text}")
    for body in (came.body, text.encode("utf-8", "replace")):
        landing_page.parse(body, URL, "text/html")
    page = Page(URL, 200, "Not found")
    names = landing_page.element_names(came.body, "text/html")
    links.classify(f"{URL}#part", came, page, beside=came, names=names)
    links.classify_by_status(URL, came)


def read_tags(text: str) -> None:
    """What stands in the tags of a page's head."""
    value = html.escape(text)
    names = ("citation_title", "citation_author", "citation_date", "citation_doi", "citation_pdf_url")
    tags = "".join(f'<meta name="{name}" content="{value}">' for name in names)
    landing_page.parse(
        f'<meta http-equiv="refresh" content="{value}"><link rel="canonical" href="{value}">{tags}'.encode(), URL
    )
    landing_page.parse(f'<script type="application/ld+json">{text}</script>'.encode("utf-8", "replace"), URL)


def read_title(text: str) -> None:
    for title in (text, f"{text} | not found", f"not found {text}"):
        links.classify(URL, reply("x"), Page(URL, 200, title))
    matching.compare(matching.Description(text), matching.Description(f"{text} again", venue=text, authors=(text,)))


def read_wall(text: str) -> None:
    for status in (200, 403, 429, 503, 521):
        refusal = reply(text, status, server=text, set_cookie=text, retry_after=text)
        links.classify(URL, refusal, Page(URL, status, text[:2000]))
        links.is_final(refusal)


def read_charset(text: str) -> None:
    body = b"\xff" + text.encode("utf-8", "replace")
    for label in (text, "punycode", "iso-2022-jp", "gb18030", "big5"):
        landing_page.decode(body, f"text/html; charset={label}")


def read_url(text: str) -> None:
    for before in ("", "https://", *HOSTS):
        url = f"{before}{text}"
        for read in (of_url, parse, normalise_url, repository_part, is_anthology_page, arxiv_version, presented_at):
            read(url)
        for ask in (links.unfit, links.voucher, links.is_binary, links.sibling, links.bytes_wanted, host_of):
            ask(url)
        links.registered_check(url, {}, lambda _: None)
        with suppress(NotFetchableError):
            to_url(url)


def read_redirect(text: str) -> None:
    for place in (text, f"/{text}", f"?{text}", f"https://{text}", f"https://a.example/{text}"):
        with suppress(NotFetchableError):
            onward(Request("GET", to_url(URL)), 302, {"location": place})
    hops = (Hop(f"https://a.example/{text}", 301),)
    moved = replace(reply("x", url=f"https://b.example/{text}"), hops=hops)
    links.classify(hops[0].url, moved, Page(moved.url, 200, "A page"))


def read_headers(text: str) -> None:
    cookies = Cookies()
    cookies.take(to_url(URL), [text, f"a={text}", f"a=b; {text}"])
    cookies.header(to_url(URL))
    now = datetime(2026, 11, 28, tzinfo=UTC)
    for name in ("retry-after", "ratelimit", "ratelimit-policy", "ratelimit-reset", "x-ratelimit-reset"):
        read_refusal(429, {name: text}, text.encode("utf-8", "replace"), now)
        seconds_until_reset({name: text, "ratelimit-remaining": text}, now)


def read_bodies(text: str) -> None:
    """A body that is not what its encoding says, and one that is."""
    raw = text.encode("utf-8", "replace")
    for encoding, sent in (("gzip", raw), ("deflate", raw), ("gzip", gzip.compress(raw, 1)), ("br", raw)):
        inflate(sent, encoding)


def inflate(sent: bytes, encoding: str = "gzip", limit: int = 2_000_000) -> Body:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), 65_536):
            yield sent[start : start + 65_536]

    return asyncio.run(read_body(chunks(), {"content-encoding": encoding}, limit, math.inf))


def read_reply(text: str) -> None:
    """A reply whose head, whose chunks or whose trailers are the text."""
    raw = text.encode("utf-8", "replace")
    for head in (raw, b"HTTP/1.1 200 OK\r\n" + raw, b"HTTP/1.1 200 OK\r\nX: " + raw, b"HTTP/1.1 200 " + raw):
        with suppress(NotHttpError):
            read_head(head, bodiless=False)
    for begun in (b"", b"1\r\nx\r\n", b"1\r\nx\r\n0\r\n"):
        chunked = Chunked()
        for start in range(0, len(begun + raw), 65_536):
            chunked.feed((begun + raw)[start : start + 65_536])


def read_rows(text: str) -> None:
    """Replies of all services that are the text, and replies of the right shape that hold it."""
    for source in (archive, arxiv, crossref, datacite, doi, github, openalex, semantic_scholar):
        with suppress(UnreadableError):
            source.parse(text.encode("utf-8", "replace"))
    work = {"DOI": text, "title": [text], "abstract": text, "container-title": [text], "URL": text}
    crossref.parse(json.dumps({"message": {"items": [{**work, "author": [{"family": text, "given": text}]}]}}).encode())
    row = {"paperId": "a" * 40, "title": text, "abstract": text, "venue": text, "externalIds": {"DOI": text}}
    semantic_scholar.parse(json.dumps([{**row, "authors": [{"name": text}], "publicationDate": text}]).encode())
    value = html.escape(text.replace("\0", ""))
    entry = f"<id>http://arxiv.org/abs/2303.06865v1</id><title>{value}</title><summary>{value}</summary>"
    arxiv.parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{entry}</entry></feed>'.encode("utf-8", "replace"))


def read_catalog(text: str) -> None:
    for written in (text, f"entries:\n  - key: a\n    title: {json.dumps(text)}\n"):
        with suppress(EnrichError):
            catalog.parse(written)


def read_files(text: str) -> None:
    """Settings, the history, and an earlier report."""
    with TemporaryDirectory() as folder:
        for name in ("enrich.toml", "history.json"):
            Path(folder, name).write_text(text, encoding="utf-8", errors="replace")
        with suppress(EnrichError):
            settings.load(None, Path(folder), {})
        history.load(Path(folder, "history.json"), is_own=True)
    with suppress(EnrichError):
        as_json.read(text)


def read_html(text: str) -> None:
    links.read_html(text.encode(errors="replace"), "page.html")


def read_snapshot_rows(text: str) -> None:
    arxiv_dump.record("2401.00001", [*[text] * 7, 1])
    dblp.record(text, [text, [text], *[text] * 7, [text]])


READERS: tuple[Callable[[str], object], ...] = (
    *(read_page, read_tags, read_title, read_wall, read_charset, read_url, read_redirect, read_headers, read_bodies),
    *(read_rows, read_catalog, read_files, read_html, of_text, partial(links.find_urls, path="list.txt")),
    *(read_reply, without_javascript, redacted, read_snapshot_rows),
)


def hostile(unit: str) -> str:
    """A text of a quarter of a million bytes."""
    return unit * (SIZE // len(unit.encode()))


def slow_readers(text: str) -> list[object]:
    return [read for read in READERS if seconds(read, text, READING) >= READING]


@pytest.mark.parametrize("unit", UNITS)
def test_no_reader_takes_long_over_a_quarter_of_a_million_bytes(unit: str) -> None:
    assert not slow_readers(hostile(unit))


@pytest.mark.nightly
@pytest.mark.parametrize("unit", MORE_UNITS)
def test_no_reader_takes_long_over_a_quarter_of_a_million_bytes_of_anything(unit: str) -> None:
    assert not slow_readers(hostile(unit))
    # Markdown is read in time of its own.
    lists.read(hostile(unit)[: SIZE // 10], "list.md", URL)
    assert seconds(partial(links.read_markdown, path="list.md"), hostile(unit)[: SIZE // 10], 4 * READING) < 4 * READING
