"""Locate the cache: the folder beside the catalog if it is enrich's own, else the user's cache."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from enrich.access import user_cache
from enrich.history import peek

TAG = "CACHEDIR.TAG"
"""Marks a folder as a cache for backup programs, and by the second line as enrich's: https://bford.info/cachedir/."""

_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
_TAG_TEXT = """\
Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag created by enrich.
# For information about cache directory tags see https://bford.info/cachedir/
"""


def is_own(folder: Path) -> bool:
    """Whether enrich created or filled the folder; other programs also have folders called `cache`."""
    with suppress(OSError), (folder / TAG).open("rb") as file:
        text = file.read(1000)
        if text.startswith(_SIGNATURE) and b"created by enrich" in text:
            return True
    return (folder / "answers" / "cache.db").is_file() or peek(folder / "history.json") is not None


def make(folder: Path) -> None:
    """Create and mark the folder, unless it has another program's files in it."""
    with suppress(OSError):
        is_new = not folder.exists() or not any(folder.iterdir())
        if is_new or is_own(folder) or folder == user_cache():
            folder.mkdir(parents=True, exist_ok=True)
            _add(folder / TAG, _TAG_TEXT)
        if is_new:
            _add(folder / ".gitignore", "# Created by enrich.\n*\n")


def former_user_cache(folder: Path) -> Path:
    """Return the folder in the user's cache where earlier versions kept the data of a folder's catalogs."""
    here = folder.resolve()
    return user_cache() / f"{here.name}-{hashlib.sha256(str(here).encode()).hexdigest()[:8]}"


def _add(path: Path, text: str) -> None:
    with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(text)
