"""Dirty metadata of services, each with its clean form: titles, abstracts, names, years."""

from __future__ import annotations

import pytest

from enrich.cleaning.texts import author_names, clean_title, plain_text
from enrich.text.names import parse_name

TITLES = (
    (r"Poincar\'e Embeddings", "Poincaré Embeddings"),
    (r"Poincar{\'e} Embeddings", "Poincaré Embeddings"),
    (r"Poincar\'{e} Embeddings", "Poincaré Embeddings"),
    (r"G\"odel's Proof", "Gödel's Proof"),
    (r"A Na{\"\i}ve Method", "A Naïve Method"),
    (r"Schr{\"{o}}dinger Bridges", "Schrödinger Bridges"),
    (r"H{\'a}jek and {\v{S}}id{\'a}k", "Hájek and Šidák"),
    (r"Erd\H{o}s--R\'enyi Graphs", "Erdős–Rényi Graphs"),
    (r"The \emph{best} of \textsc{Both} Worlds", "The best of Both Worlds"),
    (r"{BERT}: {P}re-training of Transformers", "BERT: Pre-training of Transformers"),
    (r"{{FlexGen}}: Fast Inference", "FlexGen: Fast Inference"),
    (r"Attention \& Memory", "Attention & Memory"),
    (r"50\% Fewer FLOPs", "50% Fewer FLOPs"),
    (r"C\# in Practice", "C# in Practice"),
    (r"Word\_Embeddings", "Word_Embeddings"),
    (r"Model~Zoo of 2020", "Model Zoo of 2020"),
    (r"Bounds for $\ell_1$ and $k$-means", r"Bounds for $\ell_1$ and $k$-means"),
    (r"Sets \{x\} of Things", "Sets {x} of Things"),
    ("On &lt;i&gt;Drosophila&lt;/i&gt; Flight", "On Drosophila Flight"),
    ("On <i>Drosophila</i> Flight", "On Drosophila Flight"),
    ("H<sub>2</sub>O and CO<sub>2</sub>", "H2O and CO2"),
    ("E = mc<sup>2</sup> Revisited", "E = mc2 Revisited"),
    ("Cats &amp; Dogs", "Cats & Dogs"),
    ("Cats &amp;amp; Dogs", "Cats & Dogs"),
    ("It&#39;s All &quot;Here&quot;", 'It\'s All "Here"'),
    ("Fran&ccedil;ais &ndash; English", "Français – English"),
    ("Na&#x00EF;ve Bayes", "Naïve Bayes"),
    ("Learning&nbsp;Fast", "Learning Fast"),
    ("<p>Learning Fast</p>", "Learning Fast"),
    ("<b>Bold</b> Claims<br/>Here", "Bold Claims Here"),
    ("<scp>GPU</scp> Kernels", "GPU Kernels"),
    ("<title>Learning Fast</title>", "Learning Fast"),
    ("  Learning\n   Fast\t ", "Learning Fast"),
    ("Learn\u00ading Fa\u200bst", "Learning Fast"),
    ("\ufeffLearning Fast", "Learning Fast"),
    ("Learning Fast*", "Learning Fast"),
    ("Learning Fast \u2020", "Learning Fast"),
    ("Learning Fast\u2217", "Learning Fast"),
    ("Anytime A*", "Anytime A*"),
    ("LEARNING FAST WITH SLOW MACHINES", "Learning Fast with Slow Machines"),
    ("A SURVEY OF GPU SCHEDULING: PAST AND FUTURE", "A Survey of GPU Scheduling: Past and Future"),
    ("BERT", "BERT"),
    ("GPT-4V(ISION)", "GPT-4V(ISION)"),
    ("a < b and b > c", "a < b and b > c"),
    ("null", None),
    ("NULL", None),
    ("None", None),
    ("N/A", None),
    ("[No title]", None),
    ("", None),
    (None, None),
    (0, None),
)


