"""What a catalog's text says, and what a person is told when it says nothing that can be read."""

from __future__ import annotations

import importlib
import re
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from enrich import catalog as catalogs
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind, Place

FULL = """\
version: 1
entries:
  - key: flexgen                      # stable
    type: framework
    name: FlexGen
    title: "FlexGen: one GPU"
    venue: arXiv 2303.06865
    institutions: [Stanford, UC Berkeley]
    sections: Serving
    tags: starred
    remarks: >-
      High-throughput serving;
      single GPU.
    authors: Ying Sheng
    year: 2023
    published: 2023-03-13
    arxiv_id: 2106.10000
    shelf: {mine: [1, 2]}
    links:
      - {label: Paper, kind: paper, url: https://arxiv.org/abs/2303.06865}
      - https://github.com/FMInference/FlexGen
    enriched:
      title: Another
      authors: [A, "B, C"]
      citation_count: 635
      matched_by: arxiv_id
      sources: {authors: arxiv}
  - key: no
    links: {paper: https://a.example/p, code: [https://a.example/c, https://a.example/d], notes: }
    enriched: {}
"""


def one(text: str) -> Entry:
    (entry,) = catalogs.parse(f"entries:\n- {text}\n").entries
    return entry


def refusal(text: str) -> str:
    with pytest.raises(catalogs.CatalogError) as caught:
        catalogs.parse(text)
    return str(caught.value)


def test_every_field_is_read() -> None:
    catalog = catalogs.parse(FULL, "lists/catalog.yaml")
    first, second = catalog.entries
    assert first == Entry(
        key="flexgen",
        type=EntryType.FRAMEWORK,
        name="FlexGen",
        title="FlexGen: one GPU",
        venue="arXiv 2303.06865",
        institutions=("Stanford", "UC Berkeley"),
        sections=("Serving",),
        tags=("starred",),
        remarks="High-throughput serving; single GPU.",
        links=(
            Link(
                "https://arxiv.org/abs/2303.06865",
                LinkKind.PAPER,
                "Paper",
                Place("lists/catalog.yaml", 20, 42),
            ),
            Link("https://github.com/FMInference/FlexGen", place=Place("lists/catalog.yaml", 21, 9)),
        ),
        own=Enriched(authors=("Ying Sheng",), year=2023, published="2023-03-13", arxiv_id="2106.10000"),
        enriched=Enriched(
            title="Another",
            authors=("A", "B, C"),
            citation_count=635,
            matched_by="arxiv_id",
            sources={"authors": "arxiv"},
        ),
        place=Place("lists/catalog.yaml", 3, 5),
    )
    assert second.key == "no"
    assert [(link.kind, link.url, link.place) for link in second.links] == [
        (LinkKind.PAPER, "https://a.example/p", Place("lists/catalog.yaml", 29, 20)),
        (LinkKind.CODE, "https://a.example/c", Place("lists/catalog.yaml", 29, 48)),
        (LinkKind.CODE, "https://a.example/d", Place("lists/catalog.yaml", 29, 69)),
    ]
    assert second.enriched == Enriched()
    assert catalog.warnings == ()
    assert catalog.path == Path("lists/catalog.yaml")
    assert catalog.text == FULL


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("2106.10000", "2106.10000"),
        ("0704.0001", "0704.0001"),
        ("2023-03-13", "2023-03-13"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ('"null"', "null"),
        ("!!str null", "null"),
        ("null", None),
        ("~", None),
        ("", None),
        ('""', None),
    ],
)
def test_a_scalar_is_its_text(written: str, read: str | None) -> None:
    assert one(f"{{key: a, name: {written}}}").name == read


def test_unknown_types_and_kinds_are_read_as_other_with_a_warning() -> None:
    catalog = catalogs.parse(
        "entries:\n- key: a\n  type: thesis\n  links:\n  - {kind: poster, url: u}\n  - {kind: Code}\n"
        "- key: b\n  type: Paper\n  links:\n    website: v\n"
    )
    assert catalog.entries[0].type == EntryType.OTHER
    assert catalog.entries[1].type == EntryType.PAPER
    assert [link.kind for entry in catalog.entries for link in entry.links] == [LinkKind.OTHER, LinkKind.OTHER]
    assert [warning.split(";")[0] for warning in catalog.warnings] == [
        "catalog.yaml:3: the type `thesis` is unknown and read as `other`",
        "catalog.yaml:5: the kind `poster` is unknown and read as `other`",
        "catalog.yaml:6: the link has no URL and is ignored",
        "catalog.yaml:10: the kind `website` is unknown and read as `other`",
    ]


