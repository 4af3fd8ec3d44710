"""The boxes of the issue: how they are written, and which of them a person ticked; pure.

A box is identified by a comment that only enrich can write, as text from outside is escaped. It contains the ID of a
finding: the effect of a tick depends on the finding, never on the text of the issue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from enrich.model import Finding

_BOX = re.compile(r"^ {0,2}- \[([ xX])\] <!-- enrich:(accept|fix)=([0-9a-f]{16}) -->", re.MULTILINE)


class Action(StrEnum):
    """What a tick asks for: accept a finding as it is, or fix what it is about."""

    ACCEPT = "accept"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Ticks:
    """The ids of the findings whose boxes are ticked."""

    accept: frozenset[str] = frozenset()
    fix: frozenset[str] = frozenset()

    def has(self, action: Action, identity: str) -> bool:
        """Whether the box for this is ticked."""
        return identity in (self.accept if action is Action.ACCEPT else self.fix)


NO_TICKS = Ticks()


def finding_id(catalog: str | None, finding: Finding) -> str:
    """Return the id of a finding in the issue; the same finding has the same id in every run."""
    return sha256(f"{catalog or ''}|{finding.identity}".encode("utf-8", "replace")).hexdigest()[:16]


def box(action: Action, identity: str, ticks: Ticks = NO_TICKS) -> str:
    """Return the beginning of a list item with a box, ticked where it was."""
    return f"- [{'x' if ticks.has(action, identity) else ' '}] <!-- enrich:{action}={identity} -->"


def read_ticks(text: str) -> Ticks:
    """Return the ticks in the text of an issue; a box within a line or a code block does not count."""
    ticked = [(found[2], found[3]) for found in _BOX.finditer(_without_fences(text)) if found[1] != " "]
    return Ticks(*(frozenset(name for action, name in ticked if action == kind) for kind in Action))


def _without_fences(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", text.replace("\r\n", "\n"), flags=re.MULTILINE | re.DOTALL)
