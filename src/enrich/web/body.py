"""The body of a reply: decompressed as it comes in, and no further than a limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Mapping

_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}
_GZIP_MAGIC = b"\x1f\x8b"

_PIECE = 4096  # bytes inflated at once: what follows the end of a member is copied, so a large piece of many is slow
_MOST_MEMBERS = 1_000  # of one body; writers make one, or one for 64 KB
_SPARE = 64 * 1024  # compressed bytes beyond the limit that may come before a body that gives nothing is left


class BrokenBodyError(Exception):
    """The body cannot be what the server meant to send."""


class _Inflater:
    """Undoes gzip or deflate without ever holding more than what is asked for."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inner = zlib.decompressobj(window)
        self._fed = False
        self._over = False
        self._members = 1

    def feed(self, data: bytes, room: int) -> bytes:
        """Give at most `room` bytes; the rest of `data` is dropped, for the caller has had enough by then."""
        pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
        parts: list[bytes] = []
        for piece in pieces:
            parts.append(self._feed(piece, room))
            room -= len(parts[-1])
            if room <= 0:
                break
        return b"".join(parts)

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
        """Tell whether the compressed stream stopped before its end."""
        return self._fed and not self._inner.eof


def _inflater(headers: Mapping[str, str]) -> _Inflater | None:
    names = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > 1:
        raise BrokenBodyError("the body is compressed more than once")
    # An encoding nobody asked for cannot be undone: the status still counts, and the body is given as it is.
    window = _WINDOWS.get(names[0]) if names else None
    return _Inflater(window) if window else None


async def read_body(chunks: AsyncIterable[bytes], headers: Mapping[str, str], limit: int) -> tuple[bytes, bool]:
    """Read a body up to `limit` bytes after decompression; the second value tells whether there was more.

    Raises:
        BrokenBodyError: When the compressed body is damaged or ends early.
    """
    inflater = _inflater(headers)
    parts: list[bytes] = []
    room = limit + 1  # one byte more tells a body that ends at the limit from one that goes on
    spare = limit + _SPARE
    async for raw in chunks:
        chunk = inflater.feed(raw, room) if inflater else raw
        parts.append(chunk[:room])
        room -= len(parts[-1])
        spare -= len(raw)
        if room <= 0 or spare <= 0:
            return b"".join(parts)[:limit], True
    if inflater and inflater.cut:
        raise BrokenBodyError("the compressed body ends early")
    return b"".join(parts), False
