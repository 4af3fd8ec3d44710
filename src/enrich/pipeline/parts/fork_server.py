"""The process from which local workers are forked: without keys, and with everything loaded that a worker needs.

It is started before the command itself is loaded, so that both load at the same time: little is imported here.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.forkserver import ensure_running

from enrich.services import KEY_VARIABLES

_LONGEST_FOLDER = 70  # bytes: the server's socket is in a folder in it, and its path may have 107


def _can_fork() -> bool:
    if sys.platform != "linux":  # on macOS, a forked process may crash in libraries of the system
        return False
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError:  # none can be written
        return False
    return len(os.fsencode(folder)) <= _LONGEST_FOLDER


_CAN_FORK = _can_fork()

METHOD = "forkserver" if _CAN_FORK else "spawn"
"""How the processes of workers are started, in `multiprocessing`'s terms."""

_NO_WARNING = "ignore::UserWarning:multiprocessing.resource_tracker"

_PRELOADED = "enrich.pipeline.parts.preloaded"

_SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)(?![A-Z])|^ENRICH_NOTIFY_", re.IGNORECASE)


def start() -> None:
    """Start the server unless it is running; do nothing if workers are not forked."""
    if _CAN_FORK:
        multiprocessing.set_forkserver_preload([_PRELOADED])
        with without_secrets():
            resource_tracker.ensure_running()  # it unblocks the signal
            # Ctrl-C is for the coordinator; a started process inherits blocked signals.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                ensure_running()
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def context() -> BaseContext:
    """Return how the processes of workers are started.

    They are never forked from this process, as a copy would have its memory, its connections and its keys.
    """
    return multiprocessing.get_context(METHOD)


def environment_for_workers() -> dict[str, str]:
    """Return the environment without keys, and without other variables named like secrets."""
    return {name: value for name, value in os.environ.items() if not _is_secret(name)}


@contextmanager
def without_secrets() -> Iterator[None]:
    """Make processes that the block starts inherit nothing else, and import nothing from the working directory.

    Nor do they warn of semaphores that are left when the coordinator is killed; they are removed, too.
    """
    before = dict(os.environ)
    for name in filter(_is_secret, before):
        del os.environ[name]
    # Python runs these with `-c`, and would look there first: a checkout may contain a module from anyone.
    os.environ["PYTHONSAFEPATH"] = "1"
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before.get("PYTHONWARNINGS"), _NO_WARNING]))
    try:
        yield
    finally:
        del os.environ["PYTHONSAFEPATH"], os.environ["PYTHONWARNINGS"]
        os.environ.update(before)


def _is_secret(name: str) -> bool:
    return name in KEY_VARIABLES or _SECRET.search(name) is not None
