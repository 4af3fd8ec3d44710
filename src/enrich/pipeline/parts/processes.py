"""Workers in processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event
from typing import Any

from enrich.pipeline.parts import fork_server
from enrich.pipeline.parts.crew import Seat, affordable
from enrich.pipeline.parts.worker import look_at_part, never

_WATCHING = 0.2  # seconds between two looks at whether a worker's parents are there, and two signs of life
_LEAVING = 3.0  # seconds in which workers end by themselves

_PROCESS = {"is_stopped": never}


@dataclass(frozen=True, slots=True)
class Pulse:
    """Memory that a worker shares with the coordinator: its process ID, and the time of its last sign of life.

    Both are ctypes objects; 0 until the worker has begun.
    """

    process: Any
    beat: Any


class Processes:
    """A pool of one process for each seat: where one dies or hangs, only its own part is lost.

    Args:
        number: How many there are.
        patience: Seconds without a sign of life after which a worker is ended: it was suspended, or is stuck.
    """

    shares_disk = True

    def __init__(self, number: int, patience: float = 60.0) -> None:
        self._patience = patience
        fork_server.start()
        self._context = fork_server.context()
        with fork_server.without_secrets():
            self._stopped = self._context.Event()
        self._pulses = [self._pulse() for _ in range(affordable(number))]
        self._seats = [self._seat(pulse, is_first=at < (os.cpu_count() or 1)) for at, pulse in enumerate(self._pulses)]
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="workers", daemon=True).start()

    def _pulse(self) -> Pulse:
        return Pulse(self._context.RawValue("q"), self._context.RawValue("d"))

    def _seat(self, pulse: Pulse, *, is_first: bool) -> Seat:
        environment = fork_server.environment_for_workers()
        pool = ProcessPoolExecutor(
            1, mp_context=self._context, initializer=_begin, initargs=(self._stopped, pulse, environment)
        )
        if is_first:  # others start when there is a part for them
            with fork_server.without_secrets():
                pool.submit(never)  # starts it, while the run is planned
        return Seat(pool, _work)

    def seats(self) -> Sequence[Seat]:
        """Return the seats."""
        return self._seats

    def renew(self, number: int) -> Seat:
        """Return a seat with a new process."""
        self._seats[number].executor.shutdown(wait=False, cancel_futures=True)
        self._pulses[number] = self._pulse()
        self._seats[number] = self._seat(self._pulses[number], is_first=True)
        return self._seats[number]

    def is_lost(self) -> bool:
        """Return that workers are there: an executor notices when its process ends."""
        return False

    def _watch(self) -> None:
        """End workers that hang."""
        while not self._closed.wait(min(2.0, self._patience / 4)):
            now = time.monotonic()
            _kill([each for each in self._pulses if each.beat.value and now - each.beat.value > self._patience], now)

    def stop(self) -> None:
        """Make the parts in progress end early."""
        self._stopped.set()

    def close(self) -> None:
        """End the processes."""
        self._closed.set()
        self._stopped.set()
        for seat in self._seats:
            seat.executor.shutdown(wait=False, cancel_futures=True)
        _kill(self._pulses, time.monotonic() + _LEAVING)


def _kill(pulses: Sequence[Pulse], until: float) -> None:
    """End the processes of workers that have not ended by then, a time of the clock."""
    ours = {pulse.process.value for pulse in pulses}
    processes = [each for each in multiprocessing.active_children() if each.pid in ours]
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        process.kill()


def _begin(stopped: Event, pulse: Pulse, environment: Mapping[str, str]) -> None:
    """Make a new process a worker: signals are for the coordinator, and so are keys."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the coordinator: most objects stay
    _PROCESS["is_stopped"] = stopped.is_set
    pulse.process.value, pulse.beat.value = os.getpid(), time.monotonic()
    threading.Thread(target=_end_with_parent, args=(pulse,), name="parent", daemon=True).start()


def _end_with_parent(pulse: Pulse) -> None:
    """Give signs of life until the coordinator, or the process that this one was forked from, has ended in any way.

    Without the latter the coordinator takes its workers for dead, and gives their parts to others.
    """
    parent, forked_from = multiprocessing.parent_process(), os.getppid()
    if parent is not None:
        while os.getppid() == forked_from and not wait([parent.sentinel], timeout=_WATCHING):
            pulse.beat.value = time.monotonic()
        os._exit(1)


def _work(part: str, order: str) -> str:
    try:
        return look_at_part(part, order, _PROCESS["is_stopped"])
    finally:
        gc.collect()  # failures leave cycles, which would wait long for a garbage collector that runs rarely
