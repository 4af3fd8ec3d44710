"""Conversion of flags' values, with messages for invalid ones."""

from __future__ import annotations

import argparse
import re

_UNITS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(?P<h>[0-9]{1,6})h)?(?:(?P<m>[0-9]{1,6})m)?(?:(?P<s>[0-9]{1,9})s?)?")


def duration(text: str) -> float:
    """Return the seconds in `1h30m`, `100m`, `90s` or `90`."""
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = sum(int(match[unit] or 0) * size for unit, size in _UNITS.items()) if match else 0
    if not seconds:
        raise argparse.ArgumentTypeError(f"not a duration: {text!r}; write it as 90s, 100m, 2h or 1h30m")
    return float(seconds)


def positive(text: str) -> int:
    """Return a number above zero."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer (got {text})")
    return int(text)


def web_address(text: str) -> str:
    """Return an http or https URL."""
    if not text.lower().startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"must be an http or https URL (got {text!r})")
    return text
