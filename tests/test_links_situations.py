"""What becomes of a link: every situation over real sockets, through a whole run, with its verdict."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import pytest

from enrich.history import History
from enrich.model import Entry, EntryType, Link, LinkReport, Verdict
from enrich.pipeline import Options, Result
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Clock, Web
from enrich.web.dns import Resolver
from enrich.web.guard import Guard
from enrich.web.http11.transport import Direct, DirectReply
from enrich.web.request import to_url
from enrich.web.wire import Sending
from tests import leaping
from tests.fakes import FakeClock, http, read_request
from tests.replies import arxiv_entry, arxiv_feed
from tests.worlds import run_one

OK, MOVED, BROKEN, SUSPECT = Verdict.OK, Verdict.MOVED, Verdict.BROKEN, Verdict.SUSPECT
BLOCKED, UNKNOWN, UNSAFE, SKIPPED = Verdict.BLOCKED, Verdict.UNKNOWN, Verdict.UNSAFE, Verdict.SKIPPED


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its number for this situation counts from 1."""

    method: str
    target: str
    head: bytes
    number: int


Answer = Callable[[Asked], bytes | str]
"""The bytes of a reply, or what happens in its place: reset, close, hang, drip, endless."""


def page(
    title: str = "A Page", status: str = "200 OK", *headers: str, head: str = "", body: str = "words " * 50
) -> bytes:
    text = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return http(text.encode(), status, "Content-Type: text/html; charset=utf-8", *headers)


GOOD = page()
NOT_FOUND = page("404 Not Found", "404 Not Found")
SENT_ON = '<meta http-equiv="refresh" content="0; url=/.well-known/sgcaptcha/?r=%2F">'
CITED = '<meta name="citation_title" content="{}"><meta name="citation_author" content="Ada Lovelace">'


def to(location: str, status: int = 302, *headers: str) -> bytes:
    return http(b"", f"{status} Elsewhere", f"Location: {location}", *headers)


def always(reply: bytes | str) -> Answer:
    return lambda _: reply


def first(times: int, trouble: bytes | str, then: bytes = GOOD) -> Answer:
    return lambda asked: trouble if asked.number <= times else then


def status(code: int, *headers: str, body: str = "") -> Answer:
    return always(page("Refused", f"{code} Refused", *headers, body=body))


def paths(by_path: Mapping[str, bytes | str], other: bytes | str = NOT_FOUND) -> Answer:
    return lambda asked: by_path.get(asked.target, other)


def redirecting(*steps: tuple[int, str], end: bytes = GOOD) -> Answer:
    """From /p over the steps (status, path), the last of which answers `end`."""
    froms = ["/p", *(path for _, path in steps)]
    hops: dict[str, bytes | str] = {source: to(path, code) for source, (code, path) in zip(froms, steps, strict=False)}
    return paths({froms[-1]: end, **hops})


def by_method(head: bytes, get: bytes = GOOD) -> Answer:
    return lambda asked: head if asked.method == "HEAD" else get


def cookie_wall(asked: Asked) -> bytes:
    return GOOD if b"seen=1" in asked.head.lower() else to("/p", 302, "Set-Cookie: seen=1; Path=/")


def endless_cookies(asked: Asked) -> bytes:
    return to("/p", 302, f"Set-Cookie: seen={asked.number}")


def hops(count: int, code: int) -> Answer:
    def answer(asked: Asked) -> bytes:
        at = int(asked.target.removeprefix("/p").removeprefix("/") or 0)
        return to(f"/p/{at + 1}", code) if at < count else GOOD

    return answer


BOMB = http(
    gzip.compress(b"<p>" + b"0" * 20_000_000, mtime=0), "200 OK", "Content-Type: text/html", "Content-Encoding: gzip"
)
SHORT = GOOD.replace(b"Content-Length: ", b"Content-Length: 9")
FLOOD = page("A Page", "200 OK", *(f"X-{n}: {'x' * 1000}" for n in range(400)))


@dataclass(frozen=True, slots=True)
class Case:
    """A situation: what is at the address, the verdict, where it moved to, how many requests it may cost."""

    name: str
    answer: Answer
    verdict: Verdict
    path: str = "/p"
    new: str | None = None
    most: int | None = None


