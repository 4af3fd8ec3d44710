"""Answers of services, kept between runs and never used after their maximum age."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import diskcache

from enrich.services import PAGE, SERVICES
from enrich.web.clock import Clock, stamp
from enrich.web.pacing import jitter

_HOUR = 3600.0
AGES: Mapping[str, float] = {
    **{service.name: service.fresh_hours * _HOUR for service in SERVICES},
    "search": 20 * _HOUR,
    PAGE: 7 * 24 * _HOUR,
    "blocked": 20 * _HOUR,
}
"""Seconds that an answer of each kind stays fresh; 20 hours, so that a nightly job requests yesterday's again."""

_FORM = 1
_INLINE_BYTES = 64 * 1024
_PAGES = 1024  # of 4 KB; diskcache would keep 96 MB of a large cache in memory, and each row is read once a run
_MODE_RAW, _MODE_TEXT = 1, 3  # diskcache's own numbers for a value in its row, and for one in a separate file
_SHORT = _INLINE_BYTES // 4  # in characters
# As diskcache sets a text, at half the price; a row whose value is in a file is left to it.
_UPSERT = """
INSERT INTO Cache (key, raw, store_time, access_time, access_count, size, mode, value) VALUES (?, 1, ?, ?, 0, 0, 1, ?)
ON CONFLICT (key, raw) DO UPDATE SET store_time = excluded.store_time, expire_time = NULL,
access_time = excluded.access_time, access_count = 0, tag = NULL, size = 0, mode = 1, value = excluded.value
WHERE filename IS NULL
"""
_SEVERAL = """
SELECT key, mode, filename, value FROM Cache WHERE raw = 1 AND key IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_AT_ONCE = _SEVERAL.count("?")

T = TypeVar("T")


class Cache:
    """JSON answers by kind and key: in `directory`, or only in memory if that is None or cannot be written.

    A cache that another job left is not trusted: nothing in it is ever unpickled (CVE-2025-69872), and no file outside
    the directory is read or removed because of it. `ages` overrides the seconds that a kind stays fresh.

    Attributes:
        warning: For people: why answers are not kept, or what was moved; None when all is well.
    """

    def __init__(self, directory: Path | None, clock: Clock, ages: Mapping[str, float] | None = None) -> None:
        self.warning: str | None = None
        self._clock = clock
        self._ages = {**AGES, **(ages or {})}
        self._memory: dict[str, str] = {}
        self._directory = Path(directory).absolute() / "answers" if directory else None
        self._cache: diskcache.Cache | None = None
        self._full = False

    def get(self, kind: str, key: str) -> object | None:
        """Return the answer for a key, None if there is no fresh one."""
        name = f"{kind}:{key}"
        text = self._memory.get(name) or self._on_disk(lambda cache: _text(cache, name))
        return self._open_envelope(name, text)[0] if text else None

    def get_all(self, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, object]]:
        """Yield the keys with fresh answers, together with these; faster than one by one."""
        if not self._memory and self._on_disk(_is_empty):
            return  # as in the first run over a long list
        for at in range(0, len(keys), _AT_ONCE):
            names = {f"{kind}:{key}": key for key in keys[at : at + _AT_ONCE]}
            texts = self._on_disk(partial(_texts, names=list(names))) or {}
            for name, key in names.items():
                text = self._memory.get(name) or texts.get(name)
                if text and (value := self._open_envelope(name, text)[0]) is not None:
                    yield key, value

    def put(self, kind: str, key: str, value: object) -> None:
        """Store an answer, committed on return; `value` must be representable in JSON."""
        self.put_all(kind, {key: value})

    def put_all(self, kind: str, answers: Mapping[str, object]) -> None:
        """Store answers by key as `put` does, at the cost of one."""
        self.put_json(kind, {key: json.dumps(value, separators=(",", ":")) for key, value in answers.items()})

    def put_json(self, kind: str, answers: Mapping[str, str]) -> None:
        """Store answers by key as `put_all` does, which are given as JSON."""
        start = json.dumps({"v": _FORM, "at": stamp(self._clock)}, separators=(",", ":")).removesuffix("}")
        texts = {f"{kind}:{key}": f'{start},"value":{text}}}' for key, text in answers.items()}
        if not self._full and self._on_disk(lambda cache: _keep(cache, texts), writes=True):
            for name in texts:
                self._memory.pop(name, None)
        else:
            self._memory.update(texts)

    def prune(self) -> int:
        """Remove expired and unreadable answers; return how many."""
        stale = [name for name, text in self._memory.items() if not self._open_envelope(name, text)[1]]
        for name in stale:
            del self._memory[name]
        return len(stale) + (self._on_disk(self._prune) or 0)

    def _prune(self, cache: diskcache.Cache) -> int:
        count = 0
        for name in list(cache.iterkeys()):
            text = _text(cache, name) if isinstance(name, str) else None
            if text is None or not self._open_envelope(name, text)[1]:
                cache.delete(name)
                count += 1
        return count

    def clear(self) -> int:
        """Remove every answer; return how many there were."""
        count = self.info()["count"]
        self._memory.clear()
        if self._directory:
            self.close()
            shutil.rmtree(self._directory, ignore_errors=True)
        return count

    def info(self) -> dict[str, int]:
        """Return `count`, the number of answers, and `bytes`, their size."""
        path = self._directory / "cache.db" if self._directory else None
        on_disk = self._on_disk(lambda cache: (len(cache), int(cache.volume())))
        count, size = on_disk or (_read_only_info(path) if path else (0, 0))
        memory = sum(len(text.encode()) for text in self._memory.values())
        return {"count": count + len(self._memory), "bytes": size + memory}

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def _open_envelope(self, name: str, text: str) -> tuple[object | None, bool]:
        """Return the value inside and whether it is fresh."""
        try:
            envelope = json.loads(text)
            if envelope["v"] != _FORM:
                return None, False
            at = datetime.fromisoformat(envelope["at"]).replace(tzinfo=UTC)
            value: object = envelope["value"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None, False
        age = (self._clock.now() - at).total_seconds()
        # Up to 15 % sooner, depending on the key, so that the answers of one night do not all expire in one night.
        longest = self._ages.get(name.partition(":")[0], 20 * _HOUR) * (1 - 0.15 * jitter(name))
        # After the clock was set back, answers seem to come from the future: an hour or a time zone is harmless, a year
        # is not.
        fresh = -24 * _HOUR <= age < longest
        return (value, True) if fresh else (None, False)

    def _on_disk(self, action: Callable[[diskcache.Cache], T], *, writes: bool = False) -> T | None:
        """Use the cache; a damaged one is moved and recreated, an unusable one is replaced by memory."""
        for _ in range(2):
            if self._directory is None:
                return None
            if self._cache is None and _is_foreign(self._directory):
                self.warning = f"Cache not used: {self._directory} was not created by enrich; use another --cache-dir."
                self._directory = None
                return None
            try:
                if self._cache is None:
                    self._cache = _open(self._directory)
                return action(self._cache)
            except (diskcache.Timeout, sqlite3.Error, OSError, *_PLANTED) as failure:
                if _is_damage(failure):
                    self._set_aside(self._directory)
                    continue
                if self._cache is None:
                    self._give_up(self._directory, failure)
                elif writes:
                    self._full = True
                    self._warn_unkept(self._directory, failure)
                return None
        return None

    def _warn_unkept(self, directory: Path, failure: Exception) -> None:
        self.warning = f"Cache not saved: {directory} cannot be written ({_words(failure)}); the next run asks again."

    def _give_up(self, directory: Path, failure: Exception) -> None:
        self._warn_unkept(directory, failure)
        self._drop()
        self._directory = None

    def _set_aside(self, directory: Path) -> None:
        self._drop()
        aside = directory.with_name("answers.damaged")
        try:
            shutil.rmtree(aside, ignore_errors=True)
            directory.rename(aside)
        except OSError as failure:
            self._give_up(directory, failure)
        else:
            self.warning = f"Damaged cache {directory}, moved to {aside.name}; a new one was created."

    def _drop(self) -> None:
        if self._cache is not None:
            with suppress(sqlite3.Error, OSError):
                self._cache.close()
            self._cache = None


class _PlantedError(Exception):
    """A row that enrich did not write."""


class _Refused(bytes):
    """The key of a row that claims to be a pickle: only good for removing the row."""


class _PlainText:
    """diskcache's storage format: text as text; `pickle.load` and `pickle.dumps` are never called."""

    _directory: str

    def put(self, key: object) -> tuple[object, bool]:
        if isinstance(key, _Refused):
            return sqlite3.Binary(key), False
        return key, True

    def get(self, key: object, raw: object) -> object:
        return key if raw else _Refused(key if isinstance(key, bytes) else str(key).encode())

    def store(self, value: object, read: bool, key: object = diskcache.UNKNOWN) -> tuple[int, int, str | None, object]:
        if read or not isinstance(value, str):
            raise _PlantedError("only text is kept")
        row: tuple[int, int, str | None, object] = diskcache.Disk.store(self, value, read, key)
        return row

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> str:
        if mode == _MODE_RAW and isinstance(value, str) and not filename:
            return value
        if mode == _MODE_TEXT and filename and not read and self._is_inside(filename):
            path = Path(self._directory, filename)
            if path.is_file():
                return path.read_text(encoding="utf-8")
        raise _PlantedError("not text")

    def remove(self, file_path: str) -> None:
        if self._is_inside(file_path):
            diskcache.Disk.remove(self, file_path)

    def _is_inside(self, filename: str) -> bool:
        root = Path(self._directory).resolve()
        return (root / filename).resolve().is_relative_to(root)