def test_anchors_aliases_and_merge_keys_are_read() -> None:
    first, second, third = catalogs.parse(
        "common: &c {venue: ICML, tags: [x], links: {paper: u}}\n"
        "entries:\n- key: a\n  <<: *c\n  tags: [y]\n- key: b\n  venue: &v KDD\n"
        "- {key: c, venue: *v, <<: [*c, {name: n}]}\n"
    ).entries
    assert (first.venue, first.tags, first.links[0].url) == ("ICML", ("y",), "u")
    assert second.venue == third.venue == "KDD"
    assert (third.name, third.tags) == ("n", ("x",))


def test_an_empty_list_of_entries_is_a_catalog() -> None:
    assert catalogs.parse("{? [a] : b, entries: []}").entries == catalogs.parse("entries: []").entries == ()
    assert catalogs.parse("entries: ~").entries == catalogs.parse("entries:\n").entries == ()


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_places_count_lines_as_editors_do_whatever_the_characters(start: str, line_break: str) -> None:
    lines = [
        "entries:",
        "- key: 😀 漢字",
        "  remarks: 'a\u2028b\x85c' # d\u2028",
        "  links: ['', 😀, {url: u}]",
        "- key: b",
    ]
    first, second = catalogs.parse(start + line_break.join(lines)).entries
    assert [link.place for link in first.links] == [Place("catalog.yaml", 4, 15), Place("catalog.yaml", 4, 24)]
    assert second.place == Place("catalog.yaml", 5, 3)


def test_a_flow_catalog_may_begin_on_the_first_line_behind_a_byte_order_mark() -> None:
    (entry,) = catalogs.parse('\ufeff{"entries":[{"key":"a","links":["u"]}]}').entries
    assert entry.links[0].place == Place("catalog.yaml", 1, 33)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "catalog.yaml: the catalog is empty; write `version: 1`"),
        ("# only\n", "catalog.yaml: the catalog is empty"),
        ("---\n", "catalog.yaml: the catalog is empty"),
        ("version: 1\n", "catalog.yaml: the catalog has no `entries:`; write"),
        ("- key: a\n", "catalog.yaml:1: a catalog must be a mapping"),
        ("\nhello\n", "catalog.yaml:2: a catalog must be a mapping"),
        ("version: 2\nentries: []\n", "catalog.yaml:1: this version of enrich reads catalogs of version 1"),
        ("entries: {a: b}\n", "catalog.yaml:1: `entries` must be a list"),
        ("entries: 7\n", "catalog.yaml:1: `entries` must be a list"),
        ("entries: &e []\n", "catalog.yaml:1: `entries` cannot have an anchor"),
        ("entries:\n- a\n", "catalog.yaml:2: an entry must be a mapping"),
        ("entries:\n- - key: a\n", "catalog.yaml:2: an entry must be a mapping"),
        ("entries:\n- name: a\n", "catalog.yaml:2: the entry has no key"),
        ("entries:\n- key: ''\n", "catalog.yaml:2: the entry has no key"),
        ("entries:\n- key: [a]\n", "catalog.yaml:2: `key` must be a string"),
        (
            "entries:\n- key: a\n\n- key: a\n",
            "catalog.yaml:4: the key `a` is used by the entry on line 2 already; give one of them another key",
        ),
        (
            "entries:\n- key: a\n  name: b\n  name: c\n",
            "catalog.yaml:4: duplicate key `name` (first on line 3); remove one of them",
        ),
        ("entries: []\nentries: []\n", "catalog.yaml:2: duplicate key `entries` (first on line 1)"),
        ("entries:\n- {key: a, tags: {b: c}}\n", "catalog.yaml:2: `tags` must be a list of strings"),
        ("entries:\n- {key: a, tags: [[b]]}\n", "catalog.yaml:2: `tags` must be a string"),
        ("entries:\n- key: a\n  name:\n    b: c\n", "catalog.yaml:4: `name` must be a string"),
        ("entries:\n- {key: a, links: 7}\n", "catalog.yaml:2: `links` must be a list"),
        ("entries:\n- {key: a, year: soon}\n", "catalog.yaml:2: `year` must be an integer, not `soon`"),
        (
            "entries:\n- {key: a, enriched: {citation_count: 1e9}}\n",
            "catalog.yaml:2: `citation_count` must be an integer",
        ),
        ("entries:\n- {key: a, enriched: []}\n", "catalog.yaml:2: `enriched` must be a mapping"),
        ("entries:\n- {key: a, enriched: {sources: x}}\n", "catalog.yaml:2: `sources` must be a mapping"),
        ("entries: []\n---\nentries: []\n", "catalog.yaml:2: a second document begins here"),
        (
            "entries:\n- key: a\n<<<<<<< HEAD\n  name: b\n=======\n  name: c\n>>>>>>> other\n",
            "catalog.yaml:3: an unresolved merge conflict; resolve it and remove Git's markers",
        ),
        ("entries:\n- key: a\n\tname: b\n", "catalog.yaml:3: tab used for indentation"),
        ("entries:\n- key: a: b\n", "catalog.yaml:2: this is not YAML: mapping values are not allowed"),
        ("entries:\n- key: @a\n", "catalog.yaml:2: this is not YAML: found character that cannot start any token"),
        ("entries:\n- key: 'a\n\n", "catalog.yaml:4: this is not YAML: found unexpected end of stream"),
        ("entries:\n- {key: a\n- b\n", "catalog.yaml:4: this is not YAML"),
        ("entries:\n- key: a\u2028b\n", "catalog.yaml:2: invisible line break (U+2028) in the text"),
        ("entries:\n- key: a\x00\n", "catalog.yaml:2: the character U+0000 is not allowed"),
        ("entries:\n- key: \ud800\n", "catalog.yaml:2: the character U+D800 is not allowed"),
        ("entries:\n- key: *a\n", "catalog.yaml:2: undefined alias `*a`"),
        ("entries:\n- &a [*a]\n", "catalog.yaml:2: undefined alias `*a`"),
        (
            "entries:\n- key: a\n  name: !!python/object/apply:os.system [echo]\n",
            "catalog.yaml:3: the tag `tag:yaml.org,2002:python/object/apply:os.system` is not supported in a catalog",
        ),
        ("entries:\n- key: !foo a\n", "catalog.yaml:2: the tag `!foo` is not supported in a catalog; remove it"),
    ],
)
def test_an_error_says_the_line_and_the_way_out(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_an_open_quote_says_where_it_began() -> None:
    assert "that began on line 2" in refusal("entries:\n- key: 'a\n\n\n- key: b\n")


def test_bombs_are_refused_quickly() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    chain = "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{<<: *a{i - 1}}}\n" for i in range(1, 5000))
    started = time.process_time()
    assert "expands to too much" in refusal(laughs + "entries: []\n")
    assert "expands to too much" in refusal(chain + "entries: []\n")
    assert refusal("entries: " + "[" * 100_000).startswith("catalog.yaml:1: nested more than 100 deep")
    assert refusal("entries:\n- key: a\n  mine: " + "{a: " * 100_000).startswith("catalog.yaml:3: nested more than")
    assert refusal("entries:\n  - key: a\n    mine:\n     " + "- " * 100_000).startswith("catalog.yaml:4: nested more")
    assert time.process_time() - started < 5


