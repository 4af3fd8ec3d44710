"""What each way of writing an entry becomes: text before, text after."""

from __future__ import annotations

import textwrap

import pytest

from enrich import catalog as catalogs
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind, Place

YEAR = Enriched(year=2023)


def enriched(text: str, block: Enriched = YEAR, *keys: str) -> str:
    catalog = catalogs.parse(text)
    return catalogs.with_enriched(catalog, dict.fromkeys(keys or ("a",), block))


def dedented(text: str) -> str:
    return textwrap.dedent(text).removeprefix("\n")


def test_the_block_is_written_in_the_one_style() -> None:
    block = Enriched(
        title="FlexGen: High-Throughput",
        authors=("Ying Sheng", "Smith, J."),
        abstract='One\nline, with "quotes" and a \\.',
        year=2023,
        published="2023-03-13",
        venue="International Conference on Machine Learning",
        doi="10.48550/arXiv.2303.06865",
        arxiv_id="2303.06865",
        semantic_scholar_id="42a14d824caa3348046eb34c37e2ab7985faa7a3",
        citation_count=0,
        citation_count_as_of="2026-11-21",
        matched_by="arxiv_id",
        enriched_on="2026-11-21",
        sources={"authors": "arxiv", "doi": "semantic_scholar"},
    )
    assert enriched("entries:\n  - key: a\n", block) == dedented(
        """
        entries:
          - key: a
            enriched:
              title: "FlexGen: High-Throughput"
              authors: [Ying Sheng, "Smith, J."]
              abstract: "One\\nline, with \\"quotes\\" and a \\\\."
              year: 2023
              published: 2023-03-13
              venue: International Conference on Machine Learning
              doi: 10.48550/arXiv.2303.06865
              arxiv_id: "2303.06865"
              semantic_scholar_id: 42a14d824caa3348046eb34c37e2ab7985faa7a3
              citation_count: 0
              citation_count_as_of: 2026-11-21
              matched_by: arxiv_id
              enriched_on: 2026-11-21
              sources: {authors: arxiv, doi: semantic_scholar}
        """
    )


