"""The one way out to the network, and what services have answered before."""

from enrich.web.answers import AGES, Answers
from enrich.web.client import Web
from enrich.web.pace import Pace
from enrich.web.replies import Clock, Hop, Reply, SystemClock, Unreachable

__all__ = ["AGES", "Answers", "Clock", "Hop", "Pace", "Reply", "SystemClock", "Unreachable", "Web"]
