"""Which moves are proposed and written: never an address that is worse than the old one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enrich.history import History
from enrich.links import refusal, settled_moves
from enrich.model import Entry, EntryType, Evidence, Link, LinkCheck, LinkKind, Page, Severity, State, Verdict
from enrich.pipeline import Options, Result
from enrich.settings import Ignore, Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.loopback import Bench, Upstream, page
from tests.worlds import run_one

OLD = "https://old.example.org/paper/17"
NEW = "https://new.example.org/articles/17"


@pytest.mark.parametrize(
    "new",
    [
        NEW,
        f"{NEW}#section-2",
        f"{NEW}?version=2&session=3",
        f"{NEW}?id=0123456789abcdef",
        "https://new.example.org/session/osdi/17",
        "https://new.example.org/posts/verify-before-you-serve",
        "https://new.example.org/challenge-2020/17",
        "https://new.example.org/papers/signature-schemes",
        "https://new.example.org/tokens/17?type=tokenizer",
        "https://new.example.org:8443/17",
        "https://new.example.org/~ada/17.html",
        "https://new.example.org/%E8%AE%BA%E6%96%87",
        "https://github.com/ada/engine",
    ],
)
def test_an_address_for_everyone_may_take_the_old_ones_place(new: str) -> None:
    assert refusal(OLD, new) is None


@pytest.mark.parametrize(
    ("new", "why"),
    [
        *(
            (f"{OLD}{tail}", "parameters")
            for tail in ("?uuid=3f2504e0-4f89-11d3", "?lang=de", "?amp=1", "?x", "/?s=7f3a")
        ),
        *(
            (f"https://{place}", "a language version or the mobile page")
            for place in (
                "old.example.org/paper/17/en",
                "old.example.org/paper/de-at/17",
                "old.example.org/m/paper/17",
                "old.example.org/paper/17/amp/",
                "en.old.example.org/paper/17",
            )
        ),
        ("https://old.example.org:8443/paper/17", "port"),
        *(
            (f"https://new.example.org/{page}", "error page")
            for page in (
                "404",
                "errors/404.html",
                "en/page-not-found",
                "notfound.aspx",
                "maintenance.html",
                "unsupported-browser",
            )
        ),
        ("https://www.hugedomains.com/domain_profile.cfm?d=example.org", "for sale"),
        ("https://new.example.org/en/home.html", "front page"),
        ("https://new.example.org/welcome", "front page"),
        *((f"{NEW}?{name}=1", "tracking") for name in ("msclkid", "_gl", "_hsenc", "mkt_tok", "pk_campaign", "ref")),
        *((f"{NEW}?{name}=1764300000123", "expires") for name in ("_", "random", "nocache")),
        (f"{NEW}?Authorization=3_2020", "expires"),
        ("https://uc1.dl.dropboxusercontent.com/cd/0/get/Abc/file", "one-time download"),
        ("https://old-example-org.ezproxy.uni.example/paper/17", "sign-in"),
        ("https://new.example.org/privacy-consent/17", "sign-in"),
    ],
)
def test_an_address_of_one_visit_one_view_or_of_no_page_takes_nothings_place(new: str, why: str) -> None:
    assert why in (refusal(OLD, new) or "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://old.example.org/paper?id=17", "https://old.example.org/paper?id=17b"),
        ("https://old.example.org:8443/17", "https://new.example.org:8443/17"),
        ("https://old.example.org/errors", "https://new.example.org/errors"),
        ("https://old.example.org/m/17", "https://new.example.org/m/17"),
        ("https://lib.example.org/", "https://lib.example.net/en/latest/"),
        ("http://old.example.org/paper/17", "https://www.old.example.org/paper/17"),
    ],
)
def test_what_the_old_address_has_as_well_is_no_reason(old: str, new: str) -> None:
    assert refusal(old, new) is None


@pytest.mark.parametrize(
    ("new", "why"),
    [
        *(
            (f"{NEW}{tail}", "session ID")
            for tail in (
                ";jsessionid=1A2B",
                ";JSESSIONID=1A2B.node1?x=1",
                "%3Bjsessionid=1A2B",
                "?PHPSESSID=abc123",
                "?sid=99",
                "?board_sid=99",
                "?a=1&amp;sid=99",
                "?ASPSESSIONIDQQ=ABC",
                "?session_id=4",
                "?user-session-key=4",
                "?session=0123456789abcdef",
                "?CFID=1&CFTOKEN=2",
                "#PHPSESSID=abc123",
            )
        ),
        ("https://new.example.org/(S(lit3py55t21z5v55vlm25s55))/17", "session ID"),
        *(
            (f"{NEW}{tail}", "expires")
            for tail in (
                "?X-Amz-Signature=dead",
                "?X-Amz-Expires=900",
                "?AWSAccessKeyId=AK&Expires=1700000000&Signature=x",
                "?Policy=eyJ&Signature=x&Key-Pair-Id=K",
                "?sv=2022-11-02&se=2026-11-29T00%3A00Z&sig=x",
                "?X-Goog-Signature=x",
                "?GoogleAccessId=a&Expires=1",
                "?hdnea=exp=1700000000~acl=/*~hmac=ab",
                "?hdnts=exp=17",
                "?OSSAccessKeyId=a",
                "?token=abc",
                "?access_token=abc",
                "?md5=abc&expires=1700000000",
                "?e=1700000000&h=abc",
                "?ticket=ST-1",
                "?j=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
                "#access_token=abc",
                "/token=exp=1700000000~hmac=ab/paper.pdf",
            )
        ),
        ("https://cdn.example.org/s/Zm9vYmFyYmF6cXV4MTIz/1700000000/paper.pdf", "expires"),
        *(
            (f"https://new.example.org/{path}", "sign-in")
            for path in (
                "login",
                "users/sign_in",
                "log_in?to=1",
                "wp-login.php",
                "sso/start",
                "sessions/new",
                "cookies",
                "login_form",
                "consent",
                "captcha/1",
            )
        ),
        ("https://accounts.example.org/17", "sign-in"),
        ("http://new.example.org/articles/17", "without encryption"),
        ("https://ada:secret@new.example.org/articles/17", "credentials"),
        ("https://ada@new.example.org/articles/17", "credentials"),
        *(
            (new, "not a web address")
            for new in (
                "",
                "javascript:alert(1)",
                "ftp://new.example.org/17",
                "//new.example.org/17",
                "https:///17",
                "https://[::1/17",
                "https://new.example.org:x/17",
                "https://new.example.org/a b",
                "https://new.example.org/a\nb: c",
                "https://new.example.org/a\x1b[31m",
                "https://new.example.org/\u202egpj.17",
                'https://new.example.org/"17',
                "https://new.example.org/<17>",
                "https://new.example.org\\17",
            )
        ),
        (f"{NEW}?q={'x' * 2000}", "too long"),
        ("https://192.0.2.7/articles/17", "private network"),
        ("https://[2001:db8::7]/17", "private network"),
        ("https://wiki/articles/17", "private network"),
        ("https://wiki.corp/articles/17", "private network"),
        ("https://new.example.org/", "front page"),
        ("https://new.example.org/index.html?ref=old", "front page"),
        ("https://new.example.org/de/", "front page"),
        ("https://new.example.org/papers", "listing"),
        ("https://new.example.org/trending.html", "listing"),
        ("https://bit.ly/3abc", "short"),
        (f"{NEW}?utm_source=old", "tracking"),
        ("https://out.example.org/go?to=https%3A%2F%2Fnew.example.org%2F17", "redirect service"),
        ("https://new.example.org/welcome/17?next=/paper/17", "redirect service"),
        ("https://m.example.org/paper/17", "mobile page"),
        ("https://old.example.org/en/paper/17", "language version"),
    ],
)
def test_an_address_that_is_worse_may_not(new: str, why: str) -> None:
    assert why in (refusal(OLD, new) or "")


@pytest.mark.parametrize(
    ("old", "new", "fit"),
    [
        ("http://old.example.org/p/17", "http://new.example.org/q/17", True),
        ("http://old.example.org/p/17?sid=5", "https://new.example.org/q/17?sid=5", True),
        ("http://old.example.org/p/17?sid=5", "https://new.example.org/q/17?sid=6", False),
        ("https://127.0.0.1/p/17", "https://127.0.0.1/q/17", True),
        ("https://bit.ly/3abc", NEW, True),
        ("http://dx.doi.org/10.1145/1", "https://doi.org/10.1145/1", True),
        ("https://hdl.handle.net/2027/17", NEW, False),
        ("https://purl.org/net/17", NEW, False),
        ("https://old.example.org/login/17", "https://new.example.org/login/17", True),
        ("https://old.example.org/", "https://new.example.org/", True),
        ("https://old.example.org/?p=17", "https://old.example.org/", False),
        ("https://uni.example.org/~ada/", "https://ada.example/", True),
        ("https://uni.example.org/~ada/17.pdf", "https://ada.example/", False),
        ("https://old.example.org/papers/index.html", "https://new.example.org/papers", True),
        ("https://old.example.org/lab/publications.html", "https://new.example.org/publications", True),
        ("https://old.example.org/lab/news", "https://new.example.org/blog", True),
        ("https://old.example.org/lab/talks", "https://new.example.org/research/talks", True),
        ("https://old.example.org/wiki/Loom", "https://old.example.org/wiki", False),
        ("https://github.com/auth/login", "https://github.com/auth/sign-in", True),
        ("https://old.example.org/p/en/17", "https://old.example.org/p/17", True),
    ],
)
def test_the_old_address_is_what_the_new_one_is_held_against(old: str, new: str, *, fit: bool) -> None:
    assert (refusal(old, new) is None) is fit


URLS = st.builds(
    "{}://{}{}".format, st.sampled_from(["https", "http", "x"]), st.text(max_size=20), st.text(max_size=60)
)


@given(URLS, URLS)
@example("https://[", "http://0")
def test_no_address_is_too_odd_to_be_judged(old: str, new: str) -> None:
    (check,) = settled_moves({old: moved(old, new)}, {new: old}).values()
    assert (check.verdict is Verdict.MOVED) == (refusal(old, new) is None)
    assert refusal(old, new) or (new.isprintable() and not set(new) & set(' "<>\\'))
    assert not old.startswith("https") or refusal(old, new) or new.startswith("https")


# ---- with the other links of a run


def moved(url: str, new: str, end: str | None = None, verdict: Verdict = Verdict.MOVED) -> LinkCheck:
    """A link that was redirected: for good to `new`, and on from there to `end`."""
    saw = (Evidence("web", "2026-01-31T09:00:00Z", f"moved permanently to {new}", 200),)
    return LinkCheck(url, verdict, saw, new if verdict is Verdict.MOVED else None, Page(end or new, 200, "A Page"))


def verdicts(*checks: LinkCheck, before: Mapping[str, str] | None = None) -> list[str]:
    return [str(check.verdict) for check in settled_moves({check.url: check for check in checks}, before).values()]


HUB = "https://hub.example/explore-ml"


def test_two_links_of_a_host_that_end_on_one_page_did_not_move_there() -> None:
    one, two = moved("https://a.example/p/1", HUB), moved("https://www.a.example/p/2", HUB)
    settled = settled_moves({check.url: check for check in (one, two)})
    for check in settled.values():
        assert (check.verdict, check.new_url, check.page, check.forwarded_to) == (Verdict.SUSPECT, None, None, HUB)
        assert check.evidence[-1].saw == f"redirects to the same page as another link of a.example: {HUB}"
        assert not check.is_unanswered
    assert verdicts(one, moved("https://a.example/p/2", "https://hub.example/q/2")) == ["moved", "moved"]


@pytest.mark.parametrize(
    "twin",
    [
        "http://a.example/p/1",
        "https://www.a.example/p/1",
        "https://a.example/p/1/",
        "https://a.example/p/1#results",
        "https://A.example/P/1",
        "https://a.example/p/1/index.html",
        "https://a.example/p/1?utm_source=list",
    ],
)
def test_addresses_of_one_page_move_together(twin: str) -> None:
    assert verdicts(moved("https://a.example/p/1", HUB), moved(twin, HUB)) == ["moved", "moved"]


@pytest.mark.parametrize(
    ("one", "two", "new"),
    [
        ("https://aclweb.org/anthology/P18-1001", "https://aclweb.org/anthology/P18-1001.pdf", "https://x.example/p1"),
        ("https://bit.ly/3abc", "https://bit.ly/3abd", HUB),
        ("https://github.com/ada/old", "https://github.com/ada/older", "https://github.com/ada/new"),
        ("https://a.example/", "https://a.example/index.php", HUB),
    ],
)
def test_links_that_may_share_their_target_move_as_well(one: str, two: str, new: str) -> None:
    assert verdicts(moved(one, new), moved(two, new)) == ["moved", "moved"]


def test_links_of_two_hosts_with_one_target_are_good_as_they_are() -> None:
    assert verdicts(moved("https://a.example/p/1", HUB), moved("https://b.example/q/2", HUB)) == ["ok", "ok"]
    assert verdicts(moved("https://a.example/p/1", HUB), before={"https://b.example/q/2": HUB}) == ["ok"]


def test_a_site_that_sends_its_links_elsewhere_for_now_is_doubtful_too() -> None:
    rows = [moved(f"https://a.example/p/{n}", HUB, verdict=Verdict.OK) for n in range(2)]
    assert verdicts(*rows) == ["suspect", "suspect"]
    inside = [
        moved(f"https://a.example/p/{n}", "https://docs.a.example/v2/start", verdict=Verdict.OK) for n in range(2)
    ]
    assert verdicts(*inside) == ["ok", "ok"]


def test_the_end_of_the_chain_counts_as_well_as_the_new_address() -> None:
    one = moved("https://a.example/p/1", "https://hub.example/x/1", HUB)
    assert verdicts(one, moved("https://a.example/p/2", "https://hub.example/x/2", HUB)) == ["suspect", "suspect"]
    one = moved("https://a.example/p/1", HUB, f"{HUB}?visit=1")
    assert verdicts(one, moved("https://a.example/p/2", HUB, f"{HUB}?visit=2")) == ["suspect", "suspect"]


def test_where_the_other_links_ended_in_earlier_runs_counts_until_they_are_seen_again() -> None:
    one, other = moved("https://a.example/p/1", HUB), "https://a.example/p/2"
    down = LinkCheck(other, Verdict.SUSPECT, (Evidence("web", "", "timed out"),))
    assert verdicts(one, before={other: HUB}) == ["suspect"]
    assert verdicts(one, down, before={other: HUB}) == ["suspect", "suspect"]
    assert verdicts(one, replace(down, verdict=Verdict.UNKNOWN), before={other: HUB}) == ["suspect", "unknown"]
    assert verdicts(one, replace(down, verdict=Verdict.OK), before={other: HUB}) == ["moved", "ok"]
    assert verdicts(one, before={other: "https://hub.example/else"}) == ["moved"]


def test_a_stored_move_to_a_worse_address_is_none() -> None:
    (check,) = settled_moves({OLD: moved(OLD, f"{NEW};jsessionid=1A2B")}).values()
    assert (check.verdict, check.new_url) == (Verdict.OK, None)


# ---- whole runs

START = datetime(2026, 11, 1, 6, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def night(
    answer: Answer,
    urls: Sequence[str],
    *,
    folder: Path | None = None,
    history: History | None = None,
    day: int = 0,
    keys: frozenset[str] | None = None,
    settings: Settings | None = None,
) -> Result:
    """A run over entries `e0`, `e1`, … with one link each."""

    async def main() -> Result:
        clock = FakeClock(START + timedelta(days=day))
        async with Web(cache=Cache(folder, clock), clock=clock, transport=httpx.MockTransport(answer)) as web:
            entries = [
                Entry(f"e{n}", EntryType.OTHER, links=(Link(url, LinkKind.HOMEPAGE),)) for n, url in enumerate(urls)
            ]
            options = Options(metadata=False)
            loaded = Loaded(settings=settings or Settings(), origins={})
            return await run_one(entries, web, loaded, history or History(), options=options, keys=keys)

    return asyncio.run(main())


def closed(request: httpx.Request) -> httpx.Response:
    """Every page of a.example leads to one of hub.example for good."""
    if request.url.host == "a.example":
        return httpx.Response(301, headers={"location": HUB})
    return httpx.Response(200, html="<title>Explore</title>words")


PAGES = [f"https://a.example/paper/{n}" for n in range(4)]


def test_a_closed_site_is_one_finding_night_after_night(tmp_path: Path) -> None:
    history = History()
    for day in range(3):  # the second and third from the cache
        result = night(closed, PAGES, folder=tmp_path, history=history, day=day)
        history = result.history
        (found,) = result.report.findings
        assert (found.rule, found.severity, found.url) == ("site-closed", Severity.WARNING, "https://a.example/")
        assert found.message == f"a.example redirects 4 links (of 4 entries) to {HUB}"
        assert found.state is (State.STILL if day else State.NEW)
        assert {(row.check.verdict, row.check.new_url) for row in result.report.links} == {(Verdict.SUSPECT, None)}
    alone = night(closed, PAGES, folder=tmp_path, history=history, day=3, keys=frozenset({"e1"}))
    assert [(f.rule, f.url, f.state) for f in alone.report.findings] == [("site-closed", PAGES[1], State.NEW)]
    assert alone.report.counts["moved"] == 0
    whole = night(closed, PAGES, folder=tmp_path, history=alone.history, day=4)
    assert [(f.rule, f.state) for f in whole.report.findings] == [("site-closed", State.STILL)]


def test_a_closed_site_can_be_ignored_by_the_line_that_the_report_offers() -> None:
    ignore = Ignore(pattern="https://a.example/", rule="site-closed", reason="known")
    assert night(closed, PAGES, settings=Settings(ignore=(ignore,))).report.findings == ()


def test_fewer_than_three_links_are_told_one_by_one() -> None:
    findings = night(closed, PAGES[:2]).report.findings
    assert [(f.rule, f.entry, f.url) for f in findings] == [("site-closed", f"e{n}", PAGES[n]) for n in range(2)]


def test_one_deep_link_that_ends_on_a_front_page_is_told() -> None:
    def home(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/":
            return httpx.Response(200, html="<title>Home</title>words")
        return httpx.Response(301, headers={"location": "/"})

    (found,) = night(home, PAGES[:1]).report.findings
    assert (found.rule, found.message) == (
        "site-closed",
        "redirects to a front page or listing: https://a.example/",
    )


@pytest.mark.parametrize(
    ("hops", "verdict", "new"),
    [
        ([(301, "https://b.example/q")], Verdict.MOVED, "https://b.example/q#sec-2"),
        ([(301, "https://b.example/q#sec-3")], Verdict.MOVED, "https://b.example/q#sec-3"),
        ([(301, "https://b.example/q#sec-3"), (308, "/r")], Verdict.MOVED, "https://b.example/r#sec-3"),
        ([(301, "https://b.example/q"), (302, "/r#sec-4")], Verdict.MOVED, "https://b.example/q#sec-2"),
        ([(301, "http://a.example/q")], Verdict.OK, None),
        ([(301, "http://a.example/q"), (301, "https://a.example/q")], Verdict.MOVED, "https://a.example/q#sec-2"),
        ([(301, "http://a.example/q"), (302, "https://a.example/q")], Verdict.OK, None),
        ([(301, "/p;jsessionid=1A2B")], Verdict.OK, None),
        ([(301, "https://cdn.example/p.pdf?X-Amz-Signature=dead")], Verdict.OK, None),
        ([(302, "https://b.example/q")], Verdict.OK, None),
        ([(301, "https://b.example/users/sign_in")], Verdict.BLOCKED, None),
        ([(301, "https://b.example/start?for=p")], Verdict.BLOCKED, None),
    ],
)
def test_a_chain_of_redirects_is_a_move_only_to_a_lasting_address(
    hops: list[tuple[int, str]], verdict: Verdict, new: str | None
) -> None:
    left = list(hops)

    def answer(_: httpx.Request) -> httpx.Response:
        if left:
            status, location = left.pop(0)
            return httpx.Response(status, headers={"location": location})
        title = "Sign in · A Forge" if "start" in hops[-1][1] else "A Page"
        return httpx.Response(200, html=f"<title>{title}</title>words")

    (row,) = night(answer, ["https://a.example/p#sec-2"]).report.links
    assert (row.check.verdict, row.check.new_url) == (verdict, new)


# ---- fix


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("A Page")}
    links = "".join(
        f"  - {{key: k{n}, type: other, name: K{n}, links: ['{upstream.url(f'pages/{name}')}']}}\n"
        for n, name in enumerate(("old", "a", "b"))
    )
    return upstream.bench(tmp_path / "here", f"version: 1\nentries:\n{links}")


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("javascript:alert(1)", "not a web address"),
        ("http://127.0.0.1/x\n- evil: 1", "not a web address"),
        ("http://127.0.0.1/new;jsessionid=1", "a session ID"),
        ("http://u:p@127.0.0.1/new", "credentials"),
        ("http://127.0.0.1/", "a front page"),
        ("http://127.0.0.1/login", "a sign-in"),
    ],
)
def test_fix_looks_itself_at_what_a_report_tells_it_to_write(bench: Bench, new: str, why: str) -> None:
    bench.call("run")
    before, path = bench.read(), bench.kept("last-report.json")
    report = json.loads(path.read_text())
    row = next(row for row in report["links"] if row["url"].endswith("/old"))
    assert row["verdict"] == "moved"
    row["new_url"] = new
    path.write_text(json.dumps(report))
    done = bench.call("fix")
    assert (done.code, done.out, bench.read()) == (0, "0 links replaced\n", before)
    assert why in done.err
    assert done.err.count("\n") == 1


def test_fix_writes_no_page_into_several_links_though_an_old_report_says_so(bench: Bench) -> None:
    bench.call("run")
    before, path = bench.read(), bench.kept("last-report.json")
    report = json.loads(path.read_text())
    hub = next(row["new_url"] for row in report["links"] if row["verdict"] == "moved")
    for row in report["links"]:
        row["verdict"], row["new_url"] = "moved", hub
    path.write_text(json.dumps(report))
    done = bench.call("fix")
    assert (done.out, bench.read()) == ("0 links replaced\n", before)
    assert "leads to the same page as other links" in done.err
