"""A host with several addresses of which some lead nowhere: whoever answers first is taken, in little time."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address

import pytest

from enrich.model import Unreachable
from enrich.web import Cache, SystemClock, Terms, Web
from enrich.web.dns import Resolver
from enrich.web.guard import Address, Guard
from enrich.web.http11.addresses import ATTEMPT_DELAY, in_turn
from enrich.web.http11.transport import Direct
from tests import leaping
from tests.fakes import Server, always, http

V6, V4 = ip_address("2001:db8::1"), ip_address("192.0.2.1")
OTHER_V6, OTHER_V4 = ip_address("2001:db8::2"), ip_address("192.0.2.2")


class Names(Resolver):
    """Says of every name that it has these addresses."""

    def __init__(self, *texts: str) -> None:
        super().__init__(Guard(), SystemClock())
        self.texts = texts

    async def ip_addresses(self, host: str) -> tuple[Address, ...]:
        assert host
        return tuple(map(ip_address, self.texts))


@contextmanager
def deaf(host: str, port: int) -> Iterator[None]:
    """An address that swallows what is sent there: its queue is full, and nobody takes a connection out of it."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((host, port), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        assert listening
        yield


def fetched(
    texts: Sequence[str], deafened: Sequence[str] = (), seconds: float = 5.0, home: str = "127.0.0.1"
) -> tuple[float, bytes]:
    """Fetch a page of a server on `home` under a name with these addresses; return the seconds that took, and it."""

    async def run() -> tuple[float, bytes]:
        clock = SystemClock()
        async with Server(always(http(b"here")), home) as server:
            with ExitStack() as stack:
                for host in deafened:
                    stack.enter_context(deaf(host, server.port))
                direct = Direct(Names(*texts), clock)
                async with Web(cache=Cache(None, clock), transport=direct, tries=1) as web:
                    reply = await web.fetch(server.url(host="dual.example.org"), Terms(timeout=seconds))
                    return asyncio.get_running_loop().time(), reply.body

    return leaping.run(run())


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


linux = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is this machine's, and full queues stay silent")


@linux
def test_the_next_address_is_tried_where_the_first_refuses() -> None:
    assert fetched(["127.0.0.2", "127.0.0.3", "127.0.0.1"])[1] == b"here"


@linux
def test_and_soon_where_the_first_is_silent() -> None:
    seconds, body = fetched(["127.0.0.2", "127.0.0.1"], ["127.0.0.2"])
    assert body == b"here"
    assert seconds == pytest.approx(ATTEMPT_DELAY)


@linux
@pytest.mark.skipif(not _has_ipv6(), reason="no ::1")
def test_the_second_attempt_is_at_the_other_family() -> None:
    """Three silent addresses come first; one of the other family does not wait for all of them."""
    silent = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    seconds, body = fetched([*silent, "::1"], silent, home="::1")
    assert body == b"here"
    assert seconds == pytest.approx(ATTEMPT_DELAY)


@linux
def test_where_all_are_silent_the_time_limit_holds() -> None:
    silent = ["127.0.0.2", "127.0.0.3"]
    with pytest.raises(Unreachable, match="timed out"):
        fetched(silent, silent, seconds=0.6)


@linux
def test_silent_addresses_do_not_use_up_the_time_of_the_others() -> None:
    addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    seconds, body = fetched(addresses, addresses[:2], seconds=1.2)
    assert body == b"here"
    assert seconds == pytest.approx(2 * ATTEMPT_DELAY)


@linux
def test_where_nobody_answers_the_last_failure_is_told() -> None:
    with pytest.raises(Unreachable, match=r"dual\.example\.org: connection refused"):
        fetched(["127.0.0.2", "127.0.0.3"])


def test_families_take_turns_and_the_resolvers_first_begins() -> None:
    assert in_turn([V6, OTHER_V6, V4, OTHER_V4]) == [V6, V4, OTHER_V6, OTHER_V4]
    assert in_turn([V4, OTHER_V4, V6]) == [V4, V6, OTHER_V4]
    assert in_turn([V4, OTHER_V4]) == [V4, OTHER_V4]
    assert in_turn([]) == []


def test_the_family_that_worked_begins() -> None:
    assert in_turn([V6, OTHER_V6, V4], 4) == [V4, V6, OTHER_V6]
    assert in_turn([V6, OTHER_V6], 4) == [V6, OTHER_V6]


def test_a_family_that_leads_nowhere_is_tried_last_from_then_on() -> None:
    """One host whose first family is silent, then another: the second costs no time."""

    async def run() -> list[float]:
        clock = SystemClock()
        async with Server(always(http(b"here"), close=True)) as server:
            # 100::/64 is for discarding (RFC 6666); a machine without IPv6 says at once that there is no way there.
            names = Names("100::1", "127.0.0.1")
            async with Web(cache=Cache(None, clock), transport=Direct(names, clock), tries=1) as web:
                times = []
                for host in ("one.example.org", "two.example.org"):
                    began = asyncio.get_running_loop().time()
                    await web.fetch(server.url(host=host))
                    times.append(asyncio.get_running_loop().time() - began)
                return times

    first, second = leaping.run(run())
    assert first <= ATTEMPT_DELAY + 0.001
    assert second == 0
