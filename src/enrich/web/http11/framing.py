"""Where the body of an HTTP/1 reply ends, and which of the bytes belong to it; pure.

Malformed framing is not rejected at once: `damage` says what is wrong, and the data before it is kept.
"""

from __future__ import annotations

import re
from typing import Protocol

from enrich.web.http11.head import Head

_LONGEST_LINE = 4096  # bytes of a chunk's size with its extensions
_LONGEST_TRAILERS = 64 * 1024
_SIZE = re.compile(rb"[ \t]*+([0-9A-Fa-f]{1,15})[ \t]*+(?:;|$)")
_BEGINNING_OF_SIZE = re.compile(rb"[ \t]*+[0-9A-Fa-f]{0,15}+[ \t]*+\r?(?:;|$)")


class Framing(Protocol):
    """Takes the bytes after a head.

    Attributes:
        complete: The body is there.
        surplus: More came than belongs to it.
        ends_with_connection: The body is whole, too, when the connection ends now.
        damage: In words, why it cannot be whole; None while it may be.
    """

    complete: bool
    surplus: bool
    ends_with_connection: bool
    damage: str | None

    def feed(self, data: bytes) -> bytes:
        """Return the bytes that belong to the body."""
        ...


def framing_of(head: Head) -> Framing:
    """Return the framing that a head announces."""
    if head.chunked:
        return Chunked()
    return Sized(head.length, head.doubt) if head.length is not None else UntilEnd()


class Sized:
    """A body with a length."""

    ends_with_connection: bool = False

    def __init__(self, length: int, damage: str | None) -> None:
        self.damage: str | None = damage
        self.surplus = False
        self._left = length
        self.complete = length == 0

    def feed(self, data: bytes) -> bytes:
        """Return the bytes that belong to the body."""
        own = data[: self._left] if len(data) > self._left else data
        self.surplus = len(data) > self._left
        self._left -= len(own)
        self.complete = self._left == 0
        return own


class UntilEnd:
    """A body without a length: it ends with the connection."""

    complete: bool = False
    surplus: bool = False
    ends_with_connection: bool = True
    damage: str | None = None

    def feed(self, data: bytes) -> bytes:
        """Return the bytes, all of which belong to the body."""
        return data


class Chunked:
    """A body in chunks: RFC 9112, section 7.1."""

    def __init__(self) -> None:
        self.complete = self.surplus = self.ends_with_connection = False
        self.damage: str | None = None
        self._buffer = b""
        self._left = 0  # remaining bytes of the current chunk
        self._begun = self._ending = self._raw = False

    def feed(self, data: bytes) -> bytes:
        """Return the bytes that belong to the body; all of them if it is not chunked at all."""
        if self._raw:
            return data
        data, self._buffer = self._buffer + data, b""
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.complete:
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                at += len(part)
                parts.append(part)
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._keep(data[at:], parts)
                return b"".join(parts)
            if not self._line(data[at:end].rstrip(b"\r")):
                parts.append(self._give_up(data[at:]))
                return b"".join(parts)
            at = end + 1
        self.surplus = self.complete and at < len(data)
        return b"".join(parts)

    def _line(self, line: bytes) -> bool:
        """Take the line of a size, the end of a chunk or a trailer; return whether it is valid."""
        if self._ending:
            self.complete = not line
            return True
        if not line:  # after a chunk; some servers send one before the first, too, or none at all
            return True
        size = _SIZE.match(line)
        if size is None:
            return False
        self._begun = True
        self._left = int(size[1], 16)
        self._ending = self.ends_with_connection = self._left == 0
        return True

    def _keep(self, rest: bytes, parts: list[bytes]) -> None:
        """Keep the beginning of a line until its end arrives."""
        fits = self._ending or _BEGINNING_OF_SIZE.match(rest)
        if fits and len(rest) <= (_LONGEST_TRAILERS if self._ending else _LONGEST_LINE):
            self._buffer = rest
        else:
            parts.append(self._give_up(rest))

    def _give_up(self, rest: bytes) -> bytes:
        """Continue as if the body were not chunked, if no chunk has arrived; else end here."""
        self.damage = "invalid chunked encoding"
        self._raw = not self._begun
        self.complete = self._begun
        self.ends_with_connection = self._raw
        return rest if self._raw else b""
