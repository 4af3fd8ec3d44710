"""How many examples of a property are tried."""

from hypothesis import settings

COSTLY = settings(max_examples=settings().max_examples * 2 // 5)
"""For a property of which each example takes tens of milliseconds: fewer than usual, whatever the profile."""
