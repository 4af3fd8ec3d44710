"""Results of canaries, as text for people, as JSON, and as the text of an issue; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from enrich.live.replies import Saved
from enrich.services import title_of
from enrich.text import neutral


class CanaryState(StrEnum):
    """How a response compares with the expected one."""

    AS_EXPECTED = "as expected"
    DEVIATES = "deviates"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """How a canary fared.

    Attributes:
        service: The name of the service; `web` for pages.
        case: What the canary checks.
        state: How the answer compares.
        expected: What was expected, in words.
        saw: What was answered instead, or why it was not asked.
        url: The page, for pages.
        replies: The replies that the answer rests on.
        files: The names under which they were saved.
    """

    service: str
    case: str
    state: CanaryState
    expected: str
    saw: str
    url: str | None = None
    replies: tuple[Saved, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The service's title, or "Pages"."""
        return "Pages" if self.url else title_of(self.service)


def deviations(outcomes: Iterable[CanaryResult]) -> list[tuple[CanaryResult, ...]]:
    """Return the canaries that deviate, grouped by service: a group has one cause. Each page is a group."""
    groups: dict[str, list[CanaryResult]] = {}
    for each in outcomes:
        if each.state is CanaryState.DEVIATES:
            groups.setdefault(each.url or each.service, []).append(each)
    return [tuple(group) for group in groups.values()]


def as_text(outcomes: Sequence[CanaryResult]) -> list[str]:
    """Return the table for a terminal, one line per canary, then the deviations in full."""
    width = max((len(outcome.place) for outcome in outcomes), default=0)
    longest = max((len(outcome.case) for outcome in outcomes), default=0)
    lines = [f"{each.place:<{width}}  {each.case:<{longest}}  {each.state}" for each in outcomes]
    for group in deviations(outcomes):
        lines += ["", f"Deviation: {group[0].place}"]
        for each in group:
            lines += [f"  {each.case}: {each.saw}", f"    expected: {each.expected}"]
            lines += [f"    asked: {each.url}"] if each.url else []
            lines += [f"    reply: {name}" for name in each.files]
    skipped = [each for each in outcomes if each.state is CanaryState.SKIPPED]
    lines += ["", "Skipped:"] if skipped else []
    lines += [f"  {each.place}, {each.case}: {each.saw}" for each in skipped]
    return [*lines, "", _summary(outcomes)]


def _summary(outcomes: Sequence[CanaryResult]) -> str:
    counts = {state: sum(each.state is state for each in outcomes) for state in CanaryState}
    found = deviations(outcomes)
    names = ", ".join(group[0].url or group[0].place for group in found)
    number = f"{len(found)} deviation{'' if len(found) == 1 else 's'}{f' ({names})' if found else ''}"
    as_expected, skipped = counts[CanaryState.AS_EXPECTED], counts[CanaryState.SKIPPED]
    return f"{len(outcomes)} canaries: {as_expected} as expected, {skipped} skipped; {number}"


def as_json(outcomes: Sequence[CanaryResult], *, version: str, at: str, requests: Mapping[str, int]) -> str:
    """Return the result for programs: deviations by service or page, then the other canaries."""
    value = {
        "version": 1,
        "enrich": version,
        "at": at,
        "deviations": [
            {
                "service": group[0].service,
                "title": group[0].place,
                **({"url": group[0].url} if group[0].url else {}),
                "canaries": [_row(each) for each in group],
            }
            for group in deviations(outcomes)
        ],
        "skipped": [_row(each) for each in outcomes if each.state is CanaryState.SKIPPED],
        "as_expected": [_row(each) for each in outcomes if each.state is CanaryState.AS_EXPECTED],
        "requests": dict(requests),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _row(outcome: CanaryResult) -> dict[str, object]:
    row = {
        "service": outcome.service,
        "case": outcome.case,
        "url": outcome.url,
        "expected": outcome.expected,
        "saw": outcome.saw,
        "statuses": [reply.status for reply in outcome.replies],
        "files": list(outcome.files),
    }
    return {name: value for name, value in row.items() if value}


def issue_text(outcomes: Iterable[CanaryResult], limit: int) -> str:
    """Return the deviations as Markdown of at most `limit` bytes; what does not fit is counted."""
    rows = [
        f"| {_cell(each.place)} | {_cell(each.case)} | {_cell(each.expected)} | {_cell(each.saw)} |\n"
        for each in outcomes
    ]
    head = (
        "Live services or pages do not respond as `enrich` expects. `docs/live.md` says how to read this and how "
        "to turn a saved reply into a fixture.\n\n| where | canary | expected | answered |\n| --- | --- | --- | --- |\n"
    )
    room = limit - len(head.encode()) - 60
    kept: list[str] = []
    for row in rows:
        room -= len(row.encode())
        if room < 0:
            break
        kept.append(row)
    more = f"\n{len(rows) - len(kept)} more in the workflow run.\n" if len(kept) < len(rows) else ""
    return head + "".join(kept) + more


def _cell(text: str) -> str:
    return "`" + neutral.line(text, longest=500).replace("`", "'").replace("|", "\\|") + "`" if text else ""
