"""Read the body of a reply: decompressed as it arrives, within limits of bytes and time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass

from enrich.web.wire import WireError

_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}
_GZIP_MAGIC = b"\x1f\x8b"

_PIECE = 4096  # bytes inflated at once: what follows the end of a member is copied, so a large piece of many is slow
_MOST_MEMBERS = 1_000  # of one body; writers make one, or one for 64 KB
_SPARE = 64 * 1024  # compressed bytes beyond the limit before a body without output is given up
_MOST_CODINGS = 3  # of one body; each beyond the first is a server's mistake


class BrokenBodyError(Exception):
    """The body is not what the server meant to send."""


BREAKS = (TimeoutError, OSError, WireError, BrokenBodyError)
"""Exceptions that may end a body early."""


@dataclass(frozen=True, slots=True)
class Body:
    """The result of a body; `truncated`: there was more; `failure`: why a part is missing, if it should be there."""

    data: bytes
    truncated: bool = False
    failure: Exception | None = None


class _Inflater:
    """Undoes gzip or deflate without ever holding more than what is asked for.

    Attributes:
        failure: In words, what is wrong with the compressed data, None while nothing is.
        is_plain: The data is not compressed, despite its header, and is returned as it is.
    """

    def __init__(self, window: int) -> None:
        self.failure: str | None = None
        self.is_plain = False
        self._announced = self._window = window
        self._inner = zlib.decompressobj(window)
        self._fed = False
        self._over = False
        self._members = 1

    def feed(self, data: bytes, room: int) -> bytes:
        """Return at most `room` bytes; the rest of `data` is dropped, as the caller has enough by then."""
        if self.is_plain or self.failure:
            return data[:room] if self.is_plain else b""
        parts: list[bytes] = []
        for start in range(0, len(data), _PIECE):
            piece, begins = data[start : start + _PIECE], not self._fed
            try:
                parts.append(self._feed(piece, room))
            except BrokenBodyError as error:
                self.failure = str(error)
                if begins:
                    parts.append(self._salvage(piece)[:room] or data[:room])
                break
            room -= len(parts[-1])
            if room <= 0:
                break
        return b"".join(parts)

    def _salvage(self, piece: bytes) -> bytes:
        """Return what precedes the damage; zlib drops it along with the damaged piece."""
        inner, out = zlib.decompressobj(self._announced), bytearray()
        try:
            for at in range(len(piece)):
                out += inner.decompress(piece[at : at + 1])
        except zlib.error:
            self.is_plain = not out
        return bytes(out)

    def _feed(self, data: bytes, room: int) -> bytes:
        out = b""
        while data and len(out) < room and not self._over:
            try:
                out += self._inner.decompress(data, room - len(out))
            except zlib.error as error:
                if self._window != _DEFLATE or self._fed:
                    raise BrokenBodyError("the compressed body is damaged") from error
                # Some servers send bare deflate without zlib's frame: https://zlib.net/zlib_faq.html#faq39
                self._window, self._inner = _RAW_DEFLATE, zlib.decompressobj(_RAW_DEFLATE)
                continue
            self._fed = True
            data = self._inner.unconsumed_tail
            if self._inner.eof:
                data = self._inner.unused_data
                if data.startswith(_GZIP_MAGIC):  # several members make one file (RFC 1952, section 2.2)
                    self._members += 1
                    if self._members > _MOST_MEMBERS:
                        raise BrokenBodyError("the compressed body has too many parts")
                    self._inner = zlib.decompressobj(self._window)
                else:
                    self._over = not _GZIP_MAGIC.startswith(data)
                    break
        return out

    @property
    def cut(self) -> bool:
        """Return whether the compressed stream stopped before its end."""
        return self._fed and not self._inner.eof


def _inflaters(headers: Mapping[str, str]) -> list[_Inflater]:
    """Return the decoders of a body, the last coding first."""
    if "content-encoding" not in headers and "transfer-encoding" not in headers:
        return []
    listed = f"{headers.get('content-encoding', '')},{headers.get('transfer-encoding', '')}"
    names = [name.strip().lower() for name in listed.split(",")]
    # An unrequested coding cannot be decoded: the status still counts, and the body is returned as it is.
    windows = [_WINDOWS[name] for name in names if name in _WINDOWS]
    if len(windows) > _MOST_CODINGS:
        raise BrokenBodyError("the body is compressed too many times")
    return [_Inflater(window) for window in reversed(windows)]


async def read_body(chunks: AsyncIterable[bytes], headers: Mapping[str, str], limit: int, until: float) -> Body:
    """Read a body up to `limit` bytes after decompression, and up to the event loop's time `until`.

    A failure ends it, and is reported together with the data before it.
    """
    reader = _Reader(limit)
    try:
        reader.inflaters = _inflaters(headers)
        async with asyncio.timeout_at(until):
            async for raw in chunks:
                if not reader.take(raw):
                    break
        return reader.body()
    except BREAKS as failure:
        return reader.body(failure)


def whole_body(pieces: Iterable[bytes], headers: Mapping[str, str], limit: int) -> Body:
    """Read a body that is already complete, as `read_body` does."""
    if "content-encoding" not in headers and "transfer-encoding" not in headers:
        data = b"".join(pieces)
        return Body(data[:limit], truncated=len(data) > limit)
    reader = _Reader(limit)
    try:
        reader.inflaters = _inflaters(headers)
        all(map(reader.take, pieces))
        return reader.body()
    except BREAKS as failure:
        return reader.body(failure)


class _Reader:
    """Assembles a body."""

    def __init__(self, limit: int) -> None:
        self.parts: list[bytes] = []
        self.inflaters: list[_Inflater] = []
        self._limit = limit
        self._room = limit + 1  # one byte more distinguishes a body that ends at the limit from one that continues
        self._spare = limit + _SPARE

    def take(self, raw: bytes) -> bool:
        """Take a raw piece; return whether more is wanted."""
        piece = raw
        for number, inflater in enumerate(self.inflaters, 1):
            # The output of an inner coding is not yet the body.
            room = self._room if number == len(self.inflaters) else self._limit + _SPARE
            piece = inflater.feed(piece, room)
        self.parts.append(piece[: self._room])
        self._room -= len(self.parts[-1])
        self._spare -= len(raw)
        for inflater in self.inflaters:
            if inflater.failure and not inflater.is_plain:
                raise BrokenBodyError(inflater.failure)
        return self._has_room

    @property
    def _has_room(self) -> bool:
        return self._room > 0 and self._spare > 0

    def body(self, failure: Exception | None = None) -> Body:
        """Return what came, and why that is not all.

        Raises:
            BrokenBodyError: It is not whole, though no failure was given.
        """
        data = b"".join(self.parts)
        if failure or not self._has_room:
            return Body(data[: self._limit], truncated=True, failure=failure)
        for inflater in self.inflaters:
            if inflater.failure or inflater.cut:
                raise BrokenBodyError(inflater.failure or "the compressed body is incomplete")
        return Body(data)
