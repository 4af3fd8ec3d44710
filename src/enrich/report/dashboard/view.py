"""What the pages of the dashboard show, as numbers and rows; the templates draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from urllib.parse import quote

from enrich.model import (
    RULE_NAMES,
    RULE_NOUNS,
    UNSETTLED_RULES,
    Course,
    CourseDay,
    Finding,
    FixedFinding,
    LinkKind,
    PastRun,
    Report,
    Severity,
    State,
    Verdict,
)
from enrich.report import charts, escape, summary
from enrich.report.charts import Bar, Chart

_AGES = ((180, "half a year or more"), (30, "1–6 months"), (7, "1–4 weeks"), (1, "1–6 days"), (0, "since the last run"))
_MOST_CITED = 10
_HOSTS = 10
_OLDEST = 5
CHANGES = 100
"""Changes that the feed holds, latest first; pages show fewer."""

MOST = 2000
"""Findings on the page of a rule: 10,000 links of one host may fail at once."""


RULES_WITH_PAGE = tuple(rule for rule in RULE_NAMES if rule not in UNSETTLED_RULES)
"""All rules there are: no page is left from a day on which its rule found something."""


def rule_page(rule: str) -> str:
    """Return where the page of a rule is."""
    return f"rules/{rule}.html"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a page is: the way up to the folder of the dashboard (`../`), and the page's own path in it."""

    up: str = ""
    path: str = "index.html"


@dataclass(frozen=True, slots=True)
class DatedFinding:
    """A finding on a page: its catalog, its first day, its age in days; `fixed_on` if it is fixed."""

    finding: Finding
    catalog: CatalogView
    days: int | None = None
    fixed_on: str | None = None

    @property
    def title(self) -> str:
        """What the finding is about: the paper's title as a rule."""
        finding = self.finding
        return finding.title or (finding.entry and self.catalog.titles.get(finding.entry)) or finding.entry or ""

    @property
    def on(self) -> str:
        """The day of the change (ISO 8601)."""
        return self.fixed_on or self.finding.first_seen or ""

    @property
    def noun(self) -> str:
        """What the rule finds, in one word or two."""
        return RULE_NOUNS.get(self.finding.rule, (self.finding.rule,))[0]

    @property
    def page(self) -> str | None:
        """Where the page of its rule is; None for a rule of another version."""
        return rule_page(self.finding.rule) if self.finding.rule in RULES_WITH_PAGE else None


@dataclass(frozen=True, slots=True)
class CitedPaper:
    """One of the most cited: its title, where to read it, how often it is cited."""

    title: str
    url: str | None
    count: int


