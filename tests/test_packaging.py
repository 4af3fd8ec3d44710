"""What is built, released and put into a container is what the program is."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from enrich.cli import COMMAND_NAMES
from tests.test_docs import ROOT, help_of, page
from tests.test_workflows import BASH, workflow

PROJECT: dict[str, Any] = tomllib.loads(page("pyproject.toml"))["project"]
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-12-01

### Added

- A thing.

## [1.2.2] - 2026-11-01

- Another.
"""
FILES = ["dist/enrich_catalog-1.2.3.tar.gz", "dist/enrich_catalog-1.2.3-py3-none-any.whl"]


def of_release(name: str) -> Callable[..., str]:
    named: Callable[..., str] = runpy.run_path(str(ROOT / "scripts" / "release.py"))[name]
    return named


def test_the_distribution_has_a_name_of_its_own_and_links() -> None:
    assert PROJECT["name"] == "enrich-catalog"
    assert {"Documentation", "Source", "Issues", "Changelog"} <= set(PROJECT["urls"])
    assert "enrich-catalog" in page("README.md")


def test_the_manual_page_has_every_command_and_flag() -> None:
    written: str = runpy.run_path(str(ROOT / "scripts" / "man_page.py"))["page"]()
    plain = written.replace("\\-", "-")
    assert re.findall(r"^\.SS enrich (\w+)$", plain, re.MULTILINE) == list(COMMAND_NAMES)
    for flag in {flag for command in COMMAND_NAMES for flag in re.findall(r"--[a-z]+(?:-[a-z]+)*", help_of(command))}:
        assert flag in plain
    assert re.findall(r"^\.B (\d+)$", plain, re.MULTILINE) == ["0", "1", "2", "3", "130"]
    # A line that begins with a dot or an apostrophe is a request to roff.
    assert set(re.findall(r"^[.'](\w+)", written, re.MULTILINE)) == {"TH", "SH", "SS", "TP", "B", "br"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_the_manual_page_is_good_roff() -> None:
    written: str = runpy.run_path(str(ROOT / "scripts" / "man_page.py"))["page"]()
    asked = ["groff", "-man", "-Tutf8", "-ww", "-z"]
    assert subprocess.run(asked, input=written, capture_output=True, text=True, check=True).stderr == ""


def test_the_notes_of_a_release_are_its_section() -> None:
    notes = of_release("notes")
    assert notes("v1.2.3", CHANGELOG) == "### Added\n\n- A thing.\n"
    assert notes("v1.2.2", CHANGELOG) == "- Another.\n"


@pytest.mark.parametrize(
    ("tag", "files", "project", "says"),
    [
        ("v1", FILES, "", "not a release tag"),
        ("1.2.3", FILES, "", "not a release tag"),
        ("v1.2.4", FILES, "", "no section [1.2.4]"),
        ("v1.2.3", FILES[:1], "", "expected "),
        ("v1.2.3", [FILES[0], FILES[1].replace("1.2.3", "1.2.4.dev1")], "", "expected "),
        ("v1.2.3", FILES, "https://github.com/OWNER/papers", "OWNER"),
    ],
)
def test_a_release_that_is_not_ready_is_not_made(tag: str, files: list[str], project: str, says: str) -> None:
    check = of_release("check")
    with pytest.raises(Exception, match=re.escape(says)):
        check(tag, files, CHANGELOG, project)
    check("v1.2.3", FILES, CHANGELOG, "https://github.com/ada/enrich")


@pytest.mark.parametrize(
    ("tag", "known", "calls"),
    [
        ("v1.2.3", True, ["release create v1.2.3", "api repos/ada/enrich/git/ref/tags/v1", "PATCH"]),
        ("v2.0.0", False, ["release create v2.0.0", "api repos/ada/enrich/git/ref/tags/v2", "POST"]),
        ("v1.3.0rc1", True, ["release create v1.3.0rc1"]),
    ],
)
def test_a_release_moves_the_tag_of_its_major_version(tag: str, known: bool, calls: list[str], tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "release.py", tmp_path / "scripts")
    (tmp_path / "CHANGELOG.md").write_text(f"## [{tag[1:]}]\n\n- A thing.\n", encoding="utf-8")
    gh = tmp_path / "gh"
    gh.write_text(
        '#!/usr/bin/env bash\necho "$@" >> "$RUNNER_TEMP/calls"\n'
        f'case "$*" in *git/ref/*) exit {0 if known else 1};; esac\n',
        encoding="utf-8",
    )
    gh.chmod(0o755)
    given = {
        "PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"])),
        "GITHUB_REF_NAME": tag,
        "GITHUB_REPOSITORY": "ada/enrich",
        "GITHUB_SHA": "0" * 40,
        "RUNNER_TEMP": str(tmp_path),
    }
    subprocess.run([BASH, str(ROOT / "scripts" / "publish_release.sh")], cwd=tmp_path, env=given, check=True)
    made = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert len(made) == len(calls)
    assert all(call in line for call, line in zip(calls, made, strict=True))
    assert ("--prerelease" in made[0]) == ("rc" in tag)
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "- A thing.\n"


def test_nothing_is_published_that_was_not_tried() -> None:
    jobs = workflow("release")["jobs"]
    assert [job.get("needs") for job in jobs.values()] == [None, "build", "try", "publish"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "run" not in str([list(step) for step in jobs["publish"]["steps"]])  # nothing of the project runs there


def test_the_issue_templates_have_what_github_requires() -> None:
    folder = ROOT / ".github" / "ISSUE_TEMPLATE"
    for path in sorted(folder.glob("*.yml")):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.stem != "config":
            assert {"name", "description", "body"} <= form.keys(), path
            ids = [field["id"] for field in form["body"]]
            assert len(ids) == len(set(ids)), path


def test_the_entry_points_call_what_there_is() -> None:
    hooks = yaml.safe_load(page(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    assert {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks} == {"ruff", "lint-imports", "enrich"}
    extras = set(tomllib.loads(page("pyproject.toml"))["project"]["optional-dependencies"])
    for text in (page("noxfile.py"), page(".devcontainer/devcontainer.json")):
        assert {name for found in re.findall(r"\.\[([a-z,]+)\]", text) for name in found.split(",")} <= extras
        assert all((ROOT / name).exists() for name in re.findall(r"scripts/\w+\.py", text))


def test_the_container_runs_as_a_user_and_is_the_command() -> None:
    lines = page("Dockerfile").splitlines()
    assert {"USER enrich", 'ENTRYPOINT ["enrich"]'} <= set(lines)
    kept = {line[1:] for line in page(".dockerignore").splitlines() if line.startswith("!")}
    assert all((ROOT / path).exists() for path in kept)
    assert {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src"} <= kept
    used = {f"scripts/{name}.py" for name in re.findall(r'_script\(root, "(\w+)"\)', page("hatch_build.py"))}
    assert used == {path for path in kept if path.startswith("scripts/")}


def test_the_packages_readme_leads_into_the_repository() -> None:
    absolute = runpy.run_path(str(ROOT / "scripts" / "package_readme.py"))["with_absolute_links"]
    at = "https://github.com/ada/enrich"
    assert absolute("![Demo](docs/a.svg) [b](c.md#d) [e](https://f.org) [g](#h)", at) == (
        f"![Demo]({at}/raw/main/docs/a.svg) [b]({at}/blob/main/c.md#d) [e](https://f.org) [g](#h)"
    )
    shown = absolute(page("README.md"), at)
    assert not re.findall(r"\]\((?!https://)", shown)
