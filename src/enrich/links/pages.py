"""Decide what a fetched page, or the failure to fetch it, says about a link; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote
from zlib import crc32

from enrich.identifiers import normalise_url
from enrich.links.moves import forwards, leads_to_door, leads_to_error, leaves_repository, refusal, wants_no_login
from enrich.links.parked import is_parked, is_parking_host
from enrich.links.shown import Shown, shown_by
from enrich.links.titles import (
    asks_for_consent,
    asks_to_sign_in,
    may_be_missing,
    says_missing,
    says_out_of_order,
)
from enrich.links.walls import is_passing, wall
from enrich.model import LONGEST_TITLE, PASSED_ON, Evidence, Hop, LinkCheck, Page, Reply, Unreachable, Verdict
from enrich.services import WEB
from enrich.text.urls import split_url

PAGE_BYTES = 256 * 1024
"""The number of bytes read of a page: citation tags and the title are in the head."""

_GLANCE = 1024  # bytes of a page that takes too long to load
_FILE_BYTES = 16 * 1024  # of a file without tags: enough to see that it arrives

_PASSWORD = re.compile(rb"(?i)<input\b[^>]{0,300}\btype=[\"']?password")

# Types that browsers do not display: https://developer.mozilla.org/docs/Web/HTTP/Guides/MIME_types/Common_types
_BINARY = re.compile(
    r"\.(?:zip|tar|tgz|gz|bz2|xz|zst|7z|rar|iso|dmg|exe|msi|deb|rpm|apk|whl|jar|mp[34]|m4[av]|mov|avi|mkv|webm|flac|wav|"
    r"pptx?|parquet|h5|hdf5|npz|npy|bin|ckpt|pth?|onnx|safetensors|gguf|tflite|pkl)$",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:pdf|ps|djvu|png|jpe?g|gif|svg|csv|jsonl?)$", re.IGNORECASE)


def is_binary(url: str) -> bool:
    """Whether the URL looks like a large file, whose headers suffice if the server sends them."""
    return _may_be_file(url) and bool(_BINARY.search(split_url(url).path))


def bytes_wanted(url: str) -> int:
    """Return how many bytes of the page need to be read."""
    if not _may_be_file(url):
        return PAGE_BYTES
    path = split_url(url).path
    return _FILE_BYTES if _FILE.search(path) or _BINARY.search(path) else PAGE_BYTES


def _may_be_file(url: str) -> bool:
    """Whether the last part of a URL's path has a dot; most have none, and need no parsing."""
    return "." in url.partition("?")[0].partition("#")[0].rpartition("/")[2]


def sibling(url: str) -> str:
    """Return a URL beside this one that cannot exist; always the same for the same URL."""
    parts = split_url(url)
    folder = parts.path.rstrip("/").rpartition("/")[0]
    return parts._replace(path=f"{folder}/no-such-page-{crc32(url.encode('utf-8', 'replace')):08x}", query="").geturl()


def fragment(url: str) -> str | None:
    """Return the name after # that an element of the page must have; None if none must."""
    # What follows `:~:` is for the browser alone: https://wicg.github.io/scroll-to-text-fragment
    part = split_url(url).fragment.partition(":~:")[0] if "#" in url else ""
    # Routes of applications, positions in PDFs, lines of code: no element has their names.
    return None if not part or re.match(r"[!/]|(?i:top)$|page=|L\d", part) else part


def seems_missing(url: str, reply: Reply, page: Page) -> bool:
    """Whether a page may be a "not found" page, so that its sibling should be requested as well."""
    title = page.title or ""
    is_page = 200 <= reply.status < 300 and page.record is None
    return is_page and may_be_missing(title) and not says_missing(title, url)


def classify(
    url: str,
    reply: Reply,
    page: Page,
    accepted: Collection[int] = (),
    *,
    beside: Reply | None = None,
    names: Collection[str] | None = None,
) -> LinkCheck:
    """Return the verdict on a link from the reply to a GET and what the page says of itself.

    `accepted` are statuses that the settings call good for this host; `beside` is the answer at `sibling(url)`, where
    it was asked; `names` are the ids of the page's parts, where the part behind # must be among them.
    """
    verdict, saw = _of_status(url, reply, page, accepted, beside)
    end = None
    if verdict is Verdict.OK and reply.hops:
        verdict, saw, end = _of_redirects(url, reply, saw)
    if reply.tls_trouble:
        return _past_tls(url, reply, verdict, saw)
    part = fragment(url)
    if names is not None and part and verdict in (Verdict.OK, Verdict.MOVED) and not _is_among(part, names):
        verdict, saw, end = Verdict.SUSPECT, f"no element with id `{part}`", None
    return LinkCheck(
        url,
        verdict,
        (*_way(reply.hops, reply.at), Evidence(WEB, reply.at, saw, reply.status)),
        end if verdict is Verdict.MOVED else None,
        page if verdict in (Verdict.OK, Verdict.MOVED) else None,
        forwarded_to=end if verdict is Verdict.SUSPECT else None,
    )


