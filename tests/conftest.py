"""Fixtures for every room."""

from __future__ import annotations

import pytest

from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock that leaps over every sleep; it begins at 2026-01-31 09:00 UTC."""
    return FakeClock()