PARTS = (
    "<h2 id='part'>A Part</h2><h2 ID=\"Upper\">Another</h2><p id=user-content-user><a name='old'>words</a>"
    "<p data-id='described'><input name='field'><!-- <p id='commented'> --><script>'<p id=\"scripted\">'</script>"
    "<p title=\"<b id='written'>\">"
)
CASES = (
    # ---- pages that are there
    Case("a page", always(page(body=PARTS)), OK, most=1),
    Case("a page with citation tags", always(page("A Page", head=CITED.format("A Paper"))), OK, most=1),
    Case("a PDF", always(http(b"%PDF-1.5 ...", "200 OK", "Content-Type: application/pdf")), OK, "/p.pdf", most=1),
    Case("a part of a page", status(206, body="words"), OK),
    Case("an empty page", always(http(b"")), UNKNOWN),
    Case("a page of blanks", always(http(b" \n\n", "200 OK", "Content-Type: text/html")), UNKNOWN),
    Case("no content", always(http(b"", "204 No Content")), UNKNOWN),
    Case("another charset than it says", always(page("Café").replace("é".encode(), b"\xe9 ")), OK),
    Case("a charset that nobody knows", always(GOOD.replace(b"utf-8", b"x-klingon")), OK),
    Case("a page that speaks of things not found", always(page("Lost", body="404: page not found. " * 60)), OK, most=1),
    # ---- redirects
    Case("moved permanently", redirecting((301, "/new")), MOVED, new="/new", most=2),
    Case("moved permanently, 308", redirecting((308, "/new")), MOVED, new="/new"),
    Case("elsewhere for now, 302", redirecting((302, "/new")), OK),
    Case("elsewhere for now, 303", redirecting((303, "/new")), OK),
    Case("elsewhere for now, 307", redirecting((307, "/new")), OK),
    Case("a chain of permanent redirects", hops(6, 301), MOVED, new="/p/6", most=7),
    Case("permanent, then for now", redirecting((301, "/new"), (302, "/session")), MOVED, new="/new"),
    Case("for now, then permanent", redirecting((302, "/now"), (301, "/new")), OK),
    Case("a slash more", redirecting((301, "/p/")), OK),
    Case("a redirect to what is gone", redirecting((301, "/new"), end=NOT_FOUND), BROKEN),
    Case("a redirect to the front page", redirecting((301, "/"), end=page("Home")), SUSPECT),
    Case("a redirect to the front page for now", redirecting((302, "/index.html"), end=page("Home")), SUSPECT),
    Case("a redirect to a page for errors", redirecting((302, "/404.html"), end=page("Oh")), SUSPECT),
    Case("a redirect to a login", redirecting((302, "/login?next=/p")), BLOCKED, most=2),
    Case("a permanent redirect to a login", redirecting((301, "/login?next=/p")), BLOCKED, most=2),
    Case("a redirect to a consent page", redirecting((302, "/consent")), BLOCKED, most=2),
    *(
        Case(f"a redirect to {path}", redirecting((302, path), end=page("Oh")), SUSPECT)
        for path in ("/410.html", "/en/500", "/oops", "/maintenance.html", "/unsupported-browser", "/unavailable")
    ),
    Case("a redirect to a number", redirecting((302, "/posts/404-of-them/451")), OK),
    *(
        Case(f"a redirect to {path}", redirecting((302, path), end=page("Hello")), BLOCKED, most=2)
        for path in ("/authwall?next=p", "/account/unhuman", "/mp/appmsgcaptcha", "/geo-blocked")
    ),
    Case("a redirect to itself", always(to("/p")), SUSPECT),
    Case("a circle of two", paths({"/p": to("/q"), "/q": to("/p")}), SUSPECT),
    Case("a wall that wants a cookie", cookie_wall, OK),
    Case("a wall that never has its cookie", always(to("/p", 302, "Set-Cookie: seen=1")), BLOCKED),
    Case("a wall with a new cookie each time", endless_cookies, BLOCKED, most=4),
    Case("forty redirects", hops(40, 302), SUSPECT),
    Case("a redirect to nowhere", status(302), SUSPECT),
    Case("a redirect to a private address", always(to("http://10.0.0.1/")), UNSAFE, most=1),
    Case("a redirect to a metadata service", always(to("http://169.254.169.254/latest")), UNSAFE, most=1),
    Case(
        "a page that reloads as another",
        redirecting(end=page(head='<meta http-equiv="refresh" content="0; url=/new">')),
        BROKEN,
    ),
    Case(
        "a page that reloads as a good one",
        paths({"/p": page(head='<meta http-equiv="refresh" content="0; url=/new">'), "/new": GOOD}),
        OK,
        most=2,
    ),
    Case(
        "a page that reloads without scripts",
        always(page(head='<noscript><meta http-equiv="refresh" content="0; url=/new"></noscript>')),
        OK,
        most=1,
    ),
    Case(
        "a script that sends on to a good page",
        paths({"/p": page("", body="<script>location.href='/new'</script>"), "/new": GOOD}),
        OK,
        most=2,
    ),
    Case(
        "a script that sends on to what is gone",
        paths({"/p": page("", body="<script>location='/new'</script>")}),
        BROKEN,
    ),
    Case(
        "a script that sends on to the front page",
        paths({"/p": page("", body="<script>location.replace('/')</script>"), "/": GOOD}),
        SUSPECT,
    ),
    Case(
        "a script that sends on to a domain's seller",
        paths({"/p": page("", body='<script>window.location.href="/lander"</script>'), "/lander": GOOD}),
        SUSPECT,
    ),
    Case(
        "a header that reloads as a good one",
        paths({"/p": http(b"", "200 OK", "Refresh: 0; url=/new"), "/new": GOOD}),
        OK,
    ),
    Case("a header that reloads as what is gone", paths({"/p": http(b"", "200 OK", "Refresh: 0; url=/new")}), BROKEN),
    Case(
        "a header that reloads as a login",
        paths({"/p": http(b"", "200 OK", "Refresh: 0;url=/login"), "/login": GOOD}),
        BLOCKED,
    ),
    Case("a header that reloads the page", always(page("News", "200 OK", "Refresh: 5; url=/p")), OK, most=1),
    # ---- what is not there
    Case("404", always(NOT_FOUND), BROKEN, most=2),
    Case("410", status(410), BROKEN, most=2),
    Case("404 for a moment", first(1, NOT_FOUND), OK, most=2),
    Case("404, then trouble", first(1, NOT_FOUND, page("Oh", "500 Oh")), SUSPECT),
    Case("a soft 404", always(page("Page not found | A Site")), SUSPECT),
    Case(
        "a soft 404 by its heading", always(page("A Site", body="Home <h1>Page not found</h1> Search")), SUSPECT, most=2
    ),
    Case(
        "a login in the place of a page", always(page("Log in - A Wiki", body="<input type=password>")), BLOCKED, most=1
    ),
    Case("a soft 404 in Chinese", always(page("页面不存在")), SUSPECT),
    Case("a soft 404 that says more", always(page("A Site, where a page could not be found")), SUSPECT),
    Case("an article on such things", paths({"/p": page("Why a page could not be found: a study")}), OK),
    Case("a paper on such things", always(page("404", head=CITED.format("404 Not Found: A Study"))), OK),
    Case("a parked domain", always(page("p.example is for sale")), SUSPECT),
    # ---- walls
    *(
        Case(f"a wall, {code}", status(code), BLOCKED, most=1)
        for code in (401, 402, 403, 406, 412, 418, 420, 429, 451, 493, 567, 999)
    ),
    Case("an accepted request with a page", status(202, body="the page itself"), BLOCKED, most=1),
    Case("a page that sends on to its wall", always(page("Wait", head=SENT_ON)), BLOCKED, most=1),
    Case("a challenge, 202", always(http(b"", "202 Accepted")), BLOCKED, most=1),
    Case("a challenge by AWS", status(202, "x-amzn-waf-action: challenge", body="x"), BLOCKED, most=1),
    Case("a challenge by Cloudflare", status(403, "cf-mitigated: challenge"), BLOCKED, most=1),
    Case("a challenge by Cloudflare, 503", status(503, body="window._cf_chl_opt={}"), BLOCKED, most=1),
    Case("a challenge by Cloudflare, 404", status(404, "cf-mitigated: challenge"), BLOCKED, most=1),
    Case("a refusal by CloudFront", status(403, body="Generated by cloudfront (CloudFront)"), BLOCKED, most=1),
    Case("a refusal by Akamai", status(403, body="Reference #18.1"), BLOCKED, most=1),
    Case("a wall by Yunsuo", status(521, "Set-Cookie: yunsuo_session_verify=1"), BLOCKED, most=1),
    Case("a captcha", status(429, "Retry-After: 1", body="<div class='g-recaptcha'></div>"), BLOCKED, most=1),
    Case("a challenge that looks like a page", always(page("Just a moment...")), BLOCKED, most=1),
    Case("access denied, and a page", always(page("Access Denied")), BLOCKED, most=1),
    Case("a wall after a good start", first(1, "reset", page("No", "403 No")), BLOCKED, most=2),
    # ---- trouble that passes, and trouble that does not
    Case("too many requests once", first(1, page("Slow", "429 Slow", "Retry-After: 1")), OK, most=2),
    Case("too many requests always", status(429, "Retry-After: 1"), BLOCKED, most=4),
    *(Case(f"{code} once", first(1, page("Oh", f"{code} Oh")), OK, most=2) for code in (500, 502, 503, 504, 520, 408)),
    Case("503 twice", first(2, page("Oh", "503 Oh")), OK, most=3),
    Case("503 that says when", first(1, page("Oh", "503 Oh", "Retry-After: 2")), OK, most=2),
    *(Case(f"{code} always", status(code), SUSPECT, most=4) for code in (500, 502, 503, 504)),
    Case("the site behind Cloudflare is down", status(521, "Server: cloudflare"), SUSPECT),
    *(Case(f"{code}", status(code), SUSPECT, most=2) for code in (400, 405, 501)),
    Case("a reset once", first(1, "reset"), OK, most=2),
    Case("a reset always", always("reset"), SUSPECT),
    Case("closed without a word, once", first(1, "close"), OK),
    Case("closed without a word, always", always("close"), SUSPECT),
    Case("no answer once", first(1, "hang"), OK, most=2),
    Case("no answer ever", always("hang"), SUSPECT, most=4),
    Case("an answer by drops", always("drip"), OK, most=1),
    Case("a body cut short once", first(1, SHORT), OK, most=2),
    Case("no HTTP", always(b"\x15\x03\x01garbage\r\n\r\n"), SUSPECT),
    Case("a decompression bomb", always(BOMB), OK, most=1),
    Case("a body without end", always("endless"), OK, most=1),
    Case("a flood of headers", always(FLOOD), SUSPECT),
    # ---- large files
    Case("a large file by its headers", by_method(http(b""), b"never"), OK, "/p.zip", most=1),
    *(
        Case(f"a large file, HEAD answers {code}", by_method(http(b"", f"{code} No")), OK, "/p.tar.gz", most=2)
        for code in (403, 404, 405, 501)
    ),
    Case("a large file, HEAD is reset", lambda asked: "reset" if asked.method == "HEAD" else GOOD, OK, "/p.mp4"),
    Case("a large file that is gone", always(http(b"", "404 Not Found")), BROKEN, "/p.zip"),
)