def _past_tls(url: str, reply: Reply, verdict: Verdict, saw: str) -> LinkCheck:
    """Return the verdict on an untrusted page: it proves neither that the page is gone, nor where it moved."""
    trouble = reply.tls_trouble or ""
    if verdict is Verdict.BROKEN:
        verdict, saw = Verdict.SUSPECT, f"{saw}, but unconfirmed: {trouble}"
    if verdict is Verdict.MOVED:
        verdict = Verdict.OK
    evidence = (*_way(reply.hops, reply.at), Evidence(WEB, reply.at, saw, reply.status))
    return LinkCheck(url, verdict, evidence, tls_trouble=trouble if verdict is Verdict.OK else None)


def classify_by_status(url: str, reply: Reply, accepted: Collection[int] = ()) -> LinkCheck:
    """Return the verdict on a link whose page takes too long to load: only status, headers and redirects count."""
    glance = replace(reply, body=reply.body[:_GLANCE], truncated=True)
    check = classify(url, glance, Page(reply.url, reply.status), accepted)
    last = check.evidence[-1]
    saw = f"{last.saw}; the page took too long to parse, so only its status was used"
    return replace(check, evidence=(*check.evidence[:-1], replace(last, saw=saw)))


NOT_ASKED = "skipped: the host keeps refusing requests"
"""The evidence for a link that was left for the next run, because its host rejected all requests."""

_HOST_FAILS = "skipped: the host keeps failing"


def unreachable(url: str, error: Unreachable, hops: Sequence[Hop] = ()) -> LinkCheck:
    """Return the verdict on a link without a reply, or with none but the redirects `hops`."""
    match error.kind:
        case "unsafe":
            verdict = Verdict.UNSAFE
        case "scheme":
            verdict = Verdict.SKIPPED
        case "offline" | "proxy" | "stopped" | "files" | "no-ipv6" | "failing":
            verdict = Verdict.UNKNOWN
        case "dns-missing":
            verdict = Verdict.BROKEN
        case "cookies" | "refusing":
            verdict = Verdict.BLOCKED
        case _:
            verdict = Verdict.SUSPECT
    saw = {"refusing": NOT_ASKED, "failing": _HOST_FAILS}.get(error.kind, error.why)
    failed = _failed(error.at, saw)
    return LinkCheck(url, verdict, (*_way(hops, error.at), *failed) if hops else failed)


@lru_cache(maxsize=1024)
def _failed(at: str, saw: str) -> tuple[Evidence, ...]:
    """Return the evidence of a failure: thousands of links may fail for one reason."""
    return (Evidence(WEB, at, saw),)


def _way(hops: Sequence[Hop], at: str) -> Iterator[Evidence]:
    return (Evidence(WEB, at, f"{PASSED_ON}{hop.url}", hop.status) for hop in hops[:10])


def wants_second_look(check: LinkCheck) -> bool:
    """Whether a failure must be confirmed by a second request at the end of the run."""
    return check.verdict in (Verdict.BROKEN, Verdict.SUSPECT) and any(e.asked == WEB for e in check.evidence)


def confirmed(first: LinkCheck, second: LinkCheck) -> LinkCheck:
    """Return the verdict after the second request: a failure is accepted if both show it, with the evidence of both."""
    left = second.evidence[-1].saw if second.evidence else ""
    if left in (NOT_ASKED, _HOST_FAILS):
        again = replace(second.evidence[-1], saw=left.replace("skipped", "not retried"))
        # A host that rejects requests says nothing about its pages; a failing one failed to show this one.
        seen = second if left == NOT_ASKED else first
        return replace(seen, evidence=(*first.evidence, *second.evidence[:-1], again))
    if second.verdict not in (Verdict.BROKEN, Verdict.SUSPECT):
        return second
    verdict = Verdict.BROKEN if first.verdict is second.verdict is Verdict.BROKEN else Verdict.SUSPECT
    if second.evidence[-1].status == 429:
        verdict = Verdict.BLOCKED  # it had its time
    evidence = (*first.evidence, *second.evidence)
    return LinkCheck(first.url, verdict, evidence, forwarded_to=second.forwarded_to)


