"""The one way out to the network, and what services have answered before."""

from httpx import AsyncBaseTransport as Transport

from enrich.web.cache import AGES, Cache
from enrich.web.client import Web
from enrich.web.clock import Clock, SystemClock
from enrich.web.domains import domain_of
from enrich.web.journey import Journey
from enrich.web.pacing import Pace
from enrich.web.scopes import scope_of
from enrich.web.terms import Terms
from enrich.web.trail import ElsewhereError, Step

__all__ = [
    "AGES",
    "Cache",
    "Clock",
    "ElsewhereError",
    "Journey",
    "Pace",
    "Step",
    "SystemClock",
    "Terms",
    "Transport",
    "Web",
    "domain_of",
    "scope_of",
]
