"""The text of a catalog while it is not read: compressed, and unpacked piece by piece; pure."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from enrich.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE = 256 * 1024
"""Bytes that are decompressed at once."""

_LEVEL = 1  # six times as fast as the usual level, for a quarter more bytes


class PackedText:
    """A text that is kept for the duration of a run, and read at its end."""

    def __init__(self, text: Text) -> None:
        self._packed = zlib.compress(text.data, _LEVEL)

    def text(self) -> Text:
        """Return the text; it is unpacked anew each time."""
        return Text(zlib.decompress(self._packed))

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the text."""
        unpacking = zlib.decompressobj()
        rest = self._packed
        while not unpacking.eof:
            yield unpacking.decompress(rest, _PIECE)
            rest = unpacking.unconsumed_tail


class PiecesFile:
    """Pieces of bytes that are read like a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def read(self, size: int = _PIECE, /) -> bytes:
        """Return the next bytes, none at the end."""
        while not self._left:
            if (piece := next(self._pieces, None)) is None:
                return b""
            self._left = piece
        part, self._left = self._left[:size], self._left[size:]
        return part


def spliced_pieces(pieces: Iterable[bytes], edits: Iterable[tuple[int, int, str]]) -> Iterator[bytes]:
    """Yield a text with edits, given in the order of their places, which are counted in bytes."""
    source = _Source(pieces)
    for start, end, piece in edits:
        yield from source.until(start)
        yield piece.encode()
        source.skip(end)
    yield from source.rest()


class _Source:
    """Pieces of bytes, read up to one place after the other."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece = b""
        self._begin = 0  # of the piece in the whole
        self._at = 0  # in the piece

    def until(self, place: int) -> Iterator[bytes]:
        """Yield the bytes from here to a place."""
        while self._begin + len(self._piece) < place:
            yield self._piece[self._at :]
            self._turn()
        stop = place - self._begin
        yield self._piece[self._at : stop]
        self._at = stop

    def skip(self, place: int) -> None:
        """Skip the bytes from here to a place."""
        for _ in self.until(place):
            pass

    def rest(self) -> Iterator[bytes]:
        """Yield the bytes from here to the end."""
        yield self._piece[self._at :]
        yield from self._pieces

    def _turn(self) -> None:
        self._begin += len(self._piece)
        self._piece, self._at = next(self._pieces), 0
