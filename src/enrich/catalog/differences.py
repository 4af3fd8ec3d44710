"""What new blocks change in a catalog, as a unified diff; pure.

`difflib` takes minutes for the texts of a long catalog. Where they differ is known here: lines are compared with each
other only where a block is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CONTEXT = 3

_Edit = tuple[int, int, str]


@dataclass(slots=True)
class _Change:
    """Lines that others take the place of: from the line with the number `first` (from 0), which begins at `start`."""

    first: int
    start: int
    old: list[str]
    new: list[str]

    @property
    def last(self) -> int:
        """The number of the line behind the old ones."""
        return self.first + len(self.old)


def unified_diff(data: bytes | bytearray, edits: Iterable[_Edit], name: str) -> Iterator[str]:
    """Yield the lines of the diff that edits make; their places are counted in bytes and in order."""
    shift = 0
    hunk: list[_Change] = []
    for number, change in enumerate(_changes(data, edits)):
        if number == 0:
            yield from (f"--- {name}", f"+++ {name}")
        if hunk and change.first - hunk[-1].last > 2 * _CONTEXT:
            yield from _lines_of_hunk(data, hunk, shift)
            shift += _growth(hunk)
            hunk = []
        hunk.append(change)
    if hunk:
        yield from _lines_of_hunk(data, hunk, shift)


def _growth(hunk: Iterable[_Change]) -> int:
    return sum(len(change.new) - len(change.old) for change in hunk)


def _changes(data: bytes | bytearray, edits: Iterable[_Edit]) -> Iterator[_Change]:
    line = counted = 0
    for start, old, new in _regions(data, edits):
        line += data.count(b"\n", counted, start)
        counted = start
        before, after = _lines(old), _lines(new)
        starts = [start]
        for each in old.split(b"\n"):
            starts.append(starts[-1] + len(each) + 1)
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                yield _Change(line + i1, starts[i1], before[i1:i2], after[j1:j2])


def _regions(data: bytes | bytearray, edits: Iterable[_Edit]) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield whole lines that hold edits: where they begin, what is there, and what takes its place."""
    region: list[_Edit] = []
    begin = end = 0
    for edit in edits:
        if region and edit[0] > end:
            yield begin, bytes(data[begin:end]), _edited(data, begin, end, region)
            region = []
        if not region:
            begin = data.rfind(b"\n", 0, edit[0]) + 1
        region.append(edit)
        end = _end_of_line(data, edit[1])
    if region:
        yield begin, bytes(data[begin:end]), _edited(data, begin, end, region)


def _edited(data: bytes | bytearray, begin: int, end: int, edits: Sequence[_Edit]) -> bytes:
    new = bytearray()
    for start, stop, piece in edits:
        new += data[begin:start]
        new += piece.encode()
        begin = stop
    return bytes(new + data[begin:end])


def _lines_of_hunk(data: bytes | bytearray, hunk: Sequence[_Change], shift: int) -> Iterator[str]:
    before = _lines_before(data, hunk[0].start)
    shown = [f" {line}" for line in before]
    for change, following in zip(hunk, [*hunk[1:], None], strict=True):
        shown += [f"-{line}" for line in change.old]
        shown += [f"+{line}" for line in change.new]
        count = following.first - change.last if following else _CONTEXT
        shown += [f" {line}" for line in _lines_after(data, change, count)]
    first = hunk[0].first - len(before)
    old = sum(line[0] != "+" for line in shown)
    yield f"@@ -{_range(first, old)} +{_range(first + shift, old + _growth(hunk))} @@"
    yield from shown


def _range(first: int, count: int) -> str:
    """Return lines as diffs have them: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html."""
    return str(first + 1) if count == 1 else f"{first + 1 if count else first},{count}"


def _lines_before(data: bytes | bytearray, place: int) -> list[str]:
    begin = place
    for _ in range(_CONTEXT):
        begin = data.rfind(b"\n", 0, max(begin - 1, 0)) + 1
    return _lines(bytes(data[begin : max(place - 1, 0)])) if begin < place else []


def _lines_after(data: bytes | bytearray, change: _Change, count: int) -> list[str]:
    place = change.start
    for _ in change.old:
        place = _end_of_line(data, place) + 1
    lines = []
    for _ in range(count):
        if place >= len(data):
            break
        end = _end_of_line(data, place)
        lines += _lines(bytes(data[place:end]))
        place = end + 1
    return lines


def _end_of_line(data: bytes | bytearray, place: int) -> int:
    end = data.find(b"\n", place)
    return len(data) if end < 0 else end


def _lines(part: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in part.decode("utf-8", "surrogatepass").split("\n")]
