"""The commands: name, help and flags of each, a row in `COMMANDS`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from enrich.commands.argument_types import duration, positive, web_address

_FORMAT_NAMES = "text, markdown, json, jsonl, html, sarif, junit or github"


def _catalogs(parser: argparse.ArgumentParser, *, metavar: str = "CATALOG", beside: str = "") -> None:
    text = f"catalogs{beside}, or quoted patterns such as 'lists/*.yaml' (default: catalog.yaml)"
    parser.add_argument("catalogs", nargs="*", type=Path, metavar=metavar, help=text)


def _entries(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--entry", action="append", default=[], metavar="KEY", help="process only this entry (repeatable)"
    )


def _report_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help=f"write a report: {_FORMAT_NAMES} (repeatable); {{name}} in FILE: one for each catalog",
    )
    parser.add_argument(
        "--fail-on",
        choices=["never", "error", "warning", "new"],
        help="what makes the exit code 1: findings of that severity or worse, or new errors only",
    )
    parser.add_argument("--strict", action="store_true", help="exit 3 rather than 1 if a service was unreachable")


def _issue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--open-issue",
        action="store_true",
        help="create or update one GitHub issue with the open findings; needs GITHUB_TOKEN",
    )
    _repository(parser)


def _repository(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repository", metavar="OWNER/NAME", help="repository of the issue (default: GITHUB_REPOSITORY)"
    )


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lists", nargs="+", type=Path, metavar="LIST", help="Markdown, BibTeX (.bib), CSL-JSON (.json) or CSV"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("catalog.yaml"), metavar="FILE", help="default: catalog.yaml"
    )
    parser.add_argument(
        "--base-url", action="append", default=[], metavar="[LIST=]URL", help="base URL for relative links"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=HEADER",
        help="read a field from this CSV column (repeatable)",
    )
    parser.add_argument(
        "--mirror",
        action="store_true",
        help="keep the lists as the source: each run merges what is new in them",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--strict", action="store_true", help="exit 1 if paper links were left out")


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="Markdown with <!-- enrich:begin NAME --> and <!-- enrich:end -->"
    )
    parser.add_argument(
        "--catalog", type=Path, metavar="CATALOG", help="the catalog (default: catalog.yaml next to each file)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not up to date")


def _export(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    parser.add_argument(
        "--format", default="bibtex", metavar="FORMAT", help="bibtex, csl-json, ris, json, csv, markdown or sqlite"
    )
    _entries(parser)
    parser.add_argument("--keys", default="entry", metavar="KIND", help="citation keys: entry (default) or author-year")
    parser.add_argument("--update", type=Path, metavar="FILE", help="update this BibTeX file in place")
    parser.add_argument(
        "--only", action="append", default=[], metavar="FIELDS", help="with --update: published, eprint, doi, ..."
    )
    parser.add_argument("--dry-run", action="store_true", help="with --update: print the diff, write nothing")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")


def _run(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    _workers(parser)
    _flags_of_runs(parser)


def _plan(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="write 1.json, 2.json, ... there"
    )
    parser.add_argument("--parts", type=positive, metavar="N", help="number of parts (default: 40 hosts each or more)")
    _selection(parser)
    parser.set_defaults(
        no_links=False, no_metadata=False, only_missing=False, offline=False, sample=None, deadline=None
    )


def _look(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", type=Path, metavar="PART", help="a file written by `enrich plan`")
    parser.add_argument("-o", "--output", type=Path, metavar="RECEIPT", help="default: standard output")
    _deadline(parser)


def _conclude(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "receipts", nargs="+", type=Path, metavar="RECEIPT", help="files written by `enrich look`, or patterns"
    )
    parser.add_argument(
        "--catalog",
        dest="catalogs",
        action="append",
        default=[],
        type=Path,
        metavar="CATALOG",
        help="a catalog of the run (repeatable; default: catalog.yaml)",
    )
    _flags_of_runs(parser)
    parser.set_defaults(workers=None, cluster=None)


def _flags_of_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only-missing", action="store_true", help="look up only entries that are incomplete or outdated"
    )
    parser.add_argument("--no-links", action="store_true", help="do not check links")
    parser.add_argument("--no-metadata", action="store_true", help="do not fill in metadata")
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--offline", action="store_true", help="use cached answers and snapshots only")
    _fragments(parser)
    _selection(parser)
    parser.add_argument(
        "--sample", type=positive, metavar="N", help="with --dry-run: check only N links, spread over their hosts"
    )
    _deadline(parser)
    _report_files(parser)
    _issue(parser)


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="catalogs, files, patterns, URLs or - (default: catalog.yaml)",
    )
    parser.add_argument("--format", default="text", metavar="FORMAT", help=f"{_FORMAT_NAMES} (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    parser.add_argument("--base-url", type=web_address, metavar="URL", help="base URL for relative links")
    parser.add_argument("--offline", action="store_true", help="use cached answers and snapshots only")
    _fragments(parser)
    _workers(parser)
    _report_files(parser)


def _snapshot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["build", "info", "remove"],
        help="build: read dumps into a snapshot; info: show the snapshots; remove: delete one",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="arxiv, dblp or datacite-states")
    parser.add_argument(
        "files",
        nargs="*",
        default=[],
        type=Path,
        metavar="FILE",
        help="the dumps to build it from, plain or .gz, or quoted patterns: JSON Lines or Parquet of arXiv, "
        "XML of DBLP, CSV of DataCite",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the snapshot (default: that of the settings or user's cache)"
    )
    parser.add_argument("--date", metavar="DATE", help="day of the data (default: that of the newest dump file)")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--live", action="store_true", help="check that live services and pages respond as enrich expects"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="format of --live (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    parser.add_argument(
        "--save", type=Path, metavar="DIR", help="save the responses of --live, without keys and cookies"
    )
    parser.add_argument(
        "--open-issue",
        action="store_true",
        help="create or update one GitHub issue with the deviations of --live; needs GITHUB_TOKEN",
    )
    _repository(parser)


def _selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=positive, metavar="N", help="process only the first N entries")
    _entries(parser)
    parser.add_argument("--since", metavar="GITREF", help="process only entries that changed since a Git revision")


def _deadline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--deadline",
        type=duration,
        metavar="DURATION",
        help="stop after 90s, 100m or 1h30m; save and report the results so far",
    )


def _workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=positive, metavar="N", help="fetch pages in N processes")
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="fetch pages on a Dask cluster: tcp://HOST:PORT, tls://HOST:PORT or local:N",
    )


def _fragments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fragments", action="store_true", help="also check that #fragments exist")


def _resolve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="+", metavar="QUERY", help="a title, a URL or an identifier")
    parser.add_argument("--format", choices=["yaml", "json", "bibtex"], default="yaml", help="default: yaml")
    parser.add_argument("--offline", action="store_true", help="use cached answers and snapshots only")


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="print what would be written")


def _fix(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser, metavar="FILE", beside=", lists that `enrich check` has checked")
    parser.add_argument("--titles", action="store_true", help="also remove years, venues and authors from titles")
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")


def _report(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    parser.add_argument(
        "--format",
        default="text",
        metavar="FORMAT",
        help=f"{_FORMAT_NAMES}; badge: a shields.io endpoint (default: text)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    _report_files(parser)
    _issue(parser)


def _site(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="empty folder, or one written by this command"
    )


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--open", action="store_true", help="open the HTML report in a browser")


def _cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["info", "clear", "prune"],
        help="info: show its size; clear: remove all answers; prune: remove expired answers",
    )


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", action="store_true", help="print the schema of the JSON report instead")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=["bash", "zsh", "fish", "powershell"], help="the shell")


class Command(NamedTuple):
    """A command: its name, what it does in one line, and the function that adds its flags to a parser."""

    name: str
    help: str
    add_flags: Callable[[argparse.ArgumentParser], None] | None


COMMANDS = (
    Command("init", "set up this folder: write a catalog of its lists, settings and a workflow", _init),
    Command("import", "import lists into a new catalog, or merge them into an existing one", _import),
    Command("run", "fill in metadata, check links, and write reports", _run),
    Command("check", "check links only: of catalogs, of Markdown, HTML, BibTeX, CSV or text files, or of URLs", _check),
    Command("validate", "check the catalog, its lists and the settings for mistakes, without network", _catalogs),
    Command("resolve", "look up a paper by title, URL or identifier", _resolve),
    Command("plan", "divide the pages of a run into parts, one for each `enrich look`", _plan),
    Command("look", "fetch the pages of one part, and write a receipt; uses no keys", _look),
    Command("conclude", "finish a run with the receipts of `enrich look`", _conclude),
    Command("fix", "apply the permanent redirects that the last run or check found", _fix),
    Command("render", "fill the parts of Markdown files that are written from the catalog", _render),
    Command("report", "print the report of the last run", _report),
    Command("export", "export the catalog for other tools", _export),
    Command("site", "write a static dashboard of the last runs, with badges and a feed", _site),
    Command("demo", "run on bundled lists and recorded responses, without network or keys", _demo),
    Command("doctor", "show configuration and reachable services", _doctor),
    Command("cache", "show, prune or clear the cache", _cache),
    Command("snapshot", "build, show or remove a local copy of public metadata that runs ask first", _snapshot),
    Command("mcp", "serve the lookup of papers and links to assistants (MCP, on standard input and output)", None),
    Command("schema", "print the JSON Schema of the catalog", _schema),
    Command("completion", "print a shell completion script", _completion),
)
"""The commands, in the order of the help. Each is a module of `enrich.commands`."""