@dataclass(frozen=True)
class CatalogView:
    """What is known of a catalog.

    Attributes:
        name: Its name in addresses.
        path: Its path, for people.
        report: That of the last run, with the findings of earlier runs that still stand; None without one.
        course: Its days.
        titles: The entries' titles by key.
    """

    name: str
    path: str
    report: Report | None
    course: Course
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> tuple[CourseDay, ...]:
        """The days, oldest first."""
        return self.course.days

    @property
    def href(self) -> str:
        """Where its page is."""
        return f"catalogs/{quote(self.name)}/index.html"

    @cached_property
    def as_of(self) -> date | None:
        """The day of the last run."""
        ran = _day(self.report.finished) if self.report else None
        days = [day.run.on for day in self.days[-1:]]
        return max([*days, *([ran] if ran else [])], default=None)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The open findings, most severe first."""
        groups = summary.groups(self.report) if self.report else ()
        return tuple(finding for group in groups for finding in group.findings)

    @cached_property
    def open_rows(self) -> tuple[DatedFinding, ...]:
        """The open findings with their age, oldest first."""
        rows = [DatedFinding(finding, self, self._age(finding)) for finding in self.findings]
        return tuple(sorted(rows, key=lambda row: -(row.days or 0)))

    @cached_property
    def changes(self) -> tuple[DatedFinding, ...]:
        """What is new or was fixed, latest first."""
        new = [row for row in self.open_rows if row.finding.first_seen]
        return _latest([*new, *(DatedFinding(row.finding, self, fixed_on=row.on) for row in self.course.fixed)])

    @cached_property
    def links(self) -> Counter[Verdict]:
        """The links by verdict."""
        return Counter(summary.verdicts(self.report) if self.report else {})

    @property
    def dead(self) -> int:
        """How many links are broken or unsafe."""
        return sum(self.links[verdict] for verdict in summary.DEAD)

    @cached_property
    def severities(self) -> Counter[Severity]:
        """The open findings by severity."""
        return Counter(finding.severity for finding in self.findings)

    @cached_property
    def papers(self) -> tuple[CitedPaper, ...]:
        """The most cited papers."""
        rows = [row for row in self.report.entries if row.citation_count] if self.report else []
        rows = sorted(rows, key=lambda row: (-(row.citation_count or 0), row.key))[:_MOST_CITED]
        urls = self._urls({row.key for row in rows})
        return tuple(
            CitedPaper(row.title or self.titles.get(row.key) or row.key, urls.get(row.key), row.citation_count or 0)
            for row in rows
        )

    def _urls(self, keys: set[str]) -> dict[str, str]:
        """Return where each of some entries leads, to its paper as a rule."""
        urls: dict[str, tuple[bool, str]] = {}
        for link in self.report.links if self.report else ():
            for key in keys.intersection(link.entries):
                found = (link.kind is not LinkKind.PAPER, link.check.url)
                urls[key] = min(urls.get(key, found), found, key=lambda row: row[0])
        return {key: url for key, (_, url) in urls.items()}

    @cached_property
    def hosts(self) -> Counter[str]:
        """The hosts of links that are broken or could not be reached."""
        rows = self.report.links if self.report else ()
        return Counter(
            escape.host(row.check.url) for row in rows if row.check.verdict in summary.DEAD or row.check.is_unreachable
        )

    def _age(self, finding: Finding) -> int | None:
        first = _day(finding.first_seen or "")
        return max((self.as_of - first).days, 0) if first and self.as_of else None


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule and what it finds, oldest first; `left_out` counts findings beyond those shown."""

    name: str
    nouns: tuple[str, str]
    advice: str
    open_rows: tuple[DatedFinding, ...]
    fixed: tuple[DatedFinding, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Overview:
    """All catalogs of the dashboard."""

    catalogs: tuple[CatalogView, ...]

    @cached_property
    def as_of(self) -> date | None:
        """The day of the latest run: the pages tell ages from it, so that the same runs give the same pages."""
        return max((each.as_of for each in self.catalogs if each.as_of), default=None)

    @cached_property
    def open_rows(self) -> tuple[DatedFinding, ...]:
        """The open findings of all catalogs, oldest first."""
        return tuple(
            sorted((row for each in self.catalogs for row in each.open_rows), key=lambda row: -(row.days or 0))
        )

    @cached_property
    def changes(self) -> tuple[DatedFinding, ...]:
        """What is new or was fixed in any catalog, latest first."""
        return _latest(row for each in self.catalogs for row in each.changes)

    @cached_property
    def rules(self) -> Mapping[str, int]:
        """How many findings each rule has, in the order of the report's sections."""
        counts = Counter(row.finding.rule for row in self.open_rows)
        order = [rule for section in summary.SECTIONS for rule in section.rules]
        known = [rule for rule in dict.fromkeys((*order, *RULE_NAMES)) if counts[rule]]
        return {rule: counts[rule] for rule in known}

    def noun(self, rule: str) -> str:
        """Return what the rule finds, in the number of its open findings."""
        one, many = RULE_NOUNS.get(rule, (rule, rule))
        return summary.noun(self.rules[rule], one, many)

    def severity(self, rule: str) -> Severity:
        """Return how bad the worst finding of a rule is."""
        return min(
            (row.finding.severity for row in self.open_rows if row.finding.rule == rule), key=summary.SEVERITIES.index
        )

    @cached_property
    def days(self) -> tuple[CourseDay, ...]:
        """The days of all catalogs together: on each, catalogs without a run keep their state."""
        return combined(self.catalogs)

    @cached_property
    def papers(self) -> tuple[CitedPaper, ...]:
        """The most cited papers; one in several catalogs counts once."""
        rows = {(paper.title, paper.count): paper for each in self.catalogs for paper in each.papers}
        return tuple(sorted(rows.values(), key=lambda paper: (-paper.count, paper.title)))[:_MOST_CITED]

    def rule(self, name: str) -> RuleView:
        """Return what a rule finds."""
        open_rows = tuple(row for row in self.open_rows if row.finding.rule == name)
        fixed = tuple(row for row in self.changes if row.fixed_on and row.finding.rule == name)
        section = summary.section(name)
        nouns = RULE_NOUNS.get(name, (name, name))
        return RuleView(name, nouns, section.advice, open_rows[:MOST], fixed, max(len(open_rows) - MOST, 0))

    @cached_property
    def hosts(self) -> Chart:
        """The hosts with most links that are broken or could not be reached."""
        return host_chart(self.catalogs)


def ages(open_rows: Iterable[DatedFinding]) -> Chart:
    """Return how old the open findings are."""
    rows = Counter(next(name for least, name in _AGES if (row.days or 0) >= least) for row in open_rows)
    return Chart("Age of open findings", tuple(Bar(name, rows[name]) for _, name in reversed(_AGES)) if rows else ())


def host_chart(views: Iterable[CatalogView]) -> Chart:
    """Return the hosts with most links that are broken or could not be reached."""
    counts: Counter[str] = Counter()
    for each in views:
        counts.update(each.hosts)
    order = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:_HOSTS]
    return Chart("Hosts with failing links", tuple(Bar(name, count, "error") for name, count in order), "bars hosts")


