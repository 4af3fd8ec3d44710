"""`enrich resolve`: look up one paper by title, URL or identifier."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping

from pydantic import TypeAdapter

from enrich import catalog
from enrich.api import entry_of
from enrich.commands import CLEAN, FINDINGS, NOT_ALL_ASKED
from enrich.commands.printing import print_result
from enrich.commands.terminal import say
from enrich.commands.workspace import Workspace
from enrich.export import FORMATS
from enrich.matching import Description, compare
from enrich.model import IDENTIFIER_FIELDS, Enriched, Entry, Status
from enrich.pipeline import CatalogInput, Options
from enrich.services import attributed, title_of

_RECORD_FORMS: Mapping[str, Callable[[Entry], str]] = {
    "yaml": lambda entry: catalog.new_text([entry]),
    "json": lambda entry: TypeAdapter(Enriched).dump_json(entry.enriched or Enriched(), indent=2).decode() + "\n",
    "bibtex": lambda entry: FORMATS["bibtex"]([entry], "author-year"),
}


def execute(arguments: Namespace) -> int:
    """Find the record of one title, URL or identifier."""
    entry = entry_of(" ".join(arguments.query))
    options = Options(links=bool(entry.links), offline=arguments.offline)
    [result] = Workspace.of(arguments).run(arguments, [CatalogInput(None, [entry])], options)
    for finding in result.report.findings:
        say(arguments, f"{finding.rule}: {finding.message}")
    for row in result.report.unasked:
        say(arguments, f"could not query {attributed(row.service, row.why)}")
    block = result.blocks.get(entry.key)
    if block is None:
        return NOT_ALL_ASKED if result.report.entries[0].status is Status.UNKNOWN else FINDINGS
    for words in _evidence(" ".join(arguments.query), block):
        say(arguments, words)
    key = block.arxiv_id or block.doi or block.semantic_scholar_id or "paper"
    print_result([_RECORD_FORMS[arguments.format](Entry(key, enriched=block))])
    return CLEAN


def _evidence(query: str, block: Enriched) -> Iterator[str]:
    """Yield how the record matches the query, and the source of its fields."""
    how = (block.matched_by or "match method unknown").replace("_", " ")
    known = {name: getattr(block, name) for name in IDENTIFIER_FIELDS.values()}
    if value := known.get(block.matched_by or ""):
        yield f"matched by {how}: {value}"
    else:
        found = Description(block.title, authors=block.authors, year=block.year, venue=block.venue)
        match = compare(Description(query), found)
        grounds = f" ({', '.join(match.evidence)})" if match.evidence else ""
        yield f"matched by {how}{grounds}: {block.title}"
    fields: dict[str, list[str]] = {}
    for name, source in block.sources.items():
        fields.setdefault(source, []).append(name.replace("_", " "))
    for source, names in fields.items():
        yield f"from {title_of(source)}: {', '.join(names)}"
