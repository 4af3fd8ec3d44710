from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.sources import landing_page
from tests.replies import reply

URL = "https://example.org/doi/bread"
CITATION = reply("page_citation.html")
JSON_LD = reply("page_json_ld.html")


def page(head: str) -> bytes:
    return f"<html><head>{head}</head><body>x</body></html>".encode()


def test_citation_tags_become_a_record() -> None:
    facts = landing_page.parse(CITATION, URL, "text/html; charset=utf-8")
    assert facts.title == "Cold bread | Proceedings"
    assert facts.canonical == "https://example.org/papers/bread.html"
    assert facts.refresh is None
    record = facts.record
    assert record is not None
    assert (record.title, record.authors) == ("Cold bread: an inquiry", ("Grace Hopper", "Ada Lovelace"))
    assert (record.published, record.year, record.venue) == ("2022-07", 2022, "Conference on Bread")
    assert (record.doi, record.arxiv_id) == ("10.1000/bread.1", "2303.06865")
    assert (record.abstract, record.url) == ("Bread cools.", "https://example.org/papers/bread.html")


def test_json_ld_becomes_a_record() -> None:
    facts = landing_page.parse(JSON_LD, URL, "text/html")
    assert facts.refresh == "https://example.org/new"
    record = facts.record
    assert record is not None
    assert (record.title, record.authors) == ("Cold bread", ("Grace Hopper", "Ada Lovelace"))
    assert (record.published, record.venue, record.doi) == ("2022-07-14", "Journal of Bread", "10.1000/bread.1")


def test_dublin_core_becomes_a_record() -> None:
    metas = {"DC.Title": "Bread", "DC.creator": "Lovelace, Ada", "DC.Identifier": "10.1000/B", "DC.date": "2020"}
    head = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas.items())
    record = landing_page.parse(page(head), URL).record
    assert record is not None
    assert (record.title, record.authors, record.doi, record.year) == ("Bread", ("Ada Lovelace",), "10.1000/b", 2020)


def test_an_ordinary_page_has_a_title_and_no_record() -> None:
    facts = landing_page.parse(page('<meta property="og:title" content="A blog">'), URL, "text/html")
    assert (facts.title, facts.record, facts.canonical) == ("A blog", None, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023/03/13", "2023-03-13"),
        ("2023-3-1", "2023-03-01"),
        ("13 March 2023", "2023-03-13"),
        ("Mar 2023", "2023-03"),
        ("March 13, 2023", "2023-03-13"),
        ("03/13/2023", "2023"),
        ("2023-02-31", "2023-02"),
        ("9999-01-01", None),
        ("soon", None),
    ],
)
def test_dates_of_every_form_are_read(text: str, day: str | None) -> None:
    tags = f'<meta name="citation_title" content="Bread"><meta name="citation_date" content="{text}">'
    record = landing_page.parse(page(tags), URL).record
    assert record is not None
    assert record.published == day


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.5\n%\xe2\xe3", "application/pdf"),
        (b"%PDF-1.5\n%\xe2\xe3", ""),
        (b"\x89PNG", "image/png"),
        (b"", "text/html"),
        (b"   ", ""),
        (b"<!-- -->", "text/html"),
    ],
)
def test_what_is_no_page_has_no_facts(body: bytes, content_type: str) -> None:
    assert landing_page.parse(body, URL, content_type) == landing_page.Facts()


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html; charset=no-such-thing", ""),
        ("utf-8-sig", "text/html; charset=latin1", ""),
        ("utf-16", "text/html", ""),
        ("latin-1", 'text/html; charset="ISO-8859-1"', ""),
        ("cp1252", "text/html", ""),
        ("latin-1", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
        ("latin-1", "text/html; charset=base64", '<meta charset="latin1">'),
        ("latin-1", "text/html; charset=utf-16", "<meta charset=latin-1>"),
        ("utf-8", "text/html", '<?xml version="1.0" encoding="us-ascii"?>'),
    ],
)
def test_charsets_that_are_wrong_or_missing_do_not_matter(encoding: str, content_type: str, meta: str) -> None:
    body = f"{meta}<html><head>{meta}<title>Café crème</title></head></html>".encode(encoding)
    assert landing_page.parse(body, URL, content_type).title == "Café crème"


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=/new", "https://example.org/new"),
        ("3; URL='https://other.org/x'", "https://other.org/x"),
        ("0;url=javascript:alert(1)", None),
        ("600;url=/new", None),
        ("30", None),
        (f"0;url={URL}", None),
        ("0;url=http://[", None),
    ],
)
def test_a_page_that_sends_on_at_once_says_where(content: str, target: str | None) -> None:
    head = f'<meta http-equiv="refresh" content="{content}">'
    assert landing_page.parse(page(head), URL, "text/html").refresh == target


PROSE = "<p>" + "There is much to say of bread. " * 20


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ("<script>window.location.href = '/new';</script>", "https://example.org/new"),
        ('<script type="text/javascript">location="https://other.org/x"</script>', "https://other.org/x"),
        ("<script>\n<!--\ntop.location.replace('new');\n//-->\n</script>", "https://example.org/doi/new"),
        (
            "<script>document.location.assign( '/new' )</script><p>Moved: <a href=/new>here</a>",
            "https://example.org/new",
        ),
        ("<body onload=\"window.location='/new'\">Please wait", "https://example.org/new"),
        # What a script does only at times, or besides others, is not known without running it.
        ("<script>if (top != self) location.href = '/new'</script>", None),
        ("<script>function go() { location.href = '/new' }</script><button onclick=go()>Go</button>", None),
        ("<script>document.cookie='a=1';location.href='/new'</script>", None),
        ("<script>location.href = '/new?from=' + location.pathname</script>", None),
        ("<script>location.href = location.href</script>", None),
        (f"<script>location.href = '{URL}'</script>", None),
        ("<script>location.href = 'javascript:go()'</script>", None),
        # Pages and applications.
        (f"<script>location.href = '/new'</script>{PROSE}", None),
        ("<script>location.href = '/new'</script><script src=app.js></script>", None),
        ("<script>var a = 1</script>" * 3 + "<script>location.href = '/new'</script>", None),
    ],
)
def test_a_page_that_is_nothing_but_a_script_that_sends_on_says_where(html: str, target: str | None) -> None:
    assert landing_page.parse(f"<html>{html}".encode(), URL, "text/html").refresh == target


@given(st.text("location.href='/\"<>-! \n\\();", max_size=60))
def test_no_script_breaks_a_page(code: str) -> None:
    found = landing_page.parse(f"<script>{code}</script>".encode(), URL, "text/html").refresh
    assert found is None or found.startswith(("http://", "https://"))


def test_a_broken_address_is_no_canonical() -> None:
    for href in ("http://[", "javascript:x()", "", "mailto:a@b"):
        assert landing_page.parse(page(f'<link rel="canonical" href="{href}">'), URL).canonical is None


@given(
    st.sampled_from([CITATION, JSON_LD]),
    st.integers(0, 1500),
    st.binary(max_size=30),
    st.integers(0, 80),
    st.sampled_from(["text/html", "text/html; charset=utf-16", "text/html; charset=idna", ""]),
)
def test_any_bytes_are_read(body: bytes, place: int, patch: bytes, cut: int, content_type: str) -> None:
    facts = landing_page.parse(body[:place] + patch + body[place + cut :], URL, content_type)
    assert facts.title is None or "\0" not in facts.title


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_charset_is_survived(body: bytes, content_type: str) -> None:
    landing_page.parse(body, URL, f"text/html; charset={content_type}")