@pytest.mark.parametrize(("written", "clean"), TITLES)
def test_titles(written: object, clean: str | None) -> None:
    assert clean_title(written) == clean


MATHML = "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>"
TWICE = f"<jats:alternatives><jats:tex-math>$x^2$</jats:tex-math>{MATHML}</jats:alternatives>"
ABSTRACTS = (
    ("<jats:p>We show it.</jats:p>", "We show it."),
    ("<jats:title>Abstract</jats:title><jats:p>We show it.</jats:p>", "Abstract We show it."),
    ("<jats:p>One.</jats:p>\n<jats:p>Two.</jats:p>", "One. Two."),
    ("<jats:sec><jats:title>Aim</jats:title><jats:p>Less.</jats:p></jats:sec>", "Aim Less."),
    ("<jats:p>In <jats:italic>E. coli</jats:italic> &amp; yeast</jats:p>", "In E. coli & yeast"),
    ('<jats:p>See <jats:ext-link href="https://a.example">here</jats:ext-link>.</jats:p>', "See here."),
    ("<p>HTML <em>too</em>.</p>", "HTML too."),
    ("Two  blanks\nand a line", "Two blanks and a line"),
    (f"{TWICE} grows", "$x^2$ grows"),
    ('<math display="inline"><mi>n</mi><annotation encoding="x-tex">n</annotation></math> is', "n is"),
    ("95% of p &lt; 0.05", "95% of p < 0.05"),
    (r"The \emph{whole} truth about Erd\H{o}s", "The whole truth about Erdős"),
)


@pytest.mark.parametrize(("written", "clean"), ABSTRACTS)
def test_abstracts(written: str, clean: str) -> None:
    assert plain_text(written, 20_000) == clean


AUTHORS = (
    (["Fermi-LAT Collaboration", ":", "S. Abdollahi"], ("Fermi-LAT Collaboration", "S. Abdollahi")),
    (["A. Author", "et al."], ("A. Author",)),
    (["A. Author", "et al"], ("A. Author",)),
    (["A. Author", "and others"], ("A. Author",)),
    (["A. Author", "and 12 others"], ("A. Author",)),
    (["A. Author", "null", "None", "N/A", "-", "", " "], ("A. Author",)),
    ([r"Paul Erd\H{o}s", r"Kurt G{\"o}del"], ("Paul Erdős", "Kurt Gödel")),
    (["Mar&iacute;a Garc&iacute;a"], ("María García",)),
    (["<b>Ada</b> Lovelace"], ("Ada Lovelace",)),
    (["Ada Lovelace*", "Alan Turing\u2020", "Grace Hopper1,2"], ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
    (["Ada\u00a0Lovelace"], ("Ada Lovelace",)),
    (["Gemini Team"], ("Gemini Team",)),
    (["Guy L. Steele Jr."], ("Guy L. Steele Jr.",)),
    ([None, 7, {"name": "x"}], ()),
)


@pytest.mark.parametrize(("written", "clean"), AUTHORS)
def test_authors(written: list[object], clean: tuple[str, ...]) -> None:
    assert author_names(written) == clean


PARTS = (
    ("Ludwig van Beethoven", "van Beethoven", ""),
    ("Guy L. Steele Jr.", "Steele", "Jr."),
    ("Hal Daumé III", "Daumé", "III"),
    ("Gemini Team", "Gemini Team", ""),
    ("Event Horizon Telescope Collaboration", "Event Horizon Telescope Collaboration", ""),
)


@pytest.mark.parametrize(("name", "family", "suffix"), PARTS)
def test_parts_of_names(name: str, family: str, suffix: str) -> None:
    assert (parse_name(name).family, parse_name(name).suffix) == (family, suffix)


def test_the_tables_are_long() -> None:
    assert len(TITLES) + len(ABSTRACTS) + len(AUTHORS) + len(PARTS) >= 80
