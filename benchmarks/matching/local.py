"""Candidates from a snapshot in place of the benchmark's own pool: the pool is built into one as arXiv's metadata."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.dumps import arxiv_id
from enrich.matching import Description, choose, described
from enrich.snapshots import KINDS, BuildListener, Snapshot, build


@contextmanager
def built(papers: Sequence[Description]) -> Iterator[Snapshot]:
    """Build the papers into a snapshot that is there while the block runs; their ids are by their places."""
    with tempfile.TemporaryDirectory() as folder:
        dump, place = Path(folder, "dump.jsonl"), Path(folder, "made.sqlite")
        with dump.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(_row(at, paper)) + "\n" for at, paper in enumerate(papers))
        build(KINDS["arxiv"], [dump], place, BuildListener(lambda _: None, print), now=datetime.now(UTC))
        with closing(Snapshot.open("arxiv", place)) as snapshot:
            yield snapshot


def _row(at: int, paper: Description) -> dict[str, object]:
    created = f"1 Jan {paper.year} 00:00:00 GMT" if paper.year else ""
    return {
        "id": arxiv_id(at),
        "title": paper.title,
        "authors_parsed": [["", name, ""] for name in paper.authors],
        "journal-ref": paper.venue,
        "versions": [{"version": "v1", "created": created}],
    }


def answer(
    ids: Sequence[str], papers: Sequence[Description], queries: Iterable[tuple[str, Description]]
) -> dict[str, str | None]:
    """The id that each query (by its own) is answered with from a snapshot, None where none is certainly meant."""
    numbered = {arxiv_id(at): name for at, name in enumerate(ids)}
    answers: dict[str, str | None] = {}
    with built(papers) as snapshot:
        for name, wanted in queries:
            records = snapshot.candidates(wanted.title or "")
            chosen, _ = choose(wanted, [described(record) for record in records])
            answers[name] = None if chosen is None else numbered[records[chosen].arxiv_id or ""]
    return answers
