"""Where redirects lead, and which cookies go along: as in browsers."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.web.cookies import Cookies
from enrich.web.redirects import onward
from enrich.web.request import NotFetchableError, Request, to_url
from enrich.web.unusual_urls import read_url

BASE = "http://a.example/dir/page?q=1"


def target(location: str, base: str = BASE) -> str:
    ask = onward(Request("GET", to_url(base)), 302, {"location": location})
    assert ask is not None
    return ask.text


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("new", "http://a.example/dir/new"),
        ("/new", "http://a.example/new"),
        ("?z", "http://a.example/dir/page?z"),
        ("#part", BASE),
        ("//b.example/x", "http://b.example/x"),
        ("///b.example/x", "http://b.example/x"),
        ("http:new", "http://a.example/dir/new"),
        ("http:/new", "http://a.example/new"),
        ("https:b.example/x", "https://b.example/x"),
        ("https:/b.example/x", "https://b.example/x"),
        ("HTTP://B.example/x", "http://b.example/x"),
        (r"\new", "http://a.example/new"),
        (r"\\b.example\x", "http://b.example/x"),
        (r"/\b.example/x", "http://b.example/x"),
        (r"http:\\b.example\x", "http://b.example/x"),
        (r"/a?b\c", r"http://a.example/a?b\c"),
        (r"http://b.example\@evil.example/", "http://b.example/@evil.example/"),
        (":x", "http://a.example/dir/:x"),
        ("./a:b", "http://a.example/dir/a:b"),
        ("1:x", "http://a.example/dir/1:x"),
        ("\x00 /ne\tw\r\n ", "http://a.example/new"),
        ("ht\ttp://b.example/", "http://b.example/"),
        ('/a "b"<c>', "http://a.example/a%20%22b%22%3Cc%3E"),
        ("../../../x", "http://a.example/x"),
        ("/a/./b/../c", "http://a.example/a/c"),
        ("/a/%2e%2E/.%2e/c/%2E", "http://a.example/c/"),
        ("..", "http://a.example/"),
        ("//b.example:8080", "http://b.example:8080"),
        ("/a//b", "http://a.example/a//b"),
    ],
)
def test_a_location_leads_where_a_browser_goes(location: str, leads_to: str) -> None:
    assert target(location) == leads_to


@pytest.mark.parametrize("location", ["javascript:alert(1)", "ftp://b.example/", "a:b", "http://", "\\\\", "data:,x"])
def test_other_places_are_not_fetched(location: str) -> None:
    with pytest.raises(NotFetchableError):
        target(location)


@given(st.text(alphabet=st.sampled_from("abA/\\:.%2e?#@ \t\"'<é[]1-"), max_size=30))
def test_any_location_is_a_url_of_the_web_or_none(location: str) -> None:
    try:
        found = httpx.URL(target(f"x{location}"))
    except NotFetchableError:
        return
    assert found.scheme in ("http", "https")
    assert found.host
    assert not {"..", "."} & set(found.path.split("/"))


def sent(set_by: str, cookie: str, to: str) -> str:
    cookies = Cookies()
    cookies.take(to_url(set_by), [cookie])
    return cookies.header(to_url(to))


@pytest.mark.parametrize(
    ("cookie", "to"),
    [
        ("a=1", "https://idp.journal.example/x"),
        ("a=1", "http://idp.journal.example/x"),
        ("a=1; Domain=journal.example", "https://www.journal.example/"),
        ("a=1; Domain=.Journal.Example; Path=/", "https://journal.example/"),
        ("a=1; domain = journal.example ; Secure", "https://deep.www.journal.example/"),
        ("a=1; Domain=idp.journal.example", "https://x.idp.journal.example/"),
        ("a=1; Domain=", "https://idp.journal.example/"),
        ("a=1; Max-Age=60", "https://idp.journal.example/"),
    ],
)
def test_a_cookie_goes_to_the_hosts_of_its_domain(cookie: str, to: str) -> None:
    assert sent("https://idp.journal.example/authorize", cookie, to) == "a=1"


@pytest.mark.parametrize(
    ("set_by", "cookie", "to"),
    [
        ("https://idp.journal.example/", "a=1", "https://www.journal.example/"),
        ("https://idp.journal.example/", "a=1; Domain=other.example", "https://other.example/"),
        ("https://idp.journal.example/", "a=1; Domain=www.journal.example", "https://www.journal.example/"),
        ("https://idp.journal.example/", "a=1; Domain=journal.example", "https://evil-journal.example/"),
        ("https://idp.journal.example/", "a=1; Domain=example", "https://other.example/"),
        ("https://a.journal.co.uk/", "a=1; Domain=co.uk", "https://b.co.uk/"),
        ("https://me.github.io/", "a=1; Domain=github.io", "https://you.github.io/"),
        ("https://github.io/", "a=1; Domain=github.io", "https://you.github.io/"),
        ("https://10.1.2.3/", "a=1; Domain=2.3", "https://9.9.2.3/"),
        ("https://10.1.2.3/", "a=1; Domain=10.1.2.3", "https://x.10.1.2.3/"),
        ("https://idp.journal.example/", "a=1; Secure", "http://idp.journal.example/"),
        ("http://idp.journal.example/", "a=1; Secure", "https://idp.journal.example/"),
        ("https://idp.journal.example/", "a=1; Max-Age=0", "https://idp.journal.example/"),
        ("https://idp.journal.example/", "=1", "https://idp.journal.example/"),
    ],
)
def test_a_cookie_goes_nowhere_else(set_by: str, cookie: str, to: str) -> None:
    assert sent(set_by, cookie, to) == ""


def test_a_cookie_can_be_taken_back_and_there_are_not_too_many() -> None:
    cookies, url = Cookies(), to_url("https://a.example/")
    cookies.take(url, ["a=1", "b=2"])
    cookies.take(url, ["a=; Max-Age=0", "b=3"])
    assert cookies.header(url) == "b=3"
    cookies.take(url, [f"n{n}=x" for n in range(500)])
    assert cookies.header(url).count(";") < 50


_HOSTS = st.one_of(
    st.sampled_from(["a.example", "A.example", "127.0.0.1", "256.1.1.1", "01.2.3.4", "1.2.3", "a..b", "[::1]", "é.de"]),
    st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True),
)
_PATHS = st.one_of(
    st.sampled_from(["", "?a=1", "/.", "/a/../b", "/.well-known/x", "/a?", "/a%20b", "/%zz", "/a?x=/../", "?#/"]),
    st.text("abAZ09-._~!$&'()*+,;=:@%/?#[]\\ \"<>|^`{}é\t", max_size=12).map("/{}".format),
)


@given(
    st.sampled_from(["http", "https"]),
    _HOSTS,
    st.sampled_from(["", "", ":", ":0", ":1", ":08", ":80", ":443", ":8080", ":65535", ":65536"]),
    _PATHS,
)
def test_an_ordinary_url_is_what_httpx_makes_of_it(scheme: str, host: str, port: str, path: str) -> None:
    text = f"{scheme}://{host}{port}{path}"
    try:
        url = to_url(text)
    except NotFetchableError:
        return
    assert url == read_url(text.partition("#")[0].strip())
