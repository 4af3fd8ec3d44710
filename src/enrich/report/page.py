"""The common parts of all pages: the templates, the style, the script, and the policy that allows nothing else.

Everything that the templates print passes through `escape.html`: hidden characters are made visible, and nothing from
outside is markup.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from enrich.model import Place
from enrich.report import escape
from enrich.text.urls import split_url


def environment() -> Environment:
    """Return the templates, with the filters that escape."""
    made = Environment(
        loader=PackageLoader("enrich.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "full_url": lambda text: escaped(text, escape.LONGEST_SHOWN_URL),
        "host": escape.host,
        "lines": lambda rows: Markup("<br>".join(map(escape.html, rows))),
        "link": _link,
        "whole": lambda text: escaped(text, None),
    }
    return made


@cache
def frame(*styles: str) -> Mapping[str, object]:
    """Return what `base.html` needs: the style, the script, the icon, and the policy for them.

    Args:
        styles: Style sheets of the page's own, after the common one.
    """
    style, script = Markup("").join(map(_asset, ("page.css", *styles))), _asset("page.js")
    return {"style": style, "script": script, "icon": _icon(), "policy": _policy(style, script)}


def escaped(text: str, longest: int | None = escape.LONGEST_SHOWN_TEXT) -> Markup:
    """Return text for an element or an attribute."""
    return Markup(escape.html(text, longest))


def escaped_lines(lines: Iterable[str]) -> Markup:
    """Return lines for a `pre` element."""
    return Markup("\n".join(escape.html(line, None) for line in lines))


def place_link(place: Place, permalink: str | None) -> Markup:
    """Return a place as `file:line`, as a link into the repository if its URL is known."""
    shown = escaped(str(place))
    if permalink is None:
        return Markup(f'<span class="place">{shown}</span>')
    address = f"{permalink.rstrip('/')}/{quote(escape.plain(place.path, None))}#L{place.line}"
    return Markup(f'<a class="place" href="{escaped(address, None)}">{shown}</a>')


def _shown(value: object) -> object:
    """Return what a template prints for a value: markup unchanged, nothing for None, everything else escaped."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else escaped(str(value))


def is_web(text: str) -> bool:
    """Whether a text is a whole web address without hidden characters."""
    is_shown_whole = text == escape.plain(text, escape.LONGEST_SHOWN_URL)
    return split_url(text).scheme in ("http", "https") and is_shown_whole and " " not in text


def _link(text: str) -> Markup:
    """Return a link if the text is a whole URL without hidden characters; else the text."""
    shown = escaped(text, escape.LONGEST_SHOWN_URL)
    return Markup(f'<a href="{shown}">{shown}</a>') if is_web(text) else shown


def _asset(name: str) -> Markup:
    return Markup("\n" + files("enrich.report").joinpath("templates", name).read_text(encoding="utf-8"))


def _icon() -> Markup:
    drawing = files("enrich.report").joinpath("templates", "icon.svg").read_text(encoding="utf-8")
    return Markup(f"data:image/svg+xml,{quote(drawing.strip())}")


def _policy(style: str, script: str) -> Markup:
    return Markup(
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
