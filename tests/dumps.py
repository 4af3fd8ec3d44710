"""Dumps of made-up papers, in the forms in which arXiv, DBLP and DataCite publish theirs."""

from __future__ import annotations

import json
from pathlib import Path


def paper(arxiv_id: str, title: str, **other: object) -> dict[str, object]:
    """A row of arXiv's metadata."""
    return {
        "id": arxiv_id,
        "submitter": "Ada Lovelace",
        "authors": "Ada Lovelace and Alan M. Turing",
        "title": title,
        "comments": "12 pages, 3 figures",
        "journal-ref": None,
        "doi": None,
        "categories": "cs.DC",
        "abstract": "  We measure engines\nof several kinds.\n",
        "versions": [
            {"version": "v1", "created": "Thu, 4 Jan 2024 18:02:11 GMT"},
            {"version": "v2", "created": "Mon, 8 Jul 2024 09:00:00 GMT"},
        ],
        "update_date": "2024-07-09",
        "authors_parsed": [["Lovelace", "Ada", ""], ["Turing", "Alan M.", "Jr."]],
        **other,
    }


def lines(*rows: object) -> str:
    """JSON Lines; a text stands as it is."""
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def many(count: int) -> str:
    """So many papers, in lines as short as they can be."""
    return "".join(f'{{"id":"2401.{at:05}","title":"Engine number {at} of many"}}\n' for at in range(count))


DBLP = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE dblp SYSTEM "dblp.dtd">
<dblp>
<article key="journals/toys/LovelaceM24" mdate="2024-07-09">
<author>Ada Lovelace</author><author>J&uuml;rgen M&ouml;ller 0002</author>
<title>Sorting <i>k</i> Engines &amp; Their Gears.</title>
<journal>J. Toys</journal><volume>7</volume><number>2</number><pages>11-19</pages><year>2024</year>
<ee type="oa">https://example.org/toys</ee><ee>https://doi.org/10.5072/Toys.7</ee>
</article>
<www key="homepages/l/AdaLovelace"><author>Ada Lovelace</author><title>Home Page</title></www>
<inproceedings key="conf/toys/Nameless"><author>Nobody</author></inproceedings>
</dblp>
"""

STATES = """\
doi,state,client_id,updated
10.5072/SET.1,findable,toys.shelf,2025-01-03T04:05:06Z
"10.5072/set.2",registered,toys.shelf,2025-01-03T04:05:06Z
10.5072/set.3,draft,toys.shelf,2025-01-03T04:05:06Z
not-a-doi,findable,toys.shelf,2025-01-03T04:05:06Z
10.48550/arXiv.2401.00001,findable,arxiv.content,2025-01-03T04:05:06Z
"""


def put(folder: Path, name: str, text: str | bytes) -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
