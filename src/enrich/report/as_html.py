"""The report as one HTML file that needs no network and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files

from enrich.model import EntryReport, Finding, LinkReport, Report, State, Verdict
from enrich.report import charts, digest, escape
from enrich.text.urls import split_url

_PARTS = ("Findings", "Links", "Entries", "Services")
_LINKS = ("Verdict", "Link", "Entries", "Place", "Evidence", "Trouble since", "Last fine")
_ENTRIES = (
    "Key",
    "Type",
    "Status",
    "Matched by",
    "Year",
    "Citations",
    "Identifiers",
    "Filled",
    "From",
    "Lacking",
)


def render(report: Report) -> str:
    """A page with the summary, the findings, every link with its evidence, every entry, and the requests spent.

    It is whole without its script, which adds search, filters and sorting; its Content-Security-Policy allows
    nothing else.
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
        '<meta name="referrer" content="no-referrer">',
        '<meta name="robots" content="noindex, nofollow">',
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
        "</header>",
        f'<nav aria-label="Parts of the report">{"".join(map(_anchor, _PARTS))}</nav>',
        "<main>",
        *charts.overview(report),
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


def _part(name: str, count: int | None = None) -> Iterator[str]:
    heading = name.capitalize() if count is None else f"{name.capitalize()} ({count})"
    yield f'<section id="{name}" tabindex="-1" aria-labelledby="{name}-heading">'
    yield f'<h2 id="{name}-heading">{heading}</h2>'


def _controls(name: str, *kinds: str) -> Iterator[str]:
    """What the script shows and serves: each kind filters by the `data-` attribute of its name in lower case."""
    yield f'<div class="controls" role="group" aria-label="Filter {name}" hidden>'
    yield f'<label>Search {name}<input type="search" autocomplete="off"></label>'
    for kind in kinds:
        options = '<option value="">all</option>'
        yield f'<label>{kind}<select name="{kind.lower()}" autocomplete="off">{options}</select></label>'
    yield '<button type="button">Show all</button>'
    yield "<output></output>"
    yield "</div>"


def _findings(report: Report) -> Iterator[str]:
    groups, gone = digest.groups(report), digest.fixed(report)
    yield from _part("findings", sum(len(group.findings) for group in groups))
    if groups or gone:
        yield from _controls("findings", "Rule", "Severity", "State")
    else:
        yield "<p>Nothing to report.</p>"
    for group in groups:
        yield '<div class="group">'
        yield f'<h3 class="{group.severity}">{escape.html(group.section.title)} ({len(group.findings)})</h3>'
        if group.section.advice:
            yield f'<p class="quiet">{escape.html(group.section.advice.replace("`", ""))}</p>'
        for finding in group.findings:
            yield from _finding(finding)
        yield "</div>"
    if gone:
        yield f'<div class="group"><h3 class="ok">Fixed since the last run ({len(gone)})</h3>'
        for finding in gone:
            yield from _finding(finding)
        yield "</div>"
    for sentence in digest.folded(report):
        yield f'<p class="quiet">{escape.html(sentence, None)}</p>'
    yield "</section>"


def _finding(finding: Finding) -> Iterator[str]:
    color = "ok" if finding.state is State.FIXED else finding.severity
    yield (
        f'<article class="{color}" data-rule="{escape.html(finding.rule)}" data-severity="{finding.severity}"'
        f' data-state="{finding.state}">'
    )
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
        f"{finding.severity}, {finding.state}",
        *([escape.html(str(finding.place))] if finding.place else []),
        *([f"first seen {escape.html(finding.first_seen)}"] if finding.first_seen else []),
    ]
    yield f'<p class="quiet">{" · ".join(told)}</p>'
    yield "</article>"


def _links(links: tuple[LinkReport, ...]) -> Iterator[str]:
    yield from _part("links", len(links))
    if links:
        yield from _controls("links", "Verdict", "Host")
        yield from _table("links", "All links of the run", _LINKS, map(_link, links))
    yield "</section>"


