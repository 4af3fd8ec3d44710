"""A file's text by its characters, stored as the bytes of the file; pure."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right

_BOM = b"\xef\xbb\xbf"
_BLOCK = 512
"""Bytes; the maximum distance from a character whose place is known to a wanted one."""

_INNER_BYTES = bytes(range(0x80, 0xC0))
"""Bytes with which no UTF-8 character begins."""

_BREAK = re.compile(rb"\r\n|\r|\n")


class Text:
    """A text whose characters are counted without the byte order mark.

    As a `str`, a text takes four bytes per character as soon as it has one emoji; here it takes its size on disk.
    `data` is its bytes, including the byte order mark; `lead` is the number of bytes of that mark.
    """

    def __init__(self, data: bytes | bytearray) -> None:
        self.data = data
        self.lead = len(_BOM) if data.startswith(_BOM) else 0
        self._returns = b"\r" in data
        # The number of characters that begin before each block of bytes; not stored if both are counted alike.
        self._before: array[int] | None = None
        if not (data.isascii() or (self.lead and data[self.lead :].isascii())):
            self._before = array("Q")
            count = 0
            view = memoryview(data)
            for start in range(self.lead, len(data), _BLOCK):
                self._before.append(count)
                count += _beginning(view[start : start + _BLOCK])
            self._length = count
        else:
            self._length = len(data) - self.lead

    @classmethod
    def of(cls, text: str) -> Text:
        """Return the text as UTF-8; half a character, which no file can store, is kept for `nodes` to report it."""
        return cls(text.encode("utf-8", "surrogatepass"))

    def __len__(self) -> int:
        return self._length

    def __str__(self) -> str:
        """Return all of it, with the byte order mark."""
        return self.data.decode("utf-8", "surrogatepass")

    def __getitem__(self, part: slice) -> str:
        """Return the characters from `part.start` to `part.stop`, which must be given and not negative."""
        return self.data[self.byte(part.start) : self.byte(part.stop)].decode("utf-8", "surrogatepass")

    def byte(self, character: int) -> int:
        """Return the position of a character in `data`."""
        if self._before is None:
            return min(character, self._length) + self.lead
        if character >= self._length:
            return len(self.data)
        at = bisect_right(self._before, character) - 1
        start, inside = self.lead + at * _BLOCK, character - self._before[at]
        start, end = self._whole(start), self._whole(start + _BLOCK)
        block = self.data[start:end]
        if block.isascii():
            return start + inside
        return start + len(block.decode("utf-8", "surrogatepass")[:inside].encode("utf-8", "surrogatepass"))

    def _whole(self, byte: int) -> int:
        """Return the first place from here on where a character begins, or the end."""
        while byte < len(self.data) and self.data[byte] in _INNER_BYTES:
            byte += 1
        return min(byte, len(self.data))

    def character(self, byte: int) -> int:
        """Return the number of the character that begins at a place in `data`."""
        if self._before is None:
            return byte - self.lead
        at, rest = divmod(byte - self.lead, _BLOCK)
        if at >= len(self._before):
            return self._length
        start = self.lead + at * _BLOCK
        return self._before[at] + _beginning(self.data[start : start + rest])

    def end_of_line(self, character: int) -> tuple[int, str]:
        """Return where the line of a character ends, and the line break there, empty at the end of the text."""
        start = self.byte(character)
        if not self._returns:  # several times as fast
            end = self.data.find(b"\n", start)
            return (self.character(end), "\n") if end >= 0 else (self._length, "")
        found = _BREAK.search(self.data, start)
        return (self.character(found.start()), found[0].decode()) if found else (self._length, "")

    def breaks_before(self, character: int, most: int) -> list[str]:
        """Return the line breaks among the characters before this one, of which at most `most` are read."""
        start, end = self.byte(max(0, character - most)), self.byte(character)
        return [found.decode() for found in _BREAK.findall(self.data, start, end)]

    def line_starts(self) -> array[int]:
        """Return where each line begins in `data`; lines end as in editors (LF, CRLF or CR)."""
        starts = array("Q", [self.lead])
        starts.extend(match.end() for match in _BREAK.finditer(self.data, self.lead))
        return starts


def _beginning(part: bytes | bytearray | memoryview) -> int:
    """Return how many characters begin in a part of UTF-8."""
    return len(bytes(part).translate(None, _INNER_BYTES))