ELSEWHERE = {
    # ---- addresses that are never asked
    "http://10.0.0.1/": UNSAFE,
    "http://169.254.169.254/latest/meta-data/": UNSAFE,
    "http://2852039166/": UNSAFE,
    "http://0xa9.0xfe.0xa9.0xfe/": UNSAFE,
    "http://[::1]/": UNSAFE,
    "http://[fd00::5]/": UNSAFE,
    "http://[::ffff:10.0.0.1]/": UNSAFE,
    "http://224.0.0.1/": UNSAFE,
    "http://localhost/": UNSAFE,
    "ftp://a.example/x": SKIPPED,
    "mailto:ada@a.example": SKIPPED,
    "javascript:void(0)": SKIPPED,
    "notes/page.md": SKIPPED,
    "#top": SKIPPED,
    "http://[::1": SKIPPED,
    # ---- what registries vouch for
    "https://arxiv.org/abs/2303.06865": OK,
    "https://arxiv.org/abs/2303.06865v1": OK,
    "http://www.arxiv.org/pdf/2303.06865v2.pdf": OK,
    "https://ar5iv.labs.arxiv.org/html/2303.06865": OK,
    "https://export.arxiv.org/abs/2303.06865": OK,
    "https://doi.org/10.48550/arXiv.2303.06865": OK,
    "https://arxiv.org/abs/cs/0112017": OK,
    "https://arxiv.org/abs/2303.99999": BROKEN,
    "https://doi.org/10.1145/1.2": OK,
    "https://dl.acm.org/doi/pdf/10.1145/1.2": OK,
    "https://link.springer.com/article/10.1145/1.2": OK,
    "https://onlinelibrary.wiley.com/doi/abs/10.1145/1.2": OK,
    "https://doi.org/10.1145/9.9": BROKEN,
    "https://dl.acm.org/doi/10.5555/1.2": UNKNOWN,
    "https://github.com/ada/engine": OK,
    "https://github.com/ada/engine/issues": OK,
    "https://github.com/ada/engine/tree/main/notes": OK,
    "https://github.com/ada/engine/blob/feature/new/notes/a.md": OK,
    "https://raw.githubusercontent.com/ada/engine/main/notes": OK,
    "https://github.com/ada/old": MOVED,
    "https://github.com/ada/gone": BROKEN,
    "https://github.com/ada/gone/tree/main": BROKEN,
}


