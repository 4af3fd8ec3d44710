"""The report in GitHub's Markdown: for a step summary, a pull request, an issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from enrich.model import Finding, LinkReport, Place, Report, State
from enrich.report import closing, combined, escape, summary
from enrich.report.ignoring import HINT, ignore_lines

_EACH = 3
"""Items, the most severe ones, that every section shows before any shows more."""

_MOST_ACCEPTED = 50
_TABLE = "| catalog | errors | warnings | notes | new | fixed |\n| --- | --: | --: | --: | --: | --: |\n"

_CUT_NOTE = 200
"""Bytes kept free for the line that tells what was cut."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading that counts, words on what follows, and the items; what comes after the items closes it."""

    heading: str
    items: tuple[str, ...]
    intro: str = ""
    closing: str = ""


def render(report: Report, *, limit: int | None = None, permalink: str | None = None, is_part: bool = False) -> str:
    """Render the report as Markdown that shows text from outside as it is, without effect.

    Args:
        report: What the run has to say.
        limit: Bytes that the medium takes. Every section keeps its heading with its count, and its most severe items
            come before the rest of any other; what is cut is counted. GitHub takes 65,536 characters in an issue and
            1 MiB in a step summary.
        permalink: The address under which the repository's files are read, such as
            `https://github.com/owner/name/blob/COMMIT/`; places become links into it.
        is_part: Whether it is a section of `render_all`, which counts the requests at its end.

    Returns:
        Markdown that ends with a newline, within the limit.
    """
    head, foot = _head(report), _foot(report, is_part=is_part)
    parts = [
        *(_group(group, permalink) for group in summary.groups(report)),
        *_fixed(report),
        *_folds(report, permalink),
        *_unasked(report),
        *_accepted(report),
        *_notes(report),
    ]
    whole = head + "".join(_written(part, part.items) for part in parts) + foot
    return whole if limit is None or _size(whole) <= limit else _cut(head, parts, foot, limit)


def render_all(reports: Sequence[Report], *, limit: int | None = None, permalink: str | None = None) -> str:
    """Return a table of the catalogs and a section for each, as `render` writes it; together within the limit."""
    table = "".join(_row(report) for report in reports)
    words = " ".join(map(escape.markdown, combined.sentences(reports)))
    head = f"# Report on {combined.subject(reports)}\n\n{words}\n\n{_TABLE}{table}"
    sections = [render(report, permalink=permalink, is_part=True) for report in reports]
    if limit is not None:
        # A short section leaves its room to the others.
        order = sorted(range(len(reports)), key=lambda index: _size(sections[index]))
        room = limit - _size(head) - len(reports)
        for done, index in enumerate(order):
            share = max(room, 0) // (len(order) - done)
            if _size(sections[index]) > share:
                sections[index] = render(reports[index], limit=share, permalink=permalink, is_part=True)
            room -= _size(sections[index])
    whole = "\n".join([head, *sections])
    return whole if limit is None else _within(whole, limit)


def _row(report: Report) -> str:
    found, (new, fixed) = combined.found(report), summary.changed(report)
    cells = [
        escape.markdown(summary.subject(report)),
        *(found[severity] for severity in summary.SEVERITIES),
        new,
        fixed,
    ]
    return f"| {' | '.join(map(str, cells))} |\n"


def _cut(head: str, parts: Sequence[_Part], foot: str, limit: int) -> str:
    room = limit - _CUT_NOTE - _size(head) - _size(foot)
    # More sections than there is room for headings: the advice goes first, then the last of them.
    if sum(map(_frame, parts)) > room:
        parts = [replace(part, intro="") for part in parts]
    shown: list[_Part] = []
    for part in parts:
        if _frame(part) > room:
            break
        room -= _frame(part)
        shown.append(part)
    fitting = _shared_out(shown, room)
    body = "".join(_written(part, _first(part, count)) for part, count in zip(shown, fitting, strict=True))
    dropped = sum(len(part.items) for part in parts) - sum(fitting)
    told = summary.number(dropped, "item did", "items did")
    note = f"\n**{told} not fit here**; see the JSON report for all of them.\n"
    whole = head + body + note + foot
    return whole if _size(whole) <= limit else _within(head + note + foot, limit)


def _frame(part: _Part) -> int:
    """Return the bytes of a section without any of its items."""
    return _size(_written(part, _first(part, 0)))


def _shared_out(parts: Sequence[_Part], room: int) -> list[int]:
    """How many items of each part fit: the first ones of all parts, then the rest of one part after the other."""
    fitting = [0] * len(parts)
    for most in (*range(1, _EACH + 1), None):
        for place, part in enumerate(parts):
            for item in part.items[fitting[place] : most]:
                if _size(item) > room:
                    break  # what follows in this part is no more important
                fitting[place] += 1
                room -= _size(item)
    return fitting


