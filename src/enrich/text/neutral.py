"""Make text from outside readable for people and harmless for terminals and CI runners."""

from __future__ import annotations

import re
import unicodedata

LONGEST_LINE = 800
"""Characters of a message; values from outside may have any length."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# GitHub's runner obeys `::` at the start of a line, blanks before it passed over, and `##[` anywhere:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
# Azure Pipelines obeys `##vso[` and TeamCity `##teamcity[`.
_COMMAND = re.compile(r"\A\s*(?=::)|#(?=#[A-Za-z]{0,20}\[)")


def message(text: str, longest: int = LONGEST_LINE) -> str:
    """Return a message as one line; if it is cut, its end stays, which says what to do."""
    shown = line(" ".join(text.split()), longest=None)
    if len(shown) <= longest:
        return shown
    tail = longest // 3
    return f"{shown[: longest - tail].rstrip()} … {shown[-tail:].lstrip()}"


def line(text: str, longest: int | None = LONGEST_LINE) -> str:
    r"""Return one line in which hidden characters are shown as escapes such as `\x1b` and `\u202e`.

    Hidden are control characters, line ends, bidirectional and zero-width characters, and halves of surrogate pairs.
    Workflow commands get a backslash. Text beyond `longest` is cut.
    """
    shown = text if text.isprintable() else "".join(map(_visible, text))
    shown = _COMMAND.sub(lambda match: f"{match[0]}\\", shown)
    return shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"


def _visible(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
