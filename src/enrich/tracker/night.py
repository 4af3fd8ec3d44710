"""What a run has to tell an issue, and the text that tells it; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from enrich.model import Finding

LONGEST_BODY = 65_536
"""Characters that GitHub takes in a body; counted in bytes here, of which a text never has fewer."""

MARKER = re.compile(r"<!-- enrich:issue (\w+=\S*) digest=(\w+) -->")
"""The first line of an issue's text, by which it is found again."""

_MOVES = frozenset({"moved-link", "renamed-repository"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What an issue can be about: the word for it in the marker, the issue's title, and its last words."""

    word: str
    title: str
    foot: str


CATALOG = Subject(
    "catalog",
    "Findings in {}",
    "The text changes when the findings do, and the issue is closed when none is left. Closed as not planned, it rests "
    "until the findings change.",
)
"""A catalog's findings; a repository with several catalogs has an issue for each."""

CANARIES = Subject(
    "canaries",
    "{} answer otherwise than expected",
    "The text changes when other canaries deviate, and the issue is closed when none does. Closed as not planned, it "
    "rests until that changes.",
)
"""What `enrich doctor --live` saw."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a run has to tell the issue.

    Attributes:
        name: The name of what it is about, such as the catalog's.
        standing: The findings that the issue is about; with none it is closed.
        render: The report as Markdown within that many bytes.
        run_url: The page of the run, for whoever wants to know more.
        complete: Whether the run saw everything; without that "no findings" means nothing.
        subject: What it is about.
    """

    name: str
    standing: Sequence[Finding]
    render: Callable[[int], str]
    run_url: str | None = None
    complete: bool = True
    subject: Subject = CATALOG

    @property
    def marked(self) -> str:
        """What it is about, as the marker has it."""
        return f"{self.subject.word}={_named(self.name)}"


def digest(findings: Iterable[Finding]) -> str:
    """A print of what stands, 32 hexadecimal digits: which findings, how severe, and where moves lead.

    Messages, evidence and other suggestions stay out of it: they tell of statuses and counts, and of copies in archives
    that cannot be asked every night.
    """
    told = sorted("\0".join((f.identity, f.severity, f.suggestion or "" if f.rule in _MOVES else "")) for f in findings)
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:32]


def body(night: Night) -> str:
    """The text of the issue, at most `LONGEST_BODY` bytes, with the marker that finds it again in its first line."""
    head = f"<!-- enrich:issue {night.marked} digest={digest(night.standing)} -->\n"
    run = f" in [this run]({night.run_url})" if night.run_url else ""
    foot = f"\n---\n*enrich found this{run}. {night.subject.foot}*\n"
    return head + night.render(LONGEST_BODY - len((head + foot).encode())) + foot


def _named(name: str) -> str:
    # A hidden comment may not hold two hyphens: https://html.spec.whatwg.org/multipage/syntax.html#comments.
    return quote(name, safe="/", errors="replace").replace("--", "%2D%2D")
