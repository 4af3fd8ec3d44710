"""`enrich fix`: apply the permanent redirects, and clean titles, that the last run found."""

from __future__ import annotations

from argparse import Namespace

from enrich import catalog as catalogs
from enrich.commands import CLEAN
from enrich.commands.clean_titles import clean_titles, unwrapped
from enrich.commands.printing import print_lines
from enrich.commands.state import State
from enrich.commands.terminal import print_diff, say
from enrich.commands.workspace import Workspace
from enrich.links import refusal, settled_moves
from enrich.model import Report, Verdict


def execute(arguments: Namespace) -> int:
    """Writes the permanent moves of the last run into the links, and with `--titles` clean titles."""
    catalog = catalogs.load(arguments.catalog)
    last = State.find(Workspace.of(arguments, arguments.catalog), arguments.catalog, catalog.entries).last_report()
    moved, refused = _moves(last)
    links = [link for entry in catalog.entries for link in entry.links]
    replaced = [link for link in links if link.url in moved and link.place]
    titles, left = clean_titles(catalog, last) if arguments.titles else ([], [])
    urls = {link.place: moved[link.url] for link in replaced if link.place}
    after = catalogs.with_scalars(catalog, urls, {entry.key: title for entry, title in titles})
    if arguments.dry_run:
        print_diff(catalog.text, after, arguments.catalog)
    else:
        catalogs.save(catalog, after)
    for link in replaced:
        print_lines(f"{link.place}: {link.url} -> {moved[link.url]}")
    for entry, title in titles:
        print_lines(f"{entry.place}: {unwrapped(entry.title)} -> {title}")
    for link in links:
        if why := refused.get(link.url):
            say(arguments, f"{link.place}: unchanged: {link.url} leads to {why}")
    for entry, why in left:
        say(arguments, f"{entry.place}: title unchanged: {why}")
    would = "would be " if arguments.dry_run else ""
    print_lines(f"{len(replaced)} links {would}replaced")
    if arguments.titles:
        print_lines(f"{len(titles)} title{'' if len(titles) == 1 else 's'} {would}replaced")
    return CLEAN


def _moves(report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """Return the new address of each link that moved, and why others are not replaced.

    The report is only a file: an earlier version, or somebody else, may have written it.
    """
    checks = {row.check.url: row.check for row in report.links}
    proposed = {url: check.new_url for url, check in checks.items() if check.verdict is Verdict.MOVED and check.new_url}
    settled = settled_moves(checks)
    moved = {url: new for url, new in proposed.items() if settled[url].verdict is Verdict.MOVED}
    return moved, {
        url: refusal(url, new) or "the same page as other links" for url, new in proposed.items() if url not in moved
    }
