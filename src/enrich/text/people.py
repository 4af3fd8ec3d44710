"""Names of people, and lists of names, as lists and citations write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from enrich.text.folding import word_set
from enrich.text.names import COMMON_PARTICLES, ORGANISATION
from enrich.text.spacing import squeeze

_LONGEST = 20_000
"""Characters; papers with the most authors have some thousand of them."""

_CAPITAL = "A-Z\u00c0-\u00de\u0100-\u024f\u0370-\u03ff\u0400-\u042f"
_WORD = rf"[{_CAPITAL}][^\W\d_]*(?:[.’'`-]+[^\W\d_]+)*\.?"
_PARTICLE = rf"(?:{'|'.join(sorted(COMMON_PARTICLES, reverse=True))}|st\.)"
_NAME = re.compile(rf"{_WORD}(?:\s(?:{_WORD}|{_PARTICLE}))*(?:\s(?:Jr\.?|Sr\.?|II|III|IV))?")
# `Ada King-Noel`, `A. Turing`, `d'Alembert`: capitals first, except for particles.
_LOWER_NAME = re.compile(rf"(?:{_PARTICLE}\s|d['’]){_WORD}(?:\s{_WORD})*")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_INITIALS = re.compile(rf"(?:[{_CAPITAL}]\.?[\s-]?){{1,4}}")
_MARKS = re.compile(r"[*∗†‡§¶♠♥♦♣#^✉]+|(?<=[^\W\d_])[\d¹²³⁴⁵⁶⁷⁸⁹]+(?:,\d+)*(?=\W|$)|\\\*|(?<=[^\W\d_])\{[\d,*]*\}")
_AFFILIATION = re.compile(r"\s{0,9}[(（\[][^()（）\[\]]{2,80}[)）\]]")
_ET_AL = re.compile(
    r"(?P<apart>[,;]?)\s{0,9}(?:\b(?:and )?others|\bet\.? ?al\b\.?,?|等人?|\.\.\.|…|\band collaborators)\s*$",
    re.IGNORECASE,
)
# APA's `Lovelace, A., ... & Turing, A. M.`
_LEFT_OUT = re.compile(r",?\s{0,3}(?:\.\.\.|…),?\s?(?:&|and)\s[^,&]{2,40}(?:,\s[^,&]{1,12})?$")
_BY = re.compile(r"^\s*(?:authors?|written by|by|作者)\s*(?:[:：]\s*|\s+)", re.IGNORECASE)
_APART = re.compile(r"\s{0,9}(?:[,;，；、|]|\band\b|&)\s*")
# Words of topics, titles and organisations that no name has.
_NO_NAMES = word_set(
    "adaptation adversarial algorithm algorithms alignment analysis and application applications architecture "
    "attention august based benchmark bert big blog book caching caption captioning challenge classification "
    "cloud clustering code coding community computation computer computing conference control convolutional "
    "cross data database dataset datasets deep design detection diffusion distributed domain dynamic early edge "
    "efficient embedding embeddings end engineering estimation evaluation evolution face fast feature federated "
    "few field foundation framework from fusion generation generative gpt graph graphs group hardware high "
    "history human image images in inference information infrastructure institute intelligence international "
    "introduction journal knowledge lab laboratory labs language languages large layer learning library linear "
    "llm llms local machine management matching medical memory method methods mining model modeling models multi "
    "multimodal network networks neural nlp noise object of on online open operating optimal optimization paper "
    "parallel performance physics planning point policy prediction privacy problem proceedings processing "
    "program programming project prompt pruning quality query question random reading real reasoning recognition "
    "recommendation reinforcement representation research resource robot robotics robust sampling scale scene "
    "scheduling science search security segmentation semantic sensor sequence series sharing shot simulation "
    "social software source spatial speech state statistical structure studio survey symposium synthesis system "
    "systems task tasks team technologies technology temporal test text the theory time timing tools tracking "
    "training transactions transfer transform transformer transformers translation tuning university "
    "unsupervised video vision visual weakly web with workshop zero"
)
_NO_PART = re.compile(r"\d{2}|[:!/\"“]")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_INITIAL = re.compile(rf"(?:^|\s)[{_CAPITAL}]\.")
# Endings of English nouns that names hardly ever have.
_NOUN = re.compile(
    r"[a-z]{4,30}(?:tion|tions|sion|ness|ity|ities|ism|ization|ative|ology|ally|ously|ments|able|ables|ical|istic|ware)$"
)
_GERUND = re.compile(r"[a-z]{4,30}ing$")
# Given names in pinyin end in -ing as well: Xiaoming, Tingting.
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|er|an|en|in|un|ia|ua|uo|[aoeiuv])){1,4}"
)
_BETWEEN_PEOPLE = re.compile(r"\s{0,9};\s*|,?\s{1,9}(?:and|&)\s+")
_BETWEEN_PARTS = re.compile(r",\s*(?:and\s+|&\s*)?|\s{1,9}(?:and|&)\s+")
_NAMES_IN_ING = word_set(
    "browning channing cummings downing fleming golding harding hastings keating manning redding sterling"
)
_TITLE_LEAD = re.compile(r"^(?:A|An|On|How|Why|Towards?)\s|: ")
_TITLE_WORD = re.compile(r"\s(?:a|an|for|with|via|using|from|in|on|to|by|over|through)\s|\b(?:[Ll]earning|[Ss]urvey)\b")
_FAMILY_AND_INITIALS = re.compile(
    rf"((?:{_PARTICLE}\s)*{_WORD}(?:\s{_WORD})?)\s([{_CAPITAL}]{{1,3}}(?:-[{_CAPITAL}])?)"
)
_FAMILIES = re.compile(rf"(?:{_PARTICLE}\s)*{_WORD}(?:\s{_WORD})?")


@dataclass(frozen=True, slots=True)
class People:
    """The people in a text; `complete` is False if the list ends in `et al.`, `rest` is the text after it.

    `rest` may be an institution at the end of a line of authors: `..., and Ada Lovelace, University of London`.
    """

    names: tuple[str, ...]
    complete: bool = True
    rest: str = ""

    @property
    def listed(self) -> tuple[str, ...]:
        """The names to write: all of a complete list; `A. Turing et al.` if one name is given with `et al.`."""
        if self.complete:
            return self.names
        return (f"{self.names[0]} et al.",) if len(self.names) == 1 and self.rest == "et al." else ()


@lru_cache(maxsize=8192)
def is_name(text: str) -> bool:
    """Whether a text may be one person's name: a few capitalised words, none of which never occurs in names."""
    words = text.split()
    if _HAN_NAME.fullmatch(text):
        return True
    if not 2 <= len(words) <= 6 or len(text) > 60 or _has_topic(text):
        return False
    return _NAME.fullmatch(text) is not None or _LOWER_NAME.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def people_in(text: str) -> People | None:
    """Return the people if the text is only a list of names, complete or not; else None."""
    if len(text) > _LONGEST or "://" in text or "?" in text:
        return None
    said = _BY.match(text) is not None
    text = _LEFT_OUT.sub(", et al.", text)
    text = text.replace("\xad", "").replace("\u2010", "-").replace("--", "-")
    text = squeeze(_BY.sub("", text)).strip(" .,;:*_")
    text = squeeze(_AFFILIATION.sub("", _MARKS.sub("", text))).strip(" .,;")
    open_end = _ET_AL.search(text)
    if open_end:
        text = text[: open_end.start()].strip(" .,;")
    if not text:
        return None
    names, rest = _names(text, single=said or open_end is not None)
    if not names or (open_end and rest):
        return None
    together = open_end is not None and not open_end["apart"] and len(names) == 1
    return People(names, complete=open_end is None, rest="et al." if together else rest)


