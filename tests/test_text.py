"""What is known of texts: folding, URLs and hosts, dates, venues, the parts of names."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enrich.matching import fold, tokens
from enrich.text import latex
from enrich.text.dates import find_date, find_year
from enrich.text.latex_letters import LETTERS
from enrich.text.names import Name, given_first, parse_name
from enrich.text.urls import host_of, is_at, trim_url
from enrich.text.venue_names import (
    has_no_dois,
    is_journal,
    is_preprint_server,
    is_unpublished,
    short_name,
    venues_agree,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("FlashAttention-2: Faster Attention", "flashattention2fasterattention"),
        (r"Poincar\'{e} meets Schr{\"o}dinger", "poincaremeetsschrodinger"),
        ("Poincaré meets Schrödinger", "poincaremeetsschrodinger"),
        (r"\emph{Fast} {BERT} for $k$-means", "fastbertforkmeans"),
        (r"$\alpha$-fairness", "alphafairness"),
        ("α-fairness", "alphafairness"),
        ("Straße, Ørsted & Łódź", "strasseorstedandlodz"),
        ("H<sub>2</sub>O &amp; <i>E. coli</i>", "h2oandecoli"),
        ("&lt;i&gt;Nested&lt;/i&gt; markup", "nestedmarkup"),
        ("Beyond C++ and C#", "beyondc++andc#"),
        (r"C\# and C++11", "c#andc++11"),
        ("RNN+CNN", "rnncnn"),
        ("FULLWIDTH ＴＩＴＬＥ Ⅲ", "fullwidthtitleiii"),
        ("深度学习：综述", "深度学习综述"),
        ("Σύστημα αρχείων", "συστημααρχειων"),
        ("हिन्दी पाठ", "हिन्दीपाठ"),
        ("Donâ€™t Panic", "dontpanic"),
        ("Trademark™ systems", "trademarksystems"),
        ("⭐ --- !", ""),
    ],
)
def test_folding_keeps_letters_and_digits(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(("command", "letter"), LETTERS.items())
def test_a_letter_is_folded_alike_in_latex_and_in_unicode(command: str, letter: str) -> None:
    assert latex.to_unicode(rf"\{command}{{}}x") == f"{letter}x"
    assert fold(rf"a\{command}{{}}x") == fold(f"a{letter}x")
    assert fold(f"a{letter}x").isascii() or letter in "ßẞ"


def test_c_plus_plus_is_not_c() -> None:
    assert fold("C++") != fold("C") != fold("C#")


def test_tokens_are_the_words() -> None:
    assert tokens("FlashAttention-2: don't {B}lock") == ("flashattention", "2", "dont", "block")


@given(st.text(max_size=40))
@example("0:Å\x89")
def test_what_is_folded_is_as_it_will_stay(text: str) -> None:
    folded = fold(text)
    assert not any(character.isspace() or character in "-_.,:;!?\\{}$&<>\"'" for character in folded)
    assert fold(folded) == folded or "+" in folded or "#" in folded


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org:8080/Path", "www.example.org"),
        ("http://user@example.org", "example.org"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("http://[half", ""),
        ("paper.pdf", ""),
        ("https://example.org:port/", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


@given(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,3}", fullmatch=True), st.from_regex(r"[a-z.]{0,8}", fullmatch=True))
def test_a_host_belongs_to_its_own_domains_alone(domain: str, before: str) -> None:
    assert is_at(domain, (domain,))
    assert is_at(f"{before}.{domain}", (domain,))
    assert is_at(f"{before}{domain}", (domain,)) is (not before or before.endswith("."))


@given(st.text("ab/.:,;)(]*'\"?!", max_size=30))
def test_trimming_a_url_twice_changes_nothing(rest: str) -> None:
    for ends in (True, False):
        trimmed = trim_url(f"https://a.example/{rest}", parentheses_end_it=ends)
        assert trim_url(trimmed, parentheses_end_it=ends) == trimmed


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2023/03/13", "2023-03-13"),
        ("13 March 2023", "2023-03-13"),
        ("Mar 2023", "2023-03"),
        ("03/13/2023", "2023"),
        ("2023", "2023"),
        ("volume 12", None),
    ],
)
def test_dates_of_pages(text: str, date: str | None) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("SC 2022", 2022),
        ("NSDI'23", 2023),
        ("SOSP '23", 2023),
        ("ICLR’2024", 2024),
        ("(OSDI 22)", 2022),
        ("osdi22", 2022),
        ("VLDB '98", 1998),
        ("arXiv 2303.06865", 2023),
        ("arXiv 2005.14165", 2020),
        ("USENIX Annual Technical Conference", None),
        ("", None),
    ],
)
def test_year_of_a_venue(text: str, year: int | None) -> None:
    assert find_year(text) == year


@pytest.mark.parametrize(
    ("one", "two", "agree"),
    [
        ("OSDI", "USENIX Symposium on Operating Systems Design and Implementation", True),
        ("OSDI'22", "16th USENIX Symposium on Operating Systems Design and Implementation (OSDI 22)", True),
        ("SC 2022", "International Conference for High Performance Computing, Networking, Storage and Analysis", True),
        ("NIPS 2017", "Advances in Neural Information Processing Systems 30", True),
        ("NIPS 2017", "NeurIPS", True),
        ("MLSys 2023", "Proceedings of Machine Learning and Systems", True),
        ("SoCC 2021", "Proceedings of the ACM Symposium on Cloud Computing", True),
        ("ATC 2021", "USENIX Annual Technical Conference", True),
        ("EuroSys 2023", "Proceedings of the Eighteenth European Conference on Computer Systems", True),
        ("PPoPP", "26th ACM SIGPLAN Symposium on Principles and Practice of Parallel Programming", True),
        ("JMLR", "Journal of Machine Learning Research", True),
        ("VLDB", "Proceedings of the VLDB Endowment", True),
        ("Nature", "Nature", True),
        ("NSDI 2022", "OSDI", False),
        ("ACL", "NAACL", False),
        ("ACL", "Conference of the North American Chapter of the Association for Computational Linguistics", False),
        ("arXiv 2303.06865", "ICML", None),
        ("CoRR", "ICML", None),
        ("NIPS 2017 Workshop on ML Systems", "NeurIPS", None),
        ("ICML", "European Conference on Computer Vision", None),
        ("", "OSDI", None),
    ],
)
def test_venues(one: str, two: str, agree: bool | None) -> None:
    assert venues_agree(one, two) is agree
    assert venues_agree(two, one) is agree


@pytest.mark.parametrize("venue", ["arXiv 2303.06865", "bioRxiv", "CoRR", "SSRN Electronic Journal", "OpenReview"])
def test_servers_of_preprints(venue: str) -> None:
    assert is_preprint_server(venue)
    assert is_unpublished(venue)


@pytest.mark.parametrize("venue", ["Corrosion Science", "Correspondence", "Corr. Sci.", "ICLR 2024 (OpenReview)"])
def test_other_venues_are_no_servers_of_preprints(venue: str) -> None:
    assert not is_preprint_server(venue)


def test_what_is_known_of_venues() -> None:
    assert is_unpublished("Technical Report")
    assert not is_preprint_server("Technical Report")
    assert is_journal("Proceedings of the ACM on Programming Languages")
    assert not is_journal("Conference on Systems", "Transactions on Systems")
    assert has_no_dois("OSDI'22")
    assert has_no_dois("osdi22")
    assert not has_no_dois("SIGCOMM 2022")
    assert short_name("Proceedings of the 40th International Conference on Machine Learning") == "ICML"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Lovelace", Name("Lovelace", "Ada")),
        ("Lovelace, Ada King", Name("Lovelace", "Ada King")),
        ("Laurens van der Maaten", Name("van der Maaten", "Laurens")),
        ("Robert Downey Jr.", Name("Downey", "Robert", "Jr.")),
        ("Steele, Jr., Guy", Name("Steele", "Guy", "Jr.")),
        ("Gemma Team, Google", Name("Gemma Team, Google")),
        ("Plato", Name("Plato")),
    ],
)
def test_the_parts_of_a_name(text: str, name: Name) -> None:
    assert parse_name(text) == name


@given(st.text(max_size=30))
def test_a_name_in_its_usual_order_stays_as_it_is(text: str) -> None:
    assert given_first(text) == text or "," in text
