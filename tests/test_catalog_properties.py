"""Whatever a person's formatting, only what was asked for changes: catalogs of every shape, made at random."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from difflib import unified_diff

import yaml
from hypothesis import given
from hypothesis import strategies as st

from enrich import catalog as catalogs
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind
from tests.properties import COSTLY

WORDS = ["Fast", "serving", "é", "😀", "it's", 'say "x"', "C#", "a:b", "漢字", "50 %", "[sic]"]
BREAKS = ["\n", "\r\n"]
PLAIN = st.lists(st.sampled_from(WORDS[:9]), min_size=1, max_size=4).map(lambda words: "t " + " ".join(words))
ANY = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12
)


@st.composite
def scalars(draw: st.DrawFn, indent: int) -> str:
    """A value in one of YAML's styles, continued where it is continued by deeper lines."""
    pad = " " * (indent + draw(st.integers(1, 4)))
    style = draw(st.sampled_from(["plain", "double", "single", "block", "folded", "two lines", "null"]))
    text = draw(PLAIN)
    blanks = "\n" * draw(st.integers(0, 2))
    if style == "double":
        return json.dumps(draw(ANY), ensure_ascii=False)
    if style == "single":
        return "'" + text.replace("'", "''") + f"\n{pad}{blanks}more'"
    if style in ("block", "folded"):
        chomp = draw(st.sampled_from(["", "-", "+"]))
        comment = draw(st.sampled_from(["", "  # kept"]))
        mark = "|" if style == "block" else ">"
        return f"{mark}{chomp}{comment}\n{pad}{text}\n{blanks}{pad}  more: of # it{blanks}"
    if style == "two lines":
        return f"{text}\n{pad}and more"
    return text if style == "plain" else draw(st.sampled_from(["", "~", "null"]))


@st.composite
def block_links(draw: st.DrawFn, indent: int, number: int) -> str:
    pad = "\n" + " " * (indent + draw(st.sampled_from([0, 2, 3])))
    deep = "\n" + " " * (indent + 2)
    paper, code = f"https://host/p{number}", f"https://host/c{number}"
    return draw(
        st.sampled_from(
            [
                f"links:{pad}- {{label: Paper, kind: paper, url: {paper}}}  # 1{pad}- {{kind: code, url: '{code}'}}",
                f'links: [{{kind: paper, url: {paper}}}, "{code}" , ]',
                f"links:{deep}paper: {paper}{deep}code: [{code}]",
                f'links: {{paper: "{paper}", code: [{code}]}}',
                f"links:{pad}-   kind: paper{pad}    url: {paper}\n{pad}# between{pad}- {code}",
                "links: []",
                "links: ",
            ]
        )
    )


@st.composite
def present_blocks(draw: st.DrawFn, indent: int) -> str:
    deeper = "\n" + " " * (indent + draw(st.integers(1, 4)))
    return draw(
        st.sampled_from(
            [
                "enriched: {}",
                "enriched:",
                "enriched: ~",
                "enriched: {title: 'x', year: 2020}",
                f"enriched:{deeper}title: Old{deeper}year: 2020",
                f"enriched:   # ours{deeper}authors: [A, B]{deeper}arxiv_id: 2106.10000  # ours too",
            ]
        )
    )


@st.composite
def block_entries(draw: st.DrawFn, number: int, dash: int) -> str:
    gap = draw(st.integers(1, 3))
    indent = dash + 1 + gap
    parts = [
        *(f"{name}: {draw(scalars(indent))}" for name in draw(st.sets(st.sampled_from(["name", "remarks", "mine"])))),
        *([draw(block_links(indent, number))] if draw(st.booleans()) else []),
        *(["tags:\n" + " " * indent + "- a\n" + " " * indent + "- b"] if draw(st.booleans()) else []),
        *([draw(present_blocks(indent))] if draw(st.booleans()) else []),
    ]
    parts = [f"key: k{number}{draw(st.sampled_from(['', ' ', '  # the key']))}", *draw(st.permutations(parts))]
    fill = draw(st.sampled_from(["\n", "\n\n", "\n# left\n", "\n" + " " * indent + "# aligned\n"]))
    return " " * dash + "-" + " " * gap + (fill + " " * indent).join(parts)


