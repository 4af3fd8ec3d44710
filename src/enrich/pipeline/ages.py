"""Decide whether what is known about an entry is so old that it is looked up again; pure."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from enrich.history import History
from enrich.model import Entry


def is_at_refresh_age(entry: Entry, history: History, today: date, refresh_days: float) -> bool:
    """Whether the last lookup of an entry is due again; False if there was none."""
    before = history.entries.get(entry.key)
    on = before.on if before else date_of(entry.enriched.enriched_on if entry.enriched else None)
    return on is not None and is_old(entry, on, today, refresh_days)


def is_old(entry: Entry, asked_on: date, today: date, refresh_days: float) -> bool:
    """Whether the refresh age has passed; up to a quarter earlier depending on the key, to spread the lookups."""
    spread = int.from_bytes(hashlib.sha256(entry.key.encode()).digest()[:2], "big") / 0xFFFF / 4
    return today - asked_on >= timedelta(days=refresh_days * (1 - spread))


def date_of(text: str | None) -> date | None:
    """Return the date in a text, None without one."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
