"""Whether what an identifier led to is the listed paper: decoration set aside, look-alikes told apart."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from enrich.matching import Description, Identity, bears_title, fold, has_most_words, identify, tokens, undecorated
from enrich.text.folding import split_words

OTHER, DOUBTFUL, LIKELY, SAME = Identity

TITLE = "Scheduling Heterogeneous Requests in Shared Serving Clusters"
PEOPLE = ("Ada Lovelace", "Grace Hopper", "Barbara Liskov")
RECORD = Description(title=TITLE, authors=PEOPLE, year=2019)
STRANGERS = ("Edsger Dijkstra", "Donald Knuth")


def rule(
    listed: str,
    record: str = TITLE,
    authors: tuple[str, ...] = (),
    year: int | None = None,
    abstract: str | None = None,
) -> Identity:
    """Return how a listed title, authors and year are judged against a record of PEOPLE."""
    wanted = Description(title=listed, authors=authors, year=year)
    return identify(wanted, [Description(title=record, authors=PEOPLE, year=2019, abstract=abstract)]).identity


DECORATED = (
    "{} (2019), A. Lovelace et al.",
    "EuroSys'19 {}",
    "2019-OSDI - {}",
    "(*SOSP'19*) {}",
    "{}(@University of Somewhere)",
    "[SHRC] {}",
    "{} (ArXiv 2019)",
    "🔥 {} :sparkles:",
    "“{}”",
    "{} | NSDI'19",
    "{}, ATC 2019 (Oral)",
    "{} - Ada Lovelace, Grace Hopper, Barbara Liskov",
    "Lovelace et al. {}",
    "Lovelace, A., & Hopper, G. (2019). {}.",
    'Lovelace, Ada, et al. "{}." arXiv preprint arXiv:1901.00001 (2019).',
    'Ada Lovelace, Grace Hopper. "{}". In Proceedings of the Symposium on Beaches, 2019.',
    "7. {}",
    "[12] {}",
    "2019.05 {}",
    "20190507 CVPR-19 {}",
    "{} [PDF] [code]",
    "Paper: {}",
    "{} (Somewhere Labs, 2019)",
    "{} (May 2019)",
    "{}<br>Ada Lovelace, Grace Hopper",
    "**{}**, *Ada Lovelace*",
    "论文：{}",
    "{}（共享集群调度）",
    "&quot;{}&quot;",
    "{{{}}}",
    r"\textbf{{{}}}",
    "[Survey] {}",
    "[ICML 2019] [Oral] {}",
    "#3 {}",
    "[03/2019] {}",
    "{}. ArXiv, abs/1903.01234",
    "{} by Ada Lovelace et al.",
    "{}. TL;DR: 2x faster than before.",
    "{}. Nat. Commun. 2019",
    "{}. *Science Robotics*, 2019",
    "{}. IEEE TPAMI, 2019.",
    "<b>{}</b><br><i>Bioinformatics 2019</i>",
    "Lovelace, A., Hopper, G. (2019). {}. Neural Networks.",
    "{}. Ada Lovelace, Grace Hopper. Nature Machine Intelligence 2019.",
    "`ACM Computing Surveys` {}",
    "[1906.11239] {}",
    "{} | OSDI'19 | Somewhere University",
    "{}, in *NSDI*, 2019. [PDF] [Demo] ★ 3.2k",
    "NeurIPS-W 2019 {}",
    "Lovelace, Hopper. {}. Nature 521, 436-444 (2019)",
    "{}, Ada Lovelace+, NSDI'19",
)


@pytest.mark.parametrize(
    ("listed", "title"),
    [
        (
            "Optimising Behaviour of Colour Models in Sensor Centres",
            "Optimizing Behavior of Color Models in Sensor Centers",
        ),
        ("Analysing Labelled Tides: A Defence", "Analyzing Labeled Tides: A Defense"),
        ("Serving LLMs on Shared Beaches", "Serving Large Language Models on Shared Beaches"),
        ("Waves of Type II on Beaches", "Waves of Type 2 on Beaches"),
    ],
)
def test_spellings_and_initials_are_no_difference(listed: str, title: str) -> None:
    assert rule(listed, title) is SAME
    assert rule(title, listed) is SAME


def test_a_word_that_one_title_lacks_is_shown_without_empty_quotes() -> None:
    listed, found = "On Deep Waves of Shared Beaches", "Deep Waves of Shared Shores"
    ruling = identify(Description(title=listed), [Description(title=found)])
    assert ruling.why == "the titles differ in “on”; “shores” / “beaches”"


def test_common_words_are_no_systems_name() -> None:
    assert rule("Deep Waves", "Deep Waves for the Analysis of Shores") is DOUBTFUL
    assert rule("Waves", "Waves Are All You Need on a Shore") is DOUBTFUL
    assert rule("Deep Waves", "Deep Waves: A Review of Methods and Shores") is DOUBTFUL
    assert rule("Deep Waves", "Deep Waves for the Analysis of Shores", authors=PEOPLE) is SAME
    assert rule("TideSwap", "Serving Shared Shores with TideSwap") is SAME
    assert rule("TideSwap (Lovelace et al. 2019)", "TideSwap: Serving Shared Shores") in (LIKELY, SAME)


@pytest.mark.parametrize("form", ["SHRC: {}", "SHRC | {} | NSDI 2019", "SHRC – {} (Neural Networks 2019)"])
def test_a_name_before_the_title_is_taken_unless_another_paper_bears_it(form: str) -> None:
    assert rule(form.format(TITLE)) is LIKELY


@pytest.mark.parametrize(
    "form",
    [
        "Poster: {}",
        "[Re] {}",
        "{}: Summary [paper]",
        "{}: A Survey (NSDI 2019)",
        "{}: Part II. NSDI 2019.",
        "{}! II. NSDI 2019.",
        "{}. A Case Study. NSDI 2019",
        "{}, Fairness and Privacy. NSDI 2019.",
        "{}. An Application to Robotics 2019",
        "{} by Night",
    ],
)
def test_what_makes_another_work_of_a_title_is_no_decoration(form: str) -> None:
    assert rule(form.format(TITLE)) in (OTHER, DOUBTFUL)


@pytest.mark.parametrize("form", DECORATED)
def test_a_title_that_stands_whole_among_decoration_is_the_papers(form: str) -> None:
    assert rule(form.format(TITLE)) is SAME
    assert rule(form.format(TITLE), authors=PEOPLE[:1]) is SAME


@pytest.mark.parametrize(
    "listed",
    [
        "scheduling heterogeneous requests in shared serving clusters",
        "Scheduling Heterogeneous Requests in Shared-Serving Clusters",
        "Scheduling Hetrogeneous Requests in Shared Serving Clusters",
        "EuroSys'19 Scheduling Hetrogeneous Requests in Shared Serving Clusters",
        f"Tidal: {TITLE}",
        f"{TITLE}: A Measurement of Ten Sites",
        f'Tidal: "{TITLE}". Lovelace et al. OSDI 2019',
        "Scheduling Heterogeneous Requests in Shared...",
        "OSDI 2019 (Best Paper)",
        "Ada Lovelace, Grace Hopper, Barbara Liskov. 2019",
    ],
)
def test_another_form_of_the_title_is_taken(listed: str) -> None:
    assert rule(listed) >= LIKELY


@pytest.mark.parametrize(
    ("listed", "record"),
    [
        (TITLE, f"Tidal: {TITLE}"),
        (TITLE, f"RETRACTED ARTICLE: {TITLE}"),
        ("Tidal", f"Tidal: {TITLE}"),
        ("Tidal-7B", "Tidal-7B Technical Report"),
        ("Sorting in Networks of Caches, Part II", "Sorting in Networks of Caches, Part 2"),
    ],
)
def test_what_the_list_leaves_out_is_no_difference(listed: str, record: str) -> None:
    assert rule(listed, record) >= LIKELY


@pytest.mark.parametrize(
    ("listed", "record"),
    [
        (f"{TITLE} without Queues", TITLE),
        (f"Towards {TITLE}", TITLE),
        (f"Beyond {TITLE}", TITLE),
        (f"{TITLE} II", TITLE),
        (f"{TITLE} (Part II)", TITLE),
        (f"{TITLE} (Extended Abstract)", TITLE),
        (f"{TITLE}: A Survey", TITLE),
        (f"{TITLE} Revisited", TITLE),
        (f"Efficient {TITLE}", TITLE),
        (f"{TITLE} for Mobile Devices", TITLE),
        (f'Discussion of "{TITLE}" by Lovelace and Hopper', TITLE),
        (f"Reply to: {TITLE}", TITLE),
        (TITLE, f"Erratum: {TITLE}"),
        ("Tidal-2: Faster Scheduling of Waves", "Tidal: Fast Scheduling of Waves"),
        ("Tidal", "Tidal-2: Faster Scheduling of Waves"),
        ("Programming Small Robots in C++ (2019)", "Programming Small Robots in C"),
        ("Annual Meeting on Tides 2017: Preface", "Annual Meeting on Tides 2019: Preface"),
        ("Sparse Attention for Long Documents", "Dense Attention for Long Documents"),
        ("Supervised Ranking of Long Documents", "Unsupervised Ranking of Long Documents"),
        ("Off-diagonal Widget Numbers", "Off-diagonal Book Widget Numbers"),
        ("Learning Equilibria in Congested Harbours", "Learning Equilibria in Monotone Harbours"),
        ("Tidal: Serving Models on Beaches", "Tidal: Learning to Swim from Videos of Fish"),
        (TITLE, "Of Bees and Their Long Winter Dances"),
    ],
)
@pytest.mark.parametrize("authors", [(), STRANGERS])
def test_a_look_alike_is_never_taken(listed: str, record: str, authors: tuple[str, ...]) -> None:
    assert rule(listed, record, authors=authors) <= DOUBTFUL


def test_other_authors_make_it_another_paper_and_of_the_same_title_a_doubtful_one() -> None:
    assert rule("Scheduling Homogeneous Requests in Shared Serving Clusters", authors=STRANGERS) is OTHER
    assert rule(f"{TITLE}: A Measurement of Ten Sites", authors=STRANGERS) is OTHER
    assert rule(TITLE, authors=STRANGERS) is DOUBTFUL
    assert rule(f"{TITLE} (2019), E. Dijkstra et al.") is DOUBTFUL
    assert rule("Deep Tides", "Deep Tides", authors=STRANGERS) is OTHER
    assert identify(Description(name="Tidal", authors=STRANGERS), [RECORD]).identity is DOUBTFUL


@pytest.mark.parametrize(
    ("title", "authors", "year", "identity"),
    [
        (TITLE, (), 2022, SAME),
        (TITLE, (), 1998, DOUBTFUL),
        (TITLE, PEOPLE, 1998, SAME),
        ("Deep Tides", (), 2022, SAME),
        ("Deep Tides", (), 2014, DOUBTFUL),
        ("Deep Tides", PEOPLE, 1998, DOUBTFUL),
    ],
)
def test_years_far_apart_are_doubtful(title: str, authors: tuple[str, ...], year: int, identity: Identity) -> None:
    assert rule(title, title, authors=authors, year=year) is identity
    assert (
        identify(
            Description(title=f"{title} ({year})", authors=authors), [Description(title, authors=PEOPLE, year=2019)]
        ).identity
        is identity
    )


def test_opposites_are_other_papers_even_of_the_same_authors() -> None:
    sparse = "Learning Sparse Features of Waves on Shared Beaches"
    assert rule(sparse, sparse.replace("Sparse", "Dense"), authors=PEOPLE) is OTHER
    assert rule(sparse.replace("Sparse", "Careful"), sparse, authors=PEOPLE) is LIKELY


def test_the_ruling_says_what_differs() -> None:
    two, one = (
        Description(title="Tidal-2: Fast Scheduling of Waves"),
        Description(title="Tidal: Fast Scheduling of Waves"),
    )
    assert identify(two, [one]).why == "numbers differ: none vs 2"
    assert identify(one, [two]).why == "numbers differ: 2 vs none"


EARLIER = "Serving Waves on Small Beaches via Dynamic Tide Swapping"
LATER = "TideSwap: Serving Waves with a Tunable Moon"


def test_a_retitled_paper_is_taken_where_something_tells() -> None:
    told = "We serve waves on small beaches. Tides are chosen dynamically: dynamic swapping of a tide is quick."
    assert rule(EARLIER, LATER) is DOUBTFUL
    assert rule(EARLIER, LATER, abstract=told) is LIKELY
    assert rule(EARLIER, LATER, abstract=told, authors=STRANGERS) is OTHER
    assert rule(EARLIER, LATER, abstract="Bees dance in winter, and trout swim in lakes.") is DOUBTFUL
    assert rule("Serving Waves with a Fixed Moon", LATER, authors=PEOPLE) is LIKELY
    known = Description(title=LATER, authors=PEOPLE, other_titles=(EARLIER,))
    assert identify(Description(title=EARLIER), [known]).identity is SAME


def test_years_and_authors_of_any_record_of_the_paper_count() -> None:
    late = Description(title=TITLE, year=2030)
    assert identify(Description(title=TITLE, authors=PEOPLE, year=2019), [late, RECORD]).identity is SAME
    assert identify(Description(title=TITLE, year=2019), [late]).identity is DOUBTFUL


def test_nothing_to_compare_is_no_contradiction() -> None:
    assert identify(Description(title=TITLE), []).identity is SAME
    assert identify(Description(), [RECORD]).identity is SAME
    assert identify(Description(title=TITLE), [Description(authors=STRANGERS)]).identity is SAME
    assert rule("Удивительные приливы и отливы озёр") is SAME
    assert rule("LABOUR Kit") is DOUBTFUL


def test_an_exact_title_elsewhere_counts_only_where_the_entry_agrees() -> None:
    found = Description(title=TITLE, authors=STRANGERS, year=2020)
    assert bears_title(Description(title=f"OSDI'20 {TITLE}"), found)
    assert not bears_title(Description(title=TITLE, authors=PEOPLE), found)
    assert not bears_title(Description(title=TITLE, year=2001), found)
    assert not bears_title(Description(title=f"{TITLE} II"), found)


def test_a_text_tells_a_title_by_most_of_its_words() -> None:
    assert has_most_words(TITLE, "official code of: scheduling heterogeneous requests, for shared serving of models")
    assert not has_most_words(TITLE, "scheduling requests")
    assert not has_most_words("Deep Tides", "deep tides")


# --- properties ---

WORDS = split_words(
    "adaptive bounded caching deep efficient fair graph hashing index joint kernel learning memory network online "
    "parallel query robust tensor unified vector weighted zipfian scheduling attention inference serving"
)
titles = st.lists(st.sampled_from(WORDS), min_size=5, max_size=9, unique=True).map(" ".join)


@given(titles, st.sampled_from(DECORATED), st.sampled_from(DECORATED))
def test_decoration_never_makes_a_wrong_paper(title: str, inner: str, outer: str) -> None:
    assert rule(inner.format(title), title) is SAME
    assert rule(outer.format(inner.format(title)), title) is not OTHER


around = st.text(string.printable + "éß★论文（）“”«»🔥", max_size=60)


@given(titles, around, around)
@example("adaptive bounded caching deep efficient", "", "++")
@example("adaptive bounded caching deep efficient", "0\\=", "")
@example("adaptive bounded caching deep efficient", "0\\A", "")
def test_whatever_stands_around_a_title_never_makes_a_wrong_paper(title: str, before: str, behind: str) -> None:
    assume(not set(tokens(f"{before} {behind}")) & set(WORDS))
    assert rule(f"{before} {title} {behind}", title) is not OTHER


@given(
    titles,
    st.sampled_from(["not", "without", "never", "robotic", "quantum", "II", "Part 2"]),
    st.integers(0, 9),
    st.sampled_from(DECORATED),
)
def test_a_word_more_and_other_authors_are_never_taken(title: str, word: str, place: int, form: str) -> None:
    words = title.split()
    words.insert(min(place, len(words)), word)
    assert rule(" ".join(words), title, authors=STRANGERS) <= DOUBTFUL
    assert rule(title, " ".join(words), authors=STRANGERS) <= DOUBTFUL
    assert rule(form.format(" ".join(words)), title, authors=STRANGERS) <= DOUBTFUL


@given(titles, st.sampled_from(DECORATED))
def test_undecorated_keeps_the_title(title: str, form: str) -> None:
    assert fold(title) in fold(undecorated(form.format(title)))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_texts_are_judged(one: str, two: str) -> None:
    assert identify(Description(title=one), [Description(title=two, authors=(one, two))]).identity in Identity


@pytest.mark.parametrize(
    "text", ["(", "A1 ", "2019 ", "et al ", "[a] ", "in proceedings ", "'", "：", "a", "@a", "x: "]
)
def test_hostile_titles_take_no_time(text: str) -> None:
    started = time.process_time()
    identify(Description(title=text * 50_000), [Description(title=text * 40_000, authors=(text * 500,))])
    identify(Description(title=text * 50_000), [RECORD])
    assert time.process_time() - started < 2
