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
from enrich.commands.jobs import run_job
from enrich.commands.place import Place
from enrich.commands.printing import print_lines, print_result
from enrich.commands.state import State
from enrich.model import Unreachable
from enrich.report import as_json
from enrich.services import SERVICES, Service
from enrich.settings import KEYS
from enrich.web import Terms, Web


def doctor(arguments: Namespace) -> int:
    """Says what is set up and whom it reaches; the values of keys are never printed."""
    place = Place.of(arguments)
    print_lines(f"enrich {__version__}, Python {platform.python_version()} on {platform.system()}")
    for name, value in place.loaded.settings.model_dump(mode="json").items():
        print_lines(f"  {name} = {json.dumps(value)}  ({place.loaded.origins.get(name, 'default')})")
    for name in KEYS:
        print_lines(f"  {name}: {'set' if name in place.keys else 'not set'}")
    print_lines(f"  cache: {place.cache}{'' if place.cache.is_dir() else ' (not there yet)'}")
    history = State.find(place, Path("catalog.yaml")).history
    print_lines(f"  history of catalog.yaml: {history}{'' if history.exists() else ' (not there yet)'}")
    reached = run_job(_reach(place))
    for service, words in reached.items():
        print_lines(f"  {service}: {words}")
    return CLEAN if all(not words.startswith("not reached") for words in reached.values()) else NOT_ALL_ASKED


def cache(arguments: Namespace) -> int:
    """Looks at or empties the cache; the history stays."""
    place = Place.of(arguments)
    cache = place.open_cache()
    try:
        if arguments.action == "clear":
            cache.clear()
        elif arguments.action == "prune":
            cache.prune()
        for name, value in cache.info().items():
            print_lines(f"{name}: {value}")
    finally:
        cache.close()
    print_lines(f"folder: {place.cache}")
    return CLEAN


def schema(arguments: Namespace) -> int:
    """Prints a JSON Schema: of the catalog, for editors, or of the JSON report."""
    print_result([json.dumps(as_json.schema() if arguments.report else catalog.schema(), indent=2), "\n"])
    return CLEAN


async def _reach(place: Place) -> Mapping[str, str]:
    asked = {
        service.title: (service, place.loaded.base(service.name, service.base))
        for service in SERVICES
        if service.probe and (service.key in place.keys or not service.needs_key)
    }
    async with place.web() as web:
        words = await asyncio.gather(*(_ask(web, service, base) for service, base in asked.values()))
    return dict(zip(asked, words, strict=True))


async def _ask(web: Web, service: Service, base: str) -> str:
    where = "" if base == service.base else f" at {base}"
    try:
        reply = await web.fetch(f"{base}{service.probe}", Terms(tries=1, keyed=True))
    except Unreachable as error:
        return f"not reached: {error.why}{where}"
    limits = [
        f"{name} {value}" for name, value in sorted(reply.headers.items()) if "limit" in name or "remaining" in name
    ]
    words = f"reached{where}" if reply.status == 200 else f"not reached: HTTP status {reply.status}{where}"
    return f"{words} ({', '.join(limits)})" if limits else words
