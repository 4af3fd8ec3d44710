"""A draft of an entry: it collects what the parts of an item say, and decides at the end; pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from enrich import identifiers, matching
from enrich.lists import decoration, words
from enrich.model import Enriched, Entry, EntryType, Identifier, Link, LinkKind, Place, Scheme
from enrich.text import dates, people, spacing, venues
from enrich.text.spacing import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SOFTWARE = (EntryType.FRAMEWORK, EntryType.BENCHMARK, EntryType.DATASET, EntryType.REPOSITORY, EntryType.LIST)
_HINTED = (*_SOFTWARE, EntryType.BLOG, EntryType.VIDEO, EntryType.OTHER)
# Types with a name rather than a title.
_NAMED = (*_SOFTWARE, EntryType.PERSON, EntryType.LAB)
# `[DIN] Deep Interest Network`, and not `[Re]construct`: two more words at least.
_MARKED = re.compile(r"[\[【](?P<mark>[^][【】]{2,30})[\]】](?:\s+|(?=[A-Z]))(?=\S+\s+\S)")
_SHORTEST_TITLE = 3
"""Words; less is a name or the name of an account."""
_OF_PAPERS_ALONE = (Scheme.ARXIV, Scheme.ACL, Scheme.OPENREVIEW)
_PLAIN = (LinkKind.HOMEPAGE, LinkKind.OTHER)
_NOT_OF_EVENTS = {LinkKind.PAPER, LinkKind.CODE, LinkKind.ARTIFACT, LinkKind.BLOG}


@dataclass(frozen=True, slots=True)
class Context:
    """The place of an item: its list, the headings above it, the repositories that hold the list itself.

    `venue` is the venue that the headings state for all papers below them.
    """

    path: str
    sections: tuple[str, ...] = ()
    base_url: str | None = None
    own: frozenset[str] = frozenset()
    venue: str | None = None

    @property
    def lists_people(self) -> bool:
        """Whether the nearest heading announces people or their groups."""
        found = words.types_of_section(self.sections[-1]) if self.sections else ()
        return bool(found) and all(kind in (EntryType.PERSON, EntryType.LAB) for kind in found)

    def leads_out(self, url: str) -> bool:
        """Whether the list may present a link: not an anchor, a mail address or a part of the list itself."""
        lower = url.lower()
        if not url or lower.startswith(("#", "./#", "mailto:", "javascript:", "data:", "tel:")):
            return False
        # A word such as `nan` is a placeholder, not an address.
        if "/" not in url and "." not in url and ":" not in url:
            return False
        if not self.own or "github" not in lower:
            return True
        named = (identifier for identifier in identifiers.of_url(url) if identifier.scheme is Scheme.GITHUB)
        return all(identifier.value not in self.own for identifier in named)


@dataclass(slots=True)
class Draft:
    """What is known of an item so far; `title_kind` is the kind of the link that its name or title carries."""

    context: Context
    line: int
    name: str | None = None
    title: str | None = None
    venue: str | None = None
    year: int | None = None
    institutions: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    authors: tuple[str, ...] = ()
    abstract: str | None = None
    title_kind: LinkKind | None = None
    hint: EntryType | None = None
    is_paper: bool = False
    extras: list[Draft] = field(default_factory=list)

    def absorb(self, other: Draft) -> None:
        """Fill the empty fields from another draft of the same item."""
        for name in ("name", "title", "venue", "year", "authors", "abstract", "title_kind"):
            setattr(self, name, getattr(self, name) or getattr(other, name))
        self.institutions.extend(other.institutions)
        self.tag(other.tags)
        for remark in other.remarks:
            self.remark(remark)
        for link in other.links:
            self.link(link.url, link.label, link.place.line if link.place else self.line, link.kind)

    def call(self, text: str, *, as_name: bool = False) -> None:
        """Take the text as the title, or as the name if it is one word."""
        tags, text = decoration.without_emoji(text)
        self.tag(tags)
        text = _trim(squeeze(decoration.unmarked(text)))
        if not text or spacing.is_nothing(text):
            return
        if not as_name and (match := _MARKED.match(text)):
            self._take_mark(match["mark"].strip())
            text = text[match.end() :]
        if as_name or spacing.length(text) < 2 or (" " not in text and text.isascii()):
            self.name = self.name or text
        else:
            self.title = self.title or text

    def _take_mark(self, mark: str) -> None:
        """Take the text in brackets before a title as the name of a system, else as a tag."""
        if words.is_topic(mark):
            return
        if " " in mark or not any(map(str.isupper, mark)):
            self.tag([mark])
        else:
            self.name = self.name or mark

    def uncall(self) -> str | None:
        """Remove and return the name or title of the item, for a line below it has it in full."""
        called = self.title or self.name
        self.name = self.title = None
        return called

    def tag(self, tags: Iterable[str]) -> None:
        """Add tags that are not there yet."""
        self.tags.extend(tag for tag in dict.fromkeys(tags) if tag and tag not in self.tags)

    def remark(self, text: str) -> None:
        """Add a remark, unless the text is empty."""
        tags, text = decoration.without_emoji(text)
        self.tag(tags)
        text = squeeze(text)
        if not spacing.is_nothing(text) and any(letter.isalnum() for letter in text) and text not in self.remarks:
            self.remarks.append(text)

    def link(self, url: str, label: str, line: int, kind: LinkKind | None = None) -> LinkKind | None:
        """Add a link of the item; return its kind, None for a link to an anchor, a badge or the list itself."""
        if not self.context.leads_out(url) or words.is_badge(url):
            return None
        label = _balanced(squeeze(decoration.without_emoji(label)[1]).strip("|,; "))
        if kind is None:
            kind = kind_of(label, url)
        if not words.is_external(url) and self.context.base_url:
            # An invalid URL stays unchanged; the check will report it.
            with suppress(ValueError):
                url = urljoin(self.context.base_url, url)
        rivals = [link.url for link in self.links if link.kind is kind]
        same = identifiers.normalise_url(url) if rivals else ""
        if same not in map(identifiers.normalise_url, rivals) and all(link.url != url for link in self.links):
            self.links.append(Link(url, kind, label, Place(self.context.path, line)))
        return kind

    def identify(self, identifier: Identifier, line: int) -> None:
        """Add the page of an identifier in the text if no link of the item leads to its paper."""
        known = {found for link in self.links for found in identifiers.of_url(link.url)}
        if not any(found.scheme is identifier.scheme for found in known):
            self.link(identifiers.url_of(identifier), "", line, LinkKind.PAPER)

    def entry(self) -> Entry | None:
        """Build the entry, without a key; None if the item has neither a name nor a link."""
        if not (self.name or self.title or any(link.kind is LinkKind.PAPER for link in self.links)):
            return None
        kind = self.type()
        if self._is_title_of_list(kind):
            return None
        venue = self._venue() or (self.context.venue if kind is EntryType.PAPER else None)
        name, title = self.name, self.title
        if kind in _NAMED and name is None and title and len(title.split()) <= 6 and ": " not in title:
            name, title = title, None
        return Entry(
            key="",
            type=kind,
            name=name,
            title=title,
            venue=venue,
            institutions=tuple(dict.fromkeys(self.institutions)),
            sections=(" / ".join(self.context.sections),) if self.context.sections else (),
            tags=tuple(self.tags),
            remarks=" ".join(self.remarks) or None,
            links=self._links(kind),
            own=Enriched(authors=self.authors, abstract=self.abstract, year=self._own_year(venue)),
            place=Place(self.context.path, self.line),
        )

    def _is_title_of_list(self, kind: EntryType) -> bool:
        """Whether it is the title of the list itself, with its badges: `awesome birds` before any heading."""
        has_paper = any(link.kind is LinkKind.PAPER for link in self.links)
        is_first = not (self.context.sections or self.venue or self.authors or has_paper)
        has_badges = kind is not EntryType.LIST or not any(link.label for link in self.links)
        return is_first and has_badges and words.is_list_of_papers(self.title or self.name or "", "")

    def _own_year(self, venue: str | None) -> int | None:
        """Return the listed year, unless the venue includes it."""
        return None if venue and self.venue and dates.find_year(self.venue) is None else self.year

    def _links(self, kind: EntryType) -> tuple[Link, ...]:
        """Return the links; the first plain link of a person or lab is the homepage, and others are not.

        If no link of a paper leads to it otherwise, one that has its venue as label does: `[[SGP 2012](...)]`.
        """
        if kind is EntryType.PAPER and all(link.kind is not LinkKind.PAPER for link in self.links):
            return tuple(replace(link, kind=LinkKind.PAPER) if _leads_from_venue(link) else link for link in self.links)
        if kind not in (EntryType.PERSON, EntryType.LAB):
            return tuple(self.links)
        kinds = [LinkKind.HOMEPAGE, *(LinkKind.OTHER for _ in self.links[1:])]
        pairs = zip(self.links, kinds, strict=False)
        return tuple(replace(link, kind=kind) if link.kind in _PLAIN else link for link, kind in pairs)

    def _venue(self) -> str | None:
        if self.venue and self.year and dates.find_year(self.venue) is None:
            return f"{self.venue} {self.year}"
        return self.venue

    @property
    def _reads_as_paper(self) -> bool:
        title = self.title or ""
        count = len(title.split())
        return bool(self.venue or self.authors) or (count >= 5 and matching.head(title) is not None)

    def type(self) -> EntryType:
        """Return the type of the item, based on its links, its words and the headings above it."""
        hints = self._hints()
        hint = self.hint or next((hint for hint in hints if hint in _HINTED), None)
        kinds = {link.kind for link in self.links}
        is_listed_paper = LinkKind.PAPER in kinds and self._reads_as_paper
        is_linked_so = self.title_kind in (*_PLAIN, None) and not is_listed_paper and not self._is_post()
        if is_linked_so and (EntryType.PERSON in hints or EntryType.LAB in hints):
            return self._person_or_lab(hints)
        if hint is EntryType.DATASET and self._is_dataset:
            return EntryType.DATASET
        if self._is_event():
            return EntryType.OTHER
        if self.title_kind is LinkKind.PAPER or self.is_paper:
            return EntryType.PAPER
        if LinkKind.PAPER in kinds:
            named_by_software = self.title_kind in (LinkKind.CODE, *_PLAIN)
            return hint if hint in _SOFTWARE and named_by_software else EntryType.PAPER
        if self.title_kind in (LinkKind.BLOG, LinkKind.VIDEO):
            return EntryType(self.title_kind.value)
        if self.title_kind is LinkKind.CODE:
            return self._software(hint)
        if self.title_kind is None:
            return self._unlinked(hint, kinds)
        return self._elsewhere(hint)

    def _is_post(self) -> bool:
        """Whether an item below a heading such as `People and Blogs` is a post: it links one, and is not a name."""
        called = self.title or self.name or ""
        posts = (link for link in self.links if link.kind in (LinkKind.BLOG, LinkKind.VIDEO))
        few = spacing.length(called) < _SHORTEST_TITLE
        return not (few or people.is_name(called)) and any(not words.is_page_of_site(link.url) for link in posts)

    @property
    def _is_dataset(self) -> bool:
        """Whether an item in a section on data sets is a data set rather than its paper: its data is linked as well."""
        name, title = matching.fold(self.name or ""), matching.fold(self.title or "")
        return (
            bool(name)
            and not title.startswith(name)
            and any(words.type_of_url(link.url) is EntryType.DATASET for link in self.links)
        )

    def _is_event(self) -> bool:
        """Whether an item below a heading such as `Conferences` is a conference rather than a paper."""
        headings = (heading for heading in reversed(self.context.sections) if any(map(str.isalpha, heading)))
        kinds = {link.kind for link in self.links if not words.is_page_of_site(link.url)}
        if self.authors or not self.links or kinds & _NOT_OF_EVENTS or not words.is_of_events(next(headings, "")):
            return False
        return (
            self.title is None
            or words.is_event(" ".join(filter(None, (self.name, self.title, self.venue))))
            or kinds <= {LinkKind.VENUE}
        )

    def _software(self, hint: EntryType | None) -> EntryType:
        if words.is_list_of_papers(self.title or self.name or "", self.links[0].url if self.links else ""):
            return EntryType.LIST
        if self.venue:
            return EntryType.PAPER
        return hint if hint in _SOFTWARE else EntryType.REPOSITORY

    def _unlinked(self, hint: EntryType | None, kinds: set[LinkKind]) -> EntryType:
        if not (self.venue or self.authors):
            if hint is EntryType.OTHER:
                return hint
            if kinds and kinds <= {LinkKind.CODE, LinkKind.ARTIFACT} and not self.context.venue:
                is_dated = self.year is not None and spacing.length(self.title or "") >= _SHORTEST_TITLE
                return EntryType.PAPER if is_dated and hint not in _SOFTWARE else self._software(hint)
            if kinds in ({LinkKind.VIDEO}, {LinkKind.BLOG}):
                return EntryType(next(iter(kinds)).value)
        if self._reads_as_paper:
            return EntryType.PAPER
        if (self.title and hint is None) or kinds.isdisjoint((LinkKind.CODE, LinkKind.HOMEPAGE)):
            return hint if hint in _HINTED else EntryType.PAPER
        return hint or (EntryType.REPOSITORY if LinkKind.CODE in kinds and not self.title else EntryType.PAPER)

    def _elsewhere(self, hint: EntryType | None) -> EntryType:
        url = self.links[0].url if self.links else ""
        if known := words.type_of_url(url):
            return known
        if hint is EntryType.OTHER or (hint in _HINTED and self._describes_a_site(url)):
            return hint
        if self._reads_as_paper:
            return EntryType.PAPER
        if words.is_list_of_papers(self.title or self.name or "", url):
            return EntryType.LIST
        return hint or EntryType.OTHER

    def _describes_a_site(self, url: str) -> bool:
        """Whether the title describes a site, as in `Distill: a journal on the web`."""
        if self.venue or self.authors:
            return False
        return words.is_page_of_site(url) or ": " not in (self.title or "")

    def _person_or_lab(self, hints: Sequence[EntryType]) -> EntryType:
        if EntryType.LAB not in hints or EntryType.PERSON not in hints:
            return EntryType.LAB if EntryType.LAB in hints else EntryType.PERSON
        label = self.name or self.title or ""
        says_lab = EntryType.LAB in words.types_of_section(label) or (" " not in label and label.upper() == label)
        return EntryType.LAB if says_lab else EntryType.PERSON

    def _hints(self) -> Sequence[EntryType]:
        """Return the types that the nearest informative heading announces."""
        for heading in reversed(self.context.sections):
            if found := words.types_of_section(heading):
                return found
        return ()


def _leads_from_venue(link: Link) -> bool:
    """Whether a link to a page has a venue with its year as label, and does not lead to the venue."""
    is_site = words.kind_of_url(link.url) is LinkKind.VENUE or words.is_page_of_site(link.url)
    return link.kind is LinkKind.VENUE and not is_site and venues.is_venue_with_year(link.label)


def kind_of(label: str, url: str) -> LinkKind:
    """Return the kind of a link, based on its label, else on its URL."""
    said = words.kind_of_label(label)
    shown = words.kind_of_url(url)
    if shown is LinkKind.PAPER and (said is LinkKind.HOMEPAGE or _is_page_of_paper(url)):
        # It leads to a paper, no matter how it is labelled.
        return shown
    if shown is LinkKind.HOMEPAGE and venues.is_known(label):
        # `[NeurIPS](https://nips.cc/)` is the site of a conference.
        return shown
    return said if said not in (None, LinkKind.OTHER) else shown


def _is_page_of_paper(url: str) -> bool:
    """Whether a URL leads to a paper at a service that has nothing but papers and what is beside them."""
    return any(identifier.scheme in _OF_PAPERS_ALONE for identifier in identifiers.of_url(url))


def _balanced(label: str) -> str:
    """Strip the brackets around a label, or at one end of it."""
    for opening, closing in ("[]", "()", "【】"):
        while label.startswith(opening) and label.endswith(closing) and label.count(opening) == 1:
            label = label[1:-1].strip()
        if label.count(opening) != label.count(closing):
            label = label.strip(opening + closing).strip()
    return label


def _trim(title: str) -> str:
    """Strip the punctuation at the end of a title, except for `?`, `!`, ellipses and abbreviations."""
    title = title.strip(" ,;|:-–—")
    for opening, closing in (("“", "”"), ('"', '"'), ("《", "》"), ("[", "]"), ("「", "」")):
        if (
            title.startswith(opening)
            and title.endswith(closing)
            and title.count(closing) == (2 if opening == closing else 1)
        ):
            title = title[1:-1].strip()
    if title.endswith(".") and not title.endswith((" al.", "...")) and title[:-1].rpartition(" ")[2].count(".") == 0:
        title = title[:-1].rstrip()
    return title
