"""check and resolve: links and papers of the moment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loopback import Bench, Upstream, page

FLEXGEN = "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"


@pytest.fixture
def upstream(upstream: Upstream) -> Upstream:
    upstream.pages |= {"good": page("Good"), "old": (301, {"location": "/pages/good"}, b"")}
    return upstream


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    bench = Bench.at(tmp_path / "here")
    bench.folder.mkdir()
    bench.write("enrich.toml", upstream.settings())
    return bench


def verdicts(report: dict[str, object]) -> dict[str, str]:
    """Verdict by URL, without the server's address."""
    assert (report["catalog"], report["entries"]) == (None, [])
    links = report["links"]
    assert isinstance(links, list)
    return {row["url"].partition("/pages/")[2] or row["url"]: row["verdict"] for row in links}


# ---- check

TEXTS = {
    "list.md": '# Links\n\nA [good one]({good}), an [old one]({old} "title").\n\n[ref]: {gone}\n\nSee [there][ref].\n',
    "page.html": '<p><a href="{good}">good</a> <a href=\'{old}\'>old</a> <a href="{gone}">gone</a></p>\n',
    "notes.txt": "Good: {good}, old: <{old}>; and {gone}.\n",
    "catalog.yaml": (
        "version: 1\nentries:\n  - key: a\n    type: blog\n"
        "    links: [{{url: '{good}'}}, {{url: '{old}'}}, {{url: '{gone}'}}]\n"
    ),
}
PLACES = {"list.md": (3, 3, 7), "page.html": (1, 1, 1), "notes.txt": (1, 1, 1), "catalog.yaml": (5, 5, 5)}


def filled(name: str, upstream: Upstream) -> str:
    return TEXTS[name].format(**{kind: upstream.url(f"pages/{kind}") for kind in ("good", "old", "gone")})


@pytest.mark.parametrize("name", TEXTS)
def test_the_links_of_any_file_are_checked(bench: Bench, upstream: Upstream, name: str) -> None:
    bench.write(name, filled(name, upstream))
    done = bench.call("check", name, "--format", "json")
    assert (done.code, done.err) == (1, "")
    assert verdicts(done.report) == {"good": "ok", "old": "moved", "gone": "broken"}
    links = done.report["links"]
    assert isinstance(links, list)
    assert {(row["url"].rpartition("/")[2], row["place"]) for row in links} == {
        (kind, f"{name}:{line}") for kind, line in zip(("good", "old", "gone"), PLACES[name], strict=True)
    }
    assert bench.read(name) == filled(name, upstream)


def test_standard_input_and_urls_are_checked(bench: Bench, upstream: Upstream) -> None:
    read = bench.call("check", "-", "--format", "json", stdin=filled("list.md", upstream).encode())
    assert (read.code, verdicts(read.report)) == (1, {"good": "ok", "old": "moved", "gone": "broken"})
    named = bench.call("check", upstream.url("pages/good"), upstream.url("pages/old"), "--format", "json")
    assert (named.code, verdicts(named.report)) == (0, {"good": "ok", "old": "moved"})


