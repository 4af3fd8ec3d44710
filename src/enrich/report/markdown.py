"""The report in GitHub's Markdown: for a step summary, a pull request, an issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from enrich.model import Finding, LinkReport, Place, Report, State
from enrich.report import digest, escape

_ROWS = 20
"""Services that could not be asked, and notes, that are told one by one."""

_CUT_NOTE = 200
"""Bytes kept free for the line that tells what was cut, and the same for a section's own."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading with its items; what comes after the items closes it."""

    opening: str
    items: tuple[str, ...]
    closing: str = ""


def render(report: Report, *, limit: int | None = None, permalink: str | None = None) -> str:
    """The report as Markdown that shows text from outside as it is and lets it do nothing.

    Args:
        report: What the run has to say.
        limit: Bytes that the medium takes; the most severe items come first, what is cut is counted. GitHub takes
            65,536 characters in an issue and 1 MiB in a step summary.
        permalink: The address under which the repository's files are read, such as
            `https://github.com/owner/name/blob/COMMIT/`; places become links into it.

    Returns:
        Markdown that ends with a newline, within the limit.
    """
    head, foot = _head(report), _foot(report)
    parts = [
        *(_group(group, permalink) for group in digest.groups(report)),
        *_fixed(report),
        *_folds(report, permalink),
    ]
    whole = head + "".join(_written(part, part.items) for part in parts) + foot
    if limit is None or _size(whole) <= limit:
        return whole
    return _within(head + foot, limit) if _size(head + foot) + _CUT_NOTE > limit else _cut(head, parts, foot, limit)


def _cut(head: str, parts: Iterable[_Part], foot: str, limit: int) -> str:
    room = limit - _size(head) - _size(foot) - _CUT_NOTE
    written, dropped = [head], 0
    for part in parts:
        frame = _size(_written(part, ())) + _CUT_NOTE
        fitting = 0
        if not dropped:
            for item in part.items:
                if frame + _size(item) > room:
                    break
                room -= _size(item)
                fitting += 1
        left = len(part.items) - fitting
        if fitting:
            more = (f"- … and {left} more\n",) if left else ()
            written.append(_written(part, (*part.items[:fitting], *more)))
            room -= frame
        dropped += left
    told = digest.number(dropped, "item did", "items did")
    return "".join(written) + f"\n**{told} not fit here**; the JSON report of the run holds all.\n" + foot


def _written(part: _Part, items: Iterable[str]) -> str:
    return f"\n{part.opening}\n{''.join(items)}{part.closing}"


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
    lines = [f"## Report on {escape.markdown(digest.subject(report))}", ""]
    lines += [escape.markdown(sentence) for sentence in digest.summary(report)[:-1]]
    return "\n".join(lines) + "\n"


def _foot(report: Report) -> str:
    lines: list[str] = []
    if report.unasked:
        lines += ["### Could not ask", "", "Nothing is said of these; the next run asks again.", ""]
        lines += [f"- {escape.markdown(row)}" for row in digest.unasked(report)[:_ROWS]]
        lines += [*_more(len(report.unasked)), ""]
    if report.notes:
        lines += [*(f"- Note: {escape.markdown(note)}" for note in report.notes[:_ROWS]), *_more(len(report.notes)), ""]
    lines.append(f"*{escape.markdown(digest.when(report))}. {escape.markdown(digest.summary(report)[-1])}*")
    return "\n" + "\n".join(lines) + "\n"


def _more(count: int) -> list[str]:
    return [f"- … and {count - _ROWS} more"] if count > _ROWS else []


def _group(group: digest.Group, permalink: str | None) -> _Part:
    heading = f"### {escape.markdown(group.section.title)} ({len(group.findings)})\n"
    advice = f"\n{group.section.advice}\n" if group.section.advice else ""
    return _Part(heading + advice, tuple(_item(finding, permalink) for finding in group.findings))


def _item(finding: Finding, permalink: str | None) -> str:
    about = escape.code(finding.entry) if finding.entry else f"*{escape.markdown(finding.rule)}*"
    state = ", new" if finding.state is State.NEW else ""
    since = f" *(first seen {escape.markdown(finding.first_seen)}{state})*" if finding.first_seen else ""
    field = f" ({escape.markdown(finding.field)})" if finding.field else ""
    lines = [f"- **{about}**{field}: {escape.markdown(finding.message)}{since}"]
    where = ", ".join(
        part
        for part in (finding.url and escape.code(finding.url), finding.place and _place(finding.place, permalink))
        if part
    )
    if where:
        lines.append(f"  - at {where}")
    if finding.evidence:
        lines.append("  - evidence: " + "; ".join(map(escape.markdown, digest.evidence(finding.evidence))))
    if finding.suggestion:
        lines.append(f"  - suggestion: {escape.markdown(finding.suggestion)}")
    accepting = _ignore_rule(finding)
    if accepting:
        lines.append(f"  - to accept it: `{accepting}`")
    return "\n".join(lines) + "\n"


def _ignore_rule(finding: Finding) -> str | None:
    """The line of settings that accepts the finding; None where there is nothing to name, or it is too long to show."""
    subject = finding.url or finding.entry
    if not subject or len(subject) > escape.LONGEST_URL:
        return None
    pattern, rule = escape.toml(escape.glob(subject)), escape.toml(finding.rule)
    return f'ignore = [{{ pattern = {pattern}, rule = {rule}, reason = "…" }}]'


def _place(place: Place, permalink: str | None) -> str:
    shown = escape.markdown(str(place))
    if permalink is None:
        return shown
    return f"[{shown}]({permalink.rstrip('/')}/{quote(escape.plain(place.path, None))}#L{place.line})"


def _fixed(report: Report) -> list[_Part]:
    gone = digest.fixed(report)
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
    for verdict, meaning in digest.FOLDS:
        listed = digest.links(report, verdict)
        if listed:
            opening = f"<details><summary>{digest.number(len(listed), f'{verdict} link')}: {meaning}</summary>\n"
            parts.append(_Part(opening, tuple(_link(link, permalink) for link in listed), "\n</details>\n"))
    return parts


def _link(link: LinkReport, permalink: str | None) -> str:
    owners = ", ".join(map(escape.code, link.entries[:3]))
    place = _place(link.place, permalink) if link.place else ""
    why = "; ".join(map(escape.markdown, digest.evidence(link.check.evidence)[-1:]))
    return "- " + ", ".join(part for part in (escape.code(link.check.url), owners, place, why) if part) + "\n"
