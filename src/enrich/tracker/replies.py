"""GitHub's replies, and what they say about missing permissions and limits."""

from __future__ import annotations

import json

from enrich.model import EnrichError, Reply

_UNSAID_PAUSE = 60.0  # seconds, if a secondary limit states none: GitHub asks for a minute at least


class TrackerError(EnrichError):
    """GitHub did not create or update the issue; the text says which permission or setting would help."""


def read_json(reply: Reply) -> object:
    """Return the content of a reply.

    Raises:
        TrackerError: It is not JSON.
    """
    try:
        value: object = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise TrackerError("GitHub's response is not JSON; the next run tries again") from None
    return value


def pause_asked(reply: Reply) -> float | None:
    """Return the seconds that a secondary limit asks for, None without one.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if reply.status not in (403, 429):
        return None
    asked = reply.headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked[:9])
    limited = b"secondary rate limit" in reply.body or b"abuse detection" in reply.body
    return _UNSAID_PAUSE if limited else None


def what_is_missing(reply: Reply, repository: str) -> str:
    """Return the missing permission or setting, in words."""
    match reply.status:
        case 401:
            return "GITHUB_TOKEN is invalid or expired; create a new one"
        case 403 | 429 if pause_asked(reply) is not None or reply.headers.get("x-ratelimit-remaining") == "0":
            return "rate limited; the next run tries again"
        case 403:
            return (
                "the token has no write access to issues; in a workflow, give the job `permissions: issues: write`; a "
                "personal token needs Issues: read and write (runs for pull requests from forks never have it)"
            )
        case 404:
            return (
                f"repository {repository} not found; check the name (GITHUB_REPOSITORY or --repository), and "
                "for a private repository that the token has access to it with Issues: read and write"
            )
        case 410:
            return "issues are disabled; enable them under Settings > General > Features"
        case 422:
            return "GitHub rejected the issue (422); please report this as a bug of enrich"
        case _:
            return "GitHub server error; the next run tries again"


def said(reply: Reply) -> str:
    """Return GitHub's message as one line without control characters."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return ""
    words = str(value.get("message") or "") if isinstance(value, dict) else ""
    shown = "".join(letter if letter.isprintable() else " " for letter in words)[:200]
    return f": {shown}" if shown else ""
