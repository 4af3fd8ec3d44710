"""A runner of GitHub's, simulated: a checkout with a remote, the steps of action.yml in order, and a `gh`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BASH = shutil.which("bash") or "bash"
GIT = shutil.which("git") or "git"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PULL = "https://github.com/ada/papers/pull/1"

# `pr list` prints what the flag --jq makes of GitHub's answer; the text of a pull request is kept as it is given.
GH = """\
#!/usr/bin/env bash
state="$RUNNER_TEMP/hub"
mkdir -p "$state"
echo "$*" >> "$state/calls"
case "$1 $2" in
  "pr list") if [ -f "$state/pull" ]; then cat "$state/pull"; fi ;;
  "pr create")
    if [ -f "$state/forbidden" ]; then echo "GitHub Actions is not permitted to create pull requests" >&2; exit 1; fi
    echo "OPEN 1 PULL" > "$state/pull"; echo PULL ;;
esac
while [ $# -gt 0 ]; do
  if [ "$1" = --body-file ]; then cp "$2" "$state/body.md"; fi
  shift
done
""".replace("PULL", PULL)


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run((GIT, "-C", str(folder), *named, *words), capture_output=True, text=True, check=True)
    return done.stdout


@dataclass
class Done:
    """How a job ended: the steps' log, outputs and summary, and the exit code of the first step that failed."""

    code: int = 0
    log: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""


@dataclass
class Runner:
    """A repository `remote.git`, its checkout, and a runner's folder that outlives a job as the cache does.

    `bin` is the folder with the `python` that has enrich.
    """

    folder: Path
    bin: Path = Path(sys.executable).parent

    def __post_init__(self) -> None:
        self.checkout, self.remote, self.temp = (self.folder / name for name in ("checkout", "remote.git", "temp"))
        programs = self.folder / "programs"
        for folder in (self.checkout, self.temp, programs):
            folder.mkdir(parents=True)
        (programs / "gh").write_text(GH, encoding="utf-8")
        (programs / "gh").chmod(0o755)
        self.path = os.pathsep.join((str(programs), os.environ["PATH"]))
        git(self.folder, "init", "-q", "--bare", str(self.remote))
        git(self.checkout, "init", "-q")
        git(self.checkout, "remote", "add", "origin", self.remote.as_uri())

    def commit(self, **files: str) -> str:
        """Commits files on main, as a maintainer does, and pushes them; returns the commit."""
        for name, text in files.items():
            (self.checkout / name.replace("_", ".")).write_text(text, encoding="utf-8")
        git(self.checkout, "add", ".")
        git(self.checkout, "commit", "-q", "-m", "Papers")
        git(self.checkout, "push", "-q", "origin", "HEAD:refs/heads/main")
        return git(self.checkout, "rev-parse", "HEAD").strip()

    def fresh(self) -> None:
        """The next job's checkout: what the last one left there is gone."""
        git(self.checkout, "reset", "-q", "--hard")
        git(self.checkout, "clean", "-q", "-f", "-d", "-x")

    def show(self, name: str, branch: str = "enrich/nightly") -> str:
        """A file of the remote's branch."""
        return git(self.remote, "show", f"{branch}:{name}")

    @property
    def hub(self) -> Path:
        """What `gh` knows."""
        return self.temp / "hub"

    def body(self) -> str:
        """The text of the pull request."""
        return (self.hub / "body.md").read_text(encoding="utf-8")

    def job(
        self,
        inputs: Mapping[str, str] | None = None,
        event: str = "schedule",
        *,
        code: str | None = None,
        **github: str,
    ) -> Done:
        """Runs the action's scripts with these inputs; `github` are parts of the event; `code` is instead of a run."""
        done = Done(outputs={"install": self._installed(), "python": {"python-path": sys.executable}})
        if code is not None:
            done.outputs["run"] = {"exit-code": code}
            (self.temp / "enrich/reports").mkdir(parents=True, exist_ok=True)
            (self.temp / "enrich/reports/filled.md").touch()
            (self.temp / "enrich/reports/report.json").write_text('{"notes": []}', encoding="utf-8")
        known = {f"github.event.{name.replace('__', '.')}": text for name, text in github.items()}
        known |= {"github.token": "t0ken"}
        known |= {f"inputs.{name}": self._default(row["default"]) for name, row in ACTION["inputs"].items()}
        known |= {f"inputs.{name}": text for name, text in (inputs or {}).items()}
        for step in ACTION["runs"]["steps"]:
            name = step.get("id", step["name"])
            if "run" in step and name not in done.outputs and not done.code and _holds(step.get("if"), known, done):
                environment = {each: _evaluated(text, known, done) for each, text in step.get("env", {}).items()}
                self._step(name, step["run"], {"GITHUB_EVENT_NAME": event, **environment}, done)
        return done

    def _installed(self) -> dict[str, str]:
        return {"bin": str(self.bin), "name": "catalog-yaml", "folder": str(self.temp / "enrich")}

    def _default(self, text: str) -> str:
        return "t0ken" if "github.token" in text else text

    def _step(self, name: str, script: str, environment: Mapping[str, str], done: Done) -> None:
        (self.temp / "enrich").mkdir(exist_ok=True)
        outputs, summary, written = (self.temp / each for each in ("outputs", "summary.md", "step.sh"))
        outputs.write_text("", encoding="utf-8")
        summary.touch()
        written.write_text(script, encoding="utf-8")
        given = {
            "PATH": self.path,
            "HOME": str(self.folder),
            "PYTHONUTF8": "1",
            "CI": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_REF_NAME": "main",
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_REPOSITORY": "ada/papers",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temp),
            **environment,
        }
        called = [BASH, "--noprofile", "--norc", "-e", "-o", "pipefail", str(written)]
        ended = subprocess.run(
            called,
            cwd=self.checkout,
            env=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        rows = (line.partition("=") for line in outputs.read_text(encoding="utf-8").splitlines())
        done.outputs[name] = {each: text for each, _, text in rows}
        done.log += ended.stdout
        done.code = ended.returncode
        done.summary = summary.read_text(encoding="utf-8")


def _evaluated(text: str, known: Mapping[str, str], done: Done) -> str:
    """A value of `env`: text, or expressions of names with `||` between them."""
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: _value(match[1], known, done), str(text))


def _value(expression: str, known: Mapping[str, str], done: Done) -> str:
    for name in expression.split(" || "):
        if match := re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", name):
            value = done.outputs.get(match[1], {}).get(match[2], "")
        else:
            value = known.get(name, "")
        if value:
            return value
    return ""


def _holds(condition: str | None, known: Mapping[str, str], done: Done) -> bool:
    if condition is None:
        return True
    name, operator, text = condition.split(" ")
    assert operator == "=="
    return _value(name, known, done) == text.strip("'")
