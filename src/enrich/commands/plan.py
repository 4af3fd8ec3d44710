"""`enrich plan`: divide the pages of a run into parts, each a file for `enrich look`."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from enrich.commands import CLEAN
from enrich.commands.inputs import catalog_paths
from enrich.commands.printing import print_lines
from enrich.commands.run import jobs_of, options_of
from enrich.commands.terminal import say, write_text
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError
from enrich.pipeline.parts.forms import read_part
from enrich.pipeline.parts.planning import plan_parts
from enrich.pipeline.parts.receipts import bytes_of
from enrich.web import SystemClock

_NAME = re.compile(r"[1-9][0-9]{0,5}\.json")


def execute(arguments: Namespace) -> int:
    """Write the parts as 1.json, 2.json, ... and print their numbers as JSON, for the matrix of a CI service."""
    paths = catalog_paths(arguments.catalogs)
    workspace, own = Workspace.of_all(arguments, paths)
    jobs = jobs_of(arguments, paths, own)
    given = [replace(job.taken, history=job.state.remembered(arguments)) for job in jobs]
    cache = workspace.open_cache()
    try:
        parts = plan_parts(
            given,
            cache,
            workspace.loaded,
            options=options_of(arguments),
            today=SystemClock().now().date(),
            number=arguments.parts,
        )
    finally:
        cache.close()
    folder: Path = arguments.output
    old = [path for path in folder.glob("*.json") if _NAME.fullmatch(path.name)] if folder.is_dir() else []
    for path in old:
        _check_is_part(path)
    for number, text in enumerate(parts, 1):
        write_text(folder / f"{number}.json", text + "\n", follow_link=False)
    for path in old:
        if int(path.stem) > len(parts):
            with suppress(OSError):
                path.unlink()
    count = f"{len(parts)} part{'' if len(parts) == 1 else 's'}" if parts else "no parts, as no page is due"
    say(arguments, f"{folder}: {count}")
    print_lines(json.dumps(list(range(1, len(parts) + 1))))
    return CLEAN


def _check_is_part(path: Path) -> None:
    """Check that no other file would be replaced.

    Raises:
        EnrichError: The file is not a part.
    """
    if not path.is_symlink():
        with suppress(EnrichError):
            read_part(bytes_of(path), str(path))
            return
    raise EnrichError(f"{path}: not a part that this version of enrich wrote; remove it or choose another folder")
