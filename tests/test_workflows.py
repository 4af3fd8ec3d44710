"""The workflows, the action and the hook: what they call exists, and their scripts do what they say."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from enrich import commands
from enrich.cli import parser
from enrich.report import FORMATS, PARTS
from tests.forking import Forks
from tests.loopback import PATIENCE, Upstream
from tests.test_docs import help_of

ROOT = Path(__file__).resolve().parent.parent
BASH = shutil.which("bash") or "bash"
CATALOG = """\
version: 1
entries:
  - key: intranet
    type: other
    links:
      - {label: Notes, kind: notes, url: "http://10.0.0.5/"}
"""


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return loaded


def workflow(name: str) -> dict[str, Any]:
    return load(f".github/workflows/{name}.yml")


ACTION = load("action.yml")
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}


def steps() -> Iterator[dict[str, Any]]:
    """Every step of every workflow, and of the action."""
    yield from STEPS.values()
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in workflow(path.stem)["jobs"].values():
            yield from job["steps"]


def test_ci_runs_the_check_on_every_python_that_is_promised() -> None:
    job = workflow("ci")["jobs"]["check"]
    promised = re.findall(
        r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    assert job["strategy"]["matrix"]["python"] == promised
    assert job["steps"][-1] == {"run": ".ci/run"}


def test_nothing_is_pasted_into_scripts_and_what_is_used_is_pinned() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}|\./|", step.get("uses", ""))


def test_workflows_ask_for_no_more_than_they_say_why() -> None:
    for name in ("ci", "nightly", "canary"):
        assert workflow(name)["permissions"] == {}
    text = (ROOT / ".github/workflows/nightly.yml").read_text(encoding="utf-8")
    assert len(re.findall(r": write +#", text)) == len(re.findall(r": write", text)) - 1  # pages says it by its name


def test_the_canary_workflow_calls_what_there_is_and_keeps_the_replies() -> None:
    steps = workflow("canary")["jobs"]["canary"]["steps"]
    (line,) = [step["run"] for step in steps if step.get("name") == "Ask the canaries"]
    given = parser().parse_args(shlex.split(line)[1:])
    assert (given.command, given.live, given.open_issue) == ("doctor", True, True)
    assert steps[-1]["if"] == "always()"  # deviations make the step before red
    for path in (given.output, given.save):
        assert path.is_relative_to(steps[-1]["with"]["path"])


def test_the_nightly_workflow_gives_the_action_what_it_takes() -> None:
    by_id = {step.get("id"): step for step in workflow("nightly")["jobs"]["enrich"]["steps"]}
    assert by_id["enrich"]["uses"] == "./"
    assert by_id["enrich"]["with"].keys() <= ACTION["inputs"].keys()
    used = set(re.findall(r"steps\.enrich\.outputs\.([\w-]+)", str(workflow("nightly"))))
    assert used <= ACTION["outputs"].keys()


def test_the_action_calls_what_there_is_and_keeps_what_it_paid_for() -> None:
    script = (ROOT / "scripts/action/run.sh").read_text(encoding="utf-8")
    for flag in re.findall(r"(?<=[ (])--[a-z-]+", script):
        assert flag in help_of("run") + help_of("import")
    assert set(re.findall(r"(\w+)=(?:report|annotations)\.", script)) <= set(FORMATS) | set(PARTS)
    save, restore = STEPS["Save answers and history"], STEPS["Restore answers and history"]
    assert save["if"].startswith("always()")
    assert STEPS["Keep the reports"]["if"].startswith("always()")
    assert save["with"].items() <= restore["with"].items()
    assert restore["with"]["key"].startswith(restore["with"]["restore-keys"])


def test_every_input_of_the_action_is_used_and_every_output_is_made() -> None:
    rest = str(ACTION["runs"])
    for name in ACTION["inputs"]:
        assert f"inputs.{name}" in rest
    for name, output in ACTION["outputs"].items():
        step = "pull-request" if name == "pull-request-url" else "run"
        assert output["value"] == f"${{{{ steps.{step}.outputs.{name} }}}}"


def start_step(name: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """A step's script on its way, as GitHub's runner calls it."""
    (folder / "outputs").write_text("", encoding="utf-8")
    (folder / "step.sh").write_text(STEPS[name]["run"], encoding="utf-8")
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONUTF8": "1",
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(folder),
        **environment,
    }
    called = [BASH, "--noprofile", "--norc", "-e", "-o", "pipefail", str(folder / "step.sh")]
    return subprocess.Popen(
        called, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


def end_step(step: subprocess.Popen[str], folder: Path) -> tuple[int, str, dict[str, str]]:
    """The exit code, the log and the outputs of a step."""
    log, _ = step.communicate()
    rows = (line.partition("=") for line in (folder / "outputs").read_text(encoding="utf-8").splitlines())
    return step.returncode, log, {name: value for name, _, value in rows}


def run_step(name: str, folder: Path, **environment: str) -> tuple[int, str, dict[str, str]]:
    return end_step(start_step(name, folder, **environment), folder)


def of_enrich(folder: Path, **environment: str) -> dict[str, str]:
    """The environment of the step that runs enrich."""
    given = {
        "ARGUMENTS": "--offline",
        "BIN": str(Path(sys.executable).parent),
        "CATALOG": "catalog.yaml",
        "DEADLINE": "",
        "FAIL_ON": "",
        "FOLDER": str(folder / "my folder"),
        "LISTS": "",
        "ONLY_MISSING": "true",
        "OPEN_ISSUE": "false",
        "REVIEW": "false",
        "SINCE": "",
    }
    return {**given, **environment}


def run_enrich(folder: Path, **environment: str) -> tuple[int, str, dict[str, str]]:
    return run_step("Run enrich", folder, **of_enrich(folder, **environment))


def test_the_action_runs_enrich_and_tells_what_came_out(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    code, log, outputs = run_enrich(tmp_path)
    assert (code, outputs["exit-code"]) == (0, "1"), log
    assert (outputs["errors"], outputs["warnings"], outputs["new"]) == ("1", "0", "1")
    assert json.loads(outputs["counts"])["unsafe"] == 1
    for name in ("json", "html", "markdown", "sarif", "junit"):
        assert Path(outputs[f"report-{name}"]).stat().st_size
    assert "::error file=catalog.yaml,line=6" in log
    assert "Unsafe" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert len(list((tmp_path / "my folder" / "cache").glob("catalogs/*/history.json"))) == 1
    assert set(outputs) | {"pull-request-url"} == set(ACTION["outputs"])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_signal_of_a_runner_reaches_enrich(tmp_path: Path, upstream: Upstream, how: signal.Signals) -> None:
    bench = upstream.bench(tmp_path / "here")
    entry = f"  - {{key: slow, type: blog, links: ['{upstream.url('pages/slow')}']}}\n"
    bench.write("catalog.yaml", f"version: 1\nentries:\n{entry}")
    with upstream.silent() as asked:
        step = start_step(
            "Run enrich", bench.folder, **of_enrich(bench.folder, ARGUMENTS="--no-metadata\n--config=enrich.toml")
        )
        assert asked.wait(PATIENCE)
        step.send_signal(how)  # to the process that the runner started, and to no other
        code, log, outputs = end_step(step, bench.folder)
    assert (code, outputs["exit-code"]) == (0, "130"), log
    assert json.loads(Path(outputs["report-json"]).read_text(encoding="utf-8"))["partial"] is True
    assert "::warning title=Partial report::" in log
    assert list((bench.folder / "my folder" / "cache").rglob("history.json"))


def test_the_action_stops_asking_in_time(tmp_path: Path, forking: Forks) -> None:
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    assert run_enrich(tmp_path, BIN=str(forking.programs), DEADLINE="soon")[2] == {"exit-code": "2"}
    assert (
        run_enrich(tmp_path, BIN=str(forking.programs), DEADLINE=ACTION["inputs"]["deadline"]["default"])[2][
            "exit-code"
        ]
        == "1"
    )
    job = workflow("nightly")["jobs"]["enrich"]
    given = next(step["with"]["deadline"] for step in job["steps"] if step.get("id") == "enrich")
    assert parser().parse_args(["run", "--deadline", given]).deadline < job["timeout-minutes"] * 60


def test_the_action_passes_flags_on_as_they_are(tmp_path: Path, forking: Forks) -> None:
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    _, _, outputs = run_enrich(
        tmp_path, BIN=str(forking.programs), FAIL_ON="never", ARGUMENTS="--offline\n\n--entry\nintranet\n"
    )
    assert outputs["exit-code"] == "0"
    code, log, outputs = run_enrich(
        tmp_path, BIN=str(forking.programs), ARGUMENTS="--entry=$(touch pwned); `touch pwned`"
    )
    assert (code, outputs) == (0, {"exit-code": "2"}), log
    assert not (tmp_path / "pwned").exists()


def test_several_catalogs_are_one_run_and_need_their_own_lists(tmp_path: Path, forking: Forks) -> None:
    (tmp_path / "lists").mkdir()
    for name in ("papers.yaml", "lists/one.yaml", "lists/two.yaml"):
        (tmp_path / name).write_text(CATALOG, encoding="utf-8")
    catalogs = "papers.yaml\n\n  lists/*.yaml  \n"
    code, log, outputs = run_enrich(tmp_path, BIN=str(forking.programs), CATALOG=catalogs)
    assert (code, outputs["exit-code"], outputs["errors"], outputs["new"]) == (0, "1", "3", "3"), log
    assert json.loads(outputs["counts"])["unsafe"] == 3
    code, log, outputs = run_enrich(tmp_path, BIN=str(forking.programs), CATALOG=catalogs, LISTS="README.md")
    assert (code, outputs) == (0, {"exit-code": "2"})
    assert "`lists` needs exactly one catalog" in log


def test_a_catalog_whose_name_looks_like_a_flag_is_a_catalog(tmp_path: Path, forking: Forks) -> None:
    (tmp_path / "--help").write_text(CATALOG, encoding="utf-8")
    assert run_enrich(tmp_path, BIN=str(forking.programs), CATALOG="--help")[2]["exit-code"] == "1"


@pytest.mark.parametrize(
    ("code", "fail_job", "ends_with", "says"),
    [
        (commands.CLEAN, "true", 0, ""),
        (commands.FINDINGS, "true", 1, "::error::"),
        (commands.FINDINGS, "false", 0, ""),
        (commands.CANNOT_RUN, "false", 2, "::error::enrich could not run (exit code 2)"),
        (commands.NOT_ALL_ASKED, "true", 0, "::warning::"),
        (commands.INTERRUPTED, "false", 130, "::error::"),
    ],
)
def test_the_job_is_red_for_findings_and_for_what_cannot_run(
    code: int, fail_job: str, ends_with: int, says: str, tmp_path: Path
) -> None:
    ended, log, _ = run_step("Judge", tmp_path, CODE=str(code), FAIL_JOB=fail_job)
    assert ended == ends_with
    assert log.startswith(says)
    assert bool(log) == bool(says)


@pytest.mark.parametrize("programs", ["bin", "Scripts"])
def test_the_action_installs_itself_on_unix_and_on_windows(programs: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/usr/bin/env bash\n"
        f'if [ "$3" = venv ]; then mkdir -p "$4/{programs}"; cp "$0" "$4/{programs}/python"; else echo "$@"; fi\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    temp = str(tmp_path).replace("/", "\\") if programs == "Scripts" else str(tmp_path)
    code, log, outputs = run_step(
        "Install enrich", tmp_path, PYTHON=str(python), CATALOG="lists/my, list.yaml", RUNNER_TEMP=temp
    )
    assert code == 0, log
    assert log.strip() == f"-I -m pip install --quiet --disable-pip-version-check {ROOT}"
    assert outputs == {
        "bin": f"{tmp_path}/enrich/venv/{programs}",
        "name": "lists-my--list-yaml",
        "folder": f"{tmp_path}/enrich/lists-my--list-yaml",
    }


PLANTED = (
    *("json.py", "pathlib.py", "venv.py", "site.py", "sitecustomize.py", "usercustomize.py", "runpy.py", "asyncio.py"),
    *("pip/__init__.py", "pip/__main__.py", "ensurepip/__init__.py", "enrich/__init__.py", "enrich/__main__.py"),
)


def plant(folder: Path) -> None:
    """Modules of the list's repository that leave a mark where one is run."""
    for name in PLANTED:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(folder / 'ran')!r}, 'a').write({name!r})\n", encoding="utf-8")