def _link(link: LinkReport) -> str:
    check = link.check
    data = f'data-verdict="{check.verdict}" data-host="{escape.html(escape.host(check.url))}"'
    return _row(
        data,
        f'<span class="{check.verdict}">{check.verdict}</span>',
        _url(check.url, safe=check.verdict is not Verdict.UNSAFE) + _new_url(link),
        escape.html(", ".join(link.entries)),
        escape.html(str(link.place or "")),
        "<br>".join(map(escape.html, digest.evidence(check.evidence))),
        escape.html(link.first_seen or ""),
        escape.html(link.last_ok or ""),
    )


def _entries(entries: tuple[EntryReport, ...]) -> Iterator[str]:
    yield from _part("entries", len(entries))
    if entries:
        yield from charts.entries(entries)
        yield from _controls("entries", "Status", "Type", "Year", "Citations")
        yield from _table("entries", "All entries of the run", _ENTRIES, map(_entry, entries))
    yield "</section>"


def _entry(entry: EntryReport) -> str:
    return _row(
        f'data-status="{entry.status}" data-type="{entry.type}" data-year="{_number(entry.year, charts.UNKNOWN)}"'
        f' data-citations="{charts.cited(entry.citation_count)}"',
        escape.html(entry.key),
        entry.type,
        entry.status,
        escape.html(entry.matched_by or ""),
        _number(entry.year),
        _number(entry.citation_count),
        "<br>".join(escape.html(" ".join(row)) for row in sorted(entry.identifiers.items())),
        escape.html(", ".join(entry.filled)),
        "<br>".join(escape.html(row) for row in _told(entry.sources)),
        escape.html(", ".join(entry.lacking)),
    )


def _number(value: int | None, unknown: str = "") -> str:
    return unknown if value is None else str(value)


def _told(sources: Mapping[str, str]) -> list[str]:
    """Each source with the fields that it says."""
    fields: dict[str, list[str]] = {}
    for name, source in sorted(sources.items()):
        fields.setdefault(source, []).append(name)
    return [f"{digest.service(source)}: {', '.join(names)}" for source, names in sorted(fields.items())]


def _services(report: Report) -> Iterator[str]:
    yield from _part("services")
    if report.unasked:
        yield "<h3>Could not ask</h3>"
        yield f"<ul>{_items(digest.unasked(report))}</ul>"
    if report.notes:
        yield f"<ul>{_items(report.notes)}</ul>"
    counted = sorted(report.requests.items(), key=lambda row: (-row[1], row[0]))
    most = max(report.requests.values(), default=0)
    rows = (_row("", escape.html(host), f"{count}{charts.bar(count, most)}") for host, count in counted)
    if counted:
        yield from _table("services", "Requests sent in this run", ("Host", "Requests"), rows)
    else:
        yield "<p>No request was sent.</p>"
    yield "</section>"


def _table(name: str, caption: str, headings: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    """A table whose rows are boxes of their own, so that browsers lay out only those in sight.

    The roles say again what the elements are: some browsers forget it of elements that are displayed otherwise
    (https://adrianroselli.com/2018/02/tables-css-display-properties-and-aria.html).
    """
    head = "".join(f'<th scope="col" role="columnheader">{heading}</th>' for heading in headings)
    yield f'<table class="{name}" role="table"><caption>{caption}</caption>'
    yield f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">'
    yield from rows
    yield "</tbody></table>"


def _row(data: str, *cells: str) -> str:
    shown = "".join(f'<td role="cell">{cell}</td>' for cell in cells)
    return f'<tr role="row"{data and " " + data}>{shown}</tr>'


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape.html(text)}</li>" for text in texts)


def _new_url(link: LinkReport) -> str:
    return f"<br>→&nbsp;{_url(link.check.new_url)}" if link.check.new_url else ""


def _url(text: str, *, safe: bool = True) -> str:
    """A link where the text is a whole web address that shows as what it is; else the text."""
    shown = escape.html(text, escape.LONGEST_URL)
    web = split_url(text).scheme in ("http", "https") and text == escape.plain(text, escape.LONGEST_URL)
    if not (safe and web) or " " in text:
        return shown
    return f'<a href="{shown}">{shown}</a>'
