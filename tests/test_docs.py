"""What the manual says is so."""

from __future__ import annotations

import html
import importlib
import os
import pkgutil
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

import enrich
from enrich.cli import COMMAND_NAMES, main
from enrich.services import SERVICES
from enrich.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
OF_EXTRAS = {"distributed", "mcp"}
"""Packages that only an extra installs."""
MANUAL = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "cache/README.md")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


def table(name: str, head: str) -> list[list[str]]:
    """The rows below a table's head, as lists of cells."""
    lines = page(name).partition(f"| {head} |")[2].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    assert rows, f"{name} has no table that begins with {head}"
    return rows


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


@cache
def help_of(*command: str) -> str:
    with redirect_stdout(StringIO()) as out, pytest.raises(SystemExit):
        main([*command, "--help"])
    return out.getvalue()


def command_lines(name: str) -> list[list[str]]:
    """The calls of enrich on a page, in words, without what stands before `enrich`."""
    lines = [line for block in blocks(name, "sh") for line in block.splitlines()]
    lines += [text for text in quoted(page(name)) if re.match(r"enrich [a-z]", text)]
    calls = []
    for line in lines:
        for call in " ".join(shlex.split(line, comments=True)).split(" && "):
            first, *rest = call.split()
            if first.endswith("enrich"):
                calls.append(rest)
    return calls


@pytest.mark.parametrize("name", MANUAL)
def test_every_command_line_in_the_manual_is_the_programs(name: str) -> None:
    for command, *rest in command_lines(name):
        assert command in COMMAND_NAMES
        for word in rest:
            if word.startswith("-"):
                assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", help_of(command)), (command, word)


def test_the_readme_shows_the_commands_that_matter_and_is_short() -> None:
    assert {call[0] for call in command_lines("README.md")} >= {"demo", "init", "run", "fix", "check"}
    assert len(page("README.md").split()) <= 700


def test_every_command_tells_the_exit_codes_and_has_help() -> None:
    for name in COMMAND_NAMES:
        assert re.search(rf"^  +{name}  +\S", help_of(), re.MULTILINE)
        assert re.search(r"exit codes: 0 \w+", help_of(name)), name


def test_the_readmes_lines_each_work_alone_and_ci_runs_the_second() -> None:
    demo, check = (block for block in blocks("README.md", "sh") if block.startswith("python3 -m venv"))
    for line in (demo, check):
        assert line.count("\n") == 1
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert demo.endswith(" && .venv/bin/enrich demo\n")
    assert check.endswith(" && .venv/bin/python scripts/check.py\n")
    assert page(".ci/run").endswith(f"\n{check}")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert check in blocks("CONTRIBUTING.md", "sh")
    assert check in blocks("docs/contributor.md", "sh")


def test_the_settings_table_is_complete_and_true() -> None:
    rows = {name.strip("`"): default for name, default, _ in table("docs/settings.md", "setting")}
    assert list(rows) == list(Settings.model_fields)
    for name, default in rows.items():
        value = Settings.model_fields[name].default
        if isinstance(value, bool):
            assert default == f"`{str(value).lower()}`", name
        elif isinstance(value, int | float):
            assert default == str(value), name
    assert default_of("fail_on") in rows["fail_on"]
    assert {service.name for service in SERVICES} <= set(quoted(page("docs/settings.md")))


def default_of(name: str) -> str:
    return str(Settings.model_fields[name].default)


def test_the_rooms_are_all_named() -> None:
    named = [room for cell, _ in table("ARCHITECTURE.md", "rooms of `src/enrich/`") for room in quoted(cell)]
    there = {path.stem for path in (ROOT / "src" / "enrich").iterdir() if not path.name.startswith(("_", "."))}
    assert sorted(named) == sorted(there - {"py"})


def test_the_dependencies_are_all_named_with_their_reason() -> None:
    rows = table("ARCHITECTURE.md", "package")
    named = {name for cell, reason in rows for name in cell.split(", ") if reason}
    declared = tomllib.loads(page("pyproject.toml"))["project"]["dependencies"]
    assert named == {re.split(r"[^\w-]", line)[0] for line in declared}


@pytest.mark.parametrize("name", MANUAL)
def test_files_names_and_links_in_the_manual_exist(name: str) -> None:
    text = page(name)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / name).parent.joinpath(target).exists(), target
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    for word in quoted(text):
        if re.fullmatch(r"(?:src|tests|scripts|benchmarks)/[\w/.-]+", word):
            assert (ROOT / word).exists(), word
        if re.fullmatch(r"[A-Z]{4,}(?:_[A-Z]+)*|[A-Z][a-z]+\.\w+|\w+\([\w, *]+\)", word):
            assert re.search(rf"\b{re.escape(re.split(r'[.(]', word)[-1 if '.' in word else 0])}\b", source), word


SHOWN = ("broken-link", "wrong-paper", "renamed-repository")


def test_the_picture_of_the_terminal_is_the_demonstrations() -> None:
    drawing = runpy.run_path(str(ROOT / "scripts" / "terminal_picture.py"))
    assert words_in(page("docs/terminal.svg")) == words_in(drawing["picture"]()), "python scripts/terminal_picture.py"
    # Nothing is asked of another server by whoever looks at it.
    assert "url(" not in re.sub(r"url\(#", "", page("docs/terminal.svg"))


def words_in(picture: str) -> str:
    """What a picture shows, without the place of each part."""
    return " ".join(html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture))).split())


def test_every_public_name_is_there() -> None:
    for module in pkgutil.walk_packages(enrich.__path__, "enrich."):
        if module.name != "enrich.__main__":
            try:
                loaded = importlib.import_module(module.name)
            except ModuleNotFoundError as missing:
                if missing.name in OF_EXTRAS:
                    continue
                raise
            for name in getattr(loaded, "__all__", ()):
                assert hasattr(loaded, name), f"{module.name}.{name}"


def test_the_version_is_the_programs() -> None:
    asked = [sys.executable, "-m", "enrich", "--version"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == f"enrich {enrich.__version__}\n"