# Errors that diskcache raises for planted settings, and for columns of a type that it never writes.
_PLANTED = (TypeError, ValueError, KeyError, AttributeError)


# diskcache has no types, and a class statement over an untyped base would be untyped altogether.
_PlainDisk = type("_PlainDisk", (_PlainText, diskcache.Disk), {})


def _is_foreign(directory: Path) -> bool:
    """Whether the directory holds files other than diskcache's, or leads elsewhere by a symbolic link.

    diskcache creates a database and folders of two hex digits.
    """
    try:
        inside = list(directory.iterdir())
    except OSError:
        return False
    database = [path for path in inside if path.name.startswith("cache.db")]
    is_linked = directory.is_symlink() or any(path.is_symlink() for path in database)
    return is_linked or (not database and not all(re.fullmatch("[0-9a-f]{2}", path.name) for path in inside))


def _open(directory: Path) -> diskcache.Cache:
    return diskcache.Cache(
        str(directory),
        timeout=5,
        disk=_PlainDisk,
        eviction_policy="none",
        cull_limit=0,
        statistics=0,
        tag_index=0,
        disk_min_file_size=_INLINE_BYTES,
        sqlite_cache_size=_PAGES,
        sqlite_mmap_size=0,
    )


def _read_only_info(path: Path) -> tuple[int, int]:
    """Return the number of answers in a database that cannot be written, and its bytes; zeros if it is unreadable."""
    try:
        if _is_foreign(path.parent) or not path.is_file():
            return 0, 0
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            ((count, outside),) = database.execute("SELECT COUNT(*), SUM(size) FROM Cache")
            return int(count), path.stat().st_size + int(outside or 0)
    except (sqlite3.Error, OSError, *_PLANTED):
        return 0, 0


