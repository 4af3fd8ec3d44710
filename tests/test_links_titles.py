"""Pages with a good status that are not the page that was asked for: known by their titles, or by a seller's mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.links import classify
from enrich.model import Page, Reply, Verdict

URL = "https://lab.example/papers/17"
AT = "2026-11-28T09:00:00Z"
PROSE = "The scheduler groups requests by their deadlines and moves them between two queues. " * 16

MISSING = (
    "404",
    "Error 404 (Not Found)!!1",
    "HTTP 404 - File not found",
    "404 error page",
    "Page Not Found - A Conference",
    "A Site | This page doesn\u2019t exist",
    "Sorry, we couldn't find that page",
    "We can't find the page you're looking for",
    "The page you requested cannot be found.",
    "Whoops! Page not found",
    "Looks like this page doesn't exist",
    "The requested resource could not be found",
    "Repository not found",
    "The requested URL was not found on this server.",
    "This page cannot be displayed",
    "This link has expired",
    "This service has been discontinued",
    "[404] Page not found",
    "\U0001f622 Page not found",
    "Page not found \u2015 An Institute",
    "Page not found < An Institute",
    "404 / An Institute",
    "ページが見つかりません｜大学",
    "页面不存在_一个网站",
    "User not found | A Forge",
    "DOI Not Found",
    "No such file",
    "Site not found \u00b7 GitHub Pages",
    "This account has been suspended",
    "This item is no longer available",
    "Page removed",
    "Fehler 404 - Seite nicht gefunden | Universität",
    "Die gesuchte Seite wurde leider nicht gefunden",
    "Page introuvable",
    "Erreur 404 : cette page n'existe plus",
    "Página no encontrada",
    "Error 404: la página solicitada no existe",
    "Página não encontrada",
    "Pagina non trovata",
    "Pagina niet gevonden",
    "Sidan kunde inte hittas",
    "Siden blev ikke fundet",
    "Sivua ei löydy",
    "Stránka nenalezena",
    "Strona nie istnieje",
    "Sayfa bulunamadı",
    "Страница не найдена",
    "Сторінку не знайдено",
    "ページが見つかりません",
    "お探しのページは見つかりませんでした",
    "요청하신 페이지를 찾을 수 없습니다",
    "404 页面",
    "抱歉，您访问的页面不存在",
    "找不到頁面",
    "הדף לא נמצא",
)
OUT_OF_ORDER = (
    "500 Internal Server Error",
    "503 Service Unavailable",
    "Error",
    "Oops!",
    "An error occurred",
    "Application Error",
    "Error establishing a database connection",
    "Site under maintenance",
    "Down for Maintenance | A Journal",
    "We'll be back soon!",
    "Welcome to nginx!",
    "Apache2 Ubuntu Default Page: It works",
    "IIS Windows Server",
)
PARKED = (
    "lab.example is for sale | A Market",
    "The domain name lab.example is for sale",
    "lab.example - This website is for sale! - lab Resources and Information.",
    "lab.example is available for purchase",
    "lab.example - parked at a registrar",
    "This domain has expired",
    "Buy this domain.",
    "A Registrar Parked Domain",
    "Diese Website steht zum Verkauf!",
    "Ce nom de domaine est à vendre",
)
PAGES = (
    "404 Bottles of Beer",
    "Lost and Not Found: A Survey",
    "Page Not Found: The Art of the Error Page",
    "Not Found in Translation",
    "Why Attention Cannot Be Found",
    "Error Correction Codes",
    "Error 404 Museum: A History of the Web",
    "python - Page not found - A Forum for Questions",
    "Parked Domains: A Detection Method",
    "Why Every Domain Is for Sale: The Economics of Squatting",
    "Suspended Accounts: A Longitudinal Study",
    "Keeping Bridges Alive under Maintenance",
    "Gone",
    "Site Closed Form Solutions",
    "500 Days of Machine Learning",
    "Sign In the Wild: Sign Language Recognition",
    "404_errors: a dataset",
    "Página de Ada",
    "Before You Continue: A Novel",
)


def verdict(title: str, url: str = URL, text: str = PROSE) -> Verdict:
    html = f"<!doctype html><title>{title}</title><body><p>{text}</p></body>".encode()
    reply = Reply(url, 200, {"content-type": "text/html"}, html, AT)
    return classify(url, reply, Page(url, 200, title)).verdict


@pytest.mark.parametrize("title", [*MISSING, *OUT_OF_ORDER, *PARKED])
def test_a_title_that_says_nothing_of_a_page_makes_the_link_suspect(title: str) -> None:
    assert verdict(title) is Verdict.SUSPECT


@pytest.mark.parametrize("title", PAGES)
def test_a_title_that_says_more_is_a_pages_own(title: str) -> None:
    assert verdict(title) is Verdict.OK


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("HTTP 404 - An Encyclopedia", "https://wiki.example/wiki/HTTP_404"),
        ("Maintenance", "https://docs.example/guide/maintenance.html"),
        ("Page not found - A Forum", "https://forum.example/questions/17/page-not-found"),
        ("Welcome to nginx!", "https://blog.example/install-nginx"),
    ],
)
def test_what_the_address_names_as_well_is_what_the_page_is_about(title: str, url: str) -> None:
    assert verdict(title, url) is Verdict.OK
    assert verdict(title) is Verdict.SUSPECT


@pytest.mark.parametrize("title", ["Before you continue to A Site", "Cookie preferences", "Privacy settings | A Site"])
def test_a_page_for_consent_stands_before_another(title: str) -> None:
    assert verdict(title) is Verdict.BLOCKED


@pytest.mark.parametrize(
    "mark",
    [
        "<script src='https://img.sedoparking.com/js/main.js'></script>",
        "<script>window.LANDER_SYSTEM='x'</script>",
        "<script>window.location.href='/lander'</script>",
        "<h1>This domain has expired</h1>",
    ],
)
def test_the_mark_of_a_seller_counts_on_a_page_with_hardly_any_text(mark: str) -> None:
    assert verdict("lab.example", text=mark) is Verdict.SUSPECT
    assert verdict("lab.example", text=mark + PROSE) is Verdict.OK


NAVIGATION = "<nav>Home People Papers</nav>"


@pytest.mark.parametrize(
    "text",
    [
        f"{NAVIGATION}<h1>Page not found</h1><p>Try the search.</p>",
        f"{NAVIGATION}<h2 class='t'>Oops! We can't find <b>that page</b>.</h2>",
        "<h1>404 Not Found</h1><hr><center>nginx/1.18.0</center>",
        "<h1>500 Internal Server Error</h1>",
        "File not found.",
    ],
)
def test_a_page_with_hardly_any_text_is_believed_by_its_headings(text: str) -> None:
    assert verdict("A Lab", text=text) is Verdict.SUSPECT
    assert verdict("A Lab", text=text + PROSE) is Verdict.OK


@pytest.mark.parametrize(("body", "expected"), [(b"404: Not Found", Verdict.SUSPECT), (b"A note.", Verdict.OK)])
def test_a_short_text_is_believed(body: bytes, expected: Verdict) -> None:
    reply = Reply(URL, 200, {"content-type": "text/plain; charset=utf-8"}, body, AT)
    assert classify(URL, reply, Page(URL, 200, None)).verdict is expected


FORM = "<form><input name='user'><input type='password' name='word'></form>"


@pytest.mark.parametrize(
    ("url", "title", "text", "expected"),
    [
        (URL, "Sign in \u00b7 A Forge", FORM, Verdict.BLOCKED),
        (URL, "Log in - A Wiki", FORM, Verdict.BLOCKED),
        (URL, "Sign in \u00b7 A Forge", "Hello.", Verdict.OK),
        (URL, "A Lab", FORM, Verdict.OK),
        ("https://mail.example/", "Login", FORM, Verdict.OK),
        ("https://forge.example/login", "Login", FORM, Verdict.OK),
    ],
)
def test_a_page_to_sign_in_stands_in_the_place_of_another(url: str, title: str, text: str, expected: Verdict) -> None:
    assert verdict(title, url, text) is expected


@given(st.text(max_size=300))
def test_no_title_is_an_authoritative_no(title: str) -> None:
    assert verdict(title) in (Verdict.OK, Verdict.SUSPECT, Verdict.BLOCKED)
