from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import judge
from enrich.judge import Case, Mismatch, Tried
from enrich.matching import Identity
from enrich.model import (
    Enriched,
    Entry,
    EntryType,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    Place,
    Record,
    Replacement,
    Repository,
    Severity,
    Status,
    Verdict,
)

TODAY = date(2026, 1, 31)
MONTH = timedelta(days=30)
TITLE = "Careful Scheduling of Small Models on Shared Accelerators"
AUTHORS = ("Ada Lovelace", "Grace Hopper")

ARXIV = Record(
    source="arxiv",
    title=TITLE,
    authors=AUTHORS,
    abstract="We schedule.",
    year=2023,
    published="2023-03-13",
    arxiv_id="2303.00001",
)
SEMANTIC = Record(
    source="semantic_scholar",
    title=TITLE.lower(),
    authors=("A. Lovelace", "G. Hopper"),
    year=2023,
    venue="Symposium on Careful Scheduling",
    doi="10.1145/1.2",
    arxiv_id="2303.00001",
    semantic_scholar_id="a" * 40,
    citation_count=100,
)
CROSSREF = Record(
    source="crossref",
    title=TITLE,
    authors=AUTHORS,
    year=2024,
    published="2024-05",
    venue="Proc. of Scheduling",
    doi="10.1145/1.2",
)


def merged(*records: Record, before: Enriched | None = None, today: date = TODAY) -> Enriched:
    return judge.merge_records({record.source: record for record in records}, before, "arxiv_id", today, MONTH)


def test_each_field_comes_from_its_best_source_and_remembers_it() -> None:
    block = merged(ARXIV, SEMANTIC, CROSSREF)
    assert (block.title, block.sources["title"]) == (TITLE, "arxiv")
    assert (block.authors, block.sources["authors"]) == (AUTHORS, "arxiv")
    assert (block.year, block.venue, block.sources["year"]) == (2024, "Proc. of Scheduling", "crossref")
    assert (block.published, block.sources["published"]) == ("2023-03-13", "arxiv")
    assert (block.doi, block.sources["doi"]) == ("10.1145/1.2", "crossref")
    assert (block.citation_count, block.citation_count_as_of) == (100, "2026-01-31")
    assert (block.matched_by, block.enriched_on) == ("arxiv_id", "2026-01-31")


def test_a_preprint_has_the_doi_that_arxiv_registers() -> None:
    assert merged(ARXIV).doi == "10.48550/arXiv.2303.00001"
    assert merged(replace(SEMANTIC, doi="10.48550/arXiv.2303.00001"), ARXIV).doi == "10.48550/arXiv.2303.00001"


@pytest.mark.parametrize("junk", ["10.5555/12345.678", "no doi", "https://a.example"])
def test_what_is_no_registered_doi_is_never_written(junk: str) -> None:
    assert merged(replace(CROSSREF, source="page", doi=junk)).doi is None


def test_nothing_known_is_dropped_when_its_source_did_not_answer() -> None:
    before = merged(ARXIV, SEMANTIC, CROSSREF)
    assert merged(SEMANTIC, before=before, today=TODAY + timedelta(days=9)) == before
    assert merged(ARXIV, before=before) == before


def test_the_same_answers_give_the_same_block_on_any_day() -> None:
    before = merged(ARXIV, SEMANTIC, CROSSREF)
    assert merged(ARXIV, SEMANTIC, CROSSREF, before=before, today=TODAY + timedelta(days=20)) == before


@pytest.mark.parametrize(
    ("count", "days", "written"),
    [(104, 1, 100), (96, 29, 100), (105, 1, 105), (90, 1, 90), (101, 30, 101)],
)
def test_a_citation_count_is_rewritten_when_it_moved_or_is_old(count: int, days: int, written: int) -> None:
    before, today = merged(SEMANTIC), TODAY + timedelta(days=days)
    block = merged(replace(SEMANTIC, citation_count=count), before=before, today=today)
    assert block.citation_count == written
    assert block.citation_count_as_of == str(today if written != 100 else TODAY)
    assert block.enriched_on == str(today if written != 100 else TODAY)


def test_what_was_known_of_another_paper_is_forgotten() -> None:
    before = merged(ARXIV, SEMANTIC, CROSSREF)
    other = Record(
        source="arxiv", title="On Lakes and Their Trout", authors=("Carl Linne",), arxiv_id="2303.99999", year=2020
    )
    block = merged(other, before=before)
    assert (block.title, block.citation_count, block.doi) == (other.title, None, "10.48550/arXiv.2303.99999")


