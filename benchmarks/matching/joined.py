"""A file of titles against a snapshot: both are joined in DuckDB by pairs of rare words, then the matcher decides.

Of each title the three rarest words make three keys, one for each pair; a title of fewer words is a key as a whole.
Titles that have a key in common are compared. The file is JSON Lines: `title`, optionally `authors`, `year`, `venue`,
and `answer`, the right identifier (null: none), from which the shares are counted.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from enrich.matching import Description, choose, described
from enrich.snapshots import Snapshot
from enrich.snapshots.parquet import connect_duckdb
from enrich.snapshots.titles import indexed_words

_MEMORY = "3GB"

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


def _answers(snapshot: Snapshot, wanted: Sequence[Description], found: Mapping[int, list[str]]) -> Iterator[str | None]:
    for at, each in enumerate(wanted):
        records = list(snapshot.records(found.get(at, ())).values())
        chosen, _ = choose(each, [described(record) for record in records])
        yield None if chosen is None else records[chosen].arxiv_id or records[chosen].doi


def main(place: Path, kind: str, titles: Path) -> None:
    """Answer the titles, one JSON line each, and print the shares where the answers are known."""
    with titles.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    wanted = [
        Description(row["title"], authors=tuple(row.get("authors") or ()), year=row.get("year"), venue=row.get("venue"))
        for row in rows
    ]
    started = time.process_time()
    with closing(Snapshot.open(kind, place)) as snapshot:
        found = candidates(snapshot, [each.title or "" for each in wanted])
        joined = time.process_time() - started
        answers = list(_answers(snapshot, wanted, found))
    spent = time.process_time() - started
    output = titles.with_suffix(".answers.jsonl")
    with output.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"title": r["title"], "id": a}) + "\n" for r, a in zip(rows, answers, strict=True))
    print(f"{len(rows):,} titles in {spent:.0f} s of processor time, {joined:.0f} of them for the join; {output}")
    known = [at for at, row in enumerate(rows) if row.get("answer")]
    if known:
        among = sum(rows[at]["answer"] in found.get(at, ()) for at in known)
        right = sum(answers[at] == rows[at]["answer"] for at in known)
        given = sum(answer is not None for answer in answers)
        mean = sum(map(len, found.values())) / len(rows)
        print(f"right one among {mean:.1f} candidates: {among / len(known):.2%}")
        print(f"answered: recall {right / len(known):.2%}, precision {right / max(1, given):.2%}")
