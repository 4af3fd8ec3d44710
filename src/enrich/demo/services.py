"""Responses of arXiv, Semantic Scholar, Crossref, DataCite, doi.org and GitHub; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from enrich.demo.facts import DemoFacts, DemoPaper, Repo, closest, holds

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DemoReply:
    """The parts of an HTTP reply."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def in_json(value: object, status: int = 200, **headers: str) -> DemoReply:
    """Return a JSON response; underscores in the headers' names become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return DemoReply(status, json.dumps(value, ensure_ascii=False).encode(), headers=named)


# ---- arXiv (the dialect of 2026)

_ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(?P<version>\d+))?")


def arxiv(facts: DemoFacts, params: Params, moment: str) -> DemoReply:
    """Return the feed for `id_list` or for `search_query` of `ti:"…"` joined by OR; unknown IDs are absent."""
    asked = [text.strip() for text in params.get("id_list", "").split(",") if text.strip()]
    for text in asked:
        if not _ID.fullmatch(text):
            return _arxiv_error(text, moment)
    found: list[tuple[DemoPaper, int]] = []
    if asked:
        named = {match["id"]: match["version"] for text in asked if (match := _ID.fullmatch(text))}
        hits = [(paper, named[paper.arxiv]) for paper in facts.papers if paper.arxiv in named]
        found = [(p, int(version or p.versions)) for p, version in hits if int(version or 1) <= p.versions]
    else:
        phrases = re.findall(r'ti:"([^"]*)"', params.get("search_query", ""))
        found = [
            (paper, paper.versions)
            for paper in facts.papers
            if paper.arxiv and any(holds(paper.title_at("arxiv"), phrase) for phrase in phrases)
        ]
    start, most = int(params.get("start", "0")), int(params.get("max_results", "10"))
    entries = "".join(_arxiv_entry(paper, version) for paper, version in found[start : start + most])
    query = "&".join(f"{name}={params.get(name, '')}" for name in ("search_query", "id_list"))
    title = f"arXiv Query: {query}&start={start}&max_results={most}"
    return _feed("https://arxiv.org/api/demo", title, moment, (most, len(found), start), entries)


def _feed(
    address: str, title: str, moment: str, counts: tuple[int, int, int], entries: str, status: int = 200
) -> DemoReply:
    per_page, total, start = counts
    text = f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>{address}</id>
  <title>{escape(title, quote=False)}</title>
  <updated>{moment}</updated>
  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""
    return DemoReply(status, text.encode(), "application/atom+xml; charset=utf-8")


def _arxiv_entry(paper: DemoPaper, version: int) -> str:
    address = f"arxiv.org/abs/{paper.arxiv}v{version}"
    old = paper.earlier[version - 1] if version <= len(paper.earlier) else None
    title = escape(old or paper.title_at("arxiv"), quote=False)
    comment = f"    <arxiv:comment>{escape(paper.comment, quote=False)}</arxiv:comment>\n" if paper.comment else ""
    authors = "".join(
        f"    <author>\n      <name>{escape(name, quote=False)}</name>\n    </author>\n" for name in paper.authors
    )
    return f"""  <entry>
    <id>http://{address}</id>
    <title>{title}</title>
    <updated>{paper.submitted}T00:00:00Z</updated>
    <link href="https://{address}" rel="alternate" type="text/html"/>
    <link href="https://{address.replace("/abs/", "/pdf/")}" rel="related" type="application/pdf" title="pdf"/>
    <summary>{escape(paper.abstract, quote=False)}</summary>
    <category term="{paper.category}" scheme="http://arxiv.org/schemas/atom"/>
    <published>{paper.submitted}T00:00:00Z</published>
{comment}    <arxiv:primary_category term="{paper.category}"/>
{authors}  </entry>
"""


def _arxiv_error(text: str, moment: str) -> DemoReply:
    shown = escape(text)
    address = f"https://arxiv.org/api/errors#incorrect_id_format_for_{shown}"
    entry = f"""  <entry>
    <id>{address}</id>
    <title>Error</title>
    <updated>{moment}</updated>
    <link href="{address}" rel="alternate" type="text/html"/>
    <summary>incorrect id format for {shown}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""
    return _feed("https://arxiv.org/", "arXiv Search Results", moment, (1, 1, 0), entry, status=400)


