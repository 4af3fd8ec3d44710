"""Messages and files for people."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from importlib import import_module
from pathlib import Path
from shutil import get_terminal_size

from enrich import files
from enrich.commands import CLEAN, FINDINGS, NOT_ALL_ASKED
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.permalinks import permalink
from enrich.commands.printing import print_diff_lines, print_message, print_result
from enrich.model import EnrichError, Finding, Report, Severity, State
from enrich.report import CHUNKED, COMBINED, FORMATS, LINKED, PARTS
from enrich.report.style import TextStyle
from enrich.text.suggestions import hint

NAME_FIELD = "{name}"
"""The placeholder of the catalog's name in the name of a report's file."""

STREAM = Path("-")
"""As a file name: standard input or output."""

Render = Callable[[Sequence[Report]], str | Iterable[str]]


def say(arguments: Namespace, words: str) -> None:
    """Print a message to standard error, unless the user asked for quiet."""
    if not getattr(arguments, "quiet", False):
        print_message(words)


def read_text(path: Path, most: int = 100_000_000) -> str:
    """Read a text file of at most `most` bytes.

    Raises:
        EnrichError: it cannot be read, is larger, or is not UTF-8.
    """
    try:
        return read_bytes(path, most).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise EnrichError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None


def read_bytes(path: Path, most: int = 100_000_000) -> bytes:
    """Return the content of a file of at most `most` bytes.

    Raises:
        EnrichError: it cannot be read or is larger.
    """
    try:
        if (size := path.stat().st_size) > most:
            raise EnrichError(f"{path}: too large ({size / 1e6:,.1f} MB, the limit is {most / 1e6:,.0f} MB); split it")
        return path.read_bytes()
    except FileNotFoundError:
        raise EnrichError(f"{path}: file not found; check the path") from None
    except OSError as error:
        raise EnrichError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def write_text(path: Path, words: str | Iterable[str], *, follow_link: bool = True) -> None:
    """Write a file other than the catalog, from one text or its pieces: all of it or, on failure, nothing.

    Raises:
        EnrichError: it cannot be written.
    """
    write_bytes(path, files.encoded(words, "backslashreplace"), follow_link=follow_link)


def write_bytes(path: Path, pieces: Iterable[bytes], *, follow_link: bool = True) -> None:
    """Write a binary file, as `write_text` does.

    Raises:
        EnrichError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, pieces, follow_link=follow_link)
    except OSError as error:
        raise EnrichError(
            f"{path}: cannot be written ({error.strerror}); free disk space or choose another file"
        ) from None


def put(path: Path | None, words: str | Iterable[str]) -> None:
    """Write to the file, or to standard output without one or if it is `-`."""
    if path in (None, STREAM):
        print_result([words] if isinstance(words, str) else words)
    else:
        write_text(path, words)


def print_diff(before: str, after: str, path: Path) -> None:
    """Print the diff that a command would write."""
    print_diff_lines(unified_diff(_lines(before), _lines(after), str(path), str(path), lineterm=""))


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which also splits at characters that editors do not show as line ends.
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def look_for(arguments: Namespace, output: Path | None = None, *, only_news: bool = False) -> TextStyle:
    """Return how a report for people looks on standard output, or in a file.

    Args:
        arguments: The command's, with `--verbose`, `--quiet` and `--no-color`.
        output: The file; None is standard output.
        only_news: Whether open findings are only counted after a run that brought nothing new; `--verbose` lists them.
    """
    evidence = bool(getattr(arguments, "verbose", 0))
    if output is not None:
        return TextStyle(evidence=evidence)
    return TextStyle(
        color=is_colored(arguments),
        width=get_terminal_size().columns if sys.stdout.isatty() else TextStyle().width,
        evidence=evidence,
        only_news=only_news and not evidence,
        quiet=bool(getattr(arguments, "quiet", False)),
    )


def renderer_for(arguments: Namespace, output: Path | None = None) -> Render:
    """Return the renderer for `--format`; for `text`, other flags determine the form.

    Raises:
        EnrichError: there is no such format.
    """
    if arguments.format != "text":
        return renderer(arguments.format)
    look = look_for(arguments, output)
    render: Callable[..., str] = import_module("enrich.report.text").render_all
    return lambda reports: render(reports, look)


