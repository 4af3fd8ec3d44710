"""The links of a Markdown document, an HTML page or a plain text, and the anchors that links can name; pure."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from markdown_it.token import Token

from enrich.links.cells import cells_without_links, links_of_cells
from enrich.links.kinds import LinkDocument, is_bibtex, is_html, is_markdown, is_table
from enrich.links.plain_items import plain_items
from enrich.links.urls import find_urls
from enrich.model import Link, Links, Place
from enrich.text import bibtex
from enrich.text.markdown import markdown_parser
from enrich.text.mdx import without_javascript

_PARSER = markdown_parser(autolinks=True, indented_code=True)
# Only for blocks: their content is parsed one at a time, as the tokens of a long list would fill the memory.
_BLOCKS = markdown_parser(autolinks=True, indented_code=True).disable(["inline", "text_join", "autolinks"])
_BLOCKS.block.ruler.before("table", "plain_items", plain_items)
_UNRENDERED = frozenset({"footnote_reference_open", "footnote_reference_close", "front_matter"})

# What most items of lists are: links and text in which nothing else has a meaning. The parser takes ten times as long.
_PLAIN_LINK = re.compile(r"\[([^\n\\`*_~\[\]!<>&]+)\]\(([^\s\x00-\x20\x7f\\`<>();]+)\)")
_NOT_PLAIN = re.compile(r"[\n\\`*_~\[\]!<>&@]|://|www\.")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS_IN_URL = str.maketrans("", "", "\t\n\r")  # https://url.spec.whatwg.org/#concept-basic-url-parser
_MOST_LINES = 65_535  # libxml2's largest line number

_EXPLICIT_ID = re.compile(r"\{:?\s*#(?P<id>[^\s{}]+)[^{}]*\}\s*\Z")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))


@dataclass(frozen=True, slots=True)
class Outline:
    """The links of a document as written, and the names of its elements, both in order."""

    urls: tuple[str, ...]
    parts: tuple[str, ...] = ()


def read_markdown(text: str, path: str) -> LinkDocument:
    """Read GitHub Flavored Markdown: links, autolinks, used references and footnotes, and the links of HTML in it.

    Code and comments have no links, and images are not links. In MDX, imports, exports and comments have none either.
    """
    page = rendered_page(text, path)
    return _document(page.tree(), path, page.lines)


def read_html(data: bytes, path: str) -> LinkDocument:
    """Read an HTML page in its declared encoding: `a` and `area` elements with a `href`."""
    encoding: str | None = "utf-8"
    try:
        data = _CONTROL.sub(" ", data.decode("utf-8-sig")).encode()
    except UnicodeDecodeError:
        encoding = None  # libxml2 looks for a byte order mark and for `meta`, as browsers do
    return _document(element_tree(data, encoding), path)


def read_bibtex(text: str, path: str) -> LinkDocument:
    """Read a BibTeX file; everything in its fields that looks like a URL is a link."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    places = ((start, url) for start, _, url in bibtex.urls_of(text))
    return LinkDocument(
        Links(
            Link(url, place=Place(path, line, start - starts[line - 1] + 1))
            for start, url in places
            for line in [bisect_right(starts, start)]
        )
    )


def outline(text: str, path: str) -> Outline:
    """Return the outline of a file by its suffix; two texts with the same outline differ only in words."""
    if is_markdown(path):
        root = rendered_page(text, path).tree()
    elif is_html(path):
        root = element_tree(_CONTROL.sub(" ", text).encode(), "utf-8")
    elif is_bibtex(path):
        return Outline(tuple(url for _, _, url in bibtex.urls_of(text)), tuple(bibtex.outline(text)))
    elif is_table(path):
        return Outline(tuple(url for _, url in links_of_cells(text)), tuple(cells_without_links(text)))
    else:
        return Outline(tuple(link.url for link in find_urls(text, path)))
    if root is None:
        return Outline(())
    return Outline(tuple(_hrefs(root)), tuple(str(element.tag) for element in root.iter("*")))


def rendered_page(text: str, path: str) -> _Page:
    """Return a Markdown document as HTML."""
    if path.lower().endswith(".mdx"):
        text = without_javascript(text)
    page = _Page()
    references: dict[str, object] = {}
    page.render(_BLOCKS.parse(_CONTROL.sub(" ", text), references), references)
    return page


def _hrefs(root: etree._Element) -> Iterator[str]:
    for element in root.iter("a", "area"):
        if (href := element.get("href")) is not None:
            yield href.strip().translate(_LINE_ENDS_IN_URL)


