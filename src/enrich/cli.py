"""The command line: flags in, words out."""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from enrich import __version__
from enrich.commands import CANNOT_RUN, CLEAN, INTERRUPTED
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.printing import print_message
from enrich.model import EnrichError
from enrich.text import neutral

COMMANDS = (
    "import",
    "run",
    "check",
    "resolve",
    "fix",
    "report",
    "export",
    "demo",
    "doctor",
    "cache",
    "schema",
    "completion",
)
"""The commands. Each is a module of `enrich.commands`, imported late: `enrich --help` loads no HTTP or YAML library."""

_FORMATS = "text, markdown, json, html, sarif, junit or github"

_CODES = """\
exit codes: 0 clean; 1 findings of severity error (--fail-on changes it); 2 cannot run, nothing written;
3 finished, but something could not be asked or written, or the deadline came first; 130 interrupted, state kept"""


_UNITS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(?P<h>[0-9]{1,6})h)?(?:(?P<m>[0-9]{1,6})m)?(?:(?P<s>[0-9]{1,9})s?)?")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    with INTERRUPTS.watched(to_the_end=argv is None):
        return _run(parser().parse_args(argv))


def _run(arguments: argparse.Namespace) -> int:
    # `import` is a keyword.
    name = "import_" if arguments.command == "import" else arguments.command
    try:
        command = import_module(f"enrich.commands.{name}")
        with INTERRUPTS.ending():
            code: int = command.execute(arguments)
            sys.stdout.flush()
    except EnrichError as error:
        print_message(str(error))
        return CANNOT_RUN
    except KeyboardInterrupt:
        print_message("interrupted; what was answered is kept, run again to go on")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except OSError as error:
        # Python would end with 1, which stands for findings.
        full = error.errno in (errno.EMFILE, errno.ENFILE)
        advice = "raise `ulimit -n`" if full else "free disk space or fix the permissions"
        print_message(f"{error}; {advice}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_RUN
    return code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors, which repeat what was typed, do nothing in a terminal or a CI log."""

    def error(self, message: str) -> NoReturn:
        super().error(neutral.message(message))


def parser() -> argparse.ArgumentParser:
    """All commands with their flags."""
    common = _common()
    parser = _Parser(
        prog="enrich",
        description="Fills in and checks the metadata and the links of curated lists of papers.",
        epilog=_CODES,
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog=_CODES,
            parents=[common],
        )

    _import_flags(command("import", "turn Markdown lists into a catalog, or merge them into one"))
    _run_flags(command("run", "the nightly job: fill in metadata, check links, report"))
    _check_flags(command("check", "check links only: of a catalog, of Markdown, HTML or text files, of URLs"))
    _resolve_flags(command("resolve", "find the record of a title, a URL or an identifier"))
    fix = command("fix", "write the permanent moves of the last run into the links of the catalog")
    _catalog(fix)
    fix.add_argument("--titles", action="store_true", help="also take years, venues and authors out of titles")
    fix.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    report = command("report", "print the last run's report again")
    _catalog(report)
    report.add_argument("--format", default="text", metavar="FORMAT", help=f"{_FORMATS} (default: text)")
    report.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE in place of standard output")
    _report_files(report)
    _issue_flags(report)
    export = command("export", "print the catalog for other tools")
    _catalog(export)
    export.add_argument("--format", default="bibtex", metavar="FORMAT", help="bibtex, csl-json, ris, csv or markdown")
    export.add_argument("--keys", default="entry", metavar="KIND", help="citation keys: entry (default) or author-year")
    export.add_argument("--update", type=Path, metavar="FILE", help="rewrite what changed in a BibTeX file, in place")
    export.add_argument(
        "--only", action="append", default=[], metavar="FIELDS", help="with --update: published, eprint, doi, ..."
    )
    export.add_argument("--dry-run", action="store_true", help="with --update: print the diff, write nothing")
    export.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE in place of standard output")
    demo = command("demo", "the nightly job on bundled lists in a recorded world: no network, no keys")
    demo.add_argument("--open", action="store_true", help="open the HTML report in a browser")
    _doctor_flags(command("doctor", "show configuration and reachable services"))
    cache = command("cache", "look at or empty the cache of answers")
    cache.add_argument("action", choices=["info", "clear", "prune"], help="what to do with it")
    schema = command("schema", "print the JSON Schema of the catalog")
    schema.add_argument("--report", action="store_true", help="of the JSON report instead")
    completion = command("completion", "print what lets a shell complete commands and flags")
    completion.add_argument("shell", choices=["bash", "zsh", "fish", "powershell"], help="which shell")
    completion.set_defaults(parser=parser)
    return parser


def _common() -> _Parser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("options of every command")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings (default: enrich.toml or pyproject.toml)")
    group.add_argument(
        "--cache-dir",
        type=Path,
        metavar="DIR",
        help="cache directory (default: cache/ next to the catalog if it is enrich's own, else the user's cache)",
    )
    group.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="run history file (default: one for each catalog in the cache directory)",
    )
    group.add_argument("-v", "--verbose", action="count", help="say more while working")
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing while working")
    group.add_argument("--no-progress", action="store_true", help="no progress bar")
    group.add_argument("--no-color", action="store_true", help="no colours (as does NO_COLOR)")
    group.add_argument("--version", action="version", version=f"enrich {__version__}", help="print the version")
    return common


def _catalog(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "catalog", nargs="?", type=Path, default=Path("catalog.yaml"), metavar="CATALOG", help="default: catalog.yaml"
    )


def _report_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report", action="append", default=[], metavar="FORMAT=FILE", help=f"write a report: {_FORMATS} (repeatable)"
    )
    parser.add_argument("--fail-on", choices=["never", "error", "warning"], help="what makes the exit code 1")
    parser.add_argument("--strict", action="store_true", help="3 wins over 1 where a service could not be asked")


def _issue_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--open-issue", action="store_true", help="keep one GitHub issue with what stands; needs GITHUB_TOKEN"
    )
    _repository(parser)


def _repository(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repository", metavar="OWNER/NAME", help="where the issue is kept (default: GITHUB_REPOSITORY)"
    )


def _import_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lists", nargs="+", type=Path, metavar="LIST", help="Markdown, BibTeX (.bib), CSL-JSON (.json) or CSV"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("catalog.yaml"), metavar="FILE", help="default: catalog.yaml"
    )
    parser.add_argument(
        "--base-url", action="append", default=[], metavar="[LIST=]URL", help="what relative links are relative to"
    )
    parser.add_argument(
        "--map", action="append", default=[], metavar="FIELD=HEADER", help="the column of a CSV file for a field"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--strict", action="store_true", help="exit 1 if paper links were left out")


def _run_flags(parser: argparse.ArgumentParser) -> None:
    _catalog(parser)
    parser.add_argument(
        "--only-missing", action="store_true", help="ask only about entries that lack something or are old"
    )
    parser.add_argument("--no-links", action="store_true", help="check no links")
    parser.add_argument("--no-metadata", action="store_true", help="fill in nothing")
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--offline", action="store_true", help="answer from the cache alone")
    _fragments(parser)
    parser.add_argument("--limit", type=_positive, metavar="N", help="take the first N entries only")
    parser.add_argument(
        "--sample", type=_positive, metavar="N", help="with --dry-run: take N links only, spread over their hosts"
    )
    parser.add_argument("--entry", action="append", default=[], metavar="KEY", help="take this entry only (repeatable)")
    parser.add_argument("--since", metavar="GITREF", help="take only entries that changed since a git revision")
    parser.add_argument(
        "--deadline", type=_duration, metavar="DURATION", help="stop asking after 90s, 100m or 1h30m; save and report"
    )
    _report_files(parser)
    _issue_flags(parser)


def _check_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs", nargs="*", metavar="INPUT", help="a catalog, a file, a URL, or - (default: catalog.yaml)"
    )
    parser.add_argument("--format", default="text", metavar="FORMAT", help=f"{_FORMATS} (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE in place of standard output")
    parser.add_argument("--base-url", type=_web_address, metavar="URL", help="base URL for relative links")
    parser.add_argument("--offline", action="store_true", help="answer from the cache alone")
    _fragments(parser)
    _report_files(parser)


def _doctor_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--live", action="store_true", help="compare live services and pages with what enrich expects of them"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="of --live (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE in place of standard output")
    parser.add_argument("--save", type=Path, metavar="DIR", help="save the replies of --live, without keys and cookies")
    parser.add_argument(
        "--open-issue",
        action="store_true",
        help="keep one GitHub issue on the deviations of --live; needs GITHUB_TOKEN",
    )
    _repository(parser)


def _fragments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fragments", action="store_true", help="what a link names behind # must be on its page, too")


def _resolve_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="+", metavar="QUERY", help="a title, a URL or an identifier")
    parser.add_argument("--format", choices=["yaml", "json", "bibtex"], default="yaml", help="default: yaml")
    parser.add_argument("--offline", action="store_true", help="answer from the cache alone")


def _duration(text: str) -> float:
    """The seconds in `1h30m`, `100m`, `90s` or `90`."""
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = sum(int(match[unit] or 0) * size for unit, size in _UNITS.items()) if match else 0
    if not seconds:
        raise argparse.ArgumentTypeError(f"not a duration: {text!r}; write it as 90s, 100m, 2h or 1h30m")
    return float(seconds)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _web_address(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"must be a web address (got {text!r})")
    return text
