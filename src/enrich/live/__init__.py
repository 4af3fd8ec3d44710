"""Requests to live services and pages whose responses are known: a deviation means that the world has changed."""

from __future__ import annotations

from enrich.live.outcomes import CanaryResult, CanaryState, as_json, as_text, issue_text
from enrich.live.pages import PageCanary, load_pages
from enrich.live.replies import Saved, Witness, save
from enrich.live.suite import ask_all

__all__ = [
    "CanaryResult",
    "CanaryState",
    "PageCanary",
    "Saved",
    "Witness",
    "as_json",
    "as_text",
    "ask_all",
    "issue_text",
    "load_pages",
    "save",
]
