"""CONTRIBUTING's steps are complete: a toy of each kind, added by them to a copy of the package, works everywhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
Step = Callable[[Path], None]


def write(path: str, text: str, root: Path) -> None:
    assert not (root / path).exists()
    (root / path).write_text(text, encoding="utf-8")


def put_before(path: str, anchor: str, text: str, root: Path) -> None:
    before, found, after = (root / path).read_text(encoding="utf-8").partition(anchor)
    assert found, f"{path} has no {anchor!r}"
    (root / path).write_text(before + text + found + after, encoding="utf-8")


SOURCE = """
from enrich.model import Found, Missing, Record
from enrich.services import TOY
from enrich.sources.asking.batches import batches_of, split_supported
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import KEYED_JSON, load_json, require_status
from enrich.sources.asking.stored import RECORD

NAME, BASE = TOY.name, TOY.base


def parse(body):
    value = load_json(body)
    return Record(source=NAME, doi=value["doi"], abstract=value["abstract"], shelf=value["shelf"])


async def look_up(wanted, web, *, base=BASE):
    async def ask(batch):
        for identifier in batch:
            reply = await web.fetch(f"{base}/papers/{identifier.value}", KEYED_JSON)
            if reply.status == 404:
                yield {identifier: Missing("not found", status=404, at=reply.at)}
            else:
                yield {identifier: Found(parse(require_status(reply).body), at=reply.at)}

    able, others = split_supported(TOY.fills_gaps_of, wanted)
    lookup = Lookup(service=NAME, kind=NAME, ask=ask, form=RECORD, batches=batches_of(1))
    return {**await lookup.outcomes(able, web), **others}
"""
ROW = """\
TOY = Service(
    name="toy",
    title="The Toy Index",
    base="https://api.toy.example",
    docs="https://toy.example/docs",
    limit=Limit(interval=0.0, concurrency=1),
    probe="/status",
    key="TOY_KEY",
    needs_key=True,
    fills_gaps_of=("doi",),
)

"""
BOX = """
import json

from enrich.model import Record
from enrich.snapshots.inputs import lines
from enrich.snapshots.rows import Row


def read(dump):
    for _, line in lines(dump):
        doi, title = json.loads(line)
        yield Row(doi, title, [title])


def record(doi, facts):
    return Record(source="toybox", title=facts[0], doi=doi)
"""
RULE = """
def far_shelf(case: Case) -> Iterator[Finding]:
    if case.entry.title == "Toys for Maintainers":
        yield finding("far-shelf", Severity.NOTE, case, "stands on a far shelf")

"""
SECTION = """    Section("Far shelves", ("far-shelf",), "Bring a ladder."),
"""
LAYOUT = """    Layout(
        "title after a pilcrow",
        70,
        lambda run: run.text.startswith("¶"),
        f"- ¶ Engines That Weave Algebra ([pdf]({_ONE}))",
        (None, "¶ Engines That Weave Algebra", None, None),
    ),
"""
FORMAT = """
def render(report):
    return "".join(f"TOY {finding.rule}\\n" for finding in report.findings)
"""
JUDGE, RECORDS = "src/enrich/judge/__init__.py", "src/enrich/judge/records.py"
KINDS = "src/enrich/snapshots/kinds.py"
SERVICES, SUMMARY = "src/enrich/services.py", "src/enrich/report/summary.py"

STEPS: dict[str, tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...]] = {
    "Adding a source": (
        (SERVICES, put_before, ("SERVICES = (", ROW)),
        (SERVICES, put_before, ("ARCHIVE)\n", "TOY, ")),
        ("src/enrich/sources/toy.py", write, (SOURCE,)),
        (RECORDS, put_before, ('"semantic_scholar", "datacite", "page", "crossref"', '"toy", ')),
    ),
    "Adding a kind of snapshot": (
        ("src/enrich/snapshots/toybox.py", write, (BOX,)),
        (KINDS, put_before, ("dblp\n", "toybox, ")),
        (
            KINDS,
            put_before,
            ('        SnapshotKind("datacite', '        SnapshotKind("toybox", "toys", toybox.read, toybox.record),\n'),
        ),
        (SERVICES, put_before, ('"dblp": DBLP', '"toybox": "toybox", ')),
        ("src/enrich/settings/__init__.py", put_before, ("    dblp: Path", "    toybox: Path | None = None\n")),
        (RECORDS, put_before, ('"arxiv", "crossref", "page", "datacite", "dblp"', '"toybox", ')),
    ),
    "Adding a field": (
        ("src/enrich/model/metadata.py", put_before, ("    citation_count: int", "    shelf: str | None = None\n")),
        (RECORDS, put_before, ('    "citation_count": (', '    "shelf": ("toy",),\n')),
    ),
    "Adding a rule": (
        ("src/enrich/judge/on_metadata.py", put_before, ("\ndef stale_title(", RULE)),
        (JUDGE, put_before, ("stale_title\n", "far_shelf, ")),
        (
            JUDGE,
            put_before,
            ("    link_trouble,\n    tls_trouble,\n    wrong_paper", "    far_shelf,\n"),
        ),
        (SUMMARY, put_before, ('    Section("Published since"', SECTION)),
    ),
    "Adding a list layout": (
        ("src/enrich/lists/layouts.py", put_before, ('    Layout(\n        "quoted title"', LAYOUT)),
    ),
    "Adding a report format": (
        ("src/enrich/report/toy.py", write, (FORMAT,)),
        ("src/enrich/report/__init__.py", put_before, ("markdown, sarif\n", "toy, ")),
        ("src/enrich/report/__init__.py", put_before, ('    "github": github.render', '    "toy": toy.render,\n')),
    ),
}

PROGRAM = """
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
from enrich import Settings, lists, snapshots, load, run_sync, settings
from enrich.access import key_headers
from enrich.catalog import schema
from enrich.export import FORMATS as EXPORTS
from enrich.lists.layouts import LAYOUTS
from enrich.report import FORMATS, markdown
from enrich.services import SERVICES, title_of
from enrich.settings import HostPace

