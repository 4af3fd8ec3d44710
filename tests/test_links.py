from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.links import (
    classify,
    confirmed,
    is_doubtful,
    may_be_registered,
    registered_check,
    registered_pages,
    seconded,
    sibling,
    unfit,
    unreachable,
    voucher,
    wants_second_look,
    weighed,
)
from enrich.model import (
    Answers,
    Evidence,
    FailureKind,
    Found,
    Hop,
    Identifier,
    LinkCheck,
    Missing,
    Page,
    Record,
    Reply,
    Repository,
    Scheme,
    Unknown,
    Unreachable,
    Verdict,
)
from enrich.text.urls import BAD_PORTS

AT = "2026-01-31T09:00:00Z"


def decide(url: str, answers: Answers) -> LinkCheck | None:
    """Return what registries prove about a link, where no address is objected to."""
    return registered_check(url, answers, lambda _: None)


def reply(status: int = 200, url: str = "https://a.example/p", body: bytes = b"<p>", **more: object) -> Reply:
    headers = {str(name).replace("_", "-"): str(value) for name, value in more.items()}
    return Reply(url, status, headers, body, AT)


def redirected(*hops: tuple[str, int], to: str) -> Reply:
    return Reply(to, 200, {}, b"<p>", AT, tuple(Hop(url, status) for url, status in hops))


def verdict(answer: Reply, title: str | None = None, url: str = "https://a.example/p") -> Verdict:
    return classify(url, answer, Page(answer.url, answer.status, title)).verdict


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://arxiv.org/pdf/2303.06865v2.pdf", Identifier(Scheme.ARXIV, "2303.06865")),
        ("https://dl.acm.org/doi/pdf/10.1145/3600006.3613175", Identifier(Scheme.DOI, "10.1145/3600006.3613175")),
        ("https://dl.acm.org/doi/10.5555/3571885.3571946", Identifier(Scheme.ACM, "10.5555/3571885.3571946")),
        ("https://github.com/Owner/Name/tree/main/x", Identifier(Scheme.GITHUB, "owner/name")),
        ("https://aclanthology.org/2021.acl-long.1.pdf", Identifier(Scheme.ACL, "2021.acl-long.1")),
        ("https://huggingface.co/papers/2303.06865", None),
        ("https://openreview.net/forum?id=RJpAz15D0S", None),
        ("https://a.example/p", None),
    ],
)
def test_an_identifier_vouches_for_a_link_of_its_own_registry(url: str, expected: Identifier | None) -> None:
    assert voucher(url) == expected


INFOCOM = Record(
    source="crossref",
    title="A Title",
    doi="10.1109/infocom.2023.1",
    url="https://ieeexplore.ieee.org/document/10228920/",
)
KNOWLEDGE = Record(
    source="crossref",
    title="A Title",
    doi="10.1016/j.x.2022.1",
    url="https://linkinghub.elsevier.com/retrieve/pii/S0950705122007316",
)
AXIOMS = Record(
    source="crossref", title="A Title", doi="10.3390/axioms1", url="https://www.mdpi.com/2075-1680/12/2/170"
)


