"""Asynchronous work of a command that the first signal ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from enrich.commands.interrupts import INTERRUPTS

T = TypeVar("T")


def run_job(job: Coroutine[Any, Any, T]) -> T:
    """Run a job as `asyncio.run` does; a signal that ends the command cancels the job.

    Raises:
        KeyboardInterrupt: When it did.
    """

    async def cancellable() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None or not INTERRUPTS.is_ending:
            return await job
        with INTERRUPTS.answered_by(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await job

    try:
        done = asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    INTERRUPTS.check()
    return done
