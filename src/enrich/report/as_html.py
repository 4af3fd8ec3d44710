"""The report as one HTML file that needs no network and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.resources import files
from urllib.parse import urlsplit

from enrich.model import EntryReport, Finding, LinkReport, Report, State, Verdict
from enrich.report import digest, escape

_PARTS = ("Findings", "Links", "Entries", "Services")


def render(report: Report) -> str:
    """A page with the summary, the findings, every link with its evidence, every entry, and the requests spent.

    It is whole without its script, which adds the search; its Content-Security-Policy allows nothing else.
    """
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )
    title = f"Report on {escape.html(digest.subject(report))}"
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<link rel="icon" href="data:,">',
        f"<title>{title}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#findings">To the findings</a>',
        "<header>",
        f"<h1>{title}</h1>",
        f'<p class="quiet">{escape.html(digest.when(report))}</p>',
        *(f"<p>{escape.html(sentence, None)}</p>" for sentence in digest.summary(report)),
        *_verdicts(report),
        f'<nav aria-label="Parts of the report">{"".join(map(_anchor, _PARTS))}</nav>',
        "</header>",
        "<main>",
        *_findings(report),
        *_links(report.links),
        *_entries(report.entries),
        *_services(report),
        "</main>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _asset(name: str) -> str:
    return "\n" + files("enrich.report").joinpath(name).read_text(encoding="utf-8")


def _anchor(part: str) -> str:
    return f'<a href="#{part.lower()}">{part}</a>'


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _verdicts(report: Report) -> Iterator[str]:
    counts = digest.verdicts(report)
    if not counts:
        return
    total, start = sum(counts.values()), 0.0
    yield '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="Links by verdict">'
    for verdict, count in counts.items():
        share = 100 * count / total
        yield f'<rect class="{verdict}" x="{start:.3f}" y="0" width="{share:.3f}" height="1"></rect>'
        start += share
    yield "</svg>"
    yield '<ul class="verdicts">'
    for verdict, count in counts.items():
        yield f'<li><strong class="{verdict}">{count}</strong> {verdict}</li>'
    yield "</ul>"


def _controls(name: str, kind: str) -> list[str]:
    return [
        '<div class="controls" hidden>',
        f'<label>Search {name}<input type="search"></label>',
        f'<label>{kind}<select><option value="">all</option></select></label>',
        '<output aria-live="polite"></output>',
        "</div>",
    ]


def _findings(report: Report) -> Iterator[str]:
    groups, gone = digest.groups(report), digest.fixed(report)
    yield '<div data-area id="findings">'
    yield f"<h2>Findings ({sum(len(group.findings) for group in groups)})</h2>"
    if groups or gone:
        yield from _controls("findings", "Rule")
    else:
        yield "<p>Nothing to report.</p>"
    for group in groups:
        yield "<section>"
        yield f'<h3 class="{group.severity}">{escape.html(group.section.title)} ({len(group.findings)})</h3>'
        if group.section.advice:
            yield f'<p class="quiet">{escape.html(group.section.advice.replace("`", ""))}</p>'
        for finding in group.findings:
            yield from _finding(finding)
        yield "</section>"
    if gone:
        yield f'<section><h3 class="ok">Fixed since the last run ({len(gone)})</h3>'
        for finding in gone:
            yield from _finding(finding)
        yield "</section>"
    for sentence in digest.folded(report):
        yield f'<p class="quiet">{escape.html(sentence, None)}</p>'
    yield "</div>"


def _finding(finding: Finding) -> Iterator[str]:
    fixed = finding.state is State.FIXED
    yield f'<article class="{"ok" if fixed else finding.severity}" data-kind="{escape.html(finding.rule)}">'
    about = " ".join(
        [
            *([f"<strong>{escape.html(finding.entry)}:</strong>"] if finding.entry else []),
            *([f"({escape.html(finding.field)})"] if finding.field else []),
            escape.html(finding.message),
        ]
    )
    yield f"<p>{about}</p>"
    if finding.url:
        yield f'<p class="url">{_url(finding.url, safe=finding.rule != "unsafe-link")}</p>'
    if finding.suggestion:
        yield f'<p>Suggestion: <span class="url">{_url(finding.suggestion)}</span></p>'
    if finding.evidence:
        yield f"<ul>{_items(digest.evidence(finding.evidence))}</ul>"
    told = [
        escape.html(finding.rule),
        *([escape.html(str(finding.place))] if finding.place else []),
        *([f"first seen {escape.html(finding.first_seen)}"] if finding.first_seen else []),
        str(finding.state),
    ]
    yield f'<p class="quiet">{" · ".join(told)}</p>'
    yield "</article>"


def _links(links: Iterable[LinkReport]) -> Iterator[str]:
    rows = (
        f'<tr data-kind="{link.check.verdict}"><td class="{link.check.verdict}">{link.check.verdict}</td>'
        f'<td class="url">{_url(link.check.url, safe=link.check.verdict is not Verdict.UNSAFE)}{_new_url(link)}</td>'
        f"<td>{escape.html(', '.join(link.entries))}</td><td>{escape.html(str(link.place or ''))}</td>"
        f"<td>{'<br>'.join(map(escape.html, digest.evidence(link.check.evidence)))}</td>"
        f"<td>{escape.html(link.last_ok or '')}</td></tr>"
        for link in links
    )
    yield from _table("links", "Verdict", ("Verdict", "URL", "Entries", "Place", "Evidence", "Last fine"), rows)


def _entries(entries: Iterable[EntryReport]) -> Iterator[str]:
    rows = (
        f'<tr data-kind="{entry.status}"><td>{escape.html(entry.key)}</td><td>{entry.type}</td><td>{entry.status}</td>'
        f"<td>{escape.html(entry.matched_by or '')}</td>"
        f"<td>{'<br>'.join(escape.html(' '.join(row)) for row in sorted(entry.identifiers.items()))}</td>"
        f"<td>{escape.html(', '.join(entry.filled))}</td><td>{escape.html(', '.join(entry.lacking))}</td></tr>"
        for entry in entries
    )
    headings = ("Key", "Type", "Status", "Matched by", "Identifiers", "Filled", "Lacking")
    yield from _table("entries", "Status", headings, rows)


def _services(report: Report) -> Iterator[str]:
    yield '<h2 id="services">Services</h2>'
    if report.unasked:
        yield "<h3>Could not ask</h3>"
        yield f"<ul>{_items(digest.unasked(report))}</ul>"
    if report.notes:
        yield f"<ul>{_items(report.notes)}</ul>"
    counted = sorted(report.requests.items(), key=lambda row: (-row[1], row[0]))
    rows = (f"<tr><td>{escape.html(host)}</td><td>{count}</td></tr>" for host, count in counted)
    yield from _bare_table("Requests sent in this run", ("Host", "Requests"), rows)


def _table(name: str, kind: str, headings: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    held = list(rows)
    yield f'<div data-area id="{name}">'
    yield f"<h2>{name.capitalize()} ({len(held)})</h2>"
    if held:
        yield from _controls(name, kind)
        yield from _bare_table(f"All {name} of the run", headings, held)
    yield "</div>"


def _bare_table(caption: str, headings: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
    yield f"<thead><tr>{head}</tr></thead><tbody>"
    yield from rows
    yield "</tbody></table></div>"


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape.html(text)}</li>" for text in texts)


def _new_url(link: LinkReport) -> str:
    return f"<br>→ {_url(link.check.new_url)}" if link.check.new_url else ""


def _url(text: str, *, safe: bool = True) -> str:
    """A link where the text is a whole web address that shows as what it is; else the text."""
    shown = escape.html(text, escape.LONGEST_URL)
    try:
        web = urlsplit(text).scheme in ("http", "https") and text == escape.plain(text, escape.LONGEST_URL)
    except ValueError:
        web = False
    if not (safe and web) or " " in text:
        return shown
    return f'<a href="{shown}" rel="noopener noreferrer nofollow">{shown}</a>'
