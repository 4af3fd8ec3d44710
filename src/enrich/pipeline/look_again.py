"""The second looks at links that seem broken or suspect, while papers are still looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from enrich.pipeline.look import look
from enrich.pipeline.values import Looked, LookSettings, ToLook
from enrich.web import Web

_PAUSE = 30.0  # seconds after the last first look


async def look_again(
    doubtful: Sequence[ToLook], web: Web, settings: LookSettings, meanwhile: asyncio.Task[Any]
) -> Looked:
    """Return what the pages say at the second look, which is taken some time after the first.

    Args:
        doubtful: The links with their first looks.
        web: The network.
        settings: How pages are asked for.
        meanwhile: What else the run does; once it has ended, nothing is waited for.
    """
    if doubtful:
        pause = asyncio.create_task(web.clock.sleep(_PAUSE))
        await asyncio.wait({meanwhile, pause}, return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
    return await look(doubtful, web, settings)
