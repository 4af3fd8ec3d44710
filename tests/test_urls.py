"""Splitting URLs is what the standard library does, where that raises nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from enrich.text.urls import split_url

_HOSTS = st.text("ab.-:09@[]Ä ", max_size=8)
_RESTS = st.text('/?#&=%[]@:~!"$+ \t\n\x01äa1', max_size=10)


@given(st.sampled_from(["http", "https", "HTTP", "ftp", " https"]), _HOSTS, _RESTS)
def test_a_url_has_the_parts_that_the_standard_library_sees(scheme: str, host: str, rest: str) -> None:
    url = f"{scheme}://{host}{rest}"
    try:
        expected = urlsplit(url)
        _ = expected.port
    except ValueError:
        expected = urlsplit("")
    assert split_url(url) == expected
