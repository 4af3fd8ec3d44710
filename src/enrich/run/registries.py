"""The services that are asked about identifiers."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from enrich.model import Identifier
from enrich.run.values import Answer
from enrich.sources import arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.web import Web


class Source(Protocol):
    """A service that can be asked about identifiers, in batches."""

    NAME: str
    BASE: str

    def look_up(self, wanted: Sequence[Identifier], web: Web, *, base: str) -> Awaitable[Mapping[Identifier, Answer]]:
        """Return exactly one outcome per wanted identifier."""
        ...


SOURCES: Mapping[str, Source] = {
    arxiv.NAME: arxiv,
    semantic_scholar.NAME: semantic_scholar,
    crossref.NAME: crossref,
    datacite.NAME: datacite,
    doi.NAME: doi,
    github.NAME: github,
    openalex.NAME: openalex,
}
"""The services by name, in the order in which their answers count as evidence."""
