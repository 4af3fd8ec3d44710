"""The action under a simulated runner: nights with a pull request, reviews of pull requests, forks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from enrich.model import EntryReport, EntryType, Report, Status
from enrich.report import PARTS
from tests.forking import Forks
from tests.loopback import Upstream, page
from tests.runner import PULL, Runner, git

README = """\
# Papers

- FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU
  [[Paper](https://arxiv.org/abs/2303.06865)] [[Notes](OLD)]
- Orca: A Distributed Serving System [[Slides](GONE)]

<!-- enrich:begin stats --><!-- enrich:end -->
"""
INPUTS = {
    "lists": "README.md",
    "render": "README.md",
    "arguments": "--config=enrich.toml",
    "open-issue": "false",
    "fail-job": "false",
}


@pytest.fixture
def runner(tmp_path: Path, upstream: Upstream, forking: Forks) -> Runner:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("FlexGen"), "good": page("Loom")}
    made = Runner(tmp_path / "here", forking.programs)
    readme = README.replace("OLD", upstream.url("pages/old")).replace("GONE", upstream.url("pages/gone"))
    made.commit(README_md=readme, enrich_toml=upstream.settings())
    return made


def test_the_first_night_imports_and_offers_what_it_found_and_the_second_nothing_new(runner: Runner) -> None:
    head = git(runner.checkout, "rev-parse", "HEAD")
    first = runner.job(INPUTS)
    assert (first.code, first.outputs["run"]["exit-code"]) == (0, "1"), first.log
    assert first.outputs["pull-request"] == {"pull-request-url": PULL}
    assert "doi:" in runner.show("catalog.yaml")
    assert "lists: [README.md]" in runner.show("catalog.yaml")
    assert "pages/new" in runner.show("catalog.yaml")
    assert "pages/new" in runner.show("README.md")
    assert "635 times or more" in runner.show("README.md")  # rendered
    assert git(runner.remote, "diff", "--name-only", "main", "enrich/nightly").split() == ["README.md", "catalog.yaml"]
    assert runner.body().startswith("The catalog is new.")
    assert "filled in" in runner.body()
    assert "pages/old -> http" in runner.body()
    assert "/actions/runs/7)" in runner.body()
    # The job's own branch and index stay as they were.
    assert git(runner.checkout, "rev-parse", "HEAD") == head
    assert git(runner.checkout, "diff", "--cached", "--name-only") == ""
    tip = git(runner.remote, "rev-parse", "enrich/nightly")

    runner.fresh()
    second = runner.job(INPUTS)
    assert second.code == 0, second.log
    assert "has the same changes" in second.log
    assert git(runner.remote, "rev-parse", "enrich/nightly") == tip
    calls = (runner.hub / "calls").read_text(encoding="utf-8")
    assert calls.count("pr create") == 1
    assert "pr edit" not in calls


def test_a_pull_request_fails_for_what_it_breaks_and_for_nothing_else(runner: Runner, upstream: Upstream) -> None:
    base = git(runner.checkout, "rev-parse", "HEAD").strip()
    readme = (runner.checkout / "README.md").read_text(encoding="utf-8")
    review = {"lists": "README.md", "arguments": "--config=enrich.toml\n--no-metadata"}
    # A link more in an item that has a dead one already.
    good = readme.replace("gone)]", f"gone)] [[Poster]({upstream.url('pages/good')})]")
    (runner.checkout / "README.md").write_text(good, encoding="utf-8")
    done = runner.job(review, "pull_request", pull_request__base__sha=base)
    assert (done.code, done.outputs["run"]["exit-code"], done.outputs["run"]["errors"]) == (0, "0", "1"), done.log
    assert "pages/old" not in "".join(upstream.asked)  # of an item that did not change
    assert "pull-request" not in done.outputs

    shuttle = f"- Shuttle: Threads at Scale [[Slides]({upstream.url('pages/lost')})]"
    broken = good.replace("\n\n<!--", f"\n{shuttle}\n\n<!--")
    (runner.checkout / "README.md").write_text(broken, encoding="utf-8")
    done = runner.job(review, "pull_request", pull_request__base__sha=base)
    assert done.code == 1, done.log
    assert "::error file=README.md,line=6" in done.log
    assert "line=3" not in done.log
    assert git(runner.remote, "branch", "--list", "enrich/*") == ""


@pytest.mark.parametrize(
    ("event", "github", "says"),
    [
        ("schedule", {"repository__fork": "true"}, "::notice::No issue and no pull request: this is a fork"),
        ("pull_request", {"repository__fork": "true"}, "::notice::The event names no base"),
        ("schedule", {}, ""),
    ],
)
def test_a_fork_gets_no_issue_and_no_pull_request_and_is_green(
    event: str, github: dict[str, str], says: str, runner: Runner
) -> None:
    done = runner.job({"fix": "false"}, event, code="0", **github)
    assert done.code == 0, done.log
    assert done.log.startswith(says or "Nothing to offer")
    wanted = str(not github).lower()
    assert (done.outputs["plan"]["open-issue"], done.outputs["plan"]["pull-request"]) == (wanted, wanted)
    assert not (runner.hub / "body.md").exists()


@pytest.mark.parametrize(
    ("inputs", "event", "fail_on", "fails"),
    [
        ({}, "schedule", "", False),
        ({"open-issue": "false"}, "schedule", "", True),
        ({"fail-on": "new"}, "schedule", "new", True),
        ({"fail-job": "true"}, "schedule", "", True),
        ({"fail-job": "false", "open-issue": "false"}, "schedule", "", False),
        ({}, "pull_request", "new", True),
        ({"fail-on": "warning"}, "pull_request", "warning", True),
        ({"fail-job": "false"}, "merge_group", "new", False),
    ],
)
def test_a_night_with_an_issue_is_green_and_a_review_is_red(
    inputs: dict[str, str], event: str, fail_on: str, fails: bool, runner: Runner
) -> None:
    done = runner.job({"pull-request": "false", **inputs}, event, code="1")
    assert done.outputs["plan"]["fail-on"] == fail_on
    assert bool(done.code) == fails
    assert ("::error::The report has findings" in done.log) == fails


def offered(runner: Runner, **inputs: str) -> tuple[int, str]:
    """A night that made a catalog, without enrich: the exit code and the log."""
    (runner.checkout / "catalog.yaml").write_text("version: 1\nentries: []\n", encoding="utf-8")
    done = runner.job({"fix": "false", **inputs}, code="0")
    return done.code, done.log


def test_what_the_job_changed_before_is_not_offered(runner: Runner) -> None:
    (runner.checkout / "README.md").write_text("# Mine\n", encoding="utf-8")
    (runner.checkout / "secret.txt").write_text("mine", encoding="utf-8")
    assert offered(runner)[0] == 0
    assert git(runner.remote, "diff", "--name-only", "main", "enrich/nightly").split() == ["catalog.yaml"]


def test_a_run_on_another_branch_has_a_branch_of_its_own(runner: Runner) -> None:
    (runner.checkout / "catalog.yaml").write_text("version: 1\nentries: []\n", encoding="utf-8")
    inputs = {"fix": "false"}
    runner.job(inputs, code="0", repository__default_branch="main")
    assert git(runner.remote, "branch", "--list", "enrich/*").split() == ["enrich/nightly"]
    done = runner.job(inputs, code="0", repository__default_branch="trunk")
    assert done.code == 0, done.log
    assert runner.show("catalog.yaml", "enrich/nightly-main") == runner.show("catalog.yaml")


def test_a_catalog_that_git_ignores_is_not_offered(runner: Runner) -> None:
    runner.commit(_gitignore="catalog.yaml\n")
    code, log = offered(runner)
    assert (code, log) == (0, "Nothing to offer: no file changed.\n")


def test_an_open_pull_request_is_updated_and_the_commits_of_others_stay(runner: Runner) -> None:
    offered(runner)
    runner.fresh()
    runner.commit(README_md="# Papers\n")
    code, log = offered(runner)
    assert (code, log) == (0, f"Updated {PULL}\n")
    assert runner.show("README.md") == "# Papers\n"
    git(runner.checkout, "fetch", "-q", "origin", "enrich/nightly")
    git(runner.checkout, "checkout", "-q", "-f", "FETCH_HEAD")
    (runner.checkout / "README.md").write_text("# Ours\n", encoding="utf-8")
    git(runner.checkout, "commit", "-q", "-a", "-m", "Ours")
    git(runner.checkout, "push", "-q", "origin", "HEAD:refs/heads/enrich/nightly")
    git(runner.checkout, "checkout", "-q", "-f", "main")
    code, log = offered(runner)
    assert (code, log[:60]) == (0, "::warning::The branch enrich/nightly has commits of others, ")
    assert runner.show("README.md") == "# Ours\n"


def test_one_that_was_closed_is_not_opened_again_for_the_same_changes(runner: Runner) -> None:
    offered(runner)
    (runner.hub / "pull").write_text(f"CLOSED 1 {PULL}\n", encoding="utf-8")
    code, log = offered(runner)
    assert (code, log) == (0, f"Nothing new to offer: {PULL} (CLOSED) has the same changes.\n")


def test_what_github_does_not_allow_is_a_warning(runner: Runner) -> None:
    runner.hub.mkdir()
    (runner.hub / "forbidden").touch()
    code, log = offered(runner)
    assert code == 0
    assert "Settings > Actions > General must allow" in log
    # The next night tries again, as no pull request was ever made.
    (runner.hub / "forbidden").unlink()
    assert offered(runner) == (0, f"Opened {PULL}\n")
    hook = runner.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    runner.fresh()
    (runner.checkout / "enrich.toml").unlink()
    code, log = offered(runner, branch="enrich/other")
    assert code == 0
    assert "The job needs the permission `contents: write`." in log


def test_the_pull_request_calls_nobody_and_shows_no_picture(runner: Runner) -> None:
    keys = ("x` closes #1, @octocat ![p](https://evil.example/p.png) `", "a\n\n# Heading | b", "<img src=x>", "k" * 900)
    entries = [EntryReport(key, EntryType.PAPER, Status.FOUND, filled=("title", "doi")) for key in keys * 100]
    reports = runner.temp / "enrich" / "reports"
    reports.mkdir(parents=True)
    (reports / "filled.md").write_text(PARTS["filled"](Report("c", "", "", tuple(entries))), encoding="utf-8")
    assert offered(runner)[0] == 0
    text = runner.body()
    assert "800 fields filled in 400 entries.\n" in text
    assert len(text) < 65_536
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(re.fullmatch(r"\| `[^`|<>\n]+` \| title, doi \|", row) for row in rows)
    assert f"{400 - len(rows)} more entries" in text
    plain = re.sub(r"`[^`\n]*`|^    .*$", "", text.replace("\n### ", "\n"), flags=re.MULTILINE)
    assert not re.search(r"@\w|#\d|!\[|^#|<", plain, re.MULTILINE)
