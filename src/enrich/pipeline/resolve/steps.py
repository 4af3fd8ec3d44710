"""The steps by which the papers of one catalog are searched, decided and looked up, as questions to services."""

from __future__ import annotations

from collections.abc import Sequence

from enrich import judge
from enrich.model import Found, Identifier, Missing, Record, Scheme, Unknown
from enrich.pipeline.inquiry import Inquiry, Questions
from enrich.pipeline.known import ask_fallbacks, ask_more
from enrich.pipeline.resolve.paper import Paper, asked_in_round, to_search
from enrich.pipeline.resolve.work import Work
from enrich.pipeline.values import GapFillers, Words
from enrich.services import PAGE
from enrich.sources import arxiv, crossref, semantic_scholar

_ROUNDS, _PART = 3, 8


def search_papers(work: Work, papers: Sequence[Paper]) -> Inquiry[None]:
    """Search for the papers that no registry knows yet."""
    yield from search_together(work, papers)
    yield from _search_one_by_one(work, papers)
    # The few left out: Semantic Scholar keeps a first version's title, arXiv has the current one.
    open_ones = to_search(papers)
    titled = [(words, paper) for words, paper in open_ones if not words.is_name]
    at_arxiv = [words for words, paper in titled if not (work.spares_arxiv and paper.candidates)]
    unsearched = [words for words, _ in titled if not work.is_searched("names", words)]
    yield from work.ask({"arxiv": at_arxiv, "bulk": unsearched})
    work.choose(open_ones, ("arxiv", "bulk"))
    work.choose(to_search(papers), work.local)


def search_together(work: Work, papers: Sequence[Paper], along: Sequence[Paper] = ()) -> Inquiry[None]:
    """Search for papers in few requests, and for those `along` if the requests are made anyway."""
    work.take_found_by_name([*papers, *along])
    open_ones = to_search([*papers, *along])
    yield from work.ask({name: [words for words, _ in open_ones] for name in work.local})
    work.take_certain(open_ones)
    work.take_known_guesses()
    open_ones, more = to_search(papers), to_search(along)
    yield from _ask_together(work, open_ones, more)
    work.choose([*open_ones, *more], ("arxiv", "bulk", "names"))


def _ask_together(
    work: Work, open_ones: Sequence[tuple[Words, Paper]], along: Sequence[tuple[Words, Paper]]
) -> Inquiry[None]:
    """Search for names and titles in few requests, with titles that are or may become doubtful.

    Titles that arXiv was searched for in advance are always searched for in Semantic Scholar: with the names, or alone.
    """
    names = [words for words, _ in open_ones if words.is_name]
    questioned = [words for words in map(work.questionable, work.papers.values()) if words]
    more = [words for words, _ in (*open_ones, *along) if not work.is_searched("bulk", words)]
    yield from work.ask({"names": names}, {"names": [*more, *questioned]})
    work.choose([*open_ones, *along], ("names",))
    titled, more = (
        [words for words, _ in to_search(paper for _, paper in each) if not words.is_name]
        for each in (open_ones, along)
    )
    ahead = [words for words in titled if work.outcome("arxiv", words) and not work.outcome("names", words)]
    more = [words for words in (*more, *questioned) if titled and not work.is_searched("names", words)]
    yield from work.ask({"bulk": ahead}, {"arxiv": [] if work.spares_arxiv else titled, "bulk": [*titled, *more]})


def _search_one_by_one(work: Work, papers: Sequence[Paper]) -> Inquiry[None]:
    """Search for each title in up to three services, part by part.

    While one part is at its first service, the part before it is at its second, so that the services work concurrently.
    """
    parts = _parts(to_search(papers))
    for step in range(len(parts) + _ROUNDS - 1):
        wanted: dict[str, list[Words]] = {name: [] for name in ("crossref", "match", "named", "openalex")}
        asked: list[tuple[Words, Paper]] = []
        for number in range(_ROUNDS):
            part = parts[step - number] if 0 <= step - number < len(parts) else []
            open_ones = to_search(part)
            asked += open_ones
            for words, paper in open_ones:
                name = asked_in_round(number, paper)
                if not _is_answered(work, name, words):
                    wanted[name].append(words)
        yield from work.ask(wanted)
        work.choose(asked, tuple(wanted))


def _is_answered(work: Work, name: str, words: Words) -> bool:
    """Whether the search for all names already answers this search for one.

    If no paper of the years has the name, Crossref, which searches names without years, need not be asked.
    """
    if name == "named":
        return work.is_searched("names", words)
    return name == "crossref" and words.is_name and isinstance(work.outcome("names", words), Missing)


