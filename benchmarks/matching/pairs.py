"""Whether a link's record is the entry's paper: pairs of an identifier and a title, right ones and wrong ones.

A folder of pairs holds `catalog.yaml` (entries with one arXiv link each), `truth.json` (the key of each entry to
`right` or `wrong`; what precedes the last hyphen of a key is the pair's kind) and `facts/papers.jsonl` (a paper a line:
title, authors, year, arxiv_id, abstract). The entry's own title is searched for among these papers where a run would
search for it. No network is asked.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from enrich import catalog, judge
from enrich.matching import fold
from enrich.model import Entry, Record
from enrich.pipeline.clues import clues
from enrich.pipeline.resolve.paper import Lead, Paper

FILLED, WRONG, DOUBTFUL = "filled", "wrong-paper", "ambiguous"


def answer(folder: Path) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """Return the truth, the outcome and the entry's title beside the record's, each by the key of the entry."""
    with (folder / "facts" / "papers.jsonl").open(encoding="utf-8") as lines:
        records = [_record(json.loads(line)) for line in lines]
    known = {record.arxiv_id: record for record in records}
    titled: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        titled[fold(record.title or "")].append(record)
    entries = catalog.load(folder / "catalog.yaml").entries
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    shown = {
        entry.key: f"{entry.title} [{', '.join(entry.own.authors)}] / "
        + "; ".join(str(known[clue.identifier.value].title) for clue in clues(entry) if clue.identifier.value in known)
        for entry in entries
    }
    return truth, {entry.key: _outcome(entry, known, titled) for entry in entries}, shown


def _record(row: Mapping[str, object]) -> Record:
    authors = row["authors"] if isinstance(row["authors"], list) else []
    year = row.get("year")
    return Record(
        source="arxiv",
        title=str(row["title"]),
        authors=tuple(map(str, authors)),
        year=year if isinstance(year, int) else None,
        arxiv_id=str(row["arxiv_id"]),
        abstract=str(row.get("abstract") or "") or None,
    )


def _outcome(entry: Entry, known: Mapping[str | None, Record], titled: Mapping[str, Iterable[Record]]) -> str:
    paper = Paper(entry, clues(entry))
    found = [(clue, known[clue.identifier.value]) for clue in paper.clues if clue.identifier.value in known]
    paper.follow([Lead(clue.where, [r], judge.identity(entry, [r]), clue.matched_by, clue.is_own) for clue, r in found])
    if words := paper.title_in_question():
        paper.settle(titled.get(fold(words.text), ()))
    return WRONG if paper.wrong else DOUBTFUL if paper.doubts else FILLED


def table(truth: Mapping[str, str], outcomes: Mapping[str, str]) -> str:
    """Return what became of each kind of pair, one a line, and the four shares."""
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, outcome in outcomes.items():
        kinds[key.rpartition("-")[0] or key][outcome] += 1
        sums[truth[key]][outcome] += 1
    columns = (FILLED, DOUBTFUL, WRONG)
    lines = [f"{'kind':<28}" + "".join(f"{column:>13}" for column in columns)]
    rows = [*sorted(kinds.items()), *((f"all {side}", sums[side]) for side in ("right", "wrong"))]
    lines += [f"{kind:<28}" + "".join(f"{counts[column]:>13}" for column in columns) for kind, counts in rows]
    right, wrong = (max(1, sums[side].total()) for side in ("right", "wrong"))
    caught = sums["wrong"].total() - sums["wrong"][FILLED]
    good, alarms, missed = sums["right"][FILLED], sums["right"][WRONG], sums["wrong"][FILLED]
    lines += [
        f"right pairs filled {good / right:.2%}, called wrong-paper {alarms / right:.2%}",
        f"wrong pairs filled {missed / wrong:.2%}, caught {caught / wrong:.2%}",
    ]
    return "\n".join(lines)


def errors(truth: Mapping[str, str], outcomes: Mapping[str, str], shown: Mapping[str, str]) -> list[str]:
    """Return the pairs that came out wrong."""
    return [
        f"{key} {outcome}: {shown[key]}"
        for key, outcome in outcomes.items()
        if (truth[key] == "right") is not (outcome == FILLED)
    ]
