"""`enrich doctor --live`: canaries that are answered as expected, and services that changed."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import live
from enrich.model import Unreachable, Verdict
from enrich.services import SERVICES, Service
from enrich.settings import Loaded, Settings
from enrich.sources import arxiv, crossref
from enrich.text.redaction import GONE, redacted
from enrich.text.urls import host_of
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.live_world import Change, World, answering, renamed
from tests.loopback import Bench, Upstream

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("SEMANTIC_SCHOLAR_API_KEY", "OPENALEX_API_KEY")


def asked(
    changes: Mapping[str, Change] | None = None, keys: tuple[str, ...] = KEYS
) -> tuple[list[live.CanaryResult], World, live.Witness]:
    """How the canaries fare in a world with changes."""
    world, witness, clock = World(changes), live.Witness(), FakeClock()
    headers = {host_of(s.base): {s.header[0]: "k"} for s in SERVICES if s.key in keys}

    async def main() -> list[live.CanaryResult]:
        async with Web(cache=Cache(None, clock), clock=clock, transport=world, keys=headers, witness=witness) as web:
            return await live.ask_all(web, Loaded(settings=Settings(), origins={}), keys, witness)

    return asyncio.run(main()), world, witness


def differing(outcomes: list[live.CanaryResult]) -> list[live.CanaryResult]:
    return [each for each in outcomes if each.state is not live.CanaryState.AS_EXPECTED]


@pytest.fixture(scope="module")
def well() -> tuple[list[live.CanaryResult], World, live.Witness]:
    return asked()


def test_a_world_as_expected_shows_no_deviation(well: tuple[list[live.CanaryResult], World, live.Witness]) -> None:
    outcomes, world, _ = well
    assert [(each.place, each.case, each.saw) for each in differing(outcomes)] == []
    assert {each.service for each in outcomes} == {*(service.name for service in SERVICES), "web"}
    assert len(world.asked) <= 62
    assert not any("Cookie" in request.headers for request in world.asked)


def test_every_service_has_a_known_a_missing_a_malformed_and_a_special_case() -> None:
    for service in SERVICES:
        expected = [thing for canary in service.canaries for thing in canary.expected.items()]
        assert any(wanted for _, wanted in expected), service.name
        assert any(wanted is None for _, wanted in expected), service.name
    cases = " ".join(canary.case for service in SERVICES for canary in service.canaries)
    for special in ("malformed", "withdrawn", "retracted", "renamed", "archived", "batch"):
        assert special in cases


def test_pages_cover_walls_tls_cookies_and_ten_hosts() -> None:
    pages = live.load_pages()
    kinds = {page.case.partition(":")[0] for page in pages}
    assert {"wall", "TLS", "cookie", "gone"} <= kinds
    invented = [page for page in pages if "invented" in page.case]
    good = [page for page in pages if "that is there" in page.case]
    assert len(invented) == len(good) == 10
    assert not any(Verdict.OK in page.allowed for page in invented)
    assert not any(Verdict.SUSPECT in page.allowed for page in good)
    assert len({page.url for page in pages}) == len(pages)


THREE: Mapping[str, tuple[str, Change]] = {
    "arXiv": ("export.arxiv.org", renamed("comment")),
    "Crossref": ("api.crossref.org", renamed("updated-by")),
    "GitHub": ("api.github.com", renamed("archived")),
}


def test_services_that_changed_are_named_each_with_what_differs() -> None:
    outcomes, _, _ = asked(dict(THREE.values()))
    found = {each.place: each for each in differing(outcomes)}
    assert {place: each.state for place, each in found.items()} == dict.fromkeys(THREE, live.CanaryState.DEVIATES)
    assert len(differing(outcomes)) == 3
    assert "withdrawn is None" in found["arXiv"].saw
    assert "retracted is None" in found["Crossref"].saw
    assert "archived is False" in found["GitHub"].saw
    summary = live.as_text(outcomes)[-1]
    assert summary.endswith("; 3 deviations (arXiv, Crossref, GitHub)")


@pytest.mark.parametrize(
    "service", [service for service in SERVICES if service.name != "archive"], ids=lambda s: s.name
)
def test_a_service_that_answers_nonsense_deviates_and_no_other_does(service: Service) -> None:
    host = host_of(service.base)
    outcomes, _, _ = asked({host: answering(200, "<html>We have moved</html>")})
    assert {each.service for each in differing(outcomes)} == {service.name}
    assert "; 1 deviation (" in live.as_text(outcomes)[-1]  # of one cause, however many canaries show it


def without(*marks: str) -> Change:
    """What is asked for under these names is not there any more."""

    def change(request: httpx.Request, reply: httpx.Response) -> httpx.Response:
        return httpx.Response(404, text="Resource not found.") if any(m in str(request.url) for m in marks) else reply

    return change


def lacking(mark: str) -> Change:
    """Lists have everything but the works whose DOI has a mark."""

    def change(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        value = json.loads(reply.text) if reply.status_code == 200 else {"message": {}}
        if items := value["message"].get("items"):
            value["message"]["items"] = [item for item in items if mark not in item["DOI"]]
            return httpx.Response(200, json=value)
        return reply

    return change


def test_a_specimen_that_is_gone_is_a_canary_to_replace_unless_the_service_changed() -> None:
    outcomes, _, _ = asked({"api.crossref.org": lacking("11096-0")})
    (told,) = differing(outcomes)
    assert (told.case, told.state) == ("retracted", live.CanaryState.SKIPPED)
    assert "replace it in services.py" in told.saw
    outcomes, _, _ = asked({"api.crossref.org": without("filter=")})
    assert [each.case for each in differing(outcomes) if each.state is live.CanaryState.DEVIATES] == [
        "a batch: known and not there",
        "retracted",
    ]


def test_pages_that_changed_are_told() -> None:
    outcomes, _, _ = asked(
        {"people.eecs.berkeley.edu": answering(200, "<title>Welcome</title><p>All is well here.</p>")}
    )
    assert [each.case for each in differing(outcomes)] == ["people.eecs.berkeley.edu: an invented address"]


def test_a_page_that_fails_once_is_looked_at_again_before_it_deviates() -> None:
    page = "https://people.eecs.berkeley.edu/~istoica/"
    failed: list[httpx.Request] = []

    def once(request: httpx.Request, reply: httpx.Response) -> httpx.Response:
        if str(request.url) != page or failed:
            return reply
        failed.append(request)
        return httpx.Response(404, html="<title>Not found</title>")

    outcomes, world, _ = asked({"people.eecs.berkeley.edu": once})
    assert differing(outcomes) == []
    assert sum(str(request.url) == page for request in world.asked) == 2
    # No other page is asked for twice.
    assert sum("no-such-page" in str(request.url) for request in world.asked if request.url.host != "archive.org") <= 10


def test_a_host_that_is_gone_is_a_canary_to_replace() -> None:
    def gone(_: httpx.Request, __: httpx.Response) -> httpx.Response:
        raise Unreachable("dns-missing", "domain not found", "2026-01-31T09:00:00Z")

    outcomes, _, _ = asked({"expired.badssl.com": gone})
    (told,) = differing(outcomes)
    assert told.state is live.CanaryState.SKIPPED
    assert "replace it" in told.saw


def test_without_a_key_what_needs_one_is_skipped_and_so_is_a_refusal_for_want_of_it() -> None:
    outcomes, world, _ = asked({"api.semanticscholar.org": answering(429)}, keys=())
    skipped = {each.service: each.saw for each in differing(outcomes)}
    assert {each.state for each in differing(outcomes)} == {live.CanaryState.SKIPPED}
    assert "set SEMANTIC_SCHOLAR_API_KEY" in skipped["semantic_scholar"]
    assert "set OPENALEX_API_KEY" in skipped["openalex"]
    assert not any(request.headers["host"] == "api.openalex.org" for request in world.asked)


def test_replies_are_saved_without_cookies_and_can_be_adopted(
    tmp_path: Path, well: tuple[list[live.CanaryResult], World, live.Witness]
) -> None:
    outcomes, _, _ = well
    for each in outcomes:
        if each.service in ("arxiv", "crossref"):
            live.save(tmp_path, each.service, each.case, each.replies)
    batch = next(tmp_path.glob("crossref-a-batch*-1.json"))
    saved = json.loads(batch.read_text(encoding="utf-8"))
    assert (saved["status"], saved["truncated"]) == (200, False)
    fixture = tmp_path / "fixtures"
    done = adopt(batch, "crossref_adopted.json", fixture)
    assert done.returncode == 0, done.stderr
    assert {record.doi for record in crossref.parse((fixture / "crossref_adopted.json").read_bytes())} == {
        "10.1145/3600006.3613165",
        "10.1145/3620666.3651335",
        "10.1016/s0140-6736(97)11096-0",
    }
    feed = next(tmp_path.glob("arxiv-withdrawn*-1.json"))
    assert adopt(feed, "feed.xml", fixture).returncode == 0
    assert any(record.withdrawn for record in arxiv.parse((fixture / "feed.xml").read_bytes()))


def adopt(saved: Path, name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(ROOT / "scripts/adopt_reply.py"), str(saved), name, "--folder", str(folder)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_a_reply_that_was_cut_is_adopted_as_a_page_only(tmp_path: Path) -> None:
    saved = {"url": "https://a.example/", "status": 200, "headers": {}, "truncated": True, "body": '{"a": 1', "at": ""}
    (tmp_path / "cut.json").write_text(json.dumps(saved), encoding="utf-8")
    assert adopt(tmp_path / "cut.json", "cut.json", tmp_path / "f").returncode != 0
    assert adopt(tmp_path / "cut.json", "cut.html", tmp_path / "f").returncode == 0
    assert adopt(tmp_path / "cut.json", "../cut.html", tmp_path / "f").returncode != 0


# ---- redaction


SECRETS = (
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEF",
    "AKIAABCDEFGHIJKLMNOP",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "somebody.else+x@mail.specimen.example",
    "203.0.113.77",
    "2001:db8:85a3::8a2e:370:7334",
)


@given(st.sampled_from(SECRETS), st.text(" \n\"'<>(),", max_size=3), st.text(" \n\"'<>(),", max_size=3))
def test_secrets_and_addresses_are_taken_out(secret: str, before: str, after: str) -> None:
    assert secret not in redacted(f"x {before}{secret}{after} y")


@given(
    st.sampled_from(("api_key", "access-token", "session_id", "csrf_token", "X-Amz-Signature")),
    st.text("abc123", min_size=6),
)
def test_values_named_as_secrets_are_taken_out(name: str, value: str) -> None:
    for text in (f'"{name}": "{value}"', f"?{name}={value}&a=1", f"{name}: {value}"):
        assert redacted(text).count(GONE) == 1
        assert value not in redacted(text).replace(GONE, "")


@given(st.text())
def test_redaction_is_done_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


def test_what_is_no_secret_stays() -> None:
    text = '{"title": "Tokens at 12:30:45 in version 1.2.3", "doi": "10.1145/3600006.3613165", "tokens": 7}'
    assert redacted(text) == text


def test_headers_with_secrets_keep_their_names() -> None:
    def with_cookie(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        headers = {"set-cookie": "session=abcdef", "x-client-ip": "203.0.113.7", "content-type": "text/html"}
        return httpx.Response(reply.status_code, text=reply.text, headers=headers)

    _, _, witness = asked({"people.eecs.berkeley.edu": with_cookie})
    (reply,) = witness.of("https://people.eecs.berkeley.edu/~istoica/")
    assert (reply.headers["set-cookie"], reply.headers["x-client-ip"]) == (GONE, GONE)
    assert reply.body.startswith(b"<title>")


# ---- the command


@pytest.fixture
def offline(tmp_path: Path, upstream: Upstream) -> Bench:
    """A bench behind a proxy that is not there: no request leaves the machine."""
    bench = upstream.bench(tmp_path / "here")
    bench.environment |= dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY"), "http://127.0.0.1:9")
    return bench


def test_without_a_network_one_sentence_says_so(offline: Bench) -> None:
    (offline.folder / "enrich.toml").write_text("tries = 1\ntimeout = 5\n", encoding="utf-8")
    done = offline.call("doctor", "--live")
    assert done.code == 3
    assert done.out == ""
    assert re.fullmatch(r"(enrich: asking [^\n]+\n)enrich: no canary was asked: [^\n]+\n", done.err)


def test_the_command_writes_deviations_and_replies(offline: Bench) -> None:
    offline.environment |= {"NO_PROXY": "127.0.0.1"}  # the services are here, and know other papers; pages are not
    done = offline.call("doctor", "--live", "--format", "json", "-o", "canary.json", "--save", "replies", "-q")
    assert (done.code, done.out) == (3, "")
    told = json.loads(offline.read("canary.json"))
    assert {row["service"] for row in told["deviations"]} >= {"arxiv", "crossref"}
    files = [name for each in told["deviations"] for row in each["canaries"] for name in row.get("files", [])]
    assert files
    for name in files:
        saved = json.loads(offline.read(f"replies/{name}"))
        assert {"url", "status", "headers", "body"} <= saved.keys()
    assert {path.name for path in (offline.folder / "replies").iterdir()} >= set(files)


def test_flags_of_live_need_it(offline: Bench) -> None:
    for flags in (("--save", "x"), ("--format", "json"), ("-o", "x"), ("--open-issue",)):
        done = offline.call("doctor", *flags)
        assert (done.code, "need --live" in done.err) == (2, True)