# ---- Semantic Scholar


def s2_batch(facts: DemoFacts, ids: Sequence[str], fields: str) -> DemoReply:
    """Return one row for each ID, in order; null for an unknown one."""
    rows = [_s2_row(paper, fields) if (paper := _s2_paper(facts, text)) else None for text in ids]
    return in_json(rows)


def s2_bulk(facts: DemoFacts, query: str, fields: str) -> DemoReply:
    """Return the papers with one of the quoted phrases in title or abstract."""
    phrases = [part.strip(' "') for part in query.split("|")]
    found = [
        paper
        for paper in facts.papers
        if any(holds(f"{paper.title_at('semantic_scholar')} | {paper.abstract}", phrase) for phrase in phrases)
    ]
    return in_json({"total": len(found), "token": None, "data": [_s2_row(paper, fields) for paper in found]})


def s2_search(facts: DemoFacts, query: str, fields: str, years: str) -> DemoReply:
    """Return the papers of the given years (`2020-2022`) that contain all words; no `data` if none does."""
    first, _, last = years.partition("-")
    found = [
        paper
        for paper in facts.papers
        if int(first or 0) <= paper.year <= int(last or first or 9999)
        and all(holds(f"{paper.title_at('semantic_scholar')} | {paper.abstract}", word) for word in query.split())
    ]
    rows = {"data": [_s2_row(paper, fields) for paper in found]} if found else {}
    return in_json({"total": len(found), "offset": 0, **rows})


def s2_match(facts: DemoFacts, query: str, fields: str) -> DemoReply:
    """Return the one paper whose title is closest."""
    scored = closest(facts.papers, query)
    if not scored or scored[0][0] < 0.5:
        return in_json({"error": "Title match not found"}, 404)
    return in_json({"data": [_s2_row(scored[0][1], fields) | {"matchScore": round(200 * scored[0][0], 3)}]})


def _s2_paper(facts: DemoFacts, text: str) -> DemoPaper | None:
    scheme, colon, value = text.partition(":")
    if not colon:
        return next((paper for paper in facts.papers if paper.semantic_scholar == text), None)
    preprint = value.lower().removeprefix("10.48550/arxiv.")
    known = {
        "ARXIV": facts.by_arxiv.get(value),
        "DOI": facts.by_doi.get(value.lower()) or facts.by_arxiv.get(preprint),
        "ACL": facts.by_doi.get(f"10.18653/v1/{value.lower()}"),
    }
    return known.get(scheme.upper())


def _s2_row(paper: DemoPaper, fields: str) -> dict[str, object]:
    external = {"ArXiv": paper.arxiv, "DOI": paper.doi or (paper.arxiv and f"10.48550/arXiv.{paper.arxiv}")}
    issued = "-".join(f"{part:02}" for part in paper.issued) if len(paper.issued) == 3 else None
    row: dict[str, object] = {
        "externalIds": {name: value for name, value in external.items() if value},
        "title": paper.title_at("semantic_scholar"),
        "abstract": paper.abstract,
        "venue": paper.venue or "arXiv.org",
        "publicationVenue": {"name": paper.venue, "type": "conference"} if paper.venue else None,
        "journal": {"name": "ArXiv", "volume": f"abs/{paper.arxiv}"} if paper.arxiv else None,
        "year": paper.year,
        "publicationDate": paper.submitted or issued,
        "citationCount": paper.cited,
        "authors": [{"authorId": None, "name": name} for name in paper.authors],
    }
    wanted = fields.split(",")
    return {"paperId": paper.semantic_scholar} | {name: value for name, value in row.items() if name in wanted}


# ---- Crossref


