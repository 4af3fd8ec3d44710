"""Abstracts on disk: of a long catalog, they are most of what services and blocks say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from operator import attrgetter
from sys import intern
from typing import Any, BinaryIO, NamedTuple, TypeVar, cast

from enrich.model import Enriched, Record

_LEAST = 200
"""Bytes; shorter texts stay in memory, for their places would take as much."""

_ROOM = 1 << 20
"""Bytes that wait in memory until they are written."""

_LENGTH_BITS = 32

_SHARED = ("title", "doi", "arxiv_id")

_M = TypeVar("_M", Record, Enriched)


@contextmanager
def _temporary() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile(prefix="enrich-", buffering=0) as file:
        yield cast("BinaryIO", file)


class Spool:
    """Texts in a nameless temporary file, which is gone with the last thing that reads from it.

    What cannot be written, as on a full disk, stays in memory.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._file: BinaryIO | None = None
        self._written = 0
        self._waiting = bytearray()
        self._is_full = False
        # An abstract is usually read several times in a row.
        self._last: tuple[int, str] | None = None

    def __del__(self) -> None:
        self._open.close()

    def keep(self, thing: _M) -> _M:
        """Return a record or block that is equal to this one, its abstract out of memory if it is long."""
        form = _FORMS.get(type(thing))
        if form is None or thing.abstract is None or len(thing.abstract) < _LEAST:
            return thing
        copy: Any = object.__new__(form.kind)
        for put, value in zip(form.setters, form.values(thing), strict=True):
            put(copy, value)
        # What a source says of a paper is often in the catalog, too: each text is stored once.
        for name in _SHARED:
            if type(text := getattr(copy, name)) is str:
                object.__setattr__(copy, name, intern(text))
        object.__setattr__(copy, "authors", tuple(map(intern, copy.authors)))
        data = thing.abstract.encode("utf-8", "surrogatepass")
        object.__setattr__(copy, "_spool", self)
        kept = self._put(data) << _LENGTH_BITS | len(data)
        object.__setattr__(copy, "_kept", kept)
        self._last = kept, thing.abstract
        return cast("_M", copy)

    def read(self, kept: int) -> str:
        """Return the text at a place."""
        last = self._last
        if last and last[0] == kept:
            return last[1]
        self._last = kept, self._read(kept)
        return self._last[1]

    def _read(self, kept: int) -> str:
        start, length = kept >> _LENGTH_BITS, kept & (1 << _LENGTH_BITS) - 1
        if self._file is None or start >= self._written:
            start -= self._written
            return self._waiting[start : start + length].decode("utf-8", "surrogatepass")
        self._file.seek(start)
        return self._file.read(length).decode("utf-8", "surrogatepass")

    def _put(self, data: bytes) -> int:
        start = self._written + len(self._waiting)
        self._waiting += data
        if len(self._waiting) > _ROOM and not self._is_full:
            self._flush()
        return start

    def _flush(self) -> None:
        try:
            if self._file is None:
                self._file = self._open.enter_context(_temporary())
            self._file.seek(self._written)
            left = memoryview(bytes(self._waiting))
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._is_full = True
        else:
            self._written += len(self._waiting)
            self._waiting.clear()


class _OnDisk:
    """A record or block whose abstract is read when it is asked for."""

    __slots__ = ()
    _spool: Spool
    _kept: int | str | None

    @property
    def abstract(self) -> str | None:
        """The abstract."""
        kept = self._kept
        return self._spool.read(kept) if isinstance(kept, int) else kept

    @abstract.setter
    def abstract(self, text: str | None) -> None:  # by `dataclasses.replace`
        object.__setattr__(self, "_kept", text)


class _SpooledRecord(_OnDisk, Record):
    __slots__ = ("_kept", "_spool")

    def __eq__(self, other: object) -> bool:
        return _are_equal(Record, self, other)

    __hash__ = Record.__hash__


class _SpooledEnriched(_OnDisk, Enriched):
    __slots__ = ("_kept", "_spool")

    def __eq__(self, other: object) -> bool:
        return _are_equal(Enriched, self, other)

    __hash__ = Enriched.__hash__


class _Form(NamedTuple):
    """How a copy of a record or block is made: its class, and the fields that are copied."""

    kind: type
    values: Callable[[object], tuple[object, ...]]
    setters: tuple[Callable[[object, object], None], ...]

    @classmethod
    def of(cls, kind: type[Record | Enriched], spooled: type) -> _Form:
        names = [each.name for each in fields(kind) if each.name != "abstract"]
        return cls(spooled, attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names))


_FORMS: Mapping[type, _Form] = {
    Record: _Form.of(Record, _SpooledRecord),
    Enriched: _Form.of(Enriched, _SpooledEnriched),
}


def _are_equal(kind: type[Record | Enriched], one: object, other: object) -> bool:
    if not (isinstance(one, kind) and isinstance(other, kind)):
        return False
    values = _FORMS[kind].values
    return values(one) == values(other) and one.abstract == other.abstract
