"""Local copies of public metadata, which runs ask before the network; the only room that knows their SQLite files."""

from enrich.snapshots.build import Listener, build, check_replaceable
from enrich.snapshots.database import Info, OtherFormError
from enrich.snapshots.kinds import KINDS, Kind
from enrich.snapshots.reading import DamagedError, Snapshot
from enrich.snapshots.rows import SnapshotError

__all__ = [
    "KINDS",
    "DamagedError",
    "Info",
    "Kind",
    "Listener",
    "OtherFormError",
    "Snapshot",
    "SnapshotError",
    "build",
    "check_replaceable",
]
