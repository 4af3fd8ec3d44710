"""What words in headings, column heads and link labels mean, and what a URL leads to; pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from enrich import identifiers
from enrich.lists import vocabulary
from enrich.model import EntryType, LinkKind, Scheme
from enrich.text.urls import host_of, is_at, split_url


class Role(StrEnum):
    """What a table's column says of an entry."""

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


# Sections that speak about the list itself: nothing in them is an item.
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
# Sections that mention papers beside other things: only what has an identifier is an item.
_BESIDES = re.compile(
    r"^news$|latest news|what'?s new|change ?log|update (log|record|notice|histor)|^(recent )?updates?$|"
    r"acknowledg|thanks|credits|announcement|"
    r"新闻|更新|致谢|动态|^(about|introduction|notice|note|motivation|preface)$"
)

_BLOG_PATH = re.compile(r"/(?:blogs?|posts?)(?:/|$)|/(?:19|20)\d\d/\d\d/(?:\d\d/)?[^/]", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:pdf|ps)(?:\.gz)?$", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)
_DECK = re.compile(r"\.(?:pptx?|key)$", re.IGNORECASE)
_MOVIE = re.compile(r"\.(?:mp4|mov|webm)$", re.IGNORECASE)
_ARCHIVED = re.compile(r"/handle/\d+|/(?:abs|doi|papers?)/[^/]*\d")
_SEARCH = re.compile(
    r"/search(?:/|\?|$)|[?&](?:q|query)="
    r"|(?:github|gitlab|gitee|bitbucket)\.\w{2,3}/[^/]+/[^/]+/(?:-/)?(?:stargazers|issues?|pulls?|discussions|graphs)(?:/|$)",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(
    r"^dblp\.[a-z.-]+/db/|/doi/proceedings/|^aclanthology\.org/(?:events|volumes|venues)/|^openreview\.net/group",
    re.IGNORECASE,
)

_GAPS = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

_AWESOME = re.compile(
    r"\bawesome|\b(?:paper|reading|resource|survey|literature|publication)s?[ _-]?(?:list|collection|reading)|"
    r"must[ -]?read|\bpapers(?:[ _-]to[ _-]read)?$|^papers\b|论文列表|论文合集",
    re.IGNORECASE,
)


def label_words(text: str) -> str:
    """The words of a label or heading: lower case, nothing but letters, digits and single spaces."""
    return _GAPS.sub(" ", text.replace("_", " ")).strip().casefold()


def _words(text: str) -> list[str]:
    """The text as one, its words, and its words without a plural's s: what the vocabularies are asked for."""
    whole = label_words(text)
    parts = whole.split()
    return [whole, *parts, *(part[:-1] for part in parts if len(part) > 3 and part.endswith("s"))]


@lru_cache(maxsize=4096)
def role_of(head: str) -> tuple[Role | None, LinkKind | None]:
    """What a column with this head holds, and the kind of its links; None where no vocabulary knows."""
    whole = label_words(head)
    if not whole:
        return None, None
    kind = vocabulary.LABELS.get(whole) or vocabulary.LABELS.get(whole.removesuffix("s"))
    meaning = vocabulary.COLUMNS.get(whole) or vocabulary.COLUMNS.get(whole.removesuffix("s"))
    if meaning is None and kind in (None, "other") and len(whole.split()) <= 5:
        known = set(_words(head))
        known |= {word for word in vocabulary.COLUMNS if _CJK.search(word) and word in whole}
        meaning = next((row for word, row in vocabulary.COLUMNS.items() if word in known), None)
    if meaning is None and kind is None and len(whole.split()) <= 3:
        kind = next((vocabulary.LABELS[word] for word in _words(head) if word in vocabulary.LABELS), None)
    if meaning is None and kind is not None:
        return Role.LINKS, LinkKind(kind)
    return (Role(meaning) if meaning else None), (LinkKind(kind) if kind else None)


def is_column(head: str) -> bool:
    """Whether a text is a name that columns and labels go by as a whole: `Authors`, `会议`."""
    whole = label_words(head)
    return whole in vocabulary.COLUMNS or whole.removesuffix("s") in vocabulary.COLUMNS


@lru_cache(maxsize=65536)
def kind_of_label(label: str) -> LinkKind | None:
    """The kind that a link's label names; OTHER for words such as `link`, None for what is no label but a title."""
    whole = label_words(re.sub(r"\d+$", "", label.strip()))
    if not whole:
        return LinkKind.OTHER if label.strip() else None
    if whole in vocabulary.LABELS:
        return LinkKind(vocabulary.LABELS[whole])
    words = whole.split()
    if len(words) <= 4:
        known = [vocabulary.LABELS[word] for word in words if word in vocabulary.LABELS]
        meaning = next((kind for kind in known if kind not in ("paper", "other")), known[0] if known else None)
        if meaning and (
            len(known) == len(words) or (len(words) <= 3 and meaning in ("code", "blog", "video", "slides", "notes"))
        ):
            return LinkKind(meaning)
    return None


@lru_cache(maxsize=65536)
def is_label(text: str) -> bool:
    """Whether a link's text says what the link is, rather than what the item is called."""
    whole = label_words(text)
    if not whole or whole.isdecimal():
        return True
    words = whole.split()
    if whole in vocabulary.LABELS:
        return True
    return len(words) <= 4 and all(
        word in vocabulary.LABELS
        or word.isdecimal()
        or word in ("a", "an", "the", "to", "of", "and", "official", "v", "full", "zh", "en", "cn")
        for word in words
    )


@lru_cache(maxsize=65536)
def kind_of_url(url: str) -> LinkKind:
    """The kind that a URL shows by its host and path, OTHER where it shows none."""
    host = _host(url)
    if not host:
        return LinkKind.OTHER
    path = split_url(url).path
    if _PROCEEDINGS.search(f"{host}{path}"):
        return LinkKind.VENUE
    if is_at(host, vocabulary.CODE_HOSTS):
        return LinkKind.BLOG if "/blogs/" in path or "/blog/" in path else LinkKind.CODE
    if _PICTURE.search(path):
        return LinkKind.OTHER
    schemes = {identifier.scheme for identifier in identifiers.of_url(url)}
    if schemes - {Scheme.GITHUB} and not is_at(host, vocabulary.BLOG_HOSTS):
        return LinkKind.PAPER
    tests = (
        (is_at(host, vocabulary.VIDEO_HOSTS) or bool(_MOVIE.search(path)), LinkKind.VIDEO),
        (
            is_at(host, vocabulary.SLIDE_HOSTS) or (host == "docs.google.com" and path.startswith("/presentation")),
            LinkKind.SLIDES,
        ),
        (bool(_DECK.search(path)), LinkKind.SLIDES),
        (bool(_DOCUMENT.search(path)), LinkKind.PAPER),
        (is_at(host, vocabulary.PAPER_HOSTS) and not _is_front(path), LinkKind.PAPER),
        (
            is_at(host, vocabulary.BLOG_HOSTS) or host.startswith("blog.") or bool(_BLOG_PATH.search(path)),
            LinkKind.BLOG,
        ),
        (bool(_ARCHIVED.search(path)), LinkKind.PAPER),
        (
            is_at(host, vocabulary.HOME_HOSTS)
            or host.endswith((".github.io", ".gitlab.io"))
            or "/~" in path
            or _is_front(path),
            LinkKind.HOMEPAGE,
        ),
    )
    return next((kind for holds, kind in tests if holds), LinkKind.OTHER)


def type_of_url(url: str) -> EntryType | None:
    """The type of what a URL that is no paper leads to, where host and path tell."""
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
    """The types of entries that a heading announces, in the order of its words; () where it announces none."""
    known = _words(heading)
    whole = label_words(heading)
    found = [EntryType(vocabulary.SECTIONS[word]) for word in known if word in vocabulary.SECTIONS]
    found += [
        EntryType(meaning) for word, meaning in vocabulary.SECTIONS.items() if _CJK.search(word) and word in whole
    ]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def is_contents(heading: str) -> bool:
    """Whether a heading announces a table of contents: where items stand below it, it says nothing of them."""
    return bool(_CONTENTS.search(label_words(heading)))


@lru_cache(maxsize=4096)
def is_about(heading: str) -> bool:
    """Whether the section speaks about the list itself."""
    return bool(_ABOUT.search(label_words(heading)))


@lru_cache(maxsize=4096)
def is_besides(heading: str) -> bool:
    """Whether the section is news, thanks or the like, where only papers and repositories count."""
    return bool(_BESIDES.search(label_words(heading)))


def is_topic(text: str) -> bool:
    """Whether a few words name a topic or a kind of thing (`Survey`, `Open Source`), and no organisation."""
    found = label_words(text).split()
    return all(word in vocabulary.TOPICS or word in vocabulary.LABELS or word in vocabulary.SECTIONS for word in found)


def is_list_of_papers(label: str, url: str) -> bool:
    """Whether a repository or page is itself a list of papers."""
    return bool(_AWESOME.search(label) or _AWESOME.search(url.rstrip("/").rpartition("/")[2]))


def is_external(url: str) -> bool:
    """Whether a link leads out of the list: neither an anchor nor a mail address nor a relative path."""
    return url.lower().startswith(("http://", "https://", "//"))


@lru_cache(maxsize=8192)
def is_badge(url: str) -> bool:
    """Whether a link leads to a service that makes badges, counters and charts."""
    return is_at(_host(url), vocabulary.BADGE_HOSTS)


@lru_cache(maxsize=8192)
def is_furniture(url: str) -> bool:
    """Whether a link is a badge, a search, a conference's page: no item that a list presents."""
    return is_badge(url) or bool(_SEARCH.search(url)) or kind_of_url(url) is LinkKind.VENUE


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _is_front(path: str) -> bool:
    return path in ("", "/", "/index.html", "/index.htm")
