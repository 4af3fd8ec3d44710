"""`enrich snapshot`: build, show and remove local copies of public metadata."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from enrich import snapshots
from enrich.commands import CANNOT_RUN, CLEAN
from enrich.commands.inputs import expanded
from enrich.commands.printing import print_lines
from enrich.commands.progress import progress
from enrich.commands.terminal import STREAM, complain, say
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError
from enrich.snapshots import KINDS, BuildListener, Info, Snapshot, SnapshotError, SnapshotKind
from enrich.text.suggestions import hint


def execute(arguments: Namespace) -> int:
    """Build, show or remove snapshots."""
    workspace = Workspace.of(arguments)
    return {"build": _build, "info": _info, "remove": _remove}[arguments.action](arguments, workspace)


def _kind(arguments: Namespace) -> SnapshotKind:
    name = arguments.name
    if name is None:
        raise EnrichError(f"snapshot {arguments.action}: no name given; choose one of {', '.join(KINDS)}")
    if name not in KINDS:
        raise EnrichError(f"snapshot {arguments.action}: unknown name {name!r}; {hint(name, KINDS)}")
    return KINDS[name]


def _place(arguments: Namespace, workspace: Workspace, kind: SnapshotKind) -> Path:
    place: Path = arguments.output or workspace.snapshot_place(kind.name)
    return place


def _build(arguments: Namespace, workspace: Workspace) -> int:
    kind = _kind(arguments)
    if not arguments.files:
        raise EnrichError(f"snapshot build {kind.name}: no file given; pass {kind.what}")
    place = _place(arguments, workspace, kind)
    if place == STREAM:
        raise EnrichError("snapshot build: -o -: cannot be written to standard output; pass a file")
    dumps = [Path(name) for name in expanded(map(str, arguments.files))]
    if any(_is_same(place, dump) for dump in dumps):
        raise EnrichError(f"{place}: an input of this command, not overwritten; choose another output file")
    now, started = datetime.now(UTC), time.monotonic()
    with progress(arguments, unit="rows") as heard:
        listener = BuildListener(
            partial(heard.answered, f"{kind.name}-snapshot"),
            partial(say, arguments),
            partial(heard.expected, f"{kind.name}-snapshot"),
        )
        made = snapshots.build(kind, dumps, place, listener, now=now, day=_day(arguments.date, now))
    skipped = f", {_count(made.malformed, 'malformed row')} skipped" if made.malformed else ""
    seconds = time.monotonic() - started
    say(arguments, f"{place}: {_count(made.rows, 'row')} of {made.day}{skipped}, built in {seconds:.0f} s")
    if why := made.objection(now.date(), workspace.loaded.settings.snapshots.max_age_days):
        say(arguments, f"{why}: runs will not use it")
    if workspace.snapshot_place(kind.name).resolve() != place.resolve():
        say(arguments, f'to use it, add `{kind.name} = "{place.as_posix()}"` to [snapshots] in enrich.toml')
    return CLEAN


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _day(text: str | None, now: datetime) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise EnrichError(f"--date {text}: must be a date such as 2026-11-20") from None
    if day > (now + timedelta(days=1)).date():
        raise EnrichError(f"--date {text}: is in the future; pass the date of the dump")
    return day


def _info(arguments: Namespace, workspace: Workspace) -> int:
    """Show the snapshots; a named one must exist, and each must be valid."""
    _require_one_name(arguments)
    kinds = [_kind(arguments)] if arguments.name else list(KINDS.values())
    most = workspace.loaded.settings.snapshots.max_age_days
    code = CLEAN
    for kind in kinds:
        place = _place(arguments, workspace, kind)
        if not arguments.name and not place.exists():
            print_lines(f"{kind.name}: none ({place})")
            continue
        try:
            made, size = info_and_size(kind.name, place)
        except SnapshotError as error:
            complain(error)
            code = CANNOT_RUN
            continue
        print_lines(f"{kind.name}:", *(f"  {name}: {value}" for name, value in _facts(made, size, place, most).items()))
    return code


def states(workspace: Workspace) -> Iterator[str]:
    """Yield a line for each snapshot in the settings or the user's cache: what it is, or why it is not used."""
    chosen = workspace.loaded.settings.snapshots
    for name, place in chosen.files.items():
        try:
            made, _ = info_and_size(name, place)
        except SnapshotError as error:
            yield f"snapshot {name}: not used: {error}"
            continue
        today = datetime.now(UTC).date()
        why = made.objection(today, chosen.max_age_days)
        said = f"{_count(made.rows, 'row')} of {made.day}, {_count(made.age(today), 'day')} old ({place})"
        yield f"snapshot {name}: not used: {why} ({place})" if why else f"snapshot {name}: {said}"


def info_and_size(name: str, place: Path) -> tuple[Info, int]:
    """Return what a snapshot says about itself, and its size in bytes.

    Raises:
        SnapshotError: It is missing or is something else.
    """
    snapshot = Snapshot.open(name, place)
    snapshot.close()
    return snapshot.info, place.stat().st_size


def _facts(made: Info, size: int, place: Path, most: float) -> Mapping[str, str]:
    """Return the description of a snapshot; `most` is the age in days up to which it is used."""
    today = datetime.now(UTC).date()
    why = made.objection(today, most)
    return {
        "date": str(made.day),
        "age": f"{_count(made.age(today), 'day')}{f' (not used: {why})' if why else ''}",
        "rows": f"{made.rows:,}",
        "malformed rows": f"{made.malformed:,}",
        "size": f"{size / 1e6:,.1f} MB",
        "built": made.built,
        "path": str(place),
    }


def _require_one_name(arguments: Namespace) -> None:
    if arguments.files:
        raise EnrichError(
            f"snapshot {arguments.action}: takes one name, got {arguments.files[0]}, too; pass a file with -o"
        )


def _remove(arguments: Namespace, workspace: Workspace) -> int:
    _require_one_name(arguments)
    kind = _kind(arguments)
    place = _place(arguments, workspace, kind)
    if not snapshots.remove(place, kind):
        raise SnapshotError(f"{place}: file not found; `enrich snapshot info` lists the snapshots")
    say(arguments, f"{place}: removed")
    return CLEAN
