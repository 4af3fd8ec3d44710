"""Addresses that are none: every command takes them for what they are, and none ends in a traceback."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from enrich.model import Identifier, Missing, Outcome, Scheme
from enrich.sources import doi
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.loopback import Bench, Upstream

URLS = (
    *("http://[", "http://[::1", "https://a]b/", "http://[::1]x/", "https://[v1.x]/", "https://\u2100.example/x"),
    *("https://a:99999/", "https://a:b/", "http://", "https:///x", "https://@/", "https://%00/", "https://xn--/"),
    *("https://ex ample.org/", "https://.example.org/", "https://-/", "https://a..b/", "http:x", "//a/b", "?", "#"),
    *("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org/x", "mailto:a@example.org"),
    *(
        "https://doi.org/",
        "https://doi.org/10.",
        "https://arxiv.org/abs/",
        "https://github.com//",
        "https://github.com/a",
    ),
    *(
        "https://doi.org/10.1000/%ff%00",
        "https://arxiv.org/abs/9999.99999v0",
        "https://github.com/a/..",
        "\u202ehttps://x",
    ),
    "https://example.invalid/" + "a" * 5_000,
    "https://" + "a" * 300 + ".invalid/",
)

PRIVATE = (
    *("http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://[::1]/", "http://0/"),
    *("http://[::ffff:10.0.0.1]/", "http://localhost/", "http://a.localhost/", "http://169.254.169.254/latest/"),
    *("http://[fe80::1%25eth0]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://127.1/"),
    *(
        "http://user:pw@10.0.0.1/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127\u30020\u30020\u30021/",
        "http://127.0.0.1./",
    ),
)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    (tmp_path / "here" / "cache").mkdir(parents=True)
    bench = Bench.at(tmp_path / "here")
    bench.write("enrich.toml", upstream.settings().replace('allow_private = ["127.0.0.1"]', ""))
    return bench


def written(urls: tuple[str, ...]) -> str:
    items = "".join(
        f"  - key: entry-{number}\n    type: {'paper' if number % 2 else 'blog'}\n    links: {{paper: {quoted(url)}}}\n"
        for number, url in enumerate(urls)
    )
    return f"version: 1\nentries:\n{items}"


def quoted(url: str) -> str:
    return '"' + "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in url) + '"'


def test_no_address_in_a_catalog_stops_a_run(bench: Bench) -> None:
    bench.write("catalog.yaml", written(URLS))
    reports = [f"--report={name}=report.{name}" for name in ("markdown", "html", "json", "sarif", "junit", "github")]
    for flags in ((), ("--no-metadata",), ("--offline",)):
        done = bench.call("run", *flags, *reports)
        assert done.code in (0, 1, 3), done.err
        assert "Traceback" not in done.err
    assert bench.call("report", "--format", "html").code in (0, 1, 3)
    assert bench.call("fix").code == 0
    for name in ("bibtex", "csl-json", "csv", "markdown"):
        assert bench.call("export", "--format", name).code == 0


@pytest.mark.parametrize("url", URLS)
def test_nor_does_one_that_is_given(bench: Bench, url: str) -> None:
    for command in ("check", "resolve"):
        done = bench.call(command, "--offline", "--", url)
        assert done.code in (0, 1, 2, 3)
        assert "Traceback" not in done.err


def test_nor_one_in_a_list(bench: Bench) -> None:
    bench.write("list.md", "".join(f"- [Paper number {n}](<{url}>)\n" for n, url in enumerate(URLS)))
    for flags in ((), ("--base-url", "https://example.org/list/")):
        assert bench.call("import", "list.md", *flags, "--dry-run").code == 0
    assert bench.call("import", "list.md").code == 0
    assert bench.call("export").code == 0


def test_no_private_address_is_asked_however_it_is_written(bench: Bench, upstream: Upstream) -> None:
    bench.write("links.md", "".join(f"<{url}>\n" for url in PRIVATE))
    done = bench.call("check", "links.md", "--format", "json")
    verdicts = {str(row["url"]): row["verdict"] for row in as_rows(done.report["links"])}
    assert len(verdicts) == len(PRIVATE)
    assert set(verdicts.values()) == {"unsafe"}, verdicts
    assert upstream.asked == []


def as_rows(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


@pytest.fixture
def open_bench(tmp_path: Path, upstream: Upstream) -> Bench:
    """A bench whose own services are allowed, and no other private address."""
    return upstream.bench(tmp_path / "open")


IN_ARXIV, IN_GITHUB, IN_DOI = (
    "https://arxiv.org/abs/2303.06865",
    "https://github.com/FMInference/FlexGen",
    "https://doi.org/10.5555/nobody-knows",
)


@pytest.mark.parametrize("private", ["http://10.0.0.1/x", "https://192.168.1.1:8443/", "http://[fd00::1]/"])
@pytest.mark.parametrize(("service", "url"), [("arxiv", IN_ARXIV), ("github", IN_GITHUB), ("doi", IN_DOI)])
def test_a_registry_that_leads_to_a_private_address_makes_the_link_unsafe(
    open_bench: Bench, upstream: Upstream, service: str, url: str, private: str
) -> None:
    upstream.broken = dict.fromkeys(("semantic_scholar", "datacite", "doi", "crossref"), (503, {}, b""))
    upstream.broken |= {service: (302, {"location": private}, b"")}
    open_bench.write("links.md", f"<{url}>\n")
    (row,) = as_rows(open_bench.call("check", "links.md", "--format", "json").report["links"])
    assert row["verdict"] == "unsafe", row


def test_so_does_a_doi_that_is_registered_for_one(open_bench: Bench, upstream: Upstream) -> None:
    handle = {"responseCode": 1, "values": [{"type": "URL", "data": {"value": "http://169.254.169.254/latest/"}}]}
    upstream.broken = {"doi": (200, {}, json.dumps(handle).encode())}
    open_bench.write("links.md", f"<{IN_DOI}>\n")
    (row,) = as_rows(open_bench.call("check", "links.md", "--format", "json").report["links"])
    assert row["verdict"] == "unsafe", row
    assert "169.254.169.254" in str(row["evidence"])


def test_one_handle_that_does_so_says_nothing_of_the_others(clock: FakeClock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if "/10.5555/evil" in request.url.path:
            return httpx.Response(302, headers={"location": "http://10.0.0.1/"})
        return httpx.Response(404, json={"responseCode": 100})

    names = ("evil-1", "gone-1", "evil-2", "gone-2")

    async def run() -> dict[Identifier, Outcome[str]]:
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(handler)) as web:
            return await doi.look_up([Identifier(Scheme.DOI, f"10.5555/{name}") for name in names], web)

    outcomes = asyncio.run(run())
    assert [getattr(outcome, "unsafe", False) for outcome in outcomes.values()] == ["evil" in name for name in names]
    assert [isinstance(outcome, Missing) for outcome in outcomes.values()] == ["gone" in name for name in names]
