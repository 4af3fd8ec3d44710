"""Fetching: tries, redirects, keys, sharing, and knowing when it is no use."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import ssl
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import chain, repeat

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from enrich import __version__
from enrich.model import EnrichError, FailureKind, Hop, Reply, Unreachable
from enrich.web import Cache, Pace, Terms, Web
from enrich.web.outage import Outage
from tests.fakes import FakeClock

SECRET = "s3cr3t-k3y"
Handler = Callable[[httpx.Request], httpx.Response]


def open_web(
    handler: Handler,
    clock: FakeClock,
    keys: Mapping[str, Mapping[str, str]] | None = None,
    contact: str | None = None,
    *,
    offline: bool = False,
) -> Web:
    transport = httpx.MockTransport(handler)
    cache = Cache(None, clock)
    return Web(cache=cache, clock=clock, transport=transport, keys=keys, contact=contact, offline=offline)


def ask(
    handler: Handler,
    clock: FakeClock,
    url: str = "https://a.example.org/",
    *,
    keys: Mapping[str, Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    accept: Callable[[Reply], str | None] | None = None,
    follow: int = 5,
    keyed: bool = False,
) -> Reply:
    async def run() -> Reply:
        async with open_web(handler, clock, keys) as web:
            return await web.fetch(url, Terms(accept=accept, follow=follow, keyed=keyed), headers=headers)

    return asyncio.run(run())


def refusal(handler: Handler, clock: FakeClock, url: str = "https://a.example.org/", follow: int = 5) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        ask(handler, clock, url, follow=follow)
    return caught.value


def in_turn(*steps: httpx.Response | Exception) -> tuple[Handler, respx.models.CallList]:
    """Return a handler that gives the steps one after the other, the last for ever, and the calls it got."""
    router = respx.Router()
    route = router.route().mock(side_effect=chain(steps, repeat(steps[-1])))
    return router.handler, route.calls


def test_a_reply_tells_everything(clock: FakeClock) -> None:
    handler, _ = in_turn(httpx.Response(200, headers={"X-RateLimit-Remaining": "0"}, text="héllo"))
    reply = ask(handler, clock)
    assert reply == Reply(
        url="https://a.example.org/",
        status=200,
        headers={"x-ratelimit-remaining": "0", "content-length": "6", "content-type": "text/plain; charset=utf-8"},
        body="héllo".encode(),
        at="2026-01-31T09:00:00Z",
    )


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524])
def test_passing_statuses_are_tried_again(clock: FakeClock, status: int) -> None:
    handler, requests = in_turn(httpx.Response(status), httpx.Response(status), httpx.Response(200))
    assert ask(handler, clock).status == 200
    assert len(requests) == 3
    assert 0 < sum(clock.slept) < 10


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451, 501, 999, 304, 300])
def test_other_statuses_are_returned_at_once(clock: FakeClock, status: int) -> None:
    handler, requests = in_turn(httpx.Response(status))
    assert ask(handler, clock).status == status
    assert len(requests) == 1


def test_the_last_reply_is_returned_when_the_tries_are_spent(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(500), httpx.Response(503), httpx.Response(521, text="wall"))
    reply = ask(handler, clock)
    assert (reply.status, reply.body, len(requests)) == (521, b"wall", 3)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout("slow"), "connect"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (TimeoutError(), "timeout"),
        (httpx.ReadError("reset by peer"), "reset"),
        (httpx.RemoteProtocolError("connection closed before the response was complete"), "reset"),
        (httpx.RemoteProtocolError("illegal status line"), "protocol"),
        (httpx.ConnectError("TLS handshake failed"), "tls"),
        (httpx.ConnectError("All connection attempts failed"), "connect"),
        (ConnectionResetError(), "reset"),
    ],
)
def test_failures_of_the_wire_are_tried_again_and_told_apart(clock: FakeClock, error: Exception, kind: str) -> None:
    handler, requests = in_turn(error, error, httpx.Response(200))
    assert ask(handler, clock).status == 200
    handler, requests = in_turn(error)
    found = refusal(handler, clock)
    assert (found.kind, found.at, len(requests)) == (kind, clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"), 3)
    assert str(found).startswith("a.example.org")


def test_what_no_further_try_can_mend_is_final(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.LocalProtocolError("Illegal header value"))
    assert (refusal(handler, clock).kind, len(requests)) == ("protocol", 1)


def test_nor_can_it_mend_a_certificate(clock: FakeClock) -> None:
    asked: list[httpx.Request] = []

    def expired(request: httpx.Request) -> httpx.Response:  # respx would raise it without its cause
        asked.append(request)
        raise httpx.ConnectError("handshake") from ssl.SSLCertVerificationError("certificate has expired")

    assert (refusal(expired, clock).kind, len(asked)) == ("tls", 1)


def test_causes_that_run_in_a_circle_end(clock: FakeClock) -> None:
    first, second = httpx.ConnectError("refused"), OSError("refused")
    first.__cause__, second.__context__ = second, first

    def refused(_: httpx.Request) -> httpx.Response:
        raise first

    assert refusal(refused, clock).kind == "connect"


def test_accept_may_complain(clock: FakeClock) -> None:
    def feed(reply: Reply) -> str | None:
        return None if reply.body.startswith(b"<feed") else "no feed"

    handler, requests = in_turn(httpx.Response(200, text="Rate exceeded."), httpx.Response(200, text="<feed/>"))
    assert ask(handler, clock, accept=feed).complaint is None
    handler, requests = in_turn(httpx.Response(200, text="Rate exceeded."))
    reply = ask(handler, clock, accept=feed)
    assert (reply.status, reply.complaint, len(requests)) == (200, "no feed", 3)
    handler, requests = in_turn(httpx.Response(404, text="none"))
    assert ask(handler, clock, accept=feed).complaint is None


def test_a_reply_may_be_known_to_be_final(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(521, text="Just a moment"))

    async def run() -> None:
        async with open_web(handler, clock) as web:
            reply = await web.fetch("https://a.example.org/", Terms(final=lambda reply: b"moment" in reply.body))
            assert (reply.status, len(requests)) == (521, 1)

    asyncio.run(run())


def test_a_post_carries_its_json_each_time(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(503), httpx.Response(200))

    async def run() -> None:
        async with open_web(handler, clock, contact="me@example.org") as web:
            await web.fetch("https://a.example.org/batch", method="POST", params={"q": "a b|c"}, json={"ids": ["1"]})

    asyncio.run(run())
    for request, _ in requests:
        assert json.loads(request.content) == {"ids": ["1"]}
        assert request.headers["content-type"] == "application/json"
        assert request.headers["user-agent"] == f"enrich/{__version__} (mailto:me@example.org)"
        assert request.url.query == b"q=a%20b%7Cc"


@pytest.mark.parametrize(
    "path",
    [
        "/10.1002%2Fasi.4%3E3.0",
        "/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O",
        "/a//b/?x=%2f&y=a+b%20c&z",
        "/%7Euser/%e4",
    ],
)
def test_paths_stay_as_they_are_written(clock: FakeClock, path: str) -> None:
    handler, requests = in_turn(httpx.Response(200))
    reply = ask(handler, clock, f"https://a.example.org{path}#part")
    assert requests[0].request.url.raw_path == path.encode()
    assert reply.url == f"https://a.example.org{path}"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("http://bücher.example.org/ü", "xn--bcher-kva.example.org"),
        ("http://☃.example.org/", "xn--n3h.example.org"),
        ("HTTP://EXAMPLE.ORG:80", "example.org"),
        ("http://a_b.example.org/", "a_b.example.org"),
    ],
)
def test_hosts_are_asked_by_their_ascii_names(clock: FakeClock, written: str, host: str) -> None:
    handler, requests = in_turn(httpx.Response(200))
    ask(handler, clock, written)
    assert requests[0].request.headers["host"] == host


@pytest.mark.parametrize(
    "url",
    [
        *(
            "mailto:me@example.org",
            "ftp://example.org/",
            "javascript:alert(1)",
            "",
            "//example.org",
            "x",
            "file:///etc",
        ),
        *(
            "http://",
            "http:///x",
            "http://[::1",
            "http://h.example.org:99999/",
            "http://%31%32.org/",
            "http://a b.org/",
        ),
        *("http://example.org:x/", "http://\x00.org/", "http://a..org\n/", "http://\udce4.org/"),
    ],
)
def test_only_http_is_fetched(clock: FakeClock, url: str) -> None:
    handler, requests = in_turn(httpx.Response(200))
    assert refusal(handler, clock, url).kind == "scheme"
    assert not requests.called


@given(url=st.one_of(st.text(), st.text().map("http://{}".format), st.text().map("https://example.org/{}".format)))
def test_any_text_is_fetched_or_refused(url: str) -> None:
    try:
        outcome = str(ask(lambda _: httpx.Response(200), FakeClock(), url).status)
    except Unreachable as refused:
        outcome = refused.kind
    assert outcome in {"200", "scheme", "unsafe"}


def test_credentials_in_a_url_go_nowhere(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(302, headers={"location": "https://me:pw2@b.example.org/"}))
    found = refusal(handler, clock, f"https://me:{SECRET}@a.example.org/", follow=1)
    assert SECRET not in repr(found) + str(found)
    assert [(str(request.url), "authorization" in request.headers) for request, _ in requests] == [
        ("https://a.example.org/", False),
        ("https://b.example.org/", False),
    ]


def redirecting(status: int, location: str) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        first = request.url.path == "/old"
        # Bytes, because servers do not mind that a header is ASCII.
        return httpx.Response(status, headers={b"location": location.encode()}) if first else httpx.Response(200)

    return handler


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "final"),
    [
        ("/new", "https://a.example.org/new"),
        ("new?x=1", "https://a.example.org/new?x=1"),
        ("//b.example.org/new", "https://b.example.org/new"),
        ("http://b.example.org/nü", "http://b.example.org/n%C3%BC"),
    ],
)
def test_redirects_are_followed(clock: FakeClock, status: int, location: str, final: str) -> None:
    reply = ask(redirecting(status, location), clock, "https://a.example.org/old")
    assert (reply.url, reply.hops) == (final, (Hop("https://a.example.org/old", status),))


def test_a_redirect_not_to_be_followed_is_returned(clock: FakeClock) -> None:
    reply = ask(redirecting(302, "/new"), clock, "https://a.example.org/old", follow=0)
    assert (reply.status, reply.headers["location"], reply.hops) == (302, "/new", ())


def test_equal_location_lines_are_one_and_different_ones_no_answer(clock: FakeClock) -> None:
    def handler(*targets: str) -> httpx.Response:
        return httpx.Response(301, headers=[("Location", target) for target in targets])

    twice, _ = in_turn(handler("/new", "/new"), httpx.Response(200, text="here"))
    assert ask(twice, clock, "https://a.example.org/old").url == "https://a.example.org/new"
    torn, _ = in_turn(*[handler("/new", "/other")] * 3)
    with pytest.raises(Unreachable) as failure:
        ask(torn, clock, "https://a.example.org/old")
    assert failure.value.kind == "protocol"


def test_equal_lines_of_retry_after_and_content_encoding_are_one(clock: FakeClock) -> None:
    body = gzip.compress(b"a page")
    headers = [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip"), ("Retry-After", "2"), ("Retry-After", "2")]
    # respx would decompress it, which httpx refuses.
    reply = ask(lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)), clock)
    assert (reply.body, reply.headers["retry-after"]) == (b"a page", "2")


def test_a_redirect_to_nowhere_is_final(clock: FakeClock) -> None:
    handler, _ = in_turn(httpx.Response(302))
    assert ask(handler, clock).status == 302


@pytest.mark.parametrize(
    ("location", "kind"), [("itms://x", "scheme"), ("http://", "scheme"), ("http://10.0.0.1/", "unsafe")]
)
def test_a_redirect_to_what_is_not_fetched(clock: FakeClock, location: str, kind: str) -> None:
    assert refusal(redirecting(302, location), clock, "https://a.example.org/old").kind == kind


def test_redirects_that_lead_round_or_too_far(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(302, headers={"location": "/"}))
    assert refusal(handler, clock).kind == "circle"
    assert len(requests) == 1

    def further(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": f"{request.url.path}x"})

    assert refusal(further, clock, follow=7).kind == "redirects"


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_post_may_become_a_get(clock: FakeClock, status: int, method: str) -> None:
    handler, requests = in_turn(httpx.Response(status, headers={"location": "/new"}), httpx.Response(200))

    async def run() -> None:
        async with open_web(handler, clock) as web:
            await web.fetch("https://a.example.org/", method="POST", json=[1])

    asyncio.run(run())
    assert (requests[1].request.method, requests[1].request.content) == (method, b"[1]" if method == "POST" else b"")
    assert ("content-type" in requests[1].request.headers) == (method == "POST")


def test_a_cookie_wall_lets_those_through_who_carry_its_cookie(clock: FakeClock) -> None:
    def wall(request: httpx.Request) -> httpx.Response:
        if request.headers.get("cookie") == "seen=1; lang=en":
            return httpx.Response(200, text="the page")
        cookies = [("set-cookie", "seen=1; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT"), ("set-cookie", "lang=en")]
        return httpx.Response(302, headers=[("location", "/"), *cookies])

    reply = ask(wall, clock)
    assert (reply.status, reply.body, len(reply.hops)) == (200, b"the page", 1)


def test_cookies_stay_with_their_host_and_their_fetch(clock: FakeClock) -> None:
    seen: list[tuple[str, str | None]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers.get("cookie")))
        if request.url.host == "a.example.org":
            return httpx.Response(302, headers={"location": "https://b.example.org/", "set-cookie": "id=7"})
        return httpx.Response(200)

    async def run() -> None:
        async with open_web(handler, clock) as web:
            await web.fetch("https://a.example.org/")
            await web.fetch("https://a.example.org/")

    asyncio.run(run())
    assert seen == [("a.example.org", None), ("b.example.org", None)] * 2


def test_keys_go_to_their_host_alone(clock: FakeClock) -> None:
    seen: dict[str, str | None] = {}
    chain = {
        "https://api.example.org/": "http://api.example.org/plain",
        "http://api.example.org/plain": "https://api.example.org:8443/port",
        "https://api.example.org:8443/port": "https://other.example.org/",
        "https://other.example.org/": "https://api.example.org/again",
    }

    def handler(request: httpx.Request) -> httpx.Response:
        seen[str(request.url)] = request.headers.get("x-api-key")
        location = chain.get(str(request.url))
        return httpx.Response(302, headers={"location": location}) if location else httpx.Response(200)

    ask(handler, clock, "https://api.example.org/", keys={"API.example.org": {"x-api-key": f"{SECRET}\n"}}, keyed=True)
    assert seen == {
        "https://api.example.org/": SECRET,
        "http://api.example.org/plain": None,
        "https://api.example.org:8443/port": None,
        "https://other.example.org/": None,
        "https://api.example.org/again": None,
    }


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("https://a.example.org/new", True),
        ("https://b.example.org/new", False),
        ("http://a.example.org/new", False),
        ("https://a.example.org:444/new", False),
    ],
)
def test_a_callers_headers_do_not_go_to_other_hosts(clock: FakeClock, target: str, kept: bool) -> None:
    handler, requests = in_turn(httpx.Response(302, headers={"location": target}), httpx.Response(200))
    ask(handler, clock, headers={"Authorization": SECRET, "X-Token": SECRET, "Accept": "application/json"})
    assert requests[1].request.headers["accept"] == "application/json"
    assert ("authorization" in requests[1].request.headers, "x-token" in requests[1].request.headers) == (kept, kept)


@pytest.mark.parametrize("key", [f"{SECRET}\nx: y", f"{SECRET}ü", f"{SECRET}\x00"])
def test_a_key_that_cannot_be_sent_is_not_shown(clock: FakeClock, key: str) -> None:
    handler, _ = in_turn(httpx.Response(200))
    with pytest.raises(EnrichError, match=r"x-api-key for api\.example\.org") as caught:
        open_web(handler, clock, {"api.example.org": {"x-api-key": key}})
    assert SECRET not in str(caught.value)


def test_a_page_is_fetched_without_a_key_directly_and_through_a_redirect(clock: FakeClock) -> None:
    keys = {"api.example.org": {"x-api-key": SECRET}}
    to_api = httpx.Response(302, headers={"location": "https://api.example.org/x"})
    handler, requests = in_turn(to_api, httpx.Response(200), httpx.Response(200))
    ask(handler, clock, keys=keys, keyed=True)
    ask(handler, clock, "https://api.example.org/x", keys=keys)
    assert [request.url.host for request, _ in requests[1:]] == ["api.example.org"] * 2
    assert not any("x-api-key" in request.headers for request, _ in requests)


def test_a_look_up_and_a_page_do_not_share_a_request(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(200))

    async def run() -> None:
        async with open_web(handler, clock, {"api.example.org": {"x-api-key": SECRET}}) as web:
            url = "https://api.example.org/x"
            await asyncio.gather(web.fetch(url, Terms(keyed=True)), web.fetch(url))

    asyncio.run(run())
    assert sorted("x-api-key" in request.headers for request, _ in requests) == [False, True]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://gateway.example.org/one/works", "1"),
        ("https://gateway.example.org/two", "2"),
        ("https://gateway.example.org/two?q=a", "2"),
        ("https://gateway.example.org/twofold", None),
        ("https://gateway.example.org/", None),
        ("https://ghe.example.org:8443/api/v3/rate_limit", "3"),
        ("https://ghe.example.org/api/v3/rate_limit", None),
    ],
)
def test_services_behind_one_host_have_keys_of_their_own(clock: FakeClock, url: str, expected: str | None) -> None:
    scopes = ("gateway.example.org/one", "gateway.example.org/two", "ghe.example.org:8443")
    keys = {scope: {"x-api-key": str(number)} for number, scope in enumerate(scopes, 1)}
    handler, requests = in_turn(httpx.Response(200))
    ask(handler, clock, url, keys=keys, keyed=True)
    assert requests[0].request.headers.get("x-api-key") == expected
    assert open_web(handler, clock, keys).has_key(url) is (expected is not None)


@pytest.mark.parametrize("port", [22, 25, 587, 6667, 10080])
def test_ports_of_other_services_are_not_asked(clock: FakeClock, port: int) -> None:
    url = f"http://a.example.org:{port}/"
    handler, requests = in_turn(httpx.Response(301, headers={"location": url}))
    assert refusal(handler, clock, url).kind == "scheme"
    failure = refusal(handler, clock)
    assert (failure.kind, f"port {port}" in failure.why, len(requests)) == ("scheme", True, 1)


def test_who_has_a_key(clock: FakeClock) -> None:
    handler, _ = in_turn(httpx.Response(200))
    web = open_web(handler, clock, {"api.example.org": {"x-api-key": SECRET}, "b.example.org": {}})
    assert (web.has_key("api.example.org"), web.has_key("b.example.org")) == (True, False)
    assert SECRET not in repr(web)


def test_equal_gets_share_one_request(clock: FakeClock) -> None:
    asked: list[str] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        await clock.sleep(1)
        return httpx.Response(200)

    async def run() -> None:
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(slow)) as web:
            same = [web.fetch("https://a.example.org/") for _ in range(5)]
            other = web.fetch("https://a.example.org/", headers={"accept": "text/html"})
            replies = await asyncio.gather(*same, other)
            assert len({id(reply) for reply in replies}) == 2
            await web.fetch("https://a.example.org/")
            assert web.requests == {"a.example.org": 3}

    asyncio.run(run())


def test_one_asker_who_gives_up_takes_nothing_from_the_others(clock: FakeClock) -> None:
    async def slow(_: httpx.Request) -> httpx.Response:
        await clock.sleep(10)
        return httpx.Response(200)

    async def run() -> None:
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(slow)) as web:
            first, second = (asyncio.create_task(web.fetch("https://a.example.org/")) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).status == 200
            third = asyncio.create_task(web.fetch("https://a.example.org/"))
            await asyncio.sleep(0)
            third.cancel()
            with pytest.raises(asyncio.CancelledError):
                await third
            assert (await web.fetch("https://a.example.org/")).status == 200

    asyncio.run(run())


def test_told_to_stay_offline(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(200))

    async def run() -> None:
        async with open_web(handler, clock, offline=True) as web:
            assert web.offline_because
            with pytest.raises(Unreachable) as caught:
                await web.fetch("https://a.example.org/")
            assert caught.value.kind == "offline"

    asyncio.run(run())
    assert not requests.called


def test_offline_no_request_waits_for_its_turn(clock: FakeClock) -> None:
    async def run() -> None:
        transport, paces = httpx.MockTransport(lambda _: httpx.Response(200)), {"a.example.org": Pace(3.0, 1)}
        cache = Cache(None, clock)
        async with Web(cache=cache, clock=clock, transport=transport, paces=paces, offline=True) as web:
            assert await kinds(web, *(f"https://a.example.org/{number}" for number in range(3))) == ["offline"] * 3

    asyncio.run(run())
    assert clock.slept == []


async def kinds(web: Web, *urls: str) -> list[str]:
    """Return what each URL, asked one after the other, came to: a kind of failure or a status."""
    found = []
    for url in urls:
        try:
            found.append(str((await web.fetch(url)).status))
        except Unreachable as failure:
            found.append(failure.kind)
    return found


def test_without_a_network_a_run_ends_soon(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.ConnectError("refused"))

    async def run() -> None:
        async with open_web(handler, clock) as web:
            many = [web.fetch(f"https://h{n}.example.org/") for n in range(100)]
            found = await asyncio.gather(*many, return_exceptions=True)
            assert {failure.kind for failure in found if isinstance(failure, Unreachable)} == {"offline"}
            assert web.offline_because
            assert web.offline_because.startswith("no network")

    asyncio.run(run())
    assert clock.monotonic() < 5
    assert len(requests) <= 64


@pytest.mark.parametrize("let_out", [False, True])
def test_where_names_resolve_and_nobody_answers_a_run_ends_soon_too(clock: FakeClock, *, let_out: bool) -> None:
    class Firewall:
        async def resolves(self) -> bool:
            return True

        async def connects(self) -> bool:
            return let_out

    async def run() -> None:
        outage = Outage(clock, Firewall())
        told = []
        # Silence alone is what a slow network is like.
        rows: tuple[tuple[FailureKind, int, int], ...] = (
            ("timeout", 0, 100),
            ("dns-missing", 100, 110),
            ("connect", 110, 113),
            ("connect", 113, 114),
        )
        outage.check("h0")
        for kind, start, end in rows:
            for number in range(start, end):
                await outage.missed(f"h{number}", Unreachable(kind, f"h{number}: silence", ""))
            told.append(outage.because)
            await clock.sleep(3)  # refusals come sooner than answers
        why = None if let_out else "no network: none of 104 hosts could be reached (h113: silence)"
        assert told == [None, None, None, why]

    asyncio.run(run())


def test_a_proxy_that_is_busy_for_a_moment_ends_no_run(clock: FakeClock) -> None:
    busy = Unreachable("offline", "no network: the proxy cannot be reached", "", again=True)
    refused = Unreachable("offline", "no network: the proxy rejects the password", "")

    def because(*events: Unreachable | None) -> str | None:
        """Return why nothing is fetched after replies (None) and failures."""
        outage = Outage(clock, None)
        for number, event in enumerate(events):
            if event is None:
                outage.reached(f"h{number}.example")
            else:
                outage.gave_up(f"h{number}.example", event)
        return outage.because

    assert because(busy) == busy.why
    assert because(*[None, *[busy] * 9] * 20) is None
    assert because(None, *[busy] * 10) == busy.why
    assert because(None, refused) == refused.why  # some accounts are locked after a few wrong passwords


def test_two_hosts_are_enough_when_no_other_was_asked(clock: FakeClock) -> None:
    handler, _ = in_turn(httpx.ConnectError("refused"))

    async def run() -> None:
        async with open_web(handler, clock) as web:
            found = await kinds(web, "https://a.example.org/", "https://b.example.org/", "https://c.example.org/")
            assert found == ["connect", "offline", "offline"]

    asyncio.run(run())


def test_a_network_that_once_worked_is_not_called_gone(clock: FakeClock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "up.example.org":
            return httpx.Response(404)
        raise httpx.ConnectError("refused")

    async def run() -> None:
        async with open_web(handler, clock) as web:
            assert await kinds(web, "https://up.example.org/") == ["404"]
            assert set(await kinds(web, *(f"https://h{n}.example.org/" for n in range(6)))) == {"connect"}
            assert web.offline_because is None

    asyncio.run(run())


def test_a_dead_host_is_not_asked_for_ever(clock: FakeClock) -> None:
    alive = False
    asked = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.host == "up.example.org" or alive:
            return httpx.Response(200)
        asked += 1
        raise httpx.ConnectError("refused")

    async def run() -> None:
        nonlocal alive
        async with open_web(handler, clock) as web:
            dead = "https://dead.example.org"
            assert await kinds(web, "https://up.example.org/", f"{dead}/1", f"{dead}/2") == [
                "200",
                "connect",
                "connect",
            ]
            alive = True
            assert await kinds(web, f"{dead}/3") == ["200"]
            alive = False
            assert await kinds(web, *(f"{dead}/{n}" for n in range(9))) == ["connect"] * 9
            assert asked == 2 * 3 + 3 * 3
            assert await kinds(web, "https://up.example.org/2") == ["200"]

    asyncio.run(run())


def test_a_private_address_is_never_asked(clock: FakeClock) -> None:
    handler, requests = in_turn(httpx.Response(200))
    for url in (
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
    ):
        assert refusal(handler, clock, url).kind == "unsafe"
    assert not requests.called


def test_the_rooms_can_be_tested_with_respx(clock: FakeClock) -> None:
    router = respx.Router()
    router.get("https://a.example.org/").respond(json={"title": "A"})

    async def run() -> None:
        transport = httpx.MockTransport(router.async_handler)
        paces = {"a.example.org": Pace(3.0, 1)}
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, paces=paces) as web:
            assert json.loads((await web.fetch("https://a.example.org/")).body) == {"title": "A"}

    asyncio.run(run())


@pytest.mark.parametrize("offline", [False, True])
def test_a_failure_keeps_nothing_of_whoever_asked(offline: bool) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    async def run() -> weakref.ref[set[str]]:
        asked_for = {"much"}  # a set, as a list knows no weak references
        async with open_web(fail, FakeClock(), offline=offline) as web:
            with suppress(Unreachable):
                await web.fetch("https://a.example.org/")
        return weakref.ref(asked_for)

    gc.collect()
    gc.disable()
    try:
        assert asyncio.run(run())() is None
    finally:
        gc.enable()