def test_it_reads_the_same_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeff" + FULL + "  - {key: c, name: 😀, venue: }\n  - key: d\n    remarks: |+\n      x\n\n"
    block = Enriched(title="é: x")
    catalog = catalogs.parse(text)
    new = catalogs.with_enriched(catalog, {entry.key: block for entry in catalog.entries})
    monkeypatch.setattr("enrich.catalog", catalogs)  # afterwards, the package has its own room again
    with patch.dict(sys.modules, {"yaml._yaml": None}):  # and no module of the second copy is left
        for name in [name for name in sys.modules if re.match(r"yaml(?!\._yaml)\b|_yaml\b|enrich\.catalog\b", name)]:
            del sys.modules[name]
        slow = importlib.import_module("enrich.catalog")
    assert slow.CatalogError is not catalogs.CatalogError
    again = slow.parse(text)
    assert again.entries == catalog.entries
    assert slow.with_enriched(again, {entry.key: block for entry in again.entries}) == new


@pytest.mark.parametrize("character", ["\x07", "\x80", "\ufffe"])
@pytest.mark.parametrize("behind", range(4))
def test_a_forbidden_character_is_found_wherever_it_is(character: str, behind: int) -> None:
    """A long text is searched in pieces of a million bytes."""
    text = "# " + "x" * (999_997 - behind) + character + "\nentries: []\n"
    with pytest.raises(catalogs.CatalogError, match=rf"yaml:1: the character U\+{ord(character):04X} is not allowed"):
        catalogs.parse(text)


def test_what_many_blocks_have_alike_is_stored_once() -> None:
    """The blocks of a long catalog take a kilobyte less each."""
    block = (
        "  title: A long title\n  enriched:\n    title: A long title\n    year: 2024\n    matched_by: arxiv_id\n"
        "    enriched_on: 2026-01-31\n    sources: {title: arxiv, year: crossref}\n"
    )
    one, two = catalogs.parse(f"entries:\n- key: a\n{block}- key: b\n{block}").entries
    assert one.enriched
    assert two.enriched
    assert one.enriched.title is one.title
    for name in ("title", "year", "matched_by", "enriched_on", "sources"):
        assert getattr(one.enriched, name) is getattr(two.enriched, name)
