"""The settings that would ignore a finding: a block that can be pasted below others."""

from __future__ import annotations

from enrich.model import Finding
from enrich.report import escape

HINT = "to ignore this, add to enrich.toml:"
"""The text before a block."""

REASON = "…"
"""The placeholder of the reason, which only a person knows."""


def ignore_lines(finding: Finding, reason: str = REASON) -> tuple[str, ...]:
    """Return the lines of an `[[ignore]]` table for this finding.

    Empty if the finding has neither a URL nor an entry that identifies it, or none that is short enough to show.
    """
    subject = next(
        (text for text in (finding.url, finding.entry) if text and len(text) <= escape.LONGEST_SHOWN_URL), None
    )
    if subject is None:
        return ()
    pattern, rule = escape.toml(escape.glob(subject)), escape.toml(finding.rule)
    return "[[ignore]]", f"pattern = {pattern}", f"rule = {rule}", f"reason = {escape.toml(reason)}"


def ignore_block(finding: Finding, reason: str = REASON) -> str | None:
    """Return the same lines as one text, None without any."""
    return "\n".join(ignore_lines(finding, reason)) or None