@given(st.permutations([ARXIV, SEMANTIC, CROSSREF]))
def test_the_order_of_answers_makes_no_difference(records: list[Record]) -> None:
    assert merged(*records) == merged(ARXIV, SEMANTIC, CROSSREF)


PAPER = Link("https://arxiv.org/abs/2303.00001", LinkKind.PAPER, "Paper", Place("catalog.yaml", 7, 39))
CODE = Link("https://github.com/owner/careful", LinkKind.CODE, "Code", Place("catalog.yaml", 8, 38))
ENTRY = Entry("careful", title=TITLE, links=(PAPER, CODE), place=Place("catalog.yaml", 3))
SAW = (Evidence("github", "2026-01-31T09:00:00Z", "words"),)


def findings(case: Case) -> list[Finding]:
    return [finding for rule in judge.RULES for finding in rule(case)]


def test_a_record_whose_title_is_unrelated_is_of_another_paper() -> None:
    other = replace(ARXIV, title="On Lakes and Their Trout: A Survey of Waters")
    assert judge.identity(ENTRY, [other]).identity is Identity.OTHER
    assert judge.identity(ENTRY, [replace(other, other_titles=(TITLE,))]).is_accepted
    assert judge.identity(replace(ENTRY, title=None, name="Careful"), [other]).is_accepted
    assert judge.identity(ENTRY, []).is_accepted


@pytest.mark.parametrize("order", [1, -1])
def test_the_registry_outranks_an_index(order: int) -> None:
    trout = replace(SEMANTIC, title="On Lakes and Their Trout: A Survey of Waters")
    assert judge.by_authority([trout, CROSSREF][::order]) == [CROSSREF]
    assert judge.by_authority([SEMANTIC, CROSSREF][::order]) == [CROSSREF, SEMANTIC]
    assert judge.identity(ENTRY, [trout, CROSSREF][::order]).identity is Identity.SAME
    mistaken = replace(CROSSREF, title="Of Bees and Their Long Winter Dances")
    assert judge.identity(ENTRY, [SEMANTIC, mistaken][::order]).identity is Identity.OTHER


@pytest.mark.parametrize(
    ("verdict", "rule", "severity"),
    [
        (Verdict.BROKEN, "broken-link", Severity.ERROR),
        (Verdict.UNSAFE, "unsafe-link", Severity.ERROR),
        (Verdict.MOVED, "moved-link", Severity.WARNING),
        (Verdict.SUSPECT, "suspect-link", Severity.NOTE),
        (Verdict.BLOCKED, "blocked-link", Severity.NOTE),
        (Verdict.OK, None, None),
        (Verdict.UNKNOWN, None, None),
        (Verdict.SKIPPED, None, None),
    ],
)
def test_each_verdict_has_its_finding(verdict: Verdict, rule: str | None, severity: Severity | None) -> None:
    check = LinkCheck(CODE.url, verdict, SAW, "https://a.example/new" if verdict is Verdict.MOVED else None)
    found = findings(Case(ENTRY, Status.FOUND, {CODE.url: check}))
    assert [(f.rule, f.severity, f.url, f.place) for f in found] == (
        [(rule, severity, CODE.url, CODE.place)] if rule else []
    )


def test_a_repository_tells_that_it_was_renamed_and_archived() -> None:
    repository = Repository("new/careful", archived=True)
    check = LinkCheck(CODE.url, Verdict.MOVED, SAW, "https://github.com/new/careful", repository=repository)
    found = findings(Case(ENTRY, Status.FOUND, {CODE.url: check}))
    assert [f.rule for f in found] == ["renamed-repository", "archived-repository"]
    assert found[0].suggestion == "https://github.com/new/careful"


def test_a_wrong_paper_names_both_and_suggests_the_right_one() -> None:
    other = replace(ARXIV, title="On Lakes", arxiv_id="2303.99999")
    wrong = {PAPER.url: Mismatch(other, "the titles differ")}
    [found] = findings(Case(ENTRY, Status.FOUND, {}, {"arxiv": ARXIV}, wrong))
    assert (found.rule, found.severity, found.place) == ("wrong-paper", Severity.ERROR, PAPER.place)
    said = f'links to "On Lakes" (arXiv 2303.99999, 2023), but the entry is "{TITLE}" (the titles differ)'
    assert found.message == said
    assert found.suggestion == "https://arxiv.org/abs/2303.00001"
    [found] = findings(Case(ENTRY, Status.MISSING, wrong=wrong, tried=(Tried("arxiv"),), right=ARXIV))
    assert found.suggestion == "https://arxiv.org/abs/2303.00001"


