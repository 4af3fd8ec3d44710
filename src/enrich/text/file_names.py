"""Names that every file system and web server accepts for a file or folder."""

from __future__ import annotations

import hashlib
import unicodedata

_MOST_BYTES = 120
_REFUSED = frozenset('<>:"/\\|?*#%&')  # not allowed on Windows, or with a meaning in URLs
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(10))})


def portable_name(text: str) -> str:
    """Return a text as the name of a file or folder: of bounded length, visible, and not a path or a device."""
    name = "".join("-" if _is_refused(each) else each for each in unicodedata.normalize("NFC", text))
    name = name.strip(" .") or "unnamed"
    if name.partition(".")[0].rstrip().casefold() in _DEVICES:
        name = f"_{name}"
    if len(name.encode()) > _MOST_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = f"{name.encode()[: _MOST_BYTES - 9].decode(errors='ignore').rstrip(' .')}-{digest}"
    return name


def _is_refused(letter: str) -> bool:
    """Whether a letter has another meaning, or is invisible: controls, directions, half surrogate pairs."""
    return letter in _REFUSED or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
