"""The snapshots of a run: what is asked of them before the network, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from enrich.links import VOUCHING_DAYS
from enrich.model import Answer, Found, Identifier, Missing, Record, Scheme, Unknown
from enrich.pipeline.values import Candidates, Plan, Words
from enrich.services import SNAPSHOTS, snapshot_of
from enrich.settings import Settings
from enrich.snapshots import KINDS, DamagedError, OtherFormError, Snapshot
from enrich.sources import arxiv, doi

T = TypeVar("T")

_ARXIV, _STATES = "arxiv", "datacite-states"
_AT_ONCE = 50  # identifiers or titles after which fetches under way get their turn


class LocalCopies:
    """What a run's snapshots know; one that is damaged, replaced or removed meanwhile is asked no more.

    Attributes:
        notes: For people: which snapshots are not used, and why.
    """

    def __init__(
        self,
        snapshots: Iterable[Snapshot] = (),
        notes: Iterable[str] = (),
        online: Collection[Identifier] = (),
        *,
        spares_arxiv: bool = False,
        is_stale: bool = False,
    ) -> None:
        self.notes = list(notes)
        self._snapshots = {snapshot.kind.name: snapshot for snapshot in snapshots}
        self._online = online
        self._spares_arxiv = spares_arxiv
        self._is_stale = is_stale

    @property
    def searches(self) -> tuple[str, ...]:
        """The names of the available title searches."""
        titled = (name for name, kind in KINDS.items() if kind.record and name in self._snapshots)
        return tuple(snapshot_of(SNAPSHOTS[name]) for name in titled)

    @property
    def spares_arxiv(self) -> bool:
        """Whether arXiv's snapshot is recent enough to search arXiv for titles last."""
        return self._spares_arxiv and _ARXIV in self._snapshots

    def may_answer(self, service: str) -> bool:
        """Return whether a snapshot may answer in the service's place."""
        return {arxiv.NAME: _ARXIV, doi.NAME: _STATES}.get(service) in self._snapshots

    async def find(self, service: str, wanted: Iterable[Identifier]) -> dict[Identifier, Answer]:
        """Return what snapshots answer instead of the service; nothing for what must be asked online."""
        if self._is_stale and service == arxiv.NAME:
            return {}
        return await self._answers(service, [i for i in wanted if i not in self._online])

    async def stand_in(self, service: str, answers: Mapping[Identifier, Answer]) -> dict[Identifier, Answer]:
        """Return what snapshots know about what the service could not be asked."""
        return await self._answers(service, [i for i, answer in answers.items() if isinstance(answer, Unknown)])

    async def search(self, name: str, wanted: Sequence[Words]) -> dict[Words, Candidates]:
        """Search for titles or names; finding nothing proves nothing."""
        kind = next(kind for kind, source in SNAPSHOTS.items() if snapshot_of(source) == name)
        found: dict[Words, Candidates] = {}
        for words in wanted:
            if len(found) % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            ask = (
                partial(Snapshot.named, name=words.text)
                if words.is_name
                else partial(Snapshot.candidates, title=words.text)
            )
            records = self._asked(kind, ask) or ()
            day = self._day(kind)
            found[words] = Found(records, at=day, by=name) if records else Missing("not in the snapshot", at=day)
        return found

    async def _answers(self, service: str, wanted: Sequence[Identifier]) -> dict[Identifier, Answer]:
        found: dict[Identifier, Answer] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            batch = wanted[start : start + _AT_ONCE]
            if service == arxiv.NAME:
                found |= self._papers([i for i in batch if i.scheme is Scheme.ARXIV])
            elif service == doi.NAME:
                found |= self._registered([i for i in batch if i.scheme is Scheme.DOI])
            await asyncio.sleep(0)
        return found

    def _papers(self, wanted: Sequence[Identifier]) -> dict[Identifier, Found[Record]]:
        known = self._asked(_ARXIV, lambda snapshot: snapshot.records(i.value for i in wanted)) or {}
        day, by = self._day(_ARXIV), snapshot_of(SNAPSHOTS[_ARXIV])
        return {i: Found(known[i.value], at=day, by=by) for i in wanted if i.value in known}

    def _registered(self, wanted: Sequence[Identifier]) -> dict[Identifier, Found[str]]:
        known = self._asked(_STATES, lambda snapshot: snapshot.known(i.value for i in wanted)) or frozenset()
        day, by = self._day(_STATES), snapshot_of(SNAPSHOTS[_STATES])
        return {i: Found(f"https://doi.org/{i.value}", at=day, by=by) for i in wanted if i.value in known}

    def _day(self, kind: str) -> str:
        snapshot = self._snapshots.get(kind)
        return f"{snapshot.info.day}T00:00:00Z" if snapshot else ""

    def _asked(self, kind: str, ask: Callable[[Snapshot], T]) -> T | None:
        snapshot = self._snapshots.get(kind)
        if snapshot is None:
            return None
        try:
            return ask(snapshot)
        except DamagedError as error:
            self.notes.append(str(error))
            self._snapshots.pop(kind).close()
            return None


@contextmanager
def local_copies(planned: Plan, settings: Settings) -> Iterator[LocalCopies]:
    """Open the snapshots that the settings name and that are young enough.

    Raises:
        SnapshotError: One of the files is something else.
    """
    snapshots, notes = [], []
    try:
        for name, path in settings.snapshots.files.items():
            if not path.exists():
                notes.append(f"{path}: snapshot not found; not used; build it with `enrich snapshot build {name}`")
                continue
            try:
                snapshot = Snapshot.open(name, path)
            except (OtherFormError, DamagedError) as error:
                notes.append(str(error))
                continue
            snapshots.append(snapshot)
        objections = [each.info.objection(planned.today, settings.snapshots.max_age_days) for each in snapshots]
        rows = list(zip(snapshots, objections, strict=True))
        young = [each for each, objection in rows if objection is None]
        notes += [f"{each.path}: {why}; not used; build it from a newer dump" for each, why in rows if why]
        age = next((each.info.age(planned.today) for each in young if each.kind.name == _ARXIV), None)
        yield LocalCopies(
            young,
            notes,
            _asked_online(age or 0, planned),
            spares_arxiv=age is not None and age <= VOUCHING_DAYS,
            is_stale=age is not None and age >= settings.refresh_days,
        )
    finally:
        for each in snapshots:
            each.close()


def _asked_online(age: int, planned: Plan) -> frozenset[Identifier]:
    """Return the arXiv IDs about which arXiv itself is asked.

    These are papers whose last lookup is so old that they may be withdrawn since, and all links once the snapshot is
    too old to vouch for them.
    """
    old = (due for catalog in planned.catalogs for due in catalog.due if due.is_old)
    found = {clue.identifier for due in old for clue in due.clues}
    if age > VOUCHING_DAYS:
        found.update(*(catalog.vouched.values() for catalog in planned.catalogs))
    return frozenset(found)
