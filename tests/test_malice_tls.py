"""TLS that does not hold: a page behind it is looked at and not trusted, a service behind it is never asked."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from tests.loopback import Bench
from tests.serving import in_thread

TOKEN = "ghp_tokenOfThisTest"

LONG_AGO, LONG_OVER = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2990, 1, 1, tzinfo=UTC)

Dress = Callable[[ssl.SSLContext], None]
"""What gives a server its certificate and its dialect."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, dress: Dress, status: int, location: str, head: str) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.path} {self.headers}")
                body = f"<!DOCTYPE html><title>A page</title>{head}".encode()
                self.send_response(status)
                self.send_header("content-type", "text/html")
                self.send_header("set-cookie", "id=7")
                if location:
                    self.send_header("location", location)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, *_: object) -> None:
                """Keep quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        dress(context)
        # Each handshake in a thread of its own: the client may leave before its end.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}/page"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who does not trust us hangs up."""


@contextmanager
def serving(dress: Dress, status: int = 200, location: str = "", head: str = "") -> Iterator[_Server]:
    server = _Server(dress, status, location, head)
    with in_thread(server):
        yield server


@dataclass(slots=True)
class Seen:
    """What a check said of one link: its verdict and the last words for it, and its findings by rule."""

    verdict: str
    saw: str
    page: object
    findings: dict[str, str] = field(default_factory=dict)


def check(folder: Path, url: str, trusted: trustme.CA, settings: str = "") -> Seen:
    folder.joinpath("here").mkdir()
    bench = Bench.at(folder / "here", GITHUB_TOKEN=TOKEN)
    trusted.cert_pem.write_to_path(str(folder / "trusted.pem"))
    bench.environment["SSL_CERT_FILE"] = str(folder / "trusted.pem")
    bench.write("enrich.toml", f'allow_private = ["127.0.0.1"]\ntries = 1\n{settings}')
    done = bench.call("check", url, "--format", "json")
    assert "Traceback" not in done.err
    links, findings = done.report["links"], done.report["findings"]
    assert isinstance(links, list)
    assert isinstance(findings, list)
    found = {finding["rule"]: f"{finding['severity']}: {finding['message']}" for finding in findings}
    return Seen(links[0]["verdict"], links[0]["evidence"][-1]["saw"], links[0].get("page"), found)


@pytest.fixture(scope="module")
def ours() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.RSA)


@pytest.fixture(scope="module")
def good(ours: trustme.CA) -> trustme.LeafCert:
    return ours.issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA)


def test_a_certificate_that_holds(tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert) -> None:
    with serving(good.configure_cert) as server:
        seen = check(tmp_path, server.url, ours)
    assert (seen.verdict, seen.findings) == ("ok", {})
    assert not any(TOKEN in asked for asked in server.asked)


def dressed(kind: str, ours: trustme.CA, good: trustme.LeafCert) -> Dress:
    certificates: dict[str, Callable[[], trustme.LeafCert]] = {
        "expired": lambda: ours.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_OVER),
        "not yet": lambda: ours.issue_cert("127.0.0.1", not_before=FAR_AWAY, not_after=FAR_AWAY.replace(year=2991)),
        "stranger": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "other name": lambda: ours.issue_cert("elsewhere.example.org"),
        "other name, expired": lambda: ours.issue_cert("other.example", not_before=LONG_AGO, not_after=LONG_OVER),
        "other name, stranger": lambda: trustme.CA().issue_cert("elsewhere.example.org"),
    }
    if kind in certificates:
        return certificates[kind]().configure_cert
    chained = ours.create_child_ca(key_type=trustme.KeyType.RSA).issue_cert("127.0.0.1")

    def dress(context: ssl.SSLContext) -> None:
        if kind == "incomplete":
            with (
                chained.private_key_and_cert_chain_pem.tempfile() as key,
                chained.cert_chain_pems[0].tempfile() as leaf,
            ):
                context.load_cert_chain(leaf, key)
            return
        good.configure_cert(context)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        if kind == "old version":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        else:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(kind)

    return dress


