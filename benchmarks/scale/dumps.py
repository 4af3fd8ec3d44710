"""Made-up dumps of the shape of arXiv's metadata: words by Zipf's law, abstracts of 1,200 letters, versions, names."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path

from enrich.text.folding import split_words

_SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstvz" for vowel in ("a", "e", "i", "o", "u", "on", "er")]
_COMMON = split_words(
    "the of and a for in on with by from to learning model models neural network networks analysis using data based "
    "quantum theory approach systems optimization large language deep graph graphs estimation dynamics problem study"
)
_WORDS = 250_000
_SENTENCES = 20_000
_FIRST_DAY = date(2007, 4, 1)


class Dump:
    """Papers that are the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        made = dict.fromkeys(_COMMON)
        while len(made) < _WORDS:
            made["".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 3, 3))))] = None
        self.words = tuple(made)
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(_WORDS)))
        self._drawn = self._draw()
        self._sentences = tuple(f"{self.text(17).capitalize()}." for _ in range(_SENTENCES))

    def _draw(self) -> Iterator[str]:
        while True:  # many at once: single draws would take longer than what is measured
            yield from self._random.choices(self.words, cum_weights=self._weights, k=100_000)

    def text(self, length: int) -> str:
        """Return so many words."""
        return " ".join(islice(self._drawn, length))

    def abstract(self) -> str:
        """Return a text of ten sentences."""
        return " ".join(self._random.choices(self._sentences, k=10))

    def title(self) -> str:
        """Return a title of 4 to 14 words."""
        return self.text(self._random.randint(4, 14)).capitalize()

    def rows(self, count: int, last_day: date) -> Iterator[dict[str, object]]:
        """Yield papers as arXiv's public metadata has them."""
        days = max(1, (last_day - _FIRST_DAY).days)
        for at in range(count):
            day = _FIRST_DAY + timedelta(days=days * at // count)
            names = [self.text(2).title().split() for _ in range(self._random.choice((1, 2, 3, 3, 4, 5, 8)))]
            versions = [
                {"version": f"v{number}", "created": f"{day:%a, %d %b %Y} 18:00:00 GMT"}
                for number in range(1, self._random.choice((1, 1, 2, 3)) + 1)
            ]
            yield {
                "id": arxiv_id(at),
                "submitter": " ".join(names[0]),
                "authors": ", ".join(map(" ".join, names)),
                "title": self.title(),
                "comments": f"{self._random.randint(4, 40)} pages, {self._random.randint(1, 9)} figures",
                "journal-ref": self.text(4) if at % 3 == 0 else None,
                "doi": f"10.5072/{at}" if at % 5 < 2 else None,
                "report-no": None,
                "categories": "cs.DC cs.LG",
                "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                "abstract": f"  {self.abstract()}\n",
                "versions": versions,
                "update_date": day.isoformat(),
                "authors_parsed": [[family, given, ""] for given, family in names],
            }

    def altered(self, title: str) -> str:
        """Return a title as a list may have it: a letter wrong, a word left out or added, capitals, another sign."""
        words = title.split()
        at = self._random.randrange(len(words))
        change = self._random.choice(("letter", "left-out", "added", "capitals", "colon", "swapped"))
        if change == "letter":
            place = self._random.randrange(len(words[at]))
            words[at] = words[at][:place] + self._random.choice("abcdeiou") + words[at][place + 1 :]
        elif change == "left-out":
            del words[at]
        elif change == "added":
            words.insert(at, self.text(1))
        elif change == "capitals":
            words = [word.title() for word in words]
        elif change == "colon":
            words[at] += ":"
        else:
            words[at : at + 2] = reversed(words[at : at + 2])
        return " ".join(words)


def arxiv_id(at: int) -> str:
    """Return the id of a paper of the dump, as arXiv numbers them."""
    month, number = divmod(at, 12_000)
    return f"{7 + month // 12:02}{month % 12 + 1:02}.{number + 1:05}"


def write(path: Path, count: int, last_day: date) -> Sequence[tuple[str, str]]:
    """Write a dump; return the ids and titles of a sample of at most 200,000 of its papers."""
    dump = Dump()
    sample = []
    step = max(1, count // 100_000)
    with path.open("w", encoding="utf-8") as file:
        for at, row in enumerate(dump.rows(count, last_day)):
            file.write(json.dumps(row) + "\n")
            if at % step == 0:
                sample.append((str(row["id"]), str(row["title"])))
    return sample
