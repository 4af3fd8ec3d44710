"""The global options and exit codes in the help of each command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

_DONE = "0 done"
_CLEAN = "0 clean"
_ERRORS = "1 findings of severity error (--fail-on changes this)"
_NOT_RUN = "2 cannot run, nothing written"
_NOT_ALL = "3 finished, but a service was unavailable, a file could not be written, or the deadline was reached"
_STOPPED = "130 interrupted, results so far are saved"

_OF_RUNS = (_CLEAN, _ERRORS, _NOT_RUN, _NOT_ALL, _STOPPED)
_OF_FILES = (_DONE, _NOT_RUN)

_CODES: Mapping[str, tuple[str, ...]] = {
    "import": (_DONE, "1 paper links were left out (--strict)", _NOT_RUN),
    "run": _OF_RUNS,
    "check": _OF_RUNS,
    "conclude": _OF_RUNS,
    "report": _OF_RUNS[:-1],
    "validate": ("0 no mistakes", "1 mistakes", "2 no catalog"),
    "resolve": ("0 found", "1 missing or ambiguous", "2 cannot run", "3 could not ask"),
    "plan": (_DONE, _NOT_RUN, _NOT_ALL, _STOPPED),
    "look": (_DONE, _NOT_RUN, _NOT_ALL, _STOPPED),
    "render": (_DONE, "1 a file would change (--check)", _NOT_RUN),
    "doctor": ("0 everything answers as expected", "2 cannot run", "3 a service does not, or there is no network"),
}

_SETTINGS = ("config",)
_STATE = (*_SETTINGS, "cache_dir", "history")
_PROGRESS = ("quiet", "no_progress")
_REPORT = ("verbose", *_PROGRESS, "no_color")

_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "init": ("quiet",),
    "import": ("quiet",),
    "run": (*_STATE, *_REPORT),
    "check": (*_STATE[:2], *_REPORT),
    "validate": _SETTINGS,
    "resolve": (*_STATE[:2], *_PROGRESS),
    "plan": (*_STATE, *_PROGRESS),
    "look": (*_STATE[:2], *_PROGRESS),
    "conclude": (*_STATE, *_REPORT),
    "fix": (*_STATE, "quiet"),
    "render": ("quiet",),
    "report": (*_STATE, "verbose", "quiet", "no_color"),
    "export": (*_STATE, "quiet"),
    "site": (*_STATE, "quiet"),
    "demo": _REPORT,
    "doctor": (*_STATE, "verbose", "quiet"),
    "cache": _STATE[:2],
    "snapshot": (*_SETTINGS, *_PROGRESS),
    "mcp": _STATE[:2],
    "schema": (),
    "completion": (),
}
"""The global options that affect a command; all commands accept all of them."""


def exit_codes(command: str) -> str:
    """Return the exit codes of a command in one sentence."""
    return f"exit codes: {'; '.join(_CODES.get(command, _OF_FILES))}"


def has_option(command: str | None, name: str) -> bool:
    """Whether the help of a command shows a global option; the help of the program, None, shows all."""
    return command is None or name in _OPTIONS[command]


def short_usage(parser: argparse.ArgumentParser) -> str:
    """Return a command's usage in one line, with the options left to `--help`."""
    names = " ".join(_positional(action) for action in parser._actions if not action.option_strings)
    return " ".join(filter(None, (f"usage: {parser.prog}", "[options]", names)))


def _positional(action: argparse.Action) -> str:
    if isinstance(action, argparse._SubParsersAction):
        return f"{action.metavar} ..."
    name = str(action.metavar or (f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest))
    return {"*": f"[{name}...]", "+": f"{name}...", "?": f"[{name}]"}.get(str(action.nargs), name)
