"""Local copies of public metadata, which runs ask before the network; the only room that knows their SQLite files."""

from enrich.snapshots.build import BuildListener, build, remove
from enrich.snapshots.database import DamagedError, Info, OtherFormError
from enrich.snapshots.kinds import KINDS, SnapshotKind
from enrich.snapshots.reading import Snapshot
from enrich.snapshots.rows import SnapshotError

__all__ = [
    "KINDS",
    "BuildListener",
    "DamagedError",
    "Info",
    "OtherFormError",
    "Snapshot",
    "SnapshotError",
    "SnapshotKind",
    "build",
    "remove",
]