class _Page:
    """The HTML of a Markdown document, with the line of the source for each of its lines."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines = [1]

    def tree(self, *, comments: bool = False) -> etree._Element | None:
        """Return the elements that a browser would show."""
        return element_tree("".join(self.parts).encode(), "utf-8", comments=comments)

    def render(self, tokens: Sequence[Token], references: MutableMapping[str, object]) -> None:
        self._add("<html><body>", 1)
        line = 1
        for token in tokens:
            line = token.map[0] + 1 if token.map else line
            if token.type == "inline":
                self._content(token.content, line, references)
            elif token.type == "plain_items":
                self._items(token.meta["items"], line, references)
            elif token.type == "html_block":
                self._add("\n", line)
                self._add(token.content, line, moves=True)
            elif token.type not in _UNRENDERED:
                self._token(token, line)

    def _items(self, texts: Sequence[str], line: int, references: MutableMapping[str, object]) -> None:
        """Add a list whose items have a line each."""
        self._add("<ul>\n", line)
        for number, text in enumerate(texts, line):
            self._add("<li>\n", number)
            self._content(text, number, references)
            self._add("</li>\n", number)
        self._add("</ul>\n", line + len(texts) - 1)

    def _content(self, text: str, line: int, references: MutableMapping[str, object]) -> None:
        pieces = _PLAIN_LINK.split(text)
        if _NOT_PLAIN.search("|".join(pieces[::3])):
            (inside,) = _PARSER.parseInline(text, references)
            self._inline(inside.children or (), line)
        else:
            self._plain(pieces, line)

    def _plain(self, pieces: Sequence[str], line: int) -> None:
        """Add texts, between which are a label and an address each."""
        for text, label, url in zip(pieces[::3], (*pieces[1::3], ""), (*pieces[2::3], ""), strict=True):
            if text:
                self._add(html.escape(text), line)
            if url:
                self._add(f'<a href="{html.escape(url)}"\n>{html.escape(label)}</a>', line)

    def _inline(self, tokens: Sequence[Token], line: int) -> None:
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                line += 1
                self._add("<br>\n" if token.type == "hardbreak" else "\n", line)
            elif token.type == "link_open":
                self._tag(f'<a href="{html.escape(str(token.attrs["href"]))}">', line)
            elif token.type == "html_inline":
                is_tag = token.content[1:2].isalpha()
                self._tag(token.content, line) if is_tag else self._add(token.content, line)
                line += token.content.count("\n")
            else:
                self._token(token, line)

    def _token(self, token: Token, line: int) -> None:
        if token.type == "text":  # the renderer takes several times as long for text, which is most of a list
            self._add(html.escape(token.content), line)
        elif not token.hidden:
            self._add(_PARSER.renderer.render([token], _PARSER.options, {}), line)

    def _tag(self, tag: str, line: int) -> None:
        """Add a tag with a line end before its last character, as libxml2 gives a tag the line on which it ends."""
        self._add(f"{tag[:-1]}\n{tag[-1]}", line)

    def _add(self, part: str, line: int, *, moves: bool = False) -> None:
        self.parts.append(part)
        if count := part.count("\n"):
            self.lines += [line + number if moves else line for number in range(1, count + 1)]


def element_tree(data: bytes, encoding: str | None, *, comments: bool = False) -> etree._Element | None:
    """Return the elements that a browser would create from a page; None for an empty one."""
    parser = etree.HTMLParser(encoding=encoding, huge_tree=True, remove_comments=not comments, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:  # an empty document
        return None


def _document(root: etree._Element | None, path: str, lines: Sequence[int] | None = None) -> LinkDocument:
    """Collect the links and anchors of a page; `lines` has the source line for each of its lines."""
    if root is None:
        return LinkDocument(())
    base = next((href for element in root.iter("base") if (href := element.get("href"))), "")
    links, anchors, slugs = Links(), set(), _Slugs()
    for element in root.iter("*"):
        anchors |= {name.lower() for attribute in ("id", "name") if (name := element.get(attribute))}
        if lines and element.tag in _HEADINGS:
            anchors |= set(slugs.of("".join(map(str, element.itertext()))))
        if element.tag in ("a", "area") and (href := element.get("href")) is not None:
            url = _based(base, href.strip().translate(_LINE_ENDS_IN_URL))
            links.append(Link(url, place=_place(path, getattr(element, "sourceline", None), lines)))
    return LinkDocument(links, frozenset(anchors))


def _place(path: str, line: int | None, lines: Sequence[int] | None) -> Place | None:
    """Return where a tag is in the source; None after the last line that libxml2 counts."""
    if line is None or line >= _MOST_LINES:
        return None
    return Place(path, lines[line - 1] if lines else line)


def _based(base: str, url: str) -> str:
    """Return a relative URL resolved against the page's `base`; all others unchanged."""
    try:
        return urljoin(base, url) if base and not urlsplit(url).scheme else url
    except ValueError:
        return url


class _Slugs:
    """The anchors that GitHub gives to headings.

    https://github.com/gjtorikian/html-pipeline/blob/v2.14.3/lib/html/pipeline/toc_filter.rb
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, heading: str) -> Iterator[str]:
        """Yield the anchors of the next heading of a document: GitHub's, and those of other renderers."""
        yield self._next(heading)
        start = heading.rfind("{")
        if start >= 0 and (explicit := _EXPLICIT_ID.match(heading, start)):
            yield explicit["id"].lower()
            yield self._next(heading[:start])

    def _next(self, heading: str) -> str:
        slug = "".join(filter(_is_kept, heading.strip().lower())).replace(" ", "-")
        self._seen[slug] += 1
        return f"{slug}-{self._seen[slug] - 1}" if self._seen[slug] > 1 else slug


def _is_kept(character: str) -> bool:
    r"""Return whether a slug keeps the character: Ruby's `[\p{Word}\- ]`."""
    category = unicodedata.category(character)
    return character in " -" or category[0] in "LM" or category in ("Nd", "Pc")
