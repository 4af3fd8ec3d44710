"""`enrich cache`: show, prune or clear the cache."""

from __future__ import annotations

from argparse import Namespace

from enrich.commands import CLEAN
from enrich.commands.printing import print_lines
from enrich.commands.workspace import Workspace


def execute(arguments: Namespace) -> int:
    """Show, prune or clear the cache; histories are kept."""
    workspace = Workspace.of(arguments)
    cache = workspace.open_cache()
    try:
        if arguments.action == "clear":
            cache.clear()
        elif arguments.action == "prune":
            cache.prune()
        for name, value in cache.info().items():
            print_lines(f"{name}: {value}")
    finally:
        cache.close()
    print_lines(f"folder: {workspace.cache}")
    return CLEAN
