"""A file of titles against a snapshot: both are joined in DuckDB by pairs of rare words, then the matcher decides.

Of each title the three rarest words make three keys, one for each pair; a title of fewer words is a key as a whole.
Titles that have a key in common are compared, by one process per core. A title that none of them matches is searched
for in the snapshot, as in a run. The file is JSON Lines: `title`, optionally `authors`, `year`, `venue`, and `answers`,
the right identifiers (none where the paper is not in the snapshot), from which the shares are counted.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from enrich.matching import Description, choose, described
from enrich.model import Record
from enrich.snapshots import Snapshot
from enrich.snapshots.parquet import connect_duckdb
from enrich.snapshots.titles import indexed_words

_MEMORY = "3GB"
_CHUNK = 1_000  # titles that a process compares at a time

_WORDS = """
    SELECT id, unnest(string_split(words, ' ')) AS word FROM read_csv(
        ?, delim = '\t', quote = '', header = false, columns = {'id': 'VARCHAR', 'words': 'VARCHAR'}
    )
"""
_RAREST = "SELECT id, list(word ORDER BY rows, word)[:3] AS rare FROM {} JOIN counts USING (word) GROUP BY id"
_KEYS = """
    SELECT id, unnest([
        hash(least(rare[1], rare[2]), greatest(rare[1], rare[2])),
        hash(least(rare[1], rare[3]), greatest(rare[1], rare[3])),
        hash(least(rare[2], rare[3]), greatest(rare[2], rare[3]))
    ][:CASE len(rare) WHEN 3 THEN 3 ELSE 1 END]) AS key FROM ({})
"""
# At most 8 rows are compared with a title.
_JOIN = """
    SELECT name, id FROM (SELECT asked.id AS name, known.id AS id, count(*) AS shared
    FROM asked JOIN known USING (key) GROUP BY ALL)
    QUALIFY row_number() OVER (PARTITION BY name ORDER BY shared DESC, id) <= 8
"""


def candidates(snapshot: Snapshot, titles: Sequence[str]) -> Mapping[int, list[str]]:
    """The identifiers of the rows that each title, by its place, is compared with."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(connect_duckdb(memory_limit=_MEMORY, temp_directory=folder)) as base,
    ):
        rows, asked = Path(folder, "rows.tsv"), Path(folder, "asked.tsv")
        _write(rows, snapshot.titles())
        _write(asked, ((str(at), title) for at, title in enumerate(titles)))
        base.execute(f"CREATE TABLE row_words AS {_WORDS}", [str(rows)])
        base.execute(f"CREATE TABLE asked_words AS {_WORDS}", [str(asked)])
        base.execute("CREATE TABLE counts AS SELECT word, count(*) AS rows FROM row_words GROUP BY word")
        base.execute(f"CREATE TABLE known AS {_KEYS.format(_RAREST.format('row_words'))}")
        base.execute(f"CREATE TABLE asked AS {_KEYS.format(_RAREST.format('asked_words'))}")
        found: defaultdict[int, list[str]] = defaultdict(list)
        for at, row_id in base.execute(_JOIN).fetchall():
            found[int(str(at))].append(str(row_id))
    return found


def _write(path: Path, titles: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{name}\t{' '.join(indexed_words(title))}\n" for name, title in titles)


class _Answer(NamedTuple):
    identifier: str | None
    candidates: int
    is_searched: bool
    is_among: bool  # whether one of the right identifiers is a candidate


def _compare(rows: Sequence[tuple[Mapping[str, Any], Sequence[str]]], *, place: Path, kind: str) -> list[_Answer]:
    """Compare titles with the records that the join found for each, then with those of a search."""
    with closing(Snapshot.open(kind, place)) as snapshot:
        return [_answer(snapshot, row, ids) for row, ids in rows]


def _answer(snapshot: Snapshot, row: Mapping[str, Any], ids: Sequence[str]) -> _Answer:
    wanted = Description(
        row["title"], authors=tuple(row.get("authors") or ()), year=row.get("year"), venue=row.get("venue")
    )
    records: Sequence[Record] = tuple(snapshot.records(ids).values())
    chosen, _ = choose(wanted, [described(record) for record in records])
    if is_searched := chosen is None:
        records = snapshot.candidates(row["title"])
        chosen, _ = choose(wanted, [described(record) for record in records])
    named = [record.arxiv_id or record.doi for record in records]
    is_among = not {*ids, *named}.isdisjoint(row.get("answers") or ())
    return _Answer(None if chosen is None else named[chosen], len(records), is_searched, is_among)


def main(place: Path, kind: str, titles: Path) -> None:
    """Answer the titles, one JSON line each, and print the shares where the answers are known."""
    with titles.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    started = time.monotonic()
    with closing(Snapshot.open(kind, place)) as snapshot:
        found = candidates(snapshot, [row["title"] for row in rows])
    joined = time.monotonic() - started
    chunks = [
        [(rows[at], found.get(at, ())) for at in range(start, min(start + _CHUNK, len(rows)))]
        for start in range(0, len(rows), _CHUNK)
    ]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        answers = [each for chunk in processes.map(partial(_compare, place=place, kind=kind), chunks) for each in chunk]
    spent = time.monotonic() - started
    output = titles.with_suffix(".answers.jsonl")
    with output.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"title": row["title"], "id": each.identifier}) + "\n"
            for row, each in zip(rows, answers, strict=True)
        )
    searched = sum(each.is_searched for each in answers)
    print(f"{len(rows):,} titles in {spent:.0f} s, {joined:.0f} of them for the join; {searched:,} searched; {output}")
    _print_shares([(row["answers"], each) for row, each in zip(rows, answers, strict=True) if "answers" in row])


def _print_shares(known: Sequence[tuple[Sequence[str], _Answer]]) -> None:
    there = [(right, each) for right, each in known if right]
    given = [(right, each) for right, each in known if each.identifier is not None]
    if there and given:
        among = sum(each.is_among for _, each in there) / len(there)
        mean = sum(each.candidates for _, each in known) / len(known)
        right = sum(each.identifier in answers for answers, each in given)
        print(f"right one among {mean:.1f} candidates: {among:.2%}")
        print(f"answered: recall {right / len(there):.2%}, precision {right / len(given):.2%}")
