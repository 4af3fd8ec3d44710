"""Bot walls, told from the pages that they hide and from pages that only speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.links import WALLS, classify, is_final
from enrich.model import Hop, LinkCheck, Page, Reply, Verdict
from enrich.sources import landing_page

URL = "https://journal.example/articles/17"
AT = "2026-11-28T09:00:00Z"
PROSE = "The scheduler groups requests by their deadlines and moves them between two queues. "


class Case(NamedTuple):
    """What came from a server, and the name that the verdict must hold."""

    said: str
    body: str = ""
    title: str = ""
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
    url: str = URL


def check(case: Case) -> LinkCheck:
    head = f"<title>{case.title}</title>" if case.title else ""
    html = f"<!doctype html><html><head>{head}</head><body>{case.body}</body></html>".encode()
    hops = (Hop(URL, 302),) if case.url != URL else ()
    reply = Reply(case.url, case.status, {"content-type": "text/html", **case.headers}, html, AT, hops)
    facts = landing_page.parse(reply.body, reply.url, "text/html")
    return classify(URL, reply, Page(reply.url, reply.status, facts.title, facts.record))


BLOCKED = (
    Case("Anubis", '<script id="anubis_challenge" type="application/json">{}</script><p>Loading</p>', "Wait"),
    Case(
        "Anubis",
        "<h1>Hold on</h1>" + "<p>We check your browser first.</p>" * 20 + "<script id=anubis_version></script>",
    ),
    Case(
        "Anubis",
        '<p>Error 3f</p><footer>Guarded by <a href="https://github.com/TecharoHQ/anubis">Anubis</a></footer>',
        "Oh noes!",
    ),
    Case("Anubis", "<p>Loading</p>", "Making sure you&#39;re not a bot!"),
    Case("go-away", '<link href="/.well-known/.git.gammaspectra.live/git/go-away/assets/style.css">', "Checking"),
    Case("go-away", "<p>x</p>", url="https://journal.example/.well-known/.git.gammaspectra.live/git/go-away/c"),
    Case("Imperva", '<iframe src="/_Incapsula_Resource?CWUDNSAI=9&SWUDNSAI=31&edet=12"></iframe>', "Journal"),
    Case("Imperva", '<script src="/_Incapsula_Resource?SWJIYLWA=5074a"></script>'),
    Case("Imunify360", "<p>Your request is being verified</p><script>wsidchk=1</script>", "A Host"),
    Case("Imunify360", "", "One moment, please..."),
    Case("SiteGround", '<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F">', status=202),
    Case("SiteGround", "x", headers={"sg-captcha": "challenge"}),
    Case("SiteGround", "x", url="https://journal.example/.well-known/sgcaptcha/?r=%2F"),
    Case("PubMed Central", "<script>const POW_COOKIE_NAME = 'cloudpmc-viewer-pow'</script>", "A file"),
    Case("PubMed Central", "<p>Preparing to download ...</p>", "Preparing to download ..."),
    Case("Amazon", "<!-- write to api-services-support@amazon.com --><p>Sorry</p>", "Sorry!", 503),
    Case("Amazon", '<form action="/errors/validateCaptcha"><input name="field-keywords"></form>', "Amazon.com"),
    Case("Alibaba Cloud", '<img src="https://errors.aliyun.com/images/x.png">', "405", 405),
    Case("Alibaba Cloud", "<script>document.cookie='acw_sc__v2='+x</script>"),
    Case("EdgeOne", "", "Restricted Access", 567),
    Case("Sucuri", "<script>/* sucuri_cloudproxy_js */</script>", "You are being redirected..."),
    Case("Akamai", '<meta http-equiv="refresh" content="5; URL=/a?bm-verify=AAQ">', "Journal"),
    Case("DataDome", '<script src="https://ct.captcha-delivery.com/c.js"></script>', "journal.example"),
    Case("PerimeterX", "<div id=px-captcha></div><p>Press and hold</p>", "Journal"),
    Case("PerimeterX", "", "Access to this page has been denied"),
    Case("Kasada", "<script>window.KPSDK={};KPSDK.now=1</script><script src='/9/ips.js?x'></script>", status=429),
    Case("Kasada", "<script>window.KPSDK={};</script>"),
    Case("Radware", "<p>We apologise</p>", "Radware Captcha Page"),
    Case("Radware", "<p>x</p>", url="https://validate.perfdrive.com/fb803c746e9148689b3984a31fccd902/"),
    Case("Ruishu", "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>"),
    Case("Ruishu", "<script>$_ts=window['$_ts']</script>", status=202),
    Case("Baidu", "<p>x</p>", "百度安全验证"),
    Case("Cloudflare", "<script>window._cf_chl_opt={}</script>", "Journal"),
    Case("Cloudflare", "", "Attention Required! | Cloudflare"),
    Case("Vercel", "", "Vercel Security Checkpoint"),
    Case("AWS WAF", "<script>AwsWafIntegration.getToken()</script>"),
    Case(
        "F5", "<noscript>Please enable JavaScript.<br>Your support ID is: 17</noscript><script src='/TSPD/0'></script>"
    ),
    Case("Google", "<p>unusual traffic</p>", url="https://www.google.com/sorry/index?continue=x"),
    Case("hCaptcha", "hcaptcha", "hCaptcha solve page"),
    Case(
        "captcha",
        '<p>One more step</p><form><input type="hidden" name="t"><div class="h-captcha"></div></form>',
        "Check",
    ),
    Case("captcha", '<p>Are you there?</p><div class="cf-turnstile"></div>', "Journal"),
    Case("bot check", "<p>Denied.</p>", "Access Denied"),
    Case("bot check", "<p>Please wait.</p>", "Security verification"),
    Case("enable JavaScript", "<h1>JavaScript is disabled</h1><p>Please enable JavaScript to continue.</p>", "Journal"),
    Case("enable JavaScript", "<p>x</p>", "Please enable JavaScript"),
    *(
        Case("enable JavaScript", f"<p>{words}</p>", "Journal")
        for words in (
            "Bitte aktivieren Sie JavaScript.",
            "Veuillez activer JavaScript pour continuer.",
            "Por favor, habilite JavaScript.",
            "Пожалуйста, включите JavaScript.",
            "请开启JavaScript并刷新该页",
            "JavaScriptを有効にしてください。",
        )
    ),
    *(
        Case("verification form", f"<p>{words}</p>", "Journal")
        for words in (
            "Please verify you are a human by completing the action below.",
            "Press &amp; Hold to confirm you are a human (and not a bot).",
            "Our systems have detected unusual traffic from your network.",
            "Please complete the security check to access this site.",
            "Checking if the site connection is secure",
            "Your IP address has been blocked.",
            "Access to this page has been denied",
            "当前环境异常，完成验证后即可继续访问。",
            "您的访问过于频繁，请稍后再试",
        )
    ),
    Case("sets a cookie", "<script>document.cookie='k='+f();window.location.reload()</script>"),
    Case("sets a cookie", "<script>document.cookie = 'k=1; path=/'; location.href = location.href</script>"),
    Case("enable JavaScript", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
    Case("Cloudflare", "<script>window._cf_chl_opt={}</script>", "Just a moment...", 404),
    Case("Anubis", '<script id="anubis_challenge" type="application/json">{}</script>', "Wait", 410),
    Case("DataDome", '<script src="https://ct.captcha-delivery.com/c.js"></script>', "journal.example", 404),
    Case("Akamai", "<h1>Access Denied</h1>Reference&#32;&#35;18.1f", "Access Denied", 404),
    Case("bot check", "<p>Please wait.</p>", "Security verification", 404),
    Case("enable JavaScript", "<noscript>Enable JavaScript and cookies to continue</noscript>", status=404),
    *(Case(str(status), "<p>x</p>", status=status) for status in (201, 202, 205, 207, 218, 299)),
    *(Case(str(status), "<p>x</p>", status=status) for status in (401, 402, 403, 406, 407, 412, 418, 429, 451, 999)),
    *(
        Case(str(status), "<p>x</p>", status=status)
        for status in (419, 420, 430, 444, 460, 463, 468, 493, 498, 561, 593)
    ),
)


@pytest.mark.parametrize("case", BLOCKED, ids=lambda case: f"{case.said} {case.status} {case.title}")
def test_a_wall_is_blocked_by_its_name(case: Case) -> None:
    found = check(case)
    assert found.verdict is Verdict.BLOCKED
    assert case.said.lower() in found.evidence[-1].saw.lower()


def article(text: str) -> str:
    return f"<article><h1>A heading</h1>{text}<p>{PROSE * 14}</p></article>"


PAGES = {
    "an article on Anubis": (
        article('<p>It sends <code>&lt;script id="anubis_challenge"&gt;</code>.</p>'),
        "Anubis and Its Kin",
    ),
    "an article that quotes a wall": (article("<p>Access denied, it says.</p>"), "Access Denied: A History"),
    "an article called like a wall": (article(""), "Just a Moment"),
    "a page behind Imperva": (article('<script src="/_Incapsula_Resource?SWJIYLWA=7"></script>'), "Journal"),
    "an application behind Imperva": (
        '<div id="root"></div><script src="/_Incapsula_Resource?SWJIYLWA=7"></script>',
        "App",
    ),
    "an application behind Cloudflare": (
        '<div id="root"></div><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
        "App",
    ),
    "an application behind Ruishu": ("<script>$_ts=window['$_ts']</script><div id=app></div>", "平台"),
    "comments with a captcha": (
        article('<form><textarea name="c"></textarea><div class="g-recaptcha"></div></form>'),
        "A Post",
    ),
    "a short form with a captcha": (
        '<form><input name="email"><div class="h-captcha"></div></form><p>Write to us.</p>',
        "Contact",
    ),
    "a captcha that nobody sees": ('<p>Hello.</p><div class="g-recaptcha" data-size="invisible"></div>', "Home"),
    "documentation of hCaptcha": (
        article('<pre>&lt;div class="h-captcha"&gt;</pre><script src="//js.hcaptcha.com/1/api.js"></script>'),
        "hCaptcha Docs",
    ),
    "an application": (
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
        "Simulator",
    ),
    "an article that asks who comes": (article("<p>Please verify you are a human, it says.</p>"), "Journal"),
    "a form that asks who comes": (
        '<form><textarea name="c"></textarea><label>Please confirm you are a human</label></form>',
        "Contact",
    ),
    "an application that sets a cookie": (
        "<div id=root></div><script>document.cookie='tz=1';location.reload()</script>",
        "App",
    ),
    "a page that sets a cookie": ("<p>Hello.</p><script>document.cookie='a=1';location.href='/b'</script>", ""),
    "a hint for readers without JavaScript": (article("<noscript>Please enable JavaScript.</noscript>"), "A Paper"),
    "how to enable JavaScript": (article("<p>Enable JavaScript in your browser as follows.</p>"), "Enable JavaScript"),
    "a page with much in its head": (
        "<script>//api-services-support@amazon.com</script>" + "<i></i>" * 4000 + PROSE * 20,
        "Shop",
    ),
    "a long page": ("<script id=anubis_challenge></script>" + f"<p>{PROSE}</p>" * 4000, "A Book"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_speaks_of_walls_is_ok(name: str) -> None:
    body, title = PAGES[name]
    assert check(Case("", body, title)).verdict is Verdict.OK


@pytest.mark.parametrize("status", [400, 405, 408, 500, 501, 502, 503, 504, 509, 520, 523, 526, 530, 598])
def test_a_failure_is_no_wall(status: int) -> None:
    headers = {"server": "cloudflare"}
    assert check(Case("", "<h1>Trouble</h1>", status=status, headers=headers)).verdict is Verdict.SUSPECT


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("body", "title"),
    [
        ('<div class="g-recaptcha"></div>', "Not here"),
        ('<script src="/_Incapsula_Resource?SWJIYLWA=7"></script><p>Page not found</p>', ""),
        ("<script>window.KPSDK={};</script><p>Hello.</p>", "404 Not Found"),
        ("<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>", "App"),
        (f"<p>{PROSE * 14}</p><script>$_ts=window['$_ts']</script>", ""),
    ],
)
def test_what_a_page_that_is_gone_holds_is_no_wall(status: int, body: str, title: str) -> None:
    assert check(Case("", body, title, status)).verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    "case",
    [case for case in BLOCKED if case.status >= 400 and case.status not in (404, 410)],
    ids=lambda case: str(case.status),
)
def test_a_wall_with_an_error_status_is_not_asked_again(case: Case) -> None:
    html = f"<body>{case.body}</body>".encode()
    assert is_final(Reply(URL, case.status, case.headers, html, AT))


def test_what_is_no_page_has_no_wall_in_it() -> None:
    data = b"%PDF-1.7 anubis_challenge id=anubis_challenge"
    reply = Reply(URL, 200, {"content-type": "application/pdf"}, data, AT)
    facts = landing_page.parse(reply.body, reply.url, "application/pdf")
    assert classify(URL, reply, Page(reply.url, reply.status, facts.title, facts.record)).verdict is Verdict.OK


def test_every_row_has_a_mark_and_a_source() -> None:
    for row in WALLS:
        assert row.header or row.status or row.url or row.title or row.body
        assert row.source.startswith("https://")


@given(st.text(max_size=300), st.integers(200, 999), st.sampled_from([row.name for row in WALLS]))
def test_any_page_with_much_text_and_status_200_is_there(text: str, status: int, name: str) -> None:
    body = f"<p>{text}</p><p>{name} {PROSE * 14}</p>".replace("<script", "").replace("<!--", "")
    found = check(Case("", body, "A Study"))
    assert found.verdict is Verdict.OK
    assert check(Case("", body, "A Study", status)).verdict is not Verdict.BROKEN or status in (404, 410)
