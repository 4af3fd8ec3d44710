"""NO_PROXY: which hosts are asked past the proxy."""

from __future__ import annotations

import pytest

from enrich.web.no_proxy import bypasses_proxy


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("*", "a.example"),
        ("a.example", "a.example"),
        ("A.Example.", "a.example"),
        ("a.example", "deep.a.example"),
        (".a.example", "deep.a.example"),
        (".a.example", "a.example"),
        ("*.a.example", "deep.a.example"),
        ("web-*.a.example", "web-7.a.example"),
        ("a.example:8080", "a.example"),
        ("b.example, a.example", "a.example"),
        ("b.example a.example", "a.example"),
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:8080", "10.1.2.3"),
        ("10.1.*", "10.1.2.3"),
        ("10.0.0.0/8", "0x0a010203"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::1]:8080", "::1"),
        ("fd00::/8", "fd12::7"),
        ("[fd00::]/8", "fd12::7"),
    ],
)
def test_a_host_that_is_exempt(monkeypatch: pytest.MonkeyPatch, pattern: str, host: str) -> None:
    monkeypatch.setenv("NO_PROXY", pattern)
    assert bypasses_proxy(host, 8080)


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("", "a.example"),
        ("a.example", "evil-a.example"),
        ("a.example", "example"),
        ("*.a.example", "b.example"),
        ("a.example:443", "a.example"),
        ("10.0.0.0/8", "11.1.2.3"),
        ("10.0.0.0/8", "ten.example"),
        ("10.0.0.0/99", "10.1.2.3"),
        ("::1", "::2"),
        ("[::1]:443", "::1"),
        (",, ", "a.example"),
    ],
)
def test_a_host_that_is_not(monkeypatch: pytest.MonkeyPatch, pattern: str, host: str) -> None:
    monkeypatch.setenv("NO_PROXY", pattern)
    assert not bypasses_proxy(host, 8080)
