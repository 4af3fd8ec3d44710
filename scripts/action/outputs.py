"""Prints what the reports in a folder say as outputs of a step: `python outputs.py FOLDER`; standard library only."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

FILES = {"filled": "filled.md", "badge": "badge.json", "junit": "report.xml", "markdown": "report.md"}
FORMATS = ("json", "html", "markdown", "sarif", "junit", "filled", "badge")


def main(folder: Path) -> None:
    """Print the outputs, one a line."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    # One catalog is a report, several are the reports of a whole.
    reports = report.get("catalogs", [report])
    findings = [finding for each in reports for finding in each["findings"] if finding["state"] != "fixed"]
    counts: Counter[str] = Counter()
    for each in reports:
        counts.update(each["counts"])
    print("counts=" + json.dumps(counts))
    for severity in ("error", "warning"):
        print(f"{severity}s={sum(finding['severity'] == severity for finding in findings)}")
    print(f"new={sum(finding['state'] == 'new' for finding in findings)}")
    for name in FORMATS:
        print(f"report-{name}={(folder / FILES.get(name, f'report.{name}')).as_posix()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
