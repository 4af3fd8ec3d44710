"""Catalogs that were renamed or moved: their records continue under the new path."""

from __future__ import annotations

import sqlite3
from collections.abc import Set as AbstractSet
from pathlib import Path


def follow_move(connection: sqlite3.Connection, folder: Path, catalog: str, urls: AbstractSet[str]) -> None:
    """Give a new catalog the records of one that is gone from its path and had most of its links.

    Args:
        connection: The results, in a transaction.
        folder: The folder that paths of catalogs are relative to.
        catalog: The catalog's path.
        urls: The catalog's links.
    """
    known = {path: each for each, path in connection.execute("SELECT id, path FROM catalogs")}
    if catalog in known:
        return
    gone = [each for path, each in known.items() if not (folder / path).exists()]
    found = [(common, each) for each in gone if (common := _links_in_common(connection, each, urls))]
    if found:
        connection.execute("UPDATE catalogs SET path = ? WHERE id = ?", (catalog, max(found)[1]))


def _links_in_common(connection: sqlite3.Connection, catalog: int, urls: AbstractSet[str]) -> int:
    """Return the number of common links; 0 unless they are most of each."""
    asked = "SELECT url FROM links WHERE catalog = ? AND verdict IS NOT NULL"
    held = {url for (url,) in connection.execute(asked, (catalog,))}
    common = len(held & urls)
    return common if 2 * common > max(len(held), len(urls)) else 0
