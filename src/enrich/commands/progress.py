"""Progress for people who wait: bars on a terminal, occasional lines in a log."""

from __future__ import annotations

import os
import sys
import threading
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module

from enrich import settings
from enrich.commands.terminal import say
from enrich.services import SERVICES, title_of
from enrich.text import neutral
from enrich.web import Listener

LINKS = "links"
"""The name under which links are counted, among services."""

_SECONDS_BETWEEN_LINES = 30.0
_WORTH_TELLING = 1.0  # seconds between two requests of a service from which its waiting becomes noticeable
_EACH = 50  # answers of a service after which -v prints their number


class RunProgress:
    """The progress of a run: answers, wanted answers and requests to send, by service; thread-safe."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.expected: Counter[str] = Counter()
        self.queued: Counter[str] = Counter()

    def sentence(self) -> str:
        """Return the progress in one line; empty before the run has begun."""
        parts = [self.line(name) for name in (LINKS, *sorted(self.queued)) if self._is_open(name)]
        return "; ".join(filter(None, parts))

    def line(self, name: str) -> str:
        """Return the progress of one service, and why it takes its time."""
        done, wanted = self.answered[name], self.expected[name]
        count = f"{done}/{wanted}" if wanted else str(done)
        if name == LINKS:
            return f"checking links {count}"
        return f"{title(name)} {count}{self.wait(name)}"

    def wait(self, name: str) -> str:
        """Return why a service is slow: ` (1 request in 3 s, 4 left)`; empty if it is not."""
        left, interval = self.queued[name], _INTERVALS.get(name, 0.0)
        return f" (1 request in {interval:.3g} s, {left} left)" if left > 0 and interval >= _WORTH_TELLING else ""

    def _is_open(self, name: str) -> bool:
        return self.expected[name] > 0 if name == LINKS else self.queued[name] > 0


_INTERVALS: Mapping[str, float] = {service.name: service.limit.interval for service in SERVICES}


def title(name: str) -> str:
    """Return the name of a service in a line of a log."""
    return neutral.line(title_of(name), longest=80)


@contextmanager
def progress(arguments: Namespace, unit: str = "responses") -> Iterator[Listener]:
    """Return the listener to the progress of a run for the time of the block.

    On a terminal there is a bar for the links and a row for each service. Elsewhere, in CI, a line every half a minute
    shows the progress and, with `--verbose`, another one after every 50 answers of a service. `--quiet` is silent.
    """
    course = RunProgress()
    if getattr(arguments, "quiet", False):
        yield Listener()
    elif sys.stderr.isatty() and not getattr(arguments, "no_progress", False):
        # Imported late: without a terminal no bar is drawn.
        with import_module("enrich.commands.bars").bars(arguments, course) as show:
            yield _listener(course, show)
    else:
        with _lines(arguments, course):
            yield _plain_listener(arguments, course, unit)


def _listener(course: RunProgress, show: Callable[[str], None]) -> Listener:
    return Listener(*(partial(_note, counter, show) for counter in (course.answered, course.expected, course.queued)))


def _note(counter: Counter[str], show: Callable[[str], None], name: str, count: int) -> None:
    counter[name] += count
    show(name)


def _plain_listener(arguments: Namespace, course: RunProgress, unit: str) -> Listener:
    """Return the listener without a terminal: with -v it prints a line at a service's first answer, and every 50."""
    shown: Counter[str] = Counter()

    def show(name: str) -> None:
        answers, before = course.answered[name], shown[name]
        if answers == before or not getattr(arguments, "verbose", 0):
            return
        shown[name] = answers
        if before == 0 or before // _EACH < answers // _EACH:
            say(arguments, f"{title_of(name)}: {answers} {unit}")

    return _listener(course, show)


@contextmanager
def _lines(arguments: Namespace, course: RunProgress) -> Iterator[None]:
    """Print the progress every half a minute if people follow the log."""
    if not settings.is_ci(os.environ):
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=tell_until, args=(over.wait, course, partial(say, arguments)), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def tell_until(wait: Callable[[float], bool], course: RunProgress, tell: Callable[[str], None]) -> None:
    """Print the progress every half a minute until the wait is over."""
    while not wait(_SECONDS_BETWEEN_LINES):
        if words := course.sentence():
            tell(words)
