"""What the words around a title say: venue, year, authors, institutions, remarks; pure."""

from __future__ import annotations

import re

from enrich.lists import vocabulary
from enrich.lists.pieces import squeeze

_NOTHING = re.compile(
    r"^(?:null|none|nil|nan|n/?a|unknown|not available|[-–—−―_/\\.*✗✘❌×xX?？]+|暂无|无|未知)?$", re.IGNORECASE
)

_YEAR = r"(?:19|20)\d\d"
_SHORT_YEAR = r"['’‘`´]\s?\d\d(?!\d)|['’‘`´]\s?[A-Z][a-z]{2,8}[- ]?(?:19|20)\d\d"
_WITH_YEAR = re.compile(rf"(?<![\d.])(?:{_YEAR})\)?$|(?:{_SHORT_YEAR})$")
_NAME_WORD = re.compile(
    r"^[(\[“\"]?(?:[A-Z][\w.@&+/’'():\"”-]*|of|on|in|and|for|the|at|to|with|de|&|-|–|/|\d[\w().:–-]*)[,:;]?$"
)
_PREPRINT = re.compile(
    r"^(?:(?:arxiv|corr|biorxiv|medrxiv|techrxiv|preprint|ssrn|openreview)\b.{0,60}|.{0,20}\barxiv:?\s*\d{4}\.\d{4,5}.{0,12})$",
    re.IGNORECASE,
)
_ROUND = re.compile(
    r"^(?:\(?(?:oral|spotlight|poster|demo|industry|findings|workshop|track|companion|main|long|short|best|special|datasets?|"
    r"student|journal|survey|security|tutorial|and|&|posters|demos|paper|award|abstract|volume|programs?|tracks|benchmarks|workshops|summaries)s?\)?,?)$",
    re.IGNORECASE,
)
_JUST_YEAR = re.compile(rf"^[\[(]?({_YEAR})(?:[./-](?:0?[1-9]|1[0-2])(?:[./-]\d{{1,2}})?)?[\])]?$")

# "in" and "at" alone say it only before a name with a year: "in MLSys'23".
_ACCEPTED = re.compile(
    r"\b(?:acc?e?pted|appears?|appeared|to appear|published|presented|accpted)\s+(?:by|in|at|to|as|for)\s+(?:the\s+)?"
    r"|(?:发表[于在]|录用于|收录于|被(?=[^，。,]{2,40}(?:接收|录用|收录)))",
    re.IGNORECASE,
)
_IN_VENUE = re.compile(
    r"(?<!review )(?<!submitted )\b(?:in|at)\s+"
    rf"(?=[A-Z][\w.&/+-]{{0,80}}(?:\s[A-Z][\w.&/+-]{{0,80}}){{0,3}}\s?(?:{_SHORT_YEAR}|{_YEAR}))"
)
_VENUE_END = re.compile(r"[,;，；。]|\.(?=\s|$)|\s\(|\)|接收|录用|收录|$")
_UNDER_REVIEW = re.compile(r"\b(?:in|under) review\b|\bsubmitted\b|在审|投稿", re.IGNORECASE)

_AFFILIATED = re.compile(
    r"\b(?:affiliated|affiliation|working|professor|phd student|researcher)\s*(?:with|at|to|:|of)\s+", re.IGNORECASE
)

_UNIT = re.compile(
    r"\b(?:inst(?:itute|itution)?|dep(?:t|artment)?|school|college|faculty|lab(?:oratory|oratories|s)?|cent(?:er|re)|academy|university|univ|hospital|ministry|group)\b",
    re.IGNORECASE,
)
_UNIVERSITY = re.compile(r"^(?:the )?univ(?:ersity|\.)? of|universit|school$|college$", re.IGNORECASE)

