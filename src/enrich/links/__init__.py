"""Find the links in a text, decide them by evidence, and judge fetched pages; pure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from enrich.links.evidence import (
    VOUCHING_DAYS,
    is_doubtful,
    is_registered,
    is_resolver,
    may_be_registered,
    registered_check,
    registered_pages,
    seconded,
    voucher,
    vouching,
    weighed,
)
from enrich.links.forwarding import settled_moves
from enrich.links.kinds import (
    LinkDocument,
    is_bibtex,
    is_html,
    is_markdown,
    is_table,
    looks_like_html,
    read_plain_text,
    read_table,
)
from enrich.links.moves import common_door, refusal
from enrich.links.pages import (
    PAGE_BYTES,
    bytes_wanted,
    classify,
    classify_by_status,
    confirmed,
    fragment,
    is_binary,
    seems_missing,
    sibling,
    unreachable,
    wants_second_look,
)
from enrich.links.parked import is_parked
from enrich.links.shown import is_application
from enrich.links.urls import find_urls
from enrich.links.videos import oembed_url, of_oembed, of_video_page
from enrich.links.walls import WALLS, certain_wall, is_final, wall
from enrich.model import Evidence, LinkCheck, Verdict
from enrich.services import URL
from enrich.text.urls import LONGEST_URL, blocked_port, is_ordinary

if TYPE_CHECKING:
    from enrich.links.documents import read_bibtex, read_html, read_markdown
    from enrich.links.ignoring import ignored_urls
    from enrich.links.rewriting import Rewrite, Rewritten, rewritten

__all__ = [
    "PAGE_BYTES",
    "VOUCHING_DAYS",
    "WALLS",
    "LinkDocument",
    "Rewrite",
    "Rewritten",
    "bytes_wanted",
    "certain_wall",
    "classify",
    "classify_by_status",
    "common_door",
    "confirmed",
    "find_urls",
    "fragment",
    "ignored_urls",
    "is_application",
    "is_bibtex",
    "is_binary",
    "is_doubtful",
    "is_final",
    "is_html",
    "is_markdown",
    "is_parked",
    "is_registered",
    "is_resolver",
    "is_table",
    "looks_like_html",
    "may_be_registered",
    "oembed_url",
    "of_oembed",
    "of_video_page",
    "read_bibtex",
    "read_html",
    "read_markdown",
    "read_plain_text",
    "read_table",
    "refusal",
    "registered_check",
    "registered_pages",
    "rewritten",
    "seconded",
    "seems_missing",
    "settled_moves",
    "sibling",
    "unfit",
    "unreachable",
    "voucher",
    "vouching",
    "wall",
    "wants_second_look",
    "weighed",
]

# Imported when first used: checking a page needs no parser of documents.
_HOMES = {
    "read_bibtex": "documents",
    "read_html": "documents",
    "read_markdown": "documents",
    "ignored_urls": "ignoring",
    "Rewrite": "rewriting",
    "Rewritten": "rewriting",
    "rewritten": "rewriting",
}


def __getattr__(name: str) -> object:
    """Return one of the names above that are imported late."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def _at_bad_port(url: str) -> LinkCheck | None:
    try:
        port = blocked_port(url)
    except ValueError:
        return None  # a malformed URL, which the fetch will report
    saw = f"port {port} is not used for web pages; not fetched"
    return LinkCheck(url, Verdict.SKIPPED, (Evidence(URL, "", saw),)) if port is not None else None


def unfit(url: str) -> LinkCheck | None:
    """Return the check of a link that cannot be requested (relative, mailto:, …); None for all others."""
    if is_ordinary(url):
        return _at_bad_port(url)
    if len(url) > LONGEST_URL:
        saw = f"the URL is longer than {LONGEST_URL:,} characters"
        return LinkCheck(url, Verdict.SKIPPED, (Evidence(URL, "", saw),))
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return LinkCheck(url, Verdict.SKIPPED, (Evidence(URL, "", "not a valid web address"),))
    if usable:
        return _at_bad_port(url)
    saw = "relative link; set --base-url" if not parts.scheme else f"not a web address ({parts.scheme}:)"
    return LinkCheck(url, Verdict.SKIPPED, (Evidence(URL, "", saw),))
