"""The one way out to the network, and what services have answered before."""

from enrich.web.answers import AGES, Answers
from enrich.web.client import Web
from enrich.web.pace import Pace
from enrich.web.ports import blocked_port
from enrich.web.refusals import states_wait
from enrich.web.replies import Clock, Hop, Reply, SystemClock, Unreachable
from enrich.web.scopes import scope_of

__all__ = [
    "AGES",
    "Answers",
    "Clock",
    "Hop",
    "Pace",
    "Reply",
    "SystemClock",
    "Unreachable",
    "Web",
    "blocked_port",
    "scope_of",
    "states_wait",
]
