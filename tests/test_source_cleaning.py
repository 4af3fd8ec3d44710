"""What services write is clean in records: LaTeX, markup, footnotes, capitals, and authors that are none."""

from __future__ import annotations

import json
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.cleaning.texts import author_names, clean_title, plain_text
from enrich.model import Record
from enrich.sources import crossref
from enrich.text.names import given_first

LATEX = (
    (r"Na\"ive Fr\'echet Means for Erd\H{o}s--R\'enyi Graphs", "Naïve Fréchet Means for Erdős–Rényi Graphs"),
    (r"{\'E}. Tardos and K. G{\"o}del", "É. Tardos and K. Gödel"),
    (r"Paul Erd\H{o}s", "Paul Erdős"),
    (r"Ma\~nana Nu\~{n}ez", "Mañana Nuñez"),
    (r"\L{}ukasz {\L}o\'s, S\o ren, \AA ngstr\"om", "Łukasz Łoś, Søren, Ångström"),
    (r"Kur\c{c}at, Vondr\'a\v{c}ek, Dvo\v r\'ak", "Kurçat, Vondráček, Dvořák"),
    (r"na\"{\i}ve, Mart\'{\i}nez, D\'\iaz", r"naïve, Martínez, D\'\iaz"),
    (r"Stra\ss{}e \ae on \oe uvre", "Straße æon œuvre"),
    (r"\emph{Very} \textbf{deep {\em learning}}", "Very deep learning"),
    (r"Black \& White: 5\% of C\#", "Black & White: 5% of C#"),
    (r"``Quoted'' words", "“Quoted” words"),
    (r"Search for $B_s^0\to\mu^+\mu^-$ at $\sqrt{s}=13$ TeV", r"Search for $B_s^0\to\mu^+\mu^-$ at $\sqrt{s}=13$ TeV"),
    (r"$\hat{\'e}$ and \'e", r"$\hat{\'e}$ and é"),
    (r"Costs of \$5 and more", r"Costs of \$5 and more"),
    (r"An \unknown{command} stays", r"An \unknown{command} stays"),
    ("A -- B, --help, C--D", "A -- B, --help, C--D"),
    ("The set {x, y}", "The set {x, y}"),
)


@pytest.mark.parametrize(("written", "meant"), LATEX)
def test_latex_is_unicode_outside_formulas(written: str, meant: str) -> None:
    assert plain_text(written) == meant


MATHML = "<mml:math><mml:msub><mml:mi>B</mml:mi><mml:mi>s</mml:mi></mml:msub></mml:math>"
TEX = "<jats:tex-math>$$B_s$$</jats:tex-math>"
BOTH = f"<jats:inline-formula><jats:alternatives>{TEX}{MATHML}</jats:alternatives></jats:inline-formula>"
DOCUMENT = r"<tex-math>\documentclass[12pt]{minimal}\begin{document}$$B_s$$\end{document}</tex-math>"
MARKUP = (
    (f"Lifetime of {MATHML}", "Lifetime of Bs"),
    (f"<jats:p>We see {BOTH} decay.</jats:p>", "We see $B_s$ decay."),
    (f"A <inline-formula>{DOCUMENT}{MATHML}</inline-formula> b", "A $B_s$ b"),
    ("CO<sub>2</sub> in <i>Drosophila melanogaster</i> &amp; others", "CO2 in Drosophila melanogaster & others"),
    ("Journal of Widgets &amp;amp; Gadgets", "Journal of Widgets & Gadgets"),
    ("&lt;i&gt;E. coli&lt;/i&gt; and p &lt; 0.05", "E. coli and p < 0.05"),
    ('<jats:sec xml:lang="en"><jats:title>Aim</jats:title><jats:p>Less.</jats:p></jats:sec>', "Aim Less."),
    ("For all a <b and c> d", "For all a <b and c> d"),
    ("We find <5 events > 3", "We find <5 events > 3"),
)


@pytest.mark.parametrize(("written", "meant"), MARKUP)
def test_markup_is_text_and_a_formula_is_given_once(written: str, meant: str) -> None:
    assert plain_text(written) == meant


