"""Puts link checkers side by side on one list whose truth is known.

    python -m benchmarks.links run TOOL links.md OUT.json      # one tool, in whatever network this process is in
    python -m benchmarks.links table truth.jsonl NAME=OUT.json[,access.jsonl]...

The truth has one JSON object a line: `url`, `class` (ok, moved, broken, blocked, …), and where wanted `accept`, the
classes that are right as well, and `final`, where a moved link leads. An access log has one JSON object a request, with
`kind` "http". Tools must be on PATH; each runs with its defaults.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

COMMANDS: Mapping[str, Sequence[str]] = {
    "enrich": ("enrich", "check", "{md}", "--format", "json", "-o", "{out}", "--no-progress", "--cache-dir", "{dir}"),
    "lychee": ("lychee", "--format", "json", "-o", "{out}", "--no-progress", "-vv", "{md}"),
    "linkchecker": ("linkchecker", "--check-extern", "--verbose", "-F", "csv/utf-8/{out}", "{html}"),
    "linkinator": ("linkinator", "{html}", "--format", "json"),
    "markdown-link-check": ("markdown-link-check", "--verbose", "{md}"),
}
DEAD, ALIVE, OTHER = "dead", "alive", "neither"
_LINK = re.compile(r"\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)")


def run(tool: str, links: Path, out: Path) -> None:
    """Runs one tool over a Markdown list; writes {"seconds": …, "urls": {url: {"says": …, "new": …}}}."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        page = folder / "links.html"
        urls = list(dict.fromkeys(_LINK.findall(links.read_text())))
        page.write_text("<html><body>" + "".join(f'<a href="{escape(u)}">x</a>\n' for u in urls) + "</body></html>")
        report = folder / "out"
        report.write_text("")
        report.chmod(0o666)
        where = {"md": str(links), "html": str(page), "out": str(report), "dir": str(folder / "cache")}
        command = [part.format(**where) for part in COMMANDS[tool]]
        started = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        seconds = time.monotonic() - started
        said = READERS[tool](report.read_text() or done.stdout)
    out.write_text(json.dumps({"seconds": round(seconds, 1), "urls": said}))


def _enrich(text: str) -> dict[str, dict[str, str | None]]:
    says = {"broken": DEAD, "ok": ALIVE, "moved": ALIVE}
    return {
        row["url"]: {"says": says.get(row["verdict"], OTHER), "new": row["new_url"]}
        for row in json.loads(text)["links"]
    }


def _lychee(text: str) -> dict[str, dict[str, str | None]]:
    report = json.loads(text)
    found: dict[str, dict[str, str | None]] = {}
    for name, says in (("success_map", ALIVE), ("excluded_map", OTHER), ("error_map", DEAD), ("timeout_map", DEAD)):
        for rows in report.get(name, {}).values():
            found |= {row["url"]: {"says": says, "new": None} for row in rows}
    for rows in report.get("redirect_map", {}).values():
        for row in rows:
            steps = row["redirects"]
            if all(step["code"] in (301, 308) for step in steps):
                found.setdefault(row["origin"], {"says": ALIVE, "new": None})["new"] = steps[-1]["url"]
    return found


def _linkchecker(text: str) -> dict[str, dict[str, str | None]]:
    lines = [line.split(";") for line in text.splitlines() if line and not line.startswith("#")]
    head = lines[0]
    rows = [dict(zip(head, line, strict=False)) for line in lines[1:]]
    return {row["urlname"]: {"says": ALIVE if row.get("valid") == "True" else DEAD, "new": None} for row in rows}


def _linkinator(text: str) -> dict[str, dict[str, str | None]]:
    says = {"OK": ALIVE, "BROKEN": DEAD}
    rows = json.loads(text[text.index("{") :])["links"]
    return {row["url"]: {"says": says.get(row["state"], OTHER), "new": None} for row in rows}


def _markdown_link_check(text: str) -> dict[str, dict[str, str | None]]:
    says = {"✓": ALIVE, "✖": DEAD}
    rows = re.findall(r"^ +\[(.)\] (\S+) → Status: ", text, re.MULTILINE)
    return {url: {"says": says.get(mark, OTHER), "new": None} for mark, url in rows}


READERS = {
    "enrich": _enrich,
    "lychee": _lychee,
    "linkchecker": _linkchecker,
    "linkinator": _linkinator,
    "markdown-link-check": _markdown_link_check,
}


def table(truth: Path, results: Mapping[str, tuple[Path, Path | None]]) -> str:
    """The results against the truth, as a Markdown table."""
    known = [json.loads(line) for line in truth.read_text().splitlines()]
    heads = (
        *("checker", "good called dead", "dead called good", "dead neither", "walls called dead"),
        *("moves with their target", "missing", "requests", "seconds"),
    )
    lines = [f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for name, (out, log) in results.items():
        told = json.loads(out.read_text())
        said = {url.rstrip("/"): row for url, row in told["urls"].items()}
        counts = dict.fromkeys(("good", "dead", "unsure", "walls", "moves", "missing"), 0)
        moved = 0
        for fact in known:
            row = said.get(fact["url"].rstrip("/"))
            kind, accepted = fact["class"], {fact["class"], *(fact.get("accept") or ())}
            moved += kind == "moved"
            if row is None:
                counts["missing"] += 1
                continue
            counts["good"] += row["says"] == DEAD and kind in ("ok", "moved")
            counts["walls"] += row["says"] == DEAD and kind == "blocked"
            counts["dead"] += row["says"] == ALIVE and kind == "broken" and "ok" not in accepted
            counts["unsure"] += row["says"] == OTHER and kind == "broken"
            counts["moves"] += kind == "moved" and (row["new"] or "").rstrip("/") == fact.get("final", "").rstrip("/")
        requests = "" if log is None else sum('"kind": "http"' in line for line in log.read_text().splitlines())
        cells = (counts["good"], counts["dead"], counts["unsure"], counts["walls"], f"{counts['moves']} of {moved}")
        lines.append(
            f"| {name} | {' | '.join(map(str, cells))} | {counts['missing']} | {requests} | {told['seconds']} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """One of the two commands."""
    match arguments:
        case ["run", tool, links, out] if tool in COMMANDS:
            run(tool, Path(links).resolve(), Path(out).resolve())
        case ["table", truth, *named] if named:
            results = {}
            for text in named:
                name, _, paths = text.partition("=")
                out, _, log = paths.partition(",")
                results[name] = (Path(out), Path(log) if log else None)
            print(table(Path(truth), results))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