@pytest.mark.parametrize(
    ("url", "record"),
    [
        ("https://ieeexplore.ieee.org/document/10228920", INFOCOM),
        ("http://ieeexplore.ieee.org/abstract/document/10228920/authors", INFOCOM),
        ("https://ieeexplore.ieee.org/stamp/stamp.jsp?tp=&arnumber=10228920", INFOCOM),
        ("https://ieeexplore.ieee.org/iel7/1/2/010228920.pdf", INFOCOM),
        ("https://www.sciencedirect.com/science/article/abs/pii/S0950705122007316?via%3Dihub", KNOWLEDGE),
        ("https://mdpi.com/2075-1680/12/2/170", AXIOMS),
    ],
)
def test_a_page_that_a_publisher_registered_is_vouched_for_though_a_wall_hides_it(url: str, record: Record) -> None:
    answers: Answers = {"crossref": Found(record, AT)}
    assert may_be_registered(url)
    check = decide(url, answers)
    assert check is not None
    assert check.verdict is Verdict.OK
    walled = LinkCheck(url, Verdict.BLOCKED, (Evidence("web", AT, "a challenge", 418),))
    others = LinkCheck("https://a.example/", Verdict.BLOCKED), LinkCheck(f"{url}#gone", Verdict.BROKEN)
    seconds = seconded({c.url: c for c in (walled, *others)}, registered_pages([{}, answers]))
    assert seconds[url] == LinkCheck(url, Verdict.OK, (*walled.evidence, *check.evidence))
    assert [seconds[c.url] for c in others] == list(others)


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        ("https://ieeexplore.ieee.org/document/1022892", {"crossref": Found(INFOCOM, AT)}),
        ("https://ieeexplore.ieee.org/document/10228920", {"semantic_scholar": Found(INFOCOM, AT)}),
        ("https://ieeexplore.ieee.org/document/10228920", {"crossref": Missing("absent", 200, AT)}),
        ("https://notieee.org/document/10228920", {"crossref": Found(INFOCOM, AT)}),
        ("https://www.sciencedirect.com/science/article/pii/S0950705122007317", {"crossref": Found(KNOWLEDGE, AT)}),
        ("https://www.mdpi.com/2075-1680/12/2/171", {"crossref": Found(replace(AXIOMS, url=None), AT)}),
    ],
)
def test_another_page_or_another_word_is_no_second_evidence(url: str, answers: Answers) -> None:
    assert decide(url, answers) is None
    check = LinkCheck(url, Verdict.BLOCKED, (Evidence("web", AT, "a challenge", 418),))
    assert seconded({url: check}, registered_pages([answers])) == {url: check}


def test_an_arxiv_link_is_broken_only_when_arxiv_and_the_handle_both_say_no() -> None:
    url = "https://arxiv.org/abs/2303.00001"
    no, handle = Missing("an empty answer to it alone", 200, AT), Missing("no handle", 404, AT)
    cases: list[tuple[Answers, Verdict]] = [
        ({"arxiv": no, "doi": handle}, Verdict.BROKEN),
        ({"arxiv": no}, Verdict.UNKNOWN),
        ({"arxiv": no, "doi": Unknown("timeout", AT)}, Verdict.UNKNOWN),
        ({"arxiv": Unknown("429", AT)}, Verdict.UNKNOWN),
        ({"arxiv": Unknown("429", AT), "semantic_scholar": Found(Record(source="semantic_scholar"), AT)}, Verdict.OK),
        ({"arxiv": no, "doi": Found("https://arxiv.org/abs/2303.00001", AT)}, Verdict.OK),
    ]
    for answers, expected in cases:
        check = decide(url, answers)
        assert check is not None
        assert check.verdict is expected


def test_an_unregistered_doi_is_broken_at_the_resolver_and_open_at_a_publisher() -> None:
    gone = {"doi": Missing("responseCode 100", 404, AT)}
    at_resolver = decide("https://doi.org/10.1145/1.2", gone)
    assert at_resolver is not None
    assert at_resolver.verdict is Verdict.BROKEN
    assert decide("https://dl.acm.org/doi/10.1145/1.2", gone) is None


def test_a_registered_doi_makes_a_publishers_link_good_without_its_page() -> None:
    check = decide(
        "https://dl.acm.org/doi/10.1145/1.2", {"crossref": Found(Record(source="crossref", title="A Title"), AT)}
    )
    assert check is not None
    assert check.verdict is Verdict.OK
    assert check.evidence == (Evidence("crossref", AT, 'found: "A Title"'),)


def test_an_acm_internal_number_is_never_broken() -> None:
    check = decide("https://dl.acm.org/doi/10.5555/1.2", {})
    assert check is not None
    assert check.verdict is Verdict.UNKNOWN
    assert "ACM-internal ID" in check.evidence[0].saw