def test_the_action_runs_no_module_of_the_checkout(tmp_path: Path) -> None:
    plant(tmp_path)
    # In the place of what each module is to do it is asked for its help: that takes no network.
    python = tmp_path / "python"
    python.write_text(
        "#!/usr/bin/env bash\n"
        'given=("$@")\n'
        'for place in "${!given[@]}"; do\n'
        '  if [ "${given[place]}" = -m ]; then called=("${given[@]:0:place+2}"); module="${given[place+1]}"; fi\n'
        "done\n"
        'if [ "$module" = venv ]; then mkdir -p "${@: -1}/bin"; cp "$0" "${@: -1}/bin/python"; fi\n'
        f'{shlex.quote(sys.executable)} "${{called[@]}}" --help || true\n'
        f"{shlex.quote(sys.executable)} -P -c 'import json'\n",  # as pip's own do, which build
        encoding="utf-8",
    )
    python.chmod(0o755)
    given = {"PYTHON": str(python), "CATALOG": "catalog.yaml", "PYTHONPATH": "."}
    code, log, _ = run_step("Install enrich", tmp_path, **given)
    assert code == 0, log
    assert "usage: venv" in log
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    code, log, outputs = run_enrich(tmp_path, PYTHONPATH=".", PYTHONSTARTUP="json.py", PYTHONHOME="")
    assert (code, outputs["exit-code"], outputs["errors"]) == (0, "1", "1"), log
    assert not (tmp_path / "ran").exists()


def test_the_hook_looks_at_changed_entries_only_and_writes_nothing(tmp_path: Path, forking: Forks) -> None:
    hook, validate = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert parser().parse_args([*shlex.split(validate["entry"])[1:], "catalog.yaml"]).command == "validate"
    assert re.search(hook["files"], "lists/catalog.yaml")
    git = ("git", "-C", str(tmp_path), "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG, encoding="utf-8")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "A list")):
        subprocess.run([*git, *words], check=True)

    def called() -> int:
        paths = os.pathsep.join((str(forking.programs), os.environ["PATH"]))
        words = [*shlex.split(hook["entry"]), "--offline", "catalog.yaml"]
        given = os.environ | {"PATH": paths, "ENRICH_CACHE_DIR": str(tmp_path / "cache")}
        return subprocess.run(words, cwd=tmp_path, env=given, capture_output=True, check=False).returncode

    assert called() == 0
    path.write_text(CATALOG + CATALOG.partition("entries:\n")[2].replace("intranet", "two"), encoding="utf-8")
    before = path.read_bytes()
    assert called() == 1
    assert path.read_bytes() == before
    assert not list((tmp_path / "cache").rglob("history.json"))
