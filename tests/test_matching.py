"""Whether two descriptions are of one paper: look-alikes told apart, the same paper known in whatever form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from enrich.matching import (
    Description,
    Likeness,
    choose,
    compare,
    fold,
    head,
    numerals,
    same_authors,
)

SAME, DIFFERENT, UNSURE = Likeness.SAME, Likeness.DIFFERENT, Likeness.UNSURE

WORDS = (
    "adaptive bounded caching deep efficient fair graph hashing index joint kernel learning memory network online "
    "parallel query robust sparse tensor unified vector weighted zipfian scheduling attention inference serving"
)
NAMES = "Ada Lovelace|Grace Hopper|Alan Turing|Barbara Liskov|Edsger Dijkstra|Frances Allen|Donald Knuth|John Backus"

titles = st.lists(st.sampled_from(WORDS.split()), min_size=5, max_size=9, unique=True).map(" ".join)
people = st.lists(st.sampled_from(NAMES.split("|")), min_size=1, max_size=4, unique=True).map(tuple)
years = st.none() | st.integers(1990, 2026)
venues = st.sampled_from([None, "OSDI", "NSDI 2022", "arXiv", "International Conference on Machine Learning"])
any_text = st.text(max_size=40)
described = st.builds(
    Description,
    title=st.none() | titles | any_text,
    name=st.none() | st.sampled_from(["HexGen", "HexGen-2", "Llama 2"]),
    authors=people | st.just(()),
    year=years,
    venue=venues,
)


def likeness(one: str, two: str, authors: tuple[str, ...] = (), year: int | None = None) -> Likeness:
    """How two titles of the same authors and year are judged."""
    return compare(
        Description(title=one, authors=authors, year=year), Description(title=two, authors=authors, year=year)
    ).likeness


@pytest.mark.parametrize(
    ("title", "before"),
    [
        ("FlexGen: High-Throughput Inference", "FlexGen"),
        ("FlexGen - High-Throughput Inference", "FlexGen"),
        ("FlexGen – High-Throughput Inference", "FlexGen"),
        ("FlexGen—High-Throughput Inference", "FlexGen"),
        ("Don't Misread Me:Comparing Intentions", "Don't Misread Me"),
        ("Are We There Yet? A Survey", "Are We There Yet"),
        ("Attention Is All You Need", None),
        ("The 16:9 ratio", None),
        ("Odd: ", None),
        ("", None),
    ],
)
def test_head_of_a_title(title: str, before: str | None) -> None:
    assert head(title) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Llama 2", ("2",)),
        ("Llama-II", ("2",)),
        ("Llama2", ("2",)),
        ("YOLOv3", ("3",)),
        ("GPT-3.5", ("3", "5")),
        ("Sorting, Part I", ("1",)),
        ("Part V: the end", ("5",)),
        ("Sorting 1,000 keys", ("1000",)),
        ("What I learned", ()),
        ("HexGen", ()),
    ],
)
def test_numerals(text: str, found: tuple[str, ...]) -> None:
    assert numerals(text) == found


# --- authors ---


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (["Ada Lovelace"], ["Lovelace, Ada"], True),
        (["A. Lovelace"], ["Ada King Lovelace"], True),
        (["Müller, Jürgen"], ["Juergen Mueller"], True),
        (["Müller, Jürgen"], ["Jurgen Muller"], True),
        (["Wang Wei"], ["Wei Wang"], True),
        (["D. Méndez Fernández"], ["Daniel Mendez Fernandez"], True),
        (["Hado van Hasselt"], ["Hado Hasselt"], True),
        (["Lovelace", "et al."], ["Ada Lovelace", "Charles Babbage"], True),
        (["Lovelace"], ["Charles Babbage", "Ada Lovelace"], None),
        (["Wei Wang"], ["Jun Wang"], None),
        (["Ada Lovelace"], ["Grace Hopper", "Alan Turing"], False),
        (["Hopper"], ["Ada Lovelace"], False),
        (["Ada Lovelace", "Grace Hopper", "Alan Turing"], ["Alan Turing", "A", "B", "C"], None),
        (["Jun Wang3", "Weiwei Shen"], ["Jun Wang", "Weiwei Shen"], True),
        (["Anonymous"], ["Ada Lovelace"], None),
        (["OpenAI"], ["Ada Lovelace"], None),
        (["The Falcon Team"], ["Ada Lovelace"], None),
        ([], ["Ada Lovelace"], None),
    ],
)
def test_authors(one: list[str], two: list[str], same: bool | None) -> None:
    assert same_authors(one, two) is same
    assert same_authors(two, one) is same


def test_thousands_of_authors_are_compared_at_once() -> None:
    crowd = [f"A{number} Bosonov{chr(97 + number % 26)}" for number in range(3000)]
    assert same_authors(crowd, crowd[:1500]) is True


# --- titles ---

LONG = "Scheduling Heterogeneous Requests in Shared Serving Clusters"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Llama 2: Open Foundation and Fine-Tuned Chat Models", "Llama 3: Open Foundation and Fine-Tuned Chat Models"),
        ("Sorting in Networks of Caches, Part I", "Sorting in Networks of Caches, Part II"),
        ("Sorting in Networks of Caches", "Sorting in Networks of Caches: Part II"),
        ("Sorting in Networks of Caches", "Sorting in Networks of Caches (Part 2)"),
        ("Sorting in Networks of Caches", "Sorting in Networks of Caches II"),
        ("YOLOv3: Real-Time Detection of Objects", "YOLOv4: Real-Time Detection of Objects"),
        ("FlashAttention: Fast Exact Attention", "FlashAttention-2: Fast Exact Attention"),
        ("FlashAttention", "FlashAttention-2"),
        (
            "HexGen: Generative Inference over Decentralized GPUs",
            "HexGen-2: Generative Inference over Decentralized GPUs",
        ),
        ("Orca: Teaching Small Models to Reason", "Orca 2: Teaching Small Models to Reason"),
        ("Attention Is All You Need", "Attention Is Not All You Need"),
        ("Consistency with Locks in Distributed Stores", "Consistency without Locks in Distributed Stores"),
        ("Supervised Learning of Visual Place Embeddings", "Unsupervised Learning of Visual Place Embeddings"),
        ("Online Scheduling of Parallel Jobs with Deadlines", "Offline Scheduling of Parallel Jobs with Deadlines"),
        ("Maximum Flows in Planar Dynamic Networks", "Minimum Flows in Planar Dynamic Networks"),
        ("Asynchronous Descent on Shared Memory Machines", "Synchronous Descent on Shared Memory Machines"),
        ("One-Stage Detection of Small Moving Objects", "Two-Stage Detection of Small Moving Objects"),
        (LONG, f"Reply to: {LONG}"),
        (LONG, f"Erratum: {LONG}"),
        (LONG, f"{LONG}: A Rejoinder"),
        (LONG, f"RETRACTED: {LONG}"),
        (LONG, f"Author Correction: {LONG}"),
        (LONG, f"{LONG} Revisited"),
        (LONG, f"[Retracted] {LONG}"),
        (LONG, f"{LONG}: Volume 2 of the Handbook on Serving and Storing"),
        (LONG, f"{LONG} - v2"),
        (LONG, f"{LONG} (Extended Abstract)"),
        (LONG, f"{LONG} (Student Abstract)"),
        (
            "Task 7 at SemEval 2020: Finding Humour in Edited News",
            "Task 7 at SemEval 2021: Finding Humour in Edited News",
        ),
        ("Programming Robots Safely in C", "Programming Trains Safely in C"),
        (LONG, "A Wholly Unlike Study of Bees and Their Dances"),
    ],
)
def test_look_alikes_are_different_even_with_the_same_authors(one: str, two: str) -> None:
    assert likeness(one, two, ("Ada Lovelace",), 2023) is DIFFERENT
    assert likeness(two, one) is DIFFERENT


@pytest.mark.parametrize(
    "variant",
    [
        "scheduling HETEROGENEOUS requests in shared serving clusters.",
        "Scheduling  Heterogeneous Requests in SharedServing Clusters",
        "{Scheduling Heterogeneous Requests in Shared Serving Clusters}",
        "Scheduling Hetrogeneous Requests in Shared Serving Clusters",
        "Scheduling Heterogeneous Requests in Shared Serving Clustres",
        "Scheduling Heterogeneous Requests in the Shared Serving Clusters",
        "Scheduling Heterogeneous RRequests in Shared Serving Clusters",
        "Scheduling Heterogeneous Requests ni Shared Serving Clusters",
        "⭐ “Scheduling Heterogeneous Requests in Shared Serving Clusters”",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters: accepted by NSDI'24",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters (NSDI 2024)",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters (arXiv 2024)",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters [SIGGRAPH Asia 2020]",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters, OSDI'24",
        "Scheduling Heterogeneous Requests in Shared Serving Clusters [Technical Report]",
        r"\textsc{Scheduling} Heterogeneous Requests in Shared Serving Clusters",
    ],
)
def test_the_same_title_in_other_forms(variant: str) -> None:
    assert likeness(LONG, variant) is SAME
    assert likeness(variant, LONG) is SAME


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Sharding Graph Neural Network for Fraud Detection", "Sharding Graph Neural Networks for Fraud Detection"),
        ("Faster Recovery of State in Streams", "Faster Recovery for State in Streams"),
        ("Tuning SQL Engines by Watching Their Users", "Tuning SL Engines by Watching Their Users"),
        ("Openyng Remarks", "Opening Remarks"),
        ("Fast Interconnections with Ne Disjoint Paths", "Fast Interconnections with New Disjoint Paths"),
        (f"Serving: A Study: {LONG}", LONG),
        ("Stratedically Knowing How", "Strategically Knowing How"),
        (f"FlexServe: {LONG}", LONG),
        (f"{LONG}: A Measurement of Ten Sites with 3.5 Million Users", LONG),
        (f"{LONG} (FlexServe)", LONG),
        ("FlexServe", f"FlexServe: {LONG}"),
    ],
)
def test_what_needs_the_authors_too(one: str, two: str) -> None:
    assert likeness(one, two) is UNSURE
    assert likeness(one, two, ("Ada Lovelace", "Grace Hopper"), 2023) is SAME


def test_acronyms_have_no_slips() -> None:
    one, two = (
        "Forecasting Traffic in Large Cities with RNN Models",
        "Forecasting Traffic in Large Cities with CNN Models",
    )
    assert likeness(one, two, ("Ada Lovelace",), 2023) is not SAME


def test_roman_and_arabic_numerals_are_the_same() -> None:
    assert (
        likeness("Sorting in Networks of Caches, Part II", "Sorting in Networks of Caches, Part 2", ("Hopper",)) is SAME
    )


def test_latex_that_lost_its_backslashes_is_the_same() -> None:
    assert (
        likeness(
            r"Sharp Bounds on $\ell_p$ Norms for $\mathcal{O}(n)$ Sketches",
            "Sharp Bounds on ell p Norms for mathcal O n Sketches",
        )
        is SAME
    )


def test_a_point_between_digits_counts() -> None:
    assert likeness("Results on GPT 3.5 and Other Models", "Results on GPT 35 and Other Models") is DIFFERENT


def test_a_missing_subtitle_is_settled_by_the_year_or_the_listed_name_too() -> None:
    whole = Description(title=f"FlexServe: {LONG}", year=2023)
    assert compare(Description(title=LONG), whole).likeness is UNSURE
    assert compare(Description(title=LONG, year=2023), whole).likeness is SAME
    assert compare(Description(title=LONG, name="FlexServe"), whole).likeness is SAME
    assert compare(Description(title=LONG, year=2013), whole).likeness is UNSURE


def test_a_name_that_is_listed_as_the_title_too_needs_company() -> None:
    wanted = Description(title="Orca", name="Orca", venue="OSDI 2022")
    other = Description(title="Orca: Progressive Learning from Explanation Traces", year=2023, venue="arXiv.org")
    meant = Description(title="Orca: A Serving System for Generative Models", year=2022, venue="OSDI")
    assert compare(wanted, other).likeness is UNSURE
    assert compare(wanted, meant).likeness is SAME
    assert choose(wanted, [other, meant])[0] == 1
    assert compare(wanted, Description(title="Orca")).likeness is UNSURE


def test_an_earlier_version_without_the_listed_name() -> None:
    wanted = Description(name="FlexServe", title=f"FlexServe: {LONG}")
    assert compare(wanted, Description(title=LONG)).likeness is SAME


def test_a_short_title_needs_more_than_itself() -> None:
    known = Description(title="Deep Learning", authors=("Ada Lovelace", "Grace Hopper"), year=2015, venue="Nature")
    assert compare(Description(title="Deep Learning"), known).likeness is UNSURE
    assert compare(Description(title="Deep Learning", year=2015), known).likeness is SAME
    assert compare(Description(title="Deep Learning", year=2016), known).likeness is UNSURE
    assert compare(Description(title="Deep Learning", venue="Nature"), known).likeness is SAME
    assert compare(Description(title="Deep Learning", authors=("Lovelace",)), known).likeness is SAME
    assert compare(Description(title="Deep Learning", authors=("Alan Turing",)), known).likeness is DIFFERENT
    assert compare(Description(title="Deep Learning", venue="ICML", year=2015), known).likeness is not DIFFERENT


def test_authors_do_not_make_one_paper_of_a_short_title_that_they_used_twice() -> None:
    known = Description(title="Deep Learning", authors=("Ada Lovelace", "Grace Hopper"), year=2015)
    assert compare(replace(known, year=2018), known).likeness is SAME
    assert compare(replace(known, year=2019), known).likeness is UNSURE
    assert compare(replace(known, year=1985), known).likeness is UNSURE


def test_a_note_in_the_title_tells_venue_and_year() -> None:
    known = Description(title="Balanced Caching", year=2023, venue="USENIX Annual Technical Conference")
    assert compare(Description(title="Balanced Caching (ATC 2023)"), known).likeness is SAME
    assert compare(Description(title="Balanced Caching: to appear at ATC'23"), known).likeness is SAME
    assert compare(Description(title="Balanced Caching (OSDI 2019)"), known).likeness is UNSURE


def test_front_matter_needs_its_author() -> None:
    known = Description(title="Opening Remarks", authors=("Ada Lovelace",), year=1997, venue="COOTS")
    assert compare(Description(title="Opening Remarks", year=1997), known).likeness is UNSURE
    assert compare(Description(title="Opening Remarks", year=1997, authors=("Lovelace",)), known).likeness is SAME
    assert compare(Description(title="Opening Remarks", year=2001, authors=("Lovelace",)), known).likeness is UNSURE


def test_other_authors_of_the_same_title_are_not_the_same_paper() -> None:
    one = Description(title=LONG, authors=("Ada Lovelace",))
    match = compare(one, Description(title=LONG, authors=("Grace Hopper",)))
    assert match.likeness is UNSURE
    assert "no author is the same" in match.against


@pytest.mark.parametrize(("year", "verdict"), [(1993, SAME), (1994, UNSURE), (2020, UNSURE)])
def test_a_short_title_of_the_same_people_is_another_work_after_years(year: int, verdict: Likeness) -> None:
    first = Description(title="Opening Tides", authors=("Ada Lovelace",), year=1990)
    assert compare(first, replace(first, year=year)).likeness is verdict
    assert compare(replace(first, year=year), first).likeness is verdict


@pytest.mark.parametrize(("year", "verdict"), [(2022, SAME), (2023, SAME), (2025, SAME), (2029, UNSURE)])
def test_years_far_apart_count_against(year: int, verdict: Likeness) -> None:
    assert compare(Description(title=LONG, year=2022), Description(title=LONG, year=year)).likeness is verdict


def test_an_earlier_title_of_the_record_counts() -> None:
    record = Description(title="A New Name for Everything", other_titles=(LONG,))
    assert compare(Description(title=LONG), record).likeness is SAME
    assert compare(Description(title="Of Bees and Their Long Dances"), record).likeness is DIFFERENT


def test_retitled_by_a_word_is_unsure() -> None:
    assert likeness(LONG, LONG.replace("Requests", "Queries")) is UNSURE


# --- names ---

HEXGEN = Description(
    title="HexGen: Generative Inference over Heterogeneous GPUs",
    authors=("Ada Lovelace", "Grace Hopper"),
    year=2024,
    venue="International Conference on Machine Learning",
)


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        (Description(name="HexGen"), UNSURE),
        (Description(name="HexGen", year=2024), UNSURE),
        (Description(name="HexGen", venue="ICML 2024"), SAME),
        (Description(name="HexGen", venue="ICML", year=2023), SAME),
        (Description(name="HexGen", venue="ICML", year=2020), UNSURE),
        (Description(name="HexGen", venue="OSDI", year=2024), UNSURE),
        (Description(name="HexGen", venue="arXiv 2311.11514"), UNSURE),
        (Description(name="HexGen", authors=("Lovelace, A.",)), SAME),
        (Description(name="HexGen", venue="ICML", year=2024, authors=("Alan Turing",)), UNSURE),
        (Description(name="HexGen-2", venue="ICML", year=2024), DIFFERENT),
        (Description(name="HexGen2", venue="ICML", year=2024), DIFFERENT),
        (Description(name="Generative Inference", venue="ICML", year=2024), UNSURE),
        (Description(name="Clockwork", venue="ICML", year=2024), UNSURE),
        (Description(venue="ICML", year=2024), UNSURE),
    ],
)
def test_a_name_needs_company(wanted: Description, verdict: Likeness) -> None:
    assert compare(wanted, HEXGEN).likeness is verdict
    assert compare(HEXGEN, wanted).likeness is verdict


def test_the_sibling_is_not_taken_for_the_name() -> None:
    sibling = Description(title="HexGen-2: Disaggregated Inference", year=2024, venue="ICML")
    wanted = Description(name="HexGen", venue="ICML 2024")
    assert compare(wanted, sibling).likeness is DIFFERENT
    assert choose(wanted, [sibling, HEXGEN])[0] == 1


# --- choosing ---


def test_choosing_the_one_that_is_confirmed() -> None:
    wanted = Description(title=LONG)
    place, matches = choose(wanted, [Description(title=f"{LONG} II"), Description(title=LONG.upper())])
    assert place == 1
    assert [match.likeness for match in matches] == [DIFFERENT, SAME]
    assert matches[1].evidence == ("the titles are the same",)


def test_two_works_of_one_title_are_ambiguous_until_the_author_is_known() -> None:
    candidates = [Description(title=LONG, authors=("Ada Lovelace",)), Description(title=LONG, authors=("Alan Turing",))]
    assert choose(Description(title=LONG), candidates)[0] is None
    assert choose(Description(title=LONG, authors=("Turing",)), candidates)[0] == 1


def test_a_preprint_and_its_paper_count_as_one() -> None:
    preprint = Description(title=LONG, authors=("Ada Lovelace",), year=2022, venue="arXiv")
    paper = Description(title=LONG, authors=("Lovelace, Ada",), year=2023, venue="NSDI")
    assert choose(Description(title=LONG), [preprint, paper])[0] == 0
    assert choose(Description(title=LONG, venue="NSDI 2023"), [preprint, paper])[0] == 1


def test_the_exact_title_wins_over_one_with_a_slip() -> None:
    slip = Description(title=LONG.replace("Shared", "Sharde"), authors=("Alan Turing",))
    assert choose(Description(title=LONG), [slip, Description(title=LONG, authors=("Ada Lovelace",))])[0] == 1


def test_nothing_to_choose_from() -> None:
    assert choose(Description(title=LONG), []) == (None, ())
    assert choose(Description(title=LONG), [Description(title="Of Bees")])[0] is None


# --- properties ---


@given(described, described)
def test_likeness_does_not_depend_on_the_order(one: Description, two: Description) -> None:
    assert compare(one, two).likeness is compare(two, one).likeness


@given(titles, people, years)
def test_a_paper_is_itself(title: str, authors: tuple[str, ...], year: int | None) -> None:
    paper = Description(title=title, authors=authors, year=year)
    assert compare(paper, paper).likeness is SAME


DISGUISES = (
    str.upper,
    str.title,
    lambda title: title.replace(" ", "  \n"),
    lambda title: title.replace(" ", "-"),
    lambda title: f"“{title}.”",
    lambda title: "{" + title + "}",
    lambda title: rf"\emph{{{title}}}",
    lambda title: rf"\textbf{{{title[:4]}}}{title[4:]}",
    lambda title: f"<i>{title}</i>",
    lambda title: title.replace("e", "é"),
    lambda title: title.replace("e", r"\'{e}"),
    lambda title: title.replace("o", '{\\"o}'),
    lambda title: title.replace("a", "á"),
)


@given(titles, st.sampled_from(DISGUISES), titles, people, st.booleans())
def test_the_form_does_not_matter(
    title: str, disguise: object, other: str, authors: tuple[str, ...], related: bool
) -> None:
    assert callable(disguise)
    other = f"{title} {other}" if related else other
    plain = compare(Description(title=other, authors=authors), Description(title=title, authors=authors))
    formed = compare(Description(title=other, authors=authors), Description(title=disguise(title), authors=authors))
    assert fold(disguise(title)) == fold(title)
    assert formed.likeness is plain.likeness


@given(
    titles,
    people,
    st.integers(0, 6),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([" {}", "-{}", "v{}", " v{}", " Part {}", " {}:"]),
)
def test_another_version_is_another_paper(
    title: str, authors: tuple[str, ...], place: int, versions: tuple[int, int], form: str
) -> None:
    assume(versions[0] != versions[1])
    words = title.split()
    at = min(place, len(words) - 1)

    def numbered(version: int | None) -> Description:
        mark = form.format(version) if version else ""
        return Description(
            title=" ".join([*words[:at], words[at] + mark, *words[at + 1 :]]), authors=authors, year=2023
        )

    assert compare(numbered(versions[0]), numbered(versions[1])).likeness is DIFFERENT
    assert compare(numbered(versions[0]), numbered(None)).likeness is not SAME


@settings(max_examples=50)
@given(described, st.lists(described, max_size=5))
def test_what_is_chosen_is_the_same_paper(wanted: Description, candidates: list[Description]) -> None:
    place, matches = choose(wanted, candidates)
    assert len(matches) == len(candidates)
    assert place is None or matches[place].likeness is SAME
    assert all(match.against for match in matches if match.likeness is not SAME)