_PERSON = re.compile(r"^[A-Z\u00c0-\u024f][\w.’'`-]*(?: (?:[A-Za-z\u00c0-\u024f][\w.’'`-]*|\([\w ]+\))){1,4}$")
# One or two names alone may as well be any two words: each begins with a capital, particles aside.
_STRICT_PERSON = re.compile(
    r"^[A-Z\u00c0-\u024f][\w.’'`-]*"
    r"(?: (?:[A-Z\u00c0-\u024f][\w.’'`-]*|\([\w ]+\)|van|von|de|der|den|di|da|del|la|le|bin|el|al)){1,5}$"
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_HAN_NAME = re.compile(r"^[\u4e00-\u9fff]{2,4}$")
_ET_AL = re.compile(r"(?<![,\s])[,\s]*+(?:\band others|\bet\.? ?al\.?,?|等|\.\.\.|…)\s*$", re.IGNORECASE)
_ABBREVIATED = re.compile(
    r"\b(?:vs|al|e\.g|i\.e|Dr|Prof|St|No|Vol|Trans|Proc|Conf|J|Int|Univ|Dept|Inst|Comput|Syst|Inf|Commun|Mag|Lett|Sci"
    r"|Mach|Nat|Rev)\.$"
)
_NAMES_APART = re.compile(r"\s*(?:[,;，；、·|]|\band\b|&)\s*")


def is_nothing(text: str) -> bool:
    """Whether a cell's text stands for an empty cell: `null`, a dash, ideographic spaces."""
    return bool(_NOTHING.match(squeeze(text)))


def venue_of(text: str) -> str | None:
    """The text where the whole of it reads as a venue (`ICML 2023`, `IEEE TNN 2009.`, `arXiv 2203.09040`), else None.

    Without a year, only well-known names are taken for one (`NeurIPS`, `ICLR (oral)`).
    """
    bare = squeeze(text).strip(" .,;:|[]【】（）*_`").removeprefix("In ")
    if bare.startswith("(") and bare.endswith(")") and bare.count("(") == 1:
        bare = bare[1:-1]
    if not bare or len(bare) > 160:
        return None
    return bare if _PREPRINT.match(bare) or _names_with_year(bare) or _is_known(bare) else None


def _is_known(text: str) -> bool:
    words = re.split(r"\s+|(?<=\w)(?=\()|(?<=[A-Za-z])[-’']?(?=\d\d$)", text)
    names = words[0].casefold().split("@")
    known = all(name in vocabulary.VENUES for name in names[-1:]) and words[0][:1].isupper()
    return (
        known and len(words) <= 6 and all(_ROUND.match(word) or re.fullmatch(r"['’]?\d\d", word) for word in words[1:])
    )


def _names_with_year(text: str) -> bool:
    """Whether the text is names and small words around a year, the year not far from its end."""
    words = text.split()
    year = next((place for place, word in enumerate(words) if _WITH_YEAR.search(word.rstrip(",;."))), None)
    if (
        year is None
        or len(words) > 20
        or len(words) - year > 8
        or (year == 0 and not words[0][:1].isalpha())
        or "In" in words
    ):
        return False
    return all(_NAME_WORD.match(word) for place, word in enumerate(words) if place != year)


def length(text: str) -> int:
    """How many words a text has; two ideographs count for one."""
    ideographs = len(_IDEOGRAPH.findall(text))
    return len(_IDEOGRAPH.sub(" ", text).split()) + (ideographs + 1) // 2


def just_year(text: str) -> int | None:
    """The year where the text is nothing but a year or a date."""
    match = _JUST_YEAR.match(squeeze(text).strip(" .,;:"))
    return int(match[1]) if match else None


def accepted_venue(remark: str) -> str | None:
    """The venue that a remark says has taken the paper, as listed (`accepted by SOSP'23`), None while in review."""
    for pattern in (_ACCEPTED, _IN_VENUE):
        for match in pattern.finditer(remark):
            if _UNDER_REVIEW.search(remark[max(0, match.start() - 30) : match.start()]):
                continue
            rest = remark[match.end() : match.end() + 120]
            end = _VENUE_END.search(rest)
            venue = rest[: end.start()].strip() if end else ""
            if venue and (pattern is _IN_VENUE or re.match(r"[A-Z0-9\u4e00-\u9fff]", venue)) and len(venue) <= 80:
                return venue
    return None


def institutions_of(text: str) -> tuple[str, ...]:
    """The institutions in running text; commas inside one (`Institute of X, Academy of Y`) do not part it."""
    text = squeeze(text).strip(" ,;|")
    if is_nothing(text):
        return ()
    for apart in (r"\s*[;；、|]\s*", r"\s+&\s+", r"\s+/\s+|\s*／\s*"):
        parts = [part for part in re.split(apart, text) if part]
        if len(parts) > 1:
            return tuple(dict.fromkeys(part.strip(" ,") for part in parts if not is_nothing(part)))
    parts = [part.strip() for part in re.split(r"\s*[,，]\s*", text) if part.strip()]
    alone = all(len(part.split()) <= 4 and not _UNIT.search(part) for part in parts)
    if len(parts) > 1 and (alone or all(_UNIVERSITY.search(part) for part in parts)):
        return tuple(dict.fromkeys(parts))
    return (text,)


def affiliation_in(remark: str) -> tuple[str, ...]:
    """The institution that a remark on a person names: `affiliated with MIT`."""
    match = _AFFILIATED.search(remark)
    if not match or "affiliat" not in match[0].lower():
        return ()
    rest = re.split(r"[,;，；]|\.(?=\s|$)", remark[match.end() :])[0]
    return institutions_of(rest)


def authors_of(text: str) -> tuple[str, ...]:
    """The authors where the text is nothing but a complete list of them, else ().

    A list that ends in `et al.` is not complete, and would hide the true one.
    """
    text = squeeze(re.sub(r"^\s*(?:authors?|by|作者)\s*[:：]?\s+|^作者[:：]", "", text, flags=re.IGNORECASE)).strip(
        " .,;*_"
    )
    if not text or len(text) > 20000 or _ET_AL.search(text):
        return ()
    chunks = re.split(r"\s+and\s+", text)
    if len(chunks) > 1 and all(chunk.count(",") == 1 for chunk in chunks):
        pairs = [chunk.split(",") for chunk in chunks]
        names = [f"{given.strip()} {family.strip()}" for family, given in pairs]
    else:
        names = [name for name in _NAMES_APART.split(re.sub(r"(?<=[a-z]{3})\.\s(?=[A-Z])", ", ", text)) if name]
    person = _PERSON if len(names) > 2 else _STRICT_PERSON
    good = sum(1 for name in names if person.match(name) or _HAN_NAME.match(name))
    plain = all(len(name.split()) <= 6 and not re.search(r"\d{2}|[:?!/]", name) for name in names)
    enough = good == len(names) if len(names) < 3 else good >= 0.6 * len(names)
    return (
        tuple(dict.fromkeys(name.strip(" .") if len(name) > 4 else name for name in names)) if plain and enough else ()
    )


def mentions_authors(text: str) -> bool:
    """Whether the text is a list of authors, complete or not."""
    return bool(authors_of(_ET_AL.sub("", squeeze(text).strip(" .,;*_")) or ""))


def sentences(text: str) -> list[str]:
    """The text cut where a sentence ends and the next begins with a capital letter; abbreviations do not end one."""
    parts = re.split(r"(?<=[a-z0-9)\]\"”?!][.?!])\s+(?=[A-Z\[(\"“*]|ar[Xx]iv)|,\s+(?=In [A-Z])", text)
    joined: list[list[str]] = []
    for place, part in enumerate(parts):
        # At a part's end alone: what it is joined to may be long.
        if place and _ABBREVIATED.search(parts[place - 1][-20:]):
            joined[-1].append(part)
        else:
            joined.append([part])
    return [" ".join(group) for group in joined]
