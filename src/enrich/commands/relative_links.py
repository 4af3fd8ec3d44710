"""Relative links and anchors of a file, checked on disk inside its repository."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from enrich import links
from enrich.commands.terminal import read_bytes, read_text
from enrich.model import (
    Accepted,
    EnrichError,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    LinkReports,
    Report,
    Severity,
    Verdict,
    urls_of,
)
from enrich.services import FILE
from enrich.settings import Ignore

LARGEST_MARKDOWN = 5_000_000
"""Bytes; the largest lists on GitHub have 2 MB, and the parser takes 10 s for 1 MB of the worst."""

_TEMPLATES = ("{{", "{%", "<%", "${")  # placeholders of site generators

# The rule and severity of each verdict; whatever renders the file may create the anchor.
_RULES = {
    Verdict.BROKEN: ("broken-link", Severity.ERROR),
    Verdict.SUSPECT: ("missing-anchor", Severity.WARNING),
}


def read_document(path: Path) -> links.LinkDocument:
    """Read a file by its suffix: Markdown, HTML, BibTeX, CSV, or plain text.

    Raises:
        EnrichError: it cannot be read, is too large, or is not UTF-8.
    """
    name = str(path)
    if links.is_markdown(name):
        return links.read_markdown(read_text(path, LARGEST_MARKDOWN), name)
    if links.is_bibtex(name):
        return links.read_bibtex(read_text(path, LARGEST_MARKDOWN), name)
    if links.is_html(name):
        return links.read_html(read_bytes(path), name)
    if links.is_table(name):
        return links.read_table(read_text(path), name)
    return links.read_plain_text(read_text(path), name)


def is_relative(url: str) -> bool:
    """Return whether a link is relative to the file in which it is written."""
    if url.startswith(("http://", "https://")):
        return False  # true for most links; the others are parsed
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


@dataclass(frozen=True, slots=True)
class Disk:
    """The folders and files around the checked files; each is read once.

    Only the repository is read: the nearest parent folder with a `.git`, else the file's own folder.
    """

    _names: dict[str, frozenset[str]] = field(default_factory=dict)
    _documents: dict[str, links.LinkDocument | None] = field(default_factory=dict)

    def checks(self, path: Path, document: links.LinkDocument) -> dict[str, LinkCheck]:
        """Return the verdict on each relative link of a document by its URL."""
        folder = os.path.realpath(path.parent)
        root = repository_root(folder)
        return {
            url: self._check(url, path, document, folder, root) for url in urls_of(document.links) if is_relative(url)
        }

    def _check(self, url: str, path: Path, document: links.LinkDocument, folder: str, root: str) -> LinkCheck:
        if any(sign in url for sign in _TEMPLATES):
            return _skipped(url, "a template placeholder")
        parts = urlsplit(url)
        name = unquote(parts.path)
        if not name:
            return self._anchor(url, parts.fragment, document, str(path))
        if name.startswith("/") and links.is_html(str(path)):
            return _skipped(url, "relative to the root of the site; set --base-url")
        wanted = posixpath.normpath(posixpath.join(root if name.startswith("/") else folder, name.lstrip("/")))
        if not _is_inside(wanted, root):
            return _skipped(url, "outside the repository")
        return self._file(url, name, parts.fragment, wanted, root)

    def _file(self, url: str, name: str, fragment: str, wanted: str, root: str) -> LinkCheck:
        here = root
        for part in Path(wanted).relative_to(root).parts:
            # Not `exists`, which ignores the case of names on some systems, while GitHub does not.
            names = self._listed(here)
            if part not in names:
                alike = next((other for other in sorted(names) if other.casefold() == part.casefold()), None)
                hint = f" (there is {alike})" if alike else ""
                return LinkCheck(url, Verdict.BROKEN, (Evidence(FILE, "", f"file not found: {name}{hint}"),))
            here = os.path.realpath(Path(here, part))
            if not _is_inside(here, root):
                return _skipped(url, "a symbolic link leads out of the repository")
        document = self._document(here) if fragment else None
        if document is None:
            return LinkCheck(url, Verdict.OK, (Evidence(FILE, "", f"found: {name}"),))
        return self._anchor(url, fragment, document, name)

    def _anchor(self, url: str, fragment: str, document: links.LinkDocument, name: str) -> LinkCheck:
        if document.has_anchor(fragment):
            return LinkCheck(url, Verdict.OK, (Evidence(FILE, "", f"found: {name}#{fragment}"),))
        return LinkCheck(url, Verdict.SUSPECT, (Evidence(FILE, "", f"no heading or id `{fragment}` in {name}"),))

    def _listed(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(each.name for each in Path(folder).iterdir())
            except OSError:
                self._names[folder] = frozenset()
        return self._names[folder]

    def _document(self, path: str) -> links.LinkDocument | None:
        """Return a file whose anchors are known; None for any other file."""
        if path not in self._documents:
            known = (links.is_markdown(path) or links.is_html(path)) and Path(path).is_file()
            try:
                self._documents[path] = read_document(Path(path)) if known else None
            except EnrichError:
                self._documents[path] = None
        return self._documents[path]


def reported(
    report: Report,
    key: str,
    found: Iterable[Link],
    checks: Mapping[str, LinkCheck],
    ignore: Sequence[Ignore],
    inline: Mapping[str, str],
) -> Report:
    """Return the report with the relative links of one more file, each once, and findings on them.

    Links accepted in the settings or by a comment in the file are listed apart; `inline` has the comments' reasons by
    URL.
    """
    if not checks:
        return report
    today = date.fromisoformat(report.started[:10])
    places = {link.url: link.place for link in reversed(tuple(found))}
    rows = tuple(LinkReport(check, (key,), LinkKind.OTHER, place=places[url]) for url, check in checks.items())
    wrong: list[Finding] = []
    accepted: list[Accepted] = []
    for finding in _findings(key, rows, str(today)):
        rules = (rule.reason for rule in ignore if rule.matches((finding.url, key), today, finding.rule))
        reason = inline.get(finding.url or "") or next(rules, None)
        if reason is None:
            wrong.append(finding)
        else:
            accepted.append(Accepted(finding, reason))
    counts = Counter(str(check.verdict) for check in checks.values())
    return replace(
        report,
        links=LinkReports.of(report.links).followed_by(rows),
        findings=(*report.findings, *wrong),
        accepted=(*report.accepted, *accepted),
        counts={name: number + counts[name] for name, number in report.counts.items()},
    )


def _findings(key: str, rows: Iterable[LinkReport], today: str) -> Iterator[Finding]:
    for row in rows:
        if row.check.verdict in _RULES:
            rule, severity = _RULES[row.check.verdict]
            evidence = row.check.evidence
            yield Finding(
                rule, severity, evidence[-1].saw, key, row.check.url, None, None, evidence, today, place=row.place
            )


def repository_root(folder: str) -> str:
    """Return the repository's root folder, or the folder itself outside of any."""
    upwards = (Path(folder), *Path(folder).parents)
    return next((str(each) for each in upwards if (each / ".git").exists()), folder)


def _is_inside(path: str, root: str) -> bool:
    return Path(path).is_relative_to(root)


def _skipped(url: str, why: str) -> LinkCheck:
    return LinkCheck(url, Verdict.SKIPPED, (Evidence(FILE, "", why),))
