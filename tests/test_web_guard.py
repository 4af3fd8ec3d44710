"""The address guard: which hosts and addresses may be reached."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Unreachable
from enrich.web import Cache, Terms, Web
from enrich.web.dns import Resolver
from enrich.web.guard import Address, Guard, is_private, literal
from enrich.web.http11.transport import Direct
from tests.fakes import FakeClock

GLOBAL6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
PUBLIC4 = [IPv4Network(text) for text in ("8.0.0.0/8", "93.184.0.0/16", "140.82.0.0/16", "151.101.0.0/16")]
PRIVATE4 = [
    IPv4Network(text)
    for text in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16", "172.16.0.0/12", "100.64.0.0/10")
]


def inside(networks: list[IPv4Network]) -> st.SearchStrategy[IPv4Address]:
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(int(network[0]), int(network[-1])).map(IPv4Address)
    )


def notations(address: IPv4Address) -> list[str]:
    """Return ways to write an IPv4 address that resolvers and browsers understand."""
    a, b, c, d = address.packed
    number = int(address)
    return [
        f"{a}.{b}.{c}.{d}",
        f"{a}.{b}.{c}.{d}.",
        str(number),
        hex(number),
        hex(number).upper().replace("X", "x"),
        f"0{number:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:X}.{b}.0{number & 0xFFFF:o}",
        f"[::ffff:{address}]",
        f"::ffff:{a:02x}{b:02x}:{c:02x}{d:02x}",
        f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]",
        f"64:ff9b::{address}",
    ]


@given(inside(PRIVATE4))
def test_a_private_address_is_caught_in_every_notation(address: IPv4Address) -> None:
    assert [text for text in notations(address) if Guard().objection(text, ()) is None] == []


@given(inside(PUBLIC4))
def test_a_public_address_passes_in_every_notation(address: IPv4Address) -> None:
    assert [text for text in notations(address) if Guard().objection(text, ())] == []


@given(st.ip_addresses(v=4))
def test_only_what_python_too_calls_global_passes(address: IPv4Address) -> None:
    assert is_private(address) or address.is_global


@given(st.ip_addresses(v=6))
def test_only_global_ipv6_passes(address: IPv6Address) -> None:
    holds_ipv4 = address.ipv4_mapped or address in NAT64
    assert is_private(address) or holds_ipv4 or address in GLOBAL6


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.7", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "224.0.0.1"),
        *("255.255.255.255", "168.63.129.16", "169.254.169.254", "100.100.100.200", "198.18.0.1", "203.0.113.9"),
        *("2001:db8::1", "2001::1", "100::1", "::127.0.0.1", "64:ff9b:1::a00:1", "2002:7f00:1::", "5f00::1"),
    ],
)
def test_special_addresses_are_private(text: str) -> None:
    assert is_private(ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_addresses_are_not(text: str) -> None:
    assert not is_private(ip_address(text))


@pytest.mark.parametrize(
    "name",
    ["example.org", "a.b", "0x.example", "1.2.3.4.5", "256.1.1.1", "08.1.1.1", "4294967296", "1..2", "", "0xzz", "1_0"],
)
def test_names_are_no_addresses(name: str) -> None:
    assert literal(name) is None


@given(st.text())
def test_any_text_is_a_name_or_an_address(text: str) -> None:
    found = literal(text)
    assert found is None or ip_address(str(found)) == found


def test_what_is_allowed_passes() -> None:
    guard = Guard(["wiki.local", "10.1.0.0/16", "::1", "192.168.7.7"])
    assert guard.objection("wiki.local", [ip_address("10.9.9.9")]) is None
    assert guard.objection("other.local", [ip_address("10.1.2.3")]) is None
    assert guard.objection("[::1]", ()) is None
    assert guard.objection("192.168.7.7", ()) is None
    assert guard.objection("192.168.7.8", ())
    assert guard.objection("other.local", [ip_address("10.1.2.3"), ip_address("10.2.2.3")])


def test_one_private_address_among_public_ones_is_enough() -> None:
    assert Guard().objection("rebind.example.org", [ip_address("8.8.8.8"), ip_address("127.0.0.1")])


def test_a_name_of_this_machine_is_resolved_and_refused(clock: FakeClock) -> None:
    async def run() -> None:
        assert ip_address("127.0.0.1") in await Resolver(Guard(["localhost"]), clock).ip_addresses("localhost")
        for host in ("localhost", "127.1", "0"):
            with pytest.raises(Unreachable) as caught:
                await Resolver(Guard(), clock).ip_addresses(host)
            assert caught.value.kind == "unsafe"

    asyncio.run(run())


class Names:
    """Stands in for the system's resolver: each name has its answers, given one after the other, the last for ever."""

    def __init__(self, **answers: list[str | int]) -> None:
        self.answers = {name.replace("_", "."): rows for name, rows in answers.items()}
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, port: None, **_: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        self.asked.append(host)
        rows = self.answers.get(host, [socket.EAI_NONAME])
        row = rows.pop(0) if len(rows) > 1 else rows[0]
        if isinstance(row, int):
            raise socket.gaierror(row, "no")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port or 0)) for text in row.split()]


