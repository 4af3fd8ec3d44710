"""The layouts of items: which of the segments without a role is the title; one row per layout; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from enrich.lists import decoration, vocabulary, words
from enrich.lists.recognise import Recognised, Role
from enrich.lists.segments import PLACEHOLDER, Flow, Segment
from enrich.model import LinkKind
from enrich.text import spacing

_CONTINUES = re.compile(r"^[a-z(]")
# The end of a title after words in quotation marks: `Can Birds Be "Lost"?`.
_ASKS = re.compile(r"[\"”][?!]")
_LONGEST_TITLE = 300
_LONGEST_CODE = 40
_MOST_QUOTED = 8
"""Words; a longer quotation in a link's text is a title that is cited there."""
_FEW_QUOTED = 4
_POOLED = 14.0
"""The extra weight of a layout that all siblings have."""


@dataclass(slots=True)
class Run:
    """Neighbouring segments without a role, read as one: a title, a name or a remark; `place` counts such runs.

    `quoted`: all of it is in quotation marks. `linked`: it is a link, or begins with one that its other parts continue.
    `length`: the number of words; two ideographs count as one. `weight`: how likely it is the title of its item.
    """

    parts: tuple[Recognised, ...]
    text: str
    place: int
    after_links: bool = False
    after_people: bool = False
    quoted: bool = field(init=False)
    linked: bool = field(init=False)
    strong: bool = field(init=False)
    em: bool = field(init=False)
    length: int = field(init=False)
    layout: Layout = field(init=False)
    weight: float = field(init=False)

    def __post_init__(self) -> None:
        first = self.first.segment
        self.quoted = all(part.segment.quoted for part in self.parts)
        self.linked = any(part.segment.url is not None for part in self.parts)
        self.strong, self.em = first.strong, first.em
        self.length = spacing.length(self.text)
        self.layout = next(layout for layout in LAYOUTS if layout.fits(self))
        self.weight = _weight(self)

    @property
    def first(self) -> Recognised:
        """The first part."""
        return self.parts[0]


@dataclass(frozen=True, slots=True)
class Layout:
    """A place where a title may be, an example of an item with this layout, and what is read from it.

    `weight` is the weight of the place; `expected` has name, title, venue and year of the example.
    """

    name: str
    weight: float
    fits: Callable[[Run], bool]
    example: str
    expected: tuple[str | None, str | None, str | None, int | None]


_ONE = "https://arxiv.org/abs/2901.00001"

LAYOUTS = (
    Layout(
        "quoted title",
        60,
        lambda run: run.quoted and run.length >= 3,
        f'- Lovelace, Ada, and Alan Turing. "Engines that weave algebra." ICML 2019. [[pdf]]({_ONE})',
        (None, "Engines that weave algebra", "ICML 2019", None),
    ),
    Layout(
        "linked title",
        50,
        lambda run: run.linked and not run.first.segment.bracket,
        f"- [Engines That Weave Algebra]({_ONE}) - Ada Lovelace, Alan Turing, ICML 2019",
        (None, "Engines That Weave Algebra", "ICML 2019", None),
    ),
    Layout(
        "bold title",
        46,
        lambda run: run.strong and not run.first.segment.bracket,
        f"- **Engines That Weave Algebra** (2019), A. Lovelace et al. [[pdf]]({_ONE})",
        (None, "Engines That Weave Algebra", None, 2019),
    ),
    Layout(
        "linked title in brackets",
        42,
        lambda run: run.linked,
        f"- [[Engines That Weave Algebra]({_ONE})], ICML 2019",
        (None, "Engines That Weave Algebra", "ICML 2019", None),
    ),
    Layout(
        "title behind authors",
        38,
        lambda run: run.after_people and not run.first.segment.bracket,
        f"- Lovelace, A., Turing, A. (2019). Engines that weave algebra. In ICML. {_ONE}",
        (None, "Engines that weave algebra", "ICML 2019", None),
    ),
    Layout(
        "plain title first",
        36,
        lambda run: not run.first.segment.bracket and not run.em and not run.after_links,
        f"- Engines That Weave Algebra. ICML 2019. [[pdf]]({_ONE})",
        (None, "Engines That Weave Algebra", "ICML 2019", None),
    ),
    Layout(
        "title in italics",
        34,
        lambda run: run.em and not run.first.segment.bracket,
        f"- Ada Lovelace and Alan Turing, *Engines That Weave Algebra*, ICML 2019 [[pdf]]({_ONE})",
        (None, "Engines That Weave Algebra", "ICML 2019", None),
    ),
    Layout(
        "title behind its links",
        24,
        lambda run: run.after_links and not run.first.segment.bracket,
        f"- [[pdf]({_ONE})] [[code](https://github.com/a/b)] Engines That Weave Algebra. ICML 2019",
        (None, "Engines That Weave Algebra", "ICML 2019", None),
    ),
    Layout(
        "title in brackets",
        14,
        lambda _run: True,
        f"- [Engines That Weave Algebra] [[pdf]]({_ONE})",
        (None, "Engines That Weave Algebra", None, None),
    ),
)


