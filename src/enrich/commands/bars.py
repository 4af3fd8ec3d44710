"""Progress bars on a terminal."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from enrich.commands.progress import LINKS, RunProgress, title


@contextmanager
def bars(arguments: Namespace, course: RunProgress) -> Iterator[Callable[[str], None]]:
    """Return the progress display of one service for the time of the block."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, no_color=bool(getattr(arguments, "no_color", False)) or None)
    with Progress(*columns, console=console, transient=True) as bar:
        rows: dict[str, TaskID] = {}

        def show(name: str) -> None:
            if name not in rows:
                named = "Checking links" if name == LINKS else title(name)
                rows[name] = bar.add_task(named, total=None, count="")
            done, wanted = course.answered[name], course.expected[name]
            count = f"{done}/{wanted}" if wanted else str(done)
            shown = f"{count}{course.wait(name)}"
            bar.update(rows[name], completed=done, total=max(wanted, done) if wanted else None, count=shown)

        yield show
