"""Links to videos, whose pages load whatever became of them."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.history import History
from enrich.links import oembed_url, of_oembed
from enrich.model import Entry, EntryType, Link, LinkKind, Reply, Verdict
from enrich.pipeline import Options
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.worlds import run_one

GOOD, GONE, PRIVATE, SHUT, BUSY = "dQw4w9WgXcQ", "aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc", "-_ddddddddd"
WATCH = "https://www.youtube.com/watch?v="
STATUS = {GOOD: 200, GONE: 404, PRIVATE: 401, SHUT: 401, BUSY: 429}
TITLED = {GOOD, SHUT, BUSY}


def platforms(request: httpx.Request) -> httpx.Response:
    """YouTube and Vimeo: pages are 200 for any video, oEmbed knows better."""
    if "oembed" in request.url.path:
        video = next((each for each in STATUS if each in str(request.url)), "1084537")
        known = video == "1084537" and "1084537" in str(request.url)
        status = 200 if known else STATUS.get(video, 404)
        return httpx.Response(status, json={"type": "video", "title": "A Talk"} if status == 200 else None)
    site = "Vimeo" if "vimeo" in request.url.host else "YouTube"
    title = f"A Talk - {site}" if any(each in str(request.url) for each in TITLED) else f" - {site}"
    return httpx.Response(200, html=f"<title>{title}</title><p>words")


def judged(url: str) -> tuple[Verdict, str, int]:
    async def main() -> tuple[Verdict, str, int]:
        clock = FakeClock()
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(platforms)) as web:
            entry = Entry("talk", EntryType.VIDEO, links=(Link(url, LinkKind.VIDEO),))
            loaded = Loaded(settings=Settings(), origins={})
            result = await run_one([entry], web, loaded, History(), options=Options(metadata=False))
            check = result.report.links[0].check
            return (
                check.verdict,
                check.evidence[-1].saw,
                sum(n for host, n in web.requests.items() if "archive" not in host),
            )

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "verdict", "saw", "requests"),
    [
        (WATCH + GOOD, Verdict.OK, "A Talk", 1),
        (f"https://youtu.be/{GOOD}?t=42", Verdict.OK, "A Talk", 1),
        (WATCH + GONE, Verdict.BROKEN, "video not found on YouTube", 2),
        (f"https://youtu.be/{GONE}", Verdict.BROKEN, "video not found on YouTube", 2),
        (f"https://m.youtube.com/watch?app=desktop&v={GONE}&t=1s", Verdict.BROKEN, "video not found on YouTube", 2),
        (WATCH + PRIVATE, Verdict.BLOCKED, "a private video on YouTube", 2),
        (WATCH + SHUT, Verdict.OK, "A Talk - YouTube", 2),
        (WATCH + BUSY, Verdict.OK, "A Talk - YouTube", 2),
        ("https://vimeo.com/1084537", Verdict.OK, "A Talk", 1),
        ("https://vimeo.com/999999999", Verdict.BROKEN, "video not found on Vimeo", 4),
        ("https://videos.example/leads-to-youtube", Verdict.SUSPECT, "no video on the page of YouTube", 2),
    ],
)
def test_a_video_is_judged_by_its_platform_and_its_page(url: str, verdict: Verdict, saw: str, requests: int) -> None:
    found = judged(url)
    assert found[0] is verdict
    assert saw in found[1]
    assert found[2] == requests


@pytest.mark.parametrize(
    ("url", "video"),
    [
        (f"https://www.youtube.com/watch?v={GOOD}&list=PL1&index=2", GOOD),
        (f"https://www.youtube.com/watch?list=PL1&v={GOOD}#t=3", GOOD),
        (f"http://youtube.com/shorts/{GOOD}?feature=share", GOOD),
        (f"https://www.youtube.com/live/{GOOD}?si=x", GOOD),
        (f"https://www.youtube-nocookie.com/embed/{GOOD}", GOOD),
        (f"https://music.youtube.com/watch?v={GOOD}", GOOD),
        ("https://vimeo.com/channels/staffpicks/1084537", "1084537"),
        ("https://player.vimeo.com/video/1084537?h=abc", "1084537"),
        ("https://vimeo.com/1084537/0123abcdef", "1084537/0123abcdef"),
        ("https://www.youtube.com/@lab/videos", None),
        ("https://www.youtube.com/playlist?list=PL1", None),
        ("https://www.youtube.com/embed/videoseries?list=PL1", None),
        ("https://www.youtube.com/", None),
        ("https://vimeo.com/features", None),
        ("https://youtube.com.example/watch?v=dQw4w9WgXcQ", None),
        ("https://blog.example/?u=https://youtu.be/dQw4w9WgXcQ", None),
    ],
)
def test_the_video_of_a_link(url: str, video: str | None) -> None:
    asked = oembed_url(url)
    wanted = parse_qs(urlsplit(asked).query)["url"][0] if asked else None
    assert (wanted is None) if video is None else (wanted or "").endswith(video)


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(
        lambda value: json.dumps({"type": value, "title": value}).encode()
    ),
    st.integers(200, 599),
)
def test_what_is_no_oembed_never_decides(body: bytes, status: int) -> None:
    check = of_oembed(WATCH + GOOD, Reply("https://www.youtube.com/oembed", status, {}, body, "2026-11-28T09:00:00Z"))
    assert check is None or (check.verdict is Verdict.BROKEN) == (status == 404)
