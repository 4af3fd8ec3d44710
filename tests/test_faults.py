"""Faults of machines, services and networks, each through the command: whatever fails, nobody loses or is wronged."""

from __future__ import annotations

import base64
import json
import os
import pickle
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

from tests.forking import Forks
from tests.loopback import Answer, Bench, Outcome, Upstream, page
from tests.serving import in_thread

CATALOG = """\
version: 1
entries:
  - key: flexgen   # a comment of the person's
    title: 'FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU'
    links: {paper: https://arxiv.org/abs/2303.06865, code: https://github.com/FMInference/FlexGen}
  - key: medusa
    links: [{label: Paper, kind: paper, url: "https://arxiv.org/abs/2401.10774"}]
  - key: notes
    type: blog
    links: {blog: "PAGE"}
"""


class Cutting(Upstream):
    """Answers as always, and breaks off after two thirds; whoever counts bytes finds nothing missing."""

    def answer(self, method: str, path: str, kind: str, body: bytes) -> Answer:
        status, headers, content = super().answer(method, path, kind, body)
        return status, headers, content[: len(content) * 2 // 3] if self.broken else content


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Cutting().serving() as serving:
        serving.pages["notes"] = page("Notes")
        yield serving


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", CATALOG.replace("PAGE", upstream.url("pages/notes")))


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where GitHub's API is of no use its site is asked: nothing here may get that far."""
    failure = socket.gaierror(socket.EAI_AGAIN, "as the test has it")
    monkeypatch.setattr("socket.getaddrinfo", Mock(side_effect=failure))


@pytest.fixture
def enriched(bench: Bench) -> Bench:
    """A bench after a good night, with no answer left in the cache."""
    assert bench.call("run").code == 0
    assert bench.read().count("enriched:") == 2
    assert bench.call("cache", "clear").code == 0
    return bench


def check_nobody_is_wronged(bench: Bench, done: Outcome, before: str) -> None:
    """What was known stands, and no link is broken, for nobody could say so."""
    assert "Traceback" not in done.err
    assert bench.read() == before
    assert "broken-link" not in bench.call("report", "--format", "json").out
    assert '"trouble": "broken"' not in bench.kept("history.json").read_text()


# ---- services


KINDS: Mapping[str, Answer] = {
    "down": (503, {}, b""),
    "throttling": (429, {"retry-after": "3600"}, b"Too Many Requests"),
    "refusing": page("Forbidden", 403),
    "under repair": page("We are back soon"),
    "empty": (200, {"content-type": "application/json"}, b""),
    "null": (200, {"content-type": "application/json"}, b"null"),
}
SERVICES = ("arxiv", "semantic_scholar", "crossref", "datacite", "doi", "github", "openalex")


@pytest.mark.parametrize("kind", KINDS)
def test_every_service_at_once(enriched: Bench, upstream: Upstream, kind: str) -> None:
    before = enriched.read()
    upstream.broken = dict.fromkeys(SERVICES, KINDS[kind])
    done = enriched.call("run", "--report", "json=report.json")
    assert done.code == 3, done.err
    assert {"arxiv", "github"} <= {row["service"] for row in json.loads(enriched.read("report.json"))["unasked"]}
    check_nobody_is_wronged(enriched, done, before)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_breaks_off_in_the_middle(enriched: Bench, upstream: Upstream, service: str) -> None:
    before = enriched.read()
    upstream.broken["nobody"] = page("which makes the world cut its answers")
    upstream.broken |= {other: page("Out of order", 500) for other in SERVICES if other != service}
    done = enriched.call("run")
    assert done.code == 3, done.err
    check_nobody_is_wronged(enriched, done, before)


def test_every_service_slow(enriched: Bench, upstream: Upstream) -> None:
    before = enriched.read()
    enriched.write("enrich.toml", upstream.settings().replace("timeout = 400", "timeout = 0.1"))
    with upstream.silent():
        done = enriched.call("run")
    assert done.code == 3, done.err
    check_nobody_is_wronged(enriched, done, before)
    enriched.write("enrich.toml", upstream.settings())
    assert enriched.call("run").code == 0


# ---- names and proxies


@pytest.mark.parametrize("answer", [socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_NONAME])
def test_name_servers_that_do_not_work(enriched: Bench, answer: int) -> None:
    before = enriched.read()
    enriched.write("enrich.toml", 'tries = 1\nallow_private = ["127.0.0.1"]\n')
    with patch("socket.getaddrinfo", side_effect=socket.gaierror(answer, "as the test has it")) as asked:
        done = enriched.call("run")
        single = enriched.call("check", "https://a.example.org/", "--format", "json")
    assert asked.called
    assert done.code == 3, done.err
    check_nobody_is_wronged(enriched, done, before)
    assert "Traceback" not in single.err
    assert '"verdict": "unknown"' in single.out


PASSWORD = "pr0xy-s3cret"


@contextmanager
def proxy(connect: int = 502) -> Iterator[tuple[int, list[str]]]:
    """A proxy that lets `me` with the password pass; its port, and what it was asked for.

    Pages are its own; for tunnels it has the status `connect`.
    """
    asked: list[str] = []
    wanted = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            knows = self.headers.get("Proxy-Authorization") == wanted
            status = (connect if self.command == "CONNECT" else 200) if knows else 407
            body = b"<!DOCTYPE html><title>A page by way of the proxy</title>"
            self.send_response(status)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_CONNECT(self) -> None:
            self.do_GET()

        def log_request(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with in_thread(server):
        yield server.server_address[1], asked


@pytest.mark.parametrize(
    ("password", "url", "verdicts", "codes"),
    [
        (PASSWORD, "http://8.8.8.8/page", {"ok"}, {0}),
        ("m1staken", "http://8.8.8.8/page", {"unknown", "blocked", "suspect"}, {0, 3}),
        ("m1staken", "https://8.8.8.8/page", {"unknown", "suspect"}, {0, 3}),
        (PASSWORD, "https://8.8.8.8/page", {"unknown", "suspect"}, {0, 3}),
    ],
    ids=["with the password", "without", "without, for a tunnel", "a tunnel that leads nowhere"],
)
def test_a_proxy_that_wants_a_password(
    bench: Bench, password: str, url: str, verdicts: set[str], codes: set[int]
) -> None:
    bench.write("enrich.toml", "tries = 1\n")
    bench.write("links.txt", url)
    with proxy() as (port, asked):
        bench.environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), f"http://me:{password}@127.0.0.1:{port}")
        done = bench.call("-v", "check", "links.txt", "--format", "json", "--report", "html=report.html")
    assert asked
    assert done.code in codes
    links = done.report["links"]
    assert isinstance(links, list)
    assert {row["verdict"] for row in links} <= verdicts
    kept = [path.read_bytes().decode("latin-1") for path in bench.folder.rglob("*") if path.is_file()]
    assert not any(password in text for text in [*kept, done.out, done.err])
    assert "Traceback" not in done.err


