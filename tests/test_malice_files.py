"""Catalogs, lists and settings that strangers wrote: read within bounds, or refused in words."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from enrich import catalog, identifiers, links, lists, matching, settings
from enrich.commands.mirrors import LARGEST_LIST
from enrich.model import EnrichError
from enrich.settings import SettingsError
from enrich.sources import landing_page
from tests.loopback import Bench, Upstream, page

SECONDS = 15.0
"""For what ordinary input of the size takes a second at most, on a machine under load."""

TEXT = 10_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "here").mkdir()
    return Bench.at(tmp_path / "here")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream().serving() as serving:
        yield serving


PUMPS = (
    *("A", "a", "1", ",", "a,", "A ", "A. ", "in A", "at A ", "(", "`", "``a", "*", "**a", "_", "|", "|a", "- ", "> "),
    *("<", "<a ", "<b>", "<td>", "</", "<!--", "&amp;", "\\", '\\"', "$a$", "https://a ", "https://x.y/a?", "arxiv"),
    *("arxiv:", "10.1000/", "doi:", "10.1.1", "/pdf", "et al. ", "ICML 2023 ", "arXiv 2303.06865 ", "“", '"a" ', "（"),
    *(
        "[a](",
        "[^1]",
        "~~",
        " - ",
        ": ",
        "? ",
        "é",
        "中",
        "e\u0301",
        "\u202e",
        "\n",
        "- a\n",
        "* [a](b)\n",
        "1. ",
        "\t",
    ),
    *(
        "{a",
        "<details>",
        "...",
        "#a",
        "A-",
        "Univ of ",
        "Dr. ",
        "v1",
        "Part ",
        "\ufdfa",
        "<svg><math>",
        "oops ",
        "[[a]",
    ),
)


@pytest.mark.parametrize("pump", PUMPS)
def test_no_text_takes_for_ever(pump: str) -> None:
    text = pump * (TEXT // len(pump))
    start = time.process_time()
    lists.merge((), [lists.read(f"- [T: of it](https://example.org/p) {text}x", "list.md", "https://example.org/")])
    links.find_urls(f"https://x/{text}", "list.md")
    for url in ("https://doi.org/", "https://arxiv.org/abs/", "https://www.nature.com/articles/", "https://a.org/"):
        identifiers.of_url(url + text)
    identifiers.of_text(text)
    identifiers.parse(text)
    identifiers.normalise_url(f"https://a.org/{text}")
    matching.compare(matching.Description(text, venue=text), matching.Description(f"T{text}x", venue=f"{text}x"))
    matching.same_authors([text], [f"{text}b"])
    landing_page.parse(
        f"<title>{text}</title><meta name='citation_title' content='{text}'>{text}".encode(), "http://a/"
    )
    assert (
        time.process_time() - start < SECONDS / 4
    )  # as quadratic work over twice the text would take four times as long


TRAPS = {
    "- [T: of it](https://example.org/p) {}x": ("Dr. ", "<p>", "et al. "),
    "- {}x [T of it all](https://example.org/p): more": ("[^1]", "[x] "),
    "- A title of it all. {}not one [paper](https://example.org/p)": ("ICML 2023. ", "A. Body and B. Body. "),
    "{}": ("<h2>", "<ul><li>", "<table><tr><td>", "<details><summary>", "# a\n"),
}


def seconds(text: str) -> float:
    start = time.process_time()
    lists.read(text, "list.md")
    return time.process_time() - start


@pytest.mark.parametrize(("item", "pump"), [(item, pump) for item, pumps in TRAPS.items() for pump in pumps])
def test_eight_times_the_text_takes_eight_times_as_long(item: str, pump: str) -> None:
    """Each of these once took 64 times as long: the bound is far from both."""
    few, many = (item.format(pump * (size // len(pump))) for size in (5_000, 40_000))
    assert seconds(many) < 24 * seconds(few) + 0.5


def test_a_list_of_a_size_that_no_list_has_is_refused(bench: Bench) -> None:
    path = bench.folder / "list.md"
    with path.open("wb") as file:
        file.truncate(LARGEST_LIST + 1)
    done = bench.call("import", "list.md")
    assert (done.code, done.out) == (2, "")
    assert "list.md: too large (5.0 MB, the limit is 5 MB)" in done.err
    assert not (bench.folder / "catalog.yaml").exists()


def test_a_file_of_links_has_its_limit_too(bench: Bench) -> None:
    with (bench.folder / "links.txt").open("wb") as file:
        file.truncate(200_000_000)
    done = bench.call("check", "links.txt")
    assert done.code == 2
    assert "200.0 MB, the limit is 100 MB" in done.err


def test_a_line_of_twenty_megabytes_in_a_catalog_is_one_scalar() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = f"version: 1\nentries:\n- key: a\n  title: {'x' * 20_000_000}\n"
    known = catalog.parse(text)
    assert known.entries[0].key == "a"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


BOMBS = {
    "aliases": "version: 1\na: &a [x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(f'*{chr(97 + n)}' for _ in range(9))}]\n" for n in range(9))
    + "entries: [{key: a, tags: *j}]\n",
    "an alias of itself": "version: 1\nentries: [{key: a, tags: &a [*a]}]\n",
    "merges": "version: 1\nx: &x {a: 1}\nentries: [{<<: *x, key: a, <<: *x}]\n",
    "brackets": "version: 1\nentries: [{key: a, tags: " + "[" * 50_000 + "]" * 50_000 + "}]\n",
    "braces": "version: 1\nentries: [{key: a, x: " + "{a: " * 20_000 + "1" + "}" * 20_000 + "}]\n",
    "indentation": "version: 1\nentries:\n- key: a\n  x:\n" + "".join(f"{' ' * (3 + n)}- \n" for n in range(500)),
    "an object": "version: 1\nentries: [{key: !!python/object/apply:os.system [id]}]\n",
    "a directive": "%YAML 9.9\n---\nversion: 1\nentries: []\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_catalog_that_unfolds_is_refused(bomb: str) -> None:
    start = time.process_time()
    with pytest.raises(EnrichError, match=r"^catalog\.yaml:\d+"):
        catalog.parse(BOMBS[bomb], "catalog.yaml")
    assert time.process_time() - start < SECONDS


# ---- settings that a pull request brings


@pytest.mark.parametrize("environment", [{}, {"CI": "true"}], ids=["laptop", "CI"])
def test_a_file_that_is_merely_found_opens_no_private_address(
    bench: Bench, upstream: Upstream, environment: Mapping[str, str]
) -> None:
    bench.trusted = False
    bench.write("enrich.toml", 'tries = 1\nallow_private = ["127.0.0.1"]\n')
    bench.write("links.txt", upstream.url("pages/secret"))
    bench.environment |= environment
    done = bench.call("check", "links.txt")
    assert done.code == 2
    assert "enrich.toml:2: allow_private: a settings file not named by --config must not open private" in done.err
    assert "--config" in done.err
    assert upstream.asked == []
    assert bench.call("check", "links.txt", "--config", "enrich.toml").code == 1
    assert upstream.asked != []


OUTSIDE = ["../elsewhere", "/elsewhere", "~/.ssh", "~nobody-here/x", "inside/../../elsewhere", "link/x", "loop/x"]


@pytest.mark.parametrize("place", [*OUTSIDE, ".git/hooks/pre-commit", "inside/../.GIT/x", "a\\u0000b"])
@pytest.mark.parametrize("name", ["cache_dir", "history", "results", "retraction_watch"])
@pytest.mark.parametrize("file", ["enrich.toml", "pyproject.toml"])
def test_nor_names_it_a_path_outside_its_folder(tmp_path: Path, file: str, name: str, place: str) -> None:
    (tmp_path / "link").symlink_to("/")
    (tmp_path / "loop").symlink_to("loop")
    head = "[tool.enrich]\n" if file == "pyproject.toml" else ""
    (tmp_path / file).write_text(f'{head}{name} = "{place}"\n')
    for environment in ({}, {"CI": "true"}, {"CI": "false"}):
        with pytest.raises(SettingsError, match=rf"{file}(:\d)?: {name}: .*(outside its folder|no home directory)"):
            settings.load(None, tmp_path, environment)
    if place in ("../elsewhere", "/elsewhere", "link/x"):
        settings.load(tmp_path / file, tmp_path, {})


def test_inside_the_folder_paths_are_its_own_and_those_of_the_environment_are_the_persons(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").write_text('cache_dir = "answers"\nhistory = "state/history.json"\nallow_private = []\n')
    loaded = settings.load(None, tmp_path, {"CI": "true"})
    assert loaded.settings.cache_dir == tmp_path / "answers"
    loaded = settings.load(None, tmp_path, {"ENRICH_CACHE_DIR": "/elsewhere"})
    assert loaded.settings.cache_dir == Path("/elsewhere")


def test_settings_that_are_nothing_but_depth_are_refused(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").write_text("a = " + "[" * 100_000)
    with pytest.raises(SettingsError, match="nested too deep"):
        settings.load(None, tmp_path, {})


TOKEN = "ghp_secretOfThisTest"


@pytest.mark.parametrize(("name", "table"), [("enrich.toml", "services"), ("pyproject.toml", "tool.enrich.services")])
def test_the_token_goes_to_no_host_that_the_folder_names(
    bench: Bench, upstream: Upstream, name: str, table: str
) -> None:
    bench.trusted = False
    bench.write(name, f'[{table}]\ngithub = "http://mirror.example.org/github"\n')
    bench.write("links.txt", "https://github.com/FMInference/FlexGen\n")
    # By way of a proxy, for the loopback itself is out of reach then.
    bench.environment |= {"GITHUB_TOKEN": TOKEN, "HTTP_PROXY": upstream.url(), "HTTPS_PROXY": upstream.url()}
    upstream.broken[""] = page("404 Not Found", 404)
    done = bench.call("check", "links.txt")
    assert any("mirror.example.org/github" in line for line in upstream.asked)
    assert not any(TOKEN in headers for headers in upstream.headers)
    assert TOKEN not in done.out + done.err
