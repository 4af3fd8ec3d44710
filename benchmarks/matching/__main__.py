"""How often the matching finds the right paper: `python -m benchmarks.matching FOLDER [--json] [--errors]`.

Two questions: which paper is meant by a title, and whether the paper that a link leads to is the entry's. For the first
FOLDER holds `pool.jsonl.gz` (a record a line: id, title, authors, year, venue) and `queries.jsonl` (id, title, noise,
sometimes authors and year, and answers: the ids that are right, none where the paper is not in the pool).
A query is answered with one id or with none. Precision is right ids of ids given, recall is right ids of queries that
have an answer. For the second FOLDER is a folder of pairs; see `benchmarks/matching/pairs.py`.
"""

from __future__ import annotations

import argparse
import gzip
import heapq
import json
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from benchmarks.matching import joined, local, pairs
from enrich.matching import Description, choose, fold, tokens

CANDIDATES = 25
"""How many records of the pool are compared with a query."""

RARE_WORDS = 5
"""By how many of a title's words, the rarest ones, records are looked up."""

EDGE = 10
"""Letters: records are also looked up by so many at the beginning and at the end of the title."""


@dataclass(frozen=True)
class Query:
    """A title as somebody might have listed it, and the ids of the records that it means."""

    id: str
    noise: str
    paper: Description
    answers: frozenset[str]