def _first(part: _Part, count: int) -> tuple[str, ...]:
    left = len(part.items) - count
    return (*part.items[:count], f"- … and {left} more\n") if left else part.items


def _written(part: _Part, items: Iterable[str]) -> str:
    return f"\n{part.heading}{part.intro}\n{''.join(items)}{part.closing}"


def _within(text: str, limit: int) -> str:
    """As many whole lines as fit."""
    kept, size = [], 0
    for line in text.splitlines(keepends=True):
        size += _size(line)
        if size > limit:
            break
        kept.append(line)
    return "".join(kept)


def _size(text: str) -> int:
    return len(text.encode())


def _head(report: Report) -> str:
    lines = [f"## Report on {escape.markdown(summary.subject(report))}", ""]
    lines += [escape.markdown(sentence) for sentence in summary.sentences(report, is_part=True)]
    return "\n".join(lines) + "\n"


def _foot(report: Report, *, is_part: bool) -> str:
    requests = "" if is_part else f" {escape.markdown(summary.on_requests(report.requests))}"
    return f"\n*{escape.markdown(summary.when(report))}.{requests}*\n"


def _unasked(report: Report) -> list[_Part]:
    items = tuple(f"- {escape.markdown(row)}\n" for row in summary.unasked_lines(report))
    intro = "\nWhat these services provide is unchecked; the next run tries again.\n"
    return [_Part(f"### Services unavailable ({len(items)})\n", items, intro)] if items else []


def _accepted(report: Report) -> list[_Part]:
    items = tuple(f"- {escape.markdown(row)}\n" for row in closing.accepted(report, _MOST_ACCEPTED))
    return [_Part(f"### Accepted ({len(report.accepted)})\n", items)] if items else []


def _notes(report: Report) -> list[_Part]:
    items = tuple(f"- {escape.markdown(note)}\n" for note in report.notes)
    return [_Part(f"### Notes ({len(items)})\n", items)] if items else []


def _group(group: summary.Group, permalink: str | None) -> _Part:
    heading = f"### {escape.markdown(group.section.title)} ({len(group.findings)})\n"
    advice = f"\n{group.section.advice}\n" if group.section.advice else ""
    return _Part(heading, tuple(_item(finding, permalink) for finding in group.findings), advice)


def _item(finding: Finding, permalink: str | None) -> str:
    about = escape.code(finding.entry) if finding.entry else f"*{escape.markdown(finding.rule)}*"
    state = ", new" if finding.state is State.NEW else ""
    since = f" *(first seen {escape.markdown(finding.first_seen)}{state})*" if finding.first_seen else ""
    field = f" ({escape.markdown(finding.field)})" if finding.field else ""
    lines = [f"- **{about}**{field}: {escape.markdown(finding.message)}{since}"]
    where = ", ".join(
        part
        for part in (
            finding.url and escape.code(finding.url),
            finding.source_place and _place(finding.source_place, permalink),
        )
        if part
    )
    if where:
        lines.append(f"  - at {where}")
    if finding.evidence:
        lines.append("  - evidence: " + "; ".join(map(escape.markdown, summary.evidence(finding.evidence))))
    if finding.suggestion:
        lines.append(f"  - suggestion: {escape.markdown(finding.suggestion)}")
    if accepting := ignore_lines(finding):
        lines.append(f"  - {HINT}")
        lines += [f"    {line}" for line in ("```toml", *accepting, "```")]
    return "\n".join(lines) + "\n"


def _place(place: Place, permalink: str | None) -> str:
    shown = escape.markdown(str(place))
    if permalink is None:
        return shown
    return f"[{shown}]({permalink.rstrip('/')}/{quote(escape.plain(place.path, None))}#L{place.line})"


def _fixed(report: Report) -> list[_Part]:
    gone = summary.fixed(report)
    items = tuple(
        f"- {escape.markdown(finding.rule)}: "
        + (
            ", ".join(escape.code(about) for about in (finding.entry, finding.url) if about)
            or escape.markdown(finding.message)
        )
        + "\n"
        for finding in gone
    )
    return [_Part(f"### Fixed since the last run ({len(gone)})\n", items)] if gone else []


def _folds(report: Report, permalink: str | None) -> list[_Part]:
    parts = []
    for verdict, meaning in summary.FOLDS:
        listed = summary.unsettled(report, verdict)
        if listed:
            opening = f"<details><summary>{summary.number(len(listed), f'{verdict} link')}: {meaning}</summary>\n"
            parts.append(_Part(opening, tuple(_link(link, permalink) for link in listed), closing="\n</details>\n"))
    return parts


def _link(link: LinkReport, permalink: str | None) -> str:
    owners = ", ".join(map(escape.code, link.entries[:3]))
    place = _place(link.place, permalink) if link.place else ""
    why = "; ".join(map(escape.markdown, summary.evidence(link.check.evidence)[-1:]))
    return "- " + ", ".join(part for part in (escape.code(link.check.url), owners, place, why) if part) + "\n"
