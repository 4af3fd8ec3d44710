"""The demonstration's world on the loopback, for the real command; and the command in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email.parser import HeaderParser
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from subprocess import PIPE, Popen, run
from unittest.mock import patch

import httpx

from enrich import demo
from enrich.cli import main
from enrich.services import SERVICES
from tests.fakes import http, read_request
from tests.leaping import leaping
from tests.serving import in_thread

BASES = {service.name: service.base for service in SERVICES}

TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by enrich.\n"

Answer = tuple[int, Mapping[str, str], bytes]


def page(title: str, status: int = 200, **headers: str) -> Answer:
    """A web page."""
    return status, {"content-type": "text/html", **headers}, f"<!DOCTYPE html><title>{title}</title>".encode()


PATIENCE = 300
"""Seconds after which something hangs, on however busy a machine."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._clients: dict[object, tuple[str, int]] = {}
        self._changed = threading.Condition()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, client = super().get_request()
        with self._changed:
            self._clients[connection] = client
            self._changed.notify_all()
        return connection, client

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        super().shutdown_request(request)
        with self._changed:
            del self._clients[request]
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until all is read that was sent by clients, and they have gone."""
        with socket.create_connection(("127.0.0.1", self.server_port)) as last, self._changed:
            assert self._changed.wait_for(lambda: last.getsockname() in self._clients.values(), PATIENCE)
        with self._changed:
            assert self._changed.wait_for(lambda: not self._clients, PATIENCE)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed leave in the middle."""


@dataclass
class Upstream:
    """The services of the world at /SERVICE/… and pages of the test's own at /pages/…, and all that was asked.

    `seconds` is how long each answer takes; `broken` are services that answer as the given page does. `drain` waits
    until everything is in `asked` that was sent by processes that have ended.
    """

    pages: dict[str, Answer] = field(default_factory=dict)
    broken: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    seconds: float = 0.0
    before_answer: Callable[[], None] = lambda: None
    port: int = 0
    drain: Callable[[], None] = lambda: None
    noting: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def settings(self, more: str = "") -> str:
        """The settings that send enrich here."""
        services = "".join(f'{service} = "{self.url(service)}"\n' for service in BASES)
        if "[pace." not in more:  # the services' own limits would hold here as well, and take minutes
            more += '\n[pace."127.0.0.1"]\nconcurrency = 4\n'
        return f'allow_private = ["127.0.0.1"]\ntries = 1\ntimeout = 400\n{more}\n[services]\n{services}'

    def bench(self, folder: Path, catalog: str | None = None, more: str = "") -> Bench:
        """A bench whose settings send enrich here."""
        bench = Bench.at(folder)
        (folder / "cache").mkdir(parents=True)
        bench.write("cache/CACHEDIR.TAG", TAG)
        bench.write("enrich.toml", self.settings(more))
        if catalog is not None:
            bench.write("catalog.yaml", catalog)
        return bench

    @contextmanager
    def silent(self) -> Iterator[threading.Event]:
        """Answers nothing until the block ends; the event is set once something was asked."""
        asked, answer = threading.Event(), threading.Event()

        def hold() -> None:
            asked.set()
            answer.wait(PATIENCE)

        self.before_answer = hold
        try:
            yield asked
        finally:
            self.before_answer = lambda: None
            answer.set()

    def answer(self, method: str, path: str, kind: str, body: bytes) -> Answer:
        """The answer to one request."""
        self.asked.append(f"{method} {path} {body.decode()}")
        _, first, rest = path.split("/", 2)
        if first == "pages":
            return self.pages.get(rest, page("404 Not Found", 404))
        if first in self.broken:
            return self.broken[first]
        request = httpx.Request(method, f"{BASES[first]}/{rest}", content=body, headers={"content-type": kind})
        reply = _of_world(request)
        headers = {name: text for name, text in reply.headers.items() if name in ("content-type", "location")}
        if "location" in headers:
            headers["location"] = headers["location"].replace(BASES[first], self.url(first))
        return reply.status_code, headers, reply.content

    @contextmanager
    def serving(self) -> Iterator[Upstream]:
        """Serves while the block runs."""
        server = _Server(_handler(self))
        self.port, self.drain = int(server.server_address[1]), server.drain
        with in_thread(server):
            yield self

    @contextmanager
    def leaping(self) -> Iterator[Upstream]:
        """Serves the commands that are called while the block runs, for which all waits and limits are over at once."""
        with socket.create_server(("127.0.0.1", 0)) as listening, leaping({listening: self._serve}):
            self.port = int(listening.getsockname()[1])
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, body = await read_request(reader)
            line, _, fields = head.decode("latin-1").partition("\r\n")
            method, path, _ = line.split(" ")
            self.headers.append(fields)
            status, headers, content = self.answer(
                method, path, HeaderParser().parsestr(fields).get("content-type", ""), body
            )
            await asyncio.sleep(self.seconds)
            writer.write(http(content, f"{status} As it is", *(f"{name}: {text}" for name, text in headers.items())))