# ---- the disk


def test_a_disk_that_fills_up_while_answers_are_kept(bench: Bench) -> None:
    expected = bench.read().splitlines()
    done = bench.run_limited(20_000, "run")
    assert done.code == 0, done.err
    assert "Cache not saved" in done.out
    assert bench.read().count("enriched:") == 2
    assert [line for line in bench.read().splitlines() if line in expected] == expected
    # With room again, everything is as if nothing had been.
    before = bench.read()
    again = bench.call("run")
    assert (again.code, bench.read()) == (0, before)
    assert "not saved" not in again.out


def test_a_disk_that_fills_up_under_a_report(bench: Bench) -> None:
    long = "".join(f"  - key: entry-{number}\n    type: blog\n" for number in range(300))
    bench.write("catalog.yaml", bench.read() + long)
    assert bench.call("run").code == 0
    before = bench.read()
    size = len(bench.call("report", "--format", "json").out)
    assert size > len(before)
    done = bench.run_limited(size // 2, "report", "--format", "json", "-o", "report.json")
    assert done.code == 2
    assert "report.json: cannot be written (File too large); free disk space" in done.err
    assert "Traceback" not in done.err
    assert bench.read() == before


# Root may write everywhere: without this right it is held up like anybody else (capget(2), capabilities(7)).
UNPRIVILEGED = """
import ctypes
VERSION_3, CAP_DAC_OVERRIDE = 0x20080522, 1
libc, header, sets = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(VERSION_3, 0), (ctypes.c_uint32 * 6)()
assert not libc.capget(header, sets)
for number in (0, 1):  # effective, permitted
    sets[number] &= ~(1 << CAP_DAC_OVERRIDE)
assert not libc.capset(header, sets)
"""


def run_unprivileged(forking: Forks, bench: Bench, *arguments: str) -> Outcome:
    return forking.start(bench, *arguments, before=UNPRIVILEGED).ended()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def test_a_read_only_folder_is_told_before_anybody_is_asked(
    bench: Bench, forking: Forks, upstream: Upstream, tmp_path: Path
) -> None:
    before = bench.read()
    with read_only(bench.folder):
        done = run_unprivileged(forking, bench, "--cache-dir", str(tmp_path / "cache"), "run")
        assert upstream.asked == []
        dry = run_unprivileged(forking, bench, "--cache-dir", str(tmp_path / "cache"), "run", "--dry-run")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("enrich: catalog.yaml: the catalog cannot be written (Permission denied); nothing was")
    assert (bench.read(), dry.code) == (before, 0)


def test_of_several_catalogs_one_in_a_read_only_folder_stops_the_run(
    bench: Bench, forking: Forks, upstream: Upstream
) -> None:
    for name in ("a", "b"):
        (bench.folder / name).mkdir()
        bench.write(f"{name}/catalog.yaml", bench.read())
    with read_only(bench.folder / "b"):
        done = run_unprivileged(forking, bench, "--cache-dir", "cache", "run", "a/catalog.yaml", "b/catalog.yaml")
    assert (done.code, done.out, upstream.asked) == (2, "", [])
    assert done.err.startswith("enrich: b/catalog.yaml: the catalog cannot be written (Permission denied); nothing was")


def test_of_several_catalogs_one_that_cannot_be_saved_is_named(
    bench: Bench, forking: Forks, upstream: Upstream
) -> None:
    before, names = bench.read(), ("a", "b", "c")
    for name in names:
        (bench.folder / name).mkdir()
        bench.write(f"{name}/catalog.yaml", before)
    upstream.before_answer = lambda: (bench.folder / "b").chmod(0o555)
    done = run_unprivileged(forking, bench, "--cache-dir", "cache", "run", *(f"{name}/catalog.yaml" for name in names))
    (bench.folder / "b").chmod(0o755)
    assert done.code == 3
    assert "enrich: b/catalog.yaml: the catalog cannot be written (Permission denied)" in done.err
    assert [bench.read(f"{name}/catalog.yaml").count("enriched:") for name in names] == [2, 0, 2]
    assert bench.read("b/catalog.yaml") == before
    upstream.before_answer = lambda: None
    assert bench.call("--cache-dir", "cache", "run", "b/catalog.yaml").code == 0
    assert bench.read("b/catalog.yaml") == bench.read("a/catalog.yaml")


@pytest.mark.parametrize(("flags", "name"), [((), "history"), (("--history", "history.json"), "last-report")])
def test_so_is_a_read_only_cache(
    bench: Bench, forking: Forks, upstream: Upstream, flags: tuple[str, ...], name: str
) -> None:
    with read_only(bench.folder / "cache"):
        done = run_unprivileged(forking, bench, "run", *flags)
        # What keeps nothing needs no room.
        assert upstream.asked == []
        assert run_unprivileged(forking, bench, "check", upstream.url("pages/notes")).code == 0
    assert (done.code, done.out) == (2, "")
    assert re.match(
        rf"enrich: cache/catalogs/catalog-\w+/{name}\.json: cannot be written \(no permission in ", done.err
    )


# ---- the cache


def test_a_read_only_cache_still_says_what_it_holds(bench: Bench, forking: Forks) -> None:
    bench.call("run", "--no-links")
    full = bench.call("cache", "info")
    assert "count: 0\n" not in full.out
    answers = bench.folder / "cache" / "answers"
    (answers / "cache.db").chmod(0o444)
    with read_only(answers), read_only(bench.folder / "cache"):
        done = run_unprivileged(forking, bench, "cache", "info")
    assert (done.code, done.out) == (0, full.out)


class _Planted:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self.trace),)


