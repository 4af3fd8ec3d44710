"""Second looks at links that seem broken or suspect, whether to believe them, and copies of dead pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enrich.model import Checks
from enrich.pipeline.asker import Asker
from enrich.pipeline.copies import find_copies
from enrich.pipeline.look.denials import explain_denials
from enrich.pipeline.pages import Looked
from enrich.pipeline.parts.looking import Looking
from enrich.pipeline.values import Decided, Options

_PAUSE = 30.0  # seconds after the last first look


async def look_again(
    asker: Asker,
    decided: Decided,
    looked: Looked,
    looking: Looking,
    meanwhile: asyncio.Task[Any],
    options: Options,
) -> tuple[Looked, tuple[Mapping[str, str], ...]]:
    """Return what the pages say after the second look, and the copies of dead ones for each catalog.

    Meanwhile, papers are looked up.

    Args:
        asker: The network, and what is asked.
        decided: What registries say of the links.
        looked: What the pages said at the first look.
        looking: How pages are asked for.
        meanwhile: What else the run does; once it has ended, nothing is waited for.
        options: Whether links are looked at a second time, and copies asked for.
    """
    if not options.second_looks:
        checks = Checks(looked.doubtful)
        checks.update(looked.checks)
        looked = replace(looked, checks=checks)
    doubtful = looked.again({each.url: each.registered for each in decided.open})
    if doubtful:
        pause = asyncio.create_task(asker.web.clock.sleep(_PAUSE))
        await asyncio.wait({meanwhile, pause}, return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
    looked |= await looking(doubtful)
    if not asker.web.offline_because:
        looked = replace(looked, doubts=await explain_denials(looked, asker.plan, asker.web))
    return looked, await find_copies(asker, decided, looked, options=options)
