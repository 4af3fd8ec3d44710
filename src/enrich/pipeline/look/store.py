"""Store verdicts of pages in the cache that stay valid for some days, so that the next run need not ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from enrich.model import Checks, LinkCheck, Verdict
from enrich.pipeline.pages import Seen
from enrich.web import Cache

_FORM = TypeAdapter(LinkCheck)

# The stored form of each verdict; failures and doubts are not stored, but checked again.
_STORED_AS = {Verdict.OK: "page", Verdict.MOVED: "page", Verdict.BLOCKED: "blocked"}

# Seconds, and the most that a kill may lose: committing each verdict on its own takes as long as requesting it.
_WITHIN = 0.01


class Store:
    """Stores verdicts soon after they come in, several at once; a context manager that stores all at its end."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._waiting: dict[str, dict[str, LinkCheck]] = {}
        self._stored_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Store what is still waiting."""
        self._flush()

    def keep(self, seen: Seen) -> None:
        """Store the verdict of a look; a postponed link has none."""
        if seen.check and not seen.is_postponed:
            self.put(seen.check)

    def put(self, check: LinkCheck) -> None:
        """Store a verdict, unless it must be checked again."""
        kind = None if check.tls_trouble else _STORED_AS.get(check.verdict)
        if kind is None:
            return
        is_first = not self._waiting
        self._waiting.setdefault(kind, {})[check.url] = check
        if is_first:
            loop, due = asyncio.get_running_loop(), self._stored_at + _WITHIN
            if loop.time() < due:
                loop.call_at(due, self._flush)
            else:
                self._flush()

    def _flush(self) -> None:
        if self._waiting:
            for kind, checks in self._waiting.items():
                self._cache.put_json(kind, {url: _text(check) for url, check in checks.items()})
            self._waiting.clear()
            self._stored_at = asyncio.get_running_loop().time()


def _text(check: LinkCheck) -> str:
    try:
        return _FORM.dump_json(check, exclude_defaults=True).decode()
    except PydanticSerializationError:  # an unpaired surrogate, which the standard library escapes
        return json.dumps(_FORM.dump_python(check, mode="json", exclude_defaults=True))


def forget(urls: Iterable[str], cache: Cache) -> None:
    """Remove verdicts that were stored."""
    for kind in dict.fromkeys(_STORED_AS.values()):
        cache.put_all(kind, dict.fromkeys(urls))


def stored(urls: Iterable[str], cache: Cache) -> Checks:
    """Return the verdicts of earlier runs that are still valid."""
    left = list(urls)
    found = Checks()
    for kind in dict.fromkeys(_STORED_AS.values()):
        for url, value in cache.get_all(kind, left):
            with suppress(ValidationError):
                found.put(_FORM.validate_python(value), url)
        left = [url for url in left if url not in found]
    return found