@pytest.mark.parametrize(
    ("answer", "expected", "new_url"),
    [
        (Found(Repository("Owner/Name"), AT), Verdict.OK, None),
        (Found(Repository("New/Name"), AT), Verdict.MOVED, "https://github.com/New/Name/tree/main/x"),
        (Missing("NOT_FOUND", 200, AT), Verdict.BROKEN, None),
    ],
)
def test_a_repository_is_judged_by_what_github_says_of_its_name(
    answer: Found[Repository] | Missing, expected: Verdict, new_url: str | None
) -> None:
    check = decide("https://github.com/owner/name/tree/main/x", {"github": answer})
    assert check is not None
    assert (check.verdict, check.new_url) == (expected, new_url)


REPOSITORY = Repository("Owner/Name", parts=("issues/7", "tree/main/docs"))
PREPRINT = Record(source="arxiv", title="A Title", arxiv_id="2303.06865", url="http://arxiv.org/abs/2303.06865v2")


@pytest.mark.parametrize(
    ("url", "answer", "doubtful"),
    [
        ("https://github.com/owner/name", REPOSITORY, False),
        ("https://github.com/owner/name/", REPOSITORY, False),
        ("https://github.com/owner/name/issues?q=is:open", REPOSITORY, False),
        ("https://github.com/owner/name/releases", REPOSITORY, False),
        ("https://github.com/owner/name/issues/7", REPOSITORY, False),
        ("https://github.com/owner/name/tree/main/docs/", REPOSITORY, False),
        ("https://github.com/owner/name/tree/main/other", REPOSITORY, True),
        ("https://raw.githubusercontent.com/owner/name/main/docs", REPOSITORY, True),
        ("https://github.com/owner/name/wiki", REPOSITORY, True),
        ("https://arxiv.org/abs/2303.06865", PREPRINT, False),
        ("https://arxiv.org/pdf/2303.06865v2.pdf", PREPRINT, False),
        ("https://arxiv.org/abs/2303.06865v1", PREPRINT, False),
        ("https://arxiv.org/abs/2303.06865v5", PREPRINT, True),
        ("https://arxiv.org/html/2303.06865", PREPRINT, True),
        ("https://ar5iv.labs.arxiv.org/html/2303.06865", PREPRINT, False),
        ("https://doi.org/10.48550/arXiv.2303.06865", PREPRINT, False),
    ],
)
def test_a_registrys_word_for_the_thing_is_none_for_every_link_to_it(
    url: str, answer: Record | Repository, *, doubtful: bool
) -> None:
    answers: Answers = {"arxiv": Found(answer, AT)} if isinstance(answer, Record) else {"github": Found(answer, AT)}
    assert is_doubtful(url, answers) is doubtful


def test_the_page_has_the_last_word_on_a_doubtful_link() -> None:
    url = "https://arxiv.org/html/2303.06865"
    vouched = LinkCheck(url, Verdict.OK, (Evidence("arxiv", AT, "knows it"),))
    code = LinkCheck(url, Verdict.MOVED, vouched.evidence, "https://a.example/new", repository=REPOSITORY)
    gone = classify(url, reply(404), Page(url, 404))
    down = classify(url, reply(503), Page(url, 503))
    fine = classify(url, reply(), Page(url, 200, "A Page"))
    assert weighed(gone, vouched).verdict is Verdict.BROKEN
    assert weighed(down, vouched).verdict is Verdict.OK
    assert weighed(down, code).verdict is Verdict.SUSPECT
    assert weighed(gone, code).repository == REPOSITORY
    assert (weighed(fine, code).verdict, weighed(fine, code).new_url) == (Verdict.MOVED, "https://a.example/new")
    assert weighed(gone, None) == gone


