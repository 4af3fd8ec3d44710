"""The facts of the demonstration's world: papers, repositories and pages in world.json."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class DemoPaper:
    """A paper as its registries know it.

    `titles` holds, by service, a title other than `title`; `earlier` the titles of the first arXiv versions, where they
    differ; `issued` the publisher's date as year, month, day (or less); `page` and `pdf` are URLs that show the paper,
    `dated` is the date in the page's tags; `retracted_by` the DOI of the notice.
    """

    title: str
    authors: tuple[str, ...]
    year: int
    abstract: str
    semantic_scholar: str
    arxiv: str | None = None
    submitted: str | None = None
    versions: int = 1
    category: str = "cs.LG"
    comment: str | None = None
    doi: str | None = None
    issued: tuple[int, ...] = ()
    venue: str | None = None
    cited: int | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    page: str | None = None
    pdf: str | None = None
    dated: str | None = None
    retracted_by: str | None = None

    def title_at(self, service: str) -> str:
        """Return the title that a service shows."""
        return self.titles.get(service, self.title)


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository; the names in `formerly` redirect to it."""

    full_name: str
    number: int
    description: str | None = None
    archived: bool = False
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """The response of a URL: a page with a title, or one that presents the paper with the title `page_of`."""

    status: int = 200
    title: str = ""
    page_of: str | None = None
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoFacts:
    """All facts; `registered` are DOIs of other agencies, `walls` the hosts that block automated requests."""

    papers: tuple[DemoPaper, ...]
    repositories: tuple[Repo, ...]
    registered: Mapping[str, str]
    walls: frozenset[str]
    pages: Mapping[str, Site]

    @cached_property
    def by_arxiv(self) -> Mapping[str, DemoPaper]:
        """The preprints by arXiv ID."""
        return {paper.arxiv: paper for paper in self.papers if paper.arxiv}

    @cached_property
    def by_doi(self) -> Mapping[str, DemoPaper]:
        """The publishers' papers by DOI in lower case."""
        return {paper.doi.lower(): paper for paper in self.papers if paper.doi}

    @cached_property
    def by_name(self) -> Mapping[str, Repo]:
        """The repositories by all their names, in lower case."""
        return {name.lower(): repo for repo in self.repositories for name in (repo.full_name, *repo.formerly)}


def load() -> DemoFacts:
    """Return the facts of the bundled world."""
    return TypeAdapter(DemoFacts).validate_json(files(__package__).joinpath("world.json").read_bytes())


def words(text: str) -> list[str]:
    """Return the words of a text as a search index splits it."""
    return re.findall(r"\w+", text.casefold())


def holds(text: str, phrase: str) -> bool:
    """Whether a text contains the words of a phrase consecutively."""
    wanted = " ".join(words(phrase))
    return bool(wanted) and f" {wanted} " in f" {' '.join(words(text))} "


def closest(papers: Iterable[DemoPaper], query: str) -> list[tuple[float, DemoPaper]]:
    """Return the papers with the share of words that title and query have in common, the largest first."""
    asked = set(words(query))
    scored = [
        (len(asked & theirs) / max(1, len(asked | theirs)), paper)
        for paper in papers
        for theirs in [set(words(paper.title))]
    ]
    return sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
