"""The README as the package carries it: its links lead into the repository, as there are no files beside it."""

from __future__ import annotations

import re

_LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^\]]*\])\((?P<target>(?!https?://|#)[^)\s]+)\)")


def with_absolute_links(text: str, repository: str) -> str:
    """Return Markdown with its relative links and pictures at the repository's main branch."""

    def absolute(match: re.Match[str]) -> str:
        view = "raw" if match["image"] else "blob"
        return f"{match['image']}{match['text']}({repository}/{view}/main/{match['target']})"

    return _LINK.sub(absolute, text)
