"""What comes over real sockets: short, slow, huge, broken, and never to a private address unless allowed."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from itertools import pairwise

import pytest

from enrich import __version__
from enrich.model import EnrichError, Reply, Unreachable
from enrich.web import Cache, Pace, Terms, Web
from enrich.web.dns import Resolver
from enrich.web.guard import Guard
from enrich.web.http11.transport import Direct
from enrich.web.request import to_url
from enrich.web.wire import BadRequestError, Sending
from tests import leaping
from tests.fakes import Answer, FakeClock, Server, always, http, nobody_at

LOOPBACK = ("127.0.0.0/8", "::1", "localhost")


def open_web(
    clock: FakeClock,
    allow: tuple[str, ...] = LOOPBACK,
    paces: Mapping[str, Pace] | None = None,
    keys: Mapping[str, Mapping[str, str]] | None = None,
) -> Web:
    return Web(cache=Cache(None, clock), clock=clock, allow_private=allow, paces=paces, keys=keys)


def ask(clock: FakeClock, answer: Answer, *, limit: int = 32 * 2**20, seconds: float = 5.0) -> tuple[Reply, Server]:
    """Fetch one page of a server that answers like that."""

    async def run() -> tuple[Reply, Server]:
        async with Server(answer) as server, open_web(clock) as web:
            return await web.fetch(server.url("/page"), Terms(limit=limit, timeout=seconds)), server

    return leaping.run(run())


def refusal(clock: FakeClock, answer: Answer, *, seconds: float = 5.0) -> tuple[Unreachable, int]:
    """Return how fetching ended, and how many tries it took."""

    async def run() -> tuple[Unreachable, int]:
        async with Server(answer) as server, open_web(clock) as web:
            with pytest.raises(Unreachable) as caught:
                await web.fetch(server.url(), Terms(timeout=seconds))
            return caught.value, web.requests["127.0.0.1"]

    return leaping.run(run())


def healing(*steps: bytes) -> Answer:
    """Return an answer that sends the steps one after the other, closing after each but the last."""
    count = 0

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        step = steps[min(count, len(steps) - 1)]
        count += 1
        writer.write(step)
        await writer.drain()
        if count < len(steps):
            writer.close()

    return answer


def test_what_goes_over_the_wire(clock: FakeClock) -> None:
    reply, server = ask(clock, always(http(b"hello", "200 OK", "X-A: 1")))
    assert (reply.status, reply.body, reply.headers["x-a"]) == (200, b"hello", "1")
    assert server.heads[0].decode().split("\r\n")[:-2] == [
        "GET /page HTTP/1.1",
        f"host: 127.0.0.1:{server.port}",
        f"user-agent: enrich/{__version__}",
        "accept: */*",
        "accept-encoding: gzip, deflate",
    ]


def test_connections_are_used_again(clock: FakeClock) -> None:
    async def run() -> None:
        async with Server(always(http(b"x"))) as server, open_web(clock) as web:
            for n in range(10):
                assert (await web.fetch(server.url(f"/{n}"))).body == b"x"
            assert (len(server.heads), server.accepted) == (10, 1)

    leaping.run(run())


def test_a_kept_connection_that_the_server_has_closed_costs_no_try(clock: FakeClock) -> None:
    count = 0

    async def once_each(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count == 2:
            writer.close()
        else:
            writer.write(http(b"x"))

    async def run() -> None:
        async with Server(once_each) as server, open_web(clock) as web:
            for n in range(2):
                assert (await web.fetch(server.url(f"/{n}"), Terms(tries=1))).body == b"x"
            assert server.accepted == 2

    leaping.run(run())


def test_at_a_paced_host_a_closed_connection_costs_a_try_that_waits_its_turn(clock: FakeClock) -> None:
    at: list[float] = []

    async def once_each(_: bytes, writer: asyncio.StreamWriter) -> None:
        at.append(clock.monotonic())
        if len(at) == 2:
            writer.close()
        else:
            writer.write(http(b"x"))

    async def run() -> None:
        paces = {"127.0.0.1": Pace(1.0, 1)}
        async with Server(once_each) as server, open_web(clock, paces=paces) as web:
            for n in range(2):
                assert (await web.fetch(server.url(f"/{n}"))).body == b"x"
            assert web.requests["127.0.0.1"] == len(at) == 3
            assert all(later - earlier >= 1 for earlier, later in pairwise(at))

    leaping.run(run())


@pytest.mark.parametrize(
    ("cut", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200", "reset"),
        (b"", "reset"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "protocol"),
        (http(gzip.compress(b"long text " * 99, mtime=0)[:-20], "200 OK", "Content-Encoding: gzip"), "protocol"),
        (http(b"no gzip", "200 OK", "Content-Encoding: gzip"), "protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Flood: 0123456789\r\n" * 20_000 + b"\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX-Flood: " + b"0" * 500_000, "protocol"),
    ],
)
def test_a_broken_reply_is_tried_again(clock: FakeClock, cut: bytes, kind: str) -> None:
    reply, _ = ask(clock, healing(cut, cut, http(b"whole")))
    assert reply.body == b"whole"
    found, tries = refusal(clock, always(cut, close=True))
    assert (found.kind, tries) == (kind, 3)


DAMAGED = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    http(gzip.compress(b"half", mtime=0)[:-8], "200 OK", "Content-Encoding: gzip"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 90\r\n\r\nhalf",
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_of_a_page_what_came_counts_and_of_a_service_nothing(clock: FakeClock, damaged: bytes) -> None:
    async def run() -> None:
        async with Server(always(damaged, close=True)) as server, open_web(clock) as web:
            page = await web.fetch(server.url("/page"), Terms(page=True))
            assert (page.status, page.body, page.truncated, server.accepted) == (200, b"half", True, 1)
            with pytest.raises(Unreachable):
                await web.fetch(server.url("/service"))
            assert server.accepted == 4

    leaping.run(run())


def test_a_page_that_stalls_counts_with_what_came(clock: FakeClock) -> None:
    async def run() -> None:
        stalled = always(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        async with Server(stalled) as server, open_web(clock) as web:
            page = await web.fetch(server.url("/page"), Terms(page=True, timeout=0.2))
            assert (page.body, page.truncated, server.accepted) == (b"half", True, 1)

    leaping.run(run())


@pytest.mark.parametrize(
    "doubtful",
    [
        http(b"x", "200 OK", "Content-Length: 1"),
        http(b"x", "200 OK", "X: a", " b"),
        http(b"x", "200 OK", "no colon"),
        http(b"x", "200 OK", "X : y"),
        http(b"x", "200 OK", "X: a\rContent-Length: 5"),
        http(b"x").replace(b"HTTP/1.1", b"HTTP/2"),
        http(b"1\r\nx\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked"),
    ],
)
def test_a_connection_is_closed_where_the_next_reply_might_be_misread(clock: FakeClock, doubtful: bytes) -> None:
    async def run() -> None:
        async with Server(always(doubtful)) as server, open_web(clock) as web:
            for n in range(2):
                assert (await web.fetch(server.url(f"/{n}"))).body == b"x"
            assert server.accepted == 2

    leaping.run(run())


def test_pages_are_asked_for_in_english(clock: FakeClock) -> None:
    async def run() -> None:
        async with Server(always(http(b"x"))) as server, open_web(clock) as web:
            await web.fetch(server.url("/page"), Terms(page=True))
            await web.fetch(server.url("/service"))
            assert [b"accept-language: en\r\n" in head for head in server.heads] == [True, False]

    leaping.run(run())


@pytest.mark.parametrize(
    "sloppy",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.0 200 \r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 ;x=y\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello, and more",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        http(b"hello") + http(b"and another", "500 Oops"),
    ],
)
def test_a_sloppy_reply_is_read_as_browsers_do(clock: FakeClock, sloppy: bytes) -> None:
    reply, server = ask(clock, always(sloppy, close=True))
    assert (reply.status, reply.body, server.accepted) == (200, b"hello", 1)
    assert "link" not in reply.headers


def test_what_nobody_asked_for_ends_a_connection_and_a_reply_to_head_does_not(clock: FakeClock) -> None:
    async def head_or_two(head: bytes, writer: asyncio.StreamWriter) -> None:
        announced = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        writer.write(announced if head.startswith(b"HEAD") else http(b"x") + http(b"y", "404 Not Found"))

    async def run() -> None:
        async with Server(head_or_two) as server, open_web(clock) as web:
            accepted: list[int] = []
            for method in ("HEAD", "HEAD", "GET", "GET", "HEAD"):
                reply = await web.fetch(server.url(f"/{len(accepted)}"), method=method)
                assert (reply.status, reply.body) == (200, b"" if method == "HEAD" else b"x")
                accepted.append(server.accepted)
            assert accepted == [1, 1, 1, 2, 3]

    leaping.run(run())


def test_a_reset_is_tried_again(clock: FakeClock) -> None:
    async def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
        # No lingering: closing sends RST.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    found, tries = refusal(clock, reset)
    assert (found.kind, tries) == ("reset", 3)


def test_a_reply_that_drips_ends(clock: FakeClock) -> None:
    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    found, tries = refusal(clock, drip, seconds=0.1)
    assert (found.kind, tries) == ("timeout", 3)


def test_each_request_over_a_connection_has_a_time_limit_of_its_own(clock: FakeClock) -> None:
    """The second reply comes after the limit of the first request, the third after its own."""

    async def later(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(float(head.split()[1][1:]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

    async def run() -> tuple[list[int], Unreachable, int]:
        async with Server(later) as server, open_web(clock) as web:
            waits = [("/0.5", 1.0), ("/2", 3.0), ("/0.1", 1.0)]
            replies = [await web.fetch(server.url(path), Terms(timeout=seconds, tries=1)) for path, seconds in waits]
            with pytest.raises(Unreachable) as caught:
                await web.fetch(server.url("/2"), Terms(timeout=1.0, tries=1))
            return [reply.status for reply in replies], caught.value, server.accepted

    statuses, failure, connections = leaping.run(run())
    assert (statuses, failure.kind, connections) == ([200] * 3, "timeout", 1)


def test_silence_ends(clock: FakeClock) -> None:
    async def silent(_: bytes, writer: asyncio.StreamWriter) -> None:
        await writer.drain()

    found, tries = refusal(clock, silent, seconds=0.05)
    assert (found.kind, tries) == ("timeout", 3)


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (gzip.compress, "gzip"),
        (gzip.compress, "x-gzip"),
        (zlib.compress, "deflate"),
        (lambda text: zlib.compress(text)[2:-4], "deflate"),
        (lambda text: gzip.compress(text[:100], mtime=0) + gzip.compress(text[100:], mtime=0), "gzip"),
        (lambda text: gzip.compress(text, mtime=0) + b"\0" * 512, "gzip"),
        (lambda text: text, "identity"),
        (lambda text: text, "br"),
    ],
)
def test_bodies_are_decompressed(clock: FakeClock, pack: Callable[[bytes], bytes], encoding: str) -> None:
    text = "Ein langer Text über alles. ".encode() * 5000
    reply, _ = ask(clock, always(http(pack(text), "200 OK", f"Content-Encoding: {encoding}")))
    assert (reply.body == text, reply.truncated) == (True, False)


@pytest.mark.parametrize(("limit", "truncated"), [(999, True), (1000, False), (1001, False)])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_body_is_read_up_to_the_limit(clock: FakeClock, limit: int, truncated: bool, encoding: str) -> None:
    body = gzip.compress(b"x" * 1000, mtime=0) if encoding == "gzip" else b"x" * 1000
    reply, _ = ask(clock, always(http(body, "200 OK", f"Content-Encoding: {encoding}")), limit=limit)
    assert (len(reply.body), reply.truncated) == (min(limit, 1000), truncated)


def test_a_bomb_costs_no_memory(clock: FakeClock) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 2**20) for _ in range(50)) + packer.flush()
    tracemalloc.start()
    reply, _ = ask(clock, always(http(bomb, "200 OK", "Content-Encoding: gzip")), limit=2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(reply.body), reply.truncated) == (2**20, True)
    assert peak < 16 * 2**20


def test_an_endless_body_is_left_alone(clock: FakeClock) -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 2**16)
            await writer.drain()

    reply, _ = ask(clock, endless, limit=10**6)
    assert (len(reply.body), reply.truncated) == (10**6, True)


def test_what_a_redirect_says_beside_its_location_does_not_matter(clock: FakeClock) -> None:
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 100\r\n\r\ncut"
    reply, _ = ask(clock, healing(redirect, http(b"there")))
    assert (reply.body, len(reply.hops)) == (b"there", 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "localhost"])
def test_the_loopback_is_refused_unless_allowed(clock: FakeClock, host: str) -> None:
    async def run() -> None:
        async with Server(always(http(b"secret"))) as server, open_web(clock, allow=()) as web:
            with pytest.raises(Unreachable) as caught:
                await web.fetch(server.url(host=host))
            assert (caught.value.kind, server.accepted, web.requests.total()) == ("unsafe", 0, 0)

    leaping.run(run())


def test_a_redirect_to_a_private_address_is_refused(clock: FakeClock) -> None:
    async def run() -> None:
        async with Server(always(http(b"metadata"))) as inner, open_web(clock, allow=("127.0.0.1",)) as web:
            location = f"Location: http://127.0.0.2:{inner.port}/latest/meta-data"
            async with Server(always(http(b"", "302 Found", location))) as outer:
                with pytest.raises(Unreachable) as caught:
                    await web.fetch(outer.url())
            assert (caught.value.kind, inner.accepted) == ("unsafe", 0)

    leaping.run(run())


def test_keys_are_not_sent_in_the_clear(clock: FakeClock) -> None:
    async def run() -> None:
        keys = {"127.0.0.1": {"x-api-key": "s3cr3t"}}
        async with Server(always(http(b""))) as server, open_web(clock, keys=keys) as web:
            await web.fetch(server.url())
            assert b"s3cr3t" not in server.heads[0]

    leaping.run(run())


def test_nobody_listens(clock: FakeClock) -> None:
    async def run() -> None:
        async with open_web(clock) as web:
            with nobody_at() as port, pytest.raises(Unreachable) as caught:
                await web.fetch(f"http://127.0.0.1:{port}/")
            assert (caught.value.kind, web.requests.total()) == ("connect", 0)
            assert caught.value.why == "127.0.0.1: connection refused"

    leaping.run(run())


def test_a_server_that_cannot_speak_tls(clock: FakeClock) -> None:
    async def run() -> None:
        async with Server(always(http(b""))) as server, open_web(clock) as web:
            with pytest.raises(Unreachable) as caught:
                await web.fetch(server.url().replace("http:", "https:"), Terms(tries=1, timeout=2))
            assert caught.value.kind in {"tls", "timeout"}

    leaping.run(run())


def test_pace_and_concurrency_hold_on_the_wire(clock: FakeClock) -> None:
    async def run() -> None:
        inside = most = 0
        times: list[float] = []

        async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            times.append(clock.monotonic())
            await asyncio.sleep(0.01)
            inside -= 1
            writer.write(http(b"ok"))

        async with Server(answer) as server, open_web(clock, paces={"127.0.0.1": Pace(3.0, 1)}) as web:
            await asyncio.gather(*(web.fetch(server.url(f"/{n}")) for n in range(4)))
        assert most == 1
        assert all(later - earlier >= 3.0 for earlier, later in pairwise(times))

    leaping.run(run())


def test_many_hosts_leave_few_connections_open(clock: FakeClock) -> None:
    async def run() -> None:
        async with Server(always(http(b"x")), host=str(IPv4Address(0))) as server, open_web(clock) as web:
            for n in range(100):
                await web.fetch(server.url(host=f"127.0.1.{n + 1}"))
            await asyncio.sleep(0.05)
            assert len(server.open) <= 64

    leaping.run(run())


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.usefixtures("no_proxy")
def test_a_proxy_that_is_no_url(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://me:s3cr3t@proxy")
    with pytest.raises(EnrichError, match="HTTPS_PROXY") as caught:
        open_web(clock)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.usefixtures("no_proxy")
def test_a_proxy_is_used_and_still_reaches_nothing_private(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with Server(always(http(b"from the proxy"))) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://me:pw@127.0.0.1:{proxy.port}")
            monkeypatch.setenv("NO_PROXY", "direct.example.org")
            async with open_web(clock, allow=()) as web:
                assert (await web.fetch("http://8.8.8.8/page")).body == b"from the proxy"
                assert proxy.heads[0].startswith(b"GET http://8.8.8.8/page HTTP/1.1\r\n")
                assert b"Proxy-Authorization: Basic" in proxy.heads[0]
                for url in ("http://10.0.0.1/", "http://0x7f.1/", "http://localhost/"):
                    with pytest.raises(Unreachable) as caught:
                        await web.fetch(url)
                    assert caught.value.kind == "unsafe"
                assert len(proxy.heads) == 1

    leaping.run(run())


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("GET", "x-key", "a\r\nx-evil: 1"),
        ("GET", "x-key", "a\nb"),
        ("GET", "x-key", "a\0"),
        ("GET", "x-key\r\nx-evil", "1"),
        ("GET / HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET", "x-key", "a"),
        ("GET /other", "x-key", "a"),
    ],
)
def test_nothing_is_sent_that_would_end_a_line_before_its_time(
    method: str, name: str, value: str, clock: FakeClock
) -> None:
    async def run() -> list[bytes]:
        async with Server(always(http(b"hello"))) as server:
            direct = Direct(Resolver(Guard(LOOPBACK), clock), clock)
            with pytest.raises(BadRequestError) as caught:
                await direct.send(Sending(method, to_url(server.url()), {name: value}))
            assert "evil" not in str(caught.value)
            await direct.aclose()
            return server.heads

    assert leaping.run(run()) == []


def test_a_cookie_with_control_characters_goes_back_to_no_server(clock: FakeClock) -> None:
    wall = http(b"", "302 Found", "Location: /", "Set-Cookie: seen=\x01\x02")

    async def run() -> list[bytes]:
        async with Server(always(wall)) as server, open_web(clock) as web:
            with pytest.raises(Unreachable):
                await web.fetch(server.url(), Terms(follow=3))
            return server.heads

    assert not any(b"\x01" in head for head in leaping.run(run()))


def test_a_body_of_several_members_is_read_whole_wherever_it_is_cut(clock: FakeClock) -> None:
    parts = [bytes([65 + number]) * 3000 for number in range(20)]
    body = b"".join(gzip.compress(part, 0) for part in parts)
    pieces = [body[start : start + 1021] for start in range(0, len(body), 1021)]

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
        for piece in (head.encode(), *pieces):
            writer.write(piece)
            await writer.drain()

    reply, _ = ask(clock, answer)
    assert reply.body == b"".join(parts)


def test_a_body_of_empty_members_ends_soon(clock: FakeClock) -> None:
    start = time.process_time()
    error, _ = refusal(clock, always(http(gzip.compress(b"") * 50_000, "200 OK", "content-encoding: gzip")))
    assert error.kind == "protocol"
    assert "too many parts" in error.why
    assert time.process_time() - start < 2
