"""The command line: parse the arguments, run the command, return the exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import enrich
from enrich.commands import CANNOT_RUN, CLEAN, INTERRUPTED
from enrich.commands.argument_types import duration, positive, web_address
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.printing import print_message
from enrich.errors import EnrichError
from enrich.text import neutral
from enrich.text.suggestions import closest_name, hint

COMMANDS = (
    "init",
    "import",
    "run",
    "check",
    "validate",
    "resolve",
    "plan",
    "look",
    "conclude",
    "fix",
    "render",
    "report",
    "export",
    "demo",
    "doctor",
    "cache",
    "schema",
    "completion",
)
"""The commands. Each is a module of `enrich.commands`, imported late: `enrich --help` loads no HTTP or YAML library."""

_FORMATS = "text, markdown, json, jsonl, html, sarif, junit or github"

_CODES = """\
exit codes: 0 clean; 1 findings of severity error (--fail-on changes this); 2 cannot run, nothing written;
3 finished, but a service was unavailable, a file could not be written, or the deadline was reached;
130 interrupted, results so far are saved"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code."""
    with INTERRUPTS.watched(to_the_end=argv is None):
        return _run(_parsed(argv))


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    root = parser()
    arguments, rest = root.parse_known_args(argv)
    own: _Parser = getattr(arguments, "own_parser", root)
    if rest:
        own.error(own.unknown(rest[0]))
    if arguments.command is None:
        own.error(f"no command given; choose one of {', '.join(COMMANDS)}")
    return arguments


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
        print_message("interrupted; results so far are saved; run again to continue")
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
        self.exit(CANNOT_RUN, f"{self.prog}: {neutral.message(message)}\nRun `{self.prog} --help` for usage.\n")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        if action.dest == "command":
            raise argparse.ArgumentError(None, f"unknown command {value}; {hint(str(value), known)}")
        raise argparse.ArgumentError(action, f"unknown value {value!r}; {hint(str(value), known)}")

    def unknown(self, argument: str) -> str:
        """Say that an argument is unknown, and which option was meant."""
        if not argument.startswith("-"):
            return f"unexpected argument {argument}"
        name = argument.partition("=")[0]
        closest = closest_name(name, self._option_string_actions)
        return f"unknown option {name}; did you mean {closest}?" if closest else f"unknown option {name}"


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"enrich {enrich.__version__}\n")
        parser.exit()


def parser() -> _Parser:
    """Return the parser of all commands and flags."""
    common = _common()
    parser = _Parser(
        prog="enrich",
        description="Fill in the metadata of curated lists of papers, and check their links.",
        epilog=_CODES,
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog=_CODES,
            parents=[common],
        )
        made.set_defaults(own_parser=made)
        return made

    init = command("init", "set up this folder: catalog, settings and workflow, from the lists that are there")
    init.add_argument("--dry-run", action="store_true", help="print what would be written")
    _import_flags(command("import", "import lists into a new catalog, or merge them into an existing one"))
    _run_flags(command("run", "fill in metadata, check links, and write reports"))
    _check_flags(command("check", "check links only: of a catalog, of Markdown, HTML or text files, or URLs"))
    _catalogs(command("validate", "check the catalog, its lists and the settings for mistakes, without network"))
    _resolve_flags(command("resolve", "look up a paper by title, URL or identifier"))
    _part_commands(command)
    fix = command("fix", "apply the permanent redirects that the last run or check found")
    _catalogs(fix)
    fix.add_argument("--titles", action="store_true", help="also remove years, venues and authors from titles")
    fix.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    _render_flags(command("render", "fill the parts of Markdown files that are written from the catalog"))
    report = command("report", "print the report of the last run")
    _catalogs(report)
    report.add_argument("--format", default="text", metavar="FORMAT", help=f"{_FORMATS} (default: text)")
    report.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    _report_files(report)
    _issue_flags(report)
    _export_flags(command("export", "export the catalog for other tools"))
    demo = command("demo", "run on bundled lists and recorded responses, without network or keys")
    demo.add_argument("--open", action="store_true", help="open the HTML report in a browser")
    _doctor_flags(command("doctor", "show configuration and reachable services"))
    cache = command("cache", "show, prune or clear the cache")
    cache.add_argument(
        "action",
        choices=["info", "clear", "prune"],
        help="info: show its size; clear: remove all answers; prune: remove expired answers",
    )
    schema = command("schema", "print the JSON Schema of the catalog")
    schema.add_argument("--report", action="store_true", help="print the schema of the JSON report instead")
    completion = command("completion", "print a shell completion script")
    completion.add_argument("shell", choices=["bash", "zsh", "fish", "powershell"], help="the shell")
    completion.set_defaults(parser=parser)
    return parser


def _common() -> _Parser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("global options")
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: enrich.toml or pyproject.toml)"
    )
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
    group.add_argument("-v", "--verbose", action="count", help="verbose output")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress output")
    group.add_argument("--no-progress", action="store_true", help="no progress bar")
    group.add_argument("--no-color", action="store_true", help="no colours (as does NO_COLOR)")
    group.add_argument("--version", action=_Version, nargs=0, help="print the version")
    return common


