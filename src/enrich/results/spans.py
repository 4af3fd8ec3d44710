"""Spans: the current value and its first day are in one table, earlier values in another."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A current row that changes: its ID, its first day, the new values of its columns."""

    row: int
    since: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Spans:
    """A table of the present with its history.

    Attributes:
        table: The present, with a column `since`.
        history: What held before, with columns `since` and `till`. Rows are only added to it: its pages stay full.
        reference: The column of the history that holds the id of the present row.
        columns: Those that change together. A span lasts as long as the first of them; NULL there is no span.
    """

    table: str
    history: str
    reference: str
    columns: tuple[str, ...]

    def change(self, connection: sqlite3.Connection, changes: Sequence[Change], day: int) -> None:
        """End the spans of rows, and begin new ones; of several values on one day the last counts."""
        columns = ", ".join(self.columns)
        connection.executemany(
            f"INSERT INTO {self.history} ({self.reference}, since, till, {columns}) SELECT id, since, ?, {columns} "
            f"FROM {self.table} WHERE id = ? AND {self.columns[0]} IS NOT NULL",
            ((day, change.row) for change in changes if change.since < day),
        )
        ended = self._ended(connection, day) if any(change.since == day for change in changes) else {}
        update = f"UPDATE {self.table} SET since = ?, {', '.join(f'{name} = ?' for name in self.columns)} WHERE id = ?"
        for change in changes:
            since, values = day, change.values
            if change.since == day and (last := ended.get(change.row)) and last[2][0] == values[0]:
                # It is the same again as before this day.
                connection.execute(f"DELETE FROM {self.history} WHERE rowid = ?", last[:1])
                _, since, values = last
            connection.execute(update, (since, *values, change.row))

    def _ended(self, connection: sqlite3.Connection, day: int) -> dict[int, tuple[int, int, tuple[Value, ...]]]:
        rows = connection.execute(
            f"SELECT {self.reference}, rowid, since, {', '.join(self.columns)} FROM {self.history} WHERE till = ?",
            (day,),
        )
        return {row: (at, since, tuple(values)) for row, at, since, *values in rows}


LINKS = Spans("links", "link_history", "link", ("verdict", "status", "saw"))
CITATIONS = Spans("entries", "citation_history", "entry", ("citation_count",))
