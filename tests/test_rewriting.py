"""New addresses in lists: at the links, spelled as the place needs, and nowhere else."""

from __future__ import annotations

import csv
import io
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.links import read_bibtex, read_html, read_markdown
from enrich.links.rewriting import rewritten
from enrich.links.spots import percent_encoded

OLD, NEW, OTHER = "https://old.example.org/a", "https://new.example.org/b", "https://other.example.org/c"


def moved(text: str, path: str = "README.md", new: str = NEW) -> str:
    return rewritten(text, path, {OLD: new}).text


# ---- Markdown


@pytest.mark.parametrize(
    "text",
    [
        "[a](@)",
        "[a](@ 'title')",
        "[a]( <@> )",
        "[a][r] and [r]\n\n[r]: @",
        "[a][r]\n\n[r]: <@> 'title'",
        "<@>",
        "see @.",
        "(see @)",
        "| x | y |\n|---|---|\n| [a](@) | @ |",
        '<a href="@">x</a> <a href=@>x</a>',
        "<p>\n<a class='x' href='@'>x</a>\n</p>",
        "[![badge](https://img.example.org/x)](@)",
        "- [ ] **[a](@)**: *@*\n  1. @",
        "note[^1]\n\n[^1]: [a](@)",
        "\ufeff# Title\r\n\r\n[a](@)\r\n",
        "[a](@)\rno line feed\r",
        "> <details><summary>x</summary>\n>\n> [a](@)\n> </details>",
    ],
)
def test_each_kind_of_link_gets_the_new_address(text: str) -> None:
    assert moved(text.replace("@", OLD)) == text.replace("@", NEW)


@pytest.mark.parametrize(
    "text",
    [
        "`@`",
        "```\n@\n```",
        "    @",
        "<!-- @ -->",
        "<!--\n[a](@)\n-->",
        "![a](@)",
        '[a](https://other.example.org "@")',
        "[@](https://other.example.org)",
        '<a title="@" href="https://other.example.org">x</a>',
        "<img src='@'>",
        "[r]: @",
        "\\[a](x@)",
        "---\nurl: @\n---\n",
        "@bc and [a](@/b) and [a](@?b) and [a](@#b)",
        "https://web.archive.org/web/2020/@",
        "[a](https://x.example.org/?url=@)",
    ],
)
def test_what_is_no_such_link_stays(text: str) -> None:
    assert moved(text.replace("@", OLD)) == text.replace("@", OLD)


@pytest.mark.parametrize(
    ("old", "text", "after"),
    [
        ("https://x.org/?a=1&b=2", "[a](https://x.org/?a=1&amp;b=2)", f"[a]({NEW})"),
        ("https://x.org/?a=1&b=2", '<a href="https://x.org/?a=1&#38;b=2">', f'<a href="{NEW}">'),
        ("https://x.org/a_b", r"[a](https://x.org/a\_b)", f"[a]({NEW})"),
        ("https://x.org/a(b", r"[a](https://x.org/a\(b)", f"[a]({NEW})"),
        ("https://x.org/a_(b)", "[a](https://x.org/a_(b))", f"[a]({NEW})"),
        ("http://www.x.org/a", "www.x.org/a, http://www.x.org/a", f"{NEW}, {NEW}"),
        ("https://x.org/a|b", "|x|\n|-|\n|[a](https://x.org/a\\|b)|", f"|x|\n|-|\n|[a]({NEW})|"),
    ],
)
def test_an_address_is_found_however_it_is_spelled(old: str, text: str, after: str) -> None:
    assert rewritten(text, "README.md", {old: NEW}).text == after