def runs_of(parts: Sequence[Recognised], flow: Flow) -> list[Run]:
    """Return the runs of parts that have no role."""
    groups: list[tuple[list[Recognised], bool, bool]] = []
    last: Recognised | None = None
    linked = people = False
    for part in parts:
        if part.role is Role.FREE:
            if last is not None and last.role is Role.FREE and _belongs(groups[-1][0], part, flow):
                groups[-1][0].append(part)
            else:
                groups.append(([part], linked, people))
        people = people or part.role is Role.AUTHORS
        linked = linked or (part.role is Role.LABEL and part.segment.is_link and not part.segment.badge)
        last = part
    return [
        Run(tuple(group), _text(group, flow), place, after_links, after_people)
        for place, (group, after_links, after_people) in enumerate(groups)
    ]


def _text(group: Sequence[Recognised], flow: Flow) -> str:
    start, end = group[0].segment.start, group[-1].segment.end
    if asked := _ASKS.match(flow.text, end):
        end = asked.end()
    text = flow.text[start:end].replace(PLACEHOLDER, " ")
    for opening, closing in ("()", "[]", "（）", "“”"):
        if text.count(opening) == text.count(closing) + 1 and flow.text[end : end + 1] == closing:
            text += closing
        if text.count(closing) == text.count(opening) + 1 and flow.text[start - 1 : start] == opening:
            text = opening + text.lstrip()
    if text.count('"') % 2 and flow.text[start - 1 : start] == '"':
        text = '"' + text
    elif text.count('"') % 2 and flow.text[end : end + 1] == '"':
        text += '"'
    text = spacing.squeeze(text)
    # The colon of `:gem: A Title` begins a short code.
    return text.lstrip(",;.、 ") if decoration.without_emoji(text[:_LONGEST_CODE])[0] else text.lstrip(":：,;.、 ")


def _belongs(group: Sequence[Recognised], part: Recognised, flow: Flow) -> bool:
    """Whether a part without a role continues the run before it."""
    last, here = group[-1].segment, part.segment
    between = flow.text[last.end : here.start]
    mark = here.before
    if "\n" in between or last.badge or here.badge or PLACEHOLDER in between:
        return False
    if last.quoted != here.quoted:
        return _goes_on_beside_quote(last, here, between)
    if last.zone == here.zone and last.zone != 0:
        return _same_zone(last.bracket, here.bracket, mark, group, here.text)
    if (here.code and not last.code) or (last.is_link and here.is_link and last.url != here.url):
        return False
    if here.depth or last.depth:
        return _around_brackets(group, part, flow, between)
    if mark in ("|", "·", "•", ";", "；", "‖", "｜") or (here.is_link and not last.is_link):
        return False
    if last.is_link and not here.is_link:
        return _goes_on_from_link(group, here.text, between)
    return _goes_on_in_text(group, here, between, mark)


