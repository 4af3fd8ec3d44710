"""What a run reports to an issue, and the title and text of the issue; pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from enrich.model import RULE_NOUNS, Finding

LONGEST_BODY = 65_536
"""The size that GitHub accepts for a body, in characters; counted in bytes here, of which a text never has fewer."""

MARKER = re.compile(r"<!-- enrich:issue (\w+=\S*) digest=(\w+) -->")
"""The first line of an issue's text, by which it is recognised."""

_NAMED = 3
"""The number of kinds of findings in a title; the others are added up."""

_MOVES = frozenset({"moved-link", "renamed-repository"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What an issue can be about: its word in the marker, its title with `{findings}` and `{name}`, and its foot."""

    word: str
    title: str
    foot: str


CATALOG = Subject(
    "catalog",
    "enrich: {findings} in {name}",
    "The text is updated when the findings or the ticks change, and the issue is closed when no finding is left. If "
    "you close it as not planned, it stays closed until the findings change.",
)
"""A catalog's findings; a repository with several catalogs has an issue for each."""

CATALOGS = replace(CATALOG, word="catalogs")
"""The findings of all catalogs of a run, in one issue."""

CANARIES = Subject(
    "canaries",
    "enrich: unexpected responses of {name}",
    "The text is updated when other canaries deviate, and the issue is closed when none does. If you close it as not "
    "planned, it stays closed until that changes.",
)
"""The result of `enrich doctor --live`."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a run reports to the issue.

    Attributes:
        name: The name of what it is about, such as the catalog's.
        standing: The findings that the issue is about; with none it is closed.
        render: The report as Markdown within that many bytes.
        run_url: The page of the run.
        complete: Whether the run saw everything; without that "no findings" means nothing.
        subject: What it is about.
        ticks: What a person ticked in the issue, in any words: the issue is written anew where they change.
    """

    name: str
    standing: Sequence[Finding]
    render: Callable[[int], str]
    run_url: str | None = None
    complete: bool = True
    subject: Subject = CATALOG
    ticks: Sequence[str] = ()

    @property
    def title(self) -> str:
        """Return the issue's title: `enrich: 4 broken links, 18 other findings in catalog.yaml`."""
        return self.subject.title.format(findings=_counted(self.standing), name=self._shown_name)

    def is_own_title(self, title: str) -> bool:
        """Return whether a title is enrich's, with any number of findings, and not a person's."""
        before, _, after = self.subject.title.partition("{findings}")
        return title.startswith(before.format(name=self._shown_name)) and title.endswith(
            after.format(name=self._shown_name)
        )

    @property
    def _shown_name(self) -> str:
        return " ".join(self.name.split())[:120]

    @property
    def marked(self) -> str:
        """Return the subject as it is in the marker."""
        return marked_as(self.subject, self.name)

    @property
    def fingerprint(self) -> str:
        """Return a hash of the open findings and the ticks."""
        return fingerprint(self.standing, self.ticks)


def marked_as(subject: Subject, name: str) -> str:
    """Return the subject of an issue as it is in its marker."""
    return f"{subject.word}={_named(name)}"


def _counted(findings: Iterable[Finding]) -> str:
    """Return the numbers of findings, the first kinds by name: `4 broken links, 2 wrong papers, 5 other findings`."""
    counts = Counter(finding.rule for finding in findings)
    named = [rule for rule in counts if rule in RULE_NOUNS][:_NAMED]
    others = counts.total() - sum(counts[rule] for rule in named)
    parts = [f"{counts[rule]} {RULE_NOUNS[rule][counts[rule] != 1]}" for rule in named]
    if others:
        noun = "finding" if others == 1 else "findings"
        parts.append(f"{others} {'other ' if named else ''}{noun}")
    return ", ".join(parts)


def fingerprint(findings: Iterable[Finding], ticks: Iterable[str] = ()) -> str:
    """Return a hash of the open findings, 32 hexadecimal digits: which they are, how severe, and where moves lead.

    Messages, evidence and other suggestions are left out: they change with statuses, counts and archived copies, which
    are not looked up every night.
    """
    rows = sorted("\0".join((f.identity, f.severity, f.suggestion or "" if f.rule in _MOVES else "")) for f in findings)
    rows += sorted(ticks)
    return hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest()[:32]


def body(night: Night) -> str:
    """Return the text of the issue, at most `LONGEST_BODY` bytes; its first line is the marker."""
    head = f"<!-- enrich:issue {night.marked} digest={night.fingerprint} -->\n"
    run = f" in [this run]({night.run_url})" if night.run_url else ""
    foot = f"\n---\n*Found by enrich{run}. {night.subject.foot}*\n"
    return head + night.render(LONGEST_BODY - len((head + foot).encode())) + foot


def _named(name: str) -> str:
    # A comment cannot contain two hyphens: https://html.spec.whatwg.org/multipage/syntax.html#comments.
    return quote(name, safe="/", errors="replace").replace("--", "%2D%2D")
