"""The replies to canaries: recorded as they arrive, saved with head and beginning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from enrich import files
from enrich.model import Reply
from enrich.text.redaction import redacted_headers

_PAGE_BYTES = 4 * 1024
"""Bytes of a page that are saved."""

SERVICE_BYTES = 64 * 1024
"""Bytes of a service's reply that are saved: the whole reply, so that it can be parsed again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A reply as saved: the first URL, the head, and the beginning of the body."""

    asked: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: str
    redirects: tuple[tuple[str, int], ...] = ()
    truncated: bool = False


@dataclass(slots=True)
class Witness:
    """Records the last reply of every fetch."""

    replies: list[Saved] = field(default_factory=list)

    def __call__(self, reply: Reply) -> None:
        """Record a reply."""
        is_page = "html" in reply.headers.get("content-type", "html")
        limit = _PAGE_BYTES if is_page else SERVICE_BYTES
        redirects = tuple((hop.url, hop.status) for hop in reply.hops)
        self.replies.append(
            Saved(
                asked=redirects[0][0] if redirects else reply.url,
                url=reply.url,
                status=reply.status,
                headers=redacted_headers(reply.headers),
                body=reply.body[:limit],
                at=reply.at,
                redirects=redirects,
                truncated=reply.truncated or len(reply.body) > limit,
            )
        )

    def of(self, url: str) -> tuple[Saved, ...]:
        """Return the replies to requests for a URL."""
        return tuple(reply for reply in self.replies if reply.asked == url)


def save(folder: Path, service: str, case: str, replies: Sequence[Saved]) -> tuple[str, ...]:
    """Write replies into a folder, each as a JSON file with its body as text; return the names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^a-z0-9]+", "-", f"{service} {case}".lower()).strip("-")[:80]
    names = []
    for number, reply in enumerate(replies, 1):
        name = f"{stem}-{number}.json"
        value = {
            "asked": reply.asked,
            "url": reply.url,
            "status": reply.status,
            "headers": dict(reply.headers),
            "redirects": [{"url": url, "status": status} for url, status in reply.redirects],
            "at": reply.at,
            "truncated": reply.truncated,
            "body": reply.body.decode("utf-8", "backslashreplace"),
        }
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        files.write(folder / name, files.encoded(text, "backslashreplace"))
        names.append(name)
    return tuple(names)
