"""Every supported Python reads the regular expressions of the package the same way."""

from __future__ import annotations

import re

import pytest

from tests.patterns import is_misread, patterns


def test_no_pattern_is_misread_by_early_versions_of_python_3_11() -> None:
    """Possessive repeats of 3.11.0 to 3.11.4 fail: https://github.com/python/cpython/issues/106052."""
    assert [found.where for found in patterns() if is_misread(found.pattern)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:ab?c)*+",
        "(?:ab?c){1,3}+",
        "(?:ab?c)?+",
        "(?:[^<]++|<(?!/))*+",
        "(?:(?!</).)++",
        "(?:x(?:ab?c)?+|)*+",
        "(?:|ab?c)*+",
        "(?:(a)|)*+",
        "(?>(a)b)",
        "x(?=y(?:ab?c)*+)|z",
    ],
)
def test_a_pattern_is_misread(pattern: str) -> None:
    assert is_misread(re.compile(pattern))
    assert is_misread(re.compile(pattern.encode()))


@pytest.mark.parametrize(
    "pattern",
    ["a*+", "[^a]{1,9}+", "(?:abc)?+", "(?:a|b)++", "(?:ab?c|)*+", "(?>(?:ab?c)*)", "(?>ab?c|)", "(?:ab?c)*", "(a)*"],
)
def test_a_pattern_is_not_misread(pattern: str) -> None:
    assert not is_misread(re.compile(pattern))
