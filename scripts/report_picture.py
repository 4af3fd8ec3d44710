"""The pictures of the documentation: the HTML report of `enrich demo` in Chromium, light and dark, into `docs/`.

Needs the extra `browser` and a Chromium on the PATH. `python scripts/report_picture.py`
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDE, PHONE = (1200, 900), (390, 844)
PICTURES = (
    ("report.png", False, WIDE, ""),
    ("report-dark.png", True, WIDE, ""),
    ("report-phone.png", False, PHONE, ""),
    ("report-entries.png", False, WIDE, "#entries"),
)
LARGEST = 300_000
"""Bytes of one picture."""


def main() -> int:
    """Run the demonstration in a temporary directory and take pictures of its report."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium and no google-chrome on the PATH: install one of them", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        environment = os.environ | {"TMPDIR": folder}
        subprocess.run((sys.executable, "-m", "enrich", "demo", "-q"), env=environment, check=True, capture_output=True)
        report = next(Path(folder).glob("enrich-demo-*/report.html"))
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, dark, (width, height), part in PICTURES:
            take(browser, report.as_uri() + part, DOCS / name, dark=dark, width=width, height=height)
        browser.close()
    return 0


def take(browser: Browser, address: str, picture: Path, *, dark: bool, width: int, height: int) -> None:
    """One picture of the page at an address; raises ValueError where it is larger than `LARGEST`."""
    picture.parent.mkdir(exist_ok=True)
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
    page.goto(address)
    taken = page.screenshot(path=picture)
    page.close()
    if len(taken) > LARGEST:
        raise ValueError(f"{picture} has {len(taken)} bytes, more than {LARGEST}")
    print(picture, len(taken))


if __name__ == "__main__":
    raise SystemExit(main())
