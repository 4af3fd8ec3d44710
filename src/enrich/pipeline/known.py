"""The registries' answers for one catalog, and the questions that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from enrich.model import Answer, Answers, Found, Identifier, Missing, Record, Scheme, Unknown
from enrich.pipeline.asker import SOURCES
from enrich.pipeline.inquiry import Inquiry, Questions, Replies
from enrich.pipeline.values import AllAnswers, GapFillers
from enrich.sources import arxiv, crossref, datacite, doi

_NOTHING: Answers = {}


class Known:
    """The answers for one catalog: those of an earlier phase, which stay, and later ones."""

    def __init__(self, before: AllAnswers | None = None) -> None:
        self._before: AllAnswers = before or {}
        self._since: dict[Identifier, Answers] = {}
        self._unknown: dict[tuple[str, Unknown], Answers] = {}

    @property
    def since(self) -> AllAnswers:
        """The new answers, each with what was known about its identifier before."""
        return self._since

    def of(self, identifier: Identifier) -> Answers:
        """Return what each service said about an identifier."""
        since = self._since.get(identifier)
        return self._before.get(identifier, _NOTHING) if since is None else since

    def add(self, identifier: Identifier, service: str, answer: Answer) -> None:
        """Add one service's answer; answers are kept in the order of `SOURCES`, not of their arrival."""
        if before := self.of(identifier):
            every = {**before, service: answer}
            self._since[identifier] = {name: every[name] for name in SOURCES if name in every}
        elif isinstance(answer, Unknown):  # thousands alike, where a service is out
            self._since[identifier] = self._unknown.setdefault((service, answer), {service: answer})
        else:
            self._since[identifier] = {service: answer}

    def take(self, replies: Replies) -> None:
        """Add the services' answers to the last questions."""
        for service, answers in replies.lookups.items():
            for identifier, answer in answers.items():
                self.add(identifier, service, answer)

    def found(self, identifier: Identifier, *services: str) -> bool:
        """Whether one of the services (by default any) knows the identifier."""
        answers = self.of(identifier)
        return any(isinstance(answers.get(service), Found) for service in services or tuple(answers))

    def records(self, identifier: Identifier) -> list[Record]:
        """Return what the services that know the identifier say about its paper."""
        answers = self.of(identifier).values()
        return [a.value for a in answers if isinstance(a, Found) and isinstance(a.value, Record)]


def ask_more(
    known: Known, wanted: Mapping[str, Iterable[Identifier]], online: Collection[Identifier] = ()
) -> Inquiry[None]:
    """Ask services about identifiers in records, each service only about new ones.

    doi.org is asked about DOIs that Crossref does not know. Snapshots are not asked about what is `online`.
    """
    new = {service: {i for i in asked if service not in known.of(i)} for service, asked in wanted.items()}
    known.take((yield Questions(new, online=online)))
    registered = [i for i in sorted(wanted.get(crossref.NAME, ())) if doi.NAME not in known.of(i)]
    yield from second_opinions(known, [], registered)


def ask_fallbacks(known: Known, papers: Iterable[Identifier], gap_fillers: GapFillers) -> Inquiry[None]:
    """Ask DataCite about papers (by their main identifiers) if it may know more, and the gap fillers.

    DataCite knows arXiv's papers, and DOIs that doi.org knows and Crossref does not.
    """
    papers = set(papers)
    unasked = {i for i in papers if isinstance(known.of(i).get(arxiv.NAME), Unknown)}
    others = {i for i in papers if known.found(i, doi.NAME) and not known.found(i, crossref.NAME)}
    yield from ask_more(
        known,
        {
            datacite.NAME: unasked | {i for i in others if i.scheme is Scheme.DOI},
            **{service: {i for i in papers if i.scheme in schemes} for service, schemes in gap_fillers.items()},
        },
    )


def second_opinions(known: Known, preprints: Sequence[Identifier], dois: Sequence[Identifier]) -> Inquiry[None]:
    """Ask DataCite about preprints that arXiv could not be asked about, and doi.org about what is still open.

    An arXiv ID that arXiv does not know is dead only if its DOI 10.48550/arXiv.ID has no handle either.
    """
    unasked = [i for i in preprints if isinstance(known.of(i).get(arxiv.NAME), Unknown) and not known.found(i)]
    known.take((yield Questions({datacite.NAME: unasked})))
    absent = [i for i in preprints if isinstance(known.of(i).get(arxiv.NAME), Missing)]
    handles = {Identifier(Scheme.DOI, f"10.48550/arxiv.{i.value}"): i for i in absent}
    handles |= {Identifier(Scheme.DOI, i.value): i for i in dois if not known.found(i, crossref.NAME)}
    replies = yield Questions({doi.NAME: list(handles)})
    for handle, answer in replies.lookups.get(doi.NAME, {}).items():
        known.add(handles[handle], doi.NAME, answer)
