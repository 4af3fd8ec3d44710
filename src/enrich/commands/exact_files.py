"""User files that a command rewrites in part: read byte for byte, and replaced as a whole or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from enrich import files
from enrich.commands.terminal import read_bytes
from enrich.model import EnrichError


@dataclass(frozen=True, slots=True)
class ExactFile:
    """A file as it was read."""

    path: Path
    data: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path, most: int) -> ExactFile:
        """Read a file of at most `most` bytes.

        Raises:
            EnrichError: It cannot be read, or is larger.
        """
        return cls(path, read_bytes(path, most))

    def text(self) -> str:
        """Return the text, byte order mark and line ends included.

        Raises:
            EnrichError: It is not UTF-8.
        """
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise EnrichError(f"{self.path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None

    def check_writable(self, data: bytes) -> None:
        """Check whether the file could be replaced with these bytes.

        Raises:
            EnrichError: It is read-only, or its folder is.
        """
        folder = Path(os.path.realpath(self.path)).parent
        if data != self.data and not (os.access(self.path, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)):
            raise EnrichError(f"{self.path}: read-only; make it writable, nothing was changed")

    def replace(self, data: bytes) -> None:
        """Replace the file; a symbolic link keeps pointing at it.

        Raises:
            EnrichError: It changed since it was read, or cannot be written.
        """
        if data == self.data:
            return
        try:
            self._check_unchanged()
            files.write(self.path, [data], before_replace=self._check_unchanged)
        except OSError as error:
            raise EnrichError(f"{self.path}: cannot be written ({error.strerror}); free disk space") from None

    def _check_unchanged(self) -> None:
        if self.path.read_bytes() != self.data:
            raise EnrichError(f"{self.path}: changed on disk meanwhile, unchanged; run the command again")
