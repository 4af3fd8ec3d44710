"""Prints what a run says besides its findings, such as new items of lists, as Markdown: `python notes.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MOST = 20
LONGEST = 300


def main(folder: Path) -> None:
    """Print the notes as a block of code, which nothing that strangers wrote can leave."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    notes = [note for each in report.get("catalogs", [report]) for note in each.get("notes", ())]
    if notes:
        print("\n### Notes\n")
    for note in notes[:MOST]:
        print("    " + " ".join(note.split())[:LONGEST])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
