"""Suggestions for an unknown name: the home of `did you mean`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHORTEST = 3
"""Letters of a name that may be the beginning of another one."""

_LONGEST = 60
"""Characters of a name that is compared; comparing takes quadratic time."""


def hint(given: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the known name closest to an unknown one, else `choose one of X, Y`."""
    names = list(known)
    closest = closest_name(given, names)
    return f"did you mean {closest}?" if closest else f"choose one of {', '.join(names)}"


def closest_name(given: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known name closest to an unknown one, ignoring case; None if none has the similarity `likeness`."""
    by_form = {name.lower(): name for name in known}
    begun = [name for form, name in by_form.items() if len(given) >= _SHORTEST and form.startswith(given.lower())]
    if len(begun) == 1:
        return begun[0]
    found = get_close_matches(given.lower(), by_form, n=1, cutoff=likeness) if len(given) <= _LONGEST else []
    return by_form[found[0]] if found else None
