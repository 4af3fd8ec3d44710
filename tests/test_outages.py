"""A service that could not be asked is never taken for one that does not know."""

from __future__ import annotations

from functools import cache

import httpx
import pytest

from enrich import catalog
from enrich.commands.terminal import exit_code
from enrich.history import History
from enrich.model import ENRICHED_FIELDS, Entry, State, Status, Unreachable, Verdict
from enrich.pipeline import Options
from tests.worlds import FAULTS, HOSTS, Fault, Night, Nights, Recovering, down, listed, out_of_order, too_many

KINDS = (
    *("flexgen", "deepspeed-inference", "reef", "falcon", "cocktail", "rest", "medusa", "quik", "sia", "kairos-2"),
    *("a-repository-that-was-archived-specimen", "a-repository-that-was-deleted-specimen", "atom", "gillis"),
    *("inference-serving-using-dynamic-modality-selection", "a-withdrawn-specimen", "a-retracted-specimen"),
    *("a-missing-specimen", "the-key-value-cache-explained", "quantization-in-pictures", "tapfinger", "shepherd"),
)
"""An entry of each kind: how its paper is found, what is wrong with it."""

LONG_AFTER = 40
"""A day on which every entry is due and no answer is fresh any more."""

# DataCite is asked only for what neither arXiv nor Semantic Scholar can be asked about.
OTHERS = {"datacite": ("arxiv", "semantic_scholar")}

CASES = pytest.mark.parametrize(
    ("service", "fault"),
    [(service, fault) for service in HOSTS for fault in FAULTS],
    ids=lambda v: getattr(v, "__name__", v),
)


@cache
def fresh_text() -> str:
    return catalog.new_text([entry for entry in catalog.parse(listed(), "c.yaml").entries if entry.key in KINDS])


def fresh() -> Nights:
    return Nights(fresh_text())


@cache
def before() -> tuple[str, History]:
    nights = fresh()
    nights.live()
    return nights.text, nights.history


def enriched() -> Nights:
    text, history = before()
    return Nights(text, history=history)


@cache
def healthy(*, known: bool) -> Night:
    return enriched().run(LONG_AFTER) if known else fresh().run()


@cache
def three_nights() -> Night:
    nights = fresh()
    nights.live()
    nights.live(1, Options(only_missing=True))
    return nights.live(LONG_AFTER, Options(only_missing=True))


def faults(service: str, fault: Fault) -> dict[str, Fault]:
    return {HOSTS[service]: fault, **{HOSTS[other]: out_of_order for other in OTHERS.get(service, ())}}


def fields(entry: Entry) -> dict[str, object]:
    dated = ("enriched_on", "citation_count_as_of")
    return {name: getattr(entry.enriched, name, None) for name in ENRICHED_FIELDS if name not in dated}


def check_told(night: Night, service: str) -> None:
    report = night.result.report
    rows = [row.service for row in report.unasked]
    assert sorted(rows) == sorted({service, *OTHERS.get(service, ())})
    assert all(row.why and row.entries > 0 for row in report.unasked)
    assert exit_code(report, "never") == 3


@CASES
def test_a_catalog_enriched_before_keeps_all_that_is_known_and_nothing_is_called_wrong_or_fixed(
    service: str, fault: Fault
) -> None:
    nights = enriched()
    night = nights.run(LONG_AFTER, faults=faults(service, fault))
    check_told(night, service)
    kept = {entry.key: fields(entry) for entry in catalog.parse(night.text, "c.yaml").entries if entry.enriched}
    assert kept == {entry.key: fields(entry) for entry in nights.entries() if entry.enriched}
    well = healthy(known=True)
    assert set(night.findings) <= set(well.findings)
    assert [f.identity for f in night.result.report.findings if f.state is State.FIXED] == []
    assert set(night.result.history.findings) >= set(well.result.history.findings)


