"""The nightly job in phases; the only room that starts tasks. `conductor` has the list of them.

The names below are imported when first used: workers only need `look`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enrich.pipeline.conductor import run
    from enrich.pipeline.parts.looking import Workers
    from enrich.pipeline.values import CatalogInput, Options, Result

__all__ = ["CatalogInput", "Options", "Result", "Workers", "run"]

_HOMES = {"run": "conductor", "Workers": "parts.looking"}


def __getattr__(name: str) -> object:
    """Return one of the names above."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'values')}"), name)
