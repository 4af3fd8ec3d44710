"""The receipts of a run: those of its workers, kept beside the cache until the run has ended, and given ones."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from enrich import files
from enrich.model import EnrichError
from enrich.pipeline.pages import Seen
from enrich.pipeline.parts.forms import (
    LONGEST,
    Receipt,
    SeenLink,
    is_answered,
    is_settled,
    progress_of,
    read_receipt,
    write_receipt,
)
from enrich.pipeline.parts.journal import SUFFIX, YOUNG, is_young, read_rows
from enrich.web import AnswerTimes, HostState, domain_of

_RECEIPT = ".json"
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")  # gzip, zip, zstd
_ENDED = 1_000  # more than the looks at a link
_RUN = "run"  # the file with the name of the run


class Receipts:
    """What workers have seen, by the keys of looks.

    Args:
        folder: Where receipts are kept as parts end, with the journals of workers on this machine; None: nowhere.

    Attributes:
        run: What the run is known by; the same when it goes on after it was killed.
        hosts: What workers have learned of hosts.
        requests: How many requests they sent, by host.
        answer_times: How long hosts took to answer them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.run = token_hex(16)
        self.hosts: dict[str, HostState] = {}
        self.requests: Counter[str] = Counter()
        self.answer_times = AnswerTimes()
        self._rows: dict[str, SeenLink] = {}
        self._answered: set[str] = set()
        self._added: set[bytes] = set()

    def load(self) -> None:
        """Take over what workers of an earlier run saw before it was killed."""
        if self.folder is None or self.folder.is_symlink():
            return
        with suppress(OSError):
            self._go_on()
            for path in sorted(self.folder.iterdir()):
                if path.is_symlink() or not path.is_file() or not is_young(path):
                    continue
                if path.suffix == _RECEIPT:
                    with suppress(EnrichError):
                        self.add(read_file(path))
                elif path.suffix == SUFFIX:
                    self._take(read_rows(path).values())

    def _go_on(self) -> None:
        """Take the name of the killed run, or leave this run's for the next."""
        folder = self.folder or Path()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _RUN
        if path.is_file() and not path.is_symlink() and is_young(path):
            with path.open("rb") as file:
                name = file.read(33).strip()
            if re.fullmatch(rb"[0-9a-f]{32}", name):
                self.run = name.decode()
                return
        files.write(path, [self.run.encode()], follow_link=False)

    def add(self, receipt: Receipt) -> None:
        """Take up a receipt, which counts once however often it is given."""
        digest = hashlib.sha256(write_receipt(receipt).encode("utf-8", "surrogatepass")).digest()
        if digest in self._added:
            return
        self._added.add(digest)
        self._take(row for row in receipt.rows if not receipt.offline or is_answered(row.seen))
        if receipt.offline is None:
            self.hosts.update(receipt.hosts_of({domain_of(row.seen.url) for row in receipt.rows}))
        self.requests.update(receipt.requests)
        self.answer_times.update(receipt.answer_times)

    def _take(self, rows: Iterable[SeenLink]) -> None:
        for row in rows:
            self._answered.update(row.seen.answered)
            known = self._rows.get(row.key)
            if is_settled(row.seen) and (known is None or _progress(row) >= _progress(known)):
                self._rows[row.key] = row

    @property
    def is_empty(self) -> bool:
        """Whether there are no results here."""
        return not self._rows

    @property
    def unused(self) -> int:
        """The number of links whose results were not asked for."""
        return len({row.seen.url for row in self._rows.values()})

    @property
    def answered(self) -> frozenset[str]:
        """The schemes of the URLs that answered anything."""
        return frozenset(self._answered)

    def find(self, key: str, url: str) -> Seen | None:
        """Return and remove the result of a look; None without one."""
        row = self._rows.pop(key, None)
        return row.seen if row and row.seen.url == url else None

    def keep(self, digest: str, receipt: str) -> None:
        """Keep the receipt of a finished part, as JSON, instead of its journal."""
        if self.folder is None:
            return
        with suppress(OSError):  # the run continues; a killed one asks again
            self.folder.mkdir(parents=True, exist_ok=True)
            files.write(self.folder / f"{digest}{_RECEIPT}", [receipt.encode()], follow_link=False)
            (self.folder / f"{digest}{SUFFIX}").unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what was kept: the run has ended, and its results are in the cache and the history."""
        if self.folder is not None and not self.folder.is_symlink():
            shutil.rmtree(self.folder, ignore_errors=True)


def _progress(row: SeenLink) -> tuple[int, int]:
    """Return how far a look had come: of one that went from worker to worker, each has a row."""
    onward = row.seen.handed_over
    return progress_of(onward) if onward else (_ENDED, 0)


def objection(receipt: Receipt, now: datetime) -> str | None:
    """Return why a receipt does not count, and what to do; None if it does."""
    try:
        at = datetime.strptime(receipt.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return f"its time, {receipt.at!r}, is not valid; run `enrich look` again"
    age = (now - at).total_seconds()
    if age >= YOUNG:
        return f"it is older than {YOUNG / 3600:.0f} hours; run `enrich look` again"
    if age <= -YOUNG:
        return f"its time, {receipt.at}, is in the future; set the clock of its machine and run `enrich look` again"
    return None


def read_file(path: Path) -> Receipt:
    """Read a receipt from a file.

    Raises:
        EnrichError: It cannot be read, or is not a receipt.
    """
    return read_receipt(bytes_of(path), str(path))


def bytes_of(path: Path) -> bytes:
    """Return what the file of a part or receipt holds.

    Raises:
        EnrichError: It cannot be read, is too large for one, or is a pipe or device, which may have no end.
    """
    try:
        if files.is_stream(path):
            raise EnrichError(f"{path}: not a file; pass files written by `enrich plan` or `enrich look`")
        if path.is_dir():
            raise EnrichError(f"{path}: a folder; pass the files in it, such as {path / '*.json'}")
        if path.stat().st_size > LONGEST:
            raise EnrichError(f"{path}: too large; pass files written by `enrich plan` or `enrich look`")
        data = path.read_bytes()
    except FileNotFoundError:
        raise EnrichError(f"{path}: file not found; check the path") from None
    except OSError as error:
        raise EnrichError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if data.startswith(_COMPRESSED):
        raise EnrichError(f"{path}: compressed; unpack it first, with `gunzip` for example")
    return data
