"""The command line: parse the arguments, run the command, return the exit code."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import enrich
from enrich.commands import CANNOT_RUN, CLEAN, INTERRUPTED
from enrich.commands.flags import COMMANDS
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.printing import print_lines, print_message
from enrich.commands.usage import exit_codes, has_option, short_usage
from enrich.errors import EnrichError
from enrich.text import neutral
from enrich.text.suggestions import closest_name, hint

COMMAND_NAMES = tuple(command.name for command in COMMANDS)
"""The names of the commands. Their modules are imported late: `enrich --help` loads no HTTP or YAML library."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code."""
    with INTERRUPTS.watched(to_the_end=argv is None):
        return _run(_parsed(argv))


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    root = parser()
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["help"]:
        given = [*given[1:2], "--help"]
    arguments, rest = root.parse_known_args(given)
    own: _Parser = getattr(arguments, "own_parser", root)
    if rest:
        own.error(own.unknown(rest[0]))
    if arguments.command is None:
        own.error(f"no command given; choose one of {', '.join(COMMAND_NAMES)}")
    return arguments


def _imported(name: str) -> ModuleType:
    """Import a module without garbage collection, now and later: what modules create is kept."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def _run(arguments: argparse.Namespace) -> int:
    # `import` is a keyword.
    name = "import_" if arguments.command == "import" else arguments.command
    try:
        if getattr(arguments, "workers", None) and not arguments.offline:
            _imported("enrich.pipeline.parts.fork_server").start()
        command = _imported(f"enrich.commands.{name}")
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
        # The reader (`| head`) has closed the pipe. https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except OSError as error:
        # Python would exit with 1, which means findings.
        full = error.errno in (errno.EMFILE, errno.ENFILE)
        advice = "raise `ulimit -n`" if full else "free disk space or fix the permissions"
        print_message(f"{error}; {advice}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_RUN
    return code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors repeat the input in a form that is harmless for terminals and CI logs."""

    def error(self, message: str) -> NoReturn:
        words = (
            f"{self.prog}: {neutral.message(message)}\n{short_usage(self)}\nRun `{self.prog} --help` for its options.\n"
        )
        self.exit(CANNOT_RUN, words)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        if action.dest == "command":
            raise argparse.ArgumentError(None, f"unknown command {value}; {hint(str(value), known)}")
        raise argparse.ArgumentError(action, f"unknown value {value!r}; {hint(str(value), known)}")

    def unknown(self, argument: str) -> str:
        """Report an unknown argument, and suggest an option."""
        if not argument.startswith("-"):
            return f"unexpected argument {argument}"
        name = argument.partition("=")[0]
        closest = closest_name(name, self._option_string_actions)
        return f"unknown option {name}; did you mean {closest}?" if closest else f"unknown option {name}"


class _Version(argparse.Action):
    """Prints the version, which is looked up only on request."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print_lines(f"enrich {enrich.__version__}")
        parser.exit()


def parser() -> _Parser:
    """Return the parser of all commands and flags."""
    root = _Parser(
        prog="enrich",
        description="Fill in the metadata of curated lists of papers, and check their links.",
        epilog=exit_codes("run"),
        parents=[_common(None)],
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for name, help_text, add_flags in COMMANDS:
        made = commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog=exit_codes(name),
            parents=[_common(name)],
            allow_abbrev=False,
        )
        made.set_defaults(own_parser=made, parser=root)
        if add_flags:
            add_flags(made)
    return root


def _common(command: str | None) -> _Parser:
    """Return the options that are accepted before and after any command.

    The help of a command shows only the relevant ones.
    """
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    add = common.add_argument_group("global options").add_argument

    def shown(name: str, words: str) -> str:
        return words if has_option(command, name) else argparse.SUPPRESS

    settings = shown("config", "settings file (default: enrich.toml or pyproject.toml)")
    add("--config", type=Path, metavar="FILE", help=settings)
    cache = "cache directory (default: cache/ next to the catalog if it is enrich's own, else the user's cache)"
    add("--cache-dir", type=Path, metavar="DIR", help=shown("cache_dir", cache))
    history = "run history file (default: one for each catalog in the cache directory)"
    add("--history", type=Path, metavar="FILE", help=shown("history", history))
    verbose = "verbose output: the evidence of each finding, and more messages"
    add("-v", "--verbose", action="count", help=shown("verbose", verbose))
    quiet = "no progress, and no output where there is nothing to report"
    add("-q", "--quiet", action="store_true", help=shown("quiet", quiet))
    add("--no-progress", action="store_true", help=shown("no_progress", "no progress bar"))
    add("--no-color", action="store_true", help=shown("no_color", "no colours (as does NO_COLOR)"))
    add("--version", action=_Version, nargs=0, help=shown("version", "print the version"))
    return common