def test_a_wrong_identifier_on_the_entry_is_a_finding_on_its_field() -> None:
    other = replace(ARXIV, title="On Lakes", arxiv_id="2303.99999")
    [found] = findings(Case(ENTRY, Status.MISSING, wrong={"arxiv_id": Mismatch(other, "the titles differ")}))
    assert (found.rule, found.url, found.field, found.place) == ("wrong-paper", None, "arxiv_id", ENTRY.place)
    assert found.message.startswith('its arxiv_id leads to "On Lakes"')


def test_a_doubtful_paper_names_both_and_says_what_to_add_unless_the_entry_speaks_against_it() -> None:
    other = replace(ARXIV, title="Careful Scheduling of Large Models")
    for contradicted in (False, True):
        doubts = {PAPER.url: Mismatch(other, "the titles differ", contradicted)}
        [found] = findings(Case(ENTRY, Status.AMBIGUOUS, doubts=doubts))
        assert (found.rule, found.severity, found.url) == ("ambiguous-entry", Severity.WARNING, PAPER.url)
        assert f'"{other.title}"' in found.message
        assert f'"{TITLE}" (retitled? ' in found.message
        assert ('arxiv_id: "2303.00001"' in (found.suggestion or "")) is not contradicted


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (TITLE, None),
        (TITLE.upper(), None),
        (f"⭐ {TITLE}", None),
        (f"{TITLE} (2023), A. Lovelace et al.", f'has more than the paper\'s title: "{TITLE}"'),
        ("Scheduling of Small Models by Hand", f'title changed to "{TITLE}"'),
    ],
)
def test_a_title_that_is_not_the_papers_is_told_with_the_line_to_paste(listed: str, words: str | None) -> None:
    found = findings(Case(replace(ENTRY, title=listed), Status.FOUND, {}, {"arxiv": ARXIV}))
    assert [f.rule for f in found] == (["stale-metadata"] if words else [])
    assert all((words or "") in f.message and f.suggestion == f"title: {TITLE}" for f in found)


@pytest.mark.parametrize(
    ("listed", "clean", "words"),
    [
        (f"NeurIPS'19 {TITLE}", TITLE, '; venue "NeurIPS 2019" could go into the field venue'),
        (f"2015-CVPR - {TITLE}", TITLE, '; venue "CVPR 2015" could go'),
        (
            f"{TITLE.lower()} (2013), A. Lovelace et al.",
            TITLE.lower(),
            '; authors "Ada Lovelace, Grace Hopper" could go',
        ),
        (f"{TITLE} (arXiv 2023)", TITLE, None),
        (f"Careless: {TITLE} (OSDI 2023)", None, '; venue "OSDI 2023" could go'),
        (f"Careful: {TITLE} (OSDI 2023)", TITLE, '; venue "OSDI 2023" could go'),
    ],
)
def test_what_stands_beside_a_title_is_proposed_for_its_field(
    listed: str, clean: str | None, words: str | None
) -> None:
    entry = replace(ENTRY, name="Careful", title=listed)
    [found] = findings(Case(entry, Status.FOUND, {}, {"arxiv": ARXIV}))
    assert (found.rule, found.field) == ("stale-metadata", "title")
    assert found.replacement == (Replacement(listed, clean) if clean else None)
    assert words in found.message if words else "could go" not in found.message
    full = replace(entry, venue="NSDI 2020", own=Enriched(authors=AUTHORS))
    [found] = findings(Case(full, Status.FOUND, {}, {"arxiv": ARXIV}))
    assert "could go" not in found.message


def test_a_retitled_paper_is_never_written() -> None:
    [found] = findings(Case(replace(ENTRY, title="Scheduling by Hand"), Status.FOUND, {}, {"arxiv": ARXIV}))
    assert (found.message, found.replacement) == (f'title changed to "{TITLE}"', None)


ICML = "Proceedings of the 40th International Conference on Machine Learning"


