"""`enrich completion`: print a shell completion script."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import shtab

from enrich.commands import CLEAN
from enrich.commands.printing import print_result

SHELLS = ("bash", "zsh", "fish", "powershell")
"""The supported shells."""


def execute(arguments: argparse.Namespace) -> int:
    """Print the shell's completion script; it completes files where a file is expected."""
    for action in _actions(arguments.parser):
        if action.type is Path or action.dest == "inputs":
            vars(action)["complete"] = (
                shtab.FILE
            )  # The way to specify this in shtab: https://docs.iterative.ai/shtab/use/
    print_result([shtab.complete(arguments.parser, shell=arguments.shell)])
    return CLEAN


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
