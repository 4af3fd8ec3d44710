"""Ask services for several catalogs at once: each catalog's questions come from a generator."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from enrich.model import Answer, Found, Identifier, Missing, Outcome, Record, Repository, Scheme, Unknown
from enrich.pipeline.asker import Asker, searched_at
from enrich.pipeline.values import Candidates, Note, Words
from enrich.sources import arxiv, github
from enrich.sources.asking.lookup import store

FEW = 2
"""The number of titles up to which each is searched alone: two bulk searches would cost as much and prove less."""

K = TypeVar("K")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Questions:
    """What one catalog wants to know next.

    Attributes:
        lookups: Identifiers by the service that is asked about them.
        parts: What is asked for inside of repositories.
        searches: Titles or names by the search that is made for them.
        along: What is searched only together with others; titles, too, if there are more than `FEW` over all catalogs.
        online: Identifiers that snapshots are not asked about.
        first_versions: arXiv ids whose first versions are asked for: lists often hold the title that a paper had then.
        learned: What searches found, to be stored as the services' answers about identifiers.
    """

    lookups: Mapping[str, Collection[Identifier]] = field(default_factory=dict)
    parts: Mapping[Identifier, frozenset[str]] = field(default_factory=dict)
    searches: Mapping[str, Collection[Words]] = field(default_factory=dict)
    along: Mapping[str, Collection[Words]] = field(default_factory=dict)
    online: Collection[Identifier] = ()
    first_versions: Collection[Identifier] = ()
    learned: Mapping[tuple[str, Identifier], Found[Record]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replies:
    """What the services said: exactly one outcome for each question, but none for searches that were not made."""

    lookups: Mapping[str, Mapping[Identifier, Answer]] = field(default_factory=dict)
    searches: Mapping[str, Mapping[Words, Candidates]] = field(default_factory=dict)
    first_versions: Mapping[Identifier, Outcome[Record]] = field(default_factory=dict)


Inquiry = Generator[Questions, Replies, R]
"""The questions of one catalog, step by step."""


@dataclass(frozen=True, slots=True)
class InquiryResults(Generic[R]):
    """How the inquiries ended, what could not be asked for each, and the services that answer nothing, with why."""

    results: tuple[R, ...]
    notes: tuple[tuple[Note, ...], ...]
    out: Mapping[str, Unknown]


async def run_inquiries(inquiries: Sequence[Inquiry[R]], asker: Asker, out: Mapping[str, Unknown]) -> InquiryResults[R]:
    """Run several inquiries concurrently: their questions at the same step go out in the same batches.

    A service in `out`, or one that answers nothing at a step, is not asked again.
    """
    out = dict(out)
    results: dict[int, R] = {}
    notes: list[list[Note]] = [[] for _ in inquiries]
    replies: dict[int, Replies] = {}
    while len(results) < len(inquiries):
        asked: dict[int, Questions] = {}
        for place, inquiry in enumerate(inquiries):
            if place not in results:
                try:
                    asked[place] = inquiry.send(replies[place]) if place in replies else next(inquiry)
                except StopIteration as end:
                    results[place] = end.value
        answered = await _ask(list(asked.values()), asker, out)
        replies = dict(zip(asked, answered, strict=True))
        for place, reply in replies.items():
            notes[place] += _notes(reply, asker)
    return InquiryResults(tuple(results[place] for place in range(len(inquiries))), tuple(map(tuple, notes)), out)


def _notes(reply: Replies, asker: Asker) -> list[Note]:
    lookups = [note for service, said in reply.lookups.items() for note in asker.notes(service, said.items())]
    searches = [
        note
        for name, found in reply.searches.items()
        for note in asker.notes(searched_at(name), ((words.text, outcome) for words, outcome in found.items()))
    ]
    return [*lookups, *searches]


async def _ask(questions: Sequence[Questions], asker: Asker, out: dict[str, Unknown]) -> list[Replies]:
    """Ask everything that the catalogs want to know, each thing once, and return their answers."""
    for each in questions:
        for (service, identifier), answer in each.learned.items():
            store(asker.web, service, identifier, answer)
    replies = await _put(_merge(questions, asker), asker, dict(out))
    for service, answers in replies.lookups.items():
        # The limit for repositories without a token ends some batches of a service that works.
        if service != github.NAME:
            _note_out(service, answers, out)
    for name, found in replies.searches.items():
        _note_out(searched_at(name), found, out)
    return [_part(replies, each) for each in questions]


def _merge(questions: Sequence[Questions], asker: Asker) -> Questions:
    """Return the questions of all catalogs as one, without searches that are not available."""
    lookups = dict.fromkeys(service for each in questions for service in each.lookups)
    searches = dict.fromkeys(name for each in questions for name in (*each.searches, *each.along))
    repositories = _union(each.lookups.get(github.NAME, ()) for each in questions)
    return Questions(
        lookups={service: _union(each.lookups.get(service, ()) for each in questions) for service in lookups},
        parts={name: _union(each.parts.get(name, frozenset()) for each in questions) for name in repositories},
        searches={name: _searched_together(name, questions) for name in searches if asker.can_ask(searched_at(name))},
        online=_union(each.online for each in questions),
        first_versions=_union(each.first_versions for each in questions),
    )


def _searched_together(name: str, questions: Sequence[Questions]) -> frozenset[Words]:
    alone = _union(each.searches.get(name, ()) for each in questions)
    along = _union(each.along.get(name, ()) for each in questions)
    if name != "names":
        return alone | along if alone or len(along) > FEW else frozenset()
    years = [words.year for words in alone if words.year]
    # Names of other years would take a request of their own; titles never do.
    return alone | {words for words in along if not words.is_name or words.year in _span(years)}


def _span(years: Sequence[int]) -> range:
    return range(min(years), max(years) + 1) if years else range(0)


async def _put(questions: Questions, asker: Asker, out: Mapping[str, Unknown]) -> Replies:
    """Ask all services concurrently."""
    async with asyncio.TaskGroup() as group:
        lookups = {
            service: group.create_task(_looked_up(service, wanted, questions, asker, out))
            for service, wanted in questions.lookups.items()
            if wanted
        }
        searches = {
            name: group.create_task(_searched(name, wanted, asker, out))
            for name, wanted in questions.searches.items()
            if wanted
        }
        first_versions = group.create_task(_first_versions(questions.first_versions, asker, out))
    return Replies(
        {service: task.result() for service, task in lookups.items()},
        {name: task.result() for name, task in searches.items()},
        first_versions.result(),
    )


def _part(replies: Replies, asked: Questions) -> Replies:
    """Return the replies to the questions of one catalog.

    What failed to be searched along with names counts as not searched.
    """
    lookups = {
        service: _own(replies.lookups[service], wanted, asked.parts)
        for service, wanted in asked.lookups.items()
        if wanted
    }
    searches = {
        name: {
            words: found[words]
            for words in (*asked.searches.get(name, ()), *asked.along.get(name, ()))
            if name != "names" or words in asked.searches.get(name, ()) or _is_answered(found.get(words))
        }
        for name, found in replies.searches.items()
    }
    return Replies(lookups, searches, {i: replies.first_versions[i] for i in asked.first_versions})


def _is_answered(outcome: Candidates | None) -> bool:
    return isinstance(outcome, Found | Missing)


async def _looked_up(
    service: str,
    wanted: Collection[Identifier],
    questions: Questions,
    asker: Asker,
    out: Mapping[str, Unknown],
) -> Mapping[Identifier, Answer]:
    if service == github.NAME:
        return await asker.look_into(questions.parts)
    if failure := out.get(service):
        return dict.fromkeys(wanted, Unknown(failure.why, passing=failure.passing))
    return await asker.look_up(service, wanted, questions.online)


async def _searched(
    name: str, wanted: Collection[Words], asker: Asker, out: Mapping[str, Unknown]
) -> Mapping[Words, Candidates]:
    if failure := out.get(searched_at(name)):
        return dict.fromkeys(wanted, Unknown(failure.why))
    return await asker.search(name, wanted)


async def _first_versions(
    wanted: Collection[Identifier], asker: Asker, out: Mapping[str, Unknown]
) -> Mapping[Identifier, Outcome[Record]]:
    if failure := out.get(arxiv.NAME):
        return dict.fromkeys(wanted, Unknown(failure.why))
    base = asker.base(arxiv.NAME, arxiv.BASE)
    return await arxiv.look_up(sorted(wanted), asker.web, base=base, version=1)


def _note_out(service: str, outcomes: Mapping[Any, Outcome[Any]], out: dict[str, Unknown]) -> None:
    unknown = [outcome for outcome in outcomes.values() if isinstance(outcome, Unknown)]
    if unknown and len(unknown) == len(outcomes):
        out.setdefault(service, unknown[0])


def _own(
    outcomes: Mapping[Identifier, Answer], wanted: Iterable[Identifier], parts: Mapping[Identifier, frozenset[str]]
) -> dict[Identifier, Answer]:
    """Return the outcomes that a catalog wanted, without parts of repositories that only others asked for."""
    own = {identifier: outcomes[identifier] for identifier in wanted}
    for identifier, answer in own.items():
        if identifier.scheme is Scheme.GITHUB and isinstance(answer, Found) and isinstance(answer.value, Repository):
            kept = tuple(part for part in answer.value.parts if part in parts.get(identifier, ()))
            own[identifier] = Found(replace(answer.value, parts=kept), answer.at)
    return own


def _union(sets: Iterable[Collection[K]]) -> frozenset[K]:
    return frozenset[K]().union(*sets)