TITLES = (
    ("WIDGETS IN MODERN\n   INDUSTRY: A SURVEY*", "Widgets in Modern Industry: A Survey"),
    ("MAPREDUCE ON GPU CLUSTERS WITH THE HTTP 2.0 API", "Mapreduce on GPU Clusters with the HTTP 2.0 API"),
    ("Deep Networks*", "Deep Networks"),
    ("A Study of Things †", "A Study of Things"),
    ("Who Watches?*", "Who Watches?"),
    ("Anytime Weighted A*", "Anytime Weighted A*"),
    ("Batch Informed RRT*", "Batch Informed RRT*"),
    ("Lazy Theta*", "Lazy Theta*"),
    ("BERT", "BERT"),
    ("GPT-4 AND LLM", "GPT-4 AND LLM"),
    ("深度学习", "深度学习"),
    ("*", "*"),
)


@pytest.mark.parametrize(("written", "meant"), TITLES)
def test_a_title_has_no_footnote_and_no_capitals_throughout(written: str, meant: str) -> None:
    assert clean_title(written) == meant


def test_what_is_no_author_is_left_out() -> None:
    named = ["The ATLAS Collaboration", ":", "G. Aad", "et al.", "and others", "", "null", r"Erd\H{o}s", None, "-"]
    assert author_names(named) == ("The ATLAS Collaboration", "G. Aad", "Erdős")


@pytest.mark.parametrize("name", ["Gemma Team, Google DeepMind", "Qwen Team", "Smith, Jones, Brown"])
def test_a_group_keeps_its_name(name: str) -> None:
    assert given_first(name) == name


def record(**work: object) -> Record:
    body = {"message": {"DOI": "10.1000/1", "title": ["A Title of Some Length"], **work}}
    return crossref.parse(json.dumps(body).encode())[0]


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("JANE", "ROE", "Jane Roe"),
        ("JOHN Q.", "VAN DER BERG", "John Q. van der Berg"),
        ("J.", "O'NEIL", "J. O'Neil"),
        ("Jane", "ROE", "Jane ROE"),
        ("LI", "NA", "LI NA"),
        ("", "Madonna", "Madonna"),
    ],
)
def test_names_in_capitals_are_written_as_usual(given: str, family: str, name: str) -> None:
    assert record(author=[{"given": given, "family": family}]).authors == (name,)


@pytest.mark.parametrize(
    ("containers", "venue"),
    [
        (["Lecture Notes in Computer Science", "Advances in Bread"], "Advances in Bread"),
        (["Advances in Bread", "Lecture Notes in Computer Science"], "Advances in Bread"),
        (["Lecture Notes in Computer Science"], "Lecture Notes in Computer Science"),
        (["Journal of Bread &amp;amp; Butter", "J. Bread"], "Journal of Bread & Butter"),
        ([], None),
    ],
)
def test_a_book_goes_before_the_series_that_it_is_part_of(containers: list[str], venue: str | None) -> None:
    assert record(**{"container-title": containers}).venue == venue


@given(st.text(max_size=200) | st.text(alphabet="\\{}$'\"`^~cHvij <>&;-*/=amlp", max_size=80))
def test_cleaning_is_calm(text: str) -> None:
    for clean in (plain_text, clean_title):
        once = clean(text)
        assert once is None or (is_normalized("NFC", once) and once == once.strip() and "\n" not in once)


WORK = {
    "type": "proceedings-article",
    "container-title": ["Proceedings of the Bread Conference"],
    "publisher": "Bakers &amp; Co",
    "volume": "12",
    "issue": "3",
    "page": "1-9",
    "published-print": {"date-parts": [[2023, 10, 23]]},
    "published": {"date-parts": [[2023, 9]]},
}


def test_crossref_tells_of_the_version_of_record() -> None:
    found = record(**WORK)
    assert (found.issued, found.published) == ("2023-10-23", "2023-09")
    assert (found.container, found.publisher) == ("Proceedings of the Bread Conference", "Bakers & Co")
    assert (found.volume, found.issue, found.pages) == ("12", "3", "1-9")
    assert record(**{**WORK, "page": None, "article-number": "e17"}).pages == "e17"


def test_a_preprint_has_no_version_of_record() -> None:
    found = record(**{**WORK, "type": "posted-content"})
    assert (found.publication_type, found.issued, found.container, found.publisher) == ("posted-content", *[None] * 3)
