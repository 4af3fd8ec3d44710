"""How the report for a terminal looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a report is shown.

    Attributes:
        color: Whether to put in ANSI colours; nothing is read from the environment or the terminal.
        width: Columns of the terminal; no line is wrapped, so that all of them can be searched and copied.
        evidence: Whether each finding shows its evidence and how to ignore it.
        only_news: Whether a run that brought nothing new counts the open findings instead of listing them.
        quiet: Whether a clean report is empty, and advice is left out.
    """

    color: bool = False
    width: int = 100
    evidence: bool = False
    only_news: bool = False
    quiet: bool = False


DEFAULT_STYLE = TextStyle()