class Pool:
    """Records that can be looked up by a title that resembles theirs."""

    def __init__(self, papers: Sequence[Description]) -> None:
        self.papers = papers
        self.folded = [fold(paper.title or "") for paper in papers]
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        for place, paper in enumerate(papers):
            for key in self._keys(paper.title or "", self.folded[place]):
                self.places[key].append(place)

    @staticmethod
    def _keys(title: str, folded: str) -> Iterable[str]:
        return {*tokens(title), f"={folded}", f"^{folded[:EDGE]}", f"${folded[-EDGE:]}"}

    def candidates(self, title: str) -> list[int]:
        """The places of the records whose titles resemble the title most, the likeliest first."""
        folded = fold(title)
        found = {key: self.places[key] for key in self._keys(title, folded) if key in self.places}
        rarest = sorted(found, key=lambda key: (key[0].isalnum(), len(found[key]), key))[: RARE_WORDS + 3]
        weights: defaultdict[int, float] = defaultdict(float)
        for key in rarest:
            weight = math.log(1 + len(self.papers) / len(found[key]))
            for place in found[key]:
                weights[place] += weight
        likely = heapq.nlargest(8 * CANDIDATES, weights, key=weights.__getitem__)
        names = {place: self.folded[place] for place in likely}
        nearest = process.extract(folded, names, scorer=fuzz.ratio, limit=CANDIDATES)
        return list(dict.fromkeys([*(place for _, _, place in nearest), *likely[: CANDIDATES // 2]]))


def described(row: dict[str, Any]) -> Description:
    """What a line of either file says of a paper."""
    return Description(
        title=row["title"], authors=tuple(row.get("authors") or ()), year=row.get("year"), venue=row.get("venue")
    )


def read(folder: Path) -> tuple[list[str], list[Description], list[Query]]:
    """The ids and the descriptions of the pool, and the queries."""
    with gzip.open(folder / "pool.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with (folder / "queries.jsonl").open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    queries = [Query(row["id"], row["noise"], described(row), frozenset(row["answers"])) for row in asked]
    return [row["id"] for row in rows], [described(row) for row in rows], queries


def answer(ids: Sequence[str], papers: Sequence[Description], queries: Iterable[Query]) -> dict[str, str | None]:
    """The id that each query is answered with, None where no record is certainly meant."""
    pool = Pool(papers)
    answers: dict[str, str | None] = {}
    for query in queries:
        places = pool.candidates(query.paper.title or "")
        chosen, _ = choose(query.paper, [papers[place] for place in places])
        answers[query.id] = None if chosen is None else ids[places[chosen]]
    return answers


@dataclass(frozen=True)
class Figures:
    """How many queries there are, how many have an answer, how many were answered, how many of these rightly."""

    asked: int
    answerable: int
    given: int
    right: int

    @property
    def precision(self) -> float:
        """Right answers among those given."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Right answers among the queries that have one."""
        return self.right / self.answerable if self.answerable else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def figures(queries: Sequence[Query], answers: dict[str, str | None]) -> Figures:
    """Count how the queries were answered."""
    return Figures(
        asked=len(queries),
        answerable=sum(bool(query.answers) for query in queries),
        given=sum(answers[query.id] is not None for query in queries),
        right=sum(answers[query.id] in query.answers for query in queries),
    )


def table(queries: Sequence[Query], answers: dict[str, str | None]) -> str:
    """The figures for each kind of noise and for all, one a line."""
    kinds: defaultdict[str, list[Query]] = defaultdict(list)
    for query in queries:
        kinds[query.noise].append(query)
    rows = [(kind, figures(kinds[kind], answers)) for kind in sorted(kinds)] + [("all", figures(queries, answers))]
    lines = [f"{'noise':<18}{'queries':>8}{'given':>7}{'right':>7}{'precision':>11}{'recall':>9}{'F1':>9}"]
    lines += [
        f"{kind:<18}{row.asked:>8}{row.given:>7}{row.right:>7}{row.precision:>11.2%}{row.recall:>9.2%}{row.f1:>9.2%}"
        for kind, row in rows
    ]
    return "\n".join(lines)


def errors(
    queries: Sequence[Query], answers: dict[str, str | None], ids: Sequence[str], papers: Sequence[Description]
) -> Iterable[str]:
    """Each query that was answered wrongly or not at all though it has an answer, with what speaks for and against."""
    by_id = dict(zip(ids, papers, strict=True))
    for query in queries:
        given = answers[query.id]
        if given in query.answers or (given is None and not query.answers):
            continue
        yield f"{'WRONG' if given else 'none'} {query.id} ({query.noise}): {_shown(query.paper)}"
        for key in sorted({*query.answers, *({given} if given else ())}):
            (match,) = choose(query.paper, [by_id[key]])[1]
            reasons = "; ".join((*match.evidence, *(f"but {reason}" for reason in match.against)))
            yield f"    {'=' if key in query.answers else '-'} {key} {_shown(by_id[key])}: {match.likeness} ({reasons})"


def _shown(paper: Description) -> str:
    authors = ", ".join(name[:40] for name in paper.authors[:4])
    return f"{paper.title} [{authors}; {paper.venue or '-'} {paper.year or '-'}]"


def _judge_pairs(folder: Path, *, as_json: bool, all_errors: bool) -> None:
    truth, outcomes, shown = pairs.answer(folder)
    if as_json:
        print(json.dumps(outcomes))
        return
    print(pairs.table(truth, outcomes))
    wrong = pairs.errors(truth, outcomes, shown)
    print("\nErrors:", *(wrong if all_errors else wrong[:30]), sep="\n")


def main() -> None:
    """Read the folder, answer, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", type=Path, nargs="?", help="holds queries.jsonl and pool.jsonl.gz, or the files of pairs"
    )
    parser.add_argument("--local", action="store_true", help="take the candidates from a snapshot of the pool")
    parser.add_argument("--snapshot", type=Path, metavar="FILE", help="answer the titles of a file from this snapshot")
    parser.add_argument("--kind", default="arxiv", help="the kind of that snapshot (default: arxiv)")
    parser.add_argument("--titles", type=Path, metavar="FILE", help="JSON Lines with `title`, for --snapshot")
    parser.add_argument("--json", action="store_true", help="print the figures and the answers as JSON, nothing else")
    parser.add_argument("--errors", action="store_true", help="list all errors, not only the first ones")
    options = parser.parse_args()
    if options.snapshot and options.titles:
        joined.main(options.snapshot, options.kind, options.titles)
        return
    if options.folder is None:
        parser.error("pass a folder, or --snapshot and --titles")
    if (options.folder / "truth.json").exists():
        _judge_pairs(options.folder, as_json=options.json, all_errors=options.errors)
        return
    started = time.perf_counter()
    ids, papers, queries = read(options.folder)
    if options.local:
        answers = local.answer(ids, papers, [(query.id, query.paper) for query in queries])
    else:
        answers = answer(ids, papers, queries)
    seconds = round(time.perf_counter() - started, 2)
    total = figures(queries, answers)
    if options.json:
        print(
            json.dumps({"precision": total.precision, "recall": total.recall, "seconds": seconds, "answers": answers})
        )
        return
    print(table(queries, answers))
    wrong = list(errors(queries, answers, ids, papers))
    shown = wrong if options.errors else wrong[:30]
    print("\nErrors:", *shown, sep="\n")
    if len(shown) < len(wrong):
        print(f"    ... {len(wrong) - len(shown)} lines more with --errors")
    print(f"\n{len(queries)} queries on {len(papers)} records in {seconds} s")


if __name__ == "__main__":
    main()
