"""Which hosts belong together."""

from __future__ import annotations

import pytest

from enrich.web import domain_of, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("me.github.io", "me.github.io"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),  # an exception to a rule
        ("a.b.kobe.jp", "a.b.kobe.jp"),  # every name below kobe.jp is a suffix
        ("www.xn--55qx5d.cn", "www.xn--55qx5d.cn"),
        ("a.www.xn--55qx5d.cn", "www.xn--55qx5d.cn"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_belongs_to_the_domain_that_can_be_registered(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_the_domain_of_an_address_is_as_it_is_on_the_wire() -> None:
    assert domain_of("https://a.www.公司.cn/x") == "www.xn--55qx5d.cn"
    assert domain_of("mailto:a@example.org") == ""
