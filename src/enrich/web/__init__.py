"""The only access to the network, and the cache of services' responses."""

from importlib import import_module
from typing import TYPE_CHECKING

from enrich.web.answer_times import AnswerTimes
from enrich.web.cache import AGES, Cache
from enrich.web.client import Web
from enrich.web.clock import Clock, SystemClock
from enrich.web.domains import domain_of, registrable_domain
from enrich.web.host_states import HostState
from enrich.web.journey import Journey
from enrich.web.listening import Listener
from enrich.web.pacing import Pace
from enrich.web.request import json_body
from enrich.web.scopes import scope_of
from enrich.web.stop import INTERRUPTED
from enrich.web.terms import Terms
from enrich.web.trail import ElsewhereError, Step

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport as Transport

__all__ = [
    "AGES",
    "INTERRUPTED",
    "AnswerTimes",
    "Cache",
    "Clock",
    "ElsewhereError",
    "HostState",
    "Journey",
    "Listener",
    "Pace",
    "Step",
    "SystemClock",
    "Terms",
    "Transport",
    "Web",
    "domain_of",
    "json_body",
    "registrable_domain",
    "scope_of",
]


def __getattr__(name: str) -> object:
    if name == "Transport":
        return import_module("httpx").AsyncBaseTransport  # imported late: it takes a tenth of a second
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
