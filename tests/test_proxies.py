"""Through a proxy of the environment: the same verdicts as without, and none that is the proxy's fault."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from enrich.model import EnrichError
from enrich.web.http11.proxy import proxies_of_environment
from tests.leaping import leaping
from tests.loopback import Bench
from tests.proxies import ProxyServer
from tests.serving import in_thread

PASSWORD = "pr0xy s3cret"
USER, IN_URL = f"me:{PASSWORD}", f"me:{PASSWORD.replace(' ', '%20')}"


@dataclass(frozen=True)
class Seen:
    """What a check said of one link, and all that it wrote."""

    verdict: str
    saw: str
    code: int | None
    text: str


class Site(ThreadingHTTPServer):
    """A site whose every page is there; `heads` are what it was asked."""

    daemon_threads = True

    def __init__(self, certificate: Callable[[ssl.SSLContext], None] | None) -> None:
        self.heads: list[str] = []
        heads = self.heads

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                heads.append(f"{self.requestline}\n{self.headers}")
                body = b"<!DOCTYPE html><title>A page</title>"
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, *_: object) -> None:
                """Keep quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if certificate:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate(context)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who does not trust us hangs up."""

    def url(self, path: str = "/page", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    @contextmanager
    def serving(self) -> Iterator[Site]:
        with in_thread(self):
            yield self


@pytest.fixture(scope="module")
def ours() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def good(ours: trustme.CA) -> trustme.LeafCert:
    return ours.issue_cert("127.0.0.1")


@pytest.fixture
def bench(tmp_path: Path, ours: trustme.CA) -> Bench:
    tmp_path.joinpath("here").mkdir()
    bench = Bench.at(tmp_path / "here")
    ours.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    bench.environment["SSL_CERT_FILE"] = str(tmp_path / "trusted.pem")
    return bench


def check(bench: Bench, urls: list[str], environment: Mapping[str, str], settings: str = "") -> list[Seen]:
    """Return what a check says of each of these links."""
    bench.environment |= environment
    bench.write("enrich.toml", f'allow_private = ["127.0.0.0/8"]\ntries = 1\ntimeout = 400\n{settings}')
    bench.write("links.txt", "\n".join(urls))
    done = bench.call("-v", "check", "links.txt", "--format", "json")
    links = done.report["links"]
    assert isinstance(links, list)
    assert "Traceback" not in done.err
    kept = [path.read_bytes().decode("latin-1") for path in bench.folder.rglob("*") if path.is_file()]
    text = "\n".join([*kept, done.out, done.err])
    assert PASSWORD not in text
    assert IN_URL not in text
    by_url = {link["url"]: link for link in links}
    return [Seen(by_url[url]["verdict"], by_url[url]["evidence"][-1]["saw"], done.code, text) for url in urls]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_through_a_proxy(bench: Bench, good: trustme.LeafCert, scheme: str) -> None:
    site = Site(good.configure_cert if scheme == "https" else None)
    with site.serving(), ProxyServer(user=USER).serving() as proxy:
        seen = check(bench, [site.url(f"/{n}") for n in range(6)], proxy.environment(IN_URL))
    assert [(each.verdict, each.saw) for each in seen] == [("ok", "A page")] * 6
    # The proxy's password is for the proxy alone, and a connection for as many requests as it takes.
    assert all(b"\r\nProxy-Authorization: Basic " in head for head in proxy.heads)
    assert not any("proxy" in head.lower() for head in site.heads)
    assert len(site.heads) == 6
    assert proxy.accepted <= 4
    wanted = f"CONNECT 127.0.0.1:{site.server_address[1]} HTTP/1.1" if scheme == "https" else f"GET {site.url('/0')} "
    assert any(head.decode().startswith(wanted) for head in proxy.heads)
    assert all(f"host: 127.0.0.1:{site.server_address[1]}\n" in head for head in site.heads)


def test_a_proxy_that_is_spoken_to_over_tls(bench: Bench, good: trustme.LeafCert) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    good.configure_cert(context)
    plain, secure = Site(None), Site(good.configure_cert)
    with plain.serving(), secure.serving(), ProxyServer(tls=context).serving() as proxy:
        seen = check(bench, [plain.url(), secure.url()], proxy.environment())
    assert [each.verdict for each in seen] == ["ok", "ok"]
    assert len(proxy.heads) == 2


@pytest.mark.parametrize(
    ("issue", "verdict", "words"),
    [
        (lambda _: trustme.CA().issue_cert("127.0.0.1"), "ok", "certificate chain incomplete"),
        (lambda ours: ours.issue_cert("elsewhere.example"), "suspect", "invalid certificate"),
    ],
    ids=["stranger", "other name"],
)
def test_tls_inside_a_tunnel_is_judged_as_without(
    bench: Bench, ours: trustme.CA, issue: Callable[[trustme.CA], trustme.LeafCert], verdict: str, words: str
) -> None:
    site = Site(issue(ours).configure_cert)
    with site.serving(), ProxyServer().serving() as proxy:
        (seen,) = check(bench, [site.url()], proxy.environment())
    assert seen.verdict == verdict
    assert words in seen.text


REFUSED = b"HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\nwhy\r\n"


@pytest.mark.parametrize(
    ("server", "user", "scheme", "words"),
    [
        (ProxyServer(user=USER), "", "http", "requires a user name and password"),
        (ProxyServer(user=USER), "", "https", "requires a user name and password"),
        (ProxyServer(user=USER), "me:wrong", "http", "rejected the user name and password"),
        (ProxyServer(user=USER), "me:wrong", "https", "rejected the user name and password"),
        (ProxyServer(refusal=REFUSED % b"403 Forbidden"), "", "https", "did not connect (HTTP status 403)"),
        (ProxyServer(refusal=REFUSED % b"502 Bad Gateway"), "", "https", "did not connect (HTTP status 502)"),
        (ProxyServer(refusal=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "", "https", "no valid HTTP response"),
        (ProxyServer(silent=True), "", "https", "did not connect in time"),
        *(
            (ProxyServer(refusal=REFUSED % f"{status}\r\n{mark}".encode()), "", "http", f"HTTP status {status[:3]}")
            for status, mark in (
                ("503 Service Unavailable", "Server: squid/6.6\r\nX-Squid-Error: ERR_DNS_FAIL 0"),
                ("403 Forbidden", "X-Squid-Error: ERR_ACCESS_DENIED 0"),
                ("502 Bad Gateway", "Proxy-Status: proxy.example.net; error=connection_refused"),
                ("504 Gateway Timeout", "Proxy-Status: cdn; fwd=miss, here; error=connection_timeout"),
                ("500 Unable to connect", "Proxy-Authenticate: Basic realm=here"),
                ("500 Unable to connect", "Proxy-Status: here; error=destination_not_found"),
                ("502 Bad Gateway", "Server: tinyproxy/1.11.1"),
                ("504 Gateway Timeout", "Via: 1.1 here"),
            )
        ),
    ],
    ids=["407", "407-tunnel", "wrong", "wrong-tunnel", "403", "502", "not-http", "silent", *"abcdefgh"],
)
def test_what_a_proxy_refuses_is_not_the_links_fault(
    bench: Bench, server: ProxyServer, user: str, scheme: str, words: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, leaping({listening: server.serve}):
        server.port = listening.getsockname()[1]
        (seen,) = check(bench, [f"{scheme}://127.0.0.1:8080/page"], server.environment(user))
    assert (seen.verdict, seen.code) == ("unknown", 3)
    assert words in seen.saw


@pytest.mark.parametrize(
    "head",
    [
        "503 Service Unavailable\r\nServer: nginx\r\nVia: 1.1 here (squid/6.6)",
        "502 Bad Gateway\r\nServer: cloudflare\r\nVia: 1.1 here",
        "502 Bad Gateway\r\nServer: nginx\r\nProxy-Status: cdn; error=connection_refused, here; received-status=502",
        "503 Service Unavailable",
        "500 Internal Server Error\r\nVia: 1.1 here",
    ],
)
def test_an_error_of_the_site_stays_the_sites(bench: Bench, head: str) -> None:
    server = ProxyServer(refusal=REFUSED % head.encode())
    with socket.create_server(("127.0.0.1", 0)) as listening, leaping({listening: server.serve}):
        server.port = listening.getsockname()[1]
        (seen,) = check(bench, ["http://127.0.0.1:8080/page"], server.environment())
    assert (seen.verdict, seen.saw) == ("suspect", f"HTTP status {head[:3]}")


def test_wrong_credentials_are_not_shown_to_the_proxy_again(bench: Bench) -> None:
    urls = [f"http://127.0.0.1:8080/{n}" for n in range(8)]
    with ProxyServer(user=USER).serving() as proxy:
        seen = check(bench, urls, proxy.environment("me:wrong"), '[pace."127.0.0.1"]\nconcurrency = 1\n')
    assert {each.verdict for each in seen} == {"unknown"}
    assert len(proxy.heads) == 1


def test_hosts_that_need_no_password_are_still_asked(bench: Bench) -> None:
    site = Site(None)
    with site.serving(), ProxyServer(user=USER).serving() as proxy:
        environment = {**proxy.environment(), "NO_PROXY": "127.0.0.1"}
        refused, direct = check(bench, ["http://127.0.0.2:8080/page", site.url()], environment)
    assert (refused.verdict, direct.verdict) == ("unknown", "ok")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ALL_PROXY": "socks5h://127.0.0.1:9"}, "SOCKS"),
        ({"HTTPS_PROXY": "gopher://me:s3cr3t@proxy"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://me:s3cr3t@:80"}, "HTTPS_PROXY"),
    ],
)
def test_a_proxy_of_another_kind(bench: Bench, environment: dict[str, str], words: str) -> None:
    bench.environment |= environment
    done = bench.call("check", "http://8.8.8.8/page")
    assert done.code == 2
    assert words in done.err
    assert "s3cr3t" not in done.err


def test_a_socks_proxy_that_no_request_would_take_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "proxy.example:3128")
    monkeypatch.setenv("all_proxy", "socks5://proxy.example:1080")
    assert {proxy.port for proxy in proxies_of_environment().values()} == {3128}
    monkeypatch.delenv("https_proxy")
    with pytest.raises(EnrichError, match="SOCKS"):
        proxies_of_environment()
