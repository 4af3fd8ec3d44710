"""`enrich doctor`, `enrich cache` and `enrich schema`: what is set up, and how things look inside."""

from __future__ import annotations

import asyncio
import json
import platform
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from enrich import __version__, catalog
from enrich.commands import CLEAN, NOT_ALL_ASKED
from enrich.commands.place import Place
from enrich.commands.state import State
from enrich.report import as_json
from enrich.settings import KEYS
from enrich.sources import arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.web import Unreachable, Web

# One cheap question for each service.
_QUESTIONS: tuple[tuple[str, str, str], ...] = (
    (arxiv.NAME, arxiv.BASE, "/api/query?id_list=1706.03762&max_results=1"),
    (semantic_scholar.NAME, semantic_scholar.BASE, "/graph/v1/paper/ARXIV:1706.03762?fields=title"),
    (crossref.NAME, crossref.BASE, "/works?rows=0"),
    (datacite.NAME, datacite.BASE, "/dois/10.48550/arxiv.1706.03762"),
    (doi.NAME, doi.BASE, "/api/handles/10.1000/1?type=URL"),
    (github.NAME, github.BASE, "/rate_limit"),
)
# One work by its identifier costs nothing: https://developers.openalex.org/guides/authentication
_WITH_KEY = (openalex.NAME, openalex.BASE, "/works/doi:10.7717/peerj.4375?select=id")


def doctor(arguments: Namespace) -> int:
    """Says what is set up and whom it reaches; the values of keys are never printed."""
    place = Place.of(arguments)
    print(f"enrich {__version__}, Python {platform.python_version()} on {platform.system()}")
    for name, value in place.loaded.settings.model_dump(mode="json").items():
        print(f"  {name} = {json.dumps(value)}  ({place.loaded.origins.get(name, 'default')})")
    for name in KEYS:
        print(f"  {name}: {'set' if name in place.keys else 'not set'}")
    print(f"  cache: {place.cache}{'' if place.cache.is_dir() else ' (not there yet)'}")
    history = State.find(place, Path("catalog.yaml")).history
    print(f"  history of catalog.yaml: {history}{'' if history.exists() else ' (not there yet)'}")
    reached = asyncio.run(_reach(place))
    for service, words in reached.items():
        print(f"  {service}: {words}")
    return CLEAN if all(not words.startswith("not reached") for words in reached.values()) else NOT_ALL_ASKED


def cache(arguments: Namespace) -> int:
    """Looks at or empties the cache; the history stays."""
    place = Place.of(arguments)
    answers = place.answers()
    try:
        if arguments.action == "clear":
            answers.clear()
        elif arguments.action == "prune":
            answers.prune()
        for name, value in answers.info().items():
            print(f"{name}: {value}")
    finally:
        answers.close()
    print(f"folder: {place.cache}")
    return CLEAN


def schema(arguments: Namespace) -> int:
    """Prints a JSON Schema: of the catalog, for editors, or of the JSON report."""
    print(json.dumps(as_json.schema() if arguments.report else catalog.schema(), indent=2))
    return CLEAN


async def _reach(place: Place) -> Mapping[str, str]:
    questions = [*_QUESTIONS, *([_WITH_KEY] if openalex.KEY in place.keys else [])]
    async with place.web() as web:
        rows = (_ask(web, place.loaded.base(service, base) + path) for service, base, path in questions)
        words = await asyncio.gather(*rows)
    return dict(zip((service for service, _, _ in questions), words, strict=True))


async def _ask(web: Web, url: str) -> str:
    try:
        reply = await web.fetch(url, tries=1)
    except Unreachable as error:
        return f"not reached: {error.why}"
    limits = [
        f"{name} {value}" for name, value in sorted(reply.headers.items()) if "limit" in name or "remaining" in name
    ]
    words = "reached" if reply.status == 200 else f"not reached: HTTP status {reply.status}"
    return f"{words} ({', '.join(limits)})" if limits else words