def repositories(sent: Mapping[str, Mapping[str, str]]) -> bytes:
    """What GitHub's GraphQL says of Ada's repositories."""
    given, query = sent["variables"], str(sent["query"])
    data: dict[str, object] = {}
    errors = []
    there = {"main:notes", "feature/new:notes/a.md"}
    for alias, inside in re.findall(r"(r\d+):repository\([^)]*\)\{\.\.\.F(.*?)\}(?= r|\})", query):
        number = alias[1:]
        name = f"{given[f'o{number}']}/{given[f'n{number}']}"
        names = {"ada/engine": "Ada/Engine", "ada/old": "Ada/New"}
        if name not in names:
            data[alias] = None
            errors.append({"type": "NOT_FOUND", "path": [alias]})
            continue
        parts = {p: {"__typename": "Tree"} if given[p] in there else None for p in re.findall(r"(p\d+):object", inside)}
        data[alias] = {"nameWithOwner": names[name], **parts}
    return http(json.dumps({"data": data, "errors": errors}).encode())


def service(asked: Asked, body: bytes) -> bytes:
    """The registries: arXiv, Crossref, doi.org, GitHub."""
    if asked.target.startswith("/arxiv"):
        known = [i for i in ("2303.06865", "cs/0112017") if i in asked.target or i.replace("/", "%2F") in asked.target]
        return http(arxiv_feed(*map(arxiv_entry, known)), "200 OK", "Content-Type: application/atom+xml")
    if asked.target.startswith("/crossref"):
        items = [{"DOI": "10.1145/1.2", "title": ["A Title"]}] if "1.2" in asked.target else []
        return http(json.dumps({"status": "ok", "message": {"items": items, "total-results": len(items)}}).encode())
    if asked.target.startswith("/doi"):
        return http(json.dumps({"responseCode": 100}).encode(), "404 Not Found")
    return repositories(json.loads(body))


