"""How long a refusal asks to wait, in every form that servers say it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.rate_limits import read_refusal, retry_after, seconds_until_reset, states_wait, wait_asked

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
IN_HALF_A_MINUTE = NOW + timedelta(seconds=30)
EPOCH = int(IN_HALF_A_MINUTE.timestamp())

USED_UP: tuple[Mapping[str, str], ...] = (
    {"ratelimit": '"pages";r=0;t=30'},
    {"ratelimit": '"pages"; r=0; t=30; pk=:cHs=:'},
    {"ratelimit": "default;r=0;t=30"},
    {"ratelimit": '"burst";r=5;t=900, "pages, all";r=0;t=30'},
    {"ratelimit": '"burst";r=0;t=1, "pages";r=0;t=30'},
    {"ratelimit": '"pages";r=0', "ratelimit-policy": '"burst";q=5;w=1, "pages";q=100;w=30'},
    {"ratelimit": "limit=100, remaining=0, reset=30", "ratelimit-policy": "100;w=300"},
    {"ratelimit-limit": "100", "ratelimit-remaining": "0", "ratelimit-reset": "30"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30, 30"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH)},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{EPOCH}.5"},
    {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": str(EPOCH * 1000)},
    {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH)},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-01-31T09:00:30Z"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": format_datetime(IN_HALF_A_MINUTE, usegmt=True)},
)


@pytest.mark.parametrize("headers", USED_UP)
def test_a_quota_that_is_used_up_says_when_it_is_filled(headers: Mapping[str, str]) -> None:
    for wait in (seconds_until_reset(headers, NOW), wait_asked(headers, b"", NOW)):
        assert wait is not None
        assert wait == pytest.approx(30, abs=0.6)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ratelimit": '"pages";r=7;t=30'},
        {"ratelimit": '"pages";r=0'},
        {"ratelimit": "limit=100, remaining=7, reset=30"},
        {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": str(EPOCH)},
        {"x-ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"},
        {"x-rate-limit-limit": "50", "x-rate-limit-interval": "1s"},
    ],
)
def test_a_quota_of_which_something_is_left_asks_for_no_wait(headers: Mapping[str, str]) -> None:
    assert seconds_until_reset(headers, NOW) is None
    assert wait_asked(headers, b"", NOW) is None


@pytest.mark.parametrize(
    "headers", [{"ratelimit": '"pages";t=30'}, {"x-ratelimit-reset": "30"}, {"ratelimit-reset": "30"}]
)
def test_what_is_left_need_not_be_said_by_a_refusal(headers: Mapping[str, str]) -> None:
    assert wait_asked(headers, b"", NOW) == 30
    assert seconds_until_reset(headers, NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        {"name": "RateLimitError", "details": {"resetTime": "2026-01-31T09:00:30.000Z"}},
        {"error": {"code": 429, "details": {"resetTime": EPOCH * 1000}}},
        {"resetTime": EPOCH},
        {"resetTime": str(EPOCH)},
        {"reset_at": "2026-01-31T10:00:30+01:00"},
        {"message": "You are being rate limited.", "retry_after": 30.0, "global": False},
    ],
)
def test_a_body_may_say_it(value: object) -> None:
    body = json.dumps(value).encode()
    assert wait_asked({}, body, NOW) == pytest.approx(30)
    assert states_wait({}, body)


@pytest.mark.parametrize(
    "body", [b"", b"<p>resetTime</p>", b"{", b'{"resetTime": true}', b'{"resetTime": null}', b'[{"resetTime": 30}]']
)
def test_other_bodies_do_not(body: bytes) -> None:
    assert wait_asked({}, body, NOW) is None
    assert wait_asked({}, b'{"a":' * 5_000, NOW) is None


def test_retry_after_goes_first() -> None:
    headers = {"retry-after": "7", "ratelimit": '"pages";r=0;t=30'}
    assert wait_asked(headers, b'{"resetTime": 40}', NOW) == 7
    assert wait_asked({**headers, "retry-after": "later"}, b"", NOW) == 30


@pytest.mark.parametrize(("text", "seconds"), [("7, 7", 7), ("7,9", 7), ("1.5", 1), ("-3", None), ("7 days", None)])
def test_of_two_headers_the_first_counts(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "refuses"),
    [
        (429, {}, True),
        (420, {}, True),
        (503, {}, False),
        (503, {"retry-after": "30"}, True),
        (403, {}, False),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH)}, True),
        (406, {}, False),
        (404, {"retry-after": "30"}, False),
        (200, {"retry-after": "30"}, False),
    ],
)
def test_what_is_a_refusal(status: int, headers: Mapping[str, str], refuses: bool) -> None:
    assert read_refusal(status, headers, b"", NOW)[0] is refuses
    assert read_refusal(status, headers, b"", NOW, refusals=(406,))[0] is (refuses or status == 406)


NAMES = ("retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining", "x-ratelimit-reset")
WORDS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='"pagesrtw;=0123456789, .:T-', max_size=60),
    st.sampled_from(['"a";r=0;t=', "limit=1, remaining=0, reset=", "0", "9" * 30]),
)


@given(st.dictionaries(st.sampled_from(NAMES), WORDS), st.binary(max_size=60))
def test_whatever_comes_is_no_time_below_nothing(headers: dict[str, str], body: bytes) -> None:
    for wait in (wait_asked(headers, body, NOW), seconds_until_reset(headers, NOW)):
        assert wait is None or 0 <= wait < float("inf")


@given(st.recursive(st.none() | st.floats() | st.text(max_size=12), lambda v: st.dictionaries(st.text(max_size=9), v)))
def test_nor_does_any_body_break_it(value: object) -> None:
    wait = wait_asked({}, json.dumps({"resetTime": value, "details": value}).encode(), NOW)
    assert wait is None or 0 <= wait < float("inf")


@given(st.integers(0, 10**9))
def test_seconds_are_read(seconds: int) -> None:
    assert retry_after({"retry-after": f" {seconds} "}, NOW) == seconds


@given(st.integers(-(10**9), 5 * 10**9))
def test_dates_are_read_and_the_past_means_at_once(seconds: int) -> None:
    when = NOW + timedelta(seconds=seconds)
    found = retry_after({"retry-after": format_datetime(when, usegmt=True)}, NOW)
    assert found == max(0.0, (when - NOW).total_seconds())


@given(st.text())
def test_anything_else_is_no_pause(text: str) -> None:
    found = retry_after({"retry-after": text}, NOW)
    assert found is None or found >= 0


def test_no_header_is_no_pause() -> None:
    assert retry_after({}, NOW) is None
