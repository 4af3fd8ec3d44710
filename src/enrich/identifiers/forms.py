"""arXiv IDs and DOIs as people and sites write them; pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

from enrich.model import Identifier, Scheme

# re.ASCII throughout: no registry assigns full-width digits or accented letters.
ARXIV_NEW = r"[0-9]{4}\.[0-9]{4,5}"
ARXIV_OLD = r"[a-z]{1,10}(?:-[a-z]{1,10}){0,2}(?:\.[A-Z]{2})?/[0-9]{7}"
ARXIV_ID = rf"(?P<id>{ARXIV_NEW}|{ARXIV_OLD})(?:v(?P<version>[0-9]{{1,9}}))?"

_ARXIV_TEXT = re.compile(
    rf"arxiv(?:\.org)?\W{{0,3}}(?:preprint\W{{1,3}}(?:arxiv\W{{0,3}})?|e-?print\W{{1,3}}|(?:abs|pdf|html)/)?"
    rf"{ARXIV_ID}(?![\d.]*\d)",
    re.ASCII | re.IGNORECASE,
)
_ARXIVANY_DOI = re.compile(rf"10\.48550/arxiv\.{ARXIV_ID}", re.ASCII | re.IGNORECASE)
# Old ids are also written with their subject class (math.GT/0309136); arXiv answers without it:
# https://info.arxiv.org/help/arxiv_identifier.html
_SUBJECT_CLASS = re.compile(r"\.[a-z]{2}/")


DOI_PREFIX = r"10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,4}/"
# Old suffixes may have any printable character,
# 10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2.
ANY_DOI = re.compile(rf"{DOI_PREFIX}[!-~]+")
_LONGEST_DOI = 2_000  # letters: the standard sets no limit, the longest that are registered have a few hundred
# An item of a journal's issue, by ANSI/NISO Z39.56 (SICI): …(199908)29:10<833::AID-SPE260>3.0.CO;2-1.
_SICI = r"[^\x00-\x20\"<>]{4,100}<[^\x00-\x20\"<>]{3,60}>[0-9]\.[0-9]\.[A-Za-z]{2};[0-9](?:-[0-9A-Za-z#])?"
# In running text and in URLs, some characters end a DOI.
QUOTED_DOI = re.compile(rf"(?<![0-9A-Za-z.]){DOI_PREFIX}(?:{_SICI}|[^\x00-\x20\"<>{{}}|\\^`?#\x7f-\U0010ffff]+)")
_DOI_TEXT = re.compile(
    rf"(?:\bdoi\W{{1,3}}|doi\.org/|(?<![\w/.]))(?P<doi>{QUOTED_DOI.pattern})", re.ASCII | re.IGNORECASE
)
ENCODED_SLASH = re.compile(r"(?<=\b10\.[0-9]{4})(?P<more>[0-9]{0,5})%2F", re.IGNORECASE)
# Characters that BibTeX and Markdown escape, and percent-encoded ones.
_ESCAPED = re.compile(r"\\(?=[_&%#$])")
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# Where one quoted DOI ends and another begins: `[10.1145/1](https://…)`, `10.1145/1,10.1145/2`.
_SEAM = re.compile(r"(?<=[\],;])(?=\(|10\.)")
# What publishers append to the DOI in their URLs.
PUBLISHERS_TAIL = re.compile(
    r"(?:/(?:full|abstract|abs|summary|meta|pdf|epdf|epub|html|fulltext|references|citations|figures|media|issuetoc|full\.pdf)){1,3}$"
    r"|\.(?:full|abstract|pdf|html|svg|full\.pdf|full-text|short)$",
    re.IGNORECASE,
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_SLOPPY_DOI = re.compile(
    rf"(?P<prefix>{DOI_PREFIX})(?:(?:https?://)?(?:dx\.)?(?:doi\.org/)?(?P=prefix))*"
    r"(?P<suffix>[^\x00-\x20\"<>{}|\\^`?#,;\x7f-\U0010ffff]+)"
)
# http://shortdoi.org/
_SHORT_DOI = re.compile(r"/?(?:doi:\s?)?10/(?=[0-9]*[a-z])([0-9a-z]{3,10})/?", re.ASCII | re.IGNORECASE)
# doi.org has pages whose names are words without digits: https://doi.org/gc5sjn, but https://doi.org/news
_BARE_SHORT_DOI = re.compile(r"/(?=[0-9]*[a-z])(?=[a-z]*[0-9])([0-9a-z]{3,10})/?", re.ASCII | re.IGNORECASE)
_TRAILING = ".,;:'\"!*"
_OPENING = {")": "(", "]": "[", "}": "{"}


def of_text(text: str) -> tuple[Identifier, ...]:
    """Return the arXiv ids (with the word arXiv before them) and DOIs in running text, in order of appearance."""
    if "." not in text and "/" not in text:
        return ()
    text = ENCODED_SLASH.sub(r"\g<more>/", _SEAM.sub(" ", text.replace("\\_", "_")))
    found = [(match.start(), arxiv_id(match["id"])) for match in _ARXIV_TEXT.finditer(text)]
    found += [(m.start(), identifier) for m in _DOI_TEXT.finditer(text) if (identifier := doi(m["doi"]))]
    return tuple(dict.fromkeys(identifier for _, identifier in sorted(found, key=lambda pair: pair[0])))


def doi(text: str) -> Identifier | None:
    """Return what a DOI names: an arXiv paper for 10.48550/arXiv.…, an ACM-internal ID for 10.5555/…, else the DOI.

    Punctuation of a sentence after the DOI is not part of it; None if the text is not a DOI.
    """
    text = _ESCAPED.sub("", text.strip())
    if len(text) > _LONGEST_DOI:
        return None
    text = (unquote(text) if _ENCODED.search(text) else text).strip().rstrip(_TRAILING)
    while text and (opening := _OPENING.get(text[-1])) and text.count(text[-1]) > text.count(opening):
        text = text[:-1].rstrip(_TRAILING)
    if not ANY_DOI.fullmatch(text):
        return None
    if match := _ARXIVANY_DOI.fullmatch(text):
        return arxiv_id(match["id"])
    return Identifier(Scheme.ACM if text.startswith("10.5555/") else Scheme.DOI, text.lower())


def repaired_doi(text: str) -> str | None:
    """Return the DOI that was likely meant by an unregistered or invalid one; None without a guess.

    Its prefix may be repeated, a publisher's suffix or other words may follow it, or it may have extra spaces, dashes
    or letters.
    """
    bare = re.sub(r"\s", "", re.sub(r"\s[(\[].*", "", text.strip().translate(_DASHES), flags=re.DOTALL))
    match = _SLOPPY_DOI.search(_ESCAPED.sub("", re.sub(r"^(?:doi:)?1[Oo]\.", "10.", bare)))
    if match is None:
        return None
    prefix, suffix = match["prefix"], PUBLISHERS_TAIL.sub("", match["suffix"])
    found = doi(prefix + suffix)
    return found.value if found and found.scheme is Scheme.DOI and found != doi(text) else None


def short_doi(text: str) -> Identifier | None:
    """Return the alias of a DOI that the shortDOI service made, 10/abc; None for anything else."""
    match = _SHORT_DOI.fullmatch(text)
    return Identifier(Scheme.DOI, f"10/{match[1].lower()}") if match else None


def short_doi_at(path: str) -> Identifier | None:
    """Return the short DOI at a path of doi.org, where it may be without its prefix; None for anything else."""
    match = _BARE_SHORT_DOI.fullmatch(path)
    return Identifier(Scheme.DOI, f"10/{match[1].lower()}") if match else short_doi(path)


def is_short_doi(identifier: Identifier) -> bool:
    """Whether an identifier is the alias of a DOI, which registries know only by the DOI."""
    return identifier.scheme is Scheme.DOI and identifier.value.startswith("10/")


def arxiv_id(text: str) -> Identifier:
    """Return the identifier of an arXiv ID, old ones without their subject class."""
    return Identifier(Scheme.ARXIV, _SUBJECT_CLASS.sub("/", text.lower()))