WORK = {
    "DOI": "10.1000/toy", "title": ["Toys for Maintainers"], "author": [{"given": "Ada", "family": "Lovelace"}],
    "published": {"date-parts": [[2021]]},
}
PAPER = {"doi": "10.1000/toy", "abstract": "Toys help.", "shelf": "third"}
asked = []


def answer(request):
    asked.append((str(request.url), request.headers.get("authorization")))
    if request.url.host == "api.crossref.org":
        return httpx.Response(200, json={"message": {"items": [WORK], "total-results": 1}})
    return httpx.Response(200, json=PAPER) if request.url.host == "api.toy.example" else httpx.Response(404, json={})


pace = {service.base.removeprefix("https://"): HostPace() for service in SERVICES}
report = run_sync(settings=Settings(pace=pace, tries=1), transport=httpx.MockTransport(answer))
place = Path("box.sqlite")
listener = snapshots.BuildListener(lambda _: None, print)
snapshots.build(snapshots.KINDS["toybox"], [Path("box.jsonl")], place, listener, now=datetime.now(UTC))
chosen = Settings(pace=pace, tries=1, snapshots={"toybox": place})
nothing = httpx.MockTransport(lambda request: httpx.Response(404, json={}))
run_sync("boxes.yaml", settings=chosen, transport=nothing)
(boxed,) = load("boxes.yaml").entries
loaded = settings.load(Path("mirror.toml"), Path(), {})
layout = LAYOUTS[0]
(item,) = lists.read(f"# Papers\\n\\n{layout.example}\\n", "list.md")
(entry,) = load().entries
json.dump({
    "catalog": Path("catalog.yaml").read_text(),
    "asked": [row for row in asked if "toy.example" in row[0]],
    "known": [entry.known("shelf"), entry.enriched.sources.get("shelf"), entry.enriched.sources.get("abstract")],
    "boxed": boxed.enriched.sources["title"],
    "schema": "shelf" in schema()["properties"]["entries"]["items"]["properties"],
    "csv": EXPORTS["csv"]([entry], "catalog").splitlines(),
    "filled": report.entries[0].filled,
    "title": title_of("toy"),
    "key": key_headers(loaded, {"TOY_KEY": "k"}, {}),
    "layout": [item.name, item.title, item.venue, item.own.year] == list(layout.expected),
    "format": FORMATS["toy"](report),
    "markdown": markdown.render(report),
}, sys.stdout)
"""
CATALOG = 'version: 1\nentries:\n  - key: toys\n    title: Toys for Maintainers\n    doi: "10.1000/toy"\n'


def steps(section: str) -> list[tuple[str, Step]]:
    return [(path, partial(act, path, *words)) for path, act, words in STEPS[section]]


def documented(section: str) -> set[str]:
    """The files that a section of CONTRIBUTING names, as patterns."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return {path.replace("<name>", "*") for path in re.findall(r"`(src/enrich/[^`]+)`", text)}


@pytest.mark.parametrize("section", STEPS)
def test_the_steps_are_those_of_contributing(section: str) -> None:
    named, touched = documented(section), {path for path, _ in steps(section)}
    assert not [path for path in touched if not any(fnmatch(path, pattern) for pattern in named)]
    assert not [pattern for pattern in named if not any(fnmatch(path, pattern) for path in touched)]


def test_toys_that_are_added_by_the_steps_work_everywhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")  # with the compiled modules, which stay valid
    for section in STEPS:
        for _, step in steps(section):
            step(tmp_path)
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    title = "Boxes for the Maintainers of Seven Hundred Toys"
    boxes = f"version: 1\nentries:\n  - key: boxes\n    title: {title}\n"
    (tmp_path / "boxes.yaml").write_text(boxes, encoding="utf-8")
    (tmp_path / "box.jsonl").write_text(json.dumps(["10.1000/box", title]) + "\n", encoding="utf-8")
    (tmp_path / "mirror.toml").write_text('[services]\ntoy = "https://mirror.example.org"\n', encoding="utf-8")
    # The copy's lines must not count in the coverage of the package.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment |= {"PYTHONPATH": str(tmp_path / "src"), "TOY_KEY": "secret"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    # The source is asked with its key, may have a mirror, and has a name for people.
    assert seen["asked"] == [["https://api.toy.example/papers/10.1000/toy", "Bearer secret"]]
    assert seen["key"]["mirror.example.org"] == {"Authorization": "Bearer k"}
    assert seen["title"] == "The Toy Index"
    # The snapshot is built, searched, and said to be where the title is from.
    assert seen["boxed"].startswith("toybox-snapshot@")
    # What it said fills its field and the new one, in the catalog and all that is made of it.
    assert "      shelf: third\n" in seen["catalog"]
    assert seen["known"] == ["third", "toy", "toy"]
    assert "shelf" in seen["filled"]
    assert seen["schema"]
    head, row = seen["csv"]
    assert dict(zip(head.split(","), row.split(","), strict=True))["shelf"] == "third"
    # The rule reports, under its heading; the format and the layout are there.
    assert "far-shelf" in seen["format"]
    assert "Far shelves" in seen["markdown"]
    assert "Bring a ladder." in seen["markdown"]
    assert seen["layout"]
