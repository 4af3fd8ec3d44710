"""What a fetched page, or the want of one, says about a link; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from html import unescape
from urllib.parse import SplitResult, unquote, urlsplit
from zlib import crc32

from enrich.identifiers import normalise_url
from enrich.links.walls import is_passing, wall
from enrich.model import PASSED_ON, Evidence, LinkCheck, Page, Verdict
from enrich.web import Hop, Reply, Unreachable

PAGE_BYTES = 256 * 1024
"""As much of a page as is read: citation tags and the title stand in the head."""

_FILE_BYTES = 16 * 1024  # of a file that holds no tags: enough to see that it comes

_THING = r"(?:page|file|document|article|content|site|resource|paper|post|item|url|link)"
# Words in a title for which it is worth while to ask what the site says of a made-up address.
_SOFT_404 = re.compile(
    r"\b404\b|\bnot (?:be )?(?:found|available)\b|\bcan(?:['’]t|not|not be) (?:find|found)\b|"
    rf"\b(?:does not|doesn['’]t|no longer) exists?\b|\bno such {_THING}\b|"
    rf"\b{_THING} (?:\w+ )?(?:isn['’]t|wasn['’]t|no longer|unavailable|removed|gone|missing)\b|\boops\b|"
    r"页面不存在|找不到(?:页面|网页)|页面未找到",
    re.IGNORECASE,
)
# A part of a title that says nothing else: `404 - Not Found | A Site`, where `404 Bottles of Beer` says more.
_SAYS_ONLY_THAT = re.compile(
    rf"(?:oops\W*|sorry\W*|http |error ?:? ?|status )*(?:404(?: error)?|not found|404 ?\W? ?(?:{_THING} )?not found|"
    rf"(?:the |this |requested )*{_THING} (?:(?:was|is|could|can) ?)?(?:not|n['’]t) (?:be )?(?:found|available|exist))"
    r"[\s!.]*|页面不存在|找不到(?:页面|网页)|页面未找到",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"\bdomain (?:name )?(?:is |may be )?(?:for sale|parked|expired)|\bis for sale\b|"
    r"buy this domain|\bparked (?:domain|page)\b",
    re.IGNORECASE,
)
_PARKING_HOSTS = re.compile(
    r"(?:^|\.)(?:hugedomains|dan|afternic|sedo|sedoparking|bodis|parkingcrew|undeveloped|domainmarket|buydomains)\.com$"
)
_LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|signon|sso|auth|authorize|oauth2?|saml2?|shibboleth|idp|cas|consent|cookie-?(?:wall|consent|absent)|validate|captcha|challenge)\b",
    re.IGNORECASE,
)
_LOGIN_HOSTS = re.compile(r"^(?:login|signin|sso|auth|accounts?|idp|consent|validate)\.", re.IGNORECASE)
_FRONT = re.compile(r"/?(?:(?:index|home|default|main)(?:\.\w{2,5})?/?|[a-z]{2}(?:-[a-z]{2})?/?)?", re.IGNORECASE)
_INDEX = re.compile(r"/?(?:(?:index|default)\.\w{2,5})?", re.IGNORECASE)
_ERROR_PAGE = re.compile(
    r"/(?:404|not[-_]?found|page[-_]?not[-_]?found|errors?(?:/404)?)(?:\.\w{2,5})?/?$", re.IGNORECASE
)

# What nobody reads in a browser: https://developer.mozilla.org/docs/Web/HTTP/Guides/MIME_types/Common_types
_BINARY = re.compile(
    r"\.(?:zip|tar|tgz|gz|bz2|xz|zst|7z|rar|iso|dmg|exe|msi|deb|rpm|apk|whl|jar|mp[34]|m4[av]|mov|avi|mkv|webm|flac|wav|"
    r"pptx?|parquet|h5|hdf5|npz|npy|bin|ckpt|pth?|onnx|safetensors|gguf|tflite|pkl)$",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:pdf|ps|djvu|png|jpe?g|gif|svg|csv|jsonl?)$", re.IGNORECASE)


def is_binary(url: str) -> bool:
    """Whether the URL looks like a large file's: its headers tell enough, where the server sends them."""
    return bool(_BINARY.search(_split(url).path))


