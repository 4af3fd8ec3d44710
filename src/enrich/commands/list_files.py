"""Lists as `enrich fix` rewrites them: read with their exact bytes, replaced as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from enrich import files, links, lists
from enrich.commands.mirrors import LARGEST_LIST
from enrich.commands.terminal import read_bytes
from enrich.model import EnrichError

_NOT_REWRITTEN = (".json", ".csl", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class ListFix:
    """What is to be written into one list."""

    path: Path
    data: bytes = field(repr=False)
    encoding: str
    rewritten: links.Rewritten
    retitled: lists.Retitled

    @classmethod
    def of(cls, path: Path, moved: Mapping[str, str], titles: Mapping[str, str]) -> ListFix:
        """Read a list and find the links in it that get a new address, and the titles that get a new text.

        Raises:
            EnrichError: It cannot be read.
        """
        data = read_bytes(path, LARGEST_LIST)
        encoding = "utf-8"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if not links.is_html(str(path)):
                raise EnrichError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
            # Addresses are ASCII, and each other byte is a character of this encoding.
            encoding = "latin-1"
            text = data.decode(encoding)
        if path.suffix.lower() in _NOT_REWRITTEN:
            return cls(path, data, encoding, links.Rewritten(text), lists.Retitled(text))
        name = str(path)
        retitled = lists.retitled(text, name, titles) if titles else lists.Retitled(text)
        return cls(path, data, encoding, links.rewritten(retitled.text, name, moved), retitled)

    @property
    def before(self) -> str:
        """The text as it was read."""
        return self.data.decode(self.encoding)

    @property
    def after(self) -> str:
        """The text with its new addresses and titles."""
        return self.rewritten.text

    def check_writable(self) -> None:
        """See whether the file could be replaced.

        Raises:
            EnrichError: It is read-only, or its folder is.
        """
        folder = Path(os.path.realpath(self.path)).parent
        if self.after != self.before and not (os.access(self.path, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)):
            raise EnrichError(f"{self.path}: read-only; make it writable, nothing was changed")

    def save(self) -> None:
        """Replace the file.

        Raises:
            EnrichError: It changed since it was read, or cannot be written.
        """
        if self.after == self.before:
            return
        try:
            self._check_unchanged()
            files.write(self.path, [self.after.encode(self.encoding)], before_replace=self._check_unchanged)
        except OSError as error:
            raise EnrichError(f"{self.path}: cannot be written ({error.strerror}); free disk space") from None

    def _check_unchanged(self) -> None:
        if self.path.read_bytes() != self.data:
            raise EnrichError(f"{self.path}: changed on disk while it was being fixed; run `enrich fix` again")
