"""`enrich fix --titles`: what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loopback import Bench, Upstream

FLEXGEN = "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"
CATALOG = f"""\
# Mine.
entries:
  - key: flexgen-2023   # made from the cluttered title
    title:  '{FLEXGEN} (ICML 2023), Y. Sheng et al.'   # as listed
    links: {{paper: https://arxiv.org/abs/2303.06865}}

  - {{key: notes, type: blog, title: Notes (2019)}}
"""


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    bench = upstream.bench(tmp_path / "here", CATALOG)
    assert bench.call("run").code == 0
    return bench


def stale(bench: Bench, *flags: str) -> list[dict[str, object]]:
    """The findings on metadata after another run."""
    bench.call("run", "--report", "json=report.json", *flags)
    found = json.loads(bench.read("report.json"))["findings"]
    return [row for row in found if row["rule"] == "stale-metadata" and row["state"] != "fixed"]


def test_the_title_is_cleaned_and_every_other_byte_kept(bench: Bench) -> None:
    before = bench.read()
    assert bench.call("fix").out == "0 links replaced\n"
    shown = bench.call("fix", "--titles", "--dry-run")
    assert f"+    title:  '{FLEXGEN}'   # as listed\n" in shown.out
    assert "\n0 links would be replaced\n1 title would be replaced\n→ run it without --dry-run" in shown.out
    assert bench.read() == before
    done = bench.call("fix", "--titles")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"catalog.yaml:3: {FLEXGEN} (ICML 2023), Y. Sheng et al. -> {FLEXGEN}\n0 links replaced\n1 title replaced\n"
        "→ git diff catalog.yaml (what was written)\n"
    )
    after = before.replace(" (ICML 2023), Y. Sheng et al.'", "'")
    assert bench.read() == after
    again = bench.call("fix", "--titles")
    assert (again.code, again.err, again.out) == (0, "", "0 links replaced\n0 titles replaced\n")
    assert bench.read() == after


@pytest.mark.parametrize("flags", [(), ("--only-missing",), ("--no-metadata",)])
def test_after_the_fix_nothing_is_told_of_the_title_and_nothing_changes(bench: Bench, flags: tuple[str, ...]) -> None:
    assert len(stale(bench, *flags)) == 1
    bench.call("fix", "--titles")
    after = bench.read()
    assert (stale(bench, *flags), bench.read()) == ([], after)


def test_a_title_that_was_edited_since_is_left_alone(bench: Bench) -> None:
    edited = bench.read().replace("(ICML 2023), Y. Sheng", "(ICML, 2023), Y. Sheng")
    bench.write("catalog.yaml", edited)
    done = bench.call("fix", "--titles")
    assert (done.code, done.out, bench.read()) == (0, "0 links replaced\n0 titles replaced\n", edited)
    assert done.err == "enrich: catalog.yaml:3: title unchanged: edited since the last run; run `enrich run` again\n"


@pytest.mark.parametrize("new", ["Another Title", "", "FlexGen\n: High", f"{FLEXGEN} (ICML 2023), Y. Sheng et al.: x"])
def test_a_report_cannot_bring_in_a_title_of_its_own(bench: Bench, new: str) -> None:
    before, path = bench.read(), bench.kept("last-report.json")
    report = json.loads(path.read_text())
    for row in report["findings"]:
        if row["rule"] == "stale-metadata":
            row["replacement"]["new"] = new
    path.write_text(json.dumps(report))
    done = bench.call("fix", "--titles")
    assert (done.code, bench.read()) == (0, before)
    assert done.err == "enrich: catalog.yaml:3: title unchanged: the proposed title is not part of it\n"


def test_an_entry_that_shares_parts_with_others_is_left_alone(bench: Bench) -> None:
    shared = bench.read().replace("title:  '", "title:  &flexgen '")
    bench.write("catalog.yaml", shared)
    done = bench.call("fix", "--titles")
    assert (done.code, bench.read()) == (0, shared)
    assert done.err.startswith("enrich: catalog.yaml:3: title unchanged: the entry has an anchor")
