"""What words in headings, column heads and link labels mean, and what a URL leads to; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from enrich import identifiers
from enrich.lists import vocabulary
from enrich.model import EntryType, LinkKind, Scheme
from enrich.text.urls import host_of, split_url


class ColumnRole(StrEnum):
    """What a table's column holds."""

    NAME = "name"
    TITLE = "title"
    PAPER = "paper"
    VENUE = "venue"
    YEAR = "year"
    INSTITUTIONS = "institutions"
    AUTHORS = "authors"
    ABSTRACT = "abstract"
    REMARKS = "remarks"
    TAGS = "tags"
    LINKS = "links"
    CURATOR = "curator"
    UNKNOWN = "unknown"


# Sections about the list itself: nothing in them is an item.
_CONTENTS = re.compile(
    r"^(table of )?contents?$|^(toc|index|outline|catalogue?|menu|navigation|overview of contents)$|目录$|"
    r"^inhalt(sverzeichnis)?$|^(índice|indice|sommaire|目次)$"
)
_ABOUT = re.compile(
    r"contribut|"
    r"贡献|licen[cs]e|许可|^citations?$|^cit(e|ing)( (us|this.*|our.*))?$|how to cite|bibtex|引用|star history|"
    r"contact|联系|sponsor|code of conduct|disclaimer|^legend$|^(key|symbol)s?$|support us|donat|"
    r"todo|to do|^faq$|^usage$|^installation$|^badges?$|visitor|^maintainers?$|^authors?$|^stargazers$|关于"
)
# Sections that mention papers among other things: only papers with an identifier are items.
_BESIDES = re.compile(
    r"^news$|latest news|what'?s new|change ?log|update (log|record|notice|histor)|^(recent )?updates?$|"
    r"acknowledg|thanks|credits|announcement|"
    r"新闻|更新|致谢|动态|^(about|introduction|notice|note|motivation|preface)$"
)

