"""The webhook: what it is told, how that is signed, and that it never decides how a run ends."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import threading
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest

from enrich.commands.notify import signature
from enrich.model import Finding, Report, Severity, State
from enrich.report import notice
from enrich.settings import SettingsError, load
from enrich.web import json_body
from tests.forking import Forks
from tests.loopback import PATIENCE, Answer, Bench, Upstream, page
from tests.states import bench_without_cache, catalog, set_back

SECRET = "a secret of more than sixteen characters"


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    made = bench_without_cache(tmp_path / "here", upstream)
    upstream.pages["hook?token=hidden"] = page("thanks", 202)
    made.environment |= {"ENRICH_NOTIFY_URL": upstream.url("pages/hook?token=hidden"), "ENRICH_NOTIFY_SECRET": SECRET}
    made.write("a.yaml", catalog(upstream, "one", "good", "dead"))
    made.write("b.yaml", catalog(upstream, "two", "good"))
    return made


def deliveries(upstream: Upstream) -> list[dict[str, Any]]:
    return [json.loads(line.split(" ", 2)[2]) for line in upstream.asked if line.startswith("POST /pages/hook")]


def night(bench: Bench, upstream: Upstream, *flags: str) -> list[dict[str, Any]]:
    """Run on the next day, and return what was delivered."""
    upstream.asked.clear()
    upstream.headers.clear()
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata", *flags).code in (0, 1)
    set_back([bench.folder, Path(bench.environment["HOME"])])
    return deliveries(upstream)


def test_new_and_fixed_findings_are_delivered_once_and_nothing_else(bench: Bench, upstream: Upstream) -> None:
    [first] = night(bench, upstream)
    [told] = first["catalogs"]
    assert (first["version"], told["catalog"], told["first_run"], told["fixed"]) == (1, "a.yaml", True, [])
    [finding] = told["new"]
    assert (finding["rule"], finding["url"], finding["entry"]) == ("broken-link", upstream.url("pages/dead"), "one")
    assert "evidence" not in finding
    assert night(bench, upstream) == []
    upstream.pages["dead"] = page("Back")
    [third] = night(bench, upstream)
    assert [(each["new"], each["fixed"][0]["rule"]) for each in third["catalogs"]] == [([], "broken-link")]


def test_a_delivery_is_signed_with_its_time(bench: Bench, upstream: Upstream) -> None:
    night(bench, upstream)
    [(body, headers)] = [
        (line.split(" ", 2)[2].encode(), HeaderParser().parsestr(headers))
        for line, headers in zip(upstream.asked, upstream.headers, strict=True)
        if line.startswith("POST")
    ]
    signed = hmac.new(SECRET.encode(), headers["X-Enrich-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Enrich-Signature-256"] == f"sha256={signed}"
    assert headers["Content-Type"] == "application/json"
    assert SECRET not in str(headers)
    one, other = (signature(SECRET.encode(), body, at) for at in (1, 2))
    assert one["X-Enrich-Signature-256"] != other["X-Enrich-Signature-256"]
    assert one["X-Enrich-Delivery"] == other["X-Enrich-Delivery"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page("no", 500), "HTTP status 500"),
        (page("no", 403), "HTTP status 403"),
        ((301, {"location": "/pages/elsewhere"}, b""), "HTTP status 301"),
    ],
)
def test_a_failed_delivery_is_a_note(bench: Bench, upstream: Upstream, answer: Answer, why: str) -> None:
    upstream.pages["hook?token=hidden"] = answer
    done = bench.call("run", "b.yaml", "a.yaml", "--no-metadata", "--report", "json=out.json")
    assert done.code == 1
    assert f"notify: 127.0.0.1: {why}; 1 new finding and 0 fixed not delivered" in done.err
    assert "hidden" not in done.err + done.out + bench.read("out.json")
    assert why in json.loads(bench.read("out.json"))["catalogs"][0]["notes"][-1]
    assert not any("elsewhere" in line for line in upstream.asked)


def test_a_signal_during_the_delivery_leaves_time_for_the_report(
    bench: Bench, upstream: Upstream, forking: Forks
) -> None:
    asked, released = threading.Event(), threading.Event()

    def hang() -> None:
        if upstream.asked[-1].startswith("POST /pages/hook"):
            asked.set()
            released.wait(PATIENCE)

    upstream.before_answer = hang
    process = forking.start(bench, "run", "a.yaml", "--no-metadata", "--report", "json=out.json")
    assert asked.wait(PATIENCE)
    process.send_signal(signal.SIGTERM)
    done = process.ended()
    released.set()
    assert done.code == 130
    assert "notify: 127.0.0.1: interrupted; 1 new finding and 0 fixed not delivered" in done.err
    assert "interrupted" in json.loads(bench.read("out.json"))["notes"][-1]


@pytest.mark.parametrize("secret", ["", "short"])
def test_nothing_is_sent_unsigned(bench: Bench, upstream: Upstream, secret: str) -> None:
    bench.environment["ENRICH_NOTIFY_SECRET"] = secret
    done = bench.call("run", "a.yaml", "--no-metadata")
    assert done.code == 1
    assert "ENRICH_NOTIFY_SECRET must have at least 16 characters" in done.err
    assert deliveries(upstream) == []


def test_a_rehearsal_and_a_run_offline_send_nothing(bench: Bench, upstream: Upstream) -> None:
    assert night(bench, upstream, "--dry-run") == []
    bench.call("run", "a.yaml", "--no-metadata", "--offline")
    assert deliveries(upstream) == []


def test_it_is_no_way_into_a_private_network(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", bench.read("enrich.toml").replace('allow_private = ["127.0.0.1"]\n', ""))
    done = bench.call("run", "a.yaml", "--no-metadata")
    assert (done.code, upstream.asked) == (2, [])
    assert "notify.url: must be an https URL" in done.err
    bench.environment["ENRICH_NOTIFY_URL"] = upstream.url("pages/hook").replace("http:", "https:")
    bench.write("b.yaml", catalog(upstream, "two").replace("links: []", "links: [javascript:x]"))
    bench.call("run", "a.yaml", "--no-metadata")
    assert upstream.asked == []


@pytest.mark.parametrize(
    "table", ['[notify]\nurl = "https://evil.example.org/"\n', 'notify.url = "https://evil.example.org"']
)
def test_a_file_that_is_merely_found_cannot_send_findings_elsewhere(tmp_path: Path, table: str) -> None:
    (tmp_path / "enrich.toml").write_text(table)
    for environment in ({}, {"ENRICH_NOTIFY_URL": "https://hooks.example.org/"}):
        with pytest.raises(SettingsError, match="notify: a settings file not named by --config must not send findings"):
            load(None, tmp_path, environment)
    chosen = load(tmp_path / "enrich.toml", tmp_path, {}).settings.notify
    assert chosen
    assert "evil" not in repr(chosen)
    assert "evil" in chosen.url.get_secret_value()


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "hooks.nowhere.example", "https://#x", "https://user:word@example.org/", "https://a.b/#c"],
)
def test_what_is_no_address_of_a_webhook_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"ENRICH_NOTIFY_URL: notify\.url: must be a web address") as refused:
        load(None, tmp_path, {"ENRICH_NOTIFY_URL": url})
    assert url not in str(refused.value)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_delivery_is_bounded_for_any_number_of_catalogs(count: int) -> None:
    findings = tuple(
        Finding("broken-link", Severity.ERROR, "x" * 5000, f"e{at}", f"https://example.org/{at}", state=state)
        for at in range(600)
        for state in (State.NEW, State.FIXED)
    )
    reports = [Report(f"{at}.yaml", "", "", findings=findings) for at in range(count)]
    payload = notice.notice(reports)
    assert payload is not None
    catalogs = json.loads(json_body(payload))["catalogs"]
    assert len(catalogs) == count
    for each in catalogs:
        assert 1 <= len(each["new"]) == len(each["fixed"]) <= 500
        assert len(each["new"]) + len(each["fixed"]) + each["omitted"] == 1200
    assert sum(len(each["new"]) + len(each["fixed"]) for each in catalogs) <= 2000
    assert all(len(finding["message"]) == 1000 for each in catalogs for finding in each["new"])
