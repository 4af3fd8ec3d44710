"""The settings for looking at pages."""

from __future__ import annotations

from enrich.pipeline.pages import LookSettings
from enrich.pipeline.values import Plan
from enrich.settings import Settings
from enrich.text.urls import host_of


def look_settings(planned: Plan, settings: Settings) -> LookSettings:
    """Return how the pages of a run are looked at."""
    hosts = frozenset(host_of(url) for url in planned.postponed)
    has_papers = any(each.due for each in planned.catalogs)
    return LookSettings(settings.timeout, settings.accept, settings.fragments, hosts, has_papers)
