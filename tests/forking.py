"""A process that has loaded enrich and forks for each command: to load it takes longer than most commands."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen

from tests.loopback import Bench, Outcome

PROGRAM = """
import gc, json, os, sys
import enrich.commands.check, enrich.commands.run, enrich.pipeline.conductor
from enrich.cli import main

gc.freeze()
for line in sys.stdin:
    given = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(given["folder"])
        os.environ.clear()
        os.environ.update(given["environment"])
        for name, number in (("/dev/null", 0), ("../out", 1), ("../err", 2)):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["enrich", *given["arguments"]]
        sys.exit(main())
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Forked:
    """A command on its way."""

    bench: Bench
    pid: int
    server: Popen[str]

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def ended(self) -> Outcome:
        """Wait until it has ended."""
        code = int(_line_of(self.server))
        out, err = (self.bench.folder.with_name(name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Outcome(code, out, err)


@dataclass(frozen=True)
class Forks:
    """What starts commands, one at a time."""

    server: Popen[str]

    def start(self, bench: Bench, *arguments: str) -> Forked:
        """Start a command in the folder and with the environment of a bench."""
        given = {
            "folder": str(bench.folder.absolute()),
            "environment": bench.environment,
            "arguments": bench.with_config(arguments),
        }
        assert self.server.stdin
        self.server.stdin.write(f"{json.dumps(given)}\n")
        self.server.stdin.flush()
        return Forked(bench, int(_line_of(self.server)), self.server)


def _line_of(server: Popen[str]) -> str:
    assert server.stdout
    return server.stdout.readline()


@contextmanager
def forks() -> Iterator[Forks]:
    """Have commands started while the block runs."""
    line = [sys.executable, "-W", "error", "-c", PROGRAM]
    with Popen(line, stdin=PIPE, stdout=PIPE, encoding="utf-8", cwd=Path(__file__).parent) as server:
        yield Forks(server)
