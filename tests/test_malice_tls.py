"""Certificates that do not hold: a link behind one is never fetched, and is not called broken at first sight."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from tests.loopback import Bench

TOKEN = "ghp_tokenOfThisTest"

LONG_AGO, LONG_OVER = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.path} {self.headers}")
                body = b"<!DOCTYPE html><title>A page</title>"
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, *_: object) -> None:
                """Keep quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who does not trust us hangs up."""


@contextmanager
def serving(certificate: trustme.LeafCert) -> Iterator[_Server]:
    server = _Server(certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def check(folder: Path, certificate: trustme.LeafCert, trusted: trustme.CA) -> tuple[str, str, list[str]]:
    """The verdict on a page behind a certificate, what was seen, and what the server was asked."""
    folder.joinpath("here").mkdir()
    bench = Bench.at(folder / "here", GITHUB_TOKEN=TOKEN)
    trusted.cert_pem.write_to_path(str(folder / "trusted.pem"))
    bench.environment["SSL_CERT_FILE"] = str(folder / "trusted.pem")
    bench.write("enrich.toml", 'allow_private = ["127.0.0.1"]\ntries = 1\n')
    with serving(certificate) as server:
        done = bench.call("check", f"https://127.0.0.1:{server.server_address[1]}/page", "--format", "json")
        assert "Traceback" not in done.err
        links = done.report["links"]
        assert isinstance(links, list)
        return links[0]["verdict"], links[0]["evidence"][-1]["saw"], server.asked


@pytest.fixture(scope="module")
def ours() -> trustme.CA:
    return trustme.CA()


def test_a_certificate_that_holds(tmp_path: Path, ours: trustme.CA) -> None:
    verdict, _, asked = check(tmp_path, ours.issue_cert("127.0.0.1"), ours)
    assert verdict == "ok"
    assert len(asked) == 1
    assert TOKEN not in asked[0]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("expired", "expired"), ("self-signed", "self-signed"), ("wrong host", "mismatch")],
)
def test_one_that_does_not(tmp_path: Path, ours: trustme.CA, kind: str, words: str) -> None:
    certificate = {
        "expired": lambda: ours.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_OVER),
        "self-signed": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "wrong host": lambda: ours.issue_cert("elsewhere.example.org"),
    }[kind]()
    verdict, saw, asked = check(tmp_path, certificate, ours)
    assert verdict == "suspect"
    assert "certificate" in saw
    assert words in saw.lower() or kind == "self-signed"
    assert asked == []
