"""Videos whose pages load even if the video was deleted; the platform's oEmbed shows it. Pure."""

from __future__ import annotations

import json
import re
from typing import NamedTuple
from urllib.parse import quote

from enrich.model import LONGEST_TITLE, Evidence, LinkCheck, Page, Reply, Verdict
from enrich.services import WEB


class Platform(NamedTuple):
    """A platform for videos.

    Attributes:
        name: What the report calls it.
        video: Pattern of a link to a video, with its id as a group.
        watch: The address of a video's page.
        oembed: Where its oEmbed is asked (https://oembed.com).
        untitled: Pattern of the title of a page that shows no video.
        says_missing: Whether oEmbed's 404 means that there is no such video; else that it cannot be embedded either.
    """

    name: str
    video: re.Pattern[str]
    watch: str
    oembed: str
    untitled: re.Pattern[str]
    says_missing: bool


PLATFORMS = (
    Platform(
        "YouTube",
        re.compile(
            r"https?://(?:(?:(?:www|m|music)\.)?youtube(?:-nocookie)?\.com/"
            r"(?:watch/?\?(?:[^#]*&)?v=|(?:shorts|embed|live|v)/)|youtu\.be/)((?!videoseries|live_stream)[\w-]+)",
            re.IGNORECASE | re.ASCII,
        ),
        "https://www.youtube.com/watch?v={}",
        "https://www.youtube.com/oembed?format=json&url=",
        re.compile(r"(?:[\s-]*YouTube)?\s*"),
        says_missing=True,
    ),
    # https://developer.vimeo.com/api/oembed/videos: 404 also where the owner forbids to embed the video.
    Platform(
        "Vimeo",
        re.compile(
            r"https?://(?:(?:www\.)?vimeo\.com/(?:(?:channels|groups|album|showcase|ondemand)/[\w-]+/(?:videos?/)?)?|"
            r"player\.vimeo\.com/video/)(\d{5,12}(?:/[0-9a-f]{8,12})?)(?![\w-])",
            re.IGNORECASE | re.ASCII,
        ),
        "https://vimeo.com/{}",
        "https://vimeo.com/api/oembed.json?url=",
        re.compile(r"(?:[\s-]*(?:Vimeo|VimeUhOh|Private Video(?: on Vimeo)?|Sorry))?\s*", re.IGNORECASE),
        says_missing=False,
    ),
)
"""A row for each platform whose pages load although the video is gone."""

_LONGEST_UNTITLED = 40  # characters; no title of a page without a video is longer


def oembed_url(url: str) -> str | None:
    """Return the platform's oEmbed URL for the link's video; None if the link leads to no video."""
    platform, video = _found(url)
    return platform.oembed + quote(platform.watch.format(video), safe="") if platform else None


def of_oembed(url: str, reply: Reply) -> LinkCheck | None:
    """Return the verdict on a link to a video by the platform's oEmbed; None if only the page can decide."""
    platform, _ = _found(url)
    if platform and platform.says_missing and reply.status == 404:
        saw = f"video not found on {platform.name} (oEmbed)"
        return LinkCheck(url, Verdict.BROKEN, (Evidence(WEB, reply.at, saw, 404),))
    title = _title(reply.body) if reply.status == 200 else None
    return (
        LinkCheck(url, Verdict.OK, (Evidence(WEB, reply.at, title, 200),), page=Page(url, 200, title))
        if title
        else None
    )


def of_video_page(check: LinkCheck, oembed: Reply | None) -> LinkCheck:
    """Return the verdict on a link to a video whose page was fetched; `oembed` is the platform's earlier answer.

    The page of an existing video has its title, even if it must not be embedded.
    """
    title = (check.page.title or "").strip() if check.page else None
    if title is None or len(title) > _LONGEST_UNTITLED:
        return check
    # Links that lead to a video through another site show only by the title that it is gone.
    platform = _found(check.url)[0] or next((each for each in PLATFORMS if title == f"- {each.name}"), None)
    if platform is None or not platform.untitled.fullmatch(title):
        return check
    status = oembed.status if oembed else None
    verdict, saw = Verdict.SUSPECT, f"no video on the page of {platform.name}"
    if status in (401, 403):
        verdict, saw = Verdict.BLOCKED, f"a private video on {platform.name} (oEmbed: HTTP status {status})"
    elif status == 404:
        verdict, saw = Verdict.BROKEN, f"video not found on {platform.name} (oEmbed: HTTP status 404)"
    last = check.evidence[-1]
    evidence = (*check.evidence[:-1], Evidence(WEB, last.at, saw, last.status))
    return LinkCheck(check.url, verdict, evidence)


def _found(url: str) -> tuple[Platform, str] | tuple[None, None]:
    for platform in PLATFORMS:
        if match := platform.video.match(url):
            return platform, match[1]
    return None, None


def _title(body: bytes) -> str | None:
    """Return the title of a video in an oEmbed response, or the kind of thing if it has none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        return None
    title = said.get("title")
    return (title if isinstance(title, str) and title.strip() else said["type"])[:LONGEST_TITLE]
