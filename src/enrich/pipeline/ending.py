"""How a run went, for its reports."""

from __future__ import annotations

from datetime import datetime

from enrich.pipeline.asker import Asker
from enrich.pipeline.values import Ending, Options
from enrich.web import Web

_SLOW = 1.0  # seconds for an answer
_SLOWEST_HOSTS = 10
_LEAST_ANSWERS = 2  # one may be slow by chance


def ending_of(asker: Asker, started: datetime, options: Options) -> Ending:
    """Return how a run went that ends now."""
    web = asker.web
    notes = [*([web.cache.warning] if web.cache.warning else []), *asker.local.notes]
    if web.offline_because and not options.offline:
        notes.append(
            f"{web.offline_because.partition(':')[0]}: nothing was changed where a service did not answer. "
            "Try `enrich demo` to see a whole run without a network, or run again when the network is back."
        )
    return Ending(
        started=started,
        finished=web.clock.now(),
        requests=dict(web.requests),
        stopped=web.stop.why if web.stop.cut_short else None,
        offline=web.offline_because,
        notes=tuple(notes),
        slowest_hosts=_slowest_hosts(web),
    )


def _slowest_hosts(web: Web) -> dict[str, float]:
    """Return the mean seconds for an answer of the slowest hosts, slowest first."""
    means = web.answer_times.means(_LEAST_ANSWERS)
    slow = [(host, round(seconds, 1)) for host, seconds in means.items() if seconds >= _SLOW]
    return dict(sorted(slow, key=lambda row: (-row[1], row[0]))[:_SLOWEST_HOSTS])