def _parts(open_ones: Sequence[tuple[Words, Paper]]) -> list[list[Paper]]:
    """Return the papers in parts of about one size, none of them small: a failing part ends the use of a service."""
    number = max(1, len(open_ones) // _PART)
    papers = [paper for _, paper in open_ones]
    return [papers[len(papers) * at // number : len(papers) * (at + 1) // number] for at in range(number)]


def settle(work: Work) -> Inquiry[None]:
    """Search for the titles of entries whose links lead to another paper, or may.

    Semantic Scholar has papers from everywhere, and may have been searched already, alone or along with names; arXiv is
    asked about papers that it leaves undecided.
    """
    for name in (*work.local, "names", "bulk", "arxiv"):
        asked = [(words, paper) for paper in work.papers.values() if (words := _in_question(work, name, paper))]
        titles = [words for words, _ in asked]
        yield from (work.ask({}, {name: titles}) if name == "names" else work.ask({name: titles}))
        for words, paper in asked:
            match work.outcome(name, words):
                case Unknown() if name == "arxiv" or (name == "bulk" and paper.is_contested):
                    paper.withhold()
                case Found(value=candidates):
                    paper.settle(candidates)


def _in_question(work: Work, name: str, paper: Paper) -> Words | None:
    """Return the title whose search by that name may decide, None if nothing is left to ask."""
    words = paper.title_in_question()
    if words is None or paper.right:
        return None
    before = {"bulk": ("names",), "arxiv": ("names", "bulk")}.get(name, ())
    is_answered = any(work.is_searched(each, words) for each in before)
    return words if paper.is_contested or not is_answered else None


def follow_up(work: Work, gap_fillers: GapFillers) -> Inquiry[None]:
    """Ask about the identifiers in records, and take the registries' answers.

    Crossref is asked about every DOI, arXiv about every preprint (which may be withdrawn), Semantic Scholar about
    papers found elsewhere and, if it is asked at all, about the DOIs that papers may have.
    """
    papers = work.papers.values()
    rows = {
        identifier
        for paper in papers
        if (not paper.clues or paper.matched_by in ("title", "name", PAGE))
        and semantic_scholar.NAME not in paper.records
        if (identifier := paper.main())
    }
    yield from _learn(work)
    likely = set[Identifier]().union(*work.guesses().values()) if rows else set[Identifier]()
    yield from ask_more(work.known, {semantic_scholar.NAME: rows | likely})
    guesses = work.guesses()
    dois = set[Identifier]().union(*guesses.values())
    preprints: set[Identifier] = set()
    for paper in papers:
        work.take_named(paper)
        dois |= paper.named(Scheme.DOI)
        if arxiv.NAME not in paper.records or paper.records[arxiv.NAME].snapshot:
            preprints |= paper.named(Scheme.ARXIV)
    old = set[Identifier]().union(*(paper.named(Scheme.ARXIV) for paper in papers if paper.is_old))
    yield from ask_more(work.known, {crossref.NAME: dois, arxiv.NAME: preprints}, online=old)
    for key, paper in work.papers.items():
        work.take_guess(paper, guesses.get(key, ()))
        work.take_named(paper)
    yield from _fill_gaps(work, gap_fillers)


def _learn(work: Work) -> Inquiry[None]:
    """Store what searches found under the identifiers that the next run will look up."""
    learned: dict[tuple[str, Identifier], Found[Record]] = {}
    for paper in work.papers.values():
        preprint, row = paper.records.get(arxiv.NAME), paper.records.get(semantic_scholar.NAME)
        if preprint and preprint.arxiv_id:
            learned |= work.learn(arxiv.NAME, Identifier(Scheme.ARXIV, preprint.arxiv_id), preprint)
        if row and (identifier := paper.main()):
            learned |= work.learn(semantic_scholar.NAME, identifier, row)
    yield Questions(learned=learned)


def _fill_gaps(work: Work, gap_fillers: GapFillers) -> Inquiry[None]:
    """Ask Semantic Scholar for the last DOIs found, and DataCite and the gap fillers for missing fields."""
    papers = _with_gaps(work)
    unasked = {i for p in papers if semantic_scholar.NAME not in p.records if (i := p.main())}
    yield from ask_more(work.known, {semantic_scholar.NAME: unasked})
    for paper in papers:
        work.take_named(paper)
    papers = _with_gaps(work)
    main = {identifier for paper in papers if (identifier := paper.main())}
    papers_of = main.union(*(paper.named(Scheme.ARXIV) for paper in papers))
    yield from ask_fallbacks(work.known, papers_of, gap_fillers)
    for paper in papers:
        work.take_named(paper)


def _with_gaps(work: Work) -> list[Paper]:
    return [paper for paper in work.papers.values() if paper.records and judge.gaps(paper.records.values())]
