"""Before phase 1: resolve short DOIs to full ones, by which registries know the papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from enrich.identifiers import is_short_doi, of_url, parse
from enrich.model import Entry, Found, Identifier
from enrich.sources import doi
from enrich.web import Web


async def find_aliases(
    entries: Iterable[Entry], web: Web, base: Callable[[str, str], str]
) -> Mapping[Identifier, Identifier]:
    """Return the full DOI of each short one in entries; one that doi.org does not resolve is left out."""
    short = {identifier for entry in entries for identifier in _identifiers(entry) if is_short_doi(identifier)}
    answers = await doi.look_up(sorted(short), web, base=base(doi.NAME, doi.BASE)) if short else {}
    found = {i: of_url(answer.value) for i, answer in answers.items() if isinstance(answer, Found)}
    return {i: names[0] for i, names in found.items() if names and not is_short_doi(names[0])}


def _identifiers(entry: Entry) -> Iterable[Identifier]:
    if entry.own.doi and (identifier := parse(entry.own.doi)):
        yield identifier
    for url in entry.urls:
        # A full DOI is recognised by its prefix, so most links need not be parsed.
        if "doi.org/" in url.lower() and "/10." not in url:
            yield from of_url(url)
