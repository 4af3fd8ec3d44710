"""How long a host asks to wait, in every form that servers say it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

REFUSALS = frozenset({420, 429})
"""Statuses that refuse a request for its rate, with any headers and body (420: the old form of 429)."""

_REFUSES_WHEN_IT_STATES_A_WAIT = frozenset({403, 503})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER_CHARS = 1_000
_BODY_BYTES = 64 * 1024
_DEPTH = 4  # the number of objects in a body that are searched: the wait is in an error's details at most
_FAMILIES = ("ratelimit", "x-ratelimit", "x-rate-limit")
_REMAINING = frozenset(("ratelimit", *(f"{family}-remaining" for family in _FAMILIES)))

_MEMBER = re.compile(r'(?:"[^"]*"|[^",])+')
_PARAMETER = re.compile(r';\s*([a-z*][a-z0-9_.*-]*)=("[^"]*"|[^;\s]+)')
_PAIR = re.compile(r"\s*([a-z]+)\s*=\s*([0-9.]+)\s*")


def read_refusal(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, refusals: Collection[int] = ()
) -> tuple[bool, float | None]:
    """Return whether a reply rejects the request for now, and how many seconds it asks to wait (None: not stated).

    `refusals` are statuses by which this very service refuses, too.
    """
    if status < 400:
        return False, None
    wait = wait_asked(headers, body, now)
    stated = wait is not None and status in _REFUSES_WHEN_IT_STATES_A_WAIT
    return stated or status in REFUSALS or status in refusals, wait


def states_wait(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a refusal says when to come back."""
    return wait_asked(headers, body, _EPOCH) is not None


def wait_asked(headers: Mapping[str, str], body: bytes, now: datetime) -> float | None:
    """Return the seconds that a refusal asks to wait, None if it does not say.

    Retry-After goes first, then the headers of rate limits, then `resetTime` or `retryAfter` in a JSON body. Header
    names are in lower case; what lies in the past is 0.
    """
    wait = retry_after(headers, now)
    if wait is None:
        wait = _longest(_limits(headers, now, exhausted_only=False))
    return _in_body(body, now) if wait is None else wait


def seconds_until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until a used-up quota is filled again; None if a quota is left or nothing is said.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ in its present form, in that of its
    versions up to 7, and X-RateLimit-Remaining with X-RateLimit-Reset.
    """
    if _REMAINING.isdisjoint(headers):  # true for most replies; this runs for each of them
        return None
    return _longest(_limits(headers, now, exhausted_only=True))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, None without a readable one.

    Both forms of RFC 9110, section 10.2.3, are read: seconds and an HTTP date; a date in the past is 0. Of several
    headers, joined by commas, the first counts.
    """
    text = headers.get("retry-after", "").strip()[:_HEADER_CHARS]
    if number := re.match(r"[0-9]{1,18}(?=\.?[0-9]*\s*(?:,|$))", text):
        return float(number[0])
    return _until_http_date(text, now)


def _until_date(text: str, now: datetime) -> float | None:
    try:
        return _until(datetime.fromisoformat(text), now)
    except ValueError:
        return _until_http_date(text, now)


def _until_http_date(text: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return _until(date, now)


def _until(date: datetime, now: datetime) -> float | None:
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        return max(0.0, (date - now).total_seconds())
    except OverflowError:
        return None


def _longest(waits: Iterator[float | None]) -> float | None:
    """Return the longest of several waits, as every used-up quota must be filled again."""
    return max((wait for wait in waits if wait is not None), default=None)


def _limits(headers: Mapping[str, str], now: datetime, *, exhausted_only: bool) -> Iterator[float | None]:
    """Yield the wait of each quota that is used up; unless `exhausted_only` also of quotas without a remainder.

    If a quota is not used up, a rejection has another reason, and the reset of the quota says nothing.
    """
    unsaid = None if exhausted_only else 0.0
    text = headers.get("ratelimit", "")[:_HEADER_CHARS].lower()
    windows = {name: parameters.get("w") for name, parameters in _members(headers.get("ratelimit-policy", ""))}
    if ";" in text:
        for name, parameters in _members(text):
            if _number(parameters.get("r"), unsaid) == 0:
                yield _number(parameters.get("t") or windows.get(name))
    else:
        pairs = {match[1]: match[2] for part in text.split(",") if (match := _PAIR.fullmatch(part))}
        if "reset" in pairs and _number(pairs.get("remaining"), unsaid) == 0:
            yield _number(pairs["reset"])
    for family in _FAMILIES:
        reset = headers.get(f"{family}-reset")
        if reset and _number(headers.get(f"{family}-remaining"), unsaid) == 0:
            yield _until_moment(reset.partition(",")[0] if reset[:1].isdecimal() else reset, now)


def _members(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the items of a structured list (RFC 9651) with their parameters: `"pages";r=0;t=30, "day";r=7;t=900`."""
    for member in _MEMBER.findall(text[:_HEADER_CHARS].lower()):
        name = member.partition(";")[0].strip(' "')
        yield name, {key: value.strip('"') for key, value in _PARAMETER.findall(member)}


def _number(text: str | None, default: float | None = None) -> float | None:
    if text is None:
        return default
    text = text.strip()
    return float(text) if re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{1,9})?", text) else None


def _until_moment(value: object, now: datetime) -> float | None:
    """Return the seconds until a moment: seconds from now, of the epoch or its milliseconds, an ISO or an HTTP date."""
    if isinstance(value, str):
        seconds = _number(value)
        if seconds is None:
            return _until_date(value.strip()[:64], now)
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
        seconds = float(value)
    else:
        return None
    if seconds >= 1e11:  # milliseconds
        seconds /= 1000
    return max(0.0, seconds - now.timestamp()) if seconds >= 1e8 else seconds


def _in_body(body: bytes, now: datetime) -> float | None:
    """Return the wait in a JSON object, such as OpenReview's `details.resetTime`."""
    if not body[:_BODY_BYTES].lstrip().startswith(b"{") or len(body) > _BODY_BYTES:
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return _longest(_until_moment(moment, now) for moment in _moments(value, _DEPTH))


def _moments(value: object, depth: int) -> Iterator[object]:
    if not isinstance(value, dict) or depth == 0:
        return
    for key, inside in value.items():
        if key.lower().replace("_", "").replace("-", "") in ("resettime", "resetat", "retryafter"):
            yield inside
        yield from _moments(inside, depth - 1)