BLOCK = "\n  enriched:\n    year: 2023"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("entries:\n- key: a", f"entries:\n- key: a{BLOCK}", id="no final line break"),
        pytest.param("entries:\n- key: a \t# c \n", f"entries:\n- key: a \t# c {BLOCK}\n", id="comment behind"),
        pytest.param("entries:\n- key: a\n  venue:\n", f"entries:\n- key: a\n  venue:{BLOCK}\n", id="empty value"),
        pytest.param(
            "entries:\n- key: a\n\n# b\n- key: b\n",
            f"entries:\n- key: a{BLOCK}\n\n# b\n- key: b\n",
            id="comment before next",
        ),
        pytest.param(
            "entries:\n- key: a\n  name: |\n    x\n\n\n- key: b\n",
            f"entries:\n- key: a\n  name: |\n    x{BLOCK}\n\n\n- key: b\n",
            id="literal",
        ),
        pytest.param(
            "entries:\n- key: a\n  name: |+ # c\n    x\n\n\n- key: b\n",
            f"entries:\n- key: a\n  name: |+ # c\n    x\n\n{BLOCK}\n- key: b\n",
            id="literal that keeps its blank lines",
        ),
        pytest.param(
            "entries:\n- key: a\n  name: !!str >2-\n      x\n    y",
            f"entries:\n- key: a\n  name: !!str >2-\n      x\n    y{BLOCK}",
            id="folded, tagged, at the end of the file",
        ),
        pytest.param(
            "entries:\n- key: a\n  name: |\n    x", f"entries:\n- key: a\n  name: |\n    x{BLOCK}", id="literal cut off"
        ),
        pytest.param("entries:\n- key: a\n  name: |+", f"entries:\n- key: a\n  name: |+{BLOCK}", id="empty literal"),
        pytest.param(
            'entries:\n- key: a\n  name: "x\n\n    y"  \n  # end\n',
            f'entries:\n- key: a\n  name: "x\n\n    y"  {BLOCK}\n  # end\n',
            id="quoted over lines",
        ),
        pytest.param(
            "entries:\n- key: a\n  name: x\n    y\n\n    z\n\n",
            f"entries:\n- key: a\n  name: x\n    y\n\n    z{BLOCK}\n\n",
            id="plain over lines",
        ),
        pytest.param(
            "entries:\n- key: a\n  tags:\n  - x\n  -\n", f"entries:\n- key: a\n  tags:\n  - x\n  -{BLOCK}\n", id="list"
        ),
        pytest.param("---\nentries:\n- key: a\n...\n", f"---\nentries:\n- key: a{BLOCK}\n...\n", id="document end"),
        pytest.param(
            "entries:\n- key: a\nmine: 1\n", f"entries:\n- key: a{BLOCK}\nmine: 1\n", id="entries are not last"
        ),
        pytest.param(
            "entries:\r\n- key: a\r\n",
            "entries:\r\n- key: a\r\n  enriched:\r\n    year: 2023\r\n",
            id="CRLF",
        ),
        pytest.param(
            "entries:\r\n- key: a\n- key: b\r\n",
            f"entries:\r\n- key: a{BLOCK}\n- key: b\r\n",
            id="mixed line ends",
        ),
        pytest.param(
            "entries:\r- key: a\r- key: b",
            "entries:\r- key: a\r  enriched:\r    year: 2023\r- key: b",
            id="CR",
        ),
        pytest.param(
            "\ufeffentries:\n    -   key: a\n",
            "\ufeffentries:\n    -   key: a\n        enriched:\n          year: 2023\n",
            id="BOM, odd indentation",
        ),
        pytest.param("entries:\n- ? key\n  : a\n", f"entries:\n- ? key\n  : a{BLOCK}\n", id="explicit keys"),
    ],
)
def test_a_new_block_follows_the_entrys_last_byte(before: str, after: str) -> None:
    assert enriched(before) == after
    assert enriched(after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "- key: a\n  enriched:  # by enrich\n      # lost?\n"
            "      title: x  # lost\n      year: 1 # lost\n\n  # kept\n  name: n\n",
            "- key: a\n  enriched:  # by enrich\n      # lost?\n      year: 2023\n\n  # kept\n  name: n\n",
            id="block in the middle",
        ),
        pytest.param("- key: a\n  enriched: {}\n", "- key: a\n  enriched:\n    year: 2023\n", id="empty"),
        pytest.param("- key: a\n  enriched:\n", "- key: a\n  enriched:\n    year: 2023\n", id="no value"),
        pytest.param("- key: a\n  enriched: ~\n", "- key: a\n  enriched:\n    year: 2023\n", id="null"),
        pytest.param(
            "- key: a\n  enriched: {title: x,\n    year: 1}  # c\n  name: n\n",
            "- key: a\n  enriched:\n    year: 2023\n  name: n\n",
            id="flow over lines",
        ),
        pytest.param("- enriched: {}\n  key: a\n", "- enriched:\n    year: 2023\n  key: a\n", id="first key"),
        pytest.param(
            "- key: a\n  ? enriched\n  : {}\n", "- key: a\n  ? enriched\n  : {year: 2023}\n", id="explicit key"
        ),
        pytest.param(
            "- key: a\n  enriched:\n    abstract: |\n      x\n\n      y\n\n- key: b\n",
            "- key: a\n  enriched:\n    year: 2023\n\n- key: b\n",
            id="literal in the block",
        ),
        pytest.param("- {key: a, enriched: {}}\n", "- {key: a, enriched: {year: 2023}}\n", id="flow"),
        pytest.param("- {key: a, enriched: , }\n", "- {key: a, enriched: {year: 2023} , }\n", id="flow, no value"),
        pytest.param("- {enriched, key: a}\n", "- {enriched: {year: 2023}, key: a}\n", id="flow, bare key"),
        pytest.param('- {"key":"a","enriched":{}}\n', '- {"key":"a","enriched":{year: 2023}}\n', id="JSON"),
        pytest.param("- {key: a}\n", "- {key: a, enriched: {year: 2023}}\n", id="flow, new"),
        pytest.param("- {key: a, }\n", "- {key: a, enriched: {year: 2023}, }\n", id="flow, trailing comma"),
        pytest.param(
            "- {key: a, # c\n   venue: ,  # d\n  }\n",
            "- {key: a, # c\n   venue: , enriched: {year: 2023} ,  # d\n  }\n",
            id="flow, comments and no last value",
        ),
    ],
)
def test_a_block_is_replaced_where_it_stands(before: str, after: str) -> None:
    assert enriched("entries:\n" + before) == "entries:\n" + after
    assert enriched("entries:\n" + after) == "entries:\n" + after


def test_entries_in_a_flow_list_get_flow_blocks() -> None:
    before = 'version: 1\nentries: [ {key: a}, {"key": "b",\n   "tags": [x]} ]\n'
    assert enriched(before, Enriched(title="x: {y}"), "a", "b") == (
        'version: 1\nentries: [ {key: a, enriched: {title: "x: {y}"}}, {"key": "b",\n'
        '   "tags": [x], enriched: {title: "x: {y}"}} ]\n'
    )


