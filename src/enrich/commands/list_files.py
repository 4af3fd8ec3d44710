"""Lists that `enrich fix` rewrites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from enrich import links, lists
from enrich.commands.exact_files import ExactFile
from enrich.commands.mirrors import LARGEST_LIST
from enrich.limits import CpuLimit, OutOfTimeError
from enrich.model import EnrichError

REWRITE_SECONDS = 300.0
"""Processor time for one list; one of 1 MB in which a third of the links moved takes 5 s."""

_NOT_REWRITTEN = (".json", ".csl")


@dataclass(frozen=True, slots=True)
class ListFix:
    """The changes to one list."""

    file: ExactFile
    encoding: str
    rewritten: links.Rewritten
    retitled: lists.Retitled

    @classmethod
    def of(cls, path: Path, moved: Mapping[str, str], titles: Mapping[str, str]) -> ListFix:
        """Read a list and find the links in it that get a new address, and the titles that get a new text.

        Raises:
            EnrichError: It cannot be read.
        """
        file, name = ExactFile.read(path, LARGEST_LIST), str(path)
        encoding = "utf-8" if _is_utf_8(file.data) or not links.is_html(name) else "latin-1"
        # URLs are ASCII, and each other byte of a page in another encoding is one character in this one.
        text = file.data.decode(encoding) if encoding == "latin-1" else file.text()
        if path.suffix.lower() in _NOT_REWRITTEN:
            return cls(file, encoding, links.Rewritten(text), lists.Retitled(text))
        try:
            with CpuLimit(REWRITE_SECONDS):
                retitled = (
                    lists.retitled(text, name, titles) if titles and not links.is_table(name) else lists.Retitled(text)
                )
                rewritten = links.rewritten(retitled.text, name, moved)
        except OutOfTimeError:
            raise EnrichError(f"{path}: takes more than {REWRITE_SECONDS:.0f} s to rewrite; split it") from None
        return cls(file, encoding, rewritten, retitled)

    @property
    def before(self) -> str:
        """The text as it was read."""
        return self.file.data.decode(self.encoding)

    @property
    def after(self) -> str:
        """The text with its new URLs and titles."""
        return self.rewritten.text

    def check_writable(self) -> None:
        """Check whether the file could be replaced.

        Raises:
            EnrichError: It is read-only, or its folder is.
        """
        self.file.check_writable(self.after.encode(self.encoding))

    def save(self) -> None:
        """Replace the file.

        Raises:
            EnrichError: It changed since it was read, or cannot be written.
        """
        self.file.replace(self.after.encode(self.encoding))


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