@pytest.mark.parametrize(
    ("listed", "registered", "line"),
    [
        ("Before 2024", ICML, "venue: ICML"),
        ("Top papers of the week", ICML, "venue: ICML"),
        ("DAC'24", "2023 IEEE/ACM International Conference on Computer Aided Design (ICCAD)", "venue: ICCAD 2023"),
        ("ICML 2023", ICML, None),
        ("Machine learning conference", ICML, None),
        ("国际机器学习大会", ICML, None),
        ("ICML Workshop on Scheduling", ICML, None),
        ("PLDI 2017", "ACM SIGPLAN Notices", None),
        ("SIGCOMM 2019", "IEEE/ACM Transactions on Networking", None),
        ("ACL 2022", "Proceedings of the Third Workshop on Simple Language Processing (EMNLP)", None),
        ("NSDI", None, None),
    ],
)
def test_a_venue_is_contradicted_by_the_proceedings_of_another_conference(
    listed: str, registered: str | None, line: str | None
) -> None:
    entry = replace(ENTRY, venue=listed)
    found = findings(Case(entry, Status.FOUND, {}, {"crossref": replace(CROSSREF, venue=registered)}))
    assert [(f.rule, f.field, f.suggestion) for f in found] == ([("stale-metadata", "venue", line)] if line else [])
    by_index = replace(SEMANTIC, venue=registered)
    assert findings(Case(entry, Status.FOUND, {}, {"semantic_scholar": by_index})) == []


@pytest.mark.parametrize(
    ("listed", "is_reported"),
    [
        (("HKUST",), True),
        (("Stanford University", "Google"), True),
        (("Hopper, G.",), False),
        (("A. Lovelace et al.", "HKUST"), False),
        (("阿达",), False),
        ((), False),
    ],
)
def test_authors_are_contradicted_where_no_name_is_shared(listed: tuple[str, ...], *, is_reported: bool) -> None:
    case = Case(replace(ENTRY, own=Enriched(authors=listed)), Status.FOUND, {}, {"crossref": CROSSREF})
    found = [(f.rule, f.field, f.suggestion) for f in findings(case)]
    line = 'authors: ["Ada Lovelace", "Grace Hopper"]'
    assert found == ([("stale-metadata", "authors", line)] if is_reported else [])


@pytest.mark.parametrize("rule", ["withdrawn", "retracted"])
def test_a_paper_that_is_gone_is_an_error(rule: str) -> None:
    record = (
        replace(ARXIV, withdrawn="withdrawn by the authors") if rule == "withdrawn" else replace(ARXIV, retracted="R")
    )
    [found] = findings(Case(ENTRY, Status.FOUND, {}, {"arxiv": record}))
    assert (found.rule, found.severity) == (rule, Severity.ERROR)


def test_what_was_not_found_says_what_was_tried_and_what_to_write() -> None:
    [missing] = findings(Case(ENTRY, Status.MISSING, tried=(Tried("arxiv"),)))
    assert (missing.rule, missing.message == "no paper found (searched arXiv)") == ("unresolved-entry", True)
    [ambiguous] = findings(Case(ENTRY, Status.AMBIGUOUS, candidates=(ARXIV, CROSSREF)))
    assert ambiguous.rule == "ambiguous-entry"
    assert ambiguous.suggestion is not None
    assert 'arxiv_id: "2303.00001"' in ambiguous.suggestion
    assert findings(Case(ENTRY, Status.UNKNOWN)) == []


def test_a_preprint_that_was_published_since_is_told() -> None:
    case = Case(replace(ENTRY, venue="arXiv 2023"), Status.FOUND, {}, {"crossref": CROSSREF})
    [found] = findings(case)
    assert (found.rule, found.field, found.suggestion) == (
        "published-since",
        "venue",
        "venue: Proc. of Scheduling 2024",
    )
    assert all(word in found.message for word in ("Proc. of Scheduling", "2024-05", "doi 10.1145/1.2"))
    assert findings(replace(case, entry=replace(ENTRY, venue="SOSP 2024"))) == []