@pytest.mark.parametrize(
    ("url", "beside"),
    [
        ("https://a.example/docs/page.html?x=1#part", "https://a.example/docs/no-such-page-"),
        ("https://a.example/docs/", "https://a.example/no-such-page-"),
        ("https://a.example", "https://a.example/no-such-page-"),
    ],
)
def test_a_made_up_address_lies_beside_the_page_and_is_always_the_same(url: str, beside: str) -> None:
    assert sibling(url).startswith(beside)
    assert sibling(url) == sibling(url)
    assert sibling(url) != sibling(url + "x")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("https://uni.example/~ada/", "https://ada.example/", Verdict.MOVED),
        ("https://old.example/engine", "https://engine.example.org/", Verdict.MOVED),
        ("https://uni.example/~ada/", "https://uni.example/", Verdict.SUSPECT),
        ("https://a.example/index.html", "https://a.example/", Verdict.MOVED),
        ("https://a.example/old/paper", "https://a.example/en/", Verdict.SUSPECT),
        ("https://a.example/old/paper", "https://www.hugedomains.com/x", Verdict.SUSPECT),
        ("https://a.example/old/paper", "http://ww25.a.example/?usid=7", Verdict.SUSPECT),
        ("https://a.example/paper/old", "https://hub.example/papers/trending", Verdict.SUSPECT),
        ("https://a.example/paper/old", "https://a.example/search?q=old", Verdict.SUSPECT),
        ("https://a.com/paper/old", "https://www.a.co.uk/paper/old", Verdict.OK),
        ("https://a.com/paper/old", "https://a.ai/paper/old", Verdict.MOVED),
        ("https://a.de/paper/old", "https://a.com/paper/old", Verdict.MOVED),
        ("https://github.com/ada/engine/wiki/Install", "https://github.com/ada/engine", Verdict.SUSPECT),
    ],
)
def test_a_front_page_is_the_new_place_only_where_its_name_says_so(start: str, end: str, expected: Verdict) -> None:
    answer = redirected((start, 301), to=end)
    assert classify(start, answer, Page(end, 200, "Home")).verdict is expected


def test_a_repository_that_github_could_not_be_asked_about_is_looked_at() -> None:
    assert decide("https://github.com/owner/name", {"github": Unknown("limit spent", AT)}) is None


@pytest.mark.parametrize("status", [401, 403, 412, 418, 429, 451, 999])
def test_a_wall_is_blocked_never_broken(status: int) -> None:
    assert verdict(reply(status)) is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("answer", "title", "expected"),
    [
        (reply(200), "A Paper", Verdict.OK),
        (reply(404), "Not found", Verdict.BROKEN),
        (reply(410), None, Verdict.BROKEN),
        (reply(404, cf_mitigated="challenge"), None, Verdict.BLOCKED),
        (reply(202, body=b""), None, Verdict.BLOCKED),
        (reply(503), None, Verdict.SUSPECT),
        (reply(400), None, Verdict.SUSPECT),
        (reply(200), "Just a moment...", Verdict.BLOCKED),
        (reply(200), "Page not found | A Site", Verdict.SUSPECT),
        (reply(200), "a.example is for sale", Verdict.SUSPECT),
        (reply(200, body=b""), None, Verdict.UNKNOWN),
    ],
)
def test_statuses_and_titles_are_told_apart(answer: Reply, title: str | None, expected: Verdict) -> None:
    assert verdict(answer, title) is expected


def test_a_title_that_speaks_of_missing_things_is_no_soft_404_on_a_page_of_a_paper() -> None:
    page = Page(
        "https://a.example/p", 200, "Error 404: Web Archives", Record(source="page", title="Error 404: Web Archives")
    )
    assert classify("https://a.example/p", reply(), page).verdict is Verdict.OK


