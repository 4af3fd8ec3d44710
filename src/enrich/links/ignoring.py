"""Comments in a list that accept a link: `<!-- enrich: ignore REASON -->` after it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from enrich.links.documents import element_tree, rendered_page
from enrich.links.kinds import is_html, is_markdown

_COMMENT = re.compile(r"\s*enrich:\s*ignore\b[\s:,-]*(?P<reason>.*?)\s*", re.DOTALL)
_NO_REASON = "no reason given"
_BREAK = re.compile(r"\r\n|\r|\n")


def ignored_urls(text: str, path: str) -> Mapping[str, str]:
    """Return the links of a Markdown or HTML document that a comment accepts, each with the reason.

    A comment belongs to the link before it, on its line or in the lines above it up to a blank one.
    """
    if "enrich:" not in text or "ignore" not in text or not (is_markdown(path) or is_html(path)):
        return {}
    text = _BREAK.sub("\n", text)
    numbers: Sequence[int] | None = None
    if is_html(path):
        root = element_tree(text.encode(), "utf-8", comments=True)
    else:
        page = rendered_page(text, path)
        root, numbers = page.tree(comments=True), page.lines
    if root is None:
        return {}
    return _ignored(root, text.split("\n"), numbers)


def _ignored(root: etree._Element, source: Sequence[str], numbers: Sequence[int] | None) -> dict[str, str]:
    def line(element: etree._Element) -> int:
        at = getattr(element, "sourceline", None) or 1
        return numbers[min(at, len(numbers)) - 1] if numbers else at

    found: dict[str, str] = {}
    last: tuple[str, int] | None = None
    for element in root.iter("a", "area", etree.Comment):
        if not isinstance(element, etree._Comment):
            last = (href.strip(), line(element)) if (href := element.get("href")) is not None else last
        elif last and (match := _COMMENT.fullmatch(element.text or "")):
            between = source[last[1] - 1 : line(element)]
            if all(each.strip() for each in between):
                found[last[0]] = " ".join(match["reason"].split()) or _NO_REASON
    return found
