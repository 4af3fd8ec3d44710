"""The picture of the terminal in the README: what `enrich demo` prints, in colour, into `docs/terminal.svg`.

`python scripts/terminal_picture.py`; a test holds its words equal to those of the program.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich import _export_format
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from enrich.report import as_json, text
from enrich.report.style import TextStyle

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "terminal.svg"
COLUMNS = 118
RULES = 6
"""Of so many rules a finding is shown."""

# Readers' browsers have a font: nothing is asked of another server.
_FORMAT = re.sub(r"\s*@font-face \{\{.*?\}\}", "", _export_format.CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> int:
    """Write the picture."""
    PICTURE.write_text(picture(), encoding="utf-8")
    return 0


def picture() -> str:
    """Run the demonstration and draw parts of its report."""
    with tempfile.TemporaryDirectory() as folder:
        asked = (sys.executable, "-m", "enrich", "demo", "-q")
        subprocess.run(asked, env=os.environ | {"TMPDIR": folder}, check=True, capture_output=True)
        report = as_json.read(next(Path(folder).glob("enrich-demo-*/report.json")).read_text(encoding="utf-8"))
    return drawn(excerpt(text.render(report, TextStyle(color=True, width=COLUMNS))))


def excerpt(shown: str) -> str:
    """Return the first finding of each of the first rules, with the lines below it, and the closing summary."""
    findings, _, closing = shown.rstrip("\n").rpartition("\n\n")
    groups: dict[str, str] = {}
    for finding in re.split(r"\n(?!    )", findings):
        groups.setdefault(re.split(r"\s{2,}", Text.from_ansi(finding).plain)[2], finding)
    return "\n".join([*list(groups.values())[:RULES], "…", "", closing])


def drawn(shown: str) -> str:
    """Return a picture of a terminal that shows a text with ANSI colours."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print("[bold]$[/bold] enrich demo")
    console.print(Text.from_ansi(shown), overflow="fold")
    return console.export_svg(title="enrich", theme=SVG_EXPORT_THEME, code_format=_FORMAT, unique_id="enrich")


if __name__ == "__main__":
    raise SystemExit(main())