def bytes_wanted(url: str) -> int:
    """How much of what stands at the URL is worth reading."""
    path = _split(url).path
    return _FILE_BYTES if _FILE.search(path) or _BINARY.search(path) else PAGE_BYTES


def sibling(url: str) -> str:
    """An address beside the URL that nobody can have given to a page; the same for the same URL."""
    parts = _split(url)
    folder = parts.path.rstrip("/").rpartition("/")[0]
    return parts._replace(path=f"{folder}/no-such-page-{crc32(url.encode('utf-8', 'replace')):08x}", query="").geturl()


def seems_missing(reply: Reply, page: Page) -> bool:
    """Whether a page that came says in its title that it is not there, so that its sibling should be asked as well."""
    return 200 <= reply.status < 300 and page.record is None and bool(_SOFT_404.search(page.title or ""))


def classify(
    url: str,
    reply: Reply,
    page: Page,
    accepted: Collection[int] = (),
    *,
    beside: Reply | None = None,
    fragments: bool = False,
) -> LinkCheck:
    """The verdict on a link from the reply to a GET and what the page says of itself.

    `accepted` are statuses that the settings call good for this host; `beside` is the answer at `sibling(url)`, where
    it was asked; with `fragments` the part behind # must be on the page.
    """
    verdict, saw = _of_status(url, reply, page, accepted, beside)
    new_url = None
    if verdict is Verdict.OK and reply.hops:
        verdict, saw, new_url = _of_redirects(url, reply, saw)
    if fragments and verdict in (Verdict.OK, Verdict.MOVED) and (missing := _missing_fragment(url, reply)):
        verdict, saw, new_url = Verdict.SUSPECT, f"the page has no part #{missing}", None
    return LinkCheck(
        url,
        verdict,
        (*_way(reply.hops, reply.at), Evidence("web", reply.at, saw, reply.status)),
        new_url,
        page if verdict in (Verdict.OK, Verdict.MOVED) else None,
    )


def unreachable(url: str, error: Unreachable, hops: Sequence[Hop] = ()) -> LinkCheck:
    """The verdict on a link that gave no reply at all, or none but the redirects `hops`."""
    match error.kind:
        case "unsafe":
            verdict = Verdict.UNSAFE
        case "scheme":
            verdict = Verdict.SKIPPED
        case "offline":
            verdict = Verdict.UNKNOWN
        case "dns-missing" | "circle":
            verdict = Verdict.BROKEN
        case "cookies":
            verdict = Verdict.BLOCKED
        case _:
            verdict = Verdict.SUSPECT
    return LinkCheck(url, verdict, (*_way(hops, error.at), Evidence("web", error.at, error.why)))


def _way(hops: Sequence[Hop], at: str) -> Iterator[Evidence]:
    return (Evidence("web", at, f"{PASSED_ON}{hop.url}", hop.status) for hop in hops[:10])


def wants_second_look(check: LinkCheck) -> bool:
    """Whether the page must be asked once more at the end of the run before its trouble is believed."""
    return check.verdict in (Verdict.BROKEN, Verdict.SUSPECT) and any(e.asked == "web" for e in check.evidence)


def confirmed(first: LinkCheck, second: LinkCheck) -> LinkCheck:
    """The verdict after the second look: trouble is believed when both say so, and then with the evidence of both."""
    if second.verdict not in (Verdict.BROKEN, Verdict.SUSPECT):
        return second
    verdict = Verdict.BROKEN if first.verdict is second.verdict is Verdict.BROKEN else Verdict.SUSPECT
    if second.evidence[-1].status == 429:
        verdict = Verdict.BLOCKED  # it had its time
    return LinkCheck(first.url, verdict, (*first.evidence, *second.evidence))