def alter(folder: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(folder / "cache" / "answers" / "cache.db")
    with database:
        assert database.execute(statement, values).rowcount
    database.close()


def corrupt(folder: Path) -> None:
    (folder / "cache" / "answers" / "cache.db").write_bytes(b"no database at all" * 1000)


def truncate(folder: Path) -> None:
    path = folder / "cache" / "answers" / "cache.db"
    os.truncate(path, path.stat().st_size // 2)


def make_newer(folder: Path) -> None:
    alter(folder, """UPDATE Cache SET value = replace(value, '{"v":1,', '{"v":2,') WHERE typeof(value) = 'text'""")


def plant(folder: Path) -> None:
    data = pickle.dumps(_Planted(folder / "trace"))
    alter(folder, "UPDATE Cache SET mode = 4, value = ?", data)
    alter(folder, "INSERT INTO Cache (key, raw, store_time, mode, value) VALUES (?, 0, 0, 4, ?)", data, data)


@pytest.mark.parametrize("damage", [corrupt, truncate, make_newer, plant], ids=lambda damage: damage.__name__)
def test_a_cache_that_was_damaged(bench: Bench, damage: Callable[[Path], None]) -> None:
    assert bench.call("run").code == 0
    before = bench.read()
    damage(bench.folder)
    done = bench.call("run")
    assert (done.code, bench.read()) == (0, before)
    assert "Traceback" not in done.err
    assert not (bench.folder / "trace").exists()
    assert ("Damaged cache" in done.out) == (damage in (corrupt, truncate))
    again = bench.call("run")
    assert (again.code, "Damaged cache" in again.out) == (0, False)


@pytest.mark.parametrize("name", ["history.json", "last-report.json"])
def test_files_of_a_newer_enrich_are_left_alone(bench: Bench, upstream: Upstream, name: str) -> None:
    assert bench.call("run").code == 0
    path = bench.kept(name)
    newer = re.sub(r'"version": ?1', '"version": 99', path.read_text())
    path.write_text(newer)
    before, asked = bench.read(), len(upstream.asked)
    done = bench.call("run" if name == "history.json" else "report")
    assert (done.code, done.out) == (2, "")
    assert f"/{name}: " in done.err
    assert "version" in done.err
    assert (bench.read(), path.read_text()) == (before, newer)
    assert upstream.asked[asked:] == []


# ---- the clock


def test_a_clock_that_was_a_year_ahead_breaks_and_mends_nothing(bench: Bench, upstream: Upstream) -> None:
    upstream.pages["notes"] = page("Out of order", 503)
    assert bench.call("run").code == 0
    text = bench.read()

    def later(year: re.Match[str]) -> str:
        return str(int(year[0]) + 1)

    year = r"\b20\d\d(?=-\d\d-\d\d)"
    history = bench.kept("history.json")
    history.write_text(re.sub(year, later, history.read_text()))
    bench.write("catalog.yaml", re.sub(rf"(?<=_on: ){year}|(?<=_of: ){year}", later, text))
    now = re.search(r"enriched_on: (\d+)", text)
    assert now
    alter(
        bench.folder,
        "UPDATE Cache SET value = replace(value, ?, ?) WHERE typeof(value) = 'text'",
        f'"at":"{now[1]}',
        f'"at":"{int(now[1]) + 1}',
    )
    for flags in ((), ("--only-missing",), ("--offline",)):
        done = bench.call("run", "--report", "json=report.json", *flags)
        assert done.code in (0, 3), done.err
        assert "Traceback" not in done.err
        report = json.loads(bench.read("report.json"))
        assert not {row["verdict"] for row in report["links"]} & {"broken"}
        assert not any(finding["state"] == "fixed" for finding in report["findings"])
    assert re.sub(year, "", bench.read()) == re.sub(year, "", text)