def _is_empty(cache: diskcache.Cache) -> bool:
    return cache._sql("SELECT 1 FROM Cache LIMIT 1").fetchone() is None


def _keep(cache: diskcache.Cache, texts: Mapping[str, str]) -> bool:
    # One commit for all: it costs more than a row.
    with cache.transact():
        short = [(name, text) for name, text in texts.items() if len(text) < _SHORT]
        now = time.time()
        kept = cache._con.executemany(_UPSERT, ((name, now, now, text) for name, text in short)).rowcount
        left = texts if kept < len(short) else texts.keys() - dict(short)
        return all(cache.set(name, texts[name]) for name in left)


def _texts(cache: diskcache.Cache, names: Sequence[str]) -> dict[str, str]:
    """Return the texts under several names, as `_text` does for one."""
    rows = cache._sql(_SEVERAL, [*names, *[None] * (_AT_ONCE - len(names))]).fetchall()
    return {
        name: text
        for name, mode, file, value in rows
        if (text := value if mode == _MODE_RAW and isinstance(value, str) and not file else _text(cache, name))
    }


def _text(cache: diskcache.Cache, name: object) -> str | None:
    try:
        text = cache.get(name)
    except (_PlantedError, UnicodeDecodeError):
        cache.delete(name)
        return None
    return text if isinstance(text, str) else None


def _is_damage(failure: Exception) -> bool:
    """Distinguish a file that is not a database, or not ours, from a disk that is full, locked or read-only."""
    if isinstance(failure, sqlite3.OperationalError):
        words = str(failure).lower()
        return any(sign in words for sign in ("no such", "malformed", "syntax", "has no column", "not a database"))
    return isinstance(failure, (sqlite3.Error, *_PLANTED))


def _words(failure: Exception) -> str:
    if isinstance(failure, OSError) and failure.errno:
        return os.strerror(failure.errno).lower()
    return str(failure) or type(failure).__name__
