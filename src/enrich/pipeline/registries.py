"""The services that are asked about identifiers."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from enrich.model import Identifier
from enrich.pipeline.values import Answer
from enrich.services import ARCHIVE, SERVICES
from enrich.web import Web


class Source(Protocol):
    """A service that can be asked about identifiers, in batches."""

    NAME: str
    BASE: str

    def look_up(self, wanted: Sequence[Identifier], web: Web, *, base: str) -> Awaitable[Mapping[Identifier, Answer]]:
        """Return exactly one outcome per wanted identifier."""
        ...


SOURCES: Mapping[str, Source] = {
    service.name: cast("Source", import_module(f"enrich.sources.{service.name}"))
    for service in SERVICES
    if service is not ARCHIVE  # it is asked about pages
}
"""The services by name, in the order in which their answers count as evidence."""
