"""`enrich check` and `enrich resolve`: links or papers of the moment, no catalog to write."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

from pydantic import TypeAdapter

from enrich import catalog, links
from enrich.api import entry_of
from enrich.commands import CLEAN, FINDINGS, INTERRUPTED, NOT_ALL_ASKED
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.place import Place
from enrich.commands.printing import print_result
from enrich.commands.relative_links import Disk, is_relative, read_document, reported
from enrich.commands.terminal import (
    check_outputs,
    exit_code,
    put,
    renderer,
    report_files,
    say,
    write_reports,
)
from enrich.export import FORMATS
from enrich.matching import Description, compare
from enrich.model import IDENTIFIER_FIELDS, Enriched, Entry, EntryType, Link, LinkCheck, Status
from enrich.pipeline import CatalogInput, Options
from enrich.services import title_of

_RECORD_FORMS: Mapping[str, Callable[[Entry], str]] = {
    "yaml": lambda entry: catalog.new_text([entry]),
    "json": lambda entry: TypeAdapter(Enriched).dump_json(entry.enriched or Enriched(), indent=2).decode() + "\n",
    "bibtex": lambda entry: FORMATS["bibtex"]([entry], "author-year"),
}


def check(arguments: Namespace) -> int:
    """Checks links, and nothing else."""
    files, render = report_files(arguments.report), renderer(arguments.format)
    names = arguments.inputs or ["catalog.yaml"]
    check_outputs((arguments.output, *(path for _, path in files)), [Path(name) for name in names])
    place = Place.of(arguments)
    disk = Disk()
    inputs = [_input(name, arguments.base_url, disk) for name in names]
    entries = [entry for each in inputs for entry in each.entries]
    if not any(entry.links for entry in entries) and not any(each.checks for each in inputs):
        say(arguments, f"no link in {', '.join(names)}")
    with INTERRUPTS.noted():
        options = Options(metadata=False, offline=arguments.offline)
        [result] = place.run(arguments, [CatalogInput(None, entries)], options)
        report = replace(result.report, entries=())
        for name, each in zip(names, inputs, strict=True):
            report = reported(report, name, each.relative, each.checks, place.loaded.settings.ignore)
        written = write_reports(report, files)
        put(arguments.output, render(report))
    if INTERRUPTS.came:
        say(arguments, "interrupted; the report tells of what was checked until then")
        return INTERRUPTED
    code = exit_code(report, arguments.fail_on or place.loaded.settings.fail_on, strict=arguments.strict)
    return code if written else code or NOT_ALL_ASKED


def resolve(arguments: Namespace) -> int:
    """Finds the record of one title, URL or identifier."""
    entry = entry_of(" ".join(arguments.query))
    options = Options(links=bool(entry.links), offline=arguments.offline)
    [result] = Place.of(arguments).run(arguments, [CatalogInput(None, [entry])], options)
    for finding in result.report.findings:
        say(arguments, f"{finding.rule}: {finding.message}")
    for row in result.report.unasked:
        say(arguments, f"could not ask {title_of(row.service)}: {row.why}")
    block = result.blocks.get(entry.key)
    if block is None:
        return NOT_ALL_ASKED if result.report.entries[0].status is Status.UNKNOWN else FINDINGS
    for words in _evidence(" ".join(arguments.query), block):
        say(arguments, words)
    key = block.arxiv_id or block.doi or block.semantic_scholar_id or "paper"
    print_result([_RECORD_FORMS[arguments.format](Entry(key, enriched=block))])
    return CLEAN


def _evidence(query: str, block: Enriched) -> Iterator[str]:
    """How the record was matched with the query, and which source each of its fields comes from."""
    how = (block.matched_by or "an unknown method").replace("_", " ")
    known = {name: getattr(block, name) for name in IDENTIFIER_FIELDS.values()}
    if value := known.get(block.matched_by or ""):
        yield f"matched by {how}: {value}"
    else:
        found = Description(block.title, authors=block.authors, year=block.year, venue=block.venue)
        match = compare(Description(query), found)
        grounds = f": {', '.join(match.evidence)} (score {match.score:.1f})" if match.evidence else ""
        yield f"matched by {how}{grounds}: {block.title}"
    fields: dict[str, list[str]] = {}
    for name, source in block.sources.items():
        fields.setdefault(source, []).append(name.replace("_", " "))
    for source, names in fields.items():
        yield f"from {title_of(source)}: {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class _Input:
    """What `check` was given: the entries whose links are asked for, and the relative links checked on disk by URL."""

    entries: tuple[Entry, ...]
    relative: tuple[Link, ...] = ()
    checks: Mapping[str, LinkCheck] = field(default_factory=dict)


def _input(name: str, base_url: str | None, disk: Disk) -> _Input:
    """Reads a URL, a catalog, a file of any kind, or standard input."""
    if _is_web(name):
        return _Input((Entry(name, EntryType.OTHER, links=(Link(name),)),))
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") and name != "-":
        return _Input(catalog.load(path).entries)
    document = _standard_input() if name == "-" else read_document(path)
    found = tuple(_resolved(link, base_url) for link in document.links if link.url)
    checks = {} if name == "-" else disk.checks(path, replace(document, links=found))
    relative = tuple(link for link in found if link.url in checks)
    asked = tuple(link for link in found if link.url not in checks)
    return _Input((Entry(name, EntryType.OTHER, links=asked),), relative, checks)


def _standard_input() -> links.Document:
    data = sys.stdin.buffer.read()
    text = data.decode("utf-8-sig", "replace")
    return links.read_html(data, "-") if links.looks_like_html(text) else links.read_markdown(text, "-")


def _resolved(link: Link, base_url: str | None) -> Link:
    """The link with its scheme, or with its base where one is given and the link is not within the document."""
    if link.url.startswith("//"):
        return replace(link, url=f"https:{link.url}")
    if base_url is None or link.url.startswith("#") or not is_relative(link.url):
        return link
    return replace(link, url=urljoin(base_url, link.url))


def _is_web(text: str) -> bool:
    # Not urlsplit, which raises over `http://[`: that is a link too, and the check says what is wrong with it.
    return text.lower().startswith(("http://", "https://"))
