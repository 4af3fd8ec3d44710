"""Score `enrich import` on a folder of lists: `python -m benchmarks.lists FOLDER [--truth FILE] [--only NAME] [-v]`.

The truth is a JSONL file (FOLDER/truth.jsonl by default) with a row for each title that stands word for word in a list:
`{"list": "README.md", "line": 12, "title": "..."}`. Printed for each list are

- titles: entries called exactly that, of all in the truth;
- polluted: entries whose title holds one of them and more;
- papers: links to papers that an entry has, of all;
- mixed: entries with the arXiv ids of several papers;
- again: whether a second import changes anything.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from enrich import identifiers
from enrich.lists import cover, merge, read
from enrich.model import Entry, Scheme


@dataclass(frozen=True)
class Score:
    """What one list came to."""

    entries: int
    right: int
    wanted: int
    polluted: int
    taken: int
    links: int
    mixed: int
    stable: bool
    seconds: float
    missing: tuple[str, ...]


def fold(text: str | None) -> str:
    """Return a title's letters and digits."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def score(path: Path, titles: list[str]) -> Score:
    """Read one list and compare it with the titles that it holds."""
    text = path.read_text(encoding="utf-8", errors="replace")
    began = time.process_time()
    listed = read(text, path.name)
    new = merge([], [listed]).new
    seconds = time.process_time() - began
    again = merge(new, [listed])
    wanted = {fold(title): title for title in titles}
    held = {form for entry in new for form in _forms(entry)}
    coverage = cover(text, path.name, new)
    return Score(
        entries=len(new),
        right=sum(form in held for form in wanted),
        wanted=len(wanted),
        polluted=sum(_is_polluted(entry, wanted) for entry in new),
        taken=coverage.taken,
        links=coverage.links,
        mixed=sum(_is_mixed(entry) for entry in new),
        stable=not again.new and not again.links,
        seconds=seconds,
        missing=tuple(title for form, title in wanted.items() if form not in held),
    )


def _forms(entry: Entry) -> set[str]:
    name, title = fold(entry.name), fold(entry.title)
    return {name, title, name + title, fold((entry.title or "").partition(": ")[2])} - {""}


def _is_polluted(entry: Entry, wanted: dict[str, str]) -> bool:
    title, name = fold(entry.title), fold(entry.name)
    if not title or _forms(entry) & wanted.keys():
        return False
    longer = (form for form in wanted if len(form) > 12 and form in title and len(title) - len(form) > 3)
    return any(title != name + form for form in longer)


def _is_mixed(entry: Entry) -> bool:
    found = {named for link in entry.links for named in identifiers.of_url(link.url) if named.scheme is Scheme.ARXIV}
    return len(found) > 1


def main() -> int:
    """Print the scores; 1 where fewer than 97 % of the titles or 99.5 % of the papers are there."""
    parser = argparse.ArgumentParser(description="score `enrich import` on a folder of lists")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, help="default: truth.jsonl in the folder")
    parser.add_argument("--only", default="", help="the lists whose names hold this")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the titles that are missing")
    arguments = parser.parse_args()
    truth: dict[str, list[str]] = defaultdict(list)
    for line in (arguments.truth or arguments.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        truth[row["list"]].append(row["title"])
    scores = []
    for name in sorted(name for name in truth if arguments.only in name and (arguments.folder / name).exists()):
        found = score(arguments.folder / name, truth[name])
        scores.append(found)
        print(
            f"{name:60.60} entries {found.entries:5}  titles {found.right:4}/{found.wanted:<4}"
            f"  polluted {found.polluted:3}  papers {found.taken:4}/{found.links:<4}  mixed {found.mixed:2}"
            f"  {'ok' if found.stable else 'GROWS'}"
            f"  {found.seconds:.1f} s"
        )
        for title in found.missing if arguments.verbose else ():
            print(f"    missing: {title}")
    titles = sum(one.right for one in scores) / max(1, sum(one.wanted for one in scores))
    papers = sum(one.taken for one in scores) / max(1, sum(one.links for one in scores))
    print(f"{len(scores)} lists: titles {titles:.2%}, papers {papers:.2%}, polluted {sum(s.polluted for s in scores)}")
    return int(titles < 0.97 or papers < 0.995 or not all(one.stable for one in scores))


if __name__ == "__main__":
    sys.exit(main())
