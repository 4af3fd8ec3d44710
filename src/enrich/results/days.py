"""Days as stored in the tables: numbers, counted from 1970-01-01."""

from __future__ import annotations

from datetime import date

_FIRST = date(1970, 1, 1).toordinal()


def number_of(text: str) -> int:
    """Return the number of the day at the beginning of an ISO 8601 text.

    Raises:
        ValueError: The text begins with none.
    """
    return date.fromisoformat(text[:10]).toordinal() - _FIRST


def day_of(number: int) -> date:
    """Return the day of that number.

    Raises:
        ValueError: There is no such day.
    """
    try:
        return date.fromordinal(number + _FIRST)
    except OverflowError as error:
        raise ValueError(str(error)) from None