def distrusted() -> list[str]:
    """Outdated ciphers for a server: those that this Python does not trust by default, as Debian's does."""
    trusted = {cipher["name"] for cipher in ssl.create_default_context().get_ciphers()}
    return [each for each in ("AES128-GCM-SHA256", "AES128-SHA:@SECLEVEL=0") if each.partition(":")[0] not in trusted]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "certificate expired on 2020-01-01"),
        ("not yet", "certificate not valid yet"),
        ("stranger", "certificate chain incomplete"),
        ("incomplete", "certificate chain incomplete"),
        *((cipher, f"outdated TLS (TLSv1.2, {cipher.partition(':')[0]})") for cipher in distrusted()),
        ("old version", "outdated TLS (TLSv1.1, "),
    ],
)
def test_a_page_is_there_behind_tls_that_does_not_hold(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert, kind: str, words: str
) -> None:
    head = "<meta name=citation_title content='A Paper'><meta http-equiv=refresh content='0;url=/on'>"
    with serving(dressed(kind, ours, good), head=head) as server:
        seen = check(tmp_path, server.url, ours)
    assert (seen.verdict, seen.saw, list(seen.findings)) == ("ok", "A page", ["tls-trouble"])
    assert seen.findings["tls-trouble"].startswith("note: the page is there")
    assert words in seen.findings["tls-trouble"]
    assert len(server.asked) == 1  # nothing that it says is followed
    assert not any(word in server.asked[0].lower() for word in (TOKEN.lower(), "cookie", "authorization"))


@pytest.mark.parametrize("kind", ["other name", "other name, expired", "other name, stranger"])
def test_a_certificate_of_another_name_is_never_looked_past(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert, kind: str
) -> None:
    with serving(dressed(kind, ours, good)) as server:
        seen = check(tmp_path, server.url, ours)
    assert seen.verdict == "suspect"
    assert "certificate" in seen.saw
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "verdict"), [(404, "suspect"), (410, "suspect"), (403, "blocked"), (500, "suspect")]
)
def test_other_answers_behind_it_are_no_proof(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert, status: int, verdict: str
) -> None:
    with serving(dressed("expired", ours, good), status) as server:
        seen = check(tmp_path, server.url, ours)
    assert seen.verdict == verdict
    assert "tls-trouble" not in seen.findings


def test_its_redirects_are_followed_strictly_and_move_nothing(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert
) -> None:
    expired = dressed("expired", ours, good)
    with serving(good.configure_cert) as end, serving(expired, 301, end.url) as start:
        seen = check(tmp_path, start.url, ours)
    assert (seen.verdict, list(seen.findings)) == ("ok", ["tls-trouble"])
    assert "cookie" not in end.asked[0].lower()


def test_its_redirect_to_more_of_it_is_not_looked_past(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert
) -> None:
    expired = dressed("expired", ours, good)
    with serving(expired) as end, serving(expired, 301, end.url) as start:
        seen = check(tmp_path, start.url, ours)
    assert seen.verdict == "suspect"
    assert end.asked == []


def test_its_redirect_into_a_private_network_is_refused(
    tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert
) -> None:
    with serving(dressed("expired", ours, good), 302, "https://127.0.0.2/") as server:
        assert check(tmp_path, server.url, ours).verdict == "unsafe"


def test_a_service_behind_it_is_not_asked(tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert) -> None:
    with serving(dressed("expired", ours, good)) as server:
        base = server.url.removesuffix("/page")
        services = "\n".join(f'{name} = "{base}"' for name in ("doi", "crossref", "datacite"))
        seen = check(tmp_path, "https://doi.org/10.1000/182", ours, f"[services]\n{services}\n")
    assert seen.verdict != "ok"
    assert server.asked == []


def test_the_systems_certificates_can_be_chosen(tmp_path: Path, ours: trustme.CA, good: trustme.LeafCert) -> None:
    with serving(good.configure_cert) as server:
        seen = check(tmp_path, server.url, ours, "system_certificates = true\n")
    assert (seen.verdict, seen.findings) == ("ok", {})