def test_a_block_that_says_the_same_keeps_every_byte() -> None:
    text = "entries:\n- key: a\n  enriched: { 'year':   '2023', authors: A, mine: 1, doi: } # c\n"
    assert enriched(text, Enriched(year=2023, authors=("A",), title="")) == text


def test_a_block_without_fields_is_written_as_empty() -> None:
    text = "entries:\n- key: a\n- {key: b}\n- key: c\n  enriched:\n    year: 1\n"
    after = "entries:\n- key: a\n  enriched: {}\n- {key: b, enriched: {}}\n- key: c\n  enriched:\n    {}\n"
    assert enriched(text, Enriched(), "a", "b", "c") == after


def test_texts_that_no_file_can_hold_are_mended() -> None:
    after = enriched("entries: [{key: a}]", Enriched(title="x\ud800\x00\u2028\u202e\ufeff"))
    assert after == 'entries: [{key: a, enriched: {title: "x\ufffd\\x00\\u2028\\u202E\\uFEFF"}}]'
    assert catalogs.parse(after).entries[0].known("title") is not None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("entries:\n- key: z\n- &e\n  key: a\n", 3),
        ("x: &x 1\nentries:\n- key: z\n\n- key: a\n  name: *x\n", 6),
        ("x: &x {name: y}\nentries:\n- key: a\n  <<: *x\n- key: z\n", 4),
        ("entries:\n- key: a\n  enriched:\n    title: &t T\n- {key: z, title: *t}\n", 4),
        ("x: &x {key: a}\nentries:\n- *x\n- key: z\n", 3),
    ],
)
def test_an_entry_that_shares_parts_is_not_written(text: str, line: int) -> None:
    catalog = catalogs.parse(text)
    with pytest.raises(catalogs.CatalogError, match=rf"^catalog.yaml:\d: .* merge key \(line {line}\)"):
        catalogs.with_enriched(catalog, {"a": YEAR})
    with pytest.raises(catalogs.CatalogError, match=r"write its values out"):
        catalogs.with_entries(catalog, [], {"a": [Link("https://x")]})


def test_other_entries_are_written_beside_one_that_shares_parts() -> None:
    text = "entries:\n- key: z\n- &e\n  key: a\n"
    assert enriched(text, YEAR, "z") == f"entries:\n- key: z{BLOCK}\n- &e\n  key: a\n"
    with_blocks = "entries:\n- &e\n  key: a\n  enriched: {year: 2023}\n"
    assert enriched(with_blocks) == with_blocks, "what says the same is not written"


def test_an_unknown_key_is_an_error() -> None:
    catalog = catalogs.parse("entries: []")
    with pytest.raises(catalogs.CatalogError, match="no entry has the key `a`"):
        catalogs.with_enriched(catalog, {"a": YEAR})
    with pytest.raises(catalogs.CatalogError, match="no entry has the key `a`"):
        catalogs.with_entries(catalog, [], {"a": [Link("https://x")]})


