"""Workers in processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event

from enrich.pipeline.parts import fork_server
from enrich.pipeline.parts.crew import Seat
from enrich.pipeline.parts.worker import look_at_part, never

_WATCHING = 0.2  # seconds between two looks at whether a worker's parents are there

_PROCESS = {"is_stopped": never}


class Processes:
    """A pool of one process for each seat: where one dies, only its own part is lost."""

    shares_disk = True

    def __init__(self, number: int) -> None:
        fork_server.start()
        self._context = fork_server.context()
        with fork_server.without_secrets():
            self._stopped = self._context.Event()
        self._seats = [self._seat() for _ in range(number)]

    def _seat(self) -> Seat:
        environment = fork_server.environment_for_workers()
        pool = ProcessPoolExecutor(
            1, mp_context=self._context, initializer=_begin, initargs=(self._stopped, environment)
        )
        with fork_server.without_secrets():
            pool.submit(never)  # starts it, while the run is planned
        return Seat(pool, _work)

    def seats(self) -> Sequence[Seat]:
        """Return the seats."""
        return self._seats

    def renew(self, number: int) -> Seat:
        """Return a seat with a new process."""
        self._seats[number].executor.shutdown(wait=False, cancel_futures=True)
        self._seats[number] = self._seat()
        return self._seats[number]

    def is_lost(self) -> bool:
        """Tell that workers are there: a process that ends is noticed by its executor."""
        return False

    def stop(self) -> None:
        """Have the parts that are looked at end early."""
        self._stopped.set()

    def close(self) -> None:
        """End the processes."""
        self._stopped.set()
        for seat in self._seats:
            seat.executor.shutdown(wait=True, cancel_futures=True)


def _begin(stopped: Event, environment: Mapping[str, str]) -> None:
    """Make a new process a worker: signals are for the coordinator, and so are keys."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the coordinator: most of what is made stays
    _PROCESS["is_stopped"] = stopped.is_set
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """End the process once the coordinator is gone, or the process that it was forked from, however that ended.

    Without the latter the coordinator takes its workers for dead, and gives their parts to others.
    """
    parent, forked_from = multiprocessing.parent_process(), os.getppid()
    if parent is not None:
        while os.getppid() == forked_from and not wait([parent.sentinel], timeout=_WATCHING):
            pass
        os._exit(1)


def _work(part: str, order: str) -> str:
    try:
        return look_at_part(part, order, _PROCESS["is_stopped"])
    finally:
        gc.collect()  # failures leave cycles, which would wait long for a collector that looks seldom