@pytest.mark.parametrize(
    ("new", "text", "after"),
    [
        ("https://n.org/a)b", "[a](@)", r"[a](https://n.org/a\)b)"),
        ("https://n.org/a_(b)", "[a](@) @", "[a](https://n.org/a_(b)) https://n.org/a_(b)"),
        ("https://n.org/a b", "[a](@) <@>", "[a](https://n.org/a%20b) <https://n.org/a%20b>"),
        ("https://n.org/a|b", "|x|\n|-|\n|[a](@)|", "|x|\n|-|\n|[a](https://n.org/a\\|b)|"),
        ("https://n.org/a.", "@ x", "<https://n.org/a.> x"),
        ("https://n.org/?a&copy;", "[a](@)", "[a](https://n.org/?a&amp;copy;)"),
        ("https://n.org/?a=1&copy=2", '<a href="@">', '<a href="https://n.org/?a=1&amp;copy=2">'),
        ("https://n.org/'x'", "<a href='@'>", "<a href='https://n.org/&#x27;x&#x27;'>"),
    ],
)
def test_an_address_is_spelled_as_its_place_needs(new: str, text: str, after: str) -> None:
    written = moved(text.replace("@", OLD), new=new)
    assert written == after.replace("@", OLD)
    assert {link.url for link in read_markdown(written, "README.md").links} == {percent_encoded(new)}


def test_places_are_those_of_the_links() -> None:
    found = rewritten(f"\ufeff# T\r\n\r\n`{OLD}`\r\nand {OLD}\r\n", "README.md", {OLD: NEW}).done
    assert [(str(each.place), each.place.column, each.old, each.new) for each in found] == [
        ("README.md:4", 5, OLD, NEW)
    ]


def test_several_links_move_at_once_and_may_trade_places() -> None:
    text = f"[a]({OLD}) [b]({NEW}) {OTHER}"
    assert rewritten(text, "a.md", {OLD: NEW, NEW: OLD}).text == f"[a]({NEW}) [b]({OLD}) {OTHER}"


PIECES = st.sampled_from(
    [
        *("[a](@)", "[b](<@> 'x')", "<@>", "@", "[r]", "[a][r]", "\n\n[r]: @\n", "@bc", "@)", "\\@", "![i](@)"),
        *("<a href='@'>", '<a href="@">', "</a>", "<p>", "</p>\n", "<code>", "</code>", "<details>", "<script>"),
        *("</script>", "<pre>", "</pre>", "<!--", "-->", "`@`", "``", "```\n", "~~~", "{/*", "*/}", "[^1]", "\n[^1]: "),
        *("\n", "\n\n", "\r\n", "\r", "    ", "\t", "- ", "1. ", "> ", "# ", "* ", "_", "**", "[", "](", ")", "\\"),
        *("|a|b|\n|-|-|\n", "|", "---\n", "===\n", "<", ">", "(", '"', "'", "~~", ":", "www.", "text", "é", "\u2028"),
        *(f"[o]({OTHER})", OTHER, "https://", "&amp;"),
    ]
)


@given(
    st.lists(PIECES, max_size=14).map("".join),
    st.sampled_from(["README.md", "page.mdx", "page.html", "notes.txt"]),
    st.sampled_from([NEW, "https://n.org/a)b", "https://n.org/?a=1&b=2|c", "https://n.org/a_(b)*c*"]),
)
def test_in_any_document_links_move_and_every_other_byte_stays(pieces: str, path: str, new: str) -> None:
    text = pieces.replace("@", OLD)
    found = rewritten(text, path, {OLD: new})
    spelled = re.escape(new).replace(r"\)", r"\\?\)").replace(r"\|", r"(?:\\?\||&\#124;)").replace("&", "&(?:amp;)?")
    back = re.sub(f"<?{spelled}>?" if "<" + new[:9] in found.text else spelled, OLD, found.text)
    assert _bare(back) == _bare(text)
    before, after = _urls(text, path), _urls(found.text, path)
    assert after == [new if url == OLD and not found.left else url for url in before] or found.left
    assert len(after) == len(before)
    assert {url for url in after if url not in (OLD, new)} == {url for url in before if url not in (OLD, new)}


def _bare(text: str) -> str:
    return text.replace("<", "").replace(">", "")


