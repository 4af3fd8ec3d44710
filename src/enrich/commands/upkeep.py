"""`enrich cache` and `enrich schema`: how things look inside."""

from __future__ import annotations

import json
from argparse import Namespace

from enrich import catalog
from enrich.commands import CLEAN
from enrich.commands.place import Place
from enrich.commands.printing import print_lines, print_result
from enrich.report import as_json


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
