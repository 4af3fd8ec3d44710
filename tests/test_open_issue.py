"""`--open-issue`, from the command line to a GitHub on the loopback."""

from __future__ import annotations

import asyncio
import re
import socket
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from enrich import load
from enrich.cli import main
from enrich.commands import workspace as workspaces
from enrich.commands.issue import Checked, Desk
from enrich.commands.ticked import apply_ticks
from enrich.history import History
from enrich.judge import is_complete, with_standing
from enrich.model import (
    Entry,
    EntryReport,
    EntryType,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    Place,
    Report,
    Severity,
    State,
    Status,
    Verdict,
)
from enrich.tracker import LABEL
from tests.fakes import http, read_request
from tests.leaping import leaping
from tests.test_tracker import GitHub

CATALOG = """\
version: 1
entries:
  - key: intranet
    type: other
    links:
      - {label: Notes, kind: notes, url: "http://10.0.0.5/@everyone"}
  - key: relative
    type: other
    links:
      - {label: Notes, kind: notes, url: notes.md}
"""
CLEAN = CATALOG.replace('"http://10.0.0.5/@everyone"', "other.md")


@pytest.fixture
def hub() -> Iterator[tuple[GitHub, str]]:
    """A GitHub whose paces cost no time, and the address of its API."""
    github = GitHub()
    github.labels.add(LABEL)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, content = await read_request(reader)
            method, target, _ = head.decode().split(" ", 2)
            reply = github.service(httpx.Request(method, f"https://api.github.com{target}", content=content))
            writer.write(http(reply.content, f"{reply.status_code} {reply.reason_phrase}"))

    with socket.create_server(("127.0.0.1", 0)) as listening, leaping({listening: serve}):
        yield github, f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: tuple[GitHub, str]) -> Path:
    """A checkout with a catalog in a subfolder, on a runner."""
    here = tmp_path / "lists"
    (here / "cache").mkdir(parents=True)
    (here / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    monkeypatch.chdir(here)
    for name, value in {
        "GITHUB_API_URL": hub[1],
        "GITHUB_TOKEN": "made-up",
        "GITHUB_REPOSITORY": "ada/papers",
        "GITHUB_SERVER_URL": "https://git.example.org",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SHA": "c0ffee",
        "GITHUB_WORKSPACE": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return here


def test_nights_in_a_row(hub: tuple[GitHub, str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    github, _ = hub
    assert main(["run", "--offline", "--open-issue"]) == 1
    assert "issue created: https://github.com/ada/papers/issues/1" in capsys.readouterr().err
    told = str(github.issues[0]["body"])
    assert "https://git.example.org/ada/papers/blob/c0ffee/lists/catalog.yaml#L6" in told
    assert "https://git.example.org/ada/papers/actions/runs/7" in told
    assert 'rule = "unsafe-link"' in told
    writes = len(github.writes)
    assert main(["run", "--offline", "--open-issue"]) == 1
    assert main(["report", "--open-issue"]) == 1
    assert main(["run", "--offline", "--open-issue", "--entry", "relative"]) == 0
    assert len(github.writes) == writes
    (folder / "catalog.yaml").write_text(CLEAN, encoding="utf-8")
    for part in ("--entry=relative", "--limit=1", "--no-links", "--dry-run"):
        assert main(["run", "--offline", "--open-issue", part]) == 0
        assert github.open() == [1]
    assert main(["run", "--offline", "--open-issue"]) == 0
    assert github.open() == []


def tick(github: GitHub, action: str, number: int = 1) -> None:
    """Tick the first box of the kind in an issue, as a person does in the browser."""
    issue = github.issues[number - 1]
    text = re.sub(rf"- \[ \] (?=<!-- enrich:{action}=)", "- [x] ", str(issue["body"]), count=1)
    assert text != issue["body"]
    issue["body"] = text.replace("\n", "\r\n")


def test_a_tick_accepts_a_finding_until_its_block_is_merged(
    hub: tuple[GitHub, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github, _ = hub
    settings = folder / "enrich.toml"
    settings.write_bytes(b"# mine\r\ntries = 2  # few")
    assert main(["run", "--offline", "--open-issue"]) == 1
    tick(github, "accept")
    assert main(["run", "--offline", "--open-issue", "--dry-run"]) == 1
    assert settings.read_bytes() == b"# mine\r\ntries = 2  # few"
    assert main(["report", "--open-issue"]) == 1
    for _ in range(2):  # the second night, too, as nobody has merged it
        settings.write_bytes(b"# mine\r\ntries = 2  # few")
        capsys.readouterr()
        assert main(["run", "--offline", "--open-issue"]) == 0
        told = capsys.readouterr()
        assert "enrich.toml: 1 finding accepted, as ticked in the issue" in told.err
        assert "unsafe" not in told.out
        written = settings.read_bytes()
        assert written.startswith(b"# mine\r\ntries = 2  # few\r\n\r\n[[ignore]]\r\n")
        assert b'reason = "accepted in https://github.com/ada/papers/issues/1"\r\n' in written
        assert github.open() == [1]
        assert "### Ticked (1)" in str(github.issues[0]["body"])
    assert main(["run", "--offline", "--open-issue"]) == 0  # merged
    assert github.open() == []
    assert settings.read_bytes() == written


def test_a_tick_fixes_one_move_and_leaves_the_others(hub: tuple[GitHub, str], folder: Path) -> None:
    github, _ = hub
    old = "https://old{}.example.org/a"
    links = "".join(f'      - {{label: A, kind: other, url: "{old.format(row)}"}}  # {row}\n' for row in (1, 2))
    text = f"version: 1\nentries:\n  - key: moved\n    type: other\n    links:\n{links}"
    (folder / "catalog.yaml").write_text(text, encoding="utf-8")
    moves = report(
        *(
            Finding(
                "moved-link",
                Severity.WARNING,
                "moved",
                "moved",
                old.format(row),
                suggestion=f"https://new{row}.example.org/a",
            )
            for row in (1, 2)
        ),
        keys=("moved",),
    )
    links_of = tuple(
        LinkReport(
            LinkCheck(old.format(row), Verdict.MOVED, (), f"https://new{row}.example.org/a"), ("moved",), LinkKind.OTHER
        )
        for row in (1, 2)
    )
    checked = Checked(
        replace(moves, catalog="catalog.yaml", links=links_of), load("catalog.yaml").entries, History(), True
    )
    arguments = Namespace(open_issue=True, repository="ada/papers", quiet=False)
    desk = Desk.of(arguments, workspaces.Workspace.of(arguments, folder / "catalog.yaml"))
    assert desk
    assert desk.keep(arguments, [checked], 0) == 0
    tick(github, "fix")
    [checked] = desk.with_ticks([checked])
    apply_ticks(arguments, folder / "catalog.yaml", checked)
    changed = (folder / "catalog.yaml").read_text(encoding="utf-8")
    assert changed == text.replace("https://old1.", "https://new1.")
    assert desk.keep(arguments, [checked], 0) == 0
    assert str(github.issues[0]["body"]).count("- [x] <!-- enrich:fix=") == 1


def test_ticks_in_the_issue_of_another_author_do_nothing(hub: tuple[GitHub, str], folder: Path) -> None:
    github, _ = hub
    assert main(["run", "--offline", "--open-issue"]) == 1
    tick(github, "accept")
    github.issues[0]["user"] = {"login": "mallory"}
    assert main(["run", "--offline", "--open-issue"]) == 1
    assert not (folder / "enrich.toml").exists()


def test_where_the_ticks_cannot_be_read_they_are_not_overwritten(
    hub: tuple[GitHub, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github, _ = hub
    assert main(["run", "--offline", "--open-issue"]) == 1
    tick(github, "accept")
    body = github.issues[0]["body"]
    failures = iter([httpx.Response(403, json={"message": "no"})])
    github.before = lambda _: next(failures, None)
    assert main(["run", "--offline", "--open-issue"]) == 1
    assert "could not be updated" in capsys.readouterr().err
    assert github.issues[0]["body"] == body
    assert not (folder / "enrich.toml").exists()


@pytest.mark.parametrize(("setting", "issues"), [("", 2), ('issue = "shared"\n', 1)])
def test_several_catalogs_have_an_issue_each_or_share_one(
    setting: str, issues: int, hub: tuple[GitHub, str], folder: Path
) -> None:
    github, _ = hub
    (folder / "enrich.toml").write_text(setting, encoding="utf-8")
    (folder / "other.yaml").write_text(CATALOG, encoding="utf-8")
    assert main(["run", "*.yaml", "--offline", "--open-issue"]) == 1
    assert len(github.open()) == issues
    bodies = "".join(str(issue["body"]) for issue in github.issues)
    assert all(f"lists/{name}.yaml#L6" in bodies for name in ("catalog", "other"))
    (folder / "other.yaml").write_text(CLEAN, encoding="utf-8")
    assert main(["run", "*.yaml", "--offline", "--open-issue"]) == 1
    assert len(github.open()) == 1
    (folder / "catalog.yaml").write_text(CLEAN, encoding="utf-8")
    assert main(["run", "*.yaml", "--offline", "--open-issue"]) == 0
    assert github.open() == []


def test_trouble_with_the_issue_leaves_the_code_of_the_run_but_is_not_clean(
    hub: tuple[GitHub, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github, _ = hub
    github.before = lambda _: httpx.Response(403, json={"message": "Resource not accessible by integration"})
    assert main(["run", "--offline", "--open-issue", "-q"]) == 1
    assert "`permissions: issues: write`" in capsys.readouterr().err
    (folder / "catalog.yaml").write_text(CLEAN, encoding="utf-8")
    assert main(["run", "--offline", "--open-issue"]) == 3


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("GITHUB_REPOSITORY", "", "--repository OWNER/NAME"),
        ("GITHUB_REPOSITORY", "https://github.com/ada/papers", "not OWNER/NAME"),
        ("GITHUB_TOKEN", "", "issues: write"),
    ],
)
def test_what_is_not_set_stops_the_run_before_it_begins(
    variable: str,
    value: str,
    advice: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    assert main(["run", "--offline", "--open-issue"]) == 2
    assert advice in capsys.readouterr().err
    assert not list((folder / "cache").iterdir())


def test_a_repository_named_by_flag_wins(hub: tuple[GitHub, str], folder: Path) -> None:
    assert (folder / "catalog.yaml").exists()
    assert main(["run", "--offline", "--open-issue", "--repository", "ada/other"]) == 1
    assert hub[0].service.requests[0].url.path == "/repos/ada/other/issues"


@pytest.mark.parametrize(
    ("api", "sent"), [("", True), ("https://api.github.com", True), ("https://git.example.org/api/v3", False)]
)
def test_the_token_of_a_github_enterprise_server_is_not_sent_to_github(
    api: str, sent: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", api)
    assert workspaces.Workspace.of(Namespace(), folder / "catalog.yaml").web().has_key("api.github.com") is sent


ENTRY = Entry("loom", EntryType.PAPER, links=(Link("https://a.example.org/", place=Place("c.yaml", 5)),))


def report(*findings: Finding, linked: bool = True, keys: tuple[str, ...] = ("loom",)) -> Report:
    check = LinkReport(LinkCheck("https://a.example.org/", Verdict.UNKNOWN), ("loom",), LinkKind.PAPER)
    return Report(
        "c.yaml",
        "2026-11-21T03:17:00Z",
        "2026-11-21T03:18:00Z",
        entries=tuple(EntryReport(key, EntryType.PAPER, Status.FOUND) for key in keys),
        links=(check,) if linked else (),
        findings=findings,
    )


def test_what_could_not_be_judged_stands_at_its_place() -> None:
    before = Finding("broken-link", Severity.ERROR, "404", "loom", "https://a.example.org/", first_seen="2026-11-01")
    gone = Finding("moved-link", Severity.WARNING, "moved", "loom", "https://b.example.org/", state=State.FIXED)
    whole = with_standing(report(gone), {before.identity: before}, [ENTRY])
    assert [(f.rule, f.state, f.first_seen, f.place) for f in whole.findings] == [
        ("moved-link", State.FIXED, None, None),
        ("broken-link", State.STILL, "2026-11-01", Place("c.yaml", 5)),
    ]


def test_a_run_is_complete_when_it_saw_all_entries_and_links() -> None:
    assert is_complete(report(), [ENTRY])
    assert not is_complete(report(keys=()), [ENTRY])
    assert not is_complete(report(linked=False), [ENTRY])
    assert is_complete(report(linked=False), [Entry("loom")])