def test_a_new_catalog_is_written_in_the_one_style() -> None:
    entries = [
        Entry(
            key="flexgen",
            type=EntryType.REPOSITORY,
            name="no",
            title="FlexGen: fast",
            venue="arXiv 2303.06865",
            institutions=("Stanford", "UC Berkeley"),
            sections=("Model Serving / Inference",),
            tags=("starred",),
            remarks="Large models (LLM); single GPU.",
            links=(
                Link("https://arxiv.org/abs/2303.06865", LinkKind.PAPER, "Paper"),
                Link("https://openreview.net/forum?id=x", LinkKind.PAPER),
            ),
            own=Enriched(year=2023),
            enriched=Enriched(arxiv_id="2303.06865"),
        ),
        Entry(key="2106.10000", enriched=Enriched()),
    ]
    text = dedented(
        """
        version: 1
        entries:
          - key: flexgen
            type: repository
            name: "no"
            title: "FlexGen: fast"
            venue: arXiv 2303.06865
            institutions: [Stanford, UC Berkeley]
            sections: [Model Serving / Inference]
            tags: [starred]
            remarks: Large models (LLM); single GPU.
            year: 2023
            links:
              - {label: Paper, kind: paper, url: https://arxiv.org/abs/2303.06865}
              - {kind: paper, url: "https://openreview.net/forum?id=x"}
            enriched:
              arxiv_id: "2303.06865"
          - key: "2106.10000"
            type: paper
            enriched: {}
        """
    )
    assert catalogs.new_text(entries) == text
    assert catalogs.new_text([]) == "version: 1\nentries: []\n"
    with pytest.raises(catalogs.CatalogError, match="`flexgen` is taken"):
        catalogs.with_entries(catalogs.parse(text), [Entry("flexgen")], {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("entries:\n- key: a # c\n# end\n", "entries:\n- key: a # c\n- key: new\n  type: paper\n# end\n"),
        (
            "entries:\r\n  - key: a\r\n\r\n  - key: b\r\n\r\n",
            "entries:\r\n  - key: a\r\n\r\n  - key: b\r\n\r\n  - key: new\r\n    type: paper\r\n\r\n",
        ),
        ("entries: # none yet\n", "entries: # none yet\n  - key: new\n    type: paper\n"),
        ("entries: []\nmine: 1\n", "entries:\n  - key: new\n    type: paper\nmine: 1\n"),
        ("entries: null", "entries:\n  - key: new\n    type: paper"),
        ("entries: [ # none\n  ]\n", "entries: [ # none\n  {key: new, type: paper}]\n"),
        ("entries: [{key: a}, ]\n", "entries: [{key: a}, {key: new, type: paper}, ]\n"),
        ("{entries: []}\n", "{entries: [{key: new, type: paper}]}\n"),
        ("{entries: }\n", "{entries: [{key: new, type: paper}] }\n"),
        ("{entries}\n", "{entries: [{key: new, type: paper}]}\n"),
        ("{entries: ~}\n", "{entries: [{key: new, type: paper}]}\n"),
    ],
)
def test_entries_are_appended(before: str, after: str) -> None:
    assert catalogs.with_entries(catalogs.parse(before), [Entry("new")], {}) == after


PAPER = "{kind: paper, url: https://p}"
CODE = '{label: Code, kind: code, url: "https://c?x"}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- key: a\n", f"- key: a\n  links:\n    - {PAPER}\n    - {CODE}\n"),
        ("- key: a\n  links: []\n", f"- key: a\n  links:\n    - {PAPER}\n    - {CODE}\n"),
        ("- key: a\n  links: {}\n", '- key: a\n  links: {paper: https://p, code: "https://c?x"}\n'),
        ("- key: a\n  links:  # c\n", f"- key: a\n  links:  # c\n    - {PAPER}\n    - {CODE}\n"),
        ("- key: a\n  links:\n  - u  # c\n", f"- key: a\n  links:\n  - u  # c\n  - {PAPER}\n  - {CODE}\n"),
        ("- key: a\n  links: [u, ]\n", f"- key: a\n  links: [u, {PAPER}, {CODE}, ]\n"),
        ("- {key: a}\n", f"- {{key: a, links: [{PAPER}, {CODE}]}}\n"),
        ("- {key: a, links: }\n", f"- {{key: a, links: [{PAPER}, {CODE}] }}\n"),
        (
            "- key: a\n  enriched:\n    year: 1\n",
            f"- key: a\n  links:\n    - {PAPER}\n    - {CODE}\n  enriched:\n    year: 1\n",
        ),
        (
            "- key: a\n  links:\n    paper: u, v  # c\n  name: n\n",
            '- key: a\n  links:\n    paper: ["u, v", https://p]  # c\n    code: "https://c?x"\n  name: n\n',
        ),
        (
            "- key: a\n  links:\n    paper:\n    - u\n    code:\n",
            '- key: a\n  links:\n    paper:\n    - u\n    - https://p\n    code:\n      - "https://c?x"\n',
        ),
        (
            "- {key: a, links: {code: [u], video: v}}\n",
            '- {key: a, links: {code: [u, "https://c?x"], video: v, paper: https://p}}\n',
        ),
    ],
)
def test_links_are_added_in_the_form_that_the_entry_has(before: str, after: str) -> None:
    catalog = catalogs.parse("entries:\n" + before + "- key: z\n")
    links = [Link("https://p", LinkKind.PAPER), Link("https://c?x", LinkKind.CODE, "Code")]
    assert catalogs.with_entries(catalog, [], {"a": links}) == "entries:\n" + after + "- key: z\n"


def test_links_and_entries_come_together_behind_the_last_entry() -> None:
    catalog = catalogs.parse("entries:\n- key: a")
    new = catalogs.with_entries(catalog, [Entry("new")], {"a": [Link("https://p", LinkKind.PAPER)]})
    assert new == f"entries:\n- key: a\n  links:\n    - {PAPER}\n- key: new\n  type: paper"