def test_an_accepted_status_is_good() -> None:
    assert classify("https://a.example/p", reply(403), Page("", 403), accepted=[403]).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("answer", "expected", "new_url"),
    [
        (redirected(("https://a.example/p", 301), to="https://b.example/q"), Verdict.MOVED, "https://b.example/q"),
        (redirected(("https://a.example/p", 302), to="https://b.example/q"), Verdict.OK, None),
        (
            redirected(("https://a.example/p", 308), ("https://b.example/q", 302), to="https://b.example/r"),
            Verdict.MOVED,
            "https://b.example/q",
        ),
        (redirected(("https://a.example/p", 301), to="https://www.a.example/p/"), Verdict.OK, None),
        (redirected(("https://a.example/p", 301), to="https://a.example/"), Verdict.SUSPECT, None),
        (redirected(("https://a.example/p", 302), to="https://login.a.example/x"), Verdict.BLOCKED, None),
        (redirected(("https://a.example/p", 301), to="https://a.example/login?next=p"), Verdict.BLOCKED, None),
    ],
)
def test_redirects_are_judged_by_their_meaning(answer: Reply, expected: Verdict, new_url: str | None) -> None:
    check = classify("https://a.example/p", answer, Page(answer.url, 200, "A Page"))
    assert (check.verdict, check.new_url) == (expected, new_url)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("timeout", Verdict.SUSPECT),
        ("tls", Verdict.SUSPECT),
        ("dns", Verdict.SUSPECT),
        ("dns-missing", Verdict.BROKEN),
        ("unsafe", Verdict.UNSAFE),
        ("offline", Verdict.UNKNOWN),
        ("scheme", Verdict.SKIPPED),
    ],
)
def test_no_reply_is_judged_by_its_cause(kind: FailureKind, expected: Verdict) -> None:
    error = Unreachable(kind, "words", AT)
    assert unreachable("https://a.example/p", error).verdict is expected


def test_trouble_is_believed_when_two_looks_agree() -> None:
    url = "https://a.example/p"
    dead = classify(url, reply(404), Page(url, 404))
    down = classify(url, reply(503), Page(url, 503))
    fine = classify(url, reply(), Page(url, 200, "A Page"))
    assert wants_second_look(dead)
    assert wants_second_look(down)
    assert not wants_second_look(fine)
    assert confirmed(dead, dead).verdict is Verdict.BROKEN
    assert len(confirmed(dead, dead).evidence) == 2
    assert confirmed(dead, down).verdict is Verdict.SUSPECT
    assert confirmed(down, dead).verdict is Verdict.SUSPECT
    assert confirmed(dead, fine) == fine


@pytest.mark.parametrize("url", ["../notes.md", "mailto:a@example.org", "ftp://a.example/x", "#top", "http://[::1", ""])
def test_what_is_no_web_address_is_skipped(url: str) -> None:
    check = unfit(url)
    assert check is not None
    assert check.verdict is Verdict.SKIPPED


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//", ""]),
    st.from_regex(r"[a-zA-Z0-9.@\[\]-]{0,6}(:[0-9]{0,6})?", fullmatch=True),
    st.text(st.sampled_from("/?#:@a1 \t\u200b"), max_size=4),
)
def test_a_link_is_fit_as_the_grammar_of_urls_has_it(scheme: str, host: str, rest: str) -> None:
    url = f"{scheme}{host}{rest}"
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    try:
        is_fit = is_web and urlsplit(url).port not in BAD_PORTS
    except ValueError:
        is_fit = is_web  # the fetch says what is wrong
    assert (unfit(url) is None) == is_fit


@given(st.text(), st.integers(100, 999), st.binary(max_size=50), st.text())
def test_no_reply_of_a_status_other_than_404_and_410_is_broken(url: str, status: int, body: bytes, title: str) -> None:
    answer = Reply("https://a.example/p", status, {}, body, AT)
    check: LinkCheck = classify(url, answer, Page(answer.url, status, title))
    assert check.verdict is not Verdict.BROKEN or status in (404, 410)
    assert check.evidence
