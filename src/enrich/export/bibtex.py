"""The catalog as BibTeX; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from enrich.export.authors import Authors
from enrich.export.keys import KEYS, unique_keys
from enrich.export.works import CitedWork, is_cited
from enrich.model import Entry
from enrich.text.brackets import is_balanced
from enrich.text.dates import MONTHS
from enrich.text.names import Name, is_group

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
# As Pandoc distinguishes a formula from prices: https://pandoc.org/MANUAL.html#math
_FORMULA = re.compile(r"(?<![\\$])\$(?=[^\s$])((?:[^$\\]|\\.)*?)(?<=[^\s\\])\$(?![\d$])")
_PRICE = re.compile(r"\d[\d.,]*\s+[A-Za-z]{2,}\s")
_WORD = re.compile(r"\w(?:\S*\w)?")
_PAGES = re.compile(r"(?<=\w)\s*[-\u2010-\u2015]+\s*(?=\w)")
# Two of these make another character in LaTeX: `--` is a dash.
_LIGATURE = re.compile(r"([-'`,<>])(?=\1)|[?!](?=`)")
_CONTAINERS = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle"}
_PUBLISHERS = {"phdthesis": "school", "techreport": "institution"}
_OLD_ARXIV = re.compile(r"([a-z-]+)/\d{7}")


def bibtex(entries: Sequence[Entry], keys: str = "entry") -> str:
    """Return a BibTeX file in UTF-8: @article, @inproceedings, and @misc with its eprint for papers only on arXiv.

    Persons and labs are left out; other entries that are not papers are @misc.
    """
    works = [CitedWork(entry) for entry in entries if is_cited(entry)]
    named = zip(unique_keys(KEYS[keys](work) for work in works), works, strict=True)
    return "\n".join(_entry(key, work.bibtex_type, fields_of(work)) for key, work in named)


def fields_of(work: CitedWork) -> dict[str, str]:
    """Return the known fields of a work, with their values in BibTeX."""
    kind = work.bibtex_type
    container = _CONTAINERS.get(kind)
    fields = {
        "title": braced(_protected(work.title)),
        "author": braced(joined(work.people)),
        container or "howpublished": braced(escape_latex((work.container if container else work.venue) or "")),
        "series": braced(escape_latex(work.short_venue or "")) if container == "booktitle" else "",
        _PUBLISHERS.get(kind, "publisher"): braced(escape_latex(work.of_record("publisher"))),
        "volume": braced(escape_latex(work.of_record("volume"))),
        "number": braced(escape_latex(work.of_record("issue"))),
        "pages": braced(_PAGES.sub("--", escape_latex(work.of_record("pages")))),
        "year": braced(escape_latex(work.year or "")),
        "month": _month(work.date or ""),
        "doi": braced(_verbatim(work.doi or "")),
        **_eprint(work.arxiv_id),
        "url": braced(_verbatim(work.url or "")),
        "abstract": braced(escape_latex(work.text("abstract") or "")),
    }
    return {name: value for name, value in fields.items() if value}


def braced(value: str) -> str:
    """Return a value with BibTeX's delimiters; empty for nothing."""
    return f"{{{value}}}" if value else ""


def escape_latex(text: str) -> str:
    r"""Return a text so that LaTeX prints it; formulas in `$...$` stay."""
    return "".join(_formula(part) if is_formula else _plain(part) for part, is_formula in _parts(text))