def _of_status(
    url: str, reply: Reply, page: Page, accepted: Collection[int], beside: Reply | None
) -> tuple[Verdict, str]:
    title = page.title or ""
    if reply.status in accepted:
        return Verdict.OK, f"{reply.status}, accepted by the settings"
    if is_passing(reply):
        return Verdict.SUSPECT, "has had enough requests for now (HTTP status 429)"
    if words := wall(url, reply, title):
        return Verdict.BLOCKED, words
    if reply.status in (404, 410):
        return Verdict.BROKEN, f"{reply.status} {'Gone' if reply.status == 410 else 'Not Found'}"
    if not 200 <= reply.status < 300:
        return Verdict.SUSPECT, f"HTTP status {reply.status}"
    if seems_missing(reply, page) and (words := _soft_404(title, reply, beside)):
        return Verdict.SUSPECT, words
    if page.record is None and _PARKED.search(title):
        return Verdict.SUSPECT, f"a parked domain: {title!r}"
    if not reply.body:
        return Verdict.UNKNOWN, "an empty page"
    return Verdict.OK, title or reply.headers.get("content-type", "") or "an answer"


def _soft_404(title: str, reply: Reply, beside: Reply | None) -> str | None:
    """Why a page is believed when its title says that it is not there; None where it only speaks of such things."""
    if beside is not None and 200 <= beside.status < 300 and _alike(reply.body, beside.body):
        return f"says that it is not there, and a made-up address beside it answers alike: {title!r}"
    if any(_SAYS_ONLY_THAT.fullmatch(part.strip()) for part in re.split(r"\s[|·»–—:-]+\s|[|»]", title)):
        return f"says that it is not there: {title!r}"
    return None


def _alike(one: bytes, other: bytes) -> bool:
    """Whether two pages say the same but for a few words, such as their own addresses."""
    first, second = (set(re.findall(rb"\w+", body[:PAGE_BYTES].lower())) for body in (one, other))
    return len(first & second) >= 0.9 * max(len(first | second), 1)


def _of_redirects(url: str, reply: Reply, saw: str) -> tuple[Verdict, str, str | None]:
    start, end = _split(url), _split(reply.url)
    if (_LOGIN.search(end.path) or _LOGIN_HOSTS.match(end.hostname or "")) and not _LOGIN.search(start.path):
        return Verdict.BLOCKED, f"redirects to a login or consent page: {reply.url}", None
    if _PARKING_HOSTS.search(end.hostname or "") and not _PARKING_HOSTS.search(start.hostname or ""):
        return Verdict.SUSPECT, f"redirects to a seller of domains: {reply.url}", None
    if _ERROR_PAGE.search(end.path) and not _ERROR_PAGE.search(start.path):
        return Verdict.SUSPECT, f"redirects to a page for errors: {reply.url}", None
    if _FRONT.fullmatch(end.path) and not end.query and not _INDEX.fullmatch(start.path) and not _named(start, end):
        return Verdict.SUSPECT, f"redirects to a front page: {reply.url}", None
    target = _permanent_target(reply)
    if target is None or normalise_url(target) == normalise_url(url):
        return Verdict.OK, saw, None
    return Verdict.MOVED, f"moved permanently to {target}", target


def _named(start: SplitResult, end: SplitResult) -> bool:
    """Whether the new site bears a name out of the old path: `uni.example/~ada/` is at `ada.example` now."""
    names = re.findall(r"[a-z][a-z0-9-]{2,}", start.path.lower())
    return start.hostname != end.hostname and any(name in (end.hostname or "") for name in names)


def _permanent_target(reply: Reply) -> str | None:
    """Where the unbroken run of permanent redirects (301, 308) from the start leads."""
    target = None
    for number, hop in enumerate(reply.hops):
        if hop.status not in (301, 308):
            break
        target = reply.hops[number + 1].url if number + 1 < len(reply.hops) else reply.url
    return target


def _missing_fragment(url: str, reply: Reply) -> str | None:
    """The part of the page that the link names and the page does not have; None where scripts may make it."""
    fragment = unquote(_split(url).fragment)
    kind = reply.headers.get("content-type", "text/html").lower()
    # Routes of applications, positions in PDFs, highlighted text, lines of code: no element bears their name.
    if not fragment or re.match(r"[!/]|:~:|top$|page=|L\d", fragment) or reply.truncated or "html" not in kind:
        return None
    text = unescape(reply.body.decode("utf-8", "replace"))
    names = {fragment, f"user-content-{fragment}"}
    present = {
        match[1].strip("\"'") for match in re.finditer(r"\b(?:id|name)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", text)
    }
    return None if names & present else fragment


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