def _catalogs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "catalogs",
        nargs="*",
        type=Path,
        metavar="CATALOG",
        help="catalogs, or quoted patterns such as 'lists/*.yaml' (default: catalog.yaml)",
    )


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
        help=f"write a report: {_FORMATS} (repeatable); {{name}} in FILE: one for each catalog",
    )
    parser.add_argument(
        "--fail-on",
        choices=["never", "error", "warning", "new"],
        help="what makes the exit code 1: findings of that severity or worse, or new errors only",
    )
    parser.add_argument("--strict", action="store_true", help="exit 3 rather than 1 if a service was unreachable")


def _issue_flags(parser: argparse.ArgumentParser) -> None:
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


def _import_flags(parser: argparse.ArgumentParser) -> None:
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
        "--map", action="append", default=[], metavar="FIELD=HEADER", help="CSV column to read a field from"
    )
    parser.add_argument(
        "--mirror",
        action="store_true",
        help="name the lists in the catalog, so that each run merges what is new in them",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--strict", action="store_true", help="exit 1 if paper links were left out")


def _render_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="Markdown with <!-- enrich:begin NAME --> and <!-- enrich:end -->"
    )
    parser.add_argument(
        "--catalog", type=Path, metavar="CATALOG", help="the catalog (default: catalog.yaml next to each file)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not up to date")


def _export_flags(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    parser.add_argument(
        "--format", default="bibtex", metavar="FORMAT", help="bibtex, csl-json, ris, json, csv, markdown or sqlite"
    )
    _entries(parser)
    parser.add_argument("--keys", default="entry", metavar="KIND", help="citation keys: entry (default) or author-year")
    parser.add_argument("--update", type=Path, metavar="FILE", help="rewrite what changed in a BibTeX file, in place")
    parser.add_argument(
        "--only", action="append", default=[], metavar="FIELDS", help="with --update: published, eprint, doi, ..."
    )
    parser.add_argument("--dry-run", action="store_true", help="with --update: print the diff, write nothing")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")


def _run_flags(parser: argparse.ArgumentParser) -> None:
    _catalogs(parser)
    _workers(parser)
    _flags_of_runs(parser)


def _part_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    plan = command("plan", "divide the pages of a run into parts, for workers that are started one by one")
    _catalogs(plan)
    plan.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="write 1.json, 2.json, ... there")
    plan.add_argument("--parts", type=positive, metavar="N", help="number of parts (default: 40 hosts each or more)")
    _selection(plan)
    plan.set_defaults(no_links=False, no_metadata=False, only_missing=False, offline=False, sample=None, deadline=None)
    look = command("look", "fetch the pages of one part, and write a receipt; uses no keys")
    look.add_argument("part", type=Path, metavar="PART", help="a file written by `enrich plan`")
    look.add_argument("-o", "--output", type=Path, metavar="RECEIPT", help="default: standard output")
    _deadline(look)
    conclude = command("conclude", "finish a run with the receipts of `enrich look`")
    conclude.add_argument("receipts", nargs="+", type=Path, metavar="RECEIPT", help="files written by `enrich look`")
    conclude.add_argument(
        "--catalog",
        dest="catalogs",
        action="append",
        default=[],
        type=Path,
        metavar="CATALOG",
        help="a catalog of the run (repeatable; default: catalog.yaml)",
    )
    _flags_of_runs(conclude)
    conclude.set_defaults(workers=None, cluster=None)


def _flags_of_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only-missing", action="store_true", help="look up only entries that are incomplete or outdated"
    )
    parser.add_argument("--no-links", action="store_true", help="do not check links")
    parser.add_argument("--no-metadata", action="store_true", help="do not fill in metadata")
    parser.add_argument("--dry-run", action="store_true", help="print the diff, write nothing")
    parser.add_argument("--offline", action="store_true", help="use cached answers only")
    _fragments(parser)
    _selection(parser)
    parser.add_argument(
        "--sample", type=positive, metavar="N", help="with --dry-run: check only N links, spread over their hosts"
    )
    _deadline(parser)
    _report_files(parser)
    _issue_flags(parser)


def _check_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="catalogs, files, patterns, URLs or - (default: catalog.yaml)",
    )
    parser.add_argument("--format", default="text", metavar="FORMAT", help=f"{_FORMATS} (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    parser.add_argument("--base-url", type=web_address, metavar="URL", help="base URL for relative links")
    parser.add_argument("--offline", action="store_true", help="use cached answers only")
    _fragments(parser)
    _workers(parser)
    _report_files(parser)


def _doctor_flags(parser: argparse.ArgumentParser) -> None:
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


def _resolve_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="+", metavar="QUERY", help="a title, a URL or an identifier")
    parser.add_argument("--format", choices=["yaml", "json", "bibtex"], default="yaml", help="default: yaml")
    parser.add_argument("--offline", action="store_true", help="use cached answers only")