def _of_status(
    url: str, reply: Reply, page: Page, accepted: Collection[int], beside: Reply | None
) -> tuple[Verdict, str]:
    title = (page.title or "")[:LONGEST_TITLE]
    if reply.status in accepted:
        return Verdict.OK, f"{reply.status}, accepted by the settings"
    if is_passing(reply):
        return Verdict.SUSPECT, "rate limited (HTTP status 429)"
    shown = shown_by(reply)
    if words := wall(url, reply, title, shown):
        return Verdict.BLOCKED, words
    if reply.status in (404, 410):
        return Verdict.BROKEN, f"page {'removed' if reply.status == 410 else 'not found'} ({reply.status})"
    if not 200 <= reply.status < 300:
        return Verdict.SUSPECT, f"HTTP status {reply.status}"
    if page.record is None and (found := _in_place_of_page(url, title, reply, beside, shown)):
        return found
    if not reply.body.strip() and not reply.truncated:
        return Verdict.UNKNOWN, "empty page"
    return Verdict.OK, title or reply.headers.get("content-type", "") or "page loaded"


def _in_place_of_page(
    url: str, title: str, reply: Reply, beside: Reply | None, shown: Shown
) -> tuple[Verdict, str] | None:
    """Return the verdict on what a site shows, with a good status, instead of the page; None for a page."""
    if asks_for_consent(title):
        return Verdict.BLOCKED, f"consent page: {title!r}"
    if asks_to_sign_in(title) and _PASSWORD.search(shown.head) and wants_no_login(split_url(url)):
        return Verdict.BLOCKED, f"login page: {title!r}"
    for said in filter(None, (title, *shown.sentences())):
        if says_missing(said, url):
            return Verdict.SUSPECT, f'looks like a "not found" page: {said!r}'
        if says_out_of_order(said, url):
            return Verdict.SUSPECT, f"looks like an error page of the server: {said!r}"
    if is_parked(title, shown.head):
        return Verdict.SUSPECT, f"parked domain: {title!r}"
    if beside is not None and 200 <= beside.status < 300 and _alike(reply, beside):
        saw = 'looks like a "not found" page (a random URL on the site returns the same page)'
        return Verdict.SUSPECT, f"{saw}: {title!r}"
    return None


def _alike(one: Reply, other: Reply) -> bool:
    """Whether two pages are the same except for a few words, such as their own URLs."""
    first, second = (set(re.findall(rb"\w+", body[:PAGE_BYTES].lower())) for body in (one.body, other.body))
    return len(first & second) >= 0.9 * max(len(first | second), 1)


def _of_redirects(url: str, reply: Reply, saw: str) -> tuple[Verdict, str, str | None]:
    """Return the verdict on a redirected link, the reason, and the URL that it moved or was forwarded to."""
    start, end = split_url(url), split_url(reply.url)
    if leads_to_door(start, end) or (start.path != end.path and asks_to_sign_in(saw)):
        return Verdict.BLOCKED, f"redirects to a login or consent page: {reply.url}", None
    if is_parking_host(end.hostname or "") and not is_parking_host(start.hostname or ""):
        return Verdict.SUSPECT, f"redirects to a domain-parking site: {reply.url}", None
    if leads_to_error(start, end):
        return Verdict.SUSPECT, f"redirects to an error page: {reply.url}", None
    if leaves_repository(url, reply.url):
        return Verdict.SUSPECT, f"redirects to the repository: {reply.url}", None
    if forwards(start, end):
        return Verdict.SUSPECT, f"redirects to a front page or listing: {reply.url}", reply.url
    target = _permanent_target(url, reply)
    if target is None or normalise_url(target) == normalise_url(url) or refusal(url, target):
        return Verdict.OK, saw, None
    return Verdict.MOVED, f"moved permanently to {target}", target


def _permanent_target(url: str, reply: Reply) -> str | None:
    """Return where the unbroken run of permanent redirects (301, 308) from the start leads, with its fragment.

    A Location without a fragment keeps that of the link, as in a browser (RFC 9110, 10.2.2).
    """
    target, fragment = None, split_url(url).fragment
    for number, hop in enumerate(reply.hops):
        if hop.status not in (301, 308):
            break
        target = reply.hops[number + 1].url if number + 1 < len(reply.hops) else reply.url
        fragment = hop.fragment or fragment
    return f"{target}#{fragment}" if target and fragment else target


def _is_among(part: str, names: Collection[str]) -> bool:
    # GitHub's pages have the names with a prefix, and its scripts find them without it.
    return any(name in names for text in (part, unquote(part)) for name in (text, f"user-content-{text}"))
