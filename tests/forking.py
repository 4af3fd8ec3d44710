"""A process that has loaded enrich and forks for each command: to load it takes longer than most commands."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

from tests.loopback import Bench, Outcome

SERVER = """
import gc, json, os, socket, sys
import enrich.commands.check, enrich.commands.import_, enrich.commands.run, enrich.commands.site
import enrich.pipeline.conductor, enrich.report.as_html
from enrich.cli import main

listening = socket.socket(fileno=int(sys.argv[1]))
gc.freeze()
while True:
    connection, _ = listening.accept()
    text, descriptors, _, _ = socket.recv_fds(connection, 65_536, 3)
    if not text:
        connection.close()
        listening.close()
        break
    while not text.endswith(b"\\n"):
        text += connection.recv(65_536)
    given = json.loads(text)
    child = os.fork()
    if not child:
        listening.close()
        connection.close()
        os.chdir(given["folder"])
        os.environ.clear()
        os.environ.update(given["environment"])
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        sys.argv = ["enrich", *given["arguments"]]
        exec(given["before"])
        sys.exit(main())
    for descriptor in descriptors:
        os.close(descriptor)
    with connection:
        connection.sendall(f"{child}\\n".encode())
        connection.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\\n".encode())
"""

# In the place of `enrich`, and of Python where scripts start `python -I -X utf8 -m enrich`; any other program runs.
CLIENT = """\
import json, os, socket, sys

path, program, *arguments = sys.argv[1:]
if program != "enrich":
    if arguments[:5] != ["-I", "-X", "utf8", "-m", "enrich"]:
        os.execv(sys.executable, [sys.executable, *arguments])
    del arguments[:5]

given = dict(folder=os.getcwd(), environment=dict(os.environ), arguments=arguments, before="")
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(path)
    socket.send_fds(connection, [json.dumps(given).encode() + b"\\n"], [0, 1, 2])
    _, code = connection.makefile().readlines()
sys.exit(int(code))
"""


@dataclass
class Forked:
    """A command on its way."""

    bench: Bench
    connection: socket.socket
    pid: int

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def ended(self) -> Outcome:
        """Wait until it has ended."""
        with self.connection:
            code = _number(self.connection)
        out, err = (self.bench.folder.with_name(name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Outcome(code, out, err)


@dataclass(frozen=True)
class Forks:
    """What starts commands, one at a time; `programs` has an `enrich` and a `python` for scripts."""

    path: str
    programs: Path

    def start(self, bench: Bench, *arguments: str, before: str = "", output: int | None = None) -> Forked:
        """Start a command in the folder and with the environment of a bench.

        `before` it are Python statements; `output` is the descriptor it writes to, by default a file.
        """
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path)
        paths = (Path(os.devnull), bench.folder.with_name("out"), bench.folder.with_name("err"))
        with ExitStack() as opened:
            files = [opened.enter_context(path.open(mode)) for path, mode in zip(paths, ("r", "w", "w"), strict=True)]
            text = _request(bench.folder.absolute(), bench.environment, bench.with_config(arguments), before)
            reading, out, err = (file.fileno() for file in files)
            socket.send_fds(connection, [text], [reading, out if output is None else output, err])
        return Forked(bench, connection, _number(connection))


def _request(folder: Path, environment: Mapping[str, str], arguments: Sequence[str], before: str) -> bytes:
    given = {"folder": str(folder), "environment": environment, "arguments": arguments, "before": before}
    return f"{json.dumps(given)}\n".encode()


def _number(connection: socket.socket) -> int:
    """Read the number in the next line, and no further."""
    text = b""
    while not text.endswith(b"\n"):
        text += connection.recv(1)
    return int(text)


@contextmanager
def forks() -> Iterator[Forks]:
    """Have commands started while the block runs."""
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = f"{folder}/socket"
        for program in (Path(folder, "enrich"), Path(folder, "python")):
            # By a shell: the path of Python may have blanks, or be too long for the first line of a script.
            client = shlex.join([sys.executable, "-IS", "-c", CLIENT, path, program.name])
            program.write_text(f'#!/bin/sh\nexec {client} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        listening.bind(path)
        listening.listen()
        number = listening.fileno()
        line = [sys.executable, "-X", "utf8", "-W", "error", "-c", SERVER, str(number)]
        with Popen(line, pass_fds=[number], cwd=Path(__file__).parent):
            try:
                yield Forks(path, Path(folder))
            finally:
                with socket.socket(socket.AF_UNIX) as ending:  # to say nothing ends it
                    ending.connect(path)
