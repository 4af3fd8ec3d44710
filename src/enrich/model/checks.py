"""The verdicts of a run by URL, in little memory: of a long list, they are most of what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from sys import intern

from enrich.model.links import Evidence, LinkCheck, Page, Verdict
from enrich.services import WEB


class Checks(Mapping[str, LinkCheck]):
    """Verdicts by the URLs of the links.

    The check of an ordinary link, which is good and whose page only has a title, is kept as a few bytes and recreated
    whenever it is used; all others are kept as they are.
    """

    __slots__ = ("_rows",)

    def __init__(self, checks: Mapping[str, LinkCheck] | None = None) -> None:
        self._rows: dict[str, LinkCheck | bytes] = {}
        if checks:
            self.update(checks)

    @classmethod
    def first_of(cls, urls: Iterable[str], given: Sequence[Mapping[str, LinkCheck]]) -> Checks:
        """Return the check of each URL from the first of several mappings that has one."""
        found = cls()
        rows = [each._rows if isinstance(each, Checks) else each for each in given if each]
        for url in urls:
            for each in rows:
                if (row := each.get(url)) is not None:
                    found._rows[url] = row
                    break
        return found

    def __getitem__(self, url: str) -> LinkCheck:
        row = self._rows[url]
        return _ordinary(url, row) if isinstance(row, bytes) else row

    def verdict(self, url: str) -> Verdict:
        """Return the verdict on a link."""
        row = self._rows[url]
        return Verdict.OK if isinstance(row, bytes) else row.verdict

    def ordinary(self, url: str) -> tuple[str, str] | None:
        """Return when an ordinary link was seen, and what was; None for all others."""
        row = self._rows[url]
        return _unpacked(row)[:2] if isinstance(row, bytes) else None

    def __contains__(self, url: object) -> bool:
        return url in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, check: LinkCheck, url: str | None = None) -> None:
        """Keep a check, replacing an earlier one of its URL.

        Args:
            check: The check.
            url: Its URL as others have it: a check that was read from JSON has a text of its own.
        """
        url = check.url if url is None else url
        row = _packed(check)
        # What it does not give back is kept as it is.
        if row and _ordinary(url, row) == check:
            self._rows[url] = row
        else:
            self._rows[url] = check if check.url is url else replace(check, url=url, evidence=_shared(check.evidence))

    def update(self, checks: Mapping[str, LinkCheck]) -> None:
        """Add other checks, replacing earlier ones."""
        if isinstance(checks, Checks):
            self._rows |= checks._rows
        else:
            for check in checks.values():
                self.put(check)

    def notable(self) -> Iterator[tuple[str, LinkCheck]]:
        """Yield all but ordinary links, with their URLs."""
        return ((url, row) for url, row in self._rows.items() if not isinstance(row, bytes))


def notable(checks: Mapping[str, LinkCheck]) -> Iterable[tuple[str, LinkCheck]]:
    """Return the checks of which there may be more to say than that the link is good, with their URLs."""
    return checks.notable() if isinstance(checks, Checks) else checks.items()


def _shared(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return evidence that was read from JSON; services and times are the same for thousands of links."""
    return tuple(replace(row, asked=intern(row.asked), at=intern(row.at)) for row in evidence)


def _packed(check: LinkCheck) -> bytes | None:
    if check.verdict is not Verdict.OK or check.page is None or len(check.evidence) != 1:
        return None
    (row,) = check.evidence
    return f"{'-' if check.page.title is None else '+'}{row.at} {row.saw}".encode("utf-8", "surrogatepass")


def _unpacked(row: bytes) -> tuple[str, str, bool]:
    words = row.decode("utf-8", "surrogatepass")
    at, _, saw = words[1:].partition(" ")
    return at, saw, words[0] == "+"


def _ordinary(url: str, row: bytes) -> LinkCheck:
    at, saw, is_title = _unpacked(row)
    page = Page(url, _STATUS, saw if is_title else None)
    return LinkCheck(url, Verdict.OK, (Evidence(WEB, at, saw, _STATUS),), page=page)


_STATUS = 200