def slowest_hosts(views: Iterable[CatalogView]) -> list[tuple[str, float]]:
    """Return the mean seconds for an answer in the last run, by host, slowest first; of several runs, the longest."""
    seconds: dict[str, float] = {}
    for each in views:
        for host, mean in each.report.slowest_hosts.items() if each.report else ():
            seconds[host] = max(mean, seconds.get(host, 0.0))
    return sorted(seconds.items(), key=lambda row: (-row[1], row[0]))[:_HOSTS]


def of_papers(view: CatalogView) -> tuple[Chart, ...]:
    """Return the charts of the report on years and citations, without the filters that only the report has."""
    found = charts.entries(view.report.entries) if view.report else ()
    shown = [chart for chart in found if chart.caption in ("Year of publication", "Citations")]
    return tuple(replace(chart, bars=tuple(replace(bar, pick=None) for bar in chart.bars)) for chart in shown)


def oldest(open_rows: Sequence[DatedFinding]) -> Sequence[DatedFinding]:
    """Return the findings that are open for longest."""
    return [row for row in open_rows if row.days][:_OLDEST]


def verdict_bars(views: Iterable[CatalogView]) -> tuple[Bar, ...]:
    """Return the links by verdict."""
    counts: Counter[Verdict] = Counter()
    for each in views:
        counts.update(each.links)
    order = [verdict for verdict in Verdict if counts[verdict]]
    return tuple(Bar(str(verdict), counts[verdict], str(verdict)) for verdict in order)


def combined(views: Sequence[CatalogView]) -> tuple[CourseDay, ...]:
    """Return the days of catalogs together: on each, a catalog without a run is as it was."""
    by_day: dict[date, list[tuple[int, CourseDay]]] = {}
    for number_of_view, each in enumerate(views):
        for day in each.days:
            by_day.setdefault(day.run.on, []).append((number_of_view, day))
    standing: dict[int, CourseDay] = {}
    days = []
    for on, rows in sorted(by_day.items()):
        standing |= dict(rows)
        days.append(_sum(on, list(standing.values()), [day.run for _, day in rows]))
    return tuple(days)


def _sum(on: date, standing: Sequence[CourseDay], ran: Sequence[PastRun]) -> CourseDay:
    runs = [day.run for day in standing]
    links: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for day in standing:
        links.update(day.links)
        rules.update(day.rules)
    run = PastRun(
        on,
        errors=sum(each.errors for each in runs),
        warnings=sum(each.warnings for each in runs),
        notes=sum(each.notes for each in runs),
        new=sum(each.new for each in ran),
        fixed=sum(each.fixed for each in ran),
    )
    # Where one catalog has no results, the sum of the others would tell less than there is.
    is_whole = all(day.links for day in standing)
    return CourseDay(run, dict(links) if is_whole else {}, dict(rules) if is_whole else {})


def _latest(rows: Iterable[DatedFinding]) -> tuple[DatedFinding, ...]:
    order = sorted(rows, key=lambda row: (row.catalog.name, row.finding.identity, row.fixed_on or ""))
    return tuple(sorted(order, key=lambda row: row.on, reverse=True))[:CHANGES]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def course_of(report: Report | None) -> Course:
    """Return the history that a single report contains."""
    if report is None:
        return Course()
    gone = (finding for finding in report.findings if finding.state is State.FIXED)
    fixed = tuple(FixedFinding(replace(finding, evidence=()), report.finished[:10]) for finding in gone)
    return Course(tuple(CourseDay(run) for run in report.past_runs), fixed)
