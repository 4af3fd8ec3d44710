"""A year of results.sqlite: `python -m benchmarks.scale.results [--links 300000] [--nights 365] [--share 0.004]`.

Every night that share of the links changes its verdict; half of what is broken or unreachable works again after a week.
Printed are the size of the file by night, the processor's seconds of a night's write (a process keeps its report, as a
run does), and the seconds in which the days of the catalog are read back for `enrich site`.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from enrich import results
from enrich.model import (
    Entry,
    EntryReport,
    EntryType,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Severity,
    Status,
    Verdict,
)

_RULES = {
    Verdict.BROKEN: ("broken-link", Severity.ERROR),
    Verdict.MOVED: ("moved-link", Severity.NOTE),
    Verdict.SUSPECT: ("unreachable-link", Severity.WARNING),
}
_SEEN = {
    Verdict.OK: (200, "A page with a title of some length on the subject of number {}"),
    Verdict.BROKEN: (404, "HTTP status 404"),
    Verdict.MOVED: (200, "moved permanently to https://www.host{}.example.org/papers/"),
    Verdict.SUSPECT: (None, "timed out"),
    Verdict.BLOCKED: (403, "HTTP status 403: blocks automated requests"),
}
_LINKS_OF_AN_ENTRY = 3


class Nights:
    """A catalog whose links change."""

    def __init__(self, links: int, share: float) -> None:
        self._dice = random.Random(7)
        self._share = share
        urls = [f"https://host{at % 5000}.example.org/research/papers/{at}/index.html" for at in range(links)]
        keys = [f"system-{at}" for at in range(links // _LINKS_OF_AN_ENTRY)]
        self._keys = [keys[at % len(keys)] for at in range(links)]
        self.listed = [
            Entry(key, title=f"The title of the paper {key}", links=tuple(map(Link, urls[at :: len(keys)])))
            for at, key in enumerate(keys)
        ]
        self._cited = [
            EntryReport(key, EntryType.PAPER, Status.FOUND, citation_count=at) for at, key in enumerate(keys)
        ]
        self._rows = [self._row(at, url, Verdict.OK) for at, url in enumerate(urls)]
        self.standing: dict[str, Finding] = {}
        self._bad: list[int] = []

    def _row(self, at: int, url: str, verdict: Verdict) -> LinkReport:
        status, saw = _SEEN[verdict]
        seen = Evidence("web", "2026-01-01T03:00:00Z", saw.format(at), status)
        return LinkReport(LinkCheck(url, verdict, (seen,)), (self._keys[at],), LinkKind.PAPER)

    def change(self, day: date) -> Report:
        """Let a night pass, and return its report."""
        count = int(len(self._rows) * self._share)
        back = [self._bad.pop(self._dice.randrange(len(self._bad))) for _ in range(min(count // 2, len(self._bad)))]
        for at in back:
            self._set(at, Verdict.OK, day)
        for at in self._dice.sample(range(len(self._rows)), count - len(back)):
            self._set(at, self._dice.choice([verdict for verdict in _SEEN if verdict is not Verdict.OK]), day)
            self._bad.append(at)
        # A citation count is asked for every 30 days, and has changed then in a third of the papers.
        for at in self._dice.sample(range(len(self._cited)), len(self._cited) // 90):
            row = self._cited[at]
            self._cited[at] = replace(row, citation_count=(row.citation_count or 0) + 1)
        moment = f"{day}T03:00:00Z"
        return Report("catalog.yaml", moment, moment, tuple(self._cited), tuple(self._rows))

    def _set(self, at: int, verdict: Verdict, day: date) -> None:
        before = self._rows[at]
        url = before.check.url
        self._rows[at] = self._row(at, url, verdict)
        for rule, severity in _RULES.values():
            self.standing.pop(f"{rule} {url}", None)
            if _RULES.get(verdict) == (rule, severity):
                self.standing[f"{rule} {url}"] = Finding(
                    rule, severity, _SEEN[verdict][1].format(at), self._keys[at], url, first_seen=str(day)
                )


def main() -> None:
    """Print the table."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--links", type=int, default=300_000)
    flags.add_argument("--nights", type=int, default=365)
    flags.add_argument("--share", type=float, default=0.004)
    given = flags.parse_args()
    nights, first = Nights(given.links, given.share), date(2026, 1, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.sqlite"
        print("| night | MB | CPU s of the write |\n| ---: | ---: | ---: |")
        seconds = []
        for night in range(given.nights):
            report = nights.change(first + timedelta(days=night))
            begun = time.process_time()
            results.record(path, "catalog.yaml", report, nights.listed, nights.standing.values())
            seconds.append(time.process_time() - begun)
            if night in (0, 1, given.nights - 1) or night % 60 == 0:
                print(f"| {night + 1} | {path.stat().st_size / 1e6:.1f} | {seconds[-1]:.2f} |", flush=True)
        begun = time.process_time()
        course = results.read(path, ["catalog.yaml"])["catalog.yaml"]
        read = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    later = seconds[1:] or seconds
    print(f"\nCPU s of a night after the first: median {median(later):.2f}, at most {max(later):.2f}")
    print(f"{len(course.days)} days read in {read:.2f} s CPU; peak {peak:.0f} MB, the reports included")


if __name__ == "__main__":
    main()