def test_a_url_keeps_its_quotes_where_they_can_hold_it() -> None:
    text = dedented(
        """
        entries:
          - key: a
            links:
              - {url: https://a}  # c
              - {url: 'https://b'}
              - {url: "https://c"}
              - url: https://d
              - >-
                https://e
              - url: https://f
        """
    )
    catalog = catalogs.parse(text)
    new = "https://new/?x='1',2"
    places = {link.place: new for link in catalog.entries[0].links[:5] if link.place}
    assert catalogs.with_scalars(catalog, places) == dedented(
        """
        entries:
          - key: a
            links:
              - {url: "https://new/?x='1',2"}  # c
              - {url: 'https://new/?x=''1'',2'}
              - {url: "https://new/?x='1',2"}
              - url: https://new/?x='1',2
              - >-
                https://new/?x='1',2
              - url: https://f
        """
    )


@pytest.mark.parametrize("place", [Place("catalog.yaml", 2, 1), Place("catalog.yaml", 9, 9), Place("other", 2, 16)])
def test_a_url_is_replaced_at_the_place_of_a_link_only(place: Place) -> None:
    catalog = catalogs.parse("entries:\n- {key: a, links: [u]}\n")
    with pytest.raises(catalogs.CatalogError, match=rf"^{place}: no link URL in column"):
        catalogs.with_scalars(catalog, {place: "https://x"})
    with pytest.raises(catalogs.CatalogError, match=r"is not a URL"):
        catalogs.with_scalars(catalog, {Place("catalog.yaml", 2, 20): ""})
    assert catalogs.with_scalars(catalog, {}) == catalog.text


def test_a_url_that_single_quotes_cannot_hold_gets_double_ones() -> None:
    catalog = catalogs.parse("entries: [{key: a, links: ['u']}]")
    after = 'entries: [{key: a, links: ["v\\xA0"]}]'
    assert catalogs.with_scalars(catalog, {Place("catalog.yaml", 1, 28): "v\xa0"}) == after


def test_a_shared_url_is_not_replaced() -> None:
    catalog = catalogs.parse("entries:\n- {key: a, links: [&u u]}\n- {key: b, links: [*u]}\n")
    places = {link.place: "v" for entry in catalog.entries for link in entry.links if link.place}
    with pytest.raises(catalogs.CatalogError, match=r"^catalog.yaml:2: .* alias"):
        catalogs.with_scalars(catalog, places)


def test_what_could_not_be_read_back_is_refused() -> None:
    catalog = catalogs.parse("entries:\n-   !!map\n  key: a\n")
    with pytest.raises(catalogs.CatalogError, match=r"^catalog.yaml: .*nothing was changed"):
        catalogs.with_enriched(catalog, {"a": YEAR})


def test_what_would_not_read_back_the_same_is_refused() -> None:
    catalog = catalogs.parse("entries:\n- key: a\n")
    with pytest.raises(catalogs.CatalogError, match=r"^catalog.yaml:2: .*nothing was changed"):
        catalogs.with_entries(catalog, [], {"a": [Link("")]})
    with pytest.raises(catalogs.CatalogError, match=r"^catalog.yaml: .*nothing was changed"):
        catalogs.with_entries(catalog, [Entry("new", links=(Link(""),))], {})


@pytest.mark.parametrize("pad", range(4030, 4070))
def test_a_literal_at_the_end_keeps_its_value_whatever_the_length_of_the_file(pad: int) -> None:
    for size in (pad, pad + 4096 * 3):
        text = f"# {'x' * size}\nentries:\n- key: a\n  name: |\n    x"
        assert enriched(text) == text + BLOCK


def test_all_entries_of_a_catalog_on_one_line_are_written() -> None:
    text = "{entries: [" + ", ".join(f"{{key: k{i}, links: [{{url: u}}]}}" for i in range(500)) + "]}"
    catalog = catalogs.parse(text)
    new = catalogs.with_enriched(catalog, {entry.key: YEAR for entry in catalog.entries})
    more = catalogs.with_entries(catalog, [], {entry.key: [Link("v")] for entry in catalog.entries})
    assert new.count("enriched: {year: 2023}") == more.count("url: v") == 500


def test_an_entry_may_merge_another_one_with_a_block() -> None:
    text = "entries:\n- &a {key: a, enriched: {title: t}}\n- {<<: *a, key: b}\n- key: c\n"
    assert enriched(text, YEAR, "c") == f"{text}  enriched:\n    year: 2023\n"


@pytest.mark.parametrize("block", [Enriched(citation_count=10**15), Enriched(year=-(10**17))])
def test_a_number_that_would_not_be_read_is_never_written(block: Enriched) -> None:
    with pytest.raises(catalogs.CatalogError, match="nothing was changed"):
        enriched("entries:\n- key: a\n", block)
