"""`enrich demo`: run the nightly job on the bundled lists with recorded responses."""

from __future__ import annotations

import tempfile
import webbrowser
from argparse import Namespace
from pathlib import Path

from enrich import catalog, demo, lists, settings
from enrich.access import paces
from enrich.commands import CLEAN
from enrich.commands.jobs import run_job
from enrich.commands.printing import print_lines, print_result
from enrich.commands.progress import progress
from enrich.commands.terminal import exit_code, look_for, write_text
from enrich.pipeline import CatalogInput, Options, Result, run
from enrich.report import FORMATS, text
from enrich.web import Cache, Web


def execute(arguments: Namespace) -> int:
    """Import the lists, run the job, and print its report and its exit code in CI."""
    folder = Path(tempfile.mkdtemp(prefix="enrich-demo-"))
    for name, words in demo.lists().items():
        write_text(folder / name, words)
    merged = lists.merge((), [lists.read(words, name) for name, words in demo.lists().items()])
    path = folder / "catalog.yaml"
    catalog.create(path, catalog.new_text(merged.new))
    listed = catalog.load(path)
    entries = catalog.parse(listed.text, path.name).entries
    loaded = settings.load(None, folder, {})

    async def job() -> Result:
        clock = demo.DemoClock()
        cache = Cache(folder / "cache", clock)
        limits = paces(contact=False)
        async with Web(cache=cache, clock=clock, transport=demo.transport(), paces=limits, listener=heard) as web:
            [result] = await run([CatalogInput(path.name, entries)], web, loaded, options=Options())
            return result

    with progress(arguments) as heard:
        result = run_job(job())
    catalog.save(listed, catalog.with_enriched(listed, result.blocks))
    for name, render in FORMATS.items():
        write_text(folder / f"report.{name}", render(result.report))
    print_result([text.render(result.report, look_for(arguments))])
    print_lines("")
    print_lines(f"The lists, the enriched catalog and the report in every format are in {folder}")
    print_lines(f"In CI this run would exit {exit_code(result.report, 'error')}.")
    if arguments.open:
        webbrowser.open((folder / "report.html").as_uri())
    return CLEAN