@cache
def _world() -> httpx.AsyncBaseTransport:
    return demo.transport()


def _of_world(request: httpx.Request) -> httpx.Response:
    """What the world answers; it never waits, so that no event loop is needed."""
    answering = _world().handle_async_request(request)
    try:
        answering.send(None)
    except StopIteration as done:
        reply: httpx.Response = done.value
        return reply
    raise AssertionError("the world waits for something")


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet: two would wait for each other

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            with upstream.noting:
                upstream.headers.append(str(self.headers))
                answer = upstream.answer(self.command, self.path, self.headers.get("content-type", ""), body)
            upstream.before_answer()
            time.sleep(upstream.seconds)
            status, headers, content = answer
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_request(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from enrich.cli import main
sys.exit(main(sys.argv[2:]))
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int | None
    out: str
    err: str

    @property
    def report(self) -> dict[str, object]:
        """The JSON report on standard output."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@dataclass
class Bench:
    """A folder in which the command works, with an environment of its own.

    Where it is `trusted`, commands are given its enrich.toml by name: one that they find opens no loopback.
    """

    folder: Path
    environment: dict[str, str]
    trusted: bool = True

    @classmethod
    def at(cls, folder: Path, **environment: str) -> Bench:
        """A bench with no keys, no settings, a home that is not the person's, and no proxy."""
        home = folder.with_name(f"{folder.name}-home")
        home.mkdir(exist_ok=True)
        dropped = ("_KEY", "_TOKEN", "_PROXY", "_proxy")
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.endswith(dropped) and not name.startswith(("ENRICH_", "XDG_", "GITHUB_", "NO_COLOR", "CI"))
        }
        return cls(folder, {**kept, "HOME": str(home), "PYTHONWARNINGS": "error", **environment})

    def write(self, name: str, text: str) -> Path:
        """Writes a file there, byte for byte."""
        path = self.folder / name
        path.write_bytes(text.encode())
        return path

    def read(self, name: str = "catalog.yaml") -> str:
        """The text of a file there, byte for byte."""
        return (self.folder / name).read_bytes().decode()

    def kept(self, name: str, cache: str = "cache") -> Path:
        """The one file of this name that is kept of a catalog."""
        (path,) = (self.folder / cache / "catalogs").glob(f"*/{name}")
        return path

    def with_config(self, arguments: Sequence[str]) -> Sequence[str]:
        is_given = not self.trusted or "--config" in arguments or not (self.folder / "enrich.toml").exists()
        return arguments if is_given else ("--config", "enrich.toml", *arguments)

    def call(self, *arguments: str, stdin: bytes = b"") -> Outcome:
        """The command, to its end, in this very process: ten times as fast."""
        out, err = StringIO(), StringIO()
        entered = TextIOWrapper(BytesIO(stdin), encoding="utf-8")
        with (
            chdir(self.folder),
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "stdin", entered),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code: object = main(self.with_config(arguments))
            except SystemExit as ended:
                code = ended.code
        assert isinstance(code, int)
        return Outcome(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str, through: Sequence[str] = ()) -> Popen[bytes]:
        """The command, on its way in a process of its own; `through` what starts it in the place of this one."""
        return Popen(
            [*through, *command(self.with_config(arguments))],
            cwd=self.folder,
            env=self.environment,
            stdout=PIPE,
            stderr=PIPE,
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> Outcome:
        """The command, to its end, in a process of its own."""
        line = command(self.with_config(arguments))
        done = run(line, cwd=self.folder, env=self.environment, input=stdin, capture_output=True, check=False)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_limited(self, room: int, *arguments: str) -> Outcome:
        """The command, in a process of its own in which no file may grow beyond `room` bytes."""
        # What measures coverage would write into the full disk, too, and complain; compiled modules would stay cut off.
        environment = {name: text for name, text in self.environment.items() if not name.startswith("COV")}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        line = [sys.executable, "-c", _LIMITED, str(room), *self.with_config(arguments)]
        done = run(line, cwd=self.folder, env=environment, capture_output=True, check=False)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def command(arguments: Sequence[str]) -> list[str]:
    """What starts enrich with the Python that runs the tests."""
    return [sys.executable, "-m", "enrich", *arguments]