def resolve(clock: FakeClock, host: str, times: int = 1, allow: Collection[str] = ()) -> str:
    """Return the addresses of a host, or the kind of failure."""

    async def run() -> str:
        resolver = Resolver(Guard(allow), clock)
        found = await asyncio.gather(*(resolver.ip_addresses(host) for _ in range(times)), return_exceptions=True)
        first = found[0]
        if isinstance(first, Unreachable):
            return first.kind
        return " ".join(map(str, first)) if isinstance(first, tuple) else repr(first)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("rows", "expected", "asked"),
    [
        (["8.8.8.8 1.1.1.1"], "8.8.8.8 1.1.1.1", 1),
        ([socket.EAI_NONAME, "8.8.8.8"], "8.8.8.8", 2),
        ([socket.EAI_NONAME], "dns-missing", 2),
        ([socket.EAI_NONAME, socket.EAI_AGAIN], "dns", 2),
        ([socket.EAI_AGAIN], "dns", 1),
        ([socket.EAI_FAIL], "dns", 1),
        ([getattr(socket, "EAI_NODATA", socket.EAI_AGAIN)], "connect" if hasattr(socket, "EAI_NODATA") else "dns", 1),
        (["8.8.8.8 10.0.0.1"], "unsafe", 1),
        (["169.254.169.254"], "unsafe", 1),
    ],
)
def test_what_names_resolve_to(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, rows: list[str | int], expected: str, asked: int
) -> None:
    names = Names(a_example_org=rows, example_com=["8.8.8.8"], doi_org=["8.8.8.8"], arxiv_org=["8.8.8.8"])
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    assert resolve(clock, "a.example.org") == expected
    assert names.asked.count("a.example.org") == asked


def test_where_nothing_resolves_no_name_is_called_missing(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names().getaddrinfo)
    assert resolve(clock, "a.example.org") == "dns"


def test_name_servers_that_deny_most_control_names_are_not_believed(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(github_com=["8.8.8.8"]).getaddrinfo)
    assert resolve(clock, "a.example.org") == "dns"


def test_name_servers_that_never_answer_get_a_limited_number_of_threads(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, end = [], threading.Event()

    def getaddrinfo(host: str, port: None, **_: int) -> list[object]:
        asked.append(host)
        end.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port or 0))]

    async def give_up(resolver: Resolver, host: str) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await resolver.ip_addresses(host)

    async def run() -> None:
        resolver = Resolver(Guard(), clock)
        for batch in range(12):
            await asyncio.gather(*(give_up(resolver, f"h{number}.b{batch}.example") for number in range(64)))
        assert len(asked) <= 512
        end.set()
        assert await resolver.ip_addresses("a.example.org") == (ip_address("8.8.8.8"),)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    asyncio.run(run())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, "unsafe") for host in ("intranet", "wiki.corp", "printer.local.", "NAS.home.arpa", "a.b.internal")),
        ("wiki.lan", "dns-missing"),
        ("a.lan.example", "dns-missing"),
        ("local.example", "dns-missing"),
        ("abc.onion", "scheme"),
        ("a..example", "dns-missing"),
    ],
)
def test_names_that_public_name_servers_cannot_know(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, host: str, expected: str
) -> None:
    def getaddrinfo(host: str, port: None, **_: int) -> list[object]:
        host.encode("idna")  # as the real one does
        if host in ("example.com", "doi.org", "arxiv.org"):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port or 0))]
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert resolve(clock, host, allow=["wiki.lan"]) == expected


def test_a_local_name_that_resolves_to_a_public_address_is_fetched(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(intranet=["8.8.8.8"]).getaddrinfo)
    assert resolve(clock, "intranet") == "8.8.8.8"


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [("2606:4700::7", "no-ipv6"), ("2606:4700::7 8.8.8.8", "connect"), ("8.8.8.8", "connect")],
)
def test_a_host_with_ipv6_alone_is_not_to_blame_for_a_network_without(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, addresses: str, expected: str
) -> None:
    async def connect(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    class Known(Resolver):
        async def ip_addresses(self, host: str) -> tuple[Address, ...]:
            return tuple(map(ip_address, addresses.split() if host == "a.example.org" else ()))

    async def run() -> str:
        transport = Direct(Known(Guard(), clock), clock)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport) as web:
            with pytest.raises(Unreachable) as caught:
                await web.fetch("http://a.example.org/", Terms(tries=1))
        return caught.value.kind

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    assert asyncio.run(run()) == expected


def test_without_a_thread_no_name_is_called_missing(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
    assert resolve(clock, "a.example.org") == "dns"


def test_a_name_that_takes_too_long_is_no_silent_page(clock: FakeClock) -> None:
    class Late(Resolver):
        async def ip_addresses(self, host: str) -> tuple[Address, ...]:
            raise TimeoutError(host)

    async def run() -> Unreachable:
        transport = Direct(Late(Guard(), clock), clock)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport) as web:
            with pytest.raises(Unreachable) as caught:
                await web.fetch("http://a.example.org/", Terms(tries=1))
        return caught.value

    failure = asyncio.run(run())
    assert (failure.kind, failure.why) == ("dns", "a.example.org: names could not be looked up in time")


def test_a_name_that_cannot_be_does_not_exist(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(host: str, port: None, **_: int) -> list[object]:
        host.encode("idna")  # as the real one does: a label of more than 63 letters fails here
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port or 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert resolve(clock, f"{'x' * 70}.org") == "dns-missing"


def test_a_host_is_looked_up_once_for_many(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(a_example_org=["8.8.8.8"])
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    assert resolve(clock, "a.example.org", times=20) == "8.8.8.8"
    assert len(names.asked) == 1
