"""A misspelt name is refused with the name that was likely meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrich.model import RULE_NAMES, UNSETTLED_RULES
from enrich.report.summary import SECTIONS
from enrich.text.suggestions import closest_name, hint
from tests.loopback import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.at(tmp_path)


CATALOG = "version: 1\nentries:\n  - key: a\n    type: paper\n    title: A paper\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run --onlymissing", "enrich run: unknown option --onlymissing; did you mean --only-missing?"),
        ("check --fragments --ofline=yes", "enrich check: unknown option --ofline; did you mean --offline?"),
        ("run --qqqqqq", "enrich run: unknown option --qqqqqq\n"),
        ("--verson", "enrich: unknown option --verson; did you mean --version?"),
        ("rum", "enrich: unknown command rum; did you mean run?"),
        ("qqqqqq", "enrich: unknown command qqqqqq; choose one of init, import, run, check"),
        ("", "enrich: no command given; choose one of init, import, run, check"),
        ("schema extra", "enrich schema: unexpected argument extra\n"),
        ("run --fail-on eror", "argument --fail-on: unknown value 'eror'; did you mean error?"),
        ("resolve --format yml x", "argument --format: unknown value 'yml'; did you mean yaml?"),
        ("run --limit 0", "argument --limit: must be a positive integer (got 0)"),
        ("report --format htlm", "enrich: unknown report format 'htlm'; did you mean html?"),
        ("run --report jsn=x.json", "enrich: unknown report format 'jsn'; did you mean json?"),
        ("export --format bibtx", "enrich: unknown export format 'bibtx'; did you mean bibtex?"),
        ("export --format qqq", "enrich: unknown export format 'qqq'; choose one of bibtex, csl-json"),
        ("run --entry b", "enrich: catalog.yaml: no entry with the key b\n"),
        ("run README.md", "README.md is a list (Markdown): run `enrich import README.md --mirror -o catalog.yaml`, or"),
        ("run refs.bib", "refs.bib is a list (BibTeX): run `enrich import refs.bib --mirror -o catalog.yaml`, or"),
        ("run refs.json", "refs.json is a list (JSON): run `enrich import refs.json --mirror -o catalog.yaml`, or"),
        ("check gone.md", "enrich: gone.md: file not found; check the path"),
    ],
)
def test_a_misspelt_command_line_says_what_was_meant(bench: Bench, command: str, words: str) -> None:
    bench.write("catalog.yaml", CATALOG)
    for name, text in {"README.md": "# A list\n", "refs.bib": "@article{a}\n", "refs.json": " [{}]\n"}.items():
        bench.write(name, text)
    done = bench.call(*command.split())
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_catalog_may_be_json(bench: Bench) -> None:
    bench.write("catalog.json", '{"version": 1, "entries": [{"key": "a", "title": "A paper"}]}')
    assert bench.call("export", "catalog.json").code == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("crosref", "did you mean crossref?"),
        ("ArXiv", "did you mean arxiv?"),
        ("dblp", "choose one of arxiv, crossref"),
        ("", "choose one of arxiv, crossref"),
        ("x" * 10_000, "choose one of arxiv, crossref"),
    ],
)
def test_the_closest_name_is_suggested_and_all_names_where_none_is_close(given: str, words: str) -> None:
    assert hint(given, ("arxiv", "crossref")) == words
    assert (closest_name(given, ("arxiv", "crossref")) is None) == words.startswith("choose")


def test_settings_know_every_rule_of_the_reports() -> None:
    sections = {rule for section in SECTIONS for rule in section.rules}
    assert {*sections, *UNSETTLED_RULES, "corrected"} == set(RULE_NAMES)