@st.composite
def flow_entries(draw: st.DrawFn, number: int) -> str:
    links = draw(
        st.sampled_from(
            [
                "[]",
                f"[{{url: https://host/p{number}}}]",
                f"{{paper: https://host/p{number}, }}",
                "",
                f'["https://host/c{number}"]',
            ]
        )
    )
    block = draw(st.sampled_from(["", ", enriched: {}", ", enriched: {year: 2020}", ", enriched: {title: '}'}"]))
    tail = draw(st.sampled_from(["", " ", ", ", " , # said\n     ", "\n     ", " # said\n    "]))
    start = draw(st.sampled_from(["{", "{ ", "{\n      "]))
    return f"{start}key: k{number}, name: {json.dumps(draw(ANY), ensure_ascii=False)}{block}, links: {links}{tail}}}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """All of a catalog: block entries and flow entries, comments, blank lines, any line ends, BOM or not."""
    count = draw(st.integers(0, 4))
    dash = draw(st.sampled_from([0, 2, 3]))
    between = st.sampled_from(["\n", "\n\n", "\n\n# section\n", "\n" + " " * dash + "# about the next\n\n"])
    if count and draw(st.booleans()):
        items = [
            draw(block_entries(i, dash)) if draw(st.booleans()) else " " * dash + "- " + draw(flow_entries(i))
            for i in range(count)
        ]
        listed = "\n" + items[0] + "".join(draw(between) + item for item in items[1:])
    else:
        listed = " [" + ", \n   ".join(draw(flow_entries(i)) for i in range(count)) + "]"
    head = draw(st.sampled_from(["", "# mine\n", "---\n", "%YAML 1.1\n---\n"]))
    foot = draw(st.sampled_from(["", "\n", "\n\n# end\n", "\nmine: {a: [b]}\n", "\n...\n", "\n   \n"]))
    text = f"{head}version: 1\nentries:{listed}{foot}"
    pieces = text.split("\n")
    breaks = draw(
        st.sampled_from(BREAKS).map(lambda each: [each] * len(pieces))
        | st.lists(st.sampled_from(BREAKS), min_size=len(pieces), max_size=len(pieces))
    )
    joined = "".join(piece + br for piece, br in zip(pieces, [*breaks[: len(pieces) - 1], ""], strict=True))
    return draw(st.sampled_from(["", "\ufeff"])) + joined


FREE = st.text(max_size=20)
BLOCKS = st.builds(
    Enriched,
    title=st.none() | FREE,
    authors=st.lists(FREE, max_size=3).map(tuple),
    abstract=st.none() | FREE,
    year=st.none() | st.integers(0, 9999),
    published=st.none() | st.sampled_from(["2023", "2023-03", "2023-03-13", "March 2023"]),
    venue=st.none() | st.sampled_from(["no", "1e5", "12:30", "a, b", "ICML: x", "~", "0x1f", "2001-01-01", "- x", "#"]),
    doi=st.none() | st.just("10.48550/arXiv.2303.06865"),
    arxiv_id=st.none() | st.just("2106.10000"),
    citation_count=st.none() | st.integers(0, 10**9),
    sources=st.dictionaries(st.sampled_from(["authors", "doi"]), FREE, max_size=2),
)


def without_blocks(text: str) -> str:
    """The text with every `enriched` key and its value cut out, by nothing but lines, braces and quotes."""
    text = re.sub(r"(?:\r\n|\n)( +)enriched:[^\r\n]*(?:(?:\r\n|\n)\1 +(?:[a-z_]+: [^\r\n]*|\{\}))*", "", text)
    while found := re.search(r" ?, enriched: \{", text):
        position, depth, quote = found.end(), 1, ""
        while depth:
            character = text[position]
            if quote:
                position += character == "\\" and quote == '"'
                quote = "" if character == quote else quote
            elif character in "\"'" and text[position - 1] in " [{":
                quote = character
            depth += 0 if quote else {"{": 1, "}": -1}.get(character, 0)
            position += 1
        text = text[: found.start()] + text[position:]
    return text


def loaded(text: str) -> dict[str, object]:
    """What an ordinary YAML reader gets, the blocks aside."""
    tree = yaml.load(text.removeprefix("\ufeff") + ("" if text.endswith("\n") else "\n"), Loader=yaml.CSafeLoader)
    assert isinstance(tree, dict)
    for entry in tree["entries"]:
        entry.pop("enriched", None)
    return tree


@COSTLY
@given(texts(), st.data())
def test_only_the_blocks_change(text: str, data: st.DataObject) -> None:
    catalog = catalogs.parse(text)
    blocks = data.draw(st.fixed_dictionaries({}, optional={entry.key: BLOCKS for entry in catalog.entries}))
    new = catalogs.with_enriched(catalog, blocks)
    assert without_blocks(new) == without_blocks(text)
    assert loaded(new) == loaded(text)
    again = catalogs.parse(new)
    for entry, old in zip(again.entries, catalog.entries, strict=True):
        if entry.key not in blocks:
            assert entry.enriched == old.enriched
        else:
            assert entry.enriched is not None
            assert entry.enriched.year == blocks[entry.key].year
            assert entry.enriched.venue == blocks[entry.key].venue
    assert catalogs.with_enriched(again, blocks) == new


def shown_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def patched(lines: list[str], diff: list[str]) -> list[str]:
    """Apply a unified diff, as `patch` does without any leniency."""
    new, at = [], 0
    for line in diff[2:]:
        if hunk := re.fullmatch(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@", line):
            first = int(hunk[1]) - (hunk[2] != ",0")
            new += lines[at:first]
            at = first
            assert len(new) == int(hunk[3]) - (hunk[4] != ",0")
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert lines[at] == line[1:]
            new += lines[at : at + 1] if line[0] == " " else []
            at += 1
    return new + lines[at:]


@COSTLY
@given(texts(), st.data())
def test_a_diff_leads_from_the_old_text_to_the_new_one(text: str, data: st.DataObject) -> None:
    catalog = catalogs.parse(text)
    blocks = data.draw(st.fixed_dictionaries({}, optional={entry.key: BLOCKS for entry in catalog.entries}))
    new = catalogs.with_enriched(catalog, blocks)
    diff = list(catalogs.enriched_diff(catalog, blocks))
    assert bool(diff) == (new != text)
    assert diff[:2] == (["--- catalog.yaml", "+++ catalog.yaml"] if diff else [])
    assert patched(shown_lines(text), diff) == shown_lines(new)
    plain = list(unified_diff(shown_lines(text), shown_lines(new), "catalog.yaml", "catalog.yaml", lineterm=""))
    assert len(diff) <= len(plain) + 2 * len(catalog.entries)


@COSTLY
@given(texts(), st.data())
def test_links_and_entries_are_only_added(text: str, data: st.DataObject) -> None:
    catalog = catalogs.parse(text)
    urls = st.sampled_from(["https://new/a", "https://new/b?c=d,e", "https://new/f#g"])
    link = st.builds(Link, url=urls, kind=st.sampled_from(LinkKind), label=st.sampled_from(["", "Code", "a: b"]))
    some = st.lists(link, min_size=1, max_size=3)
    added = data.draw(st.fixed_dictionaries({}, optional={entry.key: some for entry in catalog.entries}))
    fresh = data.draw(
        st.lists(
            st.builds(
                Entry,
                key=st.sampled_from(["new", "yes", "a: b", "1.0"]),
                type=st.sampled_from(EntryType),
                name=st.none() | ANY,
                tags=st.lists(ANY, max_size=2).map(tuple),
                links=st.lists(link, max_size=2).map(tuple),
                own=st.builds(Enriched, authors=st.lists(ANY, max_size=2).map(tuple), year=st.none() | st.just(2020)),
                enriched=st.none() | BLOCKS,
            ),
            max_size=2,
            unique_by=lambda entry: entry.key,
        )
    )
    new = catalogs.with_entries(catalog, fresh, added)
    again = catalogs.parse(new)
    assert [entry.key for entry in again.entries] == [entry.key for entry in (*catalog.entries, *fresh)]
    for entry, old in zip(again.entries, catalog.entries, strict=False):
        given_urls = [each.url for each in (*old.links, *added.get(entry.key, []))]
        assert sorted(each.url for each in entry.links) == sorted(given_urls)
        assert replace(entry, links=(), place=None) == replace(old, links=(), place=None)
    remaining = iter(new)
    assert all(character in remaining for character in text if character not in "\"'[]~nul ")
    assert catalogs.with_entries(again, [], {}) == new


@COSTLY
@given(texts(), st.data())
def test_a_url_is_replaced_where_it_stands_and_nowhere_else(text: str, data: st.DataObject) -> None:
    catalog = catalogs.parse(text)
    links = [each for entry in catalog.entries for each in entry.links if each.place]
    chosen = data.draw(st.lists(st.sampled_from(links), unique=True)) if links else []
    changes = {each.place: each.url.replace("host", "elsewhere") for each in chosen if each.place}
    expected = text
    for each in chosen:
        expected = expected.replace(each.url, each.url.replace("host", "elsewhere"))
    assert catalogs.with_scalars(catalog, changes) == expected


@given(BLOCKS)
def test_a_block_reads_back_the_same_for_every_reader(block: Enriched) -> None:
    catalog = catalogs.parse("entries:\n- key: a\n- {key: b}\n")
    new = catalogs.with_enriched(catalog, {"a": block, "b": block})
    first, second = (entry.enriched for entry in catalogs.parse(new).entries)
    assert first == second
    assert first is not None
    tree = yaml.safe_load(new)["entries"]
    for name in ("title", "abstract", "venue", "doi", "arxiv_id"):
        value = getattr(block, name) or None
        if value:
            value = re.sub("[\ud800-\udfff]", "\ufffd", value)
        assert tree[0]["enriched"].get(name) == tree[1]["enriched"].get(name) == getattr(first, name) == value
    assert len(new.splitlines()) == len(new.split("\n")) - 1, "no value is spread over lines"


@given(st.text() | st.text("-:[]{}&*!|>'\"%@`,? \t\n\rae1#~<\x00\ufeff\u2028"), texts(), st.integers(0, 10**6))
def test_any_text_is_a_catalog_or_a_clear_error(noise: str, text: str, position: int) -> None:
    position %= len(text) + 1
    for damaged in (noise, text[:position] + noise + text[position:], text[:position]):
        try:
            catalog = catalogs.parse(damaged)
            catalogs.with_enriched(catalog, {entry.key: Enriched(year=1) for entry in catalog.entries})
        except catalogs.CatalogError as error:
            message = str(error)
            if not message.startswith("catalog.yaml:"):
                raise