def _entry(key: str, kind: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {value},\n" for name, value in fields.items()]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _month(date: str) -> str:
    """Return the macro of a month, which every style prints in its language."""
    match = re.match(r"\d{4}-(0[1-9]|1[0-2])", date)
    return MONTHS[int(match[1]) - 1] if match else ""


def _eprint(arxiv_id: str | None) -> dict[str, str]:
    """Return the fields of a preprint: https://info.arxiv.org/help/hypertex/bibstyles/index.html."""
    if not arxiv_id:
        return {}
    old = _OLD_ARXIV.fullmatch(arxiv_id)
    fields = {"eprint": braced(_verbatim(arxiv_id)), "archivePrefix": "{arXiv}"}
    return fields | {"primaryClass": braced(old[1])} if old else fields


def _parts(text: str) -> list[tuple[str, bool]]:
    """Return the text split at its formulas, each part with whether it is one."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for match in _FORMULA.finditer(text):
        if is_balanced(match[1], "{}") and ("\\" in match[1] or not _PRICE.match(match[1])):
            parts += [(text[end : match.start()], False), (match[0], True)]
            end = match.end()
    return [*parts, (text[end:], False)]


def _formula(text: str) -> str:
    return re.sub(r"(?<!\\)%", r"\\%", text)  # a comment would hide the rest of the line


def _plain(text: str) -> str:
    r"""Escape LaTeX's special characters.

    BibTeX counts braces after a backslash, too: an unmatched one would swallow the following entries, so it is written
    as a command.
    """
    lone = _lone_braces(text)
    written = []
    for place, letter in enumerate(text):
        if letter in "{}":
            name = "textbraceleft" if letter == "{" else "textbraceright"
            written.append(f"\\{name}{{}}" if place in lone else f"\\{letter}")
        else:
            written.append(_ESCAPES.get(letter, letter))
    return _LIGATURE.sub(r"\g<0>{}", "".join(written))


def _lone_braces(text: str) -> set[int]:
    """Return the places of unmatched braces."""
    opened: list[int] = []
    lone: set[int] = set()
    for match in re.finditer(r"[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            opened.pop()
        else:
            lone.add(match.start())
    return lone | set(opened)


def _verbatim(text: str) -> str:
    """Return a URL as BibTeX styles print it, with the characters escaped that start or end a group."""
    return re.sub(r"[{}\\ ]", lambda match: f"%{ord(match[0]):02X}", text)


def _protected(title: str) -> str:
    """Return a title with braces around formulas and words with capitals: `{FlexGen}: High-Throughput …`."""
    written = (_formula(part) if is_formula else part for part, is_formula in _parts(title))
    return "".join(
        braced(part) if number % 2 else re.sub(r"\S+", lambda match: _word(match[0]), part)
        for number, part in enumerate(written)
    )


def _word(word: str) -> str:
    core = _WORD.search(word)
    if core is None or not _has_own_capitals(core[0]):
        return _plain(word)
    return f"{_plain(word[: core.start()])}{{{_plain(core[0])}}}{_plain(word[core.end() :])}"


def _has_own_capitals(word: str) -> bool:
    """Whether a bibliography style must keep a word's capitals: a name, an acronym, a symbol, a single letter."""
    if len(word) == 1:
        return word.isupper() and word not in "AI"
    parts = word.split("-")
    return any(letter.isupper() for part in parts for letter in part[1:]) or any(
        part[:1].isupper() and any(map(str.isdigit, part)) for part in parts
    )


def joined(people: Authors, *, family_first: bool = False) -> str:
    """Return a list of authors in BibTeX, given names first unless stated otherwise."""
    names = [_author(name, family_first=family_first) for name in people.names]
    return " and ".join([*names, *([] if people.complete else ["others"])])


def _author(name: Name, *, family_first: bool) -> str:
    """Return a name so that BibTeX splits it correctly: `Ada Lovelace`, `Steele, Jr., Guy L.`, `{The ATLAS Group}`."""
    family, given = escape_latex(name.family), escape_latex(name.given)
    if name.is_whole:
        return f"{{{family}}}" if " " in family or "," in family or is_group(name.family) else family
    if name.suffix:
        return f"{family}, {escape_latex(name.suffix)}, {given}"
    first, *rest = name.family.split()
    cut_alike = not family_first and (not rest or first[:1].islower())
    return f"{given} {family}" if cut_alike and "," not in name.given + name.family else f"{family}, {given}"