@pytest.mark.parametrize(
    ("venue", "is_preprint"),
    [
        *((venue, True) for venue in ("CoRR", "CoRR 2023", "CoRR abs/2303.00001", "In CoRR, 2023", "corr cs.DC")),
        *((venue, True) for venue in ("arXiv:2303.00001", "arXiv2303", "bioRxiv 2023", "Preprint", "SSRN 2023")),
        *((venue, False) for venue in ("Corrosion Science 2023", "Corr. Sci. 2023", "Corr Sci", "Correspondence")),
        *((venue, False) for venue in ("Error-Correcting Codes 2023", "Chemical Physics (corrected)", "")),
    ],
)
def test_only_what_is_listed_at_a_preprint_server_was_published_since(venue: str, is_preprint: bool) -> None:
    record = replace(CROSSREF, venue="Corrosion Science")
    case = Case(replace(ENTRY, venue=venue), Status.FOUND, {}, {"crossref": record})
    assert [found.rule for found in findings(case) if found.rule == "published-since"] == [
        "published-since"
    ] * is_preprint


@pytest.mark.parametrize(
    ("venue", "line"),
    [
        ("Proceedings of the Twentieth European Conference on Computer Systems", "venue: EuroSys 2024"),
        (
            "Proc. 29th Conference on Architectural Support for Programming Languages and Operating Systems",
            "venue: ASPLOS 2024",
        ),
        ("2024 Conference on Lake Engineering (CLAKE)", "venue: CLAKE 2024"),
        ("SC24: International Conference for High Performance Computing", "venue: SC 2024"),
        ("Proceedings of the 3rd Meeting on Tides, Volume 2", "venue: 3rd Meeting on Tides 2024"),
        ("Journal of Supercomputing", "venue: Journal of Supercomputing 2024"),
    ],
)
def test_the_line_to_paste_names_a_venue_as_lists_do(venue: str, line: str) -> None:
    record = replace(CROSSREF, venue=venue)
    [found] = findings(Case(replace(ENTRY, venue="arXiv preprint"), Status.FOUND, {}, {"crossref": record}))
    assert found.suggestion == line


def test_a_venue_without_a_registration_is_told_without_the_preprints_year() -> None:
    record = replace(SEMANTIC, venue="International Conference on Machine Learning", doi="10.48550/arXiv.2303.00001")
    [found] = findings(Case(replace(ENTRY, venue="arXiv 2023"), Status.FOUND, {}, {"semantic_scholar": record}))
    assert (found.suggestion, "10.48550" in found.message) == ("venue: ICML", False)


def test_a_correction_is_a_note_and_no_retraction() -> None:
    record = replace(CROSSREF, comment="Crossref has an erratum by 10.1145/9.9")
    [found] = findings(Case(ENTRY, Status.FOUND, {}, {"crossref": record}))
    assert (found.rule, found.severity) == ("corrected", Severity.NOTE)


def test_entries_that_are_one_paper_are_told_once() -> None:
    one, two, three = (
        Entry(key, EntryType.PAPER, title=TITLE, place=Place("c.yaml", n)) for n, key in enumerate("abc", 1)
    )
    blocks = {"a": merged(ARXIV), "b": Enriched(title="Else", doi="10.1/x"), "c": merged(SEMANTIC)}
    [found] = judge.duplicates([one, two, three], blocks)
    assert (found.rule, found.entry, found.place) == ("duplicate-entry", "c", three.place)


def test_letter_case_makes_no_other_doi_of_one() -> None:
    entries = [Entry(key, EntryType.PAPER, title=TITLE) for key in "ab"]
    blocks = {"a": Enriched(doi="10.1145/3600006.ABC"), "b": Enriched(doi="10.1145/3600006.abc")}
    assert [(found.rule, found.entry) for found in judge.duplicates(entries, blocks)] == [("duplicate-entry", "b")]


def test_a_host_that_fails_for_all_its_links_is_one_finding() -> None:
    saw = (Evidence("web", "2026-01-31T09:00:00Z", "timed out"),)
    down = [LinkCheck(f"https://down.example/{n}", Verdict.SUSPECT, saw) for n in range(3)]
    half = [
        LinkCheck("https://half.example/1", Verdict.SUSPECT, saw),
        LinkCheck("https://half.example/2", Verdict.OK, saw),
    ]
    found, urls = judge.outages([*down, *half])
    assert [(f.rule, f.url) for f in found] == [("host-outage", "https://down.example/")]
    assert urls == {check.url for check in down}


def test_a_persons_own_field_is_not_lacking() -> None:
    own = replace(ENTRY, own=Enriched(doi="10.1/own", authors=("A",)))
    assert judge.missing_fields(own, None, ["authors", "doi", "abstract"]) == ("abstract",)