def crossref_work(facts: DemoFacts, doi: str) -> DemoReply:
    """Return one work, or the plain text with which Crossref says that it does not know it."""
    paper = facts.by_doi.get(doi.lower())
    if paper is None:
        return DemoReply(404, b"Resource not found.", "text/plain")
    return in_json({"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": _work(paper)})


def crossref_works(facts: DemoFacts, params: Params) -> DemoReply:
    """Return the works of `filter=doi:a,doi:b` (without unknown ones), or works nearest to `query.bibliographic`."""
    rows = int(params.get("rows", "20"))
    if "filter" in params:
        dois = [text.removeprefix("doi:").lower() for text in params["filter"].split(",")]
        found = [paper for doi, paper in facts.by_doi.items() if doi in dois]
    else:
        scored = closest(facts.by_doi.values(), params.get("query.bibliographic", ""))
        found = [paper for _, paper in scored]
    message = {
        "facets": {},
        "total-results": len(found),
        "items": [_work(paper) for paper in found[:rows]],
        "items-per-page": rows,
        "query": {"start-index": 0, "search-terms": params.get("query.bibliographic")},
    }
    return in_json({"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message})


def _work(paper: DemoPaper) -> dict[str, object]:
    doi, date = (paper.doi or "").lower(), {"date-parts": [list(paper.issued)]}
    names = [name.rpartition(" ") for name in paper.authors]
    title = paper.title_at("crossref")
    work: dict[str, object] = {
        "DOI": doi,
        "URL": f"https://doi.org/{doi}",
        "prefix": doi.partition("/")[0],
        "type": "proceedings-article",
        "source": "Crossref",
        "title": [f"RETRACTED: {title}" if paper.retracted_by else title],
        "subtitle": [],
        "container-title": [paper.venue],
        "author": [
            {"given": given, "family": family, "sequence": "additional" if place else "first", "affiliation": []}
            for place, (given, _, family) in enumerate(names)
        ],
        "published": date,
        "issued": date,
    }
    if paper.retracted_by:
        update = {"DOI": paper.retracted_by, "type": "retraction", "label": "Retraction", "source": "retraction-watch"}
        work["updated-by"] = [update]
    return work


# ---- DataCite


def datacite(facts: DemoFacts, dois: Sequence[str], *, one: bool) -> DemoReply:
    """Return arXiv's deposits: a list without unknown ones, or one work."""
    ids = [doi.lower().removeprefix("10.48550/arxiv.") for doi in dois]
    found = [_deposit(facts.by_arxiv[text]) for text in ids if text in facts.by_arxiv]
    if not one:
        return in_json({"data": found, "meta": {"total": len(found), "totalPages": 1, "page": 1}})
    if not found:
        errors = [{"status": "404", "title": "The resource you are looking for doesn't exist."}]
        return in_json({"errors": errors}, 404)
    return in_json({"data": found[0]})


def _deposit(paper: DemoPaper) -> dict[str, object]:
    doi = f"10.48550/arxiv.{paper.arxiv}"
    names = [name.rpartition(" ") for name in paper.authors]
    attributes = {
        "doi": doi,
        "identifiers": [{"identifier": paper.arxiv, "identifierType": "arXiv"}],
        "creators": [
            {"name": f"{family}, {given}", "nameType": "Personal", "givenName": given, "familyName": family}
            for given, _, family in names
        ],
        "titles": [{"title": paper.title_at("arxiv")}],
        "publisher": "arXiv",
        "container": {},
        "publicationYear": int((paper.submitted or "")[:4]),
        "dates": [{"date": f"{paper.submitted}T00:00:00Z", "dateType": "Submitted", "dateInformation": "v1"}],
        "descriptions": [{"description": paper.abstract, "descriptionType": "Abstract"}],
        "types": {"resourceTypeGeneral": "Preprint"},
    }
    return {"id": doi, "type": "dois", "attributes": attributes}


# ---- doi.org

_LANDING = (
    ("10.1145/", "https://dl.acm.org/doi/{doi}"),
    ("10.18653/v1/", "https://aclanthology.org/{rest}/"),
    ("10.48550/arxiv.", "https://arxiv.org/abs/{rest}"),
)


def handle(facts: DemoFacts, doi: str) -> DemoReply:
    """Return the handle system's response for a DOI: its URL, or response code 100."""
    folded = doi.lower()
    is_known = folded in facts.by_doi or folded in facts.registered
    if not is_known and folded.removeprefix("10.48550/arxiv.") not in facts.by_arxiv:
        return in_json({"responseCode": 100, "handle": doi}, 404)
    url = facts.registered.get(folded) or next(
        (
            form.format(doi=folded, rest=folded.removeprefix(start))
            for start, form in _LANDING
            if folded.startswith(start)
        ),
        f"https://publisher.specimen.example/{folded}",
    )
    value = {"index": 1, "type": "URL", "data": {"format": "string", "value": url}}
    return in_json({"responseCode": 1, "handle": doi, "values": [value]})


# ---- GitHub

_NODE = re.compile(r"\b(\w+)\s*:\s*repository\s*\(\s*owner\s*:\s*\$(\w+)\s*,\s*name\s*:\s*\$(\w+)\s*\)")
_PARTS = re.compile(r"(p\d+)\s*:\s*(?:object|issueOrPullRequest|discussion)\s*\(")


def github_rest(facts: DemoFacts, path: str) -> DemoReply:
    """Return a repository by `/repos/owner/name` or, after a redirect, `/repositories/number`."""
    _, place, *rest = path.split("/")
    if place == "repositories":
        return next((_repository(repo) for repo in facts.repositories if [str(repo.number)] == rest), _not_found())
    repo = facts.by_name.get("/".join(rest).lower()) if place == "repos" else None
    if repo is None:
        return _not_found()
    if repo.full_name.lower() == "/".join(rest).lower():
        return _repository(repo)
    url = f"https://api.github.com/repositories/{repo.number}"
    moved = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
    return in_json(moved, 301, location=url)


def github_graphql(facts: DemoFacts, query: str, variables: Mapping[str, str]) -> DemoReply:
    """Return the repositories under their aliases; null and an error of type NOT_FOUND for deleted ones."""
    data: dict[str, object] = {}
    errors: list[object] = []
    for alias, owner, name in _NODE.findall(query):
        full_name = f"{variables.get(owner)}/{variables.get(name)}"
        repo = facts.by_name.get(full_name.lower())
        asked = query.partition(f"{alias}:repository")[2].partition(":repository")[0]
        data[alias] = _node(repo, _PARTS.findall(asked)) if repo else None
        if repo is None:
            message = f"Could not resolve to a Repository with the name '{full_name}'."
            errors.append({"type": "NOT_FOUND", "path": [alias], "message": message})
    return in_json({"data": data} | ({"errors": errors} if errors else {}))


def archive(url: str, timestamp: str) -> DemoReply:
    """Return a copy of every page, made on the requested day."""
    moment = (timestamp or "20230301").ljust(14, "0")
    copy = {
        "status": "200",
        "available": True,
        "url": f"http://web.archive.org/web/{moment}/{url}",
        "timestamp": moment,
    }
    return in_json({"url": url, "archived_snapshots": {"closest": copy}})


def _not_found() -> DemoReply:
    text = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    return in_json(text, 404)


def _repository(repo: Repo) -> DemoReply:
    owner, _, name = repo.full_name.partition("/")
    body = {
        "id": repo.number,
        "name": name,
        "full_name": repo.full_name,
        "owner": {"login": owner},
        "private": False,
        "html_url": f"https://github.com/{repo.full_name}",
        "description": repo.description,
        "archived": repo.archived,
        "disabled": False,
    }
    return in_json(body)


def _node(repo: Repo, parts: Sequence[str]) -> dict[str, object]:
    """Return a repository that has every requested file, folder and issue, under the aliases in `parts`."""
    return {alias: {"__typename": "Tree"} for alias in parts} | {
        "nameWithOwner": repo.full_name,
        "isArchived": repo.archived,
        "isDisabled": False,
        "isEmpty": False,
        "pushedAt": None,
        "description": repo.description,
    }
