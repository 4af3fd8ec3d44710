"""What the pages of `docs/` say is so."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from pathlib import Path

import pytest
import yaml

from enrich import catalog, commands, lists, settings
from enrich.cli import COMMAND_NAMES, main
from enrich.commands.completion import SHELLS
from enrich.report import FORMATS, as_json
from tests.test_docs import ROOT, blocks, command_lines, help_of, page, quoted, table
from tests.test_workflows import ACTION, BASH

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
CATALOG = "version: 1\nentries:\n  - key: loom\n    title: Weaving Long Contexts\n"


def prose(name: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page(name), flags=re.MULTILINE | re.DOTALL)


def anchors(name: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(name), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


def test_every_page_is_in_the_navigation() -> None:
    parts = [part for row in yaml.safe_load(page("mkdocs.yml"))["nav"] for part in row.values()]
    named = [f"docs/{path}" for part in parts for row in part for path in row.values()]
    assert set(PAGES) <= set(named)
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", PAGES)
def test_every_command_and_flag_on_a_page_is_the_programs(name: str) -> None:
    for command, *rest in command_lines(name):
        if command.isupper():  # `enrich COMMAND --help`
            continue
        assert command in COMMAND_NAMES, command
        for word in rest:
            if word.startswith("-") and word != "-":
                assert re.search(rf"(?<![\w-]){re.escape(word.partition('=')[0])}(?![\w-])", help_of(command)), word
    every = "".join(help_of(command) for command in COMMAND_NAMES)
    for text in quoted(prose(name)):
        for flag in re.findall(r"^--[a-z-]+", text):
            assert re.search(rf"(?<![\w-]){flag}(?![\w-])", every), flag


@pytest.mark.parametrize("name", PAGES)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", prose(name)):
        target = f"docs/{path}" if path else name
        if target in ("docs/verdicts.md", "docs/matching.md") and target not in PAGES:
            continue
        assert target in PAGES or (target.endswith((".png", ".svg")) and (ROOT / target).is_file()), target
        assert not anchor or anchor in anchors(target), anchor


@pytest.mark.parametrize("name", PAGES)
def test_what_is_shown_as_yaml_toml_and_json_is_that(name: str) -> None:
    for text in blocks(name, "yaml"):
        assert yaml.safe_load(text)
    for text in blocks(name, "json"):
        assert json.loads(text)


def test_the_commands_page_shows_every_command_and_flag() -> None:
    shown_as = runpy.run_path(str(ROOT / "scripts" / "commands_page.py"))["on_page_markdown"]
    shown = shown_as(page("docs/commands.md"), page=None)
    assert "commands_page" not in shown
    assert re.findall(r"^## enrich (\w+)$", shown, re.MULTILINE) == list(COMMAND_NAMES)
    for flag in {flag for command in COMMAND_NAMES for flag in re.findall(r"--[a-z]+(?:-[a-z]+)*", help_of(command))}:
        assert f"`{flag}" in shown or f", {flag}" in shown or (flag == "--help" and "-h, --help" in shown), flag
    assert shown_as("# Other") == "# Other"


def test_the_help_names_every_report_format() -> None:
    for command in ("run", "check", "report"):
        words = help_of(command).partition("write a report:")[2].partition("(repeatable)")[0]
        assert set(re.findall(r"\w+", words)) - {"or"} == set(FORMATS)
    assert {name for (name, *_) in (quoted(row[0]) for row in table("docs/reports.md", "format"))} == set(FORMATS)


def test_the_settings_shown_are_good(tmp_path: Path) -> None:
    text = blocks("docs/settings.md", "toml")[0]
    (tmp_path / "enrich.toml").write_text(text, encoding="utf-8")
    loaded = settings.load(None, tmp_path, {})
    assert len(loaded.settings.ignore) == 2
    assert loaded.settings.pace["slow.example.org"].interval == 5


def test_the_exit_codes_are_the_programs() -> None:
    codes = (commands.CLEAN, commands.FINDINGS, commands.CANNOT_RUN, commands.NOT_ALL_ASKED, commands.INTERRUPTED)
    assert [int(code) for code, _ in table("docs/reports.md", "code")] == list(codes)


def test_the_report_shown_has_the_fields_of_the_programs() -> None:
    (text,) = blocks("docs/reports.md", "json")
    properties = as_json.schema()["properties"]
    assert isinstance(properties, dict)
    assert set(json.loads(text)) <= set(properties)


def test_the_actions_inputs_and_outputs_are_all_told() -> None:
    told = table("docs/github-action.md", "input")
    assert [quoted(name)[0] for name, _, _ in told] == list(ACTION["inputs"])
    for name, default, _ in told:
        if default.startswith("`"):
            assert default.strip("`") == ACTION["inputs"][quoted(name)[0]]["default"]
    assert [quoted(name)[0] for name, _ in table("docs/github-action.md", "output")] == list(ACTION["outputs"])


def test_the_list_shown_gives_the_entry_shown() -> None:
    text = blocks("docs/lists.md", "markdown")[0]
    merged = lists.merge((), [lists.read(text, "README.md", None)])
    assert catalog.new_text(merged.new) == blocks("docs/lists.md", "yaml")[0]


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for name in COMMAND_NAMES:
        assert name in script
    assert "only-missing" in script


def test_completion_offers_flags_and_files_in_bash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    (tmp_path / "papers.yaml").touch()
    tried = (
        f"{script}\n"
        "COMP_WORDS=(enrich run --open); COMP_CWORD=2; _shtab_enrich; echo ${COMPREPLY[@]}\n"
        "COMP_WORDS=(enrich export pap); COMP_CWORD=2; _shtab_enrich; echo ${COMPREPLY[@]}\n"
    )
    done = subprocess.run([BASH, "-c", tried], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--open-issue", "papers.yaml"]
