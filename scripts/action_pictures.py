"""The pictures of the action's pull request and issue, from a simulated night on the tutorial's list, into `docs/`.

Needs a Chromium on the PATH and the test tools. `python -m scripts.action_pictures`
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

from enrich.report import as_json, issue
from enrich.tracker import Night
from tests.loopback import Upstream
from tests.runner import Runner
from tests.test_docs import blocks

DOCS = Path(__file__).resolve().parent.parent / "docs"
STYLE = """\
body { margin: 0; background: #f6f8fa; color: #1f2328; font: 15px/1.5 "Segoe UI", "DejaVu Sans", sans-serif }
main { width: 880px; margin: 16px auto; padding: 4px 24px 12px; background: #fff; border: 1px solid #d1d9e0 }
main { border-radius: 6px }
h1 { font-size: 22px } h1 small { color: #59636e; font-weight: 400 } h3 { border-bottom: 1px solid #d1d9e0 }
code, pre { font: 13px "DejaVu Sans Mono", monospace; background: #f0f2f4; border-radius: 4px; padding: 1px 4px }
pre { padding: 12px } pre code { padding: 0 } a { color: #0969da; text-decoration: none }
ul { padding-left: 24px } .task-list-item { list-style: none; margin-left: -20px }
table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 4px 10px; text-align: left }
"""


def main() -> int:
    """Run a night and draw what it offers."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium and no google-chrome on the PATH: install one of them", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name, Upstream().serving() as upstream:
        runner = Runner(Path(name) / "night")
        runner.commit(README_md=blocks("docs/tutorial.md", "markdown")[0], enrich_toml=upstream.settings())
        runner.job({"lists": "README.md", "arguments": "--config=enrich.toml", "open-issue": "false"})
        report = as_json.read((runner.temp / "enrich/reports/report.json").read_text(encoding="utf-8"))
        found = issue.render(report, permalink="https://github.com/ada/papers/blob/main/")
        draw(chromium, html_of("Update metadata and links", runner.body()), DOCS / "pull-request.png", 590)
        title = Night("catalog.yaml", tuple(report.findings), lambda _: found, None, complete=True).title
        draw(chromium, html_of(title, found), DOCS / "issue.png", 640)
    return 0


def html_of(title: str, text: str) -> str:
    """Return a page that shows Markdown much as GitHub does."""
    body = MarkdownIt("gfm-like", {"linkify": False, "html": True}).use(tasklists_plugin).render(text)
    head = f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>"
    return f"{head}<main><h1>{title} <small>#1</small></h1>{body}</main>"


def draw(chromium: str, html: str, picture: Path, height: int) -> None:
    """Take a picture of a page."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(html, encoding="utf-8")
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size=960,{height}")
        subprocess.run((chromium, *flags, f"--screenshot={picture}", page.as_uri()), check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
