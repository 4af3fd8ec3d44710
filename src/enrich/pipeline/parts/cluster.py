"""Workers on a Dask cluster; the only module that knows Dask, imported only for a cluster.

Dask pickles what it sends: anyone who can reach its scheduler or a worker can run code there. Parts and receipts are
text for it, and checked as such; but the cluster itself must be trusted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from functools import partial
from hashlib import sha256
from secrets import token_hex
from typing import ParamSpec, TypeVar

import dask.config
from distributed import Client, Event, LocalCluster, Queue, get_client
from distributed.client import ClosedClientError

from enrich import __version__
from enrich.model import EnrichError
from enrich.pipeline.parts import fork_server
from enrich.pipeline.parts.crew import Seat, affordable
from enrich.pipeline.parts.worker import look_at_part

P = ParamSpec("P")
T = TypeVar("T")

_CONNECTING = 10.0  # seconds
_RECONNECTING = 30.0  # seconds within which a lost scheduler may return
_GATHERING = 60.0  # seconds until the first worker is connected

_TELLING = 0.1  # seconds after which a worker tells the scheduler what it has seen, and asks whether to go on
_LISTENING = 5.0  # seconds for the last such exchange

_ADVICE = "start a scheduler with `dask scheduler` and workers with `dask worker`, or use --workers"


class _Workers(Executor):
    """The workers as an executor which, as others do, is broken once it can take nothing any more."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a call to a worker.

        Raises:
            BrokenExecutor: The scheduler has gone.
        """
        try:
            return self._executor.submit(fn, *args, **kwargs)
        except (OSError, ClosedClientError) as error:
            raise BrokenExecutor(str(error)) from error


class Cluster:
    """A seat for each worker that is connected when the run begins; Dask gives the part of a dead one to another."""

    def __init__(self, address: str) -> None:
        for name in ("distributed", "distributed.client"):  # each has its own handler
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.shares_disk = address.startswith("local:")
        self._local = _start(address) if self.shares_disk else None
        self._client = _connect(self._local or address, address)
        self._gone_since: float | None = None
        self._stopping = f"enrich-{token_hex(8)}"
        try:
            self._seats = [self._seat(worker) for worker in _workers(self._client, address)]
        except EnrichError:
            self.close()
            raise

    def _seat(self, worker: str | None) -> Seat:
        # Not pure: a part that is looked at again must not get the first receipt.
        placed = {"workers": [worker], "allow_other_workers": True} if worker else {}
        work = partial(_work, stopping=self._stopping, shares_disk=self.shares_disk)
        return Seat(_Workers(self._client.get_executor(pure=False, **placed)), work)

    def seats(self) -> Sequence[Seat]:
        """Return the seats."""
        return self._seats

    def renew(self, number: int) -> Seat:
        """Return a seat that any worker may take."""
        self._seats[number] = self._seat(None)
        return self._seats[number]

    def is_lost(self) -> bool:
        """Whether the scheduler is gone."""
        if self._client.status == "running":
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = time.monotonic()
        if self._client.status == "closed":  # it has tried for long enough
            return True
        return self._gone_since is not None and time.monotonic() - self._gone_since > _RECONNECTING

    def stop(self) -> None:
        """Make the parts in progress end early."""
        if self._client.status == "running":
            Event(self._stopping, client=self._client).set()

    def close(self) -> None:
        """Leave the cluster, and shut it down if it was started here."""
        self._client.close()
        if self._local:
            self._local.close()


def _start(address: str) -> LocalCluster:
    number = address.removeprefix("local:")
    if not number.isdecimal() or not 0 < int(number) <= 1000:
        raise EnrichError(
            f"--cluster {address}: must be local:N with N workers, or a scheduler such as tcp://HOST:8786"
        )
    # As for `--workers`: from a process without keys. Dask asks for the method again if a worker has died.
    fork_server.start()
    dask.config.set({"distributed.worker.multiprocessing-method": fork_server.METHOD})
    try:
        with fork_server.without_secrets():
            return LocalCluster(
                n_workers=affordable(int(number)),
                threads_per_worker=1,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port, for several runs at once
            )
    except (OSError, RuntimeError) as error:
        raise EnrichError(f"--cluster {address}: cannot be started ({_words(error)}); use --workers") from None


def _connect(cluster: LocalCluster | str, address: str) -> Client:
    try:
        return Client(cluster, timeout=_CONNECTING)
    except (OSError, ValueError, RuntimeError, TypeError, MemoryError) as error:
        # MemoryError: the answer of another kind of server is read as the size of a message.
        raise EnrichError(f"--cluster {address}: no scheduler responded ({_words(error)}); {_ADVICE}") from None


def _workers(client: Client, address: str) -> Sequence[str]:
    """Return the addresses of the workers, which must have this version of enrich.

    Raises:
        EnrichError: There are no workers, or one has another version.
    """
    try:
        client.wait_for_workers(1, timeout=_GATHERING)
    except TimeoutError:
        raise EnrichError(f"--cluster {address}: the scheduler has no workers; {_ADVICE}") from None
    versions: Mapping[str, object] = client.run(_version, on_error="return")
    for worker, version in sorted(versions.items()):
        if version != __version__:
            found = f"has enrich {version}" if isinstance(version, str) else f"has no enrich ({_words(version)})"
            raise EnrichError(
                f"--cluster {address}: the worker {worker} {found}, this is {__version__}; "
                f"install enrich-catalog[cluster]=={__version__} on all workers"
            )
    return sorted(versions)


def _words(error: object) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _version() -> str:
    return __version__


class _Relay:
    """What was seen of a part, on the scheduler: its next worker may be on another machine."""

    def __init__(self, name: str, client: Client) -> None:
        self._queue = Queue(name, client=client)
        self._new: deque[str] = deque()

    def rows(self) -> Sequence[str]:
        """Return what workers before have put, and keep it."""
        rows = [str(row) for rows in self._queue.get(batch=True) for row in rows]
        self._new.extend(rows)
        return rows

    def put(self, row: str) -> None:
        """Keep what was seen of a link."""
        self._new.append(row)

    def clear(self) -> None:
        """Forget what was put."""
        self._new.clear()
        self._queue.get(batch=True)

    def send(self) -> None:
        """Send the scheduler what is new."""
        if rows := [self._new.popleft() for _ in range(len(self._new))]:
            self._queue.put(rows)

    def close(self) -> None:
        """Have the scheduler forget the part, which has ended."""
        self.clear()
        self._queue.close()


def _work(part: str, order: str, *, stopping: str, shares_disk: bool) -> str:
    """Look at a part on a worker, until it is done or the run is stopped."""
    client = get_client()
    relay = None if shares_disk else _Relay(f"{stopping}-{sha256(part.encode()).hexdigest()[:24]}", client)
    stopped, ended = threading.Event(), threading.Event()
    event = Event(stopping, client=client)

    def listen() -> None:
        with suppress(OSError, RuntimeError, ClosedClientError):  # the scheduler is gone, or the worker ends
            while not (ended.is_set() or event.wait(timeout=_TELLING)):
                if relay:
                    relay.send()
        stopped.set()  # without a scheduler, the results of this worker are lost

    listening = threading.Thread(target=listen, name="stopping", daemon=True)
    listening.start()
    try:
        receipt = look_at_part(part, order, stopped.is_set, relay)
    finally:
        ended.set()
    listening.join(_LISTENING)
    if relay:
        with suppress(OSError, RuntimeError, ClosedClientError):
            relay.close()
    return receipt
