"""`enrich render`: the parts of a list that are written from the catalog, and every other byte as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.commands.exact_files import ExactFile
from enrich.commands.render import rendered
from enrich.export.sections import TemplateError, built_in_section, from_template
from enrich.lists import read_any
from enrich.model import Enriched, EnrichError, Entry, EntryType, Link, LinkKind
from enrich.text.markdown import markdown_parser
from enrich.text.markers import MarkerError, regions
from tests.loopback import Bench

CATALOG = """\
version: 1
entries:
  - key: flexgen
    name: FlexGen
    title: "FlexGen: High-Throughput Generative Inference"
    venue: ICML 2023
    sections: [Papers / Serving]
    links:
      - {label: Paper, kind: paper, url: https://arxiv.org/abs/2303.06865}
      - {label: Code, kind: code, url: https://github.com/FMInference/FlexGen}
    enriched: {citation_count: 635, year: 2023, authors: [Ying Sheng, Lianmin Zheng, Binhang Yuan, Zhuohan Li]}
  - key: orca
    title: Orca
    sections: [Papers / Scheduling]
    links: {paper: https://example.org/orca}
    enriched: {citation_count: 1200, year: 2022, venue: OSDI}
  - key: vllm
    type: repository
    name: vLLM
    links: {code: https://github.com/vllm-project/vllm}
"""
TABLE = """\
| Paper | Venue | Year | Citations | Links |
| --- | --- | ---: | ---: | --- |
| [FlexGen: High-Throughput Generative Inference](https://arxiv.org/abs/2303.06865) | ICML 2023 | 2023 | 635 \
| [Code](https://github.com/FMInference/FlexGen) |
| [Orca](https://example.org/orca) | OSDI | 2022 | 1,200 | |
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "here"
    folder.mkdir()
    bench = Bench.at(folder)
    bench.write("catalog.yaml", CATALOG)
    return bench


def filled(bench: Bench, text: str) -> str:
    bench.write("README.md", text)
    done = bench.call("render", "README.md")
    assert done.code == 0, done.err
    return bench.read("README.md")


def marked(options: str, between: str = "\n") -> str:
    return f"<!-- enrich:begin {options} -->{between}<!-- enrich:end -->"


# ---- what a part shows


def test_a_table_is_written_between_its_markers_and_nowhere_else(bench: Bench) -> None:
    text = "\ufeff# Papers\r\n\r\n" + marked("table type=paper", "\r\nold\r\n") + "\r\nno end"
    after = filled(bench, text)
    body = TABLE.replace("\n", "\r\n")
    assert after == "\ufeff# Papers\r\n\r\n" + marked("table type=paper", f"\r\n\r\n{body}\r\n") + "\r\nno end"
    assert filled(bench, after) == after


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("bullets entry=orca", "- [Orca](https://example.org/orca) (OSDI, 2022, 1,200 citations)"),
        (
            "bullets section=Serving",
            (
                "- [FlexGen: High-Throughput Generative Inference](https://arxiv.org/abs/2303.06865) "
                "(ICML 2023, 635 citations) \\[[Code](https://github.com/FMInference/FlexGen)\\]"
            ),
        ),
        ("table columns=name,authors limit=1", "| FlexGen | Ying Sheng, Lianmin Zheng, Binhang Yuan et al. |"),
        ("table columns=title sort=citations limit=1", "| [Orca](https://example.org/orca) |"),
        ("table columns=title sort=-year limit=1", "| [vLLM](https://github.com/vllm-project/vllm) |"),
        ("table columns=year sort=year section='papers / scheduling'", "| 2022 |"),
        (
            "badges entry=flexgen",
            (
                "![citations: 635](https://img.shields.io/badge/citations-635-blue) "
                "[![stars of FMInference/FlexGen](https://img.shields.io/github/stars/FMInference/FlexGen?style=flat)]"
                "(https://github.com/FMInference/FlexGen)"
            ),
        ),
        ("badges", "![papers: 2](https://img.shields.io/badge/papers-2-blue)"),
        (
            "stats",
            (
                "2 papers, 1 repository; published 2022 to 2023; cited 1,835 times, half of the papers 918 times or "
                "more; venues: ICML 2023 (1), OSDI (1)."
            ),
        ),
    ],
)
def test_a_built_in_template_shows(bench: Bench, options: str, shown: str) -> None:
    after = filled(bench, marked(options))
    expected = shown.replace("| FlexGen |", "| [FlexGen](https://arxiv.org/abs/2303.06865) |")
    assert expected in after.split("\n") or expected in after
    assert filled(bench, after) == after


def test_parts_may_be_inside_a_line_or_a_quotation(bench: Bench) -> None:
    quoted = marked("bullets entry=orca", "\n> ")
    after = filled(bench, f"We list {marked('stats type=repository', ' ')}\n\n> {quoted}\n")
    assert after.startswith(f"We list {marked('stats type=repository', '0 papers, 1 repository.')}\n")
    assert "\n> <!-- enrich:begin bullets entry=orca -->\n>\n> - [Orca]" in after
    assert after.endswith("\n>\n> <!-- enrich:end -->\n")


def test_markers_in_code_are_text(bench: Bench) -> None:
    code = f"```\n{marked('table')}\n```\n\n`{marked('table', '')}`\n\n    {marked('table', '')}\n"
    text = f"{code}\n{marked('stats', '')}\n"
    assert filled(bench, text).startswith(code)


def test_a_template_of_ones_own(bench: Bench) -> None:
    bench.write(
        "papers.md.j2",
        "{% for one in entries %}\n* {{ one.title | link(one.url) }} by {{ one.authors | join(', ') }}\n{% endfor %}\n",
    )
    after = filled(bench, marked("papers.md.j2 entry=flexgen note=x"))
    assert "](https://arxiv.org/abs/2303.06865) by Ying Sheng, Lianmin Zheng, Binhang Yuan, Zhuohan Li\n" in after


def test_check_tells_what_is_not_up_to_date(bench: Bench) -> None:
    text = marked("stats")
    bench.write("README.md", text)
    done = bench.call("render", "README.md", "--check")
    assert (done.code, bench.read("README.md")) == (1, text)
    assert "run `enrich render README.md`" in done.out
    filled(bench, text)
    done = bench.call("render", "README.md", "--check")
    assert (done.code, done.out) == (0, "")


def test_another_catalog_and_several_files(bench: Bench) -> None:
    (bench.folder / "docs").mkdir()
    for name in ("docs/a.md", "docs/b.md"):
        bench.write(name, marked("badges"))
    assert bench.call("render", "docs/*.md", "--catalog", "catalog.yaml").code == 0
    assert bench.read("docs/a.md") == bench.read("docs/b.md") != marked("badges")


def test_what_enrich_wrote_is_no_item_of_the_list(bench: Bench) -> None:
    text = f"# Papers\n\n- Medusa: Simple Inference [[Paper](https://arxiv.org/abs/2401.10774)]\n\n{marked('table')}\n"
    before = read_any(text, "README.md")
    assert read_any(filled(bench, text), "README.md") == before


# ---- what is refused


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("\n<!-- enrich:begin table -->\n", 2, "without an enrich:end"),
        ("x\n\n<!-- enrich:end -->\n", 3, "without an enrich:begin"),
        ("<!-- enrich:begin table -->\n\n<!-- enrich:begin stats -->\n<!-- enrich:end -->", 3, "inside the part"),
        (f"{marked('stats')}\n\n{marked('stats')}\n", 4, "already"),
        (marked("tabel"), 1, "did you mean table?"),
        (marked("table sotr=year"), 1, "did you mean sort?"),
        (marked("table sort=yaer"), 1, "did you mean year?"),
        (marked("table limit=0"), 1, "positive integer"),
        (marked("table columns=title,yeer"), 1, "did you mean year?"),
        (marked("table type=papr"), 1, "did you mean paper?"),
        (marked("bullets entry=nobody"), 1, "no entry with the key"),
        (marked("table sort"), 1, "not an option"),
        (f"x {marked('table', '')}", 1, "lines of their own"),
        (marked("../outside.md.j2"), 1, "outside the repository"),
        (marked("/etc/passwd"), 1, "outside the repository"),
        (marked("link.j2"), 1, "outside the repository"),
        (marked(".git/config"), 1, "outside the repository"),
    ],
)
def test_wrong_markers_are_named_with_their_line(bench: Bench, text: str, line: int, why: str) -> None:
    (bench.folder / ".git").mkdir()
    (bench.folder / "link.j2").symlink_to("/etc/hosts")
    bench.write("README.md", text)
    done = bench.call("render", "README.md")
    assert (done.code, bench.read("README.md")) == (2, text)
    assert f"README.md:{line}: " in done.err
    assert why in done.err


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("\n{% for %}", ":2: "),
        ("\n\n{{ nobody }}", ":3: 'nobody' is undefined"),
        ("{{ entries[0].__class__.__mro__ }}", "unsafe"),
        ("{{ ''.__class__ }}", "unsafe"),
        ("{{ entries[0].title.format(1) }}", "unsafe"),
        ("{{ 'x' * 100000000 }}", "too large"),
        ("{{ 9 ** 999999999 }}", "too large"),
        ("{{ '%999999999d' % 1 }}", "not available"),
        ("{% for a in range(99999) %}xxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}", "writes more than"),
        ("{% for a in range(9999999999) %}{% endfor %}", "Range too big"),
        ("{% include 'catalog.yaml' %}", "no loader"),
        ("{{ entries[0].title | safe }}", "No filter named 'safe'"),
        ("<!-- enrich:end -->", "markers of its own"),
        ("```", "markers of its own"),
    ],
)
def test_a_template_cannot_break_out(bench: Bench, template: str, why: str) -> None:
    bench.write("own.j2", template)
    bench.write("README.md", marked("own.j2"))
    done = bench.call("render", "README.md")
    assert (done.code, bench.read("README.md")) == (2, marked("own.j2"))
    assert why in done.err


def test_a_template_that_does_not_end_is_stopped(bench: Bench) -> None:
    bench.write("own.j2", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    path = bench.write("README.md", marked("own.j2"))
    file = ExactFile.read(path, 1000)
    with pytest.raises(EnrichError, match=r"more than 0\.1 s; simplify the template"):
        rendered(file, regions(file.text()), [], seconds=0.1)


@pytest.mark.parametrize("name", ["README.md", "page.html"])
def test_files_without_parts_are_named(bench: Bench, name: str) -> None:
    bench.write(name, "# Papers\n")
    done = bench.call("render", name)
    assert (done.code, name in done.err) == (2, True)


# ---- whatever is in the catalog

hostile = st.text(
    st.sampled_from("|`*_[]()<>!-\\&#@$~:/\"'ax \n\u200b") | st.characters(codec="utf-8"), max_size=20
) | (
    st.sampled_from(
        [
            *(
                "<!-- enrich:end -->",
                "-->",
                "<script>alert(1)</script>",
                "](javascript:alert(1))",
                "https://x.org",
                "www.x.org",
            ),
            *("![x](https://x.org/y)", "| a |\n| - |", "\n\n# x", "&lt;b&gt;", "[^1]", "```", "@someone", "<x@y.org>"),
        ]
    )
)
urls = st.builds("https://x.org/{}".format, hostile) | hostile


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    links = draw(st.lists(st.builds(Link, urls, st.sampled_from(LinkKind), hostile), max_size=3))
    return Entry(
        key="a",
        type=draw(st.sampled_from(EntryType)),
        name=draw(st.none() | hostile),
        title=draw(hostile) or "x",
        venue=draw(st.none() | hostile),
        links=tuple(links),
        enriched=Enriched(authors=tuple(draw(st.lists(hostile, max_size=2))), citation_count=3, year=2020),
    )


def _tokens(text: str) -> list[tuple[str, str]]:
    parser = markdown_parser(autolinks=True, indented_code=True)
    return [
        (token.type, str(token.attrs.get("href", "")))
        for block in parser.parse(text)
        for token in [block, *(block.children or [])]
    ]


ALL_COLUMNS = "name,title,authors,venue,year,citations,links,tags,institutions,remarks,stars"


@settings(max_examples=30)
@given(st.lists(entries(), min_size=1, max_size=3))
def test_no_text_of_a_catalog_leaves_its_cell(given_entries: list[Entry]) -> None:
    template = "| {{ entries[0].title | link(entries[0].url) }} | {{ entries[0].venue ~ (entries[0].name | e) }} |"
    for written, cells in (
        (built_in_section("table", {"columns": ALL_COLUMNS}, given_entries), 11 * (len(given_entries) + 1)),
        (f"| a | b |\n| - | - |\n{from_template(template, {}, given_entries)}", 4),
    ):
        tokens = _tokens(written)
        names = [name for name, _ in tokens]
        assert names.count("td_open") + names.count("th_open") == cells
        assert names.count("table_open") == 1
        assert not {"html_inline", "html_block", "code_inline", "heading_open", "em_open", "footnote_ref"} & set(names)
        assert all(re.match(r"https?://|ftp://|[^:]*(?:[/?#]|$)", href, re.IGNORECASE) for _, href in tokens if href)


@settings(max_examples=30)
@given(st.lists(entries(), min_size=1, max_size=3), st.sampled_from(["bullets", "stats", "badges"]))
def test_no_text_of_a_catalog_is_more_than_text(given_entries: list[Entry], name: str) -> None:
    written = built_in_section(name, {}, given_entries)
    names = [kind for kind, _ in _tokens(written)]
    assert names.count("list_item_open") == (len(given_entries) if name == "bullets" else 0)
    assert not {"html_inline", "html_block", "code_inline", "heading_open", "em_open", "hr", "fence"} & set(names)
    text = f"a\n{marked(name)}\nb\n"
    (region,) = regions(text)
    after = text[: region.start] + region.filled(written) + text[region.end :]
    assert len(regions(after)) == 1


PIECES = st.sampled_from(
    [
        *(
            "<!-- enrich:begin a -->",
            "<!-- enrich:begin b x=1 -->",
            "<!-- enrich:end -->",
            "<!--",
            "-->",
            "`",
            "```\n",
            "~~~",
        ),
        *("\n", "\n\n", "\r\n", "    ", "> ", "- ", "x", "<p>", "</p>", "<pre>", "[a](b)", "|", "<script>", "\\", "\t"),
    ]
)


@settings(max_examples=80)
@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["", "x", "- a\n- b", "| a |\n| - |"]))
def test_filling_changes_nothing_else_and_twice_changes_nothing(text: str, content: str) -> None:
    try:
        found = regions(text)
    except MarkerError:
        return
    after, place = "", 0
    for region in found:
        assert text[: region.start].endswith("-->")
        after += text[place : region.start] + region.filled(content)
        place = region.end
    after += text[place:]
    try:
        again = regions(after)
    except MarkerError:
        return  # which the command refuses
    if [each.name for each in again] == [each.name for each in found]:
        assert [each.filled(content) for each in again] == [after[each.start : each.end] for each in again]


def test_a_template_knows_its_line() -> None:
    with pytest.raises(TemplateError) as raised:
        from_template("\n{{ entries | nothing }}", {}, [])
    assert raised.value.line == 2
