"""doctor, cache, schema; and what the commands do on machines that lack something."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from enrich.cli import COMMAND_NAMES
from tests.forking import Forks
from tests.loopback import Bench, Upstream, command, page

ROOT = Path(__file__).resolve().parent.parent

KEYS = {name: f"s3cr3t-{name.lower()}" for name in ("SEMANTIC_SCHOLAR_API_KEY", "GITHUB_TOKEN", "OPENALEX_API_KEY")}

CATALOG = """\
version: 1
entries:
  - key: flexgen
    title: "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"
    links: {paper: https://arxiv.org/abs/2303.06865, code: https://github.com/FMInference/FlexGen}
  - key: lakes
    type: blog
    links: [{label: Post, kind: blog, url: https://lakes.specimen.example/}]
"""


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", CATALOG)


# ---- doctor


def test_doctor_says_what_is_set_and_never_the_keys(bench: Bench, upstream: Upstream) -> None:
    upstream.broken = dict.fromkeys(("semantic_scholar", "datacite", "doi", "github", "openalex"), page("Fine"))
    bench.environment |= {**KEYS, "ENRICH_CONTACT": "me@example.org"}
    done = bench.call("doctor")
    assert (done.code, done.err) == (0, "")
    for name, key in KEYS.items():
        assert f"{name}: set" in done.out
        assert key not in done.out
    assert 'contact = "me@example.org"  (ENRICH_CONTACT)' in done.out
    assert "timeout = 400.0  (enrich.toml)" in done.out
    assert "  ✓ catalog.yaml: 2 entries, 3 links" in done.out
    assert "refresh_days" not in done.out
    assert "refresh_days = 30.0  (default)" in bench.call("doctor", "-v").out
    assert "arXiv: reached" in done.out
    assert "OpenAlex: reached" in done.out


def test_doctor_says_who_is_not_reached(bench: Bench, upstream: Upstream) -> None:
    upstream.broken["crossref"] = page("Oh", 503)
    done = bench.call("doctor")
    assert done.code == 3
    assert "Crossref: unexpected response (HTTP 503)" in done.out
    assert "  ✗ Crossref: " in done.out
    assert "  ✓ arXiv: reached" in done.out
    assert "  ! GITHUB_TOKEN: not set; GitHub allows fewer requests without it" in done.out
    # OpenAlex answers nobody without a key.
    assert "openalex: " not in done.out
    assert not any("/openalex/" in line for line in upstream.asked)


def test_doctor_begins_with_the_folder_and_says_what_to_do(bench: Bench) -> None:
    told = bench.call("doctor").out
    parts = re.findall(r"^(\w+)$", told, re.MULTILINE)
    assert parts == ["Folder", "Services", "Keys", "Settings", "Storage"]
    assert "  – no run yet: `enrich run catalog.yaml`" in told
    assert "  ! no contact: set `contact` or ENRICH_CONTACT" in told
    bench.call("run")
    (bench.folder / ".git").mkdir()
    told = bench.call("doctor").out
    assert re.search(r"^  ✓ last run \d{4}-\d\d-\d\d: ", told, re.MULTILINE)
    assert "Git repository" in told
    bench.write("catalog.yaml", "version: 1\nlists: [gone.md]\nentries: []\n")
    assert "gone.md: file not found" in bench.call("doctor").out
    bench.write("catalog.yaml", "version: 1\nentries: 3\n")
    assert re.search(r"✗ catalog.yaml:2: .*`enrich validate` shows all mistakes", bench.call("doctor").out)
    (bench.folder / "catalog.yaml").unlink()
    assert "  ! no catalog.yaml here: `enrich init` sets up this folder" in bench.call("doctor").out


def test_doctor_says_whether_findings_can_be_sent_and_results_recorded(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    bench.environment |= {"ENRICH_NOTIFY_URL": upstream.url("hook?token=hidden"), "ENRICH_NOTIFY_SECRET": "short"}
    told = bench.call("doctor").out
    assert "  ✗ webhook: nothing is sent to 127.0.0.1: ENRICH_NOTIFY_SECRET must have at least 16" in told
    assert "  ✓ results: results.sqlite (not created yet)" in told
    bench.write("results.sqlite", "a diary")
    bench.environment["ENRICH_NOTIFY_SECRET"] = "0123456789abcdef"
    told = bench.call("doctor").out
    assert "  ✓ webhook: new and fixed findings are sent to 127.0.0.1" in told
    assert "  ✗ results: results.sqlite: not a results file of enrich" in told
    assert "hidden" not in told
    assert "0123456789abcdef" not in told


# ---- cache


def test_clearing_the_cache_keeps_the_history(bench: Bench, upstream: Upstream) -> None:
    empty = bench.call("cache", "info")
    assert empty.code == 0
    assert re.fullmatch(r"0 answers, \d+ KiB in cache\n", empty.out)
    bench.call("run", "--entry", "flexgen")
    history = bench.kept("history.json").read_text()
    full = bench.call("cache", "info")
    assert re.match(r"[1-9]\d* answers, [\d.]+ KiB in ", full.out)
    count = full.out.split()[0]
    pruned = bench.call("cache", "prune")
    assert pruned.out == f"removed 0 expired answers\n{full.out}"
    cleared = bench.call("cache", "clear")
    assert cleared.code == 0
    assert re.fullmatch(rf"removed {count} answers\n0 answers, \d+ KiB in cache\n", cleared.out)
    assert bench.kept("history.json").read_text() == history
    assert bench.call("report").code == 0
    asked = len(upstream.asked)
    bench.call("run", "--entry", "flexgen")
    assert upstream.asked[asked:]


# ---- schema

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def complaints(value: object, schema: Mapping[str, object], whole: Mapping[str, object], where: str = "") -> list[str]:
    """What a JSON Schema has against a value: as much of the standard as the two schemas use."""
    if isinstance(ref := schema.get("$ref"), str):
        target: object = whole
        for step in ref.removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[step]
        assert isinstance(target, dict)
        return complaints(value, target, whole, where)
    if isinstance(options := schema.get("anyOf") or schema.get("oneOf"), list):
        found = [complaints(value, option, whole, where) for option in options]
        return [] if [] in found else [line for lines in found for line in lines]
    if "const" in schema and value != schema["const"]:
        return [f"{where}: is not {schema['const']!r}"]
    if isinstance(chosen := schema.get("enum"), list) and value not in chosen:
        return [f"{where}: {value!r} is none of {chosen}"]
    kind = schema.get("type")
    kinds = [str(name) for name in kind] if isinstance(kind, list) else [str(kind)] if kind else []
    if value is None:
        return [] if not kinds or "null" in kinds else [f"{where}: null"]
    if kinds and not any(isinstance(value, TYPES[name]) for name in kinds if name != "null"):
        return [f"{where}: {value!r} is no {kinds}"]
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        return [line for at, item in enumerate(value) for line in complaints(item, items, whole, f"{where}[{at}]")]
    if isinstance(value, dict):
        return of_object(value, schema, whole, where)
    return []


def of_object(
    value: Mapping[str, object], schema: Mapping[str, object], whole: Mapping[str, object], where: str
) -> list[str]:
    required, known = schema.get("required", []), schema.get("properties", {})
    assert isinstance(required, list)
    assert isinstance(known, dict)
    lines = [f"{where}.{name}: is not there" for name in required if name not in value]
    others = schema.get("additionalProperties", True)
    for name, item in value.items():
        part = known.get(name, others)
        if part is False:
            lines.append(f"{where}.{name}: unknown")
        elif isinstance(part, dict):
            lines += complaints(item, part, whole, f"{where}.{name}")
    return lines


def test_the_report_is_what_its_schema_says(bench: Bench) -> None:
    done = bench.call("schema", "--report")
    assert done.code == 0
    bench.call("run", "--entry", "flexgen", "--report", "json=report.json")
    report = json.loads(bench.read("report.json"))
    assert complaints(report, done.report, done.report) == []
    assert complaints({**report, "version": 2}, done.report, done.report) != []
    del report["links"][0]["verdict"]
    assert complaints(report, done.report, done.report) != []


def test_the_catalog_has_a_schema(bench: Bench) -> None:
    done = bench.call("schema")
    assert done.code == 0
    assert str(done.report["$schema"]).startswith("https://json-schema.org/")
    written = {"version": 1, "entries": [{"key": "a", "links": {"paper": "https://example.org/"}, "mood": "any"}]}
    assert complaints(written, done.report, done.report) == []
    for wrong in ({"version": 1, "entries": [{"title": "no key"}]}, {"version": 1, "entries": {}}, {"entries": [3]}):
        assert complaints(wrong, done.report, done.report) != []


def described(part: object, where: str = "") -> list[str]:
    """The named parts of a schema that have no description."""
    if isinstance(part, list):
        return [name for each in part for name in described(each, where)]
    if not isinstance(part, dict):
        return []
    named = part.get("properties")
    bare = [f"{where}.{n}" for n, p in (named if isinstance(named, dict) else {}).items() if not p.get("description")]
    return bare + [name for key, each in part.items() for name in described(each, f"{where}.{key}")]


def test_editors_can_explain_every_field_of_a_catalog(bench: Bench) -> None:
    schema = bench.call("schema").report
    assert described(schema) == []
    assert schema["$id"] == "urn:enrich-catalog:schema:catalog:1"
    assert bench.call("schema", "--report").report["$id"] == "urn:enrich-catalog:schema:report:1"


# ---- keys


def test_keys_are_nowhere_that_anybody_reads(bench: Bench, upstream: Upstream) -> None:
    bench.environment |= KEYS
    upstream.broken["semantic_scholar"] = page("Forbidden", 403)
    outputs = []
    for arguments in (("run", "-v"), ("run", "--only-missing"), ("doctor",), ("resolve", "2303.06865"), ("report",)):
        done = bench.call(*arguments)
        outputs += [done.out, done.err]
    kept = [path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()]
    assert len(kept) > 4
    for key in KEYS.values():
        assert not any(key in text for text in outputs)
        assert not any(key.encode() in data for data in kept)
        # The loopback is no https, and no host that a key was given for.
        assert not any(key in text for text in upstream.headers)


# ---- machines that lack something


def can_unshare() -> bool:
    """Whether a process can be given a network of its own, with nothing in it."""
    try:
        return (
            subprocess.run(["/usr/bin/unshare", "-rn", "/bin/true"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


DEAD_PROXY = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
NETWORKS: list[tuple[str, ...]] = [("env",), *([("/usr/bin/unshare", "-rn")] if can_unshare() else [])]
AT_ONCE = """
import sys
from enrich.cli import main
from tests.leaping import leaping
with leaping({}):
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("prefix", NETWORKS, ids=lambda prefix: Path(prefix[0]).name)
def test_without_a_network_the_command_says_so_and_points_to_the_demonstration(
    bench: Bench, prefix: tuple[str, ...]
) -> None:
    bench.call("run", "--entry", "flexgen")
    before, history = bench.read(), bench.kept("history.json").read_text()
    bench.call("cache", "clear")
    bench.write("enrich.toml", "")
    bench.environment |= DEAD_PROXY if prefix == ("env",) else {}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", AT_ONCE, "run", "--report", "json=report.json"],
        cwd=bench.folder,
        env={**bench.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, bench.read()) == (3, before)
    assert b"No network" in done.stdout
    assert b"`enrich demo`" in done.stdout
    assert bench.kept("history.json").read_text() == history
    report = json.loads(bench.read("report.json"))
    assert {row["verdict"] for row in report["links"]} == {"unknown"}
    assert not any(finding["severity"] == "error" for finding in report["findings"])


def test_a_proxy_that_is_not_there_says_nothing_about_a_link(bench: Bench) -> None:
    bench.environment |= DEAD_PROXY
    done = bench.call("check", "http://8.8.8.8/lakes", "--format", "json")
    assert done.code == 3
    links = done.report["links"]
    assert isinstance(links, list)
    assert [row["verdict"] for row in links] == ["unknown"]
    assert "the proxy that the environment names cannot be reached" in done.out


def test_a_home_is_not_needed(bench: Bench) -> None:
    del bench.environment["HOME"]
    assert bench.call("run", "--entry", "flexgen").code == 0
    assert bench.kept("history.json").exists()


def test_without_a_cache_beside_the_catalog_the_persons_is_used(bench: Bench, tmp_path: Path) -> None:
    shutil.rmtree(bench.folder / "cache")
    bench.environment["XDG_CACHE_HOME"] = str(tmp_path / "xdg")
    assert bench.call("run", "--entry", "flexgen").code == 0
    names = {path.name for path in (tmp_path / "xdg" / "enrich").iterdir()}
    assert names == {".gitignore", "CACHEDIR.TAG", "answers", "catalogs"}
    assert sorted(path.name for path in bench.folder.iterdir()) == ["catalog.yaml", "enrich.toml"]


@pytest.mark.parametrize(
    "arguments", [("schema",), ("run", "--entry", "flexgen"), ("report", "--format", "json")], ids=" ".join
)
def test_a_reader_that_has_seen_enough_gets_no_traceback(
    bench: Bench, forking: Forks, arguments: tuple[str, ...]
) -> None:
    bench.call("run", "--entry", "flexgen")
    reading, writing = os.pipe()
    os.close(reading)
    process = forking.start(bench, *arguments, output=writing)
    os.close(writing)
    done = process.ended()
    assert (done.code, done.err) == (0, "")


def test_a_full_disk_under_the_output_is_no_finding(bench: Bench) -> None:
    for device in Path("/dev").glob("full"):
        with device.open("wb") as full:
            process = Popen(command(("schema",)), cwd=bench.folder, env=bench.environment, stdout=full, stderr=PIPE)
            _, err = process.communicate()
        assert process.returncode == 2
        assert err.startswith(b"enrich: ")
        assert b"Traceback" not in err


def on_a_terminal(forking: Forks, bench: Bench, *arguments: str, **environment: str) -> bytes:
    bench = replace(bench, environment={**bench.environment, "TERM": "xterm-256color", **environment})
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        process = forking.start(bench, *arguments, output=theirs)
        os.close(theirs)
        shown = b""
        try:
            while data := screen.read(65536):
                shown += data
        except OSError:
            pass  # Linux says so of a terminal whose other side is closed
        assert process.ended().code == 0
    return shown


def test_a_terminal_gets_colours_unless_they_are_not_wanted(bench: Bench, forking: Forks) -> None:
    arguments = ("run", "--entry", "flexgen", "--only-missing")
    assert b"\x1b[" in on_a_terminal(forking, bench, *arguments)
    assert b"\x1b[" not in on_a_terminal(forking, bench, *arguments, NO_COLOR="1")
    assert b"\x1b[" not in on_a_terminal(forking, bench, *arguments, "--no-color")


def test_the_command_line_waits_for_no_library() -> None:
    heavy = "httpx yaml pydantic rich lxml requests arxiv semanticscholar diskcache tenacity markdown_it asyncio"
    code = f"import sys, enrich.cli; print([n for n in {heavy.split()!r} if n in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert shown.stdout == b"[]\n"


def test_a_run_waits_for_no_library_that_few_need(bench: Bench, forking: Forks) -> None:
    before = 'import sys; assert not {"arxiv", "requests", "ftfy", "feedparser", "duckdb"} & sys.modules.keys()'
    assert forking.start(bench, "schema", before=before).ended().code == 0


def test_every_command_has_a_home() -> None:
    assert {"import", "run", "check", "resolve", "fix", "report", "export", "demo", "doctor", "cache", "schema"} <= set(
        COMMAND_NAMES
    )
