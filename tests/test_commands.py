"""The commands on a catalog: run, report, fix, export, import; the world is on the loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shutil import which
from subprocess import run

import pytest

from enrich.cli import COMMAND_NAMES, main
from enrich.report import FORMATS
from tests.loopback import Bench, Outcome, Upstream, page

CATALOG = """\
# The papers of one reader; the odd spaces are theirs.
version:   1
owner: nobody
entries:

  -   key: flexgen      # big models, small machine
      title:  >-
        FlexGen: High-Throughput Generative Inference
        of Large Language Models with a Single GPU
      links: {paper: 'https://arxiv.org/abs/2303.06865',   code: https://github.com/FMInference/FlexGen}


  - {key: medusa, name: "Medusa", links: [{label: Paper, kind: paper, url: "https://arxiv.org/abs/2401.10774"}]} # heads
  # - {key: dropped}
  - key: notes
    type: blog
    mood: curious
    links:
    - {label: Notes, kind: blog, url: "OLD"}
    - {label: More, kind: blog, url: "GOOD"}
"""


@pytest.fixture
def upstream(upstream: Upstream) -> Upstream:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("Notes"), "good": page("More")}
    return upstream


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    catalog = CATALOG.replace("OLD", upstream.url("pages/old")).replace("GOOD", upstream.url("pages/good"))
    return upstream.bench(tmp_path / "here", catalog)


def rules(report: dict[str, object]) -> list[tuple[object, object]]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [(finding["rule"], finding["entry"]) for finding in findings]


def without_blocks(text: str) -> str:
    """The catalog as its person wrote it."""
    text = re.sub(r"(?m)^( +)enriched:\n(?:\1 +.*\n)+", "", text)
    return re.sub(r", enriched: \{.*\}(?=\} #)", "", text)


def write(bench: Bench, text: str) -> None:
    if bench.read() != text:
        bench.write("catalog.yaml", text)


# ---- run


def test_a_run_writes_the_blocks_and_nothing_else(bench: Bench) -> None:
    before = bench.read()
    done = bench.call("run", "--report", "json=report.json")
    assert (done.code, done.err) == (0, "")
    after = bench.read()
    assert after.count("enriched:") == 2
    assert without_blocks(after) == before
    report = json.loads(bench.read("report.json"))
    assert report["catalog"] == "catalog.yaml"
    assert [(row["key"], row["status"]) for row in report["entries"]] == [
        ("flexgen", "found"),
        ("medusa", "found"),
        ("notes", "not-a-paper"),
    ]
    assert rules(report) == [("renamed-repository", "flexgen"), ("moved-link", "notes")]
    assert {finding["place"] for finding in report["findings"]} == {"catalog.yaml:10", "catalog.yaml:19"}


def test_the_next_night_asks_nothing_and_changes_nothing(bench: Bench, upstream: Upstream) -> None:
    bench.call("run")
    before, asked = bench.read(), len(upstream.asked)
    done = bench.call("run", "catalog.yaml", "--only-missing")
    assert (done.code, bench.read(), upstream.asked[asked:]) == (0, before, [])


def test_a_dry_run_shows_the_diff_and_writes_nothing(bench: Bench) -> None:
    bench.call("run", "--entry", "notes")
    before = {path: path.read_bytes() for path in bench.folder.rglob("*.[yj]*") if path.is_file()}
    done = bench.call("run", "--dry-run")
    assert done.code == 0
    assert "+++ catalog.yaml" in done.out
    assert "+      enriched:" in done.out
    assert {path: path.read_bytes() for path in bench.folder.rglob("*.[yj]*") if path.is_file()} == before
    assert {path.name for path in before} == {"catalog.yaml", "history.json", "last-report.json"}


def test_reports_are_written_in_every_format(bench: Bench) -> None:
    flags = [flag for name in FORMATS for flag in ("--report", f"{name}=report.{name}")]
    assert bench.call("run", *flags).code == 0
    for name in FORMATS:
        text = bench.read(f"report.{name}")
        assert "FlexGen" in text or "flexgen" in text, name
    again = bench.call("report", "--format", "markdown")
    assert (again.code, again.out) == (0, bench.read("report.markdown"))
    written = bench.call("report", "--format", "json", "-o", "again.json", "--report", "sarif=again.sarif")
    assert (written.code, written.out) == (0, "")
    assert json.loads(bench.read("again.json")) == json.loads(bench.read("report.json"))
    assert bench.read("again.sarif") == bench.read("report.sarif")


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--fail-on", "warning"), 1),
        (("--strict",), 1),
        (("--entry", "flexgen"), 0),
        (("--entry", "flexgen", "--fail-on", "warning"), 1),
        (("--no-links",), 0),
        (("--limit", "1"), 0),
    ],
)
def test_the_exit_code_tells_of_findings(bench: Bench, upstream: Upstream, flags: tuple[str, ...], code: int) -> None:
    upstream.pages["good"] = page("404 Not Found", 404)
    assert bench.call("run", *flags).code == code


def test_only_errors_of_this_night_fail_where_new_ones_do(bench: Bench, upstream: Upstream) -> None:
    upstream.pages["good"] = page("404 Not Found", 404)
    assert bench.call("run", "--fail-on", "new").code == 1
    assert bench.call("run", "--fail-on", "new").code == 0
    assert bench.call("report", "--fail-on", "new").code == 0
    assert bench.call("run").code == 1


@pytest.mark.parametrize(("flags", "gone", "code"), [((), False, 3), ((), True, 1), (("--strict",), True, 3)])
def test_the_exit_code_tells_who_could_not_be_asked(
    bench: Bench, upstream: Upstream, flags: tuple[str, ...], gone: bool, code: int
) -> None:
    upstream.broken["arxiv"] = page("Out of order", 500)
    if gone:
        upstream.pages["good"] = page("404 Not Found", 404)
    done = bench.call("run", "--report", "json=report.json", *flags)
    assert done.code == code
    assert [row["service"] for row in json.loads(bench.read("report.json"))["unasked"]] == ["arxiv"]
    assert re.search(r"arXiv.*: server error \(HTTP 500\)", done.out)


def test_offline_answers_from_the_cache_alone(bench: Bench, upstream: Upstream) -> None:
    cold = bench.call("run", "--offline")
    assert (cold.code, upstream.asked) == (3, [])
    assert "enriched:" not in bench.read()
    bench.call("run", "--dry-run")
    asked = len(upstream.asked)
    warm = bench.call("run", "--offline")
    assert (warm.code, upstream.asked[asked:]) == (0, [])
    assert bench.read().count("enriched:") == 2


def test_since_takes_what_changed_since_a_revision(bench: Bench, upstream: Upstream) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
        run(
            [str(which("git")), *who, *arguments],
            cwd=bench.folder,
            env=bench.environment,
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", "catalog.yaml")
    git("commit", "-q", "-m", "catalog")
    bench.write("catalog.yaml", bench.read().replace('name: "Medusa"', 'name: "Medusa heads"'))
    done = bench.call("run", "--since", "HEAD", "--report", "json=report.json")
    assert done.code == 0
    assert [row["key"] for row in json.loads(bench.read("report.json"))["entries"]] == ["medusa"]
    assert not any("2303.06865" in line for line in upstream.asked)
    nothing = bench.call("run", "--since", "nowhere")
    assert nothing.code == 2
    assert "--since nowhere" in nothing.err


def test_a_catalog_that_changes_during_the_run_is_left_to_its_person(bench: Bench, upstream: Upstream) -> None:
    theirs = bench.read() + "# and one more line\n"
    upstream.before_answer = lambda: write(bench, theirs)
    done = bench.call("run")
    assert done.code == 2
    assert "changed on disk" in done.err
    assert bench.read() == theirs
    asked = len(upstream.asked)
    upstream.before_answer = lambda: None
    assert bench.call("run").code == 0
    assert without_blocks(bench.read()) == theirs
    assert not any("id_list" in line or "batch" in line for line in upstream.asked[asked:])


def test_an_entry_that_cannot_be_written_is_told_before_anybody_is_asked(bench: Bench, upstream: Upstream) -> None:
    text = bench.read().replace('name: "Medusa"', 'name: &name "Medusa"')
    bench.write("catalog.yaml", text)
    for flags in ((), ("--dry-run",), ("--entry", "medusa")):
        done = bench.call("run", *flags)
        assert (done.code, done.out, bench.read(), upstream.asked) == (2, "", text, [])
        assert "catalog.yaml:13: the entry `medusa` has an anchor, an alias or a merge key (line 13)" in done.err
    # Where nothing is to be written into it, it is in nobody's way.
    assert bench.call("run", "--no-metadata").code == 0
    assert bench.call("run", "--entry", "flexgen").code == 0
    assert bench.read().count("enriched:") == 1


# ---- fix


def test_fix_replaces_moved_urls_and_nothing_else(bench: Bench, upstream: Upstream) -> None:
    bench.call("run")
    before = bench.read()
    moves = {
        "https://github.com/FMInference/FlexGen}": "https://github.com/FMInference/FlexLLMGen}",
        upstream.url("pages/old"): upstream.url("pages/new"),
    }
    shown = bench.call("fix", "--dry-run")
    assert (shown.code, bench.read()) == (0, before)
    assert shown.out.count("\n+") == 3  # with the line of +++
    done = bench.call("fix")
    assert (done.code, done.err) == (0, "")
    for old, new in moves.items():
        assert before.count(old) == 1
        before = before.replace(old, new)
    assert bench.read() == before
    again = bench.call("fix")
    assert (again.code, bench.read()) == (0, before)


# ---- export


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bibtex", "@"),
        ("csl-json", '"title": "FlexGen: High-Throughput Generative Inference'),
        ("csv", "flexgen,"),
        ("markdown", "](<https://arxiv.org/abs/2303.06865>)"),
    ],
)
def test_the_catalog_is_exported(bench: Bench, name: str, words: str) -> None:
    bench.call("run", "--no-links")
    printed = bench.call("export", "--format", name)
    assert (printed.code, printed.err) == (0, "")
    assert words in printed.out
    assert bench.call("export", "catalog.yaml", "--format", name, "-o", f"export.{name}").out == ""
    assert bench.read(f"export.{name}") == printed.out


# ---- import

LIST = """\
# Serving

| Title | Paper | Code |
| --- | --- | --- |
| Swift Rivers: Caching Where Water Runs | [paper](https://arxiv.org/abs/2401.00001) | [code](src/rivers) |
| FlexGen | [paper](https://arxiv.org/abs/2303.06865) | |

- [On Lakes](https://example.org/lakes.pdf) (2024)
"""


def test_an_import_keeps_every_byte_of_an_edited_catalog_and_is_done_once(bench: Bench) -> None:
    bench.call("run", "--no-links")
    before = bench.read()
    bench.write("list.md", LIST)
    shown = bench.call("import", "list.md", "--dry-run")
    assert (shown.code, bench.read()) == (0, before)
    assert "Swift Rivers" in shown.out
    done = bench.call("import", "list.md")
    assert done.code == 0
    assert "2 new entries" in done.out
    after = bench.read()
    added = iter(after.splitlines())
    assert all(line in added for line in before.splitlines())  # in this order
    assert after.count("2303.06865") == before.count("2303.06865")
    again = bench.call("import", "list.md")
    assert (again.code, bench.read()) == (0, after)


@pytest.mark.parametrize(
    "flag", ["https://example.org/repo/", "list.md=https://example.org/repo/"], ids=["for all", "for one"]
)
def test_relative_links_are_resolved_with_a_base(bench: Bench, flag: str) -> None:
    bench.write("list.md", LIST)
    assert bench.call("import", "list.md", "-o", "new.yaml", "--base-url", flag).code == 0
    assert "https://example.org/repo/src/rivers" in bench.read("new.yaml")


def test_a_base_for_no_list_is_refused(bench: Bench) -> None:
    bench.write("list.md", LIST)
    for flag in ("other.md=https://example.org/", "nowhere"):
        done = bench.call("import", "list.md", "-o", "new.yaml", "--base-url", flag)
        assert done.code == 2
        assert flag in done.err
    assert not (bench.folder / "new.yaml").exists()


@pytest.mark.parametrize(
    ("command", "shown", "codes"),
    [
        ("run", {"--config", "--cache-dir", "--history", "-v", "-q", "--no-progress", "--no-color"}, "0 1 2 3 130"),
        ("schema", set(), "0 2"),
        ("export", {"--config", "--cache-dir", "--history", "-q"}, "0 2"),
        ("validate", {"--config"}, "0 1 2"),
        ("cache", {"--config", "--cache-dir"}, "0 2"),
    ],
)
def test_the_help_shows_what_matters_to_the_command(bench: Bench, command: str, shown: set[str], codes: str) -> None:
    told = bench.call(command, "--help").out
    options = {"--config", "--cache-dir", "--history", "-v", "-q", "--no-progress", "--no-color"}
    assert {flag for flag in options if re.search(rf"^  {flag}\b", told, re.MULTILINE)} == shown
    assert re.findall(r"(?:codes:|;)\s+(\d+)\s", told) == codes.split()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("run", "--only"),
            "enrich run: unknown option --only; did you mean --only-missing?\nusage: enrich run [options] [CATALOG...]",
        ),
        (("import",), "LIST\nusage: enrich import [options] LIST...\n"),
        (("cache", "purge"), "did you mean prune?\nusage: enrich cache [options] {info,clear,prune}\n"),
        (("chekc",), "enrich: unknown command chekc; did you mean check?\nusage: enrich [options] COMMAND ...\n"),
    ],
)
def test_a_wrong_call_shows_the_usage_of_its_command(bench: Bench, arguments: tuple[str, ...], words: str) -> None:
    done = bench.call(*arguments)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 3


@pytest.mark.parametrize("arguments", [["help"], ["help", "run"]])
def test_help_is_a_command_as_well(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: " + " ".join(["enrich", *arguments[1:]]))


# ---- options of every command

LEADING = ("--config", "enrich.toml", "--cache-dir", "elsewhere", "--history", "kept/history.json", "-q", "--no-color")


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_the_options_of_every_command_stand_before_or_after_its_name(bench: Bench, first: bool) -> None:
    arguments = (*LEADING, "--no-progress", "run") if first else ("run", *LEADING, "--no-progress")
    assert bench.call(*arguments).code == 0
    assert bench.kept("last-report.json", "elsewhere").exists()
    assert (bench.folder / "kept" / "history.json").exists()
    assert [path.name for path in (bench.folder / "cache").iterdir()] == ["CACHEDIR.TAG"]
    assert bench.call("report").code == 2
    assert bench.call("report", "--cache-dir", "elsewhere").code == 0


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_has_its_help_and_the_version(bench: Bench, name: str) -> None:
    shown = bench.call(name, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert "exit codes: 0 " in shown.out
    version = bench.call(name, "--version")
    assert version.code == 0
    assert version.out == bench.call("--version").out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("run", "--fly"),
        ("run", "--limit", "0"),
        ("run", "--limit", "many"),
        ("run", "--fail-on", "sometimes"),
        ("run", "--entry", "nobody"),
        ("run", "--report", "json"),
        ("run", "--report", "papyrus=report.txt"),
        ("run", "--report", "json=nowhere/report.json"),
        ("run", "no-such.yaml"),
        ("run", "."),
        ("check", "--format", "papyrus"),
        ("check", "no-such.md"),
        ("report", "--format", "papyrus"),
        ("export", "--format", "papyrus"),
        ("import",),
        ("import", "no-such.md"),
        ("import", "."),
        ("resolve",),
        ("resolve", "title", "--format", "papyrus"),
        ("cache",),
        ("cache", "burn"),
        ("--config", "no-such.toml", "run"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_says_so_and_writes_nothing(bench: Bench, arguments: tuple[str, ...]) -> None:
    before = bench.read()
    done = bench.call(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.strip()
    assert bench.read() == before
    assert sorted(path.name for path in bench.folder.iterdir()) == ["cache", "catalog.yaml", "enrich.toml"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("catalog.yaml", "version: 1\nentries:\n  - key: a\n   - key: b\n", "catalog.yaml:4: "),
        ("catalog.yaml", "version: 1\nentries:\n  - title: no key\n", "catalog.yaml:3: "),
        ("catalog.yaml", "version: 1\nentries:\n  - key: a\n  - key: a\n", "catalog.yaml:4: "),
        ("catalog.yaml", "just words\n", "catalog.yaml:1: "),
        ("enrich.toml", 'colour = "blue"\n', "enrich.toml:1: colour: unknown setting; choose one of contact, "),
        ("enrich.toml", "timeout = -1\n", "enrich.toml:1: timeout: "),
        ("enrich.toml", "timeout = \n", "enrich.toml: "),
        ("enrich.toml", '[[ignore]]\npattern = "x"\n', "enrich.toml:1: ignore[0].reason: "),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_place(bench: Bench, name: str, text: str, words: str) -> None:
    bench.write(name, text)
    done = bench.call("run")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"enrich: {words}")
    assert bench.read(name) == text


def test_a_wrong_variable_is_named_without_its_value(bench: Bench) -> None:
    bench.environment["GITHUB_TOKEN"] = "tok en"
    done = bench.call("run")
    assert done.code == 2
    assert "GITHUB_TOKEN" in done.err
    assert "tok" not in done.err


def test_warnings_about_the_catalog_go_to_stderr_unless_quiet(bench: Bench) -> None:
    bench.write("catalog.yaml", bench.read().replace("kind: blog", "kind: diary", 1))
    loud: Outcome = bench.call("run", "--no-metadata")
    assert "catalog.yaml:19" in loud.err
    assert "diary" in loud.err
    assert bench.call("-q", "run", "--no-metadata").err == ""


def test_verbose_says_who_answers(bench: Bench) -> None:
    done = bench.call("run", "-v")
    assert "enrich: arXiv: 2 responses\n" in done.err
    assert "enrich: links: 1 responses\n" in done.err


@pytest.mark.parametrize("links", [["https://arxiv.org/abs/2303.06865"], ["http://10.0.0.5/"]])
def test_a_report_that_cannot_be_written_is_named_and_nothing_else_is_lost(
    tmp_path: Path, upstream: Upstream, links: list[str]
) -> None:
    (clean,) = [link.startswith("https:") for link in links]
    bench = upstream.bench(tmp_path / "here", f"version: 1\nentries:\n  - {{key: e, links: {{paper: '{links[0]}'}}}}\n")
    (bench.folder / "folder").mkdir()
    flags = ("--report", "json=/dev/full", "--report", "html=folder", "--report", "markdown=report.md")
    done = bench.call("run", *flags)
    # 2 is for runs that wrote nothing.
    assert done.code == (3 if clean else 1)
    assert "enrich: /dev/full: cannot be written" in done.err
    assert "enrich: folder: cannot be written" in done.err
    assert bench.read("report.md").startswith("## Report on catalog.yaml")
    assert "catalog.yaml: " in done.out
    assert bench.kept("history.json").exists()
    assert ("enriched:" in bench.read()) is clean
    for again in (bench.call("report", *flags), bench.call("check", *flags)):
        assert again.code in (1, 3)
        assert "/dev/full: cannot be written" in again.err
        assert "link" in again.out


def test_export_takes_one_entry_and_a_catalog_from_standard_input(bench: Bench) -> None:
    done = bench.call("export", "--format", "json", "--entry", "medusa")
    assert [entry["key"] for entry in json.loads(done.out)["entries"]] == ["medusa"]
    piped = bench.call("export", "-", "--format", "json", "--entry", "medusa", "-o", "-", stdin=bench.read().encode())
    assert (piped.code, piped.out) == (0, done.out)
    assert bench.call("export", "--entry", "gone").code == 2
    wrong = bench.call("export", "-", stdin=b"version: 1\n")
    assert (wrong.code, wrong.err.partition(" the ")[0]) == (2, "enrich: -:")
