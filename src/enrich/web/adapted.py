"""Use httpx transports instead of the network: the demonstration's world, and those of tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx

from enrich.web.wire import (
    BadReplyError,
    BadRequestError,
    ConnectFailedError,
    ConnectionLostError,
    ConnectTimeoutError,
    Receiving,
    Sending,
)


class Adapted:
    """Sends requests through a transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(self, request: Sending) -> Receiving:
        """Send a request and wait for the head of the reply."""
        extensions: dict[str, object] = {"timeout": {"connect": request.connect_seconds}}
        if on_send := request.on_send:

            async def trace(event: str, _: Mapping[str, object]) -> None:
                if event == "http11.send_request_headers.started":
                    on_send()

            extensions["trace"] = trace
        if request.tls_trouble:
            extensions["tls_trouble"] = request.tls_trouble
        prepared = httpx.Request(
            request.method,
            request.url.text,
            headers=request.headers,
            stream=httpx.ByteStream(request.body),
            extensions=extensions,
        )
        prepared.read()
        with _failures():
            async with asyncio.timeout_at(request.until):
                return _Response(await self._transport.handle_async_request(prepared))

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class _Response:
    """A response of httpx."""

    def __init__(self, response: httpx.Response) -> None:
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise TypeError("the transport gave no asynchronous stream")
        self._stream = response.stream
        self.status = response.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = response.headers.raw
        self.tls_trouble: str | None = response.extensions.get("tls_trouble")

    def arrived(self) -> Sequence[bytes] | None:
        return None

    async def body(self) -> AsyncIterator[bytes]:
        with _failures():
            async for piece in self._stream:
                yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def _failures() -> Iterator[None]:
    """Raise enrich's own failures instead of httpx's."""
    try:
        yield
    except httpx.ConnectTimeout as error:
        raise ConnectTimeoutError(str(error)) from error
    except httpx.TimeoutException as error:
        raise TimeoutError(str(error)) from error
    except httpx.RemoteProtocolError as error:
        raise BadReplyError(str(error)) from error
    except httpx.ProtocolError as error:
        raise BadRequestError(str(error)) from error
    except httpx.ConnectError as error:
        raise ConnectFailedError(str(error)) from error
    except httpx.TransportError as error:
        raise ConnectionLostError(str(error)) from error
