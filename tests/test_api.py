"""The public interface, as a user of the library meets it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import enrich
from enrich import demo
from enrich.services import SERVICES
from enrich.settings import HostPace
from enrich.text.urls import host_of

LIBRARY = Path(__file__).parent.parent / "docs" / "library.md"
CATALOG = """\
version: 1
entries:
  - key: flexgen
    title: FlexGen
    links: {paper: https://arxiv.org/abs/2303.06865}
"""
FLEXGEN = "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"
QUICK = enrich.Settings(pace={host_of(service.base): HostPace() for service in SERVICES})


def program(script: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def silence(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG, encoding="utf-8")
    return path


def test_exactly_the_promised_names_are_public() -> None:
    functions = {"load", "run", "check", "resolve", "run_sync", "check_sync", "resolve_sync"}
    types = {"Options", "Settings", "Entry", "Report", "Finding", "EnrichError"}
    assert set(enrich.__all__) == functions | types
    assert all(callable(getattr(enrich, name)) for name in enrich.__all__)
    assert all(inspect.getdoc(getattr(enrich, name)) for name in enrich.__all__)
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = enrich.runn


def test_help_shows_every_name_and_what_it_takes(tmp_path: Path) -> None:
    shown = program("import enrich; help(enrich)", tmp_path)
    for name in enrich.__all__:
        assert re.search(rf"^ +(?:class |async )?{name}\(", shown, re.MULTILINE), name
    assert "transport: An `httpx.AsyncBaseTransport` in place of the network, for tests." in shown


def test_importing_enrich_loads_nothing_else(tmp_path: Path) -> None:
    script = "import sys, enrich; print(*(name for name in sys.modules if name.startswith('enrich')))"
    assert program(script, tmp_path).split() == ["enrich"]


def test_the_documentation_imports_nothing_from_inside_and_runs(catalog: Path) -> None:
    script = "\n".join(re.findall(r"^```python\n(.*?)^```$", LIBRARY.read_text(), re.MULTILINE | re.DOTALL))
    imported = [node.module for node in ast.walk(ast.parse(script)) if isinstance(node, ast.ImportFrom)]
    assert set(imported) == {"enrich"}
    named = {
        alias.name for node in ast.walk(ast.parse(script)) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert named <= set(enrich.__all__)
    shown = program(script, catalog.parent)
    assert "flexgen None ['https://arxiv.org/abs/2303.06865']" in shown
    assert "no-such-catalog.yaml" in shown
    assert shown.rstrip().endswith("ok")


def test_a_run_writes_what_it_found_into_the_catalog(catalog: Path) -> None:
    report = enrich.run_sync(catalog, settings=QUICK, transport=demo.transport())
    assert [entry.status for entry in report.entries] == ["found"]
    (entry,) = enrich.load(catalog).entries
    assert entry.known("title") == FLEXGEN
    assert entry.enriched is not None


def test_a_run_that_does_not_save_leaves_the_catalog_alone(catalog: Path) -> None:
    loaded = enrich.load(catalog)
    report = enrich.run_sync(loaded, settings=QUICK, save=False, transport=demo.transport())
    assert [entry.filled != () for entry in report.entries] == [True]
    assert catalog.read_text(encoding="utf-8") == CATALOG


def test_only_the_fields_of_the_settings_are_written(catalog: Path) -> None:
    def block(*fields: str) -> str:
        settings = QUICK.model_copy(update={"fields": fields} if fields else {})
        enrich.run_sync(catalog, settings=settings, transport=demo.transport())
        return catalog.read_text(encoding="utf-8").partition("enriched:\n")[2]

    first = block("authors", "doi")
    names = ["authors", "doi", "matched_by", "enriched_on", "sources"]
    assert re.findall(r"^ +(\w+): ", first, re.MULTILINE) == names
    assert block("authors", "doi") == first
    assert "      abstract: " in block()
    assert block("authors", "doi") == first


def test_a_history_dates_what_the_next_run_finds(catalog: Path) -> None:
    catalog.write_text(CATALOG.replace("2303.06865", "2613.99999"), encoding="utf-8")

    def night() -> enrich.Report:
        past = catalog.parent / "history.json"
        return enrich.run_sync(catalog, settings=QUICK, history=past, transport=demo.transport())

    assert {finding.state for finding in night().findings} == {"new"}
    assert {finding.state for finding in night().findings} == {"still"}


def test_several_catalogs_share_a_run_and_each_has_its_report(tmp_path: Path) -> None:
    paths = [tmp_path / name / "catalog.yaml" for name in ("a", "b")]
    alone = tmp_path / "catalog.yaml"
    for path in (*paths, alone):
        path.parent.mkdir(exist_ok=True)
        path.write_text(CATALOG if path == paths[0] else CATALOG.replace("2303.06865", "2613.99999"), encoding="utf-8")
    pasts = [path.with_suffix(".json") for path in paths]

    def night() -> tuple[enrich.Report, ...]:
        return enrich.run_sync(paths, settings=QUICK, history=pasts, transport=demo.transport())

    one, two = night()
    assert (one.catalog, two.catalog) == tuple(map(str, paths))
    assert one.requests == two.requests
    single = enrich.run_sync(alone, settings=QUICK, transport=demo.transport())
    assert [finding.message for finding in two.findings] == [finding.message for finding in single.findings]
    assert two.findings
    assert paths[1].read_text(encoding="utf-8") == alone.read_text(encoding="utf-8")
    assert enrich.load(paths[0]).entries[0].known("title") == FLEXGEN
    assert {finding.state for finding in night()[1].findings} == {"still"}
    assert enrich.run_sync([], settings=QUICK, transport=demo.transport()) == ()


def test_a_catalog_that_cannot_be_saved_is_named_and_the_others_are_saved(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.yaml" for name in ("a", "b", "c")]
    for path in paths:
        path.write_text(CATALOG, encoding="utf-8")
    loaded = [enrich.load(path) for path in paths]
    paths[1].write_text(f"# while the run went on\n{CATALOG}", encoding="utf-8")
    with pytest.raises(enrich.EnrichError, match=r"b\.yaml: the catalog changed on disk") as raised:
        enrich.run_sync(loaded, settings=QUICK, transport=demo.transport())
    assert "a.yaml" not in str(raised.value)
    assert ["enriched:" in path.read_text(encoding="utf-8") for path in paths] == [True, False, True]


def test_each_catalog_and_each_history_has_its_own_file(catalog: Path) -> None:
    other = catalog.with_name("other.yaml")
    other.write_text(CATALOG, encoding="utf-8")
    history = catalog.with_name("history.json")
    for paths, histories, said in (
        ([catalog, catalog], None, r"catalog\.yaml: given 2 times"),
        ([catalog, other], [history, history], r"history\.json: given 2 times"),
        ([catalog, other], [history], "1 history files for 2 catalogs"),
        ([catalog, other], history, r"history\.json: given 2 times"),
    ):
        with pytest.raises(enrich.EnrichError, match=said):
            enrich.run_sync(paths, settings=QUICK, history=histories, transport=demo.transport())
    assert catalog.read_text(encoding="utf-8") == CATALOG


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("arXiv:2303.06865", FLEXGEN),
        (FLEXGEN, FLEXGEN),
        ("https://arxiv.org/abs/2303.06865", FLEXGEN),
        ("A paper that nobody has ever written about anything", None),
    ],
)
def test_a_query_is_resolved_or_none(query: str, title: str | None) -> None:
    found = asyncio.run(enrich.resolve(query, settings=QUICK, transport=demo.transport()))
    assert (found and found.known("title")) == title


def test_what_could_not_be_asked_is_not_taken_for_absent() -> None:
    settings = QUICK.model_copy(update={"tries": 1})
    with pytest.raises(enrich.EnrichError, match=r"could not be resolved: arXiv"):
        enrich.resolve_sync("arXiv:2303.06865", settings=settings, transport=httpx.MockTransport(silence))


@pytest.mark.parametrize("of", [lambda url: [url], lambda url: url])
def test_links_are_checked(of: Callable[[str], list[str] | str]) -> None:
    url = "https://arxiv.org/abs/2303.06865"
    report = enrich.check_sync(of(url), settings=QUICK, transport=demo.transport())
    assert [(link.check.url, link.check.verdict) for link in report.links] == [(url, "ok")]


def test_entries_are_checked_with_their_links(catalog: Path) -> None:
    entries = enrich.load(catalog).entries
    report = enrich.check_sync(entries, settings=QUICK, transport=demo.transport())
    assert [link.entries for link in report.links] == [("flexgen",)]
