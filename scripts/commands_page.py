"""Fills the page of commands from the program's own parser, when MkDocs builds the site.

A hook of MkDocs: https://www.mkdocs.org/user-guide/configuration/#hooks.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from enrich import cli

_MARK = re.compile(r"<!-- .*scripts/commands_page\.py -->")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return the page with its generated part; pages without the mark stay as they are."""
    return _MARK.sub(lambda _: "\n".join(_lines()), markdown)


def _lines() -> Iterator[str]:
    parser = cli.parser()
    common = {action.dest for action in parser._actions}
    for subparsers in parser._actions:
        if isinstance(subparsers, argparse._SubParsersAction):
            for name, command in subparsers.choices.items():
                yield from (f"## enrich {name}", "", f"{command.description}", "")
                yield from _table(action for action in command._actions if action.dest not in common)
    yield from ("## Options of every command", "")
    yield from _table(action for action in parser._actions if action.option_strings)


def _table(actions: Iterator[argparse.Action]) -> Iterator[str]:
    rows = [f"| `{_shown(action)}` | {action.help} |" for action in actions]
    if rows:
        yield from ("| argument | means |", "| --- | --- |", *rows, "")


def _shown(action: argparse.Action) -> str:
    value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
    return f"{', '.join(action.option_strings)} {value if action.nargs != 0 else ''}".strip()