def _goes_on_in_text(group: Sequence[Recognised], here: Segment, between: str, mark: str) -> bool:
    """Whether text continues text, across a change of style or a dash."""
    last = group[-1].segment
    if last.strong != here.strong or last.em != here.em:
        if not between.strip() and (_ends_open(last.text) or (len(group) > 1 and _ends_open(group[-2].text))):
            # `Lessons from **Great Birds**`, `The **Great Birds** Hypothesis`
            return here.text[:1].isalnum() and is_titlelike(here.text, few=True)
        if last.strong and not here.strong and len(group) == 1 and _completes_bold(last.text, here.text, between):
            return True
        return _changes_style(last.text, here.text, between, to_plain=not here.strong and not here.em)
    if mark in ("-", "–", "—", "―", "~"):
        return is_titlelike(here.text) and len(last.text.split()) >= 1 and len(here.text.split()) >= 2
    return mark in (" ", ".", "]", ")", ",", ":")


def _completes_bold(last: str, here: str, between: str) -> bool:
    """Whether plain text completes a title that begins in bold: `**Great Birds in Flight**: A Guide to Lakes`.

    One or two words in bold are a name, more than four a title.
    """
    rest = here.lstrip(":： ")
    has_colon = between.strip() in (":", "：") or here.startswith((":", "：")) or last.endswith((":", "："))
    return (
        has_colon and ": " not in last and 3 <= len(last.split()) <= 4 and is_titlelike(rest) and len(rest.split()) >= 3
    )


def _ends_open(text: str) -> bool:
    """Whether a text ends in a word such as `of`, after which it must go on."""
    return text.rpartition(" ")[2].lower() in vocabulary.SMALL_WORDS


def _goes_on_beside_quote(last: Segment, here: Segment, between: str) -> bool:
    """Whether a quotation continues text, or text continues a quotation."""
    if last.is_link and last.url == here.url and not between.strip(' "“”:,'):
        # Words in quotation marks within a link's text: `[Decoupling "When" from "How"](...)`.
        most = _MOST_QUOTED if last.quoted else _FEW_QUOTED
        return len((last.text if last.quoted else here.text).split()) <= most and not last.text.endswith((".", ","))
    if here.code and not last.code:
        return False
    return _goes_on_from_quote(last.text, here.text, between, quoted_first=last.quoted)


def _same_zone(before: str, here: str, mark: str, group: Sequence[Recognised], text: str) -> bool:
    """Whether a part continues the part before it in the same link, bold text or quotation."""
    if mark in ("|", "‖", "｜"):
        return False
    if here and not before and spacing.has_ideographs(text) and not spacing.has_ideographs(group[0].text):
        return False
    # `[Name] Title`, all in bold.
    named = before in ("[", "【", "［") and not here and len(group) == 1 and len(group[0].text.split()) <= 3
    return not named or group[0].segment.is_link


def _goes_on_from_quote(last: str, here: str, between: str, *, quoted_first: bool) -> bool:
    if quoted_first:
        stripped = between.replace('"', "").replace("”", "").strip()
        if stripped in ("", ":", "-", "?") and len(here.split()) >= 1:
            return spacing.length(last) < 3 or (stripped == ":" and is_titlelike(here)) or here[:1] in ":?"
        return False
    return spacing.length(here) < 3 and not between.strip(' "“”') and not last.endswith((":", "："))


