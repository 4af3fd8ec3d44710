"""What the registries are asked about for one catalog."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from enrich import links
from enrich.identifiers import anthology_dois, parse, repository_part
from enrich.model import Identifier, Scheme
from enrich.pipeline.clues import has_sure_clue, ieee_dois, ieee_stems
from enrich.pipeline.known import Known
from enrich.pipeline.values import CatalogPlan, Due, Named

# The schemes in Semantic Scholar's batches: https://api.semanticscholar.org/api-docs/graph
_IN_SEMANTIC_SCHOLAR = frozenset({*Scheme} - {Scheme.OPENREVIEW, Scheme.GITHUB})
# The schemes that only Semantic Scholar knows.
_THERE_ALONE = (Scheme.SEMANTIC_SCHOLAR, Scheme.PMID, Scheme.PMC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked about for one catalog before its papers are searched for.

    Attributes:
        papers: The identifiers of papers.
        of_scheme: Identifiers of papers and links by their schemes, with the DOIs of papers that were found.
        papers_of: Papers of the ACL Anthology by the DOIs that they can have.
        indexed: What Semantic Scholar is asked about.
        parts: What links name inside of repositories.
        provable: What doi.org is asked about where Crossref does not know it.
        unidentified: Papers that have no identifier.
        is_open: Whether there are papers without a reliable identifier.
        likely: What Semantic Scholar is asked about if this takes no further request.
    """

    papers: frozenset[Identifier]
    of_scheme: Mapping[Scheme, list[Identifier]]
    papers_of: Mapping[Identifier, Identifier]
    indexed: frozenset[Identifier]
    parts: Mapping[Identifier, frozenset[str]]
    provable: list[Identifier]
    unidentified: list[Due]
    is_open: bool
    likely: frozenset[Identifier]

    @classmethod
    def of(cls, planned: CatalogPlan, found: Named) -> Wanted:
        """Return what is asked about for a catalog, of which some papers were `found`."""
        papers = frozenset(clue.identifier for due in planned.due for clue in due.clues)
        vouching = set(planned.vouched.values())
        every = papers.union(vouching, found.dois, (i for i in found.papers if i.scheme is Scheme.DOI))
        of_scheme = {scheme: sorted(i for i in every if i.scheme is scheme) for scheme in Scheme}
        papers_of = {doi: paper for paper in of_scheme[Scheme.ACL] for doi in anthology_dois(paper)}
        indexed = {i for i in papers.union(found.papers) if i.scheme in _IN_SEMANTIC_SCHOLAR}
        indexed.update(*(of_scheme[scheme] for scheme in _THERE_ALONE), _keys(papers_of, papers))
        dois = (i for i in of_scheme[Scheme.DOI] if i in vouching or i not in papers_of)
        return cls(
            papers=papers.union(found.papers),
            of_scheme=of_scheme,
            papers_of=papers_of,
            indexed=frozenset(indexed),
            parts=_parts(planned.vouched),
            provable=[*dois, *_resolved(planned.vouched)],
            unidentified=[due for due in planned.due if not due.clues],
            is_open=any(not has_sure_clue(due.clues) for due in planned.due),
            likely=found.likely,
        )

    @property
    def dois(self) -> frozenset[Identifier]:
        """The DOIs that Crossref is asked about first."""
        return frozenset(self.of_scheme[Scheme.DOI]).union(self.papers_of)

    def named(self, known: Known) -> set[Identifier]:
        """Return the DOIs in the records of the papers."""
        texts = {record.doi for paper in self.papers | self.likely for record in known.records(paper) if record.doi}
        return {identifier for text in texts if (identifier := parse(text)) and identifier.scheme is Scheme.DOI}

    def guesses(self, dois: Iterable[Identifier]) -> set[Identifier]:
        """Return the DOIs that IEEE documents may have, by the pattern of other DOIs."""
        if not self.unidentified:
            return set()
        stems = ieee_stems(identifier.value for identifier in dois)
        return {guess for due in self.unidentified for guess in ieee_dois(due.entry, stems)}


def _keys(mapping: Mapping[Identifier, Identifier], values: Collection[Identifier]) -> Iterator[Identifier]:
    return (key for key, value in mapping.items() if value in values)


def _resolved(vouched: Mapping[str, Identifier]) -> list[Identifier]:
    """Return the ACM-internal IDs that links use as DOIs."""
    return sorted({i for url, i in vouched.items() if i.scheme is Scheme.ACM and links.is_resolver(url)})


def _parts(vouched: Mapping[str, Identifier]) -> dict[Identifier, frozenset[str]]:
    """Return the parts of repositories that links name."""
    parts: dict[Identifier, set[str]] = {}
    for url, identifier in vouched.items():
        if identifier.scheme is Scheme.GITHUB:
            parts.setdefault(identifier, set()).add(repository_part(url))
    return {identifier: frozenset(names) for identifier, names in parts.items()}
