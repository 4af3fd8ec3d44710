"""The only module that writes to standard output and standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from enrich.text import neutral


def print_lines(*lines: str) -> None:
    """Print lines for people to standard output; text from outside is made harmless."""
    for text in lines:
        _write(sys.stdout, f"{neutral.line(text)}\n")


def print_message(words: str) -> None:
    """Print one message for people to standard error."""
    _write(sys.stderr, f"{neutral.message(f'enrich: {words}')}\n")


def print_diff_lines(lines: Iterable[str]) -> None:
    """Print the lines of a unified diff; the sign at the start of each line stays."""
    for text in lines:
        _write(sys.stdout, f"{neutral.line(text, longest=LONGEST_DIFF_LINE)}\n")


def print_result(pieces: Iterable[str], *, flush: bool = False) -> None:
    """Print a result unchanged to standard output: data for programs, and reports, which escape their content."""
    for piece in pieces:
        _write(sys.stdout, piece)
    if flush:
        sys.stdout.flush()


LONGEST_DIFF_LINE = 3_000
"""Characters; an abstract is one line of the catalog, 1,500 of them on average."""


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