# The last is what Medium gives to posts, also on other domains.
_BLOG_PATH = re.compile(
    r"/(?:blogs?|posts?)(?:/|$)|/(?:19|20)\d\d/\d\d/(?:\d\d/)?[^/]|/[\w%]+(?:-[\w%]+){2,}-[0-9a-f]{10,12}$",
    re.IGNORECASE,
)
_BLOG_HOST = re.compile(r"^(?:blogs?|eng|engineering|tech|techblog)\.|blogs?\.(?:com|org|net|io|dev|ai)$")
_DOCUMENT = re.compile(r"\.(?:pdf|ps)(?:\.gz)?$", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)
_DECK = re.compile(r"\.(?:pptx?|key)$", re.IGNORECASE)
_MOVIE = re.compile(r"\.(?:mp4|mov|webm)$", re.IGNORECASE)
_ARCHIVED = re.compile(r"/handle/\d+|/(?:abs|doi|papers?)/[^/]*\d")
_SEARCH = re.compile(
    r"/search(?:/|\?|$)|[?&](?:q|query|key|keywords?|tags?|authors?|filter|category|topic)="
    r"|(?:github|gitlab|gitee|bitbucket)\.\w{2,3}/[^/]+/[^/]+/(?:-/)?(?:stargazers|issues?|pulls?|discussions|graphs)(?:/|$)",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(
    r"^dblp\.[a-z.-]+/db/|/doi/proceedings/|^aclanthology\.org/(?:events|volumes|venues)/|^openreview\.net/group"
    r"|^ieeexplore\.ieee\.org/xpl/(?:(?:most)?recentissue|conhome|aboutjournal|tocresult)"
    r"|^pubs\.acs\.org/(?:journal|toc)/|^(?:link\.)?springer\.com/journal/|^sciencedirect\.com/journal/|^mdpi\.com/journal/",
    re.IGNORECASE,
)

_BLOG_FOLDER = re.compile("/blogs?/")
_TELLING = ("code", "blog", "video", "slides", "notes")

_SITE = re.compile(r"(?:/[a-z]+)?/?(?:index\.\w+)?", re.IGNORECASE)

_ALONE = {"system", "systems", "lab", "laboratory", "group", "team"}
_ARTICLES = ("a", "an", "the", "to", "of", "and")
_BESIDE_LABELS = ("official", "v", "full", "zh", "en", "cn")
_GAPS = re.compile(r"[\W_]+")
_COLLECTION = re.compile(r" (?:resources?|lists?|collections?|links?)$")
_PHRASES = re.compile(r"[^\w\s'-]+|\b(?:and|or|for|of|on|in|with|by|from|to|about|used|using|based)\b")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

_AWESOME = re.compile(
    r"\bawesome|\b(?:paper|reading|resource|survey|literature|publication)s?[ _-]?(?:list|collection|reading)|"
    r"must[ -]?read|\bpapers(?:[ _-]to[ _-]read)?$|^papers\b|论文列表|论文合集",
    re.IGNORECASE,
)


def label_words(text: str) -> str:
    """Return the words of a label or heading: lower case, only letters, digits and single spaces."""
    return _GAPS.sub(" ", text.replace("_", " ")).strip().casefold()


def _words(text: str) -> list[str]:
    """Return the text, its words, and its words without a plural's s, to look up in the vocabularies."""
    whole = label_words(text)
    parts = whole.split()
    return [whole, *parts, *(part[:-1] for part in parts if len(part) > 3 and part.endswith("s"))]


@lru_cache(maxsize=4096)
def role_of(head: str) -> tuple[ColumnRole | None, LinkKind | None]:
    """Return what a column with this head holds, and the kind of its links; None if unknown."""
    whole = label_words(head)
    kind, meaning = _known(vocabulary.LABELS, whole), _known(vocabulary.COLUMNS, whole)
    if meaning is None and kind in (None, "other") and len(whole.split()) <= 5:
        known = {*_words(head), *_ideographs_in(whole, vocabulary.COLUMNS)}
        meaning = next((row for word, row in vocabulary.COLUMNS.items() if word in known), None)
    if meaning is None and kind is None and len(whole.split()) <= 3:
        kind = next((vocabulary.LABELS[word] for word in _words(head) if word in vocabulary.LABELS), None)
    meaning = "links" if meaning is None and kind else meaning
    return (ColumnRole(meaning) if meaning else None), (LinkKind(kind) if kind else None)


def _known(vocabulary: Mapping[str, str], whole: str) -> str | None:
    """Return the meaning of a text as a whole, in the plural, too."""
    return vocabulary.get(whole) or vocabulary.get(whole.removesuffix("s"))


def _ideographs_in(text: str, vocabulary: Iterable[str]) -> list[str]:
    """Return the words of a vocabulary that are in a text of a language without spaces."""
    return [word for word in vocabulary if word in text and _CJK.search(word)]


def is_column(head: str) -> bool:
    """Whether a text is the name of a column or label as a whole: `Authors`, `会议`."""
    return _known(vocabulary.COLUMNS, label_words(head)) is not None


@lru_cache(maxsize=8192)
def kind_of_label(label: str) -> LinkKind | None:
    """Return the kind that a link's label names; OTHER for words such as `link`, None for a title."""
    words = label_words(re.sub(r"\d+$", "", label.strip())).split()
    if not words:
        return LinkKind.OTHER if label.strip() else None
    if meaning := vocabulary.LABELS.get(" ".join(words)):
        return LinkKind(meaning)
    known = [vocabulary.LABELS[word] for word in words if word in vocabulary.LABELS]
    meaning = next((kind for kind in known if kind not in ("paper", "other")), known[0] if known else "")
    enough = len(known) == len(words) <= 4 or (len(words) <= 3 and meaning in _TELLING)
    return LinkKind(meaning) if meaning and enough else None


@lru_cache(maxsize=8192)
def is_label(text: str) -> bool:
    """Whether a link's text says what the link is, rather than what the item is."""
    whole = re.sub(r"(?<=[a-z])\d{1,2}$", "", label_words(text))
    if not whole or whole.isdecimal():
        return True
    words = whole.split()
    if whole in vocabulary.LABELS:
        return True
    known = [word for word in words if word not in _ARTICLES]
    return 0 < len(known) <= len(words) <= 4 and all(
        word in vocabulary.LABELS or word.isdecimal() or word in _BESIDE_LABELS for word in known
    )


_SITES = {
    host: name
    for name, hosts in (
        ("paper", vocabulary.PAPER_HOSTS),
        ("blog", vocabulary.BLOG_HOSTS),
        ("video", vocabulary.VIDEO_HOSTS),
        ("slides", vocabulary.SLIDE_HOSTS),
        ("code", vocabulary.CODE_HOSTS),
        ("badge", vocabulary.BADGE_HOSTS),
        ("home", vocabulary.HOME_HOSTS),
    )
    for host in hosts
}


class _Address(NamedTuple):
    """A URL's host and path, what its site serves, and whether it has an identifier of a paper."""

    host: str
    path: str
    site: str
    identified: bool

    @property
    def is_front(self) -> bool:
        return self.path in ("", "/", "/index.html", "/index.htm")


_KINDS: tuple[tuple[LinkKind, Callable[[_Address], object]], ...] = (
    (LinkKind.PAPER, lambda at: not at.host and _DOCUMENT.search(at.path)),
    (LinkKind.OTHER, lambda at: not at.host),
    (LinkKind.VENUE, lambda at: _PROCEEDINGS.search(f"{at.host}{at.path}")),
    (LinkKind.BLOG, lambda at: at.site == "code" and _BLOG_FOLDER.search(at.path)),
    (LinkKind.PAPER, lambda at: at.site == "code" and _DOCUMENT.search(at.path)),
    (LinkKind.CODE, lambda at: at.site == "code"),
    (LinkKind.OTHER, lambda at: _PICTURE.search(at.path)),
    (LinkKind.PAPER, lambda at: at.identified and at.site != "blog"),
    (LinkKind.VIDEO, lambda at: at.site == "video" or _MOVIE.search(at.path)),
    (LinkKind.SLIDES, lambda at: at.site == "slides" or _DECK.search(at.path)),
    (LinkKind.SLIDES, lambda at: at.host == "docs.google.com" and at.path.startswith("/presentation")),
    (LinkKind.PAPER, lambda at: _DOCUMENT.search(at.path) or (at.site == "paper" and not at.is_front)),
    (LinkKind.BLOG, lambda at: at.site == "blog" or _BLOG_HOST.search(at.host) or _BLOG_PATH.search(at.path)),
    (LinkKind.PAPER, lambda at: _ARCHIVED.search(at.path)),
    (LinkKind.HOMEPAGE, lambda at: at.site == "home" or at.host.endswith((".github.io", ".gitlab.io"))),
    (LinkKind.HOMEPAGE, lambda at: at.is_front or "/~" in at.path),
)
"""The kinds of URLs; the first row that matches counts."""


@lru_cache(maxsize=65536)
def kind_of_url(url: str) -> LinkKind:
    """Return the kind of a URL, based on its host and path, else OTHER."""
    identified = any(identifier.scheme is not Scheme.GITHUB for identifier in identifiers.of_url(url))
    host = _host(url)
    address = _Address(host, split_url(url).path, _site(host), identified)
    return next((kind for kind, holds in _KINDS if holds(address)), LinkKind.OTHER)


def type_of_url(url: str) -> EntryType | None:
    """Return the type of what a URL leads to, based on its host and path; None for a paper."""
    host = _host(url)
    if host == "huggingface.co" and "/collections/" in url:
        return EntryType.LIST
    if host in ("huggingface.co", "kaggle.com") and "/datasets/" in url:
        return EntryType.DATASET
    return {
        LinkKind.CODE: EntryType.REPOSITORY,
        LinkKind.BLOG: EntryType.BLOG,
        LinkKind.VIDEO: EntryType.VIDEO,
    }.get(kind_of_url(url))


@lru_cache(maxsize=4096)
def types_of_section(heading: str) -> tuple[EntryType, ...]:
    """Return the types of entries that a heading announces, in the order of its words; () if it announces none.

    A singular word counts as the last one of a phrase: `Person Re-identification` lists no persons. Some words count
    only alone: `Distributed Systems` is a topic, `Computer Science Laboratory` the name of one.
    """
    whole, known = label_words(heading), vocabulary.SECTION_TYPES
    phrases = [_COLLECTION.sub("", label_words(part)).split() for part in _PHRASES.split(heading.casefold())]
    heads = {phrase[-1] for phrase in phrases if phrase and (len(phrase) == 1 or phrase[-1] not in _ALONE)}
    plurals = {form for word in whole.split() if word.endswith("s") for form in (word, word[:-1])}
    words = [whole, *(word for word in _words(heading) if word in heads | (plurals - _ALONE))]
    found = [*words, *_ideographs_in(whole, known)]
    return tuple(dict.fromkeys(EntryType(known[word]) for word in found if word in known))


@lru_cache(maxsize=4096)
def is_of_events(heading: str) -> bool:
    """Whether a heading announces conferences, courses, companies, sites and the like, and nothing else."""
    found = {word for word in label_words(heading).split() if not word.isdigit()} - vocabulary.EVENT_FILLERS
    return bool(found) and found <= vocabulary.EVENTS | vocabulary.SITES


def is_event(text: str) -> bool:
    """Whether a text contains the word for a conference, a course or the like."""
    return not vocabulary.EVENTS.isdisjoint(label_words(text).split())


def is_page_of_site(url: str) -> bool:
    """Whether a URL leads to the first page of a site, or of a part of it such as a journal."""
    parts = split_url(url)
    return not parts.query and _SITE.fullmatch(parts.path) is not None


@lru_cache(maxsize=4096)
def is_contents(heading: str) -> bool:
    """Whether a heading announces a table of contents; it does not describe the items below it."""
    return bool(_CONTENTS.search(label_words(heading)))


@lru_cache(maxsize=4096)
def is_about(heading: str) -> bool:
    """Whether the section is about the list itself."""
    return bool(_ABOUT.search(label_words(heading)))


@lru_cache(maxsize=4096)
def is_besides(heading: str) -> bool:
    """Whether the section is news, thanks or the like, where only papers and repositories count."""
    return bool(_BESIDES.search(label_words(heading)))


def is_topic(text: str) -> bool:
    """Whether a few words are a topic or a kind of work (`Survey`, `Open Source`), not an organisation."""
    found = label_words(text).split()
    return all(
        word in vocabulary.TOPICS or word in vocabulary.LABELS or word in vocabulary.SECTION_TYPES for word in found
    )


def is_list_of_papers(label: str, url: str) -> bool:
    """Whether a repository or page is itself a list of papers."""
    return bool(_AWESOME.search(label) or _AWESOME.search(url.rstrip("/").rpartition("/")[2]))


def is_external(url: str) -> bool:
    """Whether a link leads out of the list: not an anchor, a mail address or a relative path."""
    return url.lower().startswith(("http://", "https://", "//"))


@lru_cache(maxsize=8192)
def is_badge(url: str) -> bool:
    """Whether a link leads to a service that makes badges, counters and charts."""
    return _site(_host(url)) == "badge"


@lru_cache(maxsize=8192)
def is_furniture(url: str) -> bool:
    """Whether a link is a badge, a search or a conference's page, which are not items."""
    return is_badge(url) or _is_search(url) or kind_of_url(url) is LinkKind.VENUE


def _is_search(url: str) -> bool:
    """Whether a link leads to a search or a filtered list, rather than to a document."""
    found = _SEARCH.search(url) is not None and _DOCUMENT.search(split_url(url).path) is None
    return found and all(identifier.scheme is Scheme.GITHUB for identifier in identifiers.of_url(url))


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _site(host: str) -> str:
    """Return what a host or a domain above it serves, "" if unknown."""
    while host:
        if host in _SITES:
            return _SITES[host]
        host = host.partition(".")[2]
    return ""