def initials_first(name: str) -> str:
    """Return `Lovelace AK` as `AK Lovelace`, any other name unchanged."""
    match = _FAMILY_AND_INITIALS.fullmatch(name)
    return f"{match[2]} {match[1]}" if match else name


def authors_in(text: str) -> tuple[str, ...]:
    """Return the names to write as authors if the text is only a list of names; else ()."""
    people = people_in(text)
    return people.listed if people and not (people.complete and people.rest) else ()


def _names(text: str, *, single: bool) -> tuple[tuple[str, ...], str]:
    """Return the names of a list without `et al.`, and an institution after them."""
    if inverted := _inverted(text) or _initials_last(text):
        return inverted, ""
    # `Ada Lovelace. Alan Turing`
    parts = [part for part in _APART.split(re.sub(r"(?<=[a-z]{3})\.\s(?=[A-Z])", ", ", text)) if part]
    if len(parts) < 2:
        return ((_bare(text),), "") if _is_one(text, single=single) else ((), "")
    *names, rest = parts
    if len(parts) > 2 and not is_name(rest) and not re.search(r"\d", rest) and all(map(is_name, names)):
        return ((), "") if _reads_as_title(rest) else (tuple(dict.fromkeys(map(_bare, names))), rest)
    good = sum(map(is_name, parts))
    enough = good == len(parts) if len(parts) < 4 else good >= 0.7 * len(parts)
    if not enough or any(len(part.split()) > 6 or _NO_PART.search(part) for part in parts):
        return (), ""
    return tuple(dict.fromkeys(map(_bare, parts))), ""


