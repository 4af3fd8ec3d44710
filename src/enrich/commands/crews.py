"""Choose who looks at pages: this process, processes of this machine, a cluster, or workers with receipts."""

from __future__ import annotations

import hashlib
import os
import shutil
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from enrich.commands.inputs import NoMatchError, expanded
from enrich.commands.state import check_inside
from enrich.commands.terminal import say
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Report
from enrich.pipeline import Workers
from enrich.pipeline.parts.crew import Crew
from enrich.pipeline.parts.receipts import Receipts, objection, read_file
from enrich.report.summary import number
from enrich.web import SystemClock

FOLDER = "parts"
"""The folder in the cache for what workers have seen in an unfinished run."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@contextmanager
def workers_of(arguments: Namespace, workspace: Workspace, inputs: Iterable[Path | str]) -> Iterator[Workers | None]:
    """Return who looks at pages while the block runs; None: this process alone.

    Args:
        arguments: The flags.
        workspace: Where the cache is.
        inputs: What is looked at: a run on the same inputs goes on where one that was killed was.

    Raises:
        EnrichError: The cluster cannot be used, or a receipt is invalid.
    """
    given = getattr(arguments, "receipts", None)
    crew = None if arguments.offline else _crew(arguments)
    if crew is None and given is None:
        yield None
        return
    try:
        receipts = Receipts(folder(workspace, inputs) if crew else None)
        receipts.load()
        _add_given(arguments, given or (), receipts)
        yield Workers(crew, receipts)
        if given and receipts.unused:
            say(
                arguments,
                f"{number(receipts.unused, 'result')} of receipts not used: the links are in no catalog of this run or "
                "were checked meanwhile, or `enrich plan` had other settings",
            )
    finally:
        if crew:
            crew.close()


def _add_given(arguments: Namespace, given: Iterable[Path], receipts: Receipts) -> None:
    """Add the receipts in files or patterns, which match nothing if no page was due or no job for a part succeeded."""
    for name in given:
        try:
            paths = list(map(Path, expanded([str(name)])))
        except NoMatchError:
            say(arguments, f"{name}: no receipts; all pages that are due are fetched by this command")
            continue
        for path in paths:
            receipt = read_file(path)
            if why := objection(receipt, SystemClock().now()):
                say(arguments, f"{path}: ignored; {why}")
                continue
            if receipt.offline:
                say(arguments, f"{path}: only what was answered counts ({receipt.offline})")
            receipts.add(receipt)


def forget_parts(workers: Workers | None, reports: Iterable[Report]) -> None:
    """Remove what was kept in case the run is killed, as it has ended and its results are saved.

    After a run that was cut short it is kept, so that the next run continues.
    """
    if workers and not any(report.partial for report in reports):
        workers.receipts.discard()


def folder(workspace: Workspace, inputs: Iterable[Path | str]) -> Path:
    """Return where workers keep what they have seen of these inputs, until the run has ended.

    Raises:
        EnrichError: A symbolic link leads out of the cache.
    """
    names = "\n".join(sorted(os.path.realpath(name) for name in inputs))
    found = workspace.cache / FOLDER / hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    check_inside(found, workspace.cache)
    return found


def clear_parts(workspace: Workspace) -> None:
    """Remove what workers have seen in runs that have not ended.

    Raises:
        EnrichError: A symbolic link leads out of the cache.
    """
    check_inside(workspace.cache / FOLDER, workspace.cache)
    shutil.rmtree(workspace.cache / FOLDER, ignore_errors=True)


def _crew(arguments: Namespace) -> Crew | None:
    if arguments.workers and arguments.cluster:
        raise EnrichError("--workers and --cluster cannot be combined; choose one")
    if arguments.workers:
        processes: Crew = import_module("enrich.pipeline.parts.processes").Processes(arguments.workers)
        return processes
    return _cluster(arguments, arguments.cluster) if arguments.cluster else None


def _is_remote(address: str) -> bool:
    """Return whether a cluster is on another machine.

    Raises:
        EnrichError: It is not the address of a cluster.
    """
    if address.startswith("local:"):
        return False
    with suppress(ValueError):  # no URL, or no port
        parts = urlsplit(address)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return parts.hostname not in _LOOPBACK
    raise EnrichError(f"--cluster {address}: must be a scheduler such as tcp://HOST:8786, or local:N")


def _cluster(arguments: Namespace, address: str) -> Crew:
    is_remote = _is_remote(address)
    try:
        cluster = import_module("enrich.pipeline.parts.cluster")
    except ImportError:
        raise EnrichError(
            "--cluster needs Dask: run `pip install 'enrich-catalog[cluster]'`, or use --workers"
        ) from None
    if is_remote and address.startswith("tcp:"):
        say(
            arguments,
            f"--cluster {address}: not encrypted; anyone on that network can run code on the cluster and here. "
            "Use tls:// outside a network of your own.",
        )
    crew: Crew = cluster.Cluster(address)
    return crew