def _around_brackets(group: Sequence[Recognised], part: Recognised, flow: Flow, between: str) -> bool:
    """Whether a bracket, or text after one, continues a plain run: `A (Very) Long Title`."""
    last, here = group[-1].segment, part.segment
    if here.depth > last.depth:
        follows = flow.text[here.end : here.end + 3]
        inside = here.before in ("(", "（") and follows[:1] in (")", "）") and len(here.text.split()) <= 8
        rest = follows[1:].strip()
        return (
            inside
            and not here.is_styled
            and not here.code
            and last.zone == 0
            and (len(here.text.split()) <= 4 or bool(rest and rest[0].isalnum()))
            and not spacing.has_ideographs(here.text)
        )
    if here.depth < last.depth:
        leads = (
            last.bracket in ("(", "（")
            and not last.is_styled
            and not re.search(r"\d\d", last.text)
            and not words.is_topic(last.text)
            and len(last.text.split()) <= 3
        )
        return (len(group) > 1 or leads) and not here.is_styled and "\n" not in between
    return not between.strip(" ,") or between.strip() in ("-", "–")


def _goes_on_from_link(group: Sequence[Recognised], here: str, between: str) -> bool:
    """Whether plain text continues a linked name: `[Orca](...): A Distributed Serving System`."""
    name = group[0].text
    bare = between.strip()
    kind = words.kind_of_url(group[0].segment.url or "")
    if len(group) > 1 or kind in (LinkKind.CODE, LinkKind.BLOG, LinkKind.VIDEO) or here.startswith("by "):
        return False
    if not bare and not here.startswith((":", "：")) and not name.endswith((":", "：")):
        return (
            bool(_CONTINUES.match(here))
            and kind is LinkKind.PAPER
            and not here.endswith(".")
            and is_titlelike(here, few=True)
        )
    rest = here.lstrip(":： ")
    if kind is not LinkKind.PAPER and re.search(r", [a-z]+ed\b", rest):
        return False
    short = len(name.split()) <= 4 and ": " not in name
    return (
        short
        and (bare in (":", "：") or here.startswith((":", "：")) or name.endswith(":"))
        and is_titlelike(rest)
        and len(rest.split()) >= 3
    )


def _changes_style(last: str, here: str, between: str, *, to_plain: bool) -> bool:
    """Whether a text continues after a change of style: `A *Very* Long Title`."""
    if between.strip() or last.endswith((":", ".", "?", ",", "：")) or here.startswith((":", ",", ".", "：")):
        return False
    if to_plain:
        return bool(_CONTINUES.match(here)) and is_titlelike(here, few=True)
    return len(here.split()) <= 3 and not last.endswith((".", ",", ":")) and here[:1].islower()


def is_titlelike(text: str, *, few: bool = False) -> bool:
    """Whether a text reads like a title, or the end of one: most of its words begin with capitals."""
    counted = [word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if word.lower() not in vocabulary.SMALL_WORDS]
    if not counted:
        return few
    capital = sum(word[:1].isupper() or spacing.has_ideographs(word) for word in counted)
    begins = text.lstrip("“\"'([")[:1]
    return (few or begins.isupper() or begins.isdigit() or spacing.has_ideographs(begins)) and 2 * capital >= len(
        counted
    )


def _weight(run: Run) -> float:
    """Return how likely a run is the title of its item, without regard to others."""
    count, place = run.length, run.place
    # `A Title | Ada Lovelace | [Annals of Flight](...)`: where it appeared.
    is_last = run.after_people and run.linked and place and run.first.segment.before in ("|", "｜")
    faults = (
        (26 if count < 2 else (8 if run.quoted else 20) if count == 2 else 6, count < 4),
        (25, count > 40 or len(run.text) > _LONGEST_TITLE),
        (16, (run.text[:1].islower() or count > 22) and not is_titlelike(run.text)),
        (30, run.text.startswith("by ")),
        (16 if run.linked else 4, run.after_links),
        (24, is_last),
    )
    return run.layout.weight - 3.0 * place - sum(cost for cost, is_so in faults if is_so)


def best(runs: Iterable[Run], usual: Counter[str] | None = None) -> Run | None:
    """Return the run that is most likely the title, the first of equals; `usual` counts the layouts of its siblings."""
    total = usual.total() if usual else 0
    if usual is None or total < 2:
        return max(runs, key=lambda run: run.weight, default=None)
    return max(runs, key=lambda run: run.weight + _POOLED * usual[run.layout.name] / total, default=None)