def _bare(name: str) -> str:
    return name.strip(" .") if len(name) > 4 else name


def _is_one(text: str, *, single: bool) -> bool:
    """Whether a text is one name: `single`, or an initial, means that it is a person's."""
    if is_name(text):
        return (single and not _NO_PART.search(text)) or _INITIAL.search(text) is not None
    return single and len(text.split()) <= 2 and _FAMILIES.fullmatch(text) is not None and not _has_topic(text)


def _reads_as_title(text: str) -> bool:
    """Whether the text after names is a title rather than an institution: `A Survey of Flight`, `Flight: A Survey`."""
    if _TITLE_LEAD.search(text):
        return True
    return _TITLE_WORD.search(text) is not None and ORGANISATION.search(text) is None


def _has_topic(text: str) -> bool:
    return (
        any(word in _NO_NAMES or (_NOUN.search(word) is not None) for word in re.split(r"[\s./-]+", text.casefold()))
        or any(word.count("-") > 2 for word in text.split())
        or _is_gerund(text.casefold().partition(" ")[0])
    )


def _is_gerund(word: str) -> bool:
    """Whether a first word is not a given name: `Scaling`, `Revisiting`; names in pinyin end in -ing, too."""
    return _GERUND.search(word) is not None and word not in _NAMES_IN_ING and not _PINYIN.fullmatch(word)


def _inverted(text: str) -> tuple[str, ...]:
    """Return the names of `Lovelace, Ada K and Turing, Alan`, or `Lovelace, A., Turing, A. M.`, given names first."""
    if "," not in text:
        return ()
    chunks = [chunk.strip(" ,;") for chunk in _BETWEEN_PEOPLE.split(text) if chunk.strip(" ,;")]
    pairs = [[part.strip() for part in chunk.split(",")] for chunk in chunks]
    if len(chunks) > 1 and all(len(pair) == 2 for pair in pairs):
        return _turned(pairs, _is_given)
    parts = [part.strip() for part in _BETWEEN_PARTS.split(text) if part.strip()]
    pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
    # `New York, USA` is not a person, `Lovelace, A.` is.
    sure = len(pairs) > 1 or "." in parts[-1] or len(parts[-1]) == 1
    if len(parts) % 2 == 0 and sure and (found := _turned(pairs, _is_initials)):
        return found
    # `Lovelace, Ada, Alan Turing`: only the first is inverted.
    first = _turned([parts[:2]], _is_given) if len(parts) > 1 and " " not in parts[0] else ()
    is_name_alone = len(parts) > 2 or not _INNER_CAPITAL.search(parts[-1])
    others = all(map(is_name, parts[2:]))
    return (*first, *parts[2:]) if first and is_name_alone and not _has_topic(first[0]) and others else ()


def _initials_last(text: str) -> tuple[str, ...]:
    """Return the names of `Lovelace AK, Turing AM` with their initials first, () if one of them is not a name."""
    parts = _BETWEEN_PARTS.split(text)
    pairs = [match.groups() for part in parts if (match := _FAMILY_AND_INITIALS.fullmatch(part))]
    if len(parts) < 2 or len(pairs) < len(parts):
        return ()
    return tuple(f"{initials} {family}" for family, initials in pairs)


def _turned(pairs: list[list[str]], is_given: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the names of pairs of family and given name, () if one of them is not a name."""
    if not all(is_given(given) and _FAMILIES.fullmatch(family) for family, given in pairs):
        return ()
    return tuple(f"{given} {family}" for family, given in pairs)


def _is_initials(text: str) -> bool:
    return _INITIALS.fullmatch(text) is not None


def _is_given(text: str) -> bool:
    words = text.split()
    return (
        1 <= len(words) <= 4
        and all(re.fullmatch(rf"{_WORD}|[{_CAPITAL}]\.?", word) for word in words)
        and not _has_topic(text)
    )
