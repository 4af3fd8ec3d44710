"""The authors of a work for bibliographies: names in parts, and whether the list is complete; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from enrich.text.names import Name, parse_name

_AND_OTHERS = re.compile(
    r"(?:^|[\s,;])(?:et\.?\s?al\.?|(?:and|&)\s(?:\d{1,4}\s)?(?:others|colleagues)|others)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Authors:
    """The names of a paper's authors in order; `complete` is False if there are more."""

    names: tuple[Name, ...]
    complete: bool = True


def authors_of(listed: tuple[str, ...]) -> Authors:
    """Return the names of a list of authors, without the `et al.` at its end."""
    if not listed or not _AND_OTHERS.search(listed[-1]):
        return Authors(tuple(map(parse_name, listed)))
    bare = (_AND_OTHERS.sub("", name).strip(" ,;") for name in listed)
    return Authors(tuple(parse_name(name) for name in bare if name), complete=False)