@CASES
def test_a_new_catalog_is_filled_by_the_others(service: str, fault: Fault) -> None:
    night = fresh().run(faults=faults(service, fault))
    check_told(night, service)
    assert set(night.findings) <= set(healthy(known=False).findings)
    found = {row.key for row in night.result.report.entries if row.status is Status.FOUND}
    assert len(found) >= 10
    blocks = night.result.blocks
    assert all(blocks[key].authors for key in found)
    if service != "datacite":
        assert blocks["flexgen"].abstract


@pytest.mark.parametrize("service", HOSTS)
def test_what_is_lacking_is_asked_again_the_next_night_and_the_rest_in_its_time(service: str) -> None:
    nights, well = fresh(), healthy(known=False)
    night = nights.live(faults=faults(service, out_of_order))
    again = nights.live(1, Options(only_missing=True))
    assert again.result.report.unasked == ()
    assert {row.key: row.lacking for row in again.result.report.entries} == {
        row.key: row.lacking for row in well.result.report.entries
    }
    assert set(night.findings) <= set(again.findings) <= set(well.findings)
    assert State.FIXED not in again.findings.values()
    later = nights.live(LONG_AFTER, Options(only_missing=True))
    undisturbed = three_nights()
    assert set(later.findings) == set(undisturbed.findings)
    whole = catalog.parse(undisturbed.text, "c.yaml").entries
    assert {entry.key: fields(entry) for entry in nights.entries()} == {entry.key: fields(entry) for entry in whole}


# ---- no network at all


def no_names(request: httpx.Request, _: httpx.Response) -> httpx.Response:
    raise Unreachable("dns", f"{request.url.host}: name resolution failed", "", again=True)


@pytest.mark.parametrize("fault", [no_names, down], ids=["no_names", "down"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_without_a_network_nothing_changes_and_nothing_is_judged(fault: Fault, *, known: bool) -> None:
    nights = enriched() if known else fresh()
    night = nights.run(LONG_AFTER, faults={"*": fault})
    report = night.result.report
    assert night.text == nights.text
    assert night.result.history == nights.history
    asked = {row.check.verdict for row in report.links}
    assert asked <= {Verdict.UNKNOWN, Verdict.SKIPPED}
    assert not any(f.state is State.FIXED for f in report.findings)
    assert not any(f.rule.endswith("-link") or f.rule == "host-outage" for f in report.findings)
    assert any("no network" in note and "`enrich demo`" in note for note in report.notes)
    assert exit_code(report, "never") == 3
    assert len(night.upstream.asked) < 60


@pytest.mark.parametrize("service", ["arxiv", "crossref", "semantic_scholar"])
def test_a_service_that_needed_a_rest_is_asked_again_at_the_end(service: str) -> None:
    night = fresh().run(faults={HOSTS[service]: Recovering(3)})
    assert night.text == healthy(known=False).text
    assert night.result.report.unasked == ()
    verdicts = [
        {row.check.url: row.check.verdict for row in each.result.report.links} for each in (night, healthy(known=False))
    ]
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("service", ["arxiv", "crossref"])
def test_a_service_that_stays_down_is_asked_once_more_and_no_oftener(service: str) -> None:
    night = fresh().run(faults={HOSTS[service]: out_of_order})
    asked = [request for request in night.upstream.asked if request.url.host == HOSTS[service]]
    ids = [request.url.params.get("id_list", request.url.params.get("filter", request.url.path)) for request in asked]
    assert 3 < len(asked) <= 12
    assert len(ids[-1]) < 60  # one identifier, to see whether it answers


@pytest.mark.parametrize("service", ["arxiv", "semantic_scholar"])
def test_a_service_that_kept_refusing_gets_one_more_request_at_the_end(service: str) -> None:
    refusing = fresh().run(faults={HOSTS[service]: too_many})
    asked = [request for request in refusing.upstream.asked if request.url.host == HOSTS[service]]
    assert len(asked) <= 10
    night = fresh().run(faults={HOSTS[service]: Recovering(len(asked) - 1, too_many)})
    assert {row.service for row in refusing.result.report.unasked} == {service}
    assert night.result.report.unasked == ()