def test_the_catalog_of_the_folder_is_checked_by_default(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", filled("catalog.yaml", upstream))
    done = bench.call("check", "-o", "out.txt", "--report", "json=out.json", "--fail-on", "never")
    assert (done.code, done.out) == (0, "")
    assert "gone" in bench.read("out.txt")
    assert verdicts(json.loads(bench.read("out.json"))) == {"good": "ok", "old": "moved", "gone": "broken"}


def test_identifiers_are_checked_without_a_page(bench: Bench, upstream: Upstream) -> None:
    urls = "https://arxiv.org/abs/2303.06865 https://doi.org/10.1145/3600006.3613175 https://doi.org/10.5072/no-such"
    bench.write("notes.txt", f"{urls} https://github.com/FMInference/FlexGen\n")
    done = bench.call("check", "notes.txt", "--format", "json")
    assert list(verdicts(done.report).values()) == ["ok", "ok", "broken", "moved"]
    assert not any(line.startswith("GET /pages") for line in upstream.asked)
    links = done.report["links"]
    assert isinstance(links, list)
    assert {evidence["asked"] for row in links for evidence in row["evidence"]}.isdisjoint({"web"})


def test_a_check_offline_asks_nobody(bench: Bench, upstream: Upstream) -> None:
    done = bench.call("check", "--offline", upstream.url("pages/good"), "--format", "json")
    assert (done.code, verdicts(done.report), upstream.asked) == (3, {"good": "unknown"}, [])


def test_a_check_knows_of_no_run_before_it(bench: Bench, upstream: Upstream) -> None:
    done = bench.call("check", upstream.url("pages/gone"))
    assert (done.code, "run" in done.out.lower()) == (1, False)


def test_the_first_run_is_called_so(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", filled("catalog.yaml", upstream))
    first = bench.call("run").out
    assert "catalog.yaml: 2 findings (first run): 1 broken link, 1 moved link\n" in first
    assert "NEW" not in first
    assert bench.call("run").out.splitlines()[0] == "catalog.yaml: 2 findings, none new: 1 broken link, 1 moved link"


def test_a_night_without_news_is_three_lines_and_the_report_has_all_of_it(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", filled("catalog.yaml", upstream))
    whole = bench.call("run").out
    quiet = bench.call("run").out.splitlines()
    assert len(quiet) == 3
    assert quiet[2].startswith("→ enrich fix (updates 1 link)   → enrich report -v")
    shown = bench.call("report").out
    assert shown.splitlines()[:4] == whole.splitlines()[:4]
    assert "why: " not in shown
    told = bench.call("report", "-v").out
    assert "    why: the page: page not found (404)" in told
    assert "[[ignore]]" in told
    assert "enrich report -v" not in told
    assert "why: " in bench.call("run", "-v").out


def test_quiet_prints_nothing_of_what_is_clean(bench: Bench, upstream: Upstream) -> None:
    good, gone = upstream.url("pages/good"), upstream.url("pages/gone")
    assert bench.call("check", "-q", good).out == ""
    assert bench.call("check", good).out != ""
    done = bench.call("check", "-q", gone, "-o", "out.txt")
    assert (done.out, done.err) == ("", "")
    assert "1 broken link" in bench.read("out.txt")
    lines = bench.call("check", "-q", gone).out.splitlines()
    assert lines[-1] == "links: 1 finding: 1 broken link"
    assert not any(line.startswith("→") or "NEW" in line for line in lines)


@pytest.mark.parametrize("name", ["README.md", "Refs.BIB"])
@pytest.mark.parametrize("command", ["run", "export"])
def test_a_list_in_the_place_of_a_catalog_is_called_what_it_is(bench: Bench, command: str, name: str) -> None:
    bench.write(name, "@misc{a}\n")
    done = bench.call(command, name)
    kind = "Markdown" if name == "README.md" else "BibTeX"
    assert done.code == 2
    assert done.err == (
        f"enrich: {name} is a list ({kind}): run `enrich import {name} --mirror -o catalog.yaml`, "
        f"or `enrich check {name}`\n"
    )


def test_standard_input_is_markdown_or_html(bench: Bench) -> None:
    url = "https://a.example/?id=A&noteId=B"
    for words in (f"[a]({url}) `{url}x`", f"<!doctype html><a href='{url}'>{url}x</a>"):
        done = bench.call("check", "-", "--offline", "--format", "json", stdin=words.encode())
        assert list(verdicts(done.report)) == [url]


def test_a_file_without_links_is_clean(bench: Bench) -> None:
    bench.write("page.md", "# A page\n\nwith words alone\n")
    done = bench.call("check", "page.md", "--format", "json")
    assert (done.code, json.loads(done.out)["links"]) == (0, [])
    assert "no link in page.md" in done.err


def test_an_address_that_is_private_is_never_asked(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", upstream.settings().replace('allow_private = ["127.0.0.1"]', ""))
    done = bench.call("check", upstream.url("pages/good"), "--format", "json")
    assert (done.code, verdicts(done.report), upstream.asked) == (1, {"good": "unsafe"}, [])


# ---- resolve


@pytest.mark.parametrize(
    "query",
    [
        (FLEXGEN,),
        tuple(FLEXGEN.split()),
        ("2303.06865",),
        ("arXiv:2303.06865v2",),
        ("https://arxiv.org/pdf/2303.06865.pdf",),
        ("10.48550/arXiv.2303.06865",),
    ],
    ids=["title", "words", "id", "version", "url", "doi"],
)
def test_a_paper_is_found_by_whatever_names_it(bench: Bench, query: tuple[str, ...]) -> None:
    done = bench.call("resolve", *query, "--format", "json")
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert (record["title"], record["arxiv_id"], record["authors"][0]) == (FLEXGEN, "2303.06865", "Ying Sheng")


def test_how_it_was_found_is_told_beside_the_record(bench: Bench) -> None:
    by_title = bench.call("resolve", FLEXGEN)
    assert f"enrich: matched by title (the titles are the same): {FLEXGEN}\n" in by_title.err
    by_id = bench.call("resolve", "arXiv:2303.06865v2", "--format", "bibtex")
    assert "enrich: matched by arxiv id: 2303.06865\n" in by_id.err
    assert "\nenrich: from arXiv: " in by_id.err
    assert bench.call("-q", "resolve", "2303.06865").err == ""


def test_a_publishers_doi_and_its_url_find_the_paper(bench: Bench) -> None:
    for query in ("10.1145/3600006.3613175", "https://dl.acm.org/doi/10.1145/3600006.3613175"):
        done = bench.call("resolve", query, "--format", "json")
        assert done.code == 0, done.err
        assert json.loads(done.out)["doi"].lower() == "10.1145/3600006.3613175"


def test_a_record_is_printed_in_three_formats(bench: Bench) -> None:
    yaml = bench.call("resolve", "2303.06865")
    assert yaml.out.startswith("version: 1\n")
    assert 'arxiv_id: "2303.06865"' in yaml.out
    bibtex = bench.call("resolve", "2303.06865", "--format", "bibtex")
    assert bibtex.out.startswith("@")
    assert "Sheng, Ying" in bibtex.out or "Ying Sheng" in bibtex.out


@pytest.mark.parametrize(
    "query",
    [
        "A paper that nobody has ever written about anything",
        "2613.99999",
        "10.5072/no-such-thing",
        "Inference serving using dynamic modality selection",
    ],
)
def test_what_is_missing_or_ambiguous_ends_with_1(bench: Bench, query: str) -> None:
    done = bench.call("resolve", query)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("enrich: ")


def test_who_could_not_be_asked_ends_with_3(bench: Bench, upstream: Upstream) -> None:
    upstream.broken |= dict.fromkeys(
        ("arxiv", "semantic_scholar", "crossref", "datacite", "doi", "openalex"), page("Oh", 500)
    )
    for query in ("2303.06865", "10.1145/3600006.3613175", FLEXGEN):
        done = bench.call("resolve", query)
        assert (done.code, done.out) == (3, "")
        assert "could not query" in done.err


def test_a_record_found_while_somebody_is_silent_is_printed(bench: Bench, upstream: Upstream) -> None:
    upstream.broken["semantic_scholar"] = page("Oh", 500)
    done = bench.call("resolve", "2303.06865")
    assert done.code == 0
    assert "could not query Semantic Scholar" in done.err
    assert FLEXGEN in done.out


def test_resolve_offline_asks_nobody(bench: Bench, upstream: Upstream) -> None:
    assert bench.call("resolve", "--offline", "2303.06865").code == 3
    assert upstream.asked == []
    bench.call("resolve", "2303.06865")
    asked = len(upstream.asked)
    assert bench.call("resolve", "--offline", "2303.06865").code == 0
    assert upstream.asked[asked:] == []