def _urls(text: str, path: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if path.endswith(".txt"):
        return re.findall("never", text)
    document = read_html(text.encode(), path) if path.endswith(".html") else read_markdown(text, path)
    return [link.url for link in document.links]


# ---- BibTeX


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("@misc{a, url = {@}}", "@misc{a, url = {https://n.org/a_b%20c?x&y#z}}"),
        (
            "@misc{a,\n  howpublished = {\\url{@}},\n}",
            "@misc{a,\n  howpublished = {\\url{https://n.org/a_b%20c?x&y#z}},\n}",
        ),
        ('@misc{a, note = "See @."}', '@misc{a, note = "See https://n.org/a\\_b\\%20c?x\\&y\\#z."}'),
        ("@misc{a, url = @}", "@misc{a, url = @}"),
        (
            "@comment{@misc{a, url = {@}}}\n% @misc{b, url = {@}}",
            "@comment{@misc{a, url = {@}}}\n% @misc{b, url = {@}}",
        ),
        ("stray @\n@string{u = {@}}", "stray @\n@string{u = {@}}"),
    ],
)
def test_addresses_in_bibtex_are_escaped_as_their_place_needs(text: str, after: str) -> None:
    old = "https://old.example.org/a"
    spelled = re.sub(r"@(?![a-z])", old, text)
    new = "https://n.org/a_b%20c?x&y#z"
    assert rewritten(spelled, "refs.bib", {old: new}).text == re.sub(r"@(?![a-z])", old, after)


def test_escaped_addresses_in_bibtex_are_found_and_stay_escaped() -> None:
    text = "@misc{a, url = {https://old.example.org/a\\_b}, note = {~}}\r\n"
    found = rewritten(text, "refs.bib", {"https://old.example.org/a_b": "https://n.org/c_d%e"})
    assert found.text == "@misc{a, url = {https://n.org/c\\_d\\%e}, note = {~}}\r\n"
    assert [link.url for link in read_bibtex(found.text, "refs.bib").links] == ["https://n.org/c_d%e"]


@given(
    st.text(string.ascii_letters + '@{}"%\\,= \n#~_', max_size=60),
    st.sampled_from(["https://n.org/a_b", "https://n.org/{"]),
)
def test_in_any_bibtex_every_other_byte_stays(text: str, new: str) -> None:
    whole = f"{text}\n@misc{{k, url = {{{OLD}}}, note = {{{OTHER}}}}}\n{text}"
    found = rewritten(whole, "refs.bib", {OLD: new})
    assert (
        found.text.replace(percent_encoded(new), OLD).replace("\\_b", "_b").replace("https://n.org/a_b", OLD) == whole
        or found.left
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (f"title,url,year\nA bird,{OLD},2031\n", f"title,url,year\nA bird,{NEW},2031\n"),
        (f'url;title\r\n"{OLD}";"A ""bird"""\r\n', f'url;title\r\n"{NEW}";"A ""bird"""\r\n'),
        (f"title\turls\nA bird\t{OLD}; {OTHER} {OLD}", f"title\turls\nA bird\t{NEW}; {OTHER} {NEW}"),
        (f"title,url\nsee({OLD}).,{OLD}\n", f"title,url\nsee({NEW}).,{NEW}\n"),
        (f'title,url\n"see {OLD}, {OLD}/b",{OLD}\n', f'title,url\n"see {NEW}, {OLD}/b",{NEW}\n'),
        (f'title,url\n"A bird,\n{OLD}",{OLD}/more\n', f'title,url\n"A bird,\n{NEW}",{OLD}/more\n'),
    ],
)
def test_addresses_in_cells_of_a_table_move(text: str, after: str) -> None:
    assert moved(text, "list.csv") == after


def test_an_address_with_the_delimiter_in_it_is_quoted() -> None:
    assert moved(f"url,title\n{OLD},A\n", "list.csv", f"{NEW},b") == f'url,title\n"{NEW},b",A\n'
    assert moved(f"url,title\n{OLD} {OTHER},A\n", "list.csv", f"{NEW},b") == f"url,title\n{OLD} {OTHER},A\n"


CELLS = st.sampled_from(
    [OLD, OTHER, f'"{OLD}"', f'"{OLD},x"', '"a ""b"""', "a", "", '"', ";", " ", ",", "\t", "\n", "\r\n"]
)


@given(st.lists(CELLS, max_size=12).map("".join), st.sampled_from([NEW, f"{NEW},b", f"{NEW}?a=1&b=2"]))
def test_in_any_table_every_other_byte_stays(text: str, new: str) -> None:
    text = "url,title\n" + text
    found = rewritten(text, "list.csv", {OLD: new})
    assert found.text.replace('"', "").replace(new, OLD) == text.replace('"', "")
    before, after = (list(csv.reader(io.StringIO(each, newline=""))) for each in (text, found.text))
    assert [[cell.replace(new, OLD) for cell in row] for row in after] == before
