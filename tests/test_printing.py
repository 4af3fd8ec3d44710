"""What a person reads on standard output and standard error does nothing there, whoever wrote it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import enrich
from enrich.text import neutral
from tests.loopback import Bench, Outcome, Upstream, page

HOSTILE = (
    "x\n::error::pwned\n##[error]hi ##vso[a]b \x1b[31mred\x07 \u202etxt.exe\u202c \u200bz\u2028::stop-commands::q\x9b2J"
)
INLINE = HOSTILE.replace("\n", " ")
LONG = "long " * 2_000
QUOTED = json.dumps(HOSTILE)  # a string of YAML and, without its surrogates, of TOML too

COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def check(done: Outcome) -> None:
    """Nothing in the words for people acts on a terminal or a runner, and no line is without bounds."""
    for stream in (done.out, done.err):
        # A zero-width space of our own parts what would be a command in a report.
        assert HIDDEN.search(stream.replace("\u200b:", ":").replace("\u200b#", "#")) is None, stream
        assert COMMAND.search(stream) is None, stream
        assert max(map(len, stream.split("\n"))) < 3_100
    assert "Traceback" not in done.err


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages["old"] = (301, {"location": "/pages/new"}, b"")
    upstream.pages["new"] = page(f"<title>{INLINE}</title>")
    bench = Bench.at(tmp_path / "here")
    bench.folder.mkdir()
    bench.write("enrich.toml", upstream.settings())
    return bench


CATALOGS = {
    "a key twice": f"entries:\n  - {{key: {QUOTED}, title: a}}\n  - {{key: {QUOTED}, title: b}}\n",
    "no number": f"entries:\n  - {{key: a, title: b, year: {QUOTED}}}\n",
    "an unknown kind": f"entries:\n  - {{key: a, title: b, type: {QUOTED}}}\n",
    "an unknown field": f"entries:\n  - {{key: a, title: b, {QUOTED}: c}}\n",
    "no YAML": f"entries:\n  - {{key: {QUOTED}, title: [\n",
    "a URL": f"entries:\n  - {{key: a, type: blog, name: {QUOTED}, links: [{{url: {QUOTED}}}]}}\n",
    "a long text": f"entries:\n  - {{key: a, title: b, year: '{LONG}'}}\n",
    "a paper": f"entries:\n  - {{key: {QUOTED}, title: {QUOTED}, venue: {QUOTED}}}\n",
}


@pytest.mark.parametrize("kind", CATALOGS)
@pytest.mark.parametrize("command", [("run",), ("run", "--dry-run"), ("check",), ("fix",), ("run", "--entry", HOSTILE)])
def test_a_catalog_of_a_stranger(bench: Bench, kind: str, command: tuple[str, ...]) -> None:
    bench.write("catalog.yaml", f"version: 1\n{CATALOGS[kind]}")
    check(bench.call(*command, "--fail-on", "never") if command[0] != "fix" else bench.call(*command))


SETTINGS = {
    "an unknown name": f"{QUOTED} = 1\n",
    "an unknown service": f"[services]\n{QUOTED} = 'https://a.example'\n",
    "a host": f"[accept]\n{QUOTED} = [200]\n",
    "a value": f"contact = {QUOTED}\n",
    "a rule": f"ignore = [{{pattern = {QUOTED}, reason = 'x', {QUOTED} = 1}}]\n",
    "no TOML": f"x = {INLINE}\n",
    "a folder": f"cache_dir = {QUOTED}\n",
    "a long value": f"contact = '{LONG}'\n",
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_of_a_stranger(bench: Bench, kind: str) -> None:
    bench.write("enrich.toml", SETTINGS[kind].replace("\\u2028", "\\u2029"))
    bench.write("catalog.yaml", "version: 1\nentries: []\n")
    for command in (("run",), ("check", "--offline", "https://a.example/"), ("cache", "info")):
        check(bench.call(*command))


def test_a_list_of_a_stranger(bench: Bench) -> None:
    title = f"{INLINE} {LONG}"
    link = "https://arxiv.org/abs/2303.06865"
    bench.write("list.md", f"# {INLINE}\n\n- [{title}]({link})\n- [Another {INLINE}]({link})\n- [c]({INLINE})\n")
    check(bench.call("import", "list.md", "--dry-run"))
    check(bench.call("import", "list.md"))
    check(bench.call("check", "list.md", "--offline"))
    bench.write("list.md", f"[a]({INLINE.replace(' ', '')}.md) [b](#{INLINE.replace(' ', '')}) <a href='{HOSTILE}'>\n")
    check(bench.call("check", "list.md", "--offline"))


def test_a_diff_shows_what_is_hidden_and_keeps_its_lines(bench: Bench) -> None:
    remarks = "remarks: |\n      hello\n      ::stop-commands::zz\n      ##[error]hey\u202e\n"
    bench.write("catalog.yaml", f"version: 1\nentries:\n  - key: a\n    title: b\n    {remarks}")
    bench.write("list.md", "# Papers\n- [FlexGen](https://arxiv.org/abs/2303.06865)\n")
    done = bench.call("import", "list.md", "--dry-run")
    check(done)
    assert done.out.startswith("--- catalog.yaml\n+++ catalog.yaml\n@@ ")
    assert "\n       \\::stop-commands::zz\n       #\\#[error]hey\\u202e\n+" in done.out


def test_the_last_report_of_a_stranger(bench: Bench, upstream: Upstream) -> None:
    url = upstream.url("pages/old")
    bench.write("catalog.yaml", f"version: 1\nentries:\n  - {{key: a, type: blog, links: [{{url: '{url}'}}]}}\n")
    bench.call("run")
    planted = next(bench.folder.parent.rglob("*last-report*.json"))
    planted.write_text(planted.read_text().replace(upstream.url("pages/new"), QUOTED[1:-1]))
    check(bench.call("fix", "--dry-run"))
    check(bench.call("report"))
    check(bench.call("fix"))
    planted.write_text(f"{{{QUOTED}: 1}}")
    check(bench.call("fix"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", f"{INLINE}.yaml"),
        ("check", f"{INLINE}.md"),
        ("check", f"http://a.example/{INLINE}", "--offline"),
        ("check", f"http://[{INLINE}", "--offline"),
        ("check", "catalog.yaml", "--base-url", INLINE),
        ("check", "--format", INLINE),
        ("import", f"{INLINE}.md", "--base-url", INLINE),
        ("resolve", HOSTILE, "--offline"),
        ("resolve", "--format", HOSTILE, "x"),
        ("report", "--format", HOSTILE),
        ("report", "--report", HOSTILE),
        ("export", "--format", HOSTILE),
        ("run", "--limit", HOSTILE),
        ("run", "--since", HOSTILE),
        ("run", "--open-issue", "--repository", HOSTILE),
        ("run", "--config", INLINE),
        ("run", f"--{INLINE}"),
        ("cache", HOSTILE),
        ("completion", HOSTILE),
        (HOSTILE,),
        (f"{HOSTILE}{LONG}",),
        ("cache", "info", "--cache-dir", INLINE.replace("/", "")),
    ],
    ids=lambda arguments: " ".join(arguments[:2])[:20].encode("unicode_escape").decode(),
)
def test_arguments_of_a_stranger(bench: Bench, arguments: tuple[str, ...]) -> None:
    bench.write("catalog.yaml", "version: 1\nentries: []\n")
    check(bench.call(*arguments))


def test_an_environment_of_a_stranger(bench: Bench) -> None:
    bench.environment |= {"ENRICH_CONTACT": INLINE, "GITHUB_REPOSITORY": INLINE, "ENRICH_CACHE_DIR": INLINE}
    bench.write("catalog.yaml", "version: 1\nentries: []\n")
    for command in (("run", "--open-issue"), ("doctor",), ("check", "--offline", "https://a.example/")):
        check(bench.call(*command))


def test_replies_of_a_stranger(bench: Bench, upstream: Upstream) -> None:
    upstream.broken |= dict.fromkeys(
        ("arxiv", "semantic_scholar", "crossref", "datacite", "doi", "github", "openalex"),
        (
            200,
            {"x-ratelimit-limit": "1\x1b[31m\u202e".encode("latin-1", "replace").decode("latin-1")},
            HOSTILE.encode(),
        ),
    )
    check(bench.call("resolve", "2303.06865"))
    check(bench.call("resolve", "FlexGen: High-Throughput Generative Inference"))
    check(bench.call("doctor"))
    upstream.pages["bad"] = (404, {}, HOSTILE.encode())
    check(bench.call("check", upstream.url("pages/bad"), upstream.url("pages/new")))


@settings(deadline=None)
@given(st.text())
def test_no_line_is_obeyed(text: str) -> None:
    for shown in (neutral.line(text), neutral.message(text)):
        assert "\n" not in shown
        assert HIDDEN.search(shown) is None
        assert COMMAND.search(shown) is None
        assert len(shown) <= neutral.LONGEST_LINE + 3
        shown.encode()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=80))
def test_what_can_be_read_stays_as_it_is(text: str) -> None:
    if not COMMAND.search(text):
        assert neutral.line(text) == neutral.message(text) == text


def test_the_end_of_a_long_message_says_what_to_do() -> None:
    shown = neutral.message(f"{LONG}; give one of them another key")
    assert shown.endswith("; give one of them another key")
    assert len(shown) < 900


ALONE = Path("commands", "printing.py")


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_nothing_else_writes_to_standard_output_or_standard_error() -> None:
    root = Path(enrich.__file__).parent
    writing = re.compile(
        r"print|pprint\.\w+|(?:sys\.)?(?:__)?std(?:out|err)(?:__)?(?:\.buffer)?\.write(?:lines)?|os\.write"
    )
    found = {
        (path.relative_to(root).as_posix(), name)
        for path in root.rglob("*.py")
        if path.relative_to(root) != ALONE
        for name in calls(ast.parse(path.read_text()))
        if writing.fullmatch(name)
    }
    # A lock, the times of requests, the journal of a part, and the one sentence that a handler of signals says.
    allowed = ("commands/locks.py", "web/turns.py", "commands/interrupts.py", "pipeline/parts/journal.py")
    assert found <= {(name, "os.write") for name in allowed}
