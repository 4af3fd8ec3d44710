"""Run all canaries: the services side by side, each at its own pace, and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from enrich.live.outcomes import CanaryResult
from enrich.live.pages import check_pages, load_pages
from enrich.live.replies import Witness
from enrich.live.services import ask_service
from enrich.services import SERVICES
from enrich.settings import Loaded
from enrich.web import Web


async def ask_all(web: Web, loaded: Loaded, keys: Collection[str], witness: Witness) -> list[CanaryResult]:
    """Return how every canary fared, services first.

    Args:
        web: The network; it caches nothing, and passes every reply to `witness`.
        loaded: The settings, which name the base URLs.
        keys: The environment variables of the available keys.
        witness: What notes the replies.
    """
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(ask_service(service, web, loaded, witness, has_key=service.key in keys))
            for service in SERVICES
        ]
        checking = group.create_task(check_pages(load_pages(), web, loaded))
    pages = [replace(outcome, replies=witness.of(outcome.url or "")) for outcome in checking.result()]
    return [*chain.from_iterable(task.result() for task in asked), *pages]