def test_authors_are_lacking_where_only_the_first_of_them_are_listed() -> None:
    own = Entry("key", own=Enriched(authors=("A. Lovelace et al.",)))
    assert judge.missing_fields(own, None, ["authors"]) == ("authors",)
    assert judge.missing_fields(own, Enriched(authors=("Ada Lovelace", "Alan Turing")), ["authors"]) == ()
    assert judge.missing_fields(own, Enriched(authors=("Grace Hopper", "Alan Turing")), ["authors"]) == ("authors",)


def test_authors_are_lacking_where_only_their_family_names_are_listed() -> None:
    own = Entry("key", own=Enriched(authors=("Lovelace", "Turing")))
    assert judge.missing_fields(own, None, ["authors"]) == ("authors",)
    assert replace(own, enriched=Enriched(authors=("Ada Lovelace", "Alan Turing"))).known("authors") == (
        "Ada Lovelace",
        "Alan Turing",
    )


@pytest.mark.parametrize(
    ("listed", "found", "is_completed"),
    [
        (("Turing",), ("Alan Turing",), True),
        (("Turing",), ("Turing, Alan", "Ada Lovelace"), True),
        (("Alan",), ("Alan Turing",), False),
        (("Google",), ("Alan Turing",), False),
        (("Google",), (), False),
        (("Lovelace", "Turing"), ("Ada Lovelace", "Grace Hopper"), False),
        (("Ada Lovelace", "Turing"), ("Ada Lovelace", "Alan Turing"), False),
    ],
)
def test_a_list_of_authors_is_completed_where_it_is_nothing_but_their_family_names(
    listed: tuple[str, ...], found: tuple[str, ...], *, is_completed: bool
) -> None:
    entry = Entry("key", own=Enriched(authors=listed), enriched=Enriched(authors=found))
    assert entry.known("authors") == (found if is_completed else listed)


def test_one_name_alone_may_be_whole() -> None:
    assert judge.missing_fields(Entry("key", own=Enriched(authors=("Me",))), None, ["authors"]) == ()


DOI_ORG = (Evidence("crossref", "", "absent", 200), Evidence("doi", "", "handle not found", 404))


@pytest.mark.parametrize(
    ("written", "records", "line"),
    [
        ("10.1000/wrnog", {"crossref": Record(source="crossref", doi="10.1000/right")}, "doi: 10.1000/right"),
        ("10.1145/10.1145/3600006.3613165", {}, "doi: 10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165/full", {}, "doi: 10.1145/3600006.3613165"),
        ("10.1000/xyz", {"arxiv": ARXIV}, "fix or remove doi"),
    ],
)
def test_a_doi_that_no_registry_knows_is_told_with_the_right_one(
    written: str, records: dict[str, Record], line: str
) -> None:
    entry = replace(ENTRY, own=Enriched(doi=written))
    told = [f for f in findings(Case(entry, Status.FOUND, records=records, unregistered={"doi": DOI_ORG})) if f.field]
    (found,) = [finding for finding in told if finding.rule == "unregistered-identifier"]
    assert found.message == f"DOI not registered: Crossref and doi.org do not know {written}"
    assert (found.severity, found.field, found.suggestion, found.evidence) == (Severity.ERROR, "doi", line, DOI_ORG)


def test_what_is_no_doi_is_told_without_asking() -> None:
    entry = replace(ENTRY, own=Enriched(doi="1O.1145/3600006.3613165"))
    (found,) = [f for f in findings(Case(entry, Status.FOUND)) if f.rule == "unregistered-identifier"]
    assert (found.message, found.suggestion) == (
        "not a DOI: 1O.1145/3600006.3613165",
        "doi: 10.1145/3600006.3613165",
    )
    entry = replace(ENTRY, own=Enriched(doi="10.1145/3600006.3613165"))
    assert not findings(Case(entry, Status.FOUND))


def test_an_arxiv_id_that_no_registry_knows_is_told() -> None:
    entry = replace(ENTRY, own=Enriched(arxiv_id="2613.99999"))
    saw = (Evidence("arxiv", "", "an empty feed", 200), Evidence("doi", "", "handle not found", 404))
    case = Case(entry, Status.FOUND, records={"arxiv": ARXIV}, unregistered={"arxiv_id": saw})
    (found,) = [f for f in findings(case) if f.rule == "unregistered-identifier"]
    assert found.message == "arXiv ID not registered: arXiv and doi.org do not know 2613.99999"
    assert found.suggestion == 'arxiv_id: "2303.00001"'
