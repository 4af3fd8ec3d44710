"""Choose the next part, so that no host is asked by two workers at once; neither waits nor asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from enrich.pipeline.pages import ToLook
from enrich.pipeline.parts.divide import LEAST_DOMAINS, divide, number_of_parts
from enrich.web import domain_of


class Assignment:
    """A part for a worker: its links, and the domains that are asked for them.

    Attributes:
        deaths: How many workers have died over it.
    """

    def __init__(self, links: Iterable[ToLook]) -> None:
        self.links = list(links)
        self.domains = {domain_of(each.address) for each in self.links}
        self.deaths = 0

    def add(self, links: Sequence[ToLook]) -> None:
        """Add more links before a worker has the part."""
        self.links += links
        self.domains.update(domain_of(each.address) for each in links)


class Schedule:
    """The parts that wait for a worker, the links that wait for a host, and the domains in use."""

    def __init__(self) -> None:
        self._queue: deque[Assignment] = deque()
        self._waiting: dict[str, list[ToLook]] = {}
        self._busy: set[str] = set()

    def add(self, wanted: Sequence[ToLook], workers: int) -> None:
        """Divide links into parts for so many workers."""
        if wanted:
            self._queue.extend(map(Assignment, divide(wanted, number_of_parts(wanted, workers))))

    def hand_over(self, link: ToLook) -> None:
        """Look at a link as soon as the domain that it leads to is free."""
        self._waiting.setdefault(domain_of(link.address), []).append(link)

    def next(self, idle: int) -> Assignment | None:
        """Return the next part, for one of so many idle workers; None if no wanted domain is free.

        Links that wait for a free domain are added, except to a part that was begun: its next worker continues with the
        journal of the same links.
        """
        queued = set[str]().union(*(each.domains for each in self._queue))
        loose = [domain for domain in self._waiting if domain not in self._busy and domain not in queued]
        found = next((each for each in self._queue if self._busy.isdisjoint(each.domains)), None)
        if found:
            self._queue.remove(found)
            if not found.deaths:
                found.add(self._waited([*(found.domains & self._waiting.keys()), *loose]))
        elif loose:
            number = max(1, min(idle, len(loose) // LEAST_DOMAINS))
            found, *others = map(Assignment, divide(self._waited(loose), number))
            self._queue.extend(others)
        if found:
            self._busy |= found.domains
        return found

    def _waited(self, domains: Iterable[str]) -> list[ToLook]:
        return [link for domain in sorted(domains) for link in self._waiting.pop(domain)]

    def release(self, assignment: Assignment) -> None:
        """Release the domains of a part."""
        self._busy -= assignment.domains

    def put_back(self, assignment: Assignment) -> None:
        """Give a part that was not finished to the next worker."""
        self.release(assignment)
        self._queue.appendleft(assignment)
