"""Replies in the shapes of the services', with facts and sentences of our own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx
import respx

from enrich.web import Cache, Listener, Web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.fakes import FakeClock

T = TypeVar("T")


def reply(name: str) -> bytes:
    """The body kept under that name."""
    return (Path(__file__).parent / name).read_bytes()


class Service:
    """Stands behind a `Web`: answers each request by a function, and remembers them all."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self._router = respx.MockRouter(assert_all_called=False)
        self._router.route().mock(side_effect=self._answer_now)

    def _answer_now(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self._router.handler(request)

    @property
    def requests(self) -> list[httpx.Request]:
        """The requests so far."""
        return [call.request for call in self._router.calls]

    def ask(
        self,
        clock: FakeClock,
        call: Callable[[Web], Awaitable[T]],
        *,
        keys: Mapping[str, Mapping[str, str]] | None = None,
        offline: bool = False,
        listener: Listener | None = None,
    ) -> T:
        """What `call` returns, given a `Web` that leads to this service alone."""

        async def main() -> T:
            async with Web(
                cache=Cache(None, clock),
                clock=clock,
                transport=httpx.MockTransport(self),
                keys=keys,
                offline=offline,
                listener=listener,
            ) as web:
                return await call(web)

        return asyncio.run(main())


def arxiv_feed(*entries: str, total: int | None = None) -> bytes:
    """An Atom feed as arXiv has sent it since 2026."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns="http://www.w3.org/2005/Atom">\n  <id>https://arxiv.org/api/abc</id>\n  <title>arXiv Query</title>\n'
        "  <updated>2026-04-12T22:09:36Z</updated>\n  <opensearch:itemsPerPage>100</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>0</opensearch:startIndex>\n{''.join(entries)}</feed>\n"
    ).encode()


def arxiv_entry(arxiv_id: str, title: str = "A paper", comment: str = "9 pages") -> str:
    """An entry of that feed."""
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{arxiv_id}v2</id>\n    <title>{title}</title>\n"
        "    <updated>2023-06-12T12:48:52Z</updated>\n"
        f'    <link href="https://arxiv.org/pdf/{arxiv_id}v2" rel="related" type="application/pdf" title="pdf"/>\n'
        "    <summary>What the paper says.</summary>\n    <published>2023-03-13T05:19:28Z</published>\n"
        f"    <arxiv:comment>{comment}</arxiv:comment>\n"
        "    <author>\n      <name> Ada Lovelace</name>\n    </author>\n  </entry>\n"
    )


def arxiv_error(summary: str) -> bytes:
    """The feed that comes with HTTP 400."""
    anchor = summary.replace(" ", "_")
    return arxiv_feed(
        f"  <entry>\n    <id>https://arxiv.org/api/errors#{anchor}</id>\n    <title>Error</title>\n"
        "    <updated>2026-04-12T22:59:06Z</updated>\n"
        f"    <summary>{summary}</summary>\n    <author><name>arXiv api core</name></author>\n  </entry>\n"
    )
