"""`enrich cache`: show, prune or clear the cache."""

from __future__ import annotations

from argparse import Namespace

from enrich.commands import CLEAN
from enrich.commands.crews import clear_parts
from enrich.commands.printing import print_lines
from enrich.commands.workspace import Workspace
from enrich.report.summary import number


def execute(arguments: Namespace) -> int:
    """Show, prune or clear the cache; histories are kept."""
    workspace = Workspace.of(arguments)
    cache = workspace.open_cache()
    try:
        if arguments.action == "clear":
            print_lines(f"removed {number(cache.clear(), 'answer')}")
            clear_parts(workspace)
        elif arguments.action == "prune":
            print_lines(f"removed {number(cache.prune(), 'expired answer')}")
        now = cache.info()
    finally:
        cache.close()
    print_lines(f"{number(now['count'], 'answer')}, {_size(now['bytes'])} in {workspace.cache}")
    return CLEAN


def _size(count: int) -> str:
    """Return a number of bytes with a readable unit."""
    if count < 1024:
        return number(count, "byte")
    size, unit = (count / 1024, "KiB") if count < 1024**2 else (count / 1024**2, "MiB")
    return f"{size:,.0f} {unit}" if size >= 10 else f"{size:.1f} {unit}"