def renderer(name: str) -> Render:
    """Return the report format of that name.

    Raises:
        EnrichError: there is none.
    """
    known = {**FORMATS, **PARTS, **CHUNKED}
    if name not in known:
        raise EnrichError(f"unknown report format {name!r}; {hint(name, known)}")
    if name in LINKED and (address := permalink(os.environ)):
        return lambda reports: LINKED[name](reports, address)
    return lambda reports: known[name](reports[0]) if len(reports) == 1 else COMBINED[name](reports)


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report to write: on all catalogs, or on the one at this index."""

    render: Render
    path: Path
    index: int | None = None

    def text(self, reports: Sequence[Report]) -> str | Iterable[str]:
        """Return the reports to write."""
        return self.render(reports if self.index is None else [reports[self.index]])


def report_files(given: Sequence[str], names: Sequence[str] = ()) -> list[ReportFile]:
    """Return the reports requested by `--report FORMAT=FILE`, checked before the work begins.

    Args:
        given: The values of the flag.
        names: The values of `{name}`, by catalog: with it there is one file per catalog.

    Raises:
        EnrichError: An unknown format, or a folder that does not exist.
    """
    files: list[ReportFile] = []
    for flag in given:
        name, separator, file = flag.partition("=")
        if not separator or not file:
            raise EnrichError(f"--report {flag}: must be FORMAT=FILE, such as markdown=report.md")
        render = renderer(name)
        if NAME_FIELD in file and not names:
            raise EnrichError(f"--report {flag}: {NAME_FIELD} needs catalogs; leave it out for other files and URLs")
        own = [ReportFile(render, Path(file.replace(NAME_FIELD, each)), index) for index, each in enumerate(names)]
        asked = own if NAME_FIELD in file else [ReportFile(render, Path(file))]
        for folder in (each.path.parent for each in asked):
            if not folder.is_dir():
                raise EnrichError(f"--report {flag}: folder not found: {folder}; create it first")
        files += asked
    return files


def output_paths(output: Path | None, names: Sequence[str]) -> list[Path | None]:
    """Return the files of `-o`: one per catalog if it contains `{name}`, else one; None is standard output."""
    if output is None or NAME_FIELD not in str(output):
        return [output]
    return [Path(str(output).replace(NAME_FIELD, name)) for name in names]


def check_outputs(outputs: Iterable[Path | None], reads: Iterable[Path], *, are_databases: bool = False) -> None:
    """Check, before the work begins, that no report or export would replace a catalog, a list or a database.

    Args:
        outputs: The files to write; None is standard output.
        reads: The files that the command reads.
        are_databases: Whether the command writes SQLite files, and checks itself which ones it may replace.

    Raises:
        EnrichError: One of the outputs is a file that the command reads, an existing YAML file or SQLite database, or a
            link to a file in another folder, which a stranger may have put there.
    """
    inputs = tuple(reads)
    for output in outputs:
        if output in (None, STREAM) or files.is_stream(output):
            continue
        target, folder = (Path(os.path.realpath(path)) for path in (output, output.parent))
        if not target.is_relative_to(folder):
            raise EnrichError(f"{output}: a symbolic link to {target}, not followed; pass that path instead")
        if any(_is_same_file(output, path) for path in inputs):
            raise EnrichError(f"{output}: an input of this command, not overwritten; choose another output file")
        if output.suffix.lower() in (".yaml", ".yml") and output.exists():
            raise EnrichError(
                f"{output}: an existing YAML file, possibly a catalog, not overwritten; choose another file"
            )
        if not are_databases and files.database_mark(output) is not None:
            raise EnrichError(f"{output}: an existing SQLite database, not overwritten; choose another file")


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def write_reports(reports: Sequence[Report], files: Iterable[ReportFile]) -> bool:
    """Write each requested report; print which could not be written, and return whether all were."""
    whole = True
    for each in files:
        INTERRUPTS.take_a_step()
        try:
            write_text(each.path, each.text(reports))
        except EnrichError as error:
            whole = False
            complain(error)
    return whole


def complain(error: EnrichError) -> None:
    """Print an error that does not end the command, also with --quiet."""
    print_message(str(error))


def exit_code(report: Report, fail_on: str, *, strict: bool = False) -> int:
    """Return the exit code for one report."""
    return exit_code_of_all([report], fail_on, strict=strict)


def exit_code_of_all(reports: Sequence[Report], fail_on: str, *, strict: bool = False) -> int:
    """Return the exit code for reports; findings in any of them win over what was not asked, unless `strict`."""
    found = any(_fails(finding, fail_on) for report in reports for finding in report.findings)
    if any(report.unasked or report.partial for report in reports) and (strict or not found):
        return NOT_ALL_ASKED
    return FINDINGS if found else CLEAN


_FAILING = {"never": (), "warning": (Severity.ERROR, Severity.WARNING)}


def _fails(finding: Finding, fail_on: str) -> bool:
    states = (State.NEW,) if fail_on == "new" else (State.NEW, State.STILL)
    return finding.state in states and finding.severity in _FAILING.get(fail_on, (Severity.ERROR,))


def is_colored(arguments: Namespace) -> bool:
    """Whether standard output supports colours and the user wants them (https://no-color.org)."""
    return sys.stdout.isatty() and not getattr(arguments, "no_color", False) and not os.environ.get("NO_COLOR")