@dataclass(slots=True)
class World:
    """The situations, each at an address of its own on the loopback, and the registries at another."""

    asked: Counter[str] = field(default_factory=Counter)
    heads: list[bytes] = field(default_factory=list)
    port: int = 0

    def url(self, number: int, path: str) -> str:
        return f"http://{_host(number)}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head, body = await read_request(reader)
                await self.answer(head, body, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    async def answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        method, target = head.decode("latin-1").split(" ")[:2]
        host = str(writer.get_extra_info("sockname")[0])
        self.asked[host] += 1
        self.heads.append(head)
        asked = Asked(method, target, head, self.asked[host])
        case = _BY_HOST.get(host)
        reply = case.answer(asked) if case else service(asked, body)
        match reply:
            case bytes():
                writer.write(reply.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else reply)
                if reply == SHORT:
                    writer.close()
            case "reset":
                writer.transport.abort()
            case "close":
                writer.close()
            case "hang":
                await asyncio.sleep(60)
            case _:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>A Page</title>")
                while not writer.is_closing():
                    writer.write(b"<p>" * 10_000 if reply == "endless" else b".")
                    await writer.drain()
                    await asyncio.sleep(0 if reply == "endless" else 0.02)


def _host(number: int) -> str:
    return f"127.1.{number // 200}.{number % 200 + 1}"


_BY_HOST = {_host(number): case for number, case in enumerate(CASES)}
REGISTRIES = ("arxiv", "semantic_scholar", "crossref", "datacite", "doi")


class ToLoopback(Direct):
    """GitHub's API is asked over https, for it alone sees a token; its answers come from the loopback."""

    def __init__(self, resolver: Resolver, clock: Clock, github: str) -> None:
        super().__init__(resolver, clock)
        self._github = github

    async def send(self, request: Sending) -> DirectReply:
        if request.url.host == "api.github.com":
            request = replace(request, url=to_url(self._github + request.url.path))
        return await super().send(request)


async def _run(world: World, paths_of_first: Sequence[str] = (), *, fragments: bool = False) -> Result:
    probe = await asyncio.start_server(world.serve, "127.0.0.1", 0)
    world.port = int(probe.sockets[0].getsockname()[1])
    server = await asyncio.start_server(world.serve, list(_BY_HOST), world.port)
    tasks: set[asyncio.Task[object]] = asyncio.all_tasks()
    base = f"http://127.0.0.1:{world.port}"
    services = {name: f"{base}/{name}" for name in REGISTRIES} | {"archive": "http://127.0.0.1:1"}
    allowed = ["127.0.0.0/8"]
    settings = Settings.model_validate({"services": services, "fragments": fragments, "timeout": 2.4})
    clock = FakeClock()
    web = Web(
        cache=Cache(None, clock),
        clock=clock,
        transport=ToLoopback(Resolver(Guard(allowed), clock), clock, f"{base}/github"),
        keys={"api.github.com": {"authorization": "Bearer made-up"}},
        allow_private=allowed,
        timeout=0.6,
    )
    first_page = f"127.1.0.1:{world.port}"
    urls = [url.format(first_page) for url in paths_of_first]
    if not urls:
        urls = [*(world.url(number, case.path) for number, case in enumerate(CASES)), *ELSEWHERE]
    links = tuple(Link(url) for url in urls)
    try:
        async with web:
            await web.fetch(base + "/doi")  # somebody answers: it is not the network that is down
            entry = Entry("links", EntryType.OTHER, links=links)
            options = Options(metadata=False)
            return await run_one([entry], web, Loaded(settings=settings, origins={}), History(), options=options)
    finally:
        server.close()
        probe.close()
        for task in asyncio.all_tasks() - tasks:
            task.cancel()


@cache
def night() -> tuple[World, dict[str, LinkReport]]:
    world = World()
    result = leaping.run(_run(world))
    return world, {row.check.url: row for row in result.report.links}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_a_situation_has_its_verdict(number: int) -> None:
    world, rows = night()
    case = CASES[number]
    check = rows[world.url(number, case.path)].check
    assert check.verdict is case.verdict, check.evidence
    assert check.new_url == (world.url(number, case.new) if case.new else None)
    assert check.evidence
    if case.most is not None:
        assert world.asked[_host(number)] <= case.most


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_needs_no_page_has_its_verdict(url: str) -> None:
    check = night()[1][url].check
    assert check.verdict is ELSEWHERE[url], check.evidence


def test_all_registries_together_cost_a_few_requests() -> None:
    assert night()[0].asked["127.0.0.1"] <= 12


def verdicts(world: World, *urls: str, fragments: bool = False) -> list[Verdict]:
    """Of URLs at the first page; `{}` stands for its host and port."""
    result = leaping.run(_run(world, urls, fragments=fragments))
    return [row.check.verdict for row in result.report.links]


def test_no_credential_is_sent() -> None:
    world = World()
    assert verdicts(world, "http://ada:secret@{}/p") == [OK]
    assert not any(b"authorization" in head.lower() or b"secret" in head for head in world.heads)


def test_parts_of_a_page_are_looked_for_on_request() -> None:
    there = (
        "#part",
        "#:~:text=words",
        "#part:~:text=words",
        "#/route",
        "#top",
        "",
        "#Top",
        "#%70art",
        "#user",
        "#Upper",
        "#old",
    )
    absent = ("#absent", "#absent:~:text=words", "#Part", "#described", "#commented", "#scripted", "#written", "#field")
    urls = [f"http://{{}}/p{part}" for part in (*there, *absent)]
    assert verdicts(World(), *urls) == [OK] * len(urls)
    assert verdicts(World(), *urls, fragments=True) == [OK] * len(there) + [SUSPECT] * len(absent)


@pytest.mark.parametrize(
    "reply",
    [
        page("An App", body="<div id=root></div><script src=app.js></script>"),
        http(b"<p>words", "200 OK", "Content-Type: text/plain"),
    ],
)
def test_parts_that_only_a_browser_knows_are_not_looked_for(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_BY_HOST, _host(0), Case("without parts", always(reply), OK))
    assert verdicts(World(), "http://{}/p#absent", fragments=True) == [OK]
