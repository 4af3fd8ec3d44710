"""The searches for papers that no identifier names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from enrich.pipeline.values import Candidates
from enrich.sources import arxiv, crossref, openalex, semantic_scholar


class Search(NamedTuple):
    """One way to search: the service that is asked, its base URL, the question."""

    service: str
    base: str
    ask: Callable[..., Awaitable[Mapping[Any, Candidates]]]


SEARCHES: Mapping[str, Search] = {
    # Many titles a request: each can prove Found, none Missing.
    "arxiv": Search(arxiv.NAME, arxiv.BASE, arxiv.search),
    "bulk": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.search),
    # One request a title or name.
    "crossref": Search(crossref.NAME, crossref.BASE, crossref.search),
    "match": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.match),
    "named": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.named),
    "openalex": Search(openalex.NAME, openalex.BASE, openalex.search),
}
"""The searches by their names; `named` asks for names, all others for titles."""
