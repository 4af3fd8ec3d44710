"""The manual page enrich(1), written from the program's own parser: `python scripts/man_page.py > enrich.1`.

`hatch_build.py` puts it into the wheel. The format is man(7): https://man7.org/linux/man-pages/man7/man.7.html
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator

from enrich import cli

ENVIRONMENT = {
    "ENRICH_CONTACT": "e-mail address for the polite pools of Crossref and DataCite",
    "SEMANTIC_SCHOLAR_API_KEY": "API key for Semantic Scholar",
    "OPENALEX_API_KEY": "API key for OpenAlex",
    "GITHUB_TOKEN": "token for looking up repositories, and for --open-issue",
    "ENRICH_CACHE_DIR": "cache directory",
    "ENRICH_VANTAGE": "name of the network that a run looks from",
    "NO_COLOR": "if set, no colours",
}

FILES = {"catalog.yaml": "the catalog", "enrich.toml, pyproject.toml": "settings"}


def page() -> str:
    """Return the manual page."""
    parser = cli.parser()
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    common = {action.dest for action in parser._actions}
    codes = [code.partition(" ") for code in re.split(r";\s+", (parser.epilog or "").partition(":")[2].strip())]
    lines = [
        '.TH ENRICH 1 "" enrich "User Commands"',
        ".SH NAME",
        "enrich \\- metadata enrichment and link checking for curated lists of papers",
        ".SH SYNOPSIS",
        *(
            f".B enrich {name}\n{_escaped(_synopsis(command, common))}\n.br"
            for name, command in commands.choices.items()
        ),
        ".SH DESCRIPTION",
        _escaped(parser.description or ""),
        ".SH COMMANDS",
    ]
    for name, command in commands.choices.items():
        lines += [f".SS enrich {name}", _escaped(command.description or "")]
        lines += _items(action for action in command._actions if action.dest not in common)
    lines += [".SH OPTIONS OF EVERY COMMAND", *_items(action for action in parser._actions if action.option_strings)]
    lines += [".SH EXIT STATUS", *_definitions((code, meaning) for code, _, meaning in codes)]
    lines += [".SH ENVIRONMENT", *_definitions(ENVIRONMENT.items())]
    lines += [".SH FILES", *_definitions(FILES.items())]
    return "\n".join(lines) + "\n"


def _synopsis(command: argparse.ArgumentParser, common: set[str]) -> str:
    options = any(action.option_strings and action.dest not in common for action in command._actions)
    forms = {"*": "[{}]...", "+": "{}..."}
    words = [forms.get(str(action.nargs), "{}").format(_value(action)) for action in _positionals(command)]
    return " ".join([*(["[OPTION]..."] if options else []), *words])


def _positionals(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    return (action for action in command._actions if not action.option_strings)


def _items(actions: Iterable[argparse.Action]) -> Iterator[str]:
    for action in actions:
        value = "" if action.nargs == 0 else _value(action)
        yield from _definitions([(f"{', '.join(action.option_strings)} {value}".strip(), action.help or "")])


def _value(action: argparse.Action) -> str:
    if action.metavar is None and action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _definitions(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in rows:
        yield f".TP\n.B {_escaped(term)}\n{_escaped(meaning)}"


def _escaped(text: str) -> str:
    """Return a text that roff shows as it is: a dash as a dash, a dot or quote at the start of a line as such."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    sys.stdout.write(page())
