"""Texts that consist of the name of a venue, with or without its year."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.text.dates import SHORT_YEAR, YEAR, is_month, year_of_date
from enrich.text.people import is_name, people_in
from enrich.text.spacing import squeeze
from enrich.text.venue_names import ALSO_WORDS, KNOWN

_WITH_YEAR = re.compile(rf"(?<![\d.])(?:{YEAR})\)?$|{SHORT_YEAR}$|(?<=[A-Za-z])['’-]?\d\d\)?$")
_LEADING_YEAR = re.compile(rf"^({YEAR})[\s-]+(?=[A-Z])")
_NAME_WORD = re.compile(
    r"^[(\[“\"]?(?:[A-Z][\w.@&+/’'():\"”-]*|of|on|in|and|for|the|at|to|with|de|&|-|–|/|\d[\w().:–-]*)[,:;]?$"
)
_PREPRINT = re.compile(
    r"^(?:(?:arxiv|corr|biorxiv|medrxiv|techrxiv|preprint|ssrn|openreview)\b.{0,60}|[^,]{0,20}\barxiv:?\s*\d{4}\.\d{4,5}.{0,12})$",
    re.IGNORECASE,
)
_ROUND = re.compile(
    r"^(?:\(?(?:oral|spotlight|poster|demo|industry|findings|workshop|ws|track|companion|main|long|short|best|special|datasets?|"
    r"student|journal|survey|security|tutorial|and|&|posters|demos|paper|award|abstract|volume|programs?|tracks|benchmarks|"
    r"workshops|summaries|highlight|notable|top-?\d+%?|top|\d+%|extended|honorable|mention|d&b|db|candidate|full|runner-?up)s?\)?[,;]?)$",
    re.IGNORECASE,
)
INTRODUCING = r"(?:acc?e?pted|appears?|appeared|to appear|published|presented)\s+"
INTRODUCED_BY = r"(?:by|in|at|to|as|for)\s+"
"""Patterns of the words before a venue: `to appear in`, `accepted at`; the second may be left out before its name."""
_LEAD = re.compile(
    rf"^(?:{INTRODUCING}(?:{INTRODUCED_BY})?"
    r"|in(?:\s{0,9}:)?\s{1,9}(?=[A-Z])|@\s*)"
    r"(?:the\s+)?",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(r"^(?:in\s+)?proc(?:eedings|\.)?\s+(?:(?:of|for)\s+(?:the\s+)?)?(?=[A-Z\d])", re.IGNORECASE)
_OF_A_VENUE = re.compile(
    r"\b(?:conference|symposium|proceedings|proc\.|workshop|journal|transactions|letters|annual meeting|magazine|"
    r"advances in|communications of|ieee|acm|usenix|springer|elsevier)(?!\w)",
    re.IGNORECASE,
)
_JOURNAL = re.compile(
    r"^(?:The\s)?(?:[A-Z][\w&-]*\s){0,5}(?:Journal|Transactions|Letters|Magazine|Proceedings|Quarterly|Annals|Communications(?=\sof))"
    r"(?:\s(?:of|on|in)\s(?:the\s)?[A-Z][\w\s&-]{2,60})?(?:,\s\d{1,4})?$"
)
_HAN_JOURNAL = re.compile(r"[\u4e00-\u9fff]{2,20}(?:学报|期刊|杂志|通报|会议|大会)(?:[,，\s]{0,3}(?:19|20)\d\d)?")
_GAP = re.compile(r"\s+|(?<=\w)(?=\()|(?<=[A-Za-z])[-’'](?=\d\d(?:\d\d)?$)")
_DIGIT = re.compile(r"\d")
_ENDS_SENTENCE = re.compile(r"(?:[a-z]{4}|[A-Z]{2})[.?!]\s")
_VOLUME = re.compile(
    r"[\s,]{1,9}\d{1,9}(?:\.\d{1,9}(?:-\d+)?)?\s*\((?:19|20)\d\d\)(?::[\d\s–-]{1,40})?$"
    r"|[,\s]{1,9}\d{1,4}\(\d{1,4}\)(?:[,:]\s*(?:pp?\.\s?)?[\d\s–-]{1,40})?(?:,\s(?:19|20)\d\d)?$"
    r"|[,\s]{1,9}(?:vol(?:ume|\.)?|pp?\.|pages?)\s*\d.*$",
    re.IGNORECASE,
)
_AFTER_PERSON = re.compile(
    r"(?P<name>[^.,]{1,60}?(?:\.[^.,]{1,60}?){0,3}?)(?P<others>,?\set\.?\sal\.?)?[.,]\s+(?P<venue>[^\s.,].{1,100})"
)
_TITLE_WORDS = 2
"""The number of other words after a preprint server from which they are a title."""
_LONGEST = 160
_SENTENCE = re.compile(r":|(?<![.\w])[A-Za-z]{5,}\.\s")
_MOST_WORDS = 4
"""The number of words before a year that may be an unknown venue; more are a sentence."""


@lru_cache(maxsize=8192)
def venue_in(text: str) -> str | None:
    """Return the venue if the whole text reads as one (`ICML 2023`, `arXiv 2203.09040`), else None.

    Introductory words (`In`, `Proceedings of`, `accepted at`) are dropped. Without a year, only well-known names count
    (`NeurIPS`, `ICLR (oral)`).
    """
    bare = squeeze(text).strip(" .,;:|[]【】（）*_`~")
    if not bare or len(bare) > _LONGEST:
        return None
    if bare.startswith("(") and bare.endswith(")") and bare.count("(") == 1:
        bare = bare[1:-1]
    led = _LEAD.match(bare)
    bare = bare[led.end() :] if led else bare
    named = _PROCEEDINGS.match(bare)
    inner = bare[named.end() :] if named else bare
    for candidate in (inner, bare) if named else (bare,):
        if _is_preprint(candidate) or is_known(candidate) or _names_with_year(candidate):
            return _tidy(candidate)
    if (named or _JOURNAL.match(inner)) and len(inner.split()) <= 12 and inner[:1].isupper():
        return _tidy(inner)
    return _tidy(bare) if _is_volume(bare) or _HAN_JOURNAL.fullmatch(bare) else None


def _is_preprint(text: str) -> bool:
    """Whether a text is a preprint server with a number or a date, rather than with a title after a comma."""
    words = (word.strip("(),.") for word in text.partition(",")[2].split())
    others = (word for word in words if not (re.search(r"\d", word) or is_month(word) or _ROUND.match(word)))
    return _PREPRINT.match(text) is not None and sum(word.casefold() not in KNOWN for word in others) < _TITLE_WORDS


def is_known(text: str) -> bool:
    """Whether a text is a well-known venue, with only a round (`oral`) or a year beside it."""
    first = _GAP.split(text, 1)[0]
    names = re.split(r"[@/]", first.casefold().strip(",;:"))
    if not (names[-1] in KNOWN or (names[0] in KNOWN and len(names) > 1)):
        return False
    words = _GAP.split(text)
    if len(words) > 7:
        return False
    if names[-1] in ALSO_WORDS and not words[0].split("@")[-1].strip(",;:").isupper():
        return False
    if not (words[0][:1].isupper() or words[0][:1].isdigit() or len(words) == 1 or words[0] in ("arxiv", "arxiv,")):
        return False
    return all(
        _ROUND.match(word)
        or re.fullmatch(r"['’(\[]?(?:\d\d|(?:19|20)\d\d)[)\],.]?", word)
        or is_month(word.strip(",."))
        or word.casefold().strip("@/,") in KNOWN
        for word in words[1:]
    )


def _names_with_year(text: str) -> bool:
    """Whether the text is names and small words around a year, with the year near its end."""
    if not _DIGIT.search(text):
        return False
    text = re.sub(r"(['’‘`´])\s+(?=\d\d\b)", r"\1", text)
    if led := _LEADING_YEAR.match(text):
        text = f"{text[led.end() :]} {led[1]}"
    if _begins_with_person(text):
        return False
    words = text.split()
    ends = ((place, word.rstrip(",;.:")) for place, word in enumerate(words) if word.rstrip(",;.:)")[-1:].isdigit())
    year = next((place for place, word in ends if _WITH_YEAR.search(word)), None)
    if year is None or len(words) > 20 or "In" in words or not (words[0][:1].isupper() or is_known(words[0])):
        return False
    says_so = _OF_A_VENUE.search(text) is not None
    named = says_so or is_known(re.split(r"['’‘`´:,]|-(?=\d)", words[0])[0])
    return (
        _is_dated(words[year].rstrip(",;.:"), words[:year])
        and (named or not (year > _MOST_WORDS or _SENTENCE.search(" ".join(words[: year + 1]))))
        and _is_name_of_venue(words[:year], named=named)
        and len(words) - year <= 9
        and all(_follows_year(word, says_so=says_so) for word in words[year + 1 :])
    )


def _begins_with_person(text: str) -> bool:
    """Whether a person, or `Ada Lovelace et al.`, is before a venue."""
    found = _AFTER_PERSON.fullmatch(text)
    if found is None:
        return False
    return found["others"] is not None or (is_name(found["name"]) and venue_in(found["venue"]) is not None)


def _is_dated(word: str, before: list[str]) -> bool:
    """Whether a word is a year, or the name of a venue that ends in one: `NeurIPS'23`."""
    stem = re.split(r"['’‘`´]|-(?=\d)", word)[0]
    if (
        len(before) >= 2
        and stem
        and is_known(stem)
        and not all(_ROUND.match(each) or is_known(each) for each in before)
    ):
        return False
    return not re.search(r"(?<=[A-Za-z])-?\d\d$", word) or is_known(word) or word[:2].isupper()


def _is_name_of_venue(words: list[str], *, named: bool) -> bool:
    """Whether the words before a year may be the name of a venue: not a sentence, and not names of people."""
    before = " ".join(words)
    if not _OF_A_VENUE.search(before) and not all(_NAME_WORD.match(word) or _ROUND.match(word) for word in words):
        return False
    if "," not in before:
        return True
    return people_in(before) is None and (named or (before.count(",") == 1 and not is_name(before.strip(" ,"))))


def _follows_year(word: str, *, says_so: bool) -> bool:
    """Whether a word may follow a year: a round, a month, a number; any name if the text says what it is."""
    plain = _ROUND.match(word) or is_month(word.strip("(),.")) or re.fullmatch(r"[\W\d]+(?:st|nd|rd|th)?\W*", word)
    return bool(plain) or (says_so and _NAME_WORD.match(word) is not None)


def _is_volume(text: str) -> bool:
    """Whether the text is a journal with its volume: `Neural computation 18.7 (2006): 1527-1554`."""
    volume = _VOLUME.search(text) if _DIGIT.search(text) else None
    name = text[: volume.start()] if volume else ""
    is_name = 0 < len(name.split()) <= 10 and name[:1].isupper() and not _ENDS_SENTENCE.search(name)
    return bool(volume) and is_name and people_in(name) is None


def _tidy(venue: str) -> str:
    venue = squeeze(venue).strip(" .,;:")
    if (match := re.fullmatch(r"([\w&@/+-]+), ((?:19|20)\d\d)", venue)) and is_known(match[1]):
        return f"{match[1]} {match[2]}"
    if venue.count("(") != venue.count(")"):
        venue = venue.strip("()")
    return venue


def is_venue_with_year(text: str) -> bool:
    """Whether the text is a venue with its year."""
    found = venue_in(text)
    return found is not None and year_of_date(found) is None and re.search(r"\d\d", found) is not None
